"""The service: starts what the settings do not point elsewhere for, then its parts, and stops them all in order."""

from __future__ import annotations

import asyncio
import contextlib
import importlib
import logging
import signal
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from functools import partial

from bot.app import build
from bot.dialogue.turn import resume_held
from bot.nlu_process import NluNotSetUp, NluProcess, rasa_command
from bot.secret_key import secret_keys
from bot.services import recruiters
from bot.services.working_days import years_without_joint_leave
from bot.settings import Settings
from bot.storage import embedded
from bot.storage.database import upgrade
from bot.storage.vault import Vault, WrongKey
from knowledge.office import load_office

logger = logging.getLogger(__name__)

FIRST_PAUSE_S, LONGEST_PAUSE_S = 1.0, 60.0
HEALTHY_AFTER_S = 60.0
"""A part that ran this long starts over with the shortest pause."""
STOP_WITHIN_S = 20.0

Runner = Callable[[], Awaitable[None]]


class CannotStart(Exception):
    """The service cannot do what it was started for; the text says why."""


@dataclass(frozen=True, slots=True)
class Part:
    """A part of the service. `module` holds its `run(app, stop)`, and is imported only where the part is wanted."""

    module: str
    answers_people: bool
    """It needs the knowledge and the NLU."""
    vital: bool = False
    """When it cannot start, nobody would notice the service: end it. Other parts are tried again and again."""


PARTS = {
    "web": Part("bot.channels.web.service", answers_people=True, vital=True),
    "telegram": Part("bot.channels.telegram.service", answers_people=True),
    "worker": Part("bot.worker", answers_people=False),
}
ALL = frozenset(PARTS)


async def run(settings: Settings, only: set[str] | frozenset[str] = ALL) -> None:
    """Serve until SIGTERM or SIGINT; raises CannotStart when a vital part cannot, ValueError for an unknown part."""
    if unknown := set(only) - ALL:
        raise ValueError(f"unknown part {', '.join(sorted(unknown))}; there are {', '.join(PARTS)}")
    wanted = {name: part for name, part in PARTS.items() if name in only}
    if settings.telegram_token is None and wanted.pop("telegram", None):
        if not wanted:
            raise CannotStart("the Telegram part needs SILVI_TELEGRAM_TOKEN")
        logger.info("Silvi answers on the web only: SILVI_TELEGRAM_TOKEN is not set")
    if settings.desk_chat_id is None or settings.telegram_token is None:
        logger.warning(
            "No officers' desk (SILVI_DESK_CHAT_ID): reports wait in the database, `silvi cases list` shows them"
        )
    stop = asyncio.Event()
    with _stopped_by_signals(stop):
        await _serve(settings, wanted, stop)


async def _serve(settings: Settings, wanted: dict[str, Part], stop: asyncio.Event) -> None:
    answers = any(part.answers_people for part in wanted.values())
    nlu = _own_nlu(settings) if answers else None
    url = settings.database_url or await asyncio.to_thread(embedded.start, settings.data_dir)
    try:
        await asyncio.to_thread(upgrade, url, Vault(secret_keys(settings)))
    except WrongKey as error:
        raise CannotStart(str(error)) from error
    _warn_of_days_unknown(settings, datetime.now(UTC).date())
    app = build(settings, database_url=url, nlu_url=settings.nlu_url, nlu_token=nlu.token if nlu else None)
    try:
        async with _tasks_ended_at_exit(stop) as tasks:
            if not settings.database_url:
                tasks.add(_start("database", partial(embedded.watch, settings.data_dir, stop), stop))
            if nlu:
                # First, because Rasa takes longest to load; the others answer without it meanwhile.
                tasks.add(asyncio.create_task(nlu.run(stop, partial(setattr, app.nlu, "url")), name="nlu"))
            if answers:
                loading = asyncio.create_task(app.knowledge.load(app.db), name="loading")
                await _until_stopped_or_broken({loading}, stop)
                loading.cancel()
                tasks.add(_start("knowledge", partial(app.knowledge.watch, app.db, stop), stop))
                app.later.after(0, partial(recruiters.make_ready, app.db))
                await resume_held(app)
            for name, part in wanted.items():
                runner = partial(importlib.import_module(part.module).run, app, stop)
                tasks.add(_start(name, runner, stop, vital=part.vital))
            await _until_stopped_or_broken(tasks, stop)
    finally:
        await app.close()


