"""The worker: what happens on a clock and answers nobody. Any number of them may run; each job is done by one."""

from __future__ import annotations

import asyncio
import contextlib
import logging
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import procrastinate

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

logger = logging.getLogger(__name__)

EVERY_MINUTE, EVERY_HOUR = "* * * * *", "0 * * * *"
AGAIN = procrastinate.RetryStrategy(max_attempts=5, exponential_wait=5)
LATE_WORKER_S = 60.0
"""A worker that gave no sign of life for so long is dead, and its jobs go to another."""
FAILED_JOBS_KEPT_HOURS = 24 * 7


async def run(app: App, stop: asyncio.Event) -> None:
    """Do what is due until `stop`; a job begun is finished first."""
    jobs = queue(app)
    async with jobs.open_async():
        working = asyncio.create_task(jobs.run_worker_async(install_signal_handlers=False, delete_jobs="successful"))
        stopping = asyncio.create_task(stop.wait())
        try:
            await asyncio.wait({working, stopping}, return_when=asyncio.FIRST_COMPLETED)
        finally:
            stopping.cancel()
            working.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await working


def queue(app: App) -> procrastinate.App:
    """The jobs and their times. A job still waiting is not put into the queue again (`queueing_lock`)."""
    limits = {"connect_timeout": 5, "options": "-c statement_timeout=15000"}
    dsn = app.db.psycopg_dsn()
    connector = procrastinate.PsycopgConnector(conninfo=dsn, kwargs=limits, min_size=1, max_size=4, timeout=10)
    jobs = procrastinate.App(connector=connector)

    @jobs.periodic(cron=EVERY_MINUTE)
    @jobs.task(name="remind", queueing_lock="remind")
    async def remind(timestamp: int) -> None:
        """Without a retry: the next minute does it."""
        await remind_of_what_is_overdue(app)

    @jobs.periodic(cron=EVERY_MINUTE)
    @jobs.task(name="broadcasts", queueing_lock="broadcasts")
    async def news(timestamp: int) -> None:
        """Without a retry: the next minute does it."""
        await move_broadcasts(app, now=datetime.now(UTC))

    @jobs.periodic(cron=EVERY_MINUTE)
    @jobs.task(name="kiosks", queueing_lock="kiosks")
    async def kiosk_visits(timestamp: int) -> None:
        """Erase what was said at screens that were switched off, and links to a phone that nobody used."""
        async with app.db.transaction() as session:
            await kiosks.end_silent(session, desk=app.desk(), now=datetime.now(UTC))
            await handovers.forget_expired(session, now=datetime.now(UTC))
            await outbox.announce(session)
        app.deliveries.wake(Channel.TELEGRAM)

    @jobs.periodic(cron=EVERY_HOUR)
    @jobs.task(name="unconfirmed", queueing_lock="unconfirmed", retry=AGAIN)
    async def unconfirmed(timestamp: int) -> None:
        """Ask people once more whether their case is solved, and close it in the end."""
        async with app.db.transaction() as session:
            closed = await cases.close_unconfirmed(session, desk=app.desk(), now=datetime.now(UTC))
            await outbox.announce(session)
        for channel in Channel:
            app.deliveries.wake(channel)
        logger.info("worker: closed %d cases that nobody confirmed", closed)

    @jobs.periodic(cron=EVERY_HOUR)
    @jobs.task(name="checklists", queueing_lock="checklists", retry=AGAIN)
    async def lists(timestamp: int) -> None:
        sent = await remind_of_checklists(app, now=datetime.now(UTC))
        logger.info("worker: reminded %d people of their checklist", sent)

    @jobs.periodic(cron=EVERY_HOUR)
    @jobs.task(name="run_out", queueing_lock="run_out", retry=AGAIN)
    async def run_out(timestamp: int) -> None:
        told = await tell_of_what_ran_out(app, now=datetime.now(UTC))
        logger.info("worker: told %d people that a licence or a verdict ran out", told)

    @jobs.periodic(cron=EVERY_HOUR)
    @jobs.task(name="forget", queueing_lock="forget", retry=AGAIN)
    async def forget(timestamp: int) -> None:
        gone = await forget_what_is_over(app, now=datetime.now(UTC))
        logger.info(
            "worker: forgot %s", ", ".join(f"{count} {kept}" for kept, count in gone.items() if count) or "nothing"
        )

    @jobs.periodic(cron=EVERY_HOUR)
    @jobs.task(name="tidy", queueing_lock="tidy", retry=AGAIN)
    async def tidy(timestamp: int) -> None:
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


async def remind_of_what_is_overdue(app: App) -> int:
    """Send the reminders of this round, each in a transaction of its own; returns how many.

    A worker that dies on the way leaves those it has not sent to the next minute, and sends none twice.
    """
    desk, now, sent, held = app.desk(), datetime.now(UTC), 0, []
    async with app.db.transaction() as session:
        late_cases = await reminders.cases_to_remind_of(session, calendar=desk.calendar, now=now)
        referrals = await reminders.referrals_to_remind_of(session, now=now)
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
