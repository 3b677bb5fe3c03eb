"""A case goes to another agency: what the letter would say, the letter itself, and the person's word on their name."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import replace
from datetime import datetime
from typing import TYPE_CHECKING, TypeVar

from bot.dialogue.question import Answered
from bot.domain.agencies import BY_CODE, Agency
from bot.domain.messages import LARGEST_NUMBER, Reply
from bot.services import attachments, letters, referrals
from bot.services import desk as desk_service
from bot.services.desk import Desk
from bot.storage.database import Session
from bot.storage.tables import Case, Officer, Referral
from bot.texts import desk_menus as menus
from bot.texts import letter as letter_words
from bot.texts import officer as words
from bot.texts import progress
from bot.texts.letter import Letter

if TYPE_CHECKING:
    from bot.dialogue.complaint import Turn
    from bot.dialogue.desk import DeskTurn

Result = TypeVar("Result")
Drawn = Mapping[Letter, bytes]
"""Letters that were drawn as PDF before the transaction which needs them."""

TRIES = 5
"""A letter changes while it is drawn only where somebody works on the same case at that moment."""


class NotDrawn(Exception):
    """The transaction needs a letter that is not drawn yet: it is rolled back, and begun again with it."""

    def __init__(self, letter: Letter) -> None:
        super().__init__(f"letter {letter.number}")
        self.letter = letter


async def with_letters(work: Callable[[Drawn], Awaitable[Result]]) -> Result:
    """Do `work`, one transaction; a letter it needs is drawn outside, so that no row stays locked for so long."""
    drawn: dict[Letter, bytes] = {}
    for _ in range(TRIES):
        try:
            return await work(drawn)
        except NotDrawn as missing:
            drawn[missing.letter] = await asyncio.to_thread(letters.pdf, missing.letter)
    return await work(drawn)


def preview(turn: DeskTurn, agency: Agency) -> Reply:
    """What this agency would be told; nothing is decided yet."""
    case, is_named = turn.case, referrals.may_be_named(turn.case, agency)
    return menus.preview(
        case,
        agency,
        turn.desk.profile,
        letter_words.PURPOSES[agency.kind],
        letter_words.facts(case, agency, is_named=bool(is_named)),
        letter_words.account(case, agency, is_named=bool(is_named)),
        is_named=is_named,
    )


async def refer(turn: DeskTurn, agency: Agency, purpose: str) -> None:
    """Hand the case over to the agency and put the letter into the topic."""
    session, case, officer = turn.session, turn.case, turn.officer
    referral = await referrals.refer(session, case, officer, agency, purpose, desk=turn.desk, now=turn.now)
    await _post_letter(session, case, officer, referral, turn.desk, turn.drawn, turn.now)


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
    letter = letter_words.compose(case, referral, officer.name, desk.profile, desk.zone)
    if letter not in drawn:
        raise NotDrawn(letter)
    attachment = await letters.keep(session, case, officer, referral, drawn[letter], now=now)
    under = words.letter(case, referral, desk.zone)
    reply = replace(under, media=attachments.media_of(attachment))
    await desk_service.post(session, desk, case, reply, now=now)
