"""The worker does what is due, once, however many there are and whenever one dies."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from datetime import UTC, datetime, timedelta
from types import SimpleNamespace

import pytest
from procrastinate import periodic
from sqlalchemy import select, text

from bot import logs, worker
from bot.app import App
from bot.domain.cases import CaseState, CaseUrgency, EventKind, Role
from bot.domain.messages import Channel, ChatRef
from bot.domain.retention import Kept
from bot.services import cases, checklists, officers, people, retention
from bot.settings import Settings
from bot.storage.database import Database
from bot.storage.tables import Case, CaseEvent, OutboxMessage, Priority, Update
from bot.watched_clock import SteadyClock
from tests.fakes import VAULT, FakeNlu, Knowledge
from tools import moving_clock


def silvi(database_url: str) -> App:
    """One process of the service."""
    return App(Settings(_env_file=None), Database(database_url, VAULT), FakeNlu(), Knowledge(None))


@pytest.fixture
async def app(database_url: str) -> AsyncIterator[App]:
    """Silvi without a desk and with Budi."""
    app = silvi(database_url)
    async with app.db.transaction() as session:
        await session.execute(text("truncate outbox, updates, chats, people, officers, procrastinate_jobs cascade"))
        await officers.add(session, 1002, "Budi", Role.OFFICER, now=datetime.now(UTC))
    yield app
    await app.close()


async def opens_overdue_case(app: App, name: str, urgency: CaseUrgency = CaseUrgency.HIGH) -> int:
    now = datetime.now(UTC)
    async with app.db.transaction() as session:
        chat = await people.lock_chat(session, ChatRef(Channel.WEB, name), now=now)
        person = await people.person_of(session, Channel.WEB, name, now=now)
        report = cases.Report(narrative="gaji ditahan", urgency=urgency)
        opened = await cases.open_case(session, person, chat, report, desk=app.desk(), now=now)
        opened.case.due_at = now - timedelta(minutes=1)
        return opened.case.id


async def reminded(app: App) -> list[int]:
    """The case of every reminder, oldest first."""
    async with app.db.transaction() as session:
        found = select(CaseEvent.case_id).where(CaseEvent.kind == EventKind.REMINDED).order_by(CaseEvent.id)
        return list((await session.execute(found)).scalars())


async def nothing_to_do(app: App) -> bool:
    """No job waits or is being done."""
    async with app.db.transaction() as session:
        found = text("select count(*) from procrastinate_jobs where status in ('todo', 'doing')")
        return not (await session.execute(found)).scalar_one()


async def until(condition: Callable, within_s: float = 15.0):
    async with asyncio.timeout(within_s):
        while not (value := await condition()):
            await asyncio.sleep(0.02)
    return value


async def test_two_workers_send_one_reminder(app: App, database_url: str) -> None:
    case_id = await opens_overdue_case(app, "sari")
    stop, other = asyncio.Event(), silvi(database_url)
    both = [asyncio.create_task(worker.run(one, stop)) for one in (app, other)]
    await until(lambda: reminded(app))
    await until(lambda: nothing_to_do(app))
    stop.set()
    await asyncio.gather(*both)
    await other.close()
    assert await reminded(app) == [case_id]


async def test_workers_that_look_at_the_same_moment_send_one_reminder(app: App, database_url: str) -> None:
    case_id, others = await opens_overdue_case(app, "sari"), [silvi(database_url) for _ in range(4)]
    sent = await asyncio.gather(*(worker.remind_of_what_is_overdue(one) for one in others))
    for one in others:
        await one.close()
    assert sorted(sent) == [0, 0, 0, 1]
    assert await reminded(app) == [case_id]


async def test_worker_that_dies_on_the_way_loses_no_reminder_and_doubles_none(app: App) -> None:
    first, second = await opens_overdue_case(app, "sari"), await opens_overdue_case(app, "joko")
    async with app.db.transaction() as session:
        await session.execute(select(Case.id).where(Case.id == second).with_for_update())
        dying = asyncio.create_task(worker.remind_of_what_is_overdue(app))
        await until(lambda: reminded(app))
        dying.cancel()
        await asyncio.gather(dying, return_exceptions=True)
    assert await reminded(app) == [first]
    assert await worker.remind_of_what_is_overdue(app) == 1
    assert await reminded(app) == [first, second]


async def test_case_that_cannot_be_read_silences_no_other(app: App) -> None:
    broken, whole = await opens_overdue_case(app, "sari"), await opens_overdue_case(app, "joko")
    async with app.db.transaction() as session:
        await session.execute(text("update cases set narrative = 'not encrypted' where id = :id"), {"id": broken})
    assert await worker.remind_of_what_is_overdue(app) == 1
    assert await reminded(app) == [whole]


async def test_job_of_a_dead_worker_stops_no_later_one_and_is_cleared_away(app: App) -> None:
    case_id = await opens_overdue_case(app, "sari")
    async with app.db.transaction() as session:
        for task in ("remind", "forget"):
            left = text(
                "insert into procrastinate_jobs (queue_name, task_name, queueing_lock, args, status, attempts) "
                "values ('default', cast(:task as text), cast(:task as text), '{\"timestamp\": 1}', 'doing', 1)"
            )
            await session.execute(left, {"task": task})
    queue = worker.queue(app, SteadyClock(datetime.now(UTC)))
    async with queue.open_async():
        await queue.tasks["remind"].defer_async(timestamp=2)
        await queue.configure_task("tidy", priority=10).defer_async(timestamp=2)
        await queue.run_worker_async(wait=False, install_signal_handlers=False, delete_jobs="successful")
    assert await reminded(app) == [case_id]
    assert await nothing_to_do(app)


async def does(app: App, clock: SteadyClock, *names: str) -> None:
    """These jobs, once each, by a worker with this clock."""
    queue = worker.queue(app, clock)
    async with queue.open_async():
        for name in names:
            await queue.tasks[name].defer_async(timestamp=1)
        await queue.run_worker_async(wait=False, install_signal_handlers=False, delete_jobs="successful")


async def test_clock_that_jumped_ahead_is_acted_on_only_when_it_has_stood(app: App) -> None:
    late = await opens_overdue_case(app, "sari")
    emergency = await opens_overdue_case(app, "joko", CaseUrgency.EMERGENCY)
    paged = await reminded(app)
    unconfirmed = await opens_overdue_case(app, "rina")
    counted_s = 0.0
    async with app.db.transaction() as session:
        case = await session.get_one(Case, unconfirmed)
        case.state, case.resolved_at = CaseState.RESOLVED, datetime.now(UTC) - timedelta(days=15)
    clock = SteadyClock(datetime.now(UTC) - timedelta(days=1), lambda: counted_s)
    assert clock.jumped(datetime.now(UTC))
    await does(app, clock, "remind", "unconfirmed")
    assert await reminded(app) == [*paged, emergency]
    counted_s = worker.BEFORE_WORDS.total_seconds()
    await does(app, clock, "remind", "unconfirmed")
    assert await reminded(app) == [*paged, emergency, late]
    assert await state_of(app, unconfirmed) == CaseState.RESOLVED
    counted_s = worker.BEFORE_THE_LAST.total_seconds()
    await does(app, clock, "unconfirmed")
    assert await state_of(app, unconfirmed) == CaseState.CLOSED


async def test_clock_that_is_put_back_silences_no_job(app: App, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(worker, "LOOKS_AT_CLOCK_S", 0.05)
    for module in (worker, periodic):
        monkeypatch.setattr(module, "datetime", moving_clock.MovedMoment, raising=False)
    monkeypatch.setattr(moving_clock, "_wrong_by", timedelta(hours=1))
    monkeypatch.setattr(periodic, "time", SimpleNamespace(time=lambda: moving_clock.MovedMoment.now(UTC).timestamp()))
    first = await opens_overdue_case(app, "sari")
    stop = asyncio.Event()
    working = asyncio.create_task(worker.run(app, stop))
    await until(lambda: reminded(app))
    second = await opens_overdue_case(app, "joko")
    moving_clock._wrong_by = timedelta()
    await until(lambda: is_reminded_of(app, second))
    stop.set()
    await working
    assert (await reminded(app))[:2] == [first, second]


async def is_reminded_of(app: App, case_id: int) -> bool:
    return case_id in await reminded(app)


async def state_of(app: App, case_id: int) -> str:
    async with app.db.transaction() as session:
        return (await session.get_one(Case, case_id)).state


async def test_each_job_is_a_turn_of_its_own_in_the_log(app: App, monkeypatch: pytest.MonkeyPatch) -> None:
    turns: list[str] = []

    async def look(*_, **__) -> int:
        turns.append(logs.current_turn())
        return 0

    for job in ("remind_of_what_is_overdue", "remind_of_checklists"):
        monkeypatch.setattr(worker, job, look)
    await does(app, SteadyClock(datetime.now(UTC)), "remind", "checklists")
    assert len(turns) >= 2 and all(turns) and len(set(turns)) == len(turns)


async def test_case_that_nobody_confirmed_is_closed(app: App) -> None:
    case_id = await opens_overdue_case(app, "sari")
    async with app.db.transaction() as session:
        case = await session.get_one(Case, case_id)
        case.state, case.resolved_at = CaseState.RESOLVED, datetime.now(UTC) - timedelta(days=15)
    queue = worker.queue(app, SteadyClock(datetime.now(UTC)))
    async with queue.open_async():
        await queue.tasks["unconfirmed"].defer_async(timestamp=1)
        await queue.run_worker_async(wait=False, install_signal_handlers=False, delete_jobs="successful")
    assert await state_of(app, case_id) == CaseState.CLOSED


async def test_two_workers_remind_of_a_list_once(app: App, database_url: str) -> None:
    nine = datetime.now(UTC).replace(hour=2, minute=0)  # 9 in Pontianak
    async with app.db.transaction() as session:
        chat = await people.lock_chat(session, ChatRef(Channel.WEB, "sari"), now=nine)
        mine = await checklists.begin(session, chat, "taiwan", "lansia", now=nine)
        mine.remind_at = nine
    others = [silvi(database_url) for _ in range(3)]
    sent = await asyncio.gather(*(worker.remind_of_checklists(one, now=nine) for one in others))
    for one in others:
        await one.close()
    assert sorted(sent) == [0, 0, 1]
    async with app.db.transaction() as session:
        (told,) = (await session.execute(select(OutboxMessage))).scalars()
        assert told.priority == Priority.NOTICE


async def test_worker_looks_at_the_lists_by_itself(app: App) -> None:
    queue = worker.queue(app, SteadyClock(datetime.now(UTC)))
    async with queue.open_async():
        await queue.tasks["checklists"].defer_async(timestamp=1)
        await queue.run_worker_async(wait=False, install_signal_handlers=False, delete_jobs="successful")
    assert await nothing_to_do(app)


async def test_marks_of_old_updates_are_forgotten_and_recent_ones_kept(app: App) -> None:
    now = datetime.now(UTC)
    async with app.db.transaction() as session:
        session.add(Update(source="telegram:1", update_id=1, handled_at=now - timedelta(days=31)))
        session.add(Update(source="telegram:1", update_id=2, handled_at=now - timedelta(days=29)))
    async with app.db.transaction() as session:
        assert await retention.purge(session, Kept.UPDATES, now=now) == 1
        assert (await session.scalars(select(Update.update_id))).all() == [2]
