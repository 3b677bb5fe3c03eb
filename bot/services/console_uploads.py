"""Files of the office that came through the console: kept until their diff is confirmed, for a day at most."""

from __future__ import annotations

from datetime import date, datetime
from enum import StrEnum

from bot.storage.database import Session
from bot.storage.tables import ConsoleUpload, Officer


class UploadOf(StrEnum):
    """What a file holds."""

    REGISTRY = "izin"
    FIGURES = "angka"


async def keep(
    session: Session,
    officer: Officer,
    kind: UploadOf,
    file_name: str,
    content: bytes,
    data_date: date,
    *,
    now: datetime,
) -> ConsoleUpload:
    """Keep a file that can be imported; it waits for its officer."""
    upload = ConsoleUpload(
        officer_id=officer.id, kind=kind, file_name=file_name[-255:], content=content, data_date=data_date, made_at=now
    )
    session.add(upload)
    await session.flush()
    return upload


async def own(session: Session, officer: Officer, kind: UploadOf, upload_id: int) -> ConsoleUpload | None:
    """This officer's file of this kind; None for another's, and one that is gone."""
    upload = await session.get(ConsoleUpload, upload_id, with_for_update=True)
    return upload if upload and (upload.officer_id, upload.kind) == (officer.id, kind) else None