def _warn_of_days_unknown(settings: Settings, today: date) -> None:
    """Joint leave is announced year by year; where it is not known, cases fall due on days off."""
    soon = today + timedelta(days=30)
    years = years_without_joint_leave(load_office(settings.office_file).holidays, sorted({today.year, soon.year}))
    if years:
        logger.warning(
            "Joint leave (cuti bersama) of %s is not known: write it under holidays in SILVI_OFFICE_FILE",
            " and ".join(map(str, years)),
        )


def _start(name: str, runner: Runner, stop: asyncio.Event, *, vital: bool = False) -> asyncio.Task[None]:
    return asyncio.create_task(keep_running(name, runner, stop, vital=vital), name=name)


def _own_nlu(settings: Settings) -> NluProcess | None:
    """The Rasa to start beside the service, or None: another one is set, or there is none to start."""
    if settings.nlu_url:
        return None
    try:
        return NluProcess(settings.data_dir, rasa_command())
    except NluNotSetUp as error:
        logger.warning("Silvi runs without NLU: %s", error)
        return None


async def keep_running(name: str, runner: Runner, stop: asyncio.Event, *, vital: bool = False) -> None:
    """Run a part until `stop` and start it again when it dies; raises CannotStart when a vital one never got going."""
    pause_s, got_going = FIRST_PAUSE_S, False
    while not stop.is_set():
        began = time.monotonic()
        try:
            await runner()
            if stop.is_set():
                return
            logger.error("%s ended by itself", name)
        except Exception as error:
            if vital and not got_going and time.monotonic() - began < HEALTHY_AFTER_S:
                raise CannotStart(f"{name}: {error}") from error
            logger.exception("%s died", name)
        got_going = True
        pause_s = FIRST_PAUSE_S if time.monotonic() - began > HEALTHY_AFTER_S else pause_s
        logger.warning("%s starts again in %.0f s", name, pause_s)
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(stop.wait(), pause_s)
        pause_s = min(pause_s * 2, LONGEST_PAUSE_S)


async def _until_stopped_or_broken(tasks: set[asyncio.Task[None]], stop: asyncio.Event) -> None:
    """Return when told to stop or when a task is through; raise what broke it."""
    stopping = asyncio.create_task(stop.wait())
    try:
        done, _ = await asyncio.wait({stopping, *tasks}, return_when=asyncio.FIRST_COMPLETED)
        for task in done - {stopping}:
            task.result()
    finally:
        stopping.cancel()


@contextlib.asynccontextmanager
async def _tasks_ended_at_exit(stop: asyncio.Event) -> AsyncIterator[set[asyncio.Task[None]]]:
    """A set of tasks that are told to stop at the end, and cancelled when they take too long."""
    tasks: set[asyncio.Task[None]] = set()
    try:
        yield tasks
    finally:
        stop.set()
        if tasks:
            _, late = await asyncio.wait(tasks, timeout=STOP_WITHIN_S)
            for task in late:
                logger.error("%s did not stop in %.0f s", task.get_name(), STOP_WITHIN_S)
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)
        logger.info("Silvi has stopped")


@contextlib.contextmanager
def _stopped_by_signals(stop: asyncio.Event) -> Iterator[None]:
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, stop.set)
    try:
        yield
    finally:
        for number in (signal.SIGTERM, signal.SIGINT):
            loop.remove_signal_handler(number)
