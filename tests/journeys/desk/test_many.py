"""Two hundred people and ten officers at once: each hears only what is meant for them, nothing is lost or doubled."""

from __future__ import annotations

import asyncio
import re
import statistics
import time
from collections import Counter
from collections.abc import Callable
from datetime import UTC, datetime

import pytest
from sqlalchemy import select

from bot.app import App
from bot.domain.cases import EventKind, Role, find_case_number
from bot.services import officers
from bot.storage.tables import Case, CaseEvent
from tests.journeys.desk.conftest import DESK, Running
from tests.telegram_api import Account

PEOPLE = range(5001, 5201)
OFFICERS = range(2001, 2011)
DANGER = "saya dikurung majikan, tolong, tanda saya {token}"
REPORT = "/lapor gaji tidak dibayar di kuching, tanda saya {token}"
MORE = "ini tambahan saya, tanda {token}"
AFTERWARDS = "baik pak, saya tunggu, tanda {token}"
ANSWER = "Kami bantu, pemilik tanda {token}"
TOKEN = re.compile(r"T\d{4}[A-Z]")
WITHIN_S = 120
PER_SECOND, PER_CHAT = 200, 100
"""What the local server takes; Telegram's own 20 messages a minute in a group would make this last an hour."""


def token_of(person: int) -> str:
    """A secret that stands in nobody else's story."""
    return f"T{person}{chr(ord('A') + person % 26)}"


def is_in_danger(person: int) -> bool:
    """One in ten, all along the crowd."""
    return person % 10 == 5


def first_words(person: int) -> str:
    return (DANGER if is_in_danger(person) else REPORT).format(token=token_of(person))


@pytest.fixture
async def crowded(app: App, telegram: Account) -> App:
    """The desk with ten officers, and a Telegram that asks for patience when it is overrun."""
    telegram.flood_limits(per_second=PER_SECOND, per_chat=PER_CHAT)
    async with app.db.transaction() as session:
        for number in OFFICERS:
            await officers.add(session, number, f"Petugas {number}", Role.OFFICER, now=datetime.now(UTC))
    return app


async def test_nothing_reaches_a_person_it_was_not_meant_for(crowded: App, telegram: Account, running: Running) -> None:
    said_at = {}
    async with running(crowded):
        for person in PEOPLE:
            said_at[token_of(person)] = time.time()
            telegram.person_says(person, first_words(person))
            if person % 10 == 0:
                telegram.person_says(person, MORE.format(token=token_of(person)))
        await happens(lambda: set(PEOPLE) <= {sent.chat for sent in telegram.sent})
        await happens(lambda: len(topics_by_token(telegram)) == len(PEOPLE))
        topics = topics_by_token(telegram)
        for turn, (token, topic) in enumerate(topics.items()):
            one, other = OFFICERS[turn % len(OFFICERS)], OFFICERS[(turn + 3) % len(OFFICERS)]
            telegram.officer_says(DESK, topic, one, ANSWER.format(token=token))
            telegram.officer_says(DESK, topic, other, "/ambil")
        await happens(lambda: len(told(telegram, ANSWER)) == len(PEOPLE))
        for person in PEOPLE:
            telegram.person_says(person, AFTERWARDS.format(token=token_of(person)))
        await happens(lambda: len(told(telegram, AFTERWARDS)) == len(PEOPLE))

    async with crowded.db.transaction() as session:
        cases = (await session.execute(select(Case))).scalars().all()
        messages = (await session.execute(select(CaseEvent.text).where(CaseEvent.kind == EventKind.MESSAGE))).scalars()
        assert len(messages.all()) == len(PEOPLE) + len(PEOPLE) // 10
    made = list(topics)
    in_danger = {token_of(person) for person in PEOPLE if is_in_danger(person)}
    assert statistics.median(made.index(token) for token in in_danger) < len(PEOPLE) * 0.4
    assert len(cases) == len(PEOPLE) == len(telegram.chats[DESK].topics)
    assert Counter(TOKEN.findall(" ".join(case.narrative for case in cases))) == Counter(map(token_of, PEOPLE))
    numbers = {TOKEN.search(case.narrative)[0]: case.number for case in cases}
    for person in PEOPLE:
        heard = telegram.texts_to(person)
        assert set(TOKEN.findall(" ".join(heard))) == {token_of(person)}
        assert {find_case_number(text) for text in heard} <= {None, numbers[token_of(person)]}
        assert sum(is_like(text, ANSWER) for text in heard) == 1
    for token, topic in topics.items():
        assert set(TOKEN.findall(" ".join(telegram.texts_in(DESK, topic)))) == {token}
    print_delays(telegram, said_at, topics)


async def test_emergency_stands_at_the_desk_with_its_story(crowded: App, telegram: Account, running: Running) -> None:
    delays = []
    async with running(crowded):
        for person in list(PEOPLE)[:21:2]:
            said_at, token = time.time(), token_of(person)
            telegram.person_says(person, DANGER.format(token=token))
            await telegram.wait_for(lambda known=token: known in topics_by_token(telegram))
            delays.append(min(sent.at for sent in telegram.messages_to(DESK) if token in sent.text) - said_at)
    assert len(topics_by_token(telegram)) == len(delays)
    print(
        f"darurat, satu per satu, sampai ke meja: tengah {statistics.median(delays):.2f} s, terlama {max(delays):.2f} s"
    )


async def happens(condition: Callable[[], bool]) -> None:
    """Looks now and then, since looking through all that was sent takes its time; raises TimeoutError."""
    async with asyncio.timeout(WITHIN_S):
        while not condition():
            await asyncio.sleep(0.3)


def topics_by_token(telegram: Account) -> dict[str, int]:
    """Whose topic is which, by its first post."""
    found = {}
    for sent in telegram.messages_to(DESK):
        if sent.topic and sent.topic not in found.values() and (token := TOKEN.search(sent.text)):
            found[token[0]] = sent.topic
    return found


def told(telegram: Account, sentence: str) -> list[str]:
    """All that was sent, to people or to the desk, with this sentence in it."""
    return [sent.text for sent in telegram.sent[:] if is_like(sent.text, sentence)]


def is_like(text: str, sentence: str) -> bool:
    return sentence.partition("{")[0] in text


def print_delays(telegram: Account, said_at: dict[str, float], topics: dict[str, int]) -> None:
    """From each message to its first post at the desk, while everybody writes at once; shown with -s."""
    first_posts = {sent.topic: sent for sent in reversed(telegram.messages_to(DESK))}
    for name, is_danger in (("darurat", True), ("biasa", False)):
        tokens = [token_of(person) for person in PEOPLE if is_in_danger(person) is is_danger]
        delays = sorted(first_posts[topics[token]].at - said_at[token] for token in tokens)
        middle, longest = statistics.median(delays), delays[-1]
        print(f"{name}, {len(PEOPLE)} sekaligus, sampai ke meja: tengah {middle:.1f} s, terlama {longest:.1f} s")
