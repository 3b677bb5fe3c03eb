"""The worker: what happens on a clock and answers nobody. Any number of them may run; each job is done by one."""

from __future__ import annotations

import asyncio
import contextlib
import logging
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import procrastinate

from bot import logs
from bot.app import App
from bot.domain.messages import Channel
from bot.services import (
    broadcasts,
    cases,
    checklists,
    handovers,
    kiosks,
    outbox,
    recruiters,
    reminders,
    retention,
    sending,
    subscriptions,
    verdicts,
)
from bot.watched_clock import SteadyClock

logger = logging.getLogger(__name__)

Job = Callable[[], Awaitable[None]]

EVERY_MINUTE, EVERY_HOUR = "* * * * *", "0 * * * *"
AGAIN = procrastinate.RetryStrategy(max_attempts=5, exponential_wait=5)
LATE_WORKER_S = 60.0
"""A worker that gave no sign of life for so long is dead, and its jobs go to another."""
FAILED_JOBS_KEPT_HOURS = 24 * 7
LOOKS_AT_CLOCK_S = 5.0
BEFORE_WORDS, BEFORE_THE_LAST = timedelta(minutes=15), timedelta(hours=24)
"""So long a clock that jumped ahead must stand before anybody is told something by it that is not urgent, and before
anything is closed or erased by it for good."""


async def run(app: App, stop: asyncio.Event) -> None:
    """Do what is due until `stop`; a job begun is finished first."""
    clock = SteadyClock(datetime.now(UTC))
    while not stop.is_set():
        await _work(app, clock, stop)


async def _work(app: App, clock: SteadyClock, stop: asyncio.Event) -> None:
    """Until `stop`, or until the clock is set: the queue reckons its next times from its last ones, and would be silent
    for as long as the clock was ahead, or make up for every minute it skipped."""
    jobs = queue(app, clock)
    async with jobs.open_async():
        working = asyncio.create_task(jobs.run_worker_async(install_signal_handlers=False, delete_jobs="successful"))
        waiting = (asyncio.create_task(stop.wait()), asyncio.create_task(_is_set(clock)))
        try:
            await asyncio.wait({working, *waiting}, return_when=asyncio.FIRST_COMPLETED)
            if working.done():
                working.result()
        finally:
            for task in (*waiting, working):
                task.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await working


async def _is_set(clock: SteadyClock) -> None:
    while not clock.jumped(datetime.now(UTC)):
        await asyncio.sleep(LOOKS_AT_CLOCK_S)


def queue(app: App, clock: SteadyClock) -> procrastinate.App:
    """The jobs and their times. A job still waiting is not put into the queue again (`queueing_lock`)."""
    limits = {"connect_timeout": 5, "options": "-c statement_timeout=15000"}
    dsn = app.db.psycopg_dsn()
    connector = procrastinate.PsycopgConnector(conninfo=dsn, kwargs=limits, min_size=1, max_size=4, timeout=10)
    jobs = procrastinate.App(connector=connector)

    def every(cron: str, name: str, *, needs: timedelta | None = None, **more: object) -> Callable[[Job], Job]:
        """A job under a turn of its own in the log, left out while the clock has not stood for what it `needs`."""

        def registered(job: Job) -> Job:
            @jobs.periodic(cron=cron)
            @jobs.task(name=name, queueing_lock=name, **more)
            async def one(timestamp: int) -> None:
                with logs.turn():
                    if needs is None or clock.stood_for(needs):
                        await job()
                    else:
                        logger.warning("worker: %s waits until the clock has stood for %s", name, needs)

            return job

        return registered

    @every(EVERY_MINUTE, "remind")
    async def remind() -> None:
        """Without a retry: the next minute does it."""
        await remind_of_what_is_overdue(app, emergencies_alone=not clock.stood_for(BEFORE_WORDS))

    @every(EVERY_MINUTE, "broadcasts", needs=BEFORE_WORDS)
    async def news() -> None:
        """Without a retry: the next minute does it."""
        await move_broadcasts(app, now=datetime.now(UTC))

    @every(EVERY_MINUTE, "kiosks")
    async def kiosk_visits() -> None:
        await end_kiosk_visits(app, now=datetime.now(UTC))

    @every(EVERY_HOUR, "unconfirmed", needs=BEFORE_THE_LAST, retry=AGAIN)
    async def unconfirmed() -> None:
        closed = await close_unconfirmed(app, now=datetime.now(UTC))
        logger.info("worker: closed %d cases that nobody confirmed", closed)

    @every(EVERY_HOUR, "checklists", needs=BEFORE_WORDS, retry=AGAIN)
    async def lists() -> None:
        sent = await remind_of_checklists(app, now=datetime.now(UTC))
        logger.info("worker: reminded %d people of their checklist", sent)

    @every(EVERY_HOUR, "run_out", needs=BEFORE_THE_LAST, retry=AGAIN)
    async def run_out() -> None:
        told = await tell_of_what_ran_out(app, now=datetime.now(UTC))
        logger.info("worker: told %d people that a licence or a verdict ran out", told)

    @every(EVERY_HOUR, "forget", needs=BEFORE_THE_LAST, retry=AGAIN)
    async def forget() -> None:
        gone = await forget_what_is_over(app, now=datetime.now(UTC))
        logger.info(
            "worker: forgot %s", ", ".join(f"{count} {kept}" for kept, count in gone.items() if count) or "nothing"
        )

    @every(EVERY_HOUR, "tidy", retry=AGAIN)
    async def tidy() -> None:
        """Give the jobs of dead workers to others, and forget old failures."""
        for job in await jobs.job_manager.get_stalled_jobs(seconds_since_heartbeat=LATE_WORKER_S):
            try:
                await jobs.job_manager.retry_job(job)
            except procrastinate.exceptions.UniqueViolation:  # the same job waits already
                await jobs.job_manager.finish_job(job, procrastinate.jobs.Status.FAILED, delete_job=True)
        await jobs.job_manager.delete_old_jobs(
            FAILED_JOBS_KEPT_HOURS, include_failed=True, include_aborted=True, include_cancelled=True
        )

    return jobs


