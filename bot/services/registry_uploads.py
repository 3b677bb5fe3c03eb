"""Registry files that came through the console: kept until their diff is confirmed, for a day at most."""

from __future__ import annotations

from datetime import date, datetime

from bot.storage.database import Session
from bot.storage.tables import Officer, RegistryUpload


async def keep(
    session: Session, officer: Officer, file_name: str, content: bytes, data_date: date, *, now: datetime
) -> RegistryUpload:
    """Keep a file that can be imported; it waits for its officer."""
    upload = RegistryUpload(
        officer_id=officer.id, file_name=file_name[-255:], content=content, data_date=data_date, made_at=now
    )
    session.add(upload)
    await session.flush()
    return upload


async def own(session: Session, officer: Officer, upload_id: int) -> RegistryUpload | None:
    """This officer's file; None for another's, and one that is gone."""
    upload = await session.get(RegistryUpload, upload_id, with_for_update=True)
    return upload if upload and upload.officer_id == officer.id else None
