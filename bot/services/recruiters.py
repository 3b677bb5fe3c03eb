"""The registry of licensed placement companies: new versions of it, and look-ups in the one in force."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass, fields
from datetime import date, datetime, timedelta
from functools import partial
from uuid import uuid4
from zoneinfo import ZoneInfo

from rapidfuzz import fuzz, utils
from sqlalchemy import Select, insert, select, text
from sqlalchemy.dialects.postgresql import distinct_on

from bot.domain.messages import Reply
from bot.domain.recruiters import (
    Changed,
    Changes,
    Found,
    JobOrder,
    Licence,
    LicenceStatus,
    RecruiterStatus,
    RegistryKind,
    standing_changes,
    status_on,
)
from bot.services import news, traces
from bot.services.registry_file import RegistryFile, UnusableRegistry
from bot.storage.database import Database, Session
from bot.storage.tables import JobOrderRow, LicenceRow, RegistryVersion, TraceRow
from bot.texts import recruiters as words
from bot.texts import verdicts as verdict_words
from knowledge.company_names import NameIndex, Sameness, name_key
from knowledge.countries import ADJACENT, country_of

IMPORT_LOCK = 0x51_1F_04
"""Any number that no other advisory lock of this database uses."""

SAME_POSITION = 80
"""From this likeness on (0 to 100, RapidFuzz token_set_ratio) two names of a position mean the same work."""

ROWS_AT_ONCE = 5_000
HOME = ZoneInfo("Asia/Pontianak")


class RegistryChanged(Exception):
    """Another import came in between; what was shown is no longer what would change."""


async def changes(session: Session, file: RegistryFile) -> Changes:
    """Compare a file with the version in force; raises UnusableRegistry for job orders of companies that are not in it."""
    version = (await _versions(session)).get(file.kind)
    if file.kind == RegistryKind.JOB_ORDERS:
        await _check_companies(session, file)
    standing = {_key(row): row for row in await _rows(session, file.kind, version)}
    coming = {_key(row): row for row in file.rows}
    both = [(standing[key], row) for key, row in coming.items() if key in standing]
    return Changes(
        kind=file.kind,
        version_id=version.id if version else 0,
        data_date=version.data_date if version else None,
        rows=len(file.rows),
        added=tuple(_label(row) for key, row in coming.items() if key not in standing),
        changed=tuple(Changed(_label(new), _differences(old, new)) for old, new in both if old != new),
        gone=tuple(_label(row) for key, row in standing.items() if key not in coming),
    )


async def publish(
    session: Session,
    file: RegistryFile,
    seen: Changes,
    *,
    data_date: date,
    author: str,
    zone: ZoneInfo = HOME,
    now: datetime,
) -> RegistryVersion:
    """Make `file` the version in force; raises RegistryChanged where another import came after `seen` was shown.

    Whoever asked about a company whose licence now stands otherwise is told.
    """
    await session.execute(text("select pg_advisory_xact_lock(:lock)"), {"lock": IMPORT_LOCK})
    current = (await _versions(session)).get(file.kind)
    if (current.id if current else 0) != seen.version_id:
        raise RegistryChanged
    before = await _rows(session, file.kind, current)
    version = RegistryVersion(
        kind=file.kind,
        key=uuid4().hex,
        data_date=data_date,
        file_name=file.file_name[-255:],
        imported_by=author,
        imported_at=now,
        rows=seen.rows,
        added=len(seen.added),
        changed=len(seen.changed),
        gone=len(seen.gone),
        told_on=now.astimezone(zone).date(),
    )
    session.add(version)
    await session.flush()
    table = LicenceRow if file.kind == RegistryKind.LICENCES else JobOrderRow
    for start in range(0, len(file.rows), ROWS_AT_ONCE):
        values = [_values(row, version.id) for row in file.rows[start : start + ROWS_AT_ONCE]]
        await session.execute(insert(table), values)
    if file.kind == RegistryKind.LICENCES and current:
        today = now.astimezone(zone).date()
        changed = standing_changes(before, file.rows, told_on=_told_on(current, zone), today=today)
        lines = [(name, verdict_words.standing_line(name, *rest)) for name, *rest in changed]
        await _tell(session, lines, partial(verdict_words.licences, data_date), zone=zone, now=now)
    return version


async def tell_of_run_out(session: Session, *, zone: ZoneInfo, now: datetime) -> int:
    """Tell who asked about or reported a company whose licence ran out by its date since they were last told.

    Nobody imports anything for that: the day alone changes how a licence stands. Returns how many people were told.
    """
    today = now.astimezone(zone).date()
    newest = select(RegistryVersion).where(RegistryVersion.kind == RegistryKind.LICENCES)
    newest = newest.order_by(RegistryVersion.id.desc()).limit(1).with_for_update()
    version = (await session.execute(newest)).scalar_one_or_none()
    if version is None:
        return 0
    if (told_on := _told_on(version, zone)) >= today:
        return 0
    version.told_on = today
    gone = _in_force(version).where(LicenceRow.valid_until >= told_on, LicenceRow.valid_until < today)
    rows = (await session.execute(gone)).scalars()
    lines = [(row.name, verdict_words.run_out_line(row.name, row.valid_until)) for row in rows]
    return await _tell(session, lines, partial(verdict_words.run_out, version.data_date), zone=zone, now=now)


async def running_out(session: Session, *, today: date, days: int, limit: int) -> list[Licence]:
    """Licences in force that run out within so many days, the next one first."""
    version = (await _versions(session)).get(RegistryKind.LICENCES)
    if version is None:
        return []
    soon = LicenceRow.valid_until.between(today, today + timedelta(days=days))
    found = _in_force(version).where(soon).order_by(LicenceRow.valid_until, LicenceRow.name).limit(limit)
    return [_licence(row) for row in (await session.execute(found)).scalars()]


def _told_on(version: RegistryVersion, zone: ZoneInfo) -> date:
    return version.told_on or version.imported_at.astimezone(zone).date()


def _in_force(version: RegistryVersion) -> Select[tuple[LicenceRow]]:
    return select(LicenceRow).where(LicenceRow.version_id == version.id, LicenceRow.status == LicenceStatus.ACTIVE)


async def _tell(
    session: Session,
    lines: Sequence[tuple[str, str]],
    say: Callable[[Sequence[str]], Reply],
    *,
    zone: ZoneInfo,
    now: datetime,
) -> int:
    """Tell whoever asked about or reported one of these companies the line behind its name."""
    told: dict[int, str] = {}
    known: list[TraceRow] = []
    for start in range(0, len(lines), ROWS_AT_ONCE):
        batch = lines[start : start + ROWS_AT_ONCE]
        by_name = {name_key(name): line for name, line in batch}
        rows = await traces.known(session, [traces.name_trace(name) for name, _ in batch])
        known += rows
        told |= {row.id: by_name[name_key(row.shown)] for row in rows}
    return await news.tell_of_licences(session, told, known, say, zone=zone, now=now)


async def look_up(
    session: Session, name: str, *, country: str | None = None, position: str | None = None, today: date
) -> Found:
    """What the registry in force says about a recruiter's name as people write it, on `today`.

    Never raises for any text. `country` may be a code or a name as people write it. While no registry has been imported the
    answer is NOT_FOUND without a `data_date`: nothing is known then.
    """
    current = await _versions(session)
    version, orders_version = current.get(RegistryKind.LICENCES), current.get(RegistryKind.JOB_ORDERS)
    asked = {"query": name, "country": country, "position": position}
    dates = {
        "data_date": version.data_date if version else None,
        "orders_date": orders_version.data_date if orders_version else None,
    }
    if version is None:
        return Found(status=RecruiterStatus.NOT_FOUND, **asked, **dates)
    names = await _names(session, version)
    finding = names.index.find(name)
    if finding.best is None:
        return Found(status=RecruiterStatus.NOT_FOUND, **asked, **dates)
    licence = _licence(await session.get_one(LicenceRow, names.ids[finding.best]))
    if finding.sameness == Sameness.LOOKALIKE:
        return Found(
            status=RecruiterStatus.LOOKALIKE,
            licence=licence,
            others=tuple(names.names[other] for other in finding.others),
            difference=words.difference(finding.difference),
            branch=finding.branch,
            **asked,
            **dates,
        )
    status = status_on(licence, today)
    orders: tuple[JobOrder, ...] = ()
    if status == RecruiterStatus.MATCH and orders_version:
        orders = await _orders(session, orders_version, licence, country, today)
    of_position = tuple(order for order in orders if position and _is_same_work(position, order.position))
    return Found(
        status=status,
        licence=licence,
        branch=finding.branch,
        is_exact=finding.is_exact,
        job_orders=of_position or orders,
        has_position=bool(of_position),
        **asked,
        **dates,
    )


@dataclass(frozen=True, slots=True)
class _Names:
    """The index of one version of the registry; `ids` and `names` are the rows in its order."""

    key: str
    index: NameIndex
    ids: tuple[int, ...]
    names: tuple[str, ...]


_newest: list[_Names] = []
"""The index of the version last asked for. It is no state of anybody: any process makes the same one from the rows."""
_building = threading.Lock()


async def make_ready(db: Database) -> None:
    """Have the index of the registry in force at hand before a transaction asks for it: to build it may take seconds."""
    async with db.at_once() as session:
        version = (await _versions(session)).get(RegistryKind.LICENCES)
    if version is None or _is_at_hand(version):
        return
    async with db.at_once() as session:
        rows = (await session.execute(_names_of(version))).all()
    await asyncio.to_thread(_built, version.key, rows)


async def _names(session: Session, version: RegistryVersion) -> _Names:
    """The index of `version`, made anew in a thread where an import came in between and replaced the one at hand."""
    if _is_at_hand(version):
        return _newest[0]
    rows = (await session.execute(_names_of(version))).all()
    return await asyncio.to_thread(_built, version.key, rows)


def _is_at_hand(version: RegistryVersion) -> bool:
    return bool(_newest) and _newest[0].key == version.key


def _names_of(version: RegistryVersion) -> Select[tuple[int, str, str]]:
    query = select(LicenceRow.id, LicenceRow.name, LicenceRow.city).where(LicenceRow.version_id == version.id)
    return query.order_by(LicenceRow.id)


def _built(key: str, rows: Sequence[tuple[int, str, str]]) -> _Names:
    with _building:
        if not _newest or _newest[0].key != key:
            ids, names, cities = zip(*rows)
            _newest[:] = [_Names(key, NameIndex(names, cities), ids, names)]
        return _newest[0]


async def versions(session: Session, *, limit: int) -> Sequence[RegistryVersion]:
    """The imports, the newest first."""
    return (
        (await session.execute(select(RegistryVersion).order_by(RegistryVersion.id.desc()).limit(limit)))
        .scalars()
        .all()
    )


async def _versions(session: Session) -> dict[str, RegistryVersion]:
    """The version in force of each kind."""
    newest = select(RegistryVersion).ext(distinct_on(RegistryVersion.kind))
    rows = (await session.execute(newest.order_by(RegistryVersion.kind, RegistryVersion.id.desc()))).scalars()
    return {row.kind: row for row in rows}


async def _rows(session: Session, kind: RegistryKind, version: RegistryVersion | None) -> list[Licence | JobOrder]:
    if version is None:
        return []
    table, made = (LicenceRow, _licence) if kind == RegistryKind.LICENCES else (JobOrderRow, _job_order)
    rows = (await session.execute(select(table).where(table.version_id == version.id).order_by(table.id))).scalars()
    return [made(row) for row in rows]


async def _orders(
    session: Session, version: RegistryVersion, licence: Licence, country: str | None, today: date
) -> tuple[JobOrder, ...]:
    """The job orders of this company that hold on `today`, for the country if one is given."""
    query = (
        select(JobOrderRow)
        .where(JobOrderRow.version_id == version.id, JobOrderRow.name_key == name_key(licence.name))
        .where(JobOrderRow.valid_until >= today)
        .order_by(JobOrderRow.country, JobOrderRow.position, JobOrderRow.number)
    )
    orders = [_job_order(row) for row in (await session.execute(query)).scalars()]
    return tuple(order for order in orders if not country or _country(order.country) == _country(country))


def _country(text: str) -> str:
    """The country's code, Sarawak as part of Malaysia: job orders name the state only sometimes."""
    code = country_of(text) or country_of(text.replace("-", " ")) or text.casefold().strip()
    return ADJACENT.get(code, code)


