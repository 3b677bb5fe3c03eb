"""A publication is alive in every process within seconds, while people go on asking."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest
from sqlalchemy import text

from bot import golden_gate
from bot.app import App
from bot.domain.cases import Role
from bot.domain.editing import Fields, document_from, fields_of
from bot.services import editing, golden_checks, knowledge_base, officers
from bot.services.editing import Seen
from bot.services.knowledge_base import LiveKnowledge
from bot.settings import Settings
from bot.storage.database import Database
from bot.storage.tables import GoldenCheck
from knowledge.base import KnowledgeBase
from knowledge.entries import Entry, GoldenQuestion, Variant, document_of, entry_from_document, load_golden
from tests.fakes import VAULT, FakeNlu

ENTRY = "paspor-hilang"
ASKED = "surat jalan saya basah kuyup"


@pytest.fixture
async def db(database_url: str, base: KnowledgeBase) -> AsyncIterator[Database]:
    """All entries are published."""
    db = Database(database_url, VAULT)
    async with db.transaction() as session:
        await session.execute(text("truncate entry_revisions, entries, entry_drafts, content_version cascade"))
        await knowledge_base.publish(session, list(base.entries.values()), author="seed", now=datetime.now(UTC))
    yield db
    await db.close()


def process(base: KnowledgeBase | None, folder: Path) -> LiveKnowledge:
    """One process of the service that has loaded the content."""
    live = LiveKnowledge(Settings(_env_file=None, data_dir=folder))
    live.current = base
    return live


async def publish(db: Database, entry: Entry) -> None:
    async with db.transaction() as session:
        await knowledge_base.publish(session, [entry], author="cli", now=datetime.now(UTC))


async def until(live: LiveKnowledge, *, short: str) -> None:
    async with asyncio.timeout(60):
        while live.current.entries[ENTRY].short != short:
            await asyncio.sleep(0.05)


async def test_publication_is_taken_over_and_questions_are_answered_throughout(
    db: Database, base: KnowledgeBase, tmp_path: Path
) -> None:
    live, stop = process(base, tmp_path), asyncio.Event()
    watching = asyncio.create_task(live.watch(db, stop))
    entry, answered = base.entries[ENTRY], 0
    changed = replace(entry, short="Lapor dulu.", variants=(*entry.variants, Variant(f"{ASKED} nih", "santai")))

    async def people_ask() -> None:
        nonlocal answered
        while not stop.is_set():
            current = live.current
            found = await asyncio.to_thread(lambda: current.search(ASKED, current.vector(ASKED)))
            assert found.entry_ids
            answered += 1
            await asyncio.sleep(0.1)

    asking = asyncio.create_task(people_ask())
    await publish(db, changed)
    async with asyncio.timeout(60):
        while not live.current.learned.is_interim:
            await asyncio.sleep(0.05)
    assert live.current.entries[ENTRY].short == "Lapor dulu."
    assert live.current.search(ASKED, live.current.vector(ASKED)).entry_ids[0] == ENTRY
    stop.set()
    await asyncio.gather(asking, watching)
    assert answered > 0


async def test_restart_after_a_publication_answers_before_it_is_learnt_as_a_whole(
    db: Database, base: KnowledgeBase, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def learn(*_arguments: object, **_more: object) -> None:
        raise AssertionError("it would take minutes")

    monkeypatch.setattr("knowledge.training.learn", learn)
    entry = base.entries[ENTRY]
    await publish(db, replace(entry, short="Lapor dulu.", variants=(*entry.variants, Variant(ASKED, "santai"))))
    live = process(None, tmp_path)
    await live.load(db)
    assert live.current.learned.is_interim, "what follows when it is quiet is the whole learning"
    assert live.current.entries[ENTRY].short == "Lapor dulu."
    assert live.current.search(ASKED, live.current.vector(ASKED)).entry_ids[0] == ENTRY


async def test_new_answer_is_given_while_its_wordings_are_still_being_learnt(
    db: Database, base: KnowledgeBase, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    live, stop, may_learn = process(base, tmp_path), asyncio.Event(), threading.Event()
    learn = LiveKnowledge.with_entries

    def learn_slowly(live: LiveKnowledge, entries: list[Entry]) -> KnowledgeBase:
        may_learn.wait(timeout=60)
        return learn(live, entries)

    monkeypatch.setattr(LiveKnowledge, "with_entries", learn_slowly)
    watching = asyncio.create_task(live.watch(db, stop))
    entry = base.entries[ENTRY]
    worded = replace(entry, short="Lapor dulu.", variants=(*entry.variants, Variant(ASKED, "santai")))
    await publish(db, worded)
    await until(live, short="Lapor dulu.")
    await publish(db, replace(worded, short="Lapor polisi dulu."))
    await until(live, short="Lapor polisi dulu.")
    assert ASKED not in live.current.index.texts
    may_learn.set()
    async with asyncio.timeout(60):
        while ASKED not in live.current.index.texts:
            await asyncio.sleep(0.05)
    assert live.current.entries[ENTRY].short == "Lapor polisi dulu."
    stop.set()
    await watching


@pytest.fixture
def golden(monkeypatch: pytest.MonkeyPatch) -> list[GoldenQuestion]:
    """The golden questions of two entries far from each other, which are enough to see what a change does."""
    some = [question for question in load_golden() if {ENTRY, "kirim-uang"} & set(question.entry_ids)]
    monkeypatch.setattr(golden_gate, "load_golden", lambda: some)
    return some


def misled(entry: Entry) -> Fields:
    """The entry's fields with wordings of something else."""
    fields = {name: value for name, value in fields_of(document_of(entry)).items() if not name.startswith("variants.")}
    return fields | {"variants.formal": "Apa resep bubur?", "variants.santai": "bubur pakai apa"}


