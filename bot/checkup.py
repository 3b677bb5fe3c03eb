"""`silvi doctor`: looks at every part of an installation and says how to mend what is wrong; changes nothing."""

from __future__ import annotations

import asyncio
import os
import shutil
import tempfile
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from sqlalchemy import func, select, text

from bot.nlu_client import NluClient
from bot.nlu_process import NluNotSetUp, rasa_command, read_address
from bot.secret_key import secret_keys
from bot.services import officers
from bot.services.knowledge_base import model_folder
from bot.settings import Settings
from bot.storage import embedded
from bot.storage.database import Database, revisions
from bot.storage.tables import Delivery, OutboxMessage
from bot.storage.vault import Vault, WrongKey
from bot.texts import doctor as words
from knowledge.office import load_office

FREE_BYTES_NEEDED = 1024**3
CLOCK_OFF_BY = timedelta(seconds=30)
"""Cookies and deadlines bear so much; more makes links end early and cases late."""
WAITS_TOO_LONG = timedelta(minutes=10)
PART_TIMEOUT_S = 60.0


class State(StrEnum):
    OK = "ok"
    WARNING = "warning"
    """It works without."""
    BROKEN = "broken"


@dataclass(frozen=True, slots=True)
class Finding:
    """What one look found; `mend` says what to do, empty where all is well."""

    part: str
    state: State
    told: str
    mend: str = ""


Check = Callable[[Settings], Awaitable[list[Finding]]]


def good(part: str, told: str) -> Finding:
    return Finding(part, State.OK, told)


async def check_settings(settings: Settings) -> list[Finding]:
    """The folder, the key's file, the zone, the office's profile and the public address."""
    found = []
    try:
        ZoneInfo(settings.time_zone)
    except (ZoneInfoNotFoundError, ValueError):
        told = words.ZONE_UNKNOWN.format(zone=settings.time_zone)
        found.append(Finding("settings", State.BROKEN, told, words.ZONE_UNKNOWN_MEND))
    try:
        load_office(settings.office_file)
    except (OSError, ValueError) as error:
        told = words.OFFICE_BROKEN.format(error=error)
        found.append(Finding("settings", State.BROKEN, told, words.OFFICE_BROKEN_MEND))
    key = settings.data_dir / "secret.key"
    if settings.secret_key is None and key.exists() and key.stat().st_mode & 0o077:
        told, mend = words.KEY_OPEN.format(path=key), words.KEY_OPEN_MEND.format(path=key)
        found.append(Finding("settings", State.BROKEN, told, mend))
    if settings.telegram_token and not settings.web_public_url:
        found.append(Finding("settings", State.WARNING, words.NO_PUBLIC_URL, words.NO_PUBLIC_URL_MEND))
    return found or [good("settings", words.SETTINGS_GOOD)]


async def check_disk(settings: Settings) -> list[Finding]:
    """Whether the data folder can be written, and how much room is left there."""
    folder = settings.data_dir
    try:
        folder.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryFile(dir=folder):
            free = shutil.disk_usage(folder).free
    except OSError:
        mend = words.FOLDER_CLOSED_MEND.format(folder=folder)
        return [Finding("disk", State.BROKEN, words.FOLDER_CLOSED.format(folder=folder), mend)]
    shown = f"{free / 1024**3:.1f} GB"
    if free < FREE_BYTES_NEEDED:
        return [Finding("disk", State.BROKEN, words.DISK_FULL.format(folder=folder, free=shown), words.DISK_FULL_MEND)]
    return [good("disk", words.DISK_GOOD.format(free=shown))]


async def check_database(settings: Settings) -> list[Finding]:
    """Whether it answers, has our schema and is ours, who works in it, whether messages are stuck, and whether its clock is ours."""
    try:
        vault = Vault(secret_keys(settings))
        url = settings.database_url or await asyncio.to_thread(embedded.start, settings.data_dir)
        revision, newest = await asyncio.to_thread(revisions, url, vault)
        if revision != newest:
            told = words.OTHER_SCHEMA.format(revision=revision or words.NO_SCHEMA, newest=newest)
            return [Finding("database", State.BROKEN, told, words.OTHER_SCHEMA_MEND)]
        database = Database(url, vault)
        try:
            return [good("database", words.DATABASE_GOOD.format(revision=revision)), *await _look_into(database)]
        finally:
            await database.close()
    except WrongKey:
        return [Finding("database", State.BROKEN, words.WRONG_KEY, words.WRONG_KEY_MEND)]
    except Exception as error:  # whatever keeps it from answering is the finding
        told = words.DATABASE_AWAY.format(error=type(error).__name__)
        return [Finding("database", State.BROKEN, told, words.DATABASE_AWAY_MEND)]


