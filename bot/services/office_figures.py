"""The office's own figures: a checked file becomes a new version, and the newest that a day knew is in force."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import Select, func, select, text

from bot.domain.yearly import Change, OfficeData, OfficeRow, Part, Version, changes
from bot.services import audit
from bot.services.office_file import OfficeFile
from bot.storage.database import Session
from bot.storage.tables import OfficeFigure, OfficeFigureVersion, Officer


@dataclass(frozen=True, slots=True)
class InForce:
    """The office's figures of some years, and the files they are from."""

    rows: tuple[OfficeRow, ...]
    versions: tuple[Version, ...]


@dataclass(frozen=True, slots=True)
class Compared:
    """A new file beside what was in force on its day."""

    changes: tuple[Change, ...]
    same: int
    newest: int
    """The number of the newest version of all: what came after it was not looked at."""
    is_outdated: bool
    """A version of a later day has some of the same years and kinds, and stays in force for later reports."""


async def compared(session: Session, file: OfficeFile, *, data_date: date) -> Compared:
    """What making this file a version would change."""
    years = {row.year for row in file.rows}
    before = (await in_force(session, years, as_of=data_date)).rows
    found = changes(before, file.rows)
    touched = {(row.year, row.data) for row in file.rows}
    later = (
        select(OfficeFigure.year, OfficeFigure.data)
        .join(OfficeFigureVersion, OfficeFigureVersion.id == OfficeFigure.version_id)
        .where(OfficeFigureVersion.data_date > data_date)
        .distinct()
    )
    is_outdated = any((year, data) in touched for year, data in await session.execute(later))
    newest = (await session.execute(select(func.coalesce(func.max(OfficeFigureVersion.id), 0)))).scalar_one()
    same = len(file.rows) - sum(change.after is not None for change in found)
    return Compared(found, same, newest, is_outdated)


async def versions(session: Session, *, limit: int) -> list[OfficeFigureVersion]:
    """The files that came in, the newest first."""
    found = select(OfficeFigureVersion).order_by(OfficeFigureVersion.id.desc()).limit(limit)
    return list((await session.execute(found)).scalars())


async def publish(
    session: Session,
    file: OfficeFile,
    *,
    data_date: date,
    author: str,
    now: datetime,
    officer: Officer | None = None,
) -> Version:
    """Keep the file as a new version; for each year and kind in it, it replaces what was in force."""
    version = OfficeFigureVersion(
        data_date=data_date,
        file_name=file.name[-255:],
        sha256=hashlib.sha256(file.content).hexdigest(),
        imported_by=author,
        imported_at=now,
    )
    session.add(version)
    await session.flush()
    session.add_all(
        OfficeFigure(
            version_id=version.id,
            year=row.year,
            data=row.data,
            parts={str(part): value for part, value in row.parts.items()},
            count=row.count,
            note=row.note,
            until=row.until,
            published=row.published,
        )
        for row in file.rows
    )
    kept = _version(version)
    after = {"berkas": kept.file_name, "tanggal_data": data_date.isoformat(), "baris": len(file.rows)}
    audit.record(session, officer, "laporan:impor", f"angka kantor {kept.number}", now=now, after=after)
    return kept


async def in_force(session: Session, years: Iterable[int], *, as_of: date) -> InForce:
    """Of each year and kind the rows of the newest file whose data were true by `as_of`."""
    found = await session.execute(
        select(OfficeFigure, OfficeFigureVersion)
        .join(OfficeFigureVersion, OfficeFigureVersion.id == OfficeFigure.version_id)
        .where(OfficeFigure.year.in_(list(years)), OfficeFigureVersion.data_date <= as_of)
        .order_by(OfficeFigureVersion.data_date, OfficeFigureVersion.id, OfficeFigure.id)
    )
    lines = found.all()
    newest = {(row.year, row.data): version for row, version in lines}
    rows = [row for row, version in lines if newest[row.year, row.data] is version]
    versions = {version.id: _version(version) for version in newest.values()}
    return InForce(tuple(map(_row, rows)), tuple(versions[number] for number in sorted(versions)))


def query(year: int, data: OfficeData, part: Part, *, as_of: date) -> Select:
    """The lines in force of one year and kind by one part, as the database can be asked for them by hand."""
    newest = (
        select(OfficeFigureVersion.id)
        .join(OfficeFigure, OfficeFigure.version_id == OfficeFigureVersion.id)
        .where(OfficeFigure.year == year, OfficeFigure.data == data, OfficeFigureVersion.data_date <= as_of)
        .order_by(OfficeFigureVersion.data_date.desc(), OfficeFigureVersion.id.desc())
        .limit(1)
        .scalar_subquery()
    )
    line = OfficeFigure.parts.op("->>")(str(part)).label("line")
    return (
        select(line, func.sum(OfficeFigure.count).label("count"), func.max(OfficeFigure.note).label("note"))
        .where(OfficeFigure.version_id == newest, OfficeFigure.year == year, OfficeFigure.data == data)
        .group_by(text("line"))
        .order_by(text("line"))
    )


def _row(row: OfficeFigure) -> OfficeRow:
    parts = {Part(part): value for part, value in row.parts.items()}
    return OfficeRow(row.year, OfficeData(row.data), parts, row.count, row.note, row.until, row.published)


def _version(version: OfficeFigureVersion) -> Version:
    return Version(version.id, version.file_name, version.data_date, version.sha256)
