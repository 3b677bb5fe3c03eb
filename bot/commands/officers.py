"""`silvi officer` and `silvi roster`: who may act on reports, and who is called first."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING, Annotated

import typer

from bot.commands.shared import (
    HOUR_HELP,
    AsJson,
    TelegramId,
    UnusableInput,
    in_database,
    load_settings,
    office_moment,
    office_profile,
    print_row,
    shown_moment,
)
from bot.domain.cases import Role

if TYPE_CHECKING:
    from bot.storage.database import Session

officer = typer.Typer(no_args_is_help=True, help="Petugas yang boleh menangani laporan.")
roster = typer.Typer(no_args_is_help=True, help="Jadwal jaga: siapa yang dipanggil lebih dulu.")


@officer.command(name="add")
def add_officer(
    telegram_id: TelegramId,
    name: Annotated[str, typer.Option(help="Nama yang dilihat rekan kerja.")],
    role: Annotated[Role, typer.Option(help="Peran.")],
    office: Annotated[str | None, typer.Option(help="Kantornya di profil kantor; kosong: semua kantor.")] = None,
) -> None:
    """Daftarkan petugas, atau ubah nama, peran, dan kantornya; seorang admin mendapat tautan masuk ke konsol.

    Contoh: silvi officer add --telegram-id 123456789 --name "Budi" --role officer --office p4mi_sambas
    """
    from bot.services import officers, sign_in
    from bot.texts.console import link

    name, now = name.strip(), datetime.now(UTC)
    if not 1 <= len(name) <= 100:
        raise UnusableInput("--name: isi 1 sampai 100 huruf")
    if office is not None and office not in (known := office_profile().offices):
        raise UnusableInput(f"--office {office}: tidak ada di profil kantor; ada {', '.join(known)}")

    async def add(session: Session) -> tuple[bool, str | None]:
        is_new = await officers.add(session, telegram_id, name, role, office=office, now=now)
        if role is not Role.ADMIN:
            return is_new, None
        return is_new, await sign_in.make_link(session, await officers.by_telegram_id(session, telegram_id), now=now)

    is_new, token = in_database(add)
    typer.echo(f"{name} ({role}) {'didaftarkan' if is_new else 'diubah'}.")
    if token:
        typer.echo(f"Masuk ke konsol (5 menit, sekali pakai): {link(load_settings().web_address, token)}")


@officer.command(name="list")
def list_officers(as_json: AsJson = False) -> None:
    """Daftar petugas.

    Contoh: silvi officer list
    """
    from bot.services import officers

    for row in in_database(officers.active):
        shown = {"telegram_id": row.telegram_id, "name": row.name, "role": row.role, "office": row.office}
        print_row(shown, as_json)


@officer.command(name="remove")
def remove_officer(telegram_id: TelegramId) -> None:
    """Cabut hak seorang petugas; namanya tetap ada di riwayat laporan.

    Contoh: silvi officer remove --telegram-id 123456789
    """
    from bot.services import officers

    removed = in_database(lambda session: officers.remove(session, telegram_id, now=datetime.now(UTC)))
    if removed is None:
        raise UnusableInput(f"--telegram-id {telegram_id}: tidak ada petugas dengan nomor ini")
    typer.echo(f"{removed.name} bukan petugas lagi.")


@roster.command(name="add")
def add_duty(
    telegram_id: TelegramId,
    starts: Annotated[str, typer.Option("--from", help=HOUR_HELP)],
    ends: Annotated[str, typer.Option("--until", help=HOUR_HELP)],
) -> None:
    """Jadwalkan seorang petugas jaga. Jadwal boleh bertumpuk: semuanya dipanggil.

    Contoh: silvi roster add --telegram-id 123456789 --from "2026-12-01 08:00" --until "2026-12-08 08:00"
    """
    from datetime import UTC, datetime

    from bot.services import officers
    from bot.services import roster as duties

    starts_at, ends_at = office_moment(starts, "--from"), office_moment(ends, "--until")
    if ends_at <= datetime.now(UTC):
        raise UnusableInput(f"--until {ends}: sudah lewat")

    async def add(session: Session) -> tuple[int, str]:
        officer = await officers.by_telegram_id(session, telegram_id)
        if officer is None:
            raise UnusableInput(f"--telegram-id {telegram_id}: tidak ada petugas dengan nomor ini")
        try:
            return (await duties.add(session, officer, starts_at, ends_at)).id, officer.name
        except duties.DutyEndsBeforeItBegins:
            raise UnusableInput("--until: harus sesudah --from") from None

    number, name = in_database(add)
    typer.echo(f"{name} jaga {shown_moment(starts_at)} sampai {shown_moment(ends_at)} (nomor {number}).")


@roster.command(name="list")
def list_duties(as_json: AsJson = False) -> None:
    """Jadwal jaga sekarang dan berikutnya.

    Contoh: silvi roster list
    """
    from datetime import UTC, datetime

    from bot.services import roster as duties

    now = datetime.now(UTC)
    for duty, officer in in_database(lambda session: duties.not_over(session, now)):
        shown = {
            "id": duty.id,
            "telegram_id": officer.telegram_id,
            "name": officer.name,
            "office": officer.office,
            "from": shown_moment(duty.starts_at, as_json),
            "until": shown_moment(duty.ends_at, as_json),
        }
        print_row(shown, as_json)


@roster.command(name="remove")
def remove_duty(number: Annotated[int, typer.Argument(min=1, help="Nomor dari `silvi roster list`.")]) -> None:
    """Hapus satu jadwal jaga.

    Contoh: silvi roster remove 3
    """
    from bot.services import roster as duties

    if in_database(lambda session: duties.remove(session, number)) is None:
        raise UnusableInput(f"{number}: tidak ada jadwal dengan nomor ini")
    typer.echo(f"Jadwal {number} dihapus.")
