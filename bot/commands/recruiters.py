"""`silvi recruiters`: the registry of licensed companies."""

from __future__ import annotations

import sys
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated

import typer

from bot.commands.shared import (
    UnusableInput,
    in_database,
    load_settings,
)

app = typer.Typer(no_args_is_help=True, help="Daftar izin P3MI dan job order.")


@app.command(name="import")
def import_registry(
    file: Annotated[Path, typer.Argument(help="Berkas CSV atau XLSX: daftar izin P3MI, atau job order.")],
    data_date: Annotated[
        datetime | None, typer.Option(formats=["%Y-%m-%d"], help="Tanggal data ini benar; bawaan: hari ini.")
    ] = None,
    yes: Annotated[bool, typer.Option("--yes", help="Jangan bertanya dulu.")] = False,
) -> None:
    """Pakai daftar izin atau job order yang baru; semuanya atau tidak sama sekali. Yang lama tetap tersimpan.

    Di terminal, perubahan ditampilkan dan ditanyakan dulu. Bentuk berkas: docs/REGISTRI.md.

    Contoh: silvi recruiters import p3mi.csv --data-date 2026-11-20
    """
    from zoneinfo import ZoneInfo

    from bot.services import recruiters as service
    from bot.services.registry_file import UnusableRegistry, read_registry
    from bot.texts import recruiters as words

    zone = ZoneInfo(load_settings().time_zone)
    today = datetime.now(zone).date()
    day = data_date.date() if data_date else today
    if day > today:
        raise UnusableInput(words.DATE_AHEAD)
    try:
        read = read_registry(file)
        seen = in_database(lambda session: service.changes(session, read))
        typer.echo(
            words.preview(seen, file_name=file.name, encoding=read.encoding, unused=read.unused_columns, data_date=day)
        )
        if not yes and sys.stdin.isatty() and not typer.confirm(words.SAVE):
            typer.echo(words.NOT_SAVED)
            return
        now = datetime.now(UTC)
        in_database(
            lambda session: service.publish(session, read, seen, data_date=day, author="cli", zone=zone, now=now)
        )
    except UnusableRegistry as error:
        raise UnusableInput("\n".join(f"{file}: {line}" for line in str(error).splitlines())) from error
    except OSError as error:
        raise UnusableInput(f"{file}: {error.strerror}") from error
    except service.RegistryChanged as error:
        raise UnusableInput(words.CHANGED_MEANWHILE) from error
    typer.echo(words.IN_FORCE)