def _is_same_work(asked: str, position: str) -> bool:
    return fuzz.token_set_ratio(asked, position, processor=utils.default_process) >= SAME_POSITION


async def _check_companies(session: Session, file: RegistryFile) -> None:
    version = (await _versions(session)).get(RegistryKind.LICENCES)
    if version is None:
        raise UnusableRegistry("impor daftar izin P3MI dulu, lalu job order")
    names = await _names(session, version)
    known = {name_key(name) for name in names.names}
    problems = []
    for line, row in zip(file.lines, file.rows):
        if name_key(row.p3mi) not in known:
            near = names.index.find(row.p3mi).best
            hint = f", yang mirip: {names.names[near]}" if near is not None else ""
            problems.append(f"baris {line}: P3MI '{row.p3mi}' tidak ada di daftar izin{hint}")
    if problems:
        raise UnusableRegistry("\n".join(problems))


def _key(row: Licence | JobOrder) -> tuple[str, ...]:
    if isinstance(row, Licence):
        return (name_key(row.name),)
    return row.number.casefold(), row.country.casefold(), row.position.casefold()


def _label(row: Licence | JobOrder) -> str:
    if isinstance(row, Licence):
        return f"{row.name} ({row.number})"
    return f"{row.number}: {row.p3mi}, {row.country}, {row.position}"