async def remind_of_what_is_overdue(app: App, *, emergencies_alone: bool = False) -> int:
    """Send the reminders of this round, each in a transaction of its own; returns how many.

    A worker that dies on the way leaves those it has not sent to the next minute, and sends none twice.
    """
    desk, now, sent, held = app.desk(), datetime.now(UTC), 0, []
    await put_right_what_is_ahead(app, now=now)
    async with app.db.transaction() as session:
        late_cases = await reminders.cases_to_remind_of(
            session, calendar=desk.calendar, emergencies_alone=emergencies_alone, now=now
        )
        referrals = [] if emergencies_alone else await reminders.referrals_to_remind_of(session, now=now)
    due = [(reminders.remind, (case_id,)) for case_id in late_cases]
    due += [(reminders.remind_of_referral, ids) for ids in referrals]
    for remind, ids in due:
        try:
            async with app.db.transaction() as session:
                calls = await remind(session, *ids, desk=desk, now=now)
                await outbox.announce(session)
            if calls is not None:
                sent, held = sent + 1, held + calls
        except Exception:  # one case that cannot be read must not silence all others
            logger.exception("no reminder for case %d", ids[0])
    if held:
        async with app.db.transaction() as session:
            await reminders.put_together(session, held, now=now)
            await outbox.announce(session)
    if sent:
        app.deliveries.wake(Channel.TELEGRAM)
    return sent


async def put_right_what_is_ahead(app: App, *, now: datetime) -> None:
    """Give cases whose times were reckoned on a clock that was ahead the time they have by this one."""
    desk = app.desk()
    async with app.db.transaction() as session:
        ahead = await reminders.cases_ahead(session, calendar=desk.calendar, now=now)
    for case_id in ahead:
        async with app.db.transaction() as session:
            await reminders.put_right(session, case_id, calendar=desk.calendar, now=now)


async def move_broadcasts(app: App, *, now: datetime) -> None:
    """Begin the broadcasts whose time has come, serve people on the web, and end what has reached everybody."""
    async with app.db.transaction() as session:
        begun = await broadcasts.begin_due(session, now=now)
        given = await sending.give_to_web(session, now=now)
        pruned = await subscriptions.prune(session)
        await session.flush()
        done = await broadcasts.finish_done(session, now=now)
        await outbox.announce(session)
    if given:
        app.deliveries.wake(Channel.WEB)
    if begun or done or pruned:
        logger.info("worker: %d broadcasts begun, %d done, news of %d people ended", begun, done, pruned)


async def end_kiosk_visits(app: App, *, now: datetime) -> None:
    """Erase what was said at screens that were switched off, and links to a phone that nobody used."""
    async with app.db.transaction() as session:
        await kiosks.end_silent(session, desk=app.desk(), now=now)
        await handovers.forget_expired(session, now=now)
        await outbox.announce(session)
    app.deliveries.wake(Channel.TELEGRAM)


async def close_unconfirmed(app: App, *, now: datetime) -> int:
    """Ask people once more whether their case is solved, and close it in the end; returns how many were closed."""
    async with app.db.transaction() as session:
        closed = await cases.close_unconfirmed(session, desk=app.desk(), now=now)
        await outbox.announce(session)
    for channel in Channel:
        app.deliveries.wake(channel)
    return closed


async def remind_of_checklists(app: App, *, now: datetime) -> int:
    """Remind those who asked for it of the next step on their list; returns how many."""
    async with app.db.transaction() as session:
        sent = await checklists.remind(session, zone=ZoneInfo(app.settings.time_zone), now=now)
        await outbox.announce(session)
    for channel in Channel:
        app.deliveries.wake(channel)
    return sent


async def tell_of_what_ran_out(app: App, *, now: datetime) -> int:
    """End verdicts whose last day is over, and tell who asked or reported of them and of licences; returns how many."""
    zone, told = ZoneInfo(app.settings.time_zone), 0
    for tell in (recruiters.tell_of_run_out, verdicts.end_run_out):
        async with app.db.transaction() as session:
            told += await tell(session, zone=zone, now=now)
    for channel in Channel:
        app.deliveries.wake(channel)
    return told


async def forget_what_is_over(app: App, *, now: datetime) -> dict[str, int]:
    """Purge every class of data, each in a transaction of its own, and leave the counts in the log of the console."""
    gone = {}
    for kept in retention.PURGES:
        async with app.db.transaction() as session:
            gone[str(kept)] = await retention.purge(session, kept, now=now)
    async with app.db.transaction() as session:
        retention.report(session, gone, now=now)
    return gone