async def test_golden_questions_are_asked_of_what_is_and_of_what_would_be(
    db: Database, base: KnowledgeBase, tmp_path: Path, golden: list[GoldenQuestion]
) -> None:
    app = App(Settings(_env_file=None), db, FakeNlu(), process(base, tmp_path))
    fields, now = misled(base.entries[ENTRY]), datetime.now(UTC)
    async with db.transaction() as session:
        await officers.add(session, 1, "Budi", Role.OFFICER, now=now)
        budi = await officers.by_telegram_id(session, 1)
        draft = await editing.save(session, budi, ENTRY, fields, Seen(0, 1), now=now)
        check = await golden_checks.start_check(session, budi, draft, now=now)
    await golden_gate.run(app, check.id)
    async with db.transaction() as session:
        check = await golden_checks.newest_check(session, draft)
    assert (check.state, check.done) == ("done", 2 * len(golden))
    assert golden_checks.now_wrong(check) and all(
        change["wanted"] == [ENTRY] for change in golden_checks.now_wrong(check)
    )
    assert app.knowledge.current is base


async def test_putting_back_and_retiring_pass_the_same_gate_on_the_real_index(
    db: Database, base: KnowledgeBase, tmp_path: Path, golden: list[GoldenQuestion]
) -> None:
    wrong = entry_from_document(document_from(ENTRY, misled(base.entries[ENTRY])))
    await publish(db, wrong)
    entries = [wrong if entry.id == ENTRY else entry for entry in base.entries.values()]
    misled_base = base.with_entries(entries, [base.embedder.folder, tmp_path])
    app = App(Settings(_env_file=None), db, FakeNlu(), process(misled_base, tmp_path))
    async with db.transaction() as session:
        await officers.add(session, 2, "Rina", Role.SUPERVISOR, now=datetime.now(UTC))

    async def checked(revision: int) -> GoldenCheck:
        async with db.transaction() as session:
            rina = await officers.by_telegram_id(session, 2)
            check = await golden_checks.start_change_check(session, rina, ENTRY, revision, now=datetime.now(UTC))
        await golden_gate.run(app, check.id)
        async with db.transaction() as session:
            return await golden_checks.newest_change_check(session, ENTRY, revision)

    back = await checked(1)
    assert back.state == "done"
    assert {change["is_right"] for change in of_entry(back)} == {True} and len(of_entry(back)) > 5
    async with db.transaction() as session:
        rina = await officers.by_telegram_id(session, 2)
        await editing.roll_back(session, rina, ENTRY, 1, "yang baru keliru", now=datetime.now(UTC))
    app.knowledge.current = base
    gone = await checked(golden_checks.RETIRED)
    assert {change["is_right"] for change in of_entry(gone)} == {False} and len(of_entry(gone)) > 5
    async with db.transaction() as session:
        rina = await officers.by_telegram_id(session, 2)
        with pytest.raises(golden_checks.ReasonNeeded):
            await editing.retire(session, rina, ENTRY, "", now=datetime.now(UTC))
        await editing.retire(session, rina, ENTRY, "diganti entri lain", now=datetime.now(UTC))


def of_entry(check: GoldenCheck) -> list[dict]:
    """What changes for the questions of the entry; what is learnt in passing may move single ones of others."""
    return [change for change in check.changes if change["wanted"] == [ENTRY]]


async def test_check_without_an_index_is_told_to_have_failed(db: Database, base: KnowledgeBase, tmp_path: Path) -> None:
    app = App(Settings(_env_file=None), db, FakeNlu(), process(None, tmp_path))
    now = datetime.now(UTC)
    async with db.transaction() as session:
        await officers.add(session, 1, "Budi", Role.OFFICER, now=now)
        budi = await officers.by_telegram_id(session, 1)
        fields = fields_of(document_of(base.entries[ENTRY]))
        draft = await editing.save(session, budi, ENTRY, fields, Seen(0, 1), now=now)
        check = await golden_checks.start_check(session, budi, draft, now=now)
    await golden_gate.run(app, check.id)
    async with db.transaction() as session:
        assert (await golden_checks.newest_check(session, draft)).state == "failed"