async def _look_into(database: Database) -> list[Finding]:
    now = datetime.now(UTC)
    async with database.transaction() as session:
        its_clock = (await session.execute(text("select clock_timestamp()"))).scalar_one()
        working = await officers.active(session)
        late = select(func.count()).where(
            OutboxMessage.state == Delivery.PENDING,
            OutboxMessage.channel == "telegram",
            OutboxMessage.due_at < now - WAITS_TOO_LONG,
        )
        stuck = (await session.execute(late)).scalar_one()
    found = [clock("PostgreSQL", its_clock)]
    found.append(
        good("officers", words.OFFICERS_GOOD.format(count=len(working)))
        if working
        else Finding("officers", State.WARNING, words.NOBODY, words.NOBODY_MEND)
    )
    minutes = WAITS_TOO_LONG // timedelta(minutes=1)
    found.append(
        Finding("outbox", State.BROKEN, words.LATE.format(count=stuck, minutes=minutes), words.LATE_MEND)
        if stuck
        else good("outbox", words.OUTBOX_GOOD)
    )
    return found


def clock(other: str, its_time: datetime) -> Finding:
    """This machine's clock beside another one."""
    off = abs(datetime.now(UTC) - its_time)
    if off > CLOCK_OFF_BY:
        told = words.CLOCK_OFF.format(seconds=round(off.total_seconds()), other=other)
        return Finding("clock", State.BROKEN, told, words.CLOCK_OFF_MEND)
    return good("clock", words.CLOCK_GOOD.format(other=other))


async def check_nlu(settings: Settings) -> list[Finding]:
    """The NLU that is set, or that of the running service; else whether there is one to start."""
    running = read_address(settings.data_dir)
    url = settings.nlu_url or (running.url if running else None)
    if url is None:
        try:
            rasa_command()
        except NluNotSetUp:
            return [Finding("nlu", State.WARNING, words.NLU_AWAY, words.NLU_AWAY_MEND)]
        return [good("nlu", words.NLU_NOT_RUNNING)]
    nlu = NluClient(
        url, timeout_s=settings.nlu_timeout_s, token=running.token if running and not settings.nlu_url else None
    )
    try:
        if await nlu.is_ready():
            return [good("nlu", words.NLU_GOOD)]
    finally:
        await nlu.close()
    return [Finding("nlu", State.WARNING, words.NLU_AWAY, words.NLU_AWAY_MEND)]


async def check_model(settings: Settings) -> list[Finding]:
    """Whether the encoder was built."""
    folder = model_folder(settings)
    if os.path.isdir(folder / "onnx"):
        return [good("model", words.MODEL_GOOD.format(folder=folder))]
    return [Finding("model", State.BROKEN, words.MODEL_MISSING.format(folder=folder), words.MODEL_MISSING_MEND)]


CHECKS: tuple[Check, ...] = (check_settings, check_disk, check_database, check_nlu, check_model)


async def findings(settings: Settings, checks: tuple[Check, ...]) -> list[Finding]:
    """What all checks find, in their order; one that hangs or fails is a finding too, and keeps none of the others away."""
    found = []
    for check in checks:
        part = check.__name__.removeprefix("check_")
        try:
            async with asyncio.timeout(PART_TIMEOUT_S):
                found += await check(settings)
        except TimeoutError:
            told = words.HANGS.format(seconds=PART_TIMEOUT_S)
            found.append(Finding(part, State.BROKEN, told, words.HANGS_MEND))
        except Exception as error:
            told = words.NOT_CHECKED.format(error=type(error).__name__)
            found.append(Finding(part, State.BROKEN, told, words.NOT_CHECKED_MEND))
    return found
