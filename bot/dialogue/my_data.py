"""/datasaya and /hapusdata: a person sees and erases what is kept about them; erasing asks once more."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from zoneinfo import ZoneInfo

from bot.app import App
from bot.domain.messages import Button, Channel, Memory, Reply
from bot.domain.privacy import NOTICE_VERSION, AgreedBy
from bot.services import erasure, my_data, people
from bot.services.erasure import Stays
from bot.storage.database import Session
from bot.storage.tables import Chat, Person
from bot.texts import checklist, partners, subscriptions
from bot.texts import jobseeker as words
from bot.texts import my_data as file_words
from knowledge.office import long_date

NOTICE_BUTTONS = (
    (Button(words.NOTICE_AGREE, f"privasi:{NOTICE_VERSION}"),),
    (Button(words.ERASE_MY_DATA, "hapus:tanya"),),
)


async def show(app: App, session: Session, chat: Chat, person: Person, *, now: datetime) -> Reply:
    """What is kept, in plain words, with the file that holds all of it."""
    if chat.is_group:
        return Reply(body=words.IN_GROUP_PRIVATE)
    zone = ZoneInfo(app.settings.time_zone)
    kept = await my_data.kept_about(session, chat.id)
    lines = []
    if kept.count:
        since = long_date(kept.since.astimezone(zone).date())
        lines += [words.MY_DATA.format(count=kept.count, since=since), *(f"- {text}" for text in kept.newest)]
    if kept.offers:
        lines += [words.MY_DATA_OFFERS.format(count=kept.offers)]
    if kept.loose:
        lines += [words.MY_DATA_LOOSE.format(count=kept.loose)]
    lines += [words.MY_DATA_IN_REPORT.format(count=count, number=number) for number, count in kept.in_reports]
    if kept.checklist:
        lines.append(checklist.kept(kept.checklist, zone))
    if kept.news:
        lines.append(subscriptions.kept(kept.news))
    if kept.broadcasts:
        lines.append(words.MY_DATA_BROADCASTS.format(count=kept.broadcasts))
    if kept.to_hosts:
        lines.append(words.MY_DATA_TO_HOSTS.format(count=kept.to_hosts))
    if kept.village:
        lines.append(partners.VILLAGE_KEPT.format(village=kept.village))
    is_public = chat.channel == Channel.KIOSK
    file = None if is_public else await my_data.hand_out(session, person, chat, zone, now=now)
    about_file = file_words.FILE_NOT_HERE if is_public else file_words.FILE_TOO_OFTEN
    lines = lines or [words.MY_DATA_NONE]
    return Reply(
        title=words.MY_DATA_TITLE,
        body="\n".join([*lines, "", file_words.FILE_ATTACHED if file else about_file]),
        footer=words.MY_DATA_FOOTER,
        buttons=((Button(words.ERASE_MY_DATA, "hapus:tanya"),),),
        media=file,
    )


async def ask_to_erase(app: App, session: Session, chat: Chat, person: Person) -> Reply:
    """The question before anything is erased, with what will stay and until when."""
    if chat.is_group:
        return Reply(body=words.IN_GROUP_PRIVATE)
    rows = ((Button(words.ERASE_YES, "hapus:ya"),), (Button(words.ERASE_NO, "hapus:tidak"),))
    stays = await erasure.what_stays(session, person)
    return Reply(body="\n\n".join(filter(None, (words.ERASE_ASK, _staying(app, stays)))), buttons=rows)


async def pressed(
    app: App, session: Session, chat: Chat, person: Person, argument: str, memory: Memory, *, now: datetime
) -> tuple[tuple[Reply, ...], Memory] | None:
    """The buttons of this flow; None for one that does not exist."""
    if argument == "tanya" or chat.is_group:
        return (await ask_to_erase(app, session, chat, person),), memory
    if argument == "tidak":
        return (Reply(body=words.ERASE_KEPT),), memory
    if argument == "ya":
        done = await erasure.erase(session, person, chat, now=now)
        told = [words.ERASED.format(count=done.questions)]
        if done.anonymised:
            told.append(words.ERASED_WITHDRAWN.format(numbers=", ".join(done.anonymised)))
        told.append(_staying(app, done.stays))
        return (Reply(body="\n\n".join(filter(None, told)), footer=words.ERASED_FOOTER),), Memory()
    return None


def notice_again() -> Reply:
    """The notice that changed since this person saw it; they may agree, look, or have everything erased."""
    return Reply(
        title=words.NOTICE_CHANGED, body=words.PRIVACY_NOTICE, footer=words.NOTICE_ABOUT, buttons=NOTICE_BUTTONS
    )


async def agreed(session: Session, person: Person, argument: str, *, now: datetime) -> Reply | None:
    """The person agreed to the version that stood over the button; None for any other than the one in force."""
    if argument != str(NOTICE_VERSION):
        return None
    await people.agree(session, person.id, NOTICE_VERSION, AgreedBy.BUTTON, now=now)
    return Reply(body=words.NOTICE_AGREED)


def _staying(app: App, stays: Sequence[Stays]) -> str:
    """What stays, each with its date; empty where nothing does."""
    if not stays:
        return ""
    zone = ZoneInfo(app.settings.time_zone)
    lines = [
        words.STAYS_UNTIL.format(number=one.number, day=long_date(one.until.astimezone(zone).date()))
        if one.until
        else words.STAYS_OPEN.format(number=one.number)
        for one in stays
    ]
    return "\n".join([words.STAYS, *lines])