def _differences(old: Licence | JobOrder, new: Licence | JobOrder) -> tuple[tuple[str, str, str], ...]:
    pairs = [(field.name, getattr(old, field.name), getattr(new, field.name)) for field in fields(old)]
    return tuple((name, _as_text(before), _as_text(after)) for name, before, after in pairs if before != after)


def _as_text(value: object) -> str:
    return "; ".join(value) if isinstance(value, tuple) else str("" if value is None else value)


def _values(row: Licence | JobOrder, version_id: int) -> dict:
    values = {field.name: getattr(row, field.name) for field in fields(row)} | {"version_id": version_id}
    if isinstance(row, Licence):
        return values | {"countries": list(row.countries)}
    return values | {"name_key": name_key(row.p3mi)}


def _licence(row: LicenceRow) -> Licence:
    return Licence(
        name=row.name,
        number=row.number,
        address=row.address,
        city=row.city,
        phone=row.phone,
        status=LicenceStatus(row.status),
        valid_until=row.valid_until,
        countries=tuple(row.countries),
    )


def _job_order(row: JobOrderRow) -> JobOrder:
    return JobOrder(
        number=row.number,
        p3mi=row.p3mi,
        country=row.country,
        position=row.position,
        quota=row.quota,
        valid_until=row.valid_until,
    )
