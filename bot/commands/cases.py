"""`silvi cases`: the reports that came in."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Annotated

import typer

from bot.commands.shared import (
    AsJson,
    UnusableInput,
    in_database,
    load_settings,
    print_row,
    shown_moment,
    tell,
)

if TYPE_CHECKING:
    from bot.domain.case_file import CaseFile
    from bot.storage.database import Session

app = typer.Typer(no_args_is_help=True, help="Laporan yang masuk.")


@app.command(name="list")
def list_cases(as_json: AsJson = False) -> None:
    """Laporan yang belum selesai, yang paling gawat di atas; cerita dan kontak tidak ditampilkan.

    Contoh: silvi cases list
    """
    from bot.services.case_queue import open_cases

    now, overdue = datetime.now(UTC), 0
    for case in in_database(open_cases):
        overdue += case.due_at is not None and case.due_at <= now
        shown = {
            "number": case.number,
            "urgency": case.urgency,
            "state": case.state,
            "category": case.category,
            "country": case.country,
            "office": case.office,
            "due_at": case.due_at and shown_moment(case.due_at, as_json),
        }
        print_row(shown, as_json)
    if overdue:
        tell(f"{overdue} laporan sudah lewat batas waktunya.")


@app.command(name="show")
def show_case(
    number: Annotated[str, typer.Argument(help="Nomor laporan.")],
    officer: Annotated[int, typer.Option("--officer", min=1, help="Nomor akun Telegram petugas yang membaca.")],
    as_json: AsJson = False,
) -> None:
    """Seluruh isi satu laporan: lengkap untuk yang memegangnya dan penyelia, tersamar untuk petugas lain.

    Siapa yang membaca dicatat dalam riwayat laporan.

    Contoh: silvi cases show SLV-2026-000123 --officer 123456789
    """
    from dataclasses import asdict
    from datetime import UTC, datetime
    from zoneinfo import ZoneInfo

    from bot.services import case_file, officers
    from bot.services import cases as case_service
    from bot.texts.case_file import as_text

    async def opened(session: Session) -> CaseFile:
        case = await case_service.by_number(session, number.strip().upper())
        if case is None:
            raise UnusableInput(f"{number}: tidak ada laporan dengan nomor ini")
        reader = await officers.by_telegram_id(session, officer)
        if reader is None:
            raise UnusableInput(f"--officer {officer}: tidak ada petugas dengan nomor ini")
        return await case_file.read(session, case, reader, now=datetime.now(UTC))

    file = in_database(opened)
    if as_json:
        typer.echo(json.dumps(asdict(file), ensure_ascii=False, default=lambda moment: moment.isoformat()))
    else:
        typer.echo(as_text(file, ZoneInfo(load_settings().time_zone)))


@app.command(name="referrals")
def list_referrals(as_json: AsJson = False) -> None:
    """Rujukan yang belum dijawab lembaganya, yang paling lama lewat batas di atas.

    Contoh: silvi cases referrals
    """
    from bot.services.referrals import open_referrals

    for waiting in in_database(open_referrals):
        referral = waiting.referral
        shown = {
            "case": waiting.case_number,
            "agency": referral.agency,
            "letter": referral.letter_number,
            "due_at": shown_moment(referral.due_at, as_json),
        }
        print_row(shown, as_json)
