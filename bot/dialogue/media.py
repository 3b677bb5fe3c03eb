"""Pictures, files, voice notes, places and contacts that a person sends: kept, and passed on to their case."""

from __future__ import annotations

from dataclasses import replace

from bot.dialogue import offer
from bot.dialogue.complaint import FILLING, OFFERED, Turn
from bot.dialogue.question import Answered
from bot.domain.cases import OWNED_STATES
from bot.domain.messages import KEPT, Reply
from bot.services import attachments, cases
from bot.services.attachments import TooManyAttachments
from bot.storage.tables import Attachment
from bot.texts import complaint as words
from bot.texts import jobseeker
from bot.texts import offers as offer_words


async def received(turn: Turn) -> Answered | None:
    """Keep what came and pass it on to the open case; None where the words with it still want an answer."""
    incoming, meaning = turn.incoming, turn.meaning
    if incoming.kind not in KEPT or incoming.media is None:
        return None
    if incoming.is_edit:
        # Its words go the way of all words. A place shared live is edited every few seconds and has none.
        return None if incoming.text else Answered((), turn.memory)
    if turn.chat.is_group:
        return None if meaning else Answered((Reply(body=jobseeker.IN_GROUP_PRIVATE),), turn.memory)
    case = await cases.open_case_of(turn.session, turn.person.id)
    is_danger = meaning is not None and meaning.is_danger
    is_offer = turn.checked is not None and not is_danger and (case is None or turn.memory.awaiting == offer.CHECKING)
    keeper = None if is_offer else case
    try:
        attachment = await attachments.received(turn.session, turn.chat, incoming, case=keeper, now=turn.now)
    except TooManyAttachments:
        return None if meaning else Answered((Reply(body=words.TOO_MANY_MEDIA),), turn.memory)
    if is_offer:
        return await offer.picture(turn, attachment)
    if case is None:
        return None if meaning else _kept(turn, attachment)
    media = attachments.media_of(attachment)
    said = "" if is_danger else incoming.text
    await cases.add_message(turn.session, case, said, desk=turn.app.desk(), now=turn.now, media=media)
    if is_danger:
        return None
    if case.state in OWNED_STATES and not case.with_silvi:
        return Answered((), turn.memory)
    return _once_an_album(turn, Reply(body=words.MEDIA_ADDED.format(number=case.number)))


def _kept(turn: Turn, attachment: Attachment) -> Answered:
    """No case yet: it waits for the report under way, or one is offered."""
    if turn.chat.draft and turn.memory.awaiting in (FILLING, OFFERED):
        return _once_an_album(turn, Reply(body=words.MEDIA_KEPT))
    body = jobseeker.RECEIVED[turn.incoming.kind]
    can_check = offer.is_picture(turn.incoming.media)
    buttons = offer_words.picture_buttons(attachment.id) if can_check else jobseeker.RECEIVED_BUTTONS
    return _once_an_album(turn, Reply(body=body, footer=jobseeker.RECEIVED_FOOTER, buttons=buttons))


def _once_an_album(turn: Turn, reply: Reply) -> Answered:
    album = turn.incoming.album_id
    if album and album == turn.memory.album:
        return Answered((), turn.memory)
    return Answered((reply,), replace(turn.memory, album=album))
