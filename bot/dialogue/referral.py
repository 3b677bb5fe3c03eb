"""A case goes to another agency: what the letter would say, the letter itself, and the person's word on their name."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime
from functools import partial
from typing import TYPE_CHECKING

from bot.dialogue import drawing
from bot.dialogue.drawing import Drawn
from bot.dialogue.question import Answered
from bot.domain.agencies import BY_CODE, Agency, by_code
from bot.domain.messages import LARGEST_NUMBER, Reply
from bot.services import attachments, casework, letters, referrals, stories
from bot.services import desk as desk_service
from bot.services.desk import Desk
from bot.storage.database import Session
from bot.storage.tables import Case, Officer, Referral
from bot.texts import desk_menus as menus
from bot.texts import letter as letter_words
from bot.texts import officer as words
from bot.texts import progress

if TYPE_CHECKING:
    from bot.dialogue.complaint import Turn
    from bot.dialogue.desk import DeskTurn

# At the desk


async def choose(turn: DeskTurn, rest: str) -> str | None:
    """Choose an agency, see what its letter would say; with a request in the officer's words it is made at once."""
    code, _, purpose = rest.partition(" ")
    agency = by_code(code)
    if not code or code == "semua":
        return await turn.post(menus.ask_agency(turn.case, all_of_them=bool(code)))
    if agency is None:
        return words.NO_SUCH_AGENCY
    if purpose.strip():
        return await _refer(turn, agency, purpose.strip())
    await turn.post(await _preview(turn, agency))


async def as_shown(turn: DeskTurn, rest: str) -> str | None:
    """The letter as it was shown."""
    agency = by_code(rest)
    if agency is None:
        return words.NO_SUCH_AGENCY
    await _refer(turn, agency, letter_words.PURPOSES[agency.kind])


async def story_of(turn: DeskTurn, rest: str) -> None:
    """What the letters will tell; with words behind the command, in these words from now on."""
    if not rest:
        return await turn.post(words.story(turn.case, await stories.for_letters(turn.session, turn.case)))
    await turn.do(casework.put_story, "" if rest.lower() == words.STORY_RESET else rest)


async def answered(turn: DeskTurn, rest: str) -> str | None:
    """What an agency answered: its code may stand before it."""
    first, _, behind = rest.partition(" ")
    code = first.lower() if by_code(first) else ""
    answer = behind.strip() if code else rest
    if not answer:
        return await turn.post(Reply(body=words.HOW_TO_ANSWER.format(code=code or "KODE")))
    try:
        await turn.do(referrals.answered, code, answer)
    except referrals.NoOpenReferral:
        return words.NO_OPEN_REFERRAL
    except referrals.WhichAgency as error:
        return words.WHICH_AGENCY.format(code=error.codes[0], codes=", ".join(error.codes))


async def _preview(turn: DeskTurn, agency: Agency) -> Reply:
    """What this agency would be told; nothing is decided yet. The group reads it, so the contact stands in it masked."""
    case, is_named = turn.case, referrals.may_be_named(turn.case, agency)
    told = await stories.for_letters(turn.session, case)
    return menus.preview(
        case,
        agency,
        turn.desk.profile,
        letter_words.PURPOSES[agency.kind],
        letter_words.facts(case, agency, is_named=bool(is_named), masks_contact=True),
        letter_words.account(case, agency, told, is_named=bool(is_named)),
        is_named=is_named,
    )


async def _refer(turn: DeskTurn, agency: Agency, purpose: str) -> None:
    """Hand the case over to the agency and put the letter into the topic."""
    session, case, officer = turn.session, turn.case, turn.officer
    referral = await referrals.refer(session, case, officer, agency, purpose, desk=turn.desk, now=turn.now)
    await _post_letter(session, case, officer, referral, turn.desk, turn.drawn, turn.now)


# The person


async def pressed(turn: Turn, argument: str) -> Answered | None:
    """The person's answer to whether the agency may know name and contact; None for a button that is not theirs."""
    verb, _, number = argument.partition(":")
    if verb not in ("ya", "tidak") or not number.isdecimal() or int(number) > LARGEST_NUMBER:
        return None
    found = await referrals.own_referral(turn.session, int(number), turn.person.id)
    if found is None:
        return None
    case, referral = found
    desk, agrees = turn.app.desk(), verb == "ya"
    if referral.is_named is not None:
        return Answered((Reply(body=progress.ASKED_ALREADY),), turn.memory)
    if await referrals.consent(turn.session, case, referral, agrees=agrees, desk=desk, now=turn.now):
        officer = await turn.session.get_one(Officer, referral.officer_id)
        await _post_letter(turn.session, case, officer, referral, desk, turn.drawn, turn.now)
    told = progress.AGREED if referral.is_named else progress.REFUSED
    return Answered((Reply(body=told.format(agency=BY_CODE[referral.agency].name)),), turn.memory)


async def _post_letter(
    session: Session, case: Case, officer: Officer, referral: Referral, desk: Desk, drawn: Drawn, now: datetime
) -> None:
    """Raises NotDrawn."""
    told = await stories.for_letters(session, case)
    letter = letter_words.compose(case, referral, told, officer.name, desk.profile, desk.zone)
    content = drawing.taken(drawn, letter, partial(letters.pdf, letter))
    attachment = await letters.keep(session, case, officer, referral, content, now=now)
    under = words.letter(case, referral, desk.zone)
    reply = replace(under, media=attachments.media_of(attachment))
    await desk_service.post(session, desk, case, reply, now=now)
