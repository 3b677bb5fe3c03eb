"""Everybody who writes to Silvi while everything around it breaks, and all that they send."""

from __future__ import annotations

import io
import random
import time
from collections import Counter, defaultdict
from concurrent.futures import Future
from dataclasses import dataclass, field
from typing import Any

from PIL import Image

from bot.dialogue.understand import is_opener, sounds_dangerous
from bot.domain.cases import find_case_number
from knowledge.entries import load_golden
from tests.telegram_api import Account

DESK, BUDI = -1_000_000_000_888, 1002
FIRST_TALKER, FIRST_COMPLAINER = 10_000, 50_000
MESSAGES_EACH = 3
SHARE_TWICE, SHARE_SWAPPED, REPLAYED = 0.05, 0.05, 20
SHORT_QUEUE = 50
"""Telegram hands updates out by their number, a hundred at once: a swapped pair must not lie across such a border."""
MESSAGES_PER_SECOND = 4.0
PROBLEM = "/lapor gaji saya tidak dibayar 2 bulan di kuching, saya tinggal dekat {mark}"
DONE = 4


@dataclass(slots=True)
class Complaint:
    """One person's report and how far it is: told, answered by the officer, added to, shown by a picture, all there."""

    chat: int
    mark: str
    stage: int = 0


@dataclass(slots=True)
class Crowd:
    """Everybody who writes to Silvi, and all that they sent."""

    account: Account
    chance: random.Random
    said: dict[int, list[dict[str, Any]]] = field(default_factory=lambda: defaultdict(list))
    """The updates of each chat in the order they were sent."""
    again: Counter[str] = field(default_factory=Counter)
    pictures: int = 0

    def say(self, chat: int, text: str) -> None:
        update = self.account.person_says(chat, text)
        self.said[chat].append(update)
        if self.chance.random() < SHARE_TWICE:
            self.account.push(update)
            self.again["dua kali"] += 1

    def say_swapped(self, one: tuple[int, str], other: tuple[int, str]) -> None:
        """Two people at once, and the later update is delivered first."""
        account = self.account
        with account.lock:
            for chat, text in (one, other):
                self.said[chat].append(account.person_says(chat, text))
            if len(account.queue) <= SHORT_QUEUE:
                account.queue[-2:] = reversed(account.queue[-2:])
                self.again["tertukar"] += 1

    def replay(self) -> None:
        """Old updates once more."""
        old = [update for updates in list(self.said.values()) for update in updates[:1]]
        for update in self.chance.sample(old, min(REPLAYED, len(old))):
            self.account.push(update)
            self.again["diulang"] += 1

    def go_on(self, complaint: Complaint) -> None:
        """The next step of a report, where the last one has come through."""
        account, chat, mark = self.account, complaint.chat, complaint.mark
        texts = account.texts_to(chat)
        number = next(filter(None, map(find_case_number, texts)), None)
        topic = account.topic_named(DESK, number) if number else None
        if complaint.stage == 0 and topic and account.texts_in(DESK, topic):
            self.said[DESK].append(account.officer_says(DESK, topic, BUDI, "/ambil"))
            self.said[DESK].append(account.officer_says(DESK, topic, BUDI, answer_to(mark)))
            complaint.stage = 1
        elif complaint.stage == 1 and any(answer_to(mark) in text for text in texts):
            self.say(chat, added_to(mark))
            complaint.stage = 2
        elif complaint.stage == 2 and topic and any(added_to(mark) in text for text in account.texts_in(DESK, topic)):
            self.shows(chat)
            complaint.stage = 3
        elif complaint.stage == 3 and topic and self.arrived(topic):
            complaint.stage = DONE

    def shows(self, chat: int) -> None:
        """A picture, and its update among those sent."""
        with self.account.lock:
            self.account.person_sends(chat, "photo", PICTURE)
            self.said[chat].append(self.account.queue[-1])
            self.pictures += 1

    def arrived(self, topic: int) -> bool:
        """The picture is before the officers."""
        return any(sent.topic == topic and sent.method == "sendPhoto" for sent in self.account.messages_to(DESK))


def answer_to(mark: str) -> str:
    return f"Kami sudah membaca laporan dari {mark}"


def added_to(mark: str) -> str:
    return f"majikan di {mark} menolak membayar, pak"


def words_of(talkers: int, complaints: list[Complaint], chance: random.Random) -> list[tuple[int, str]]:
    """Who says what, in a random order of people; each person's own messages keep theirs."""
    questions = [one.text for one in load_golden() if not is_opener(one.text) and not sounds_dangerous(one.text)]
    each = {complaint.chat: [PROBLEM.format(mark=complaint.mark)] for complaint in complaints}
    for chat in range(FIRST_TALKER, FIRST_TALKER + talkers):
        each[chat] = ["/start", *chance.sample(questions, MESSAGES_EACH - 1)]
    turns = [chat for chat, said in each.items() for _ in said]
    chance.shuffle(turns)
    return [(chat, each[chat].pop(0)) for chat in turns]


def talk(crowd: Crowd, words: list[tuple[int, str]], complaints: list[Complaint], breaking: Future) -> None:
    """Everybody writes at the same pace whatever happens to Silvi; ends with the last fault."""
    left = list(reversed(words))
    while left or not breaking.done():
        time.sleep(1 / MESSAGES_PER_SECOND)
        if len(left) > 1 and left[-1][0] != left[-2][0] and crowd.chance.random() < SHARE_SWAPPED:
            crowd.say_swapped(left.pop(), left.pop())
        elif left:
            crowd.say(*left.pop())
        for complaint in complaints:
            crowd.go_on(complaint)
    breaking.result()


def _picture() -> bytes:
    """A payslip, as far as a program can tell."""
    file = io.BytesIO()
    Image.new("RGB", (320, 240), "white").save(file, "JPEG")
    return file.getvalue()


PICTURE = _picture()
