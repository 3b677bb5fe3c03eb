"""/datasaya and /hapusdata: a person sees and erases what is kept about them; erasing asks once more."""

from __future__ import annotations

from datetime import datetime
from zoneinfo import ZoneInfo

from bot.app import App
from bot.domain.messages import Button, Memory, Reply
from bot.services import my_data
from bot.storage.database import Session
from bot.storage.tables import Chat
from bot.texts import checklist, partners, subscriptions
from bot.texts import jobseeker as words
from knowledge.office import long_date


async def show(app: App, session: Session, chat: Chat) -> Reply:
    """What is kept, in plain words."""
    if chat.is_group:
        return Reply(body=words.IN_GROUP_PRIVATE)
    kept = await my_data.kept_about(session, chat.id)
    other = (kept.checklist, kept.offers, kept.news, kept.to_hosts, kept.village)
    if not (kept.count or kept.loose or kept.in_reports or any(other)):
        return Reply(body=words.MY_DATA_NONE)
    lines = []
    if kept.count:
        since = long_date(kept.since.astimezone(ZoneInfo(app.settings.time_zone)).date())
        lines += [words.MY_DATA.format(count=kept.count, since=since), *(f"- {text}" for text in kept.newest)]
    if kept.offers:
        lines += [words.MY_DATA_OFFERS.format(count=kept.offers)]
    if kept.loose:
        lines += [words.MY_DATA_LOOSE.format(count=kept.loose)]
    lines += [words.MY_DATA_IN_REPORT.format(count=count, number=number) for number, count in kept.in_reports]
    if kept.checklist:
        lines.append(checklist.kept(kept.checklist, ZoneInfo(app.settings.time_zone)))
    if kept.news:
        lines.append(subscriptions.kept(kept.news))
    if kept.to_hosts:
        lines.append(words.MY_DATA_TO_HOSTS.format(count=kept.to_hosts))
    if kept.village:
        lines.append(partners.VILLAGE_KEPT.format(village=kept.village))
    return Reply(
        title=words.MY_DATA_TITLE,
        body="\n".join(lines),
        footer=words.MY_DATA_FOOTER,
        buttons=((Button(words.ERASE_MY_DATA, "hapus:tanya"),),),
    )


def ask_to_erase(chat: Chat) -> Reply:
    """The question before anything is erased."""
    if chat.is_group:
        return Reply(body=words.IN_GROUP_PRIVATE)
    rows = ((Button(words.ERASE_YES, "hapus:ya"),), (Button(words.ERASE_NO, "hapus:tidak"),))
    return Reply(body=words.ERASE_ASK, buttons=rows)


async def pressed(
    app: App, session: Session, chat: Chat, argument: str, memory: Memory, *, now: datetime
) -> tuple[tuple[Reply, ...], Memory] | None:
    """The buttons of this flow; None for one that does not exist."""
    if argument == "tanya" or chat.is_group:
        return (ask_to_erase(chat),), memory
    if argument == "tidak":
        return (Reply(body=words.ERASE_KEPT),), memory
    if argument == "ya":
        count = await my_data.erase(session, chat, now=now)
        return (Reply(body=words.ERASED.format(count=count), footer=words.ERASED_FOOTER),), Memory()
    return None
