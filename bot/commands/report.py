"""`silvi report`: the office's figures."""

from __future__ import annotations

import json
from datetime import UTC, date, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from bot.commands.shared import (
    UnusableInput,
    in_database,
    load_settings,
    office_profile,
    tell,
)

if TYPE_CHECKING:
    from bot.storage.database import Session

app = typer.Typer(invoke_without_command=True)


@app.callback()
def show_figures(
    context: typer.Context,
    first: Annotated[
        datetime | None, typer.Option("--from", formats=["%Y-%m-%d"], help="Hari pertama; bawaan: 30 hari terakhir.")
    ] = None,
    last: Annotated[
        datetime | None, typer.Option("--until", formats=["%Y-%m-%d"], help="Hari terakhir; bawaan: hari ini.")
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Satu objek JSON.")] = False,
    xlsx: Annotated[Path | None, typer.Option(help="Tulis ke berkas XLSX ini.")] = None,
    year: Annotated[int | None, typer.Option(help="Laporan satu tahun; perlu --out.")] = None,
    out: Annotated[Path | None, typer.Option(help="Folder untuk PDF, XLSX, dan grafik laporan tahunan.")] = None,
    as_of: Annotated[
        datetime | None,
        typer.Option(
            formats=["%Y-%m-%d"],
            help="Tanggal laporan: yang dicatat sesudahnya tidak dihitung. Bawaan: akhir tahun itu, atau hari ini.",
        ),
    ] = None,
) -> None:
    """Angka pertanyaan dan kasus dalam satu masa, atau laporan satu tahun; kelompok kurang dari 5 orang disamarkan.

    Contoh: silvi report --from 2026-11-01 --until 2026-11-30 --xlsx november.xlsx

    Contoh: silvi report --year 2026 --out laporan/ --as-of 2026-12-31
    """
    if context.invoked_subcommand is not None:
        return
    if year is not None and out is not None:
        if first or last or as_json or xlsx:
            raise UnusableInput("--year tidak dipakai bersama --from, --until, --json, atau --xlsx")
        _write_year(year, out, as_of and as_of.date())
        return
    if year is not None or out is not None or as_of is not None:
        raise UnusableInput("laporan tahunan perlu --year dan --out")
    _show_period(first, last, as_json, xlsx)


@app.command(name="import")
def import_office_figures(
    file: Annotated[Path, typer.Argument(help="Berkas CSV angka kantor.")],
    data_date: Annotated[
        datetime | None, typer.Option(formats=["%Y-%m-%d"], help="Tanggal angka ini benar; bawaan: hari ini.")
    ] = None,
) -> None:
    """Masukkan angka kantor (penempatan, pemulangan, pengaduan, penegakan); semuanya atau tidak sama sekali.

    Untuk setiap tahun dan jenis angka di dalamnya, berkas ini menggantikan yang lama; yang lama tetap tersimpan.
    Bentuk berkas: docs/LAPORAN.md.

    Contoh: silvi report import docs/laporan-2020.csv --data-date 2020-12-16
    """
    from zoneinfo import ZoneInfo

    from bot.services import office_figures, office_file

    now = datetime.now(UTC)
    today = now.astimezone(ZoneInfo(load_settings().time_zone)).date()
    day = data_date.date() if data_date else today
    if day > today:
        raise UnusableInput("--data-date: belum sampai hari itu")
    try:
        read = office_file.read(file)
    except office_file.UnusableOfficeFile as error:
        raise UnusableInput("\n".join(f"{file}: {line}" for line in str(error).splitlines())) from error
    except OSError as error:
        raise UnusableInput(f"{file}: {error.strerror}") from error
    kept = in_database(lambda session: office_figures.publish(session, read, data_date=day, author="cli", now=now))
    typer.echo(f"{len(read.rows)} baris angka kantor disimpan sebagai versi {kept.number}, tanggal data {day}.")


def _write_year(year: int, folder: Path, as_of: date | None) -> None:
    from zoneinfo import ZoneInfo

    from bot.domain.figures import BadPeriod
    from bot.services import year_files, yearly

    zone, now = ZoneInfo(load_settings().time_zone), datetime.now(UTC)
    today = now.astimezone(zone).date()
    try:
        as_of = as_of or yearly.usual_day(year, today)
        found = in_database(lambda session: yearly.of(session, year, zone, as_of=as_of, now=now))
    except BadPeriod:
        raise UnusableInput(
            "--year dan --as-of: tahunnya 2001 sampai sekarang; --as-of tidak sebelum tahun itu dan paling akhir hari ini"
        ) from None
    try:
        written = year_files.write(found, folder)
    except OSError as error:
        raise UnusableInput(f"{folder}: {error.strerror}") from error
    for path in written:
        typer.echo(path)


def _show_period(first: datetime | None, last: datetime | None, as_json: bool, xlsx: Path | None) -> None:
    from zoneinfo import ZoneInfo

    from bot.domain.figures import BadPeriod, Figures, asked_period
    from bot.services import figures, knowledge_base
    from bot.texts import figures as words

    zone, now = ZoneInfo(load_settings().time_zone), datetime.now(UTC)
    try:
        period = asked_period(first and first.date(), last and last.date(), today=now.astimezone(zone).date())
    except BadPeriod:
        raise UnusableInput("--from dan --until: --from harus lebih dulu, dan tahunnya 2000 sampai 2100") from None

    async def counted(session: Session) -> tuple[Figures, dict[str, str]]:
        found = await figures.of(session, period, zone, now=now)
        return found, await knowledge_base.titles(session, found.entry_ids)

    found, titles = in_database(counted)
    offices = office_profile().names()
    if xlsx:
        try:
            xlsx.write_bytes(words.as_xlsx(period, words.sheet_rows(found, titles, offices)))
        except OSError as error:
            raise UnusableInput(f"{xlsx}: {error.strerror}") from error
        tell(f"Ditulis ke {xlsx}.")
    if as_json:
        typer.echo(json.dumps(words.as_json(found), ensure_ascii=False))
    elif not xlsx:
        typer.echo(words.as_text(found, titles, offices))
