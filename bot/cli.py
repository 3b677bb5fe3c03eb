"""The `silvi` command: every use of Silvi from a shell. Exit status 0 on success, 2 on unusable arguments or input."""

from __future__ import annotations

import asyncio
import json
import sys
from collections.abc import Awaitable, Callable, Iterable, Iterator
from datetime import UTC, date, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal, TypeVar

import typer
from pydantic import ValidationError

from bot import logs
from bot.domain.cases import Role
from bot.settings import Settings
from bot.storage.vault import WrongKey

if TYPE_CHECKING:
    from bot.domain.case_file import CaseFile
    from bot.storage.database import Session
    from knowledge.office import OfficeProfile

Result = TypeVar("Result")

app = typer.Typer(
    pretty_exceptions_enable=False,  # it would write to the screen past the masked log
    no_args_is_help=True,
    add_completion=False,
    help="Silvi: asisten untuk pekerja migran Indonesia.",
)
kb = typer.Typer(no_args_is_help=True, help="Isi pengetahuan: periksa, masukkan, keluarkan, daftar.")
db = typer.Typer(no_args_is_help=True, help="Basis data.")
model = typer.Typer(no_args_is_help=True, help="Model bahasa.")
officer = typer.Typer(no_args_is_help=True, help="Petugas yang boleh menangani laporan.")
roster = typer.Typer(no_args_is_help=True, help="Jadwal jaga: siapa yang dipanggil lebih dulu.")
cases = typer.Typer(no_args_is_help=True, help="Laporan yang masuk.")
report = typer.Typer(invoke_without_command=True)
recruiters = typer.Typer(no_args_is_help=True, help="Daftar izin P3MI dan job order.")
app.add_typer(kb, name="kb")
app.add_typer(db, name="db")
app.add_typer(model, name="model")
app.add_typer(officer, name="officer")
app.add_typer(roster, name="roster")
app.add_typer(cases, name="cases")
app.add_typer(report, name="report")
app.add_typer(recruiters, name="recruiters")

Text = Annotated[str | None, typer.Argument(help="Teksnya; tanpa ini dibaca dari --batch.")]
AsJson = Annotated[bool, typer.Option("--json", help="Satu objek JSON per baris.")]
Batch = Annotated[Path | None, typer.Option(help="Berkas JSONL, satu objek per baris.")]
TelegramId = Annotated[int, typer.Option("--telegram-id", min=1, help="Nomor akun Telegram petugas.")]
HOUR_HELP = 'Tanggal dan jam kantor, misalnya "2026-12-01 08:00".'
Cpu = Literal["avx2", "avx512_vnni"]
WithoutNlu = Annotated[bool, typer.Option("--tanpa-nlu", help="Jangan pakai NLU (lebih cepat mulai).")]


class UnusableInput(Exception):
    """What was given cannot be used; the text names file, line and reason."""


def main() -> None:
    """Run the command; a mistake in what was given ends with status 2 and one line that says what is wrong."""
    logs.to_stderr()
    try:
        app()
    except (UnusableInput, ValidationError, WrongKey) as error:
        typer.echo(f"silvi: {_in_words(error)}", err=True)
        sys.exit(2)
    except ConnectionError as error:
        typer.echo(f"silvi: {error}", err=True)
        sys.exit(1)


@app.command()
def run(only: Annotated[str | None, typer.Option(help="Bagian yang dijalankan: web,telegram,worker.")] = None) -> None:
    """Jalankan layanan.

    Contoh: silvi run --only web,worker
    """
    import uvloop

    from bot.run import ALL, CannotStart
    from bot.run import run as serve

    settings = _settings()
    logs.to_stderr(settings.log_level, as_json=settings.log_format == "json", known_secrets=settings.secrets())
    try:
        uvloop.run(serve(settings, frozenset(only.split(",")) if only else ALL))
    except (CannotStart, ValueError) as error:
        raise UnusableInput(str(error)) from error


@app.command()
def ask(text: Text = None, as_json: AsJson = False, batch: Batch = None, without_nlu: WithoutNlu = False) -> None:
    """Tanya seperti orang bertanya di obrolan.

    Contoh: silvi ask "biaya ke taiwan brp kak"
    """
    from bot.batch import answers

    items = _items(text, batch, ("text", "turns"))
    _print_results(answers(_settings(), items, with_nlu=not without_nlu, tell=_tell), as_json or batch, "answer")


@app.command()
def triage(text: Text = None, as_json: AsJson = False, batch: Batch = None, without_nlu: WithoutNlu = False) -> None:
    """Kenali maksud, kegawatan, dan hal yang disebut dalam sebuah pesan.

    Contoh: silvi triage "paspor saya ditahan majikan di Sibu"
    """
    from bot.batch import triages

    items = _items(text, batch, ("text",))
    _print_results(triages(_settings(), items, with_nlu=not without_nlu, tell=_tell), as_json or batch, None)


@app.command()
def recruiter(
    name: Annotated[str | None, typer.Argument(help="Nama perekrut; tanpa ini dibaca dari --batch.")] = None,
    country: Annotated[str | None, typer.Option(help="Negara yang ditawarkan.")] = None,
    position: Annotated[str | None, typer.Option(help="Pekerjaan yang ditawarkan.")] = None,
    as_json: AsJson = False,
    batch: Batch = None,
) -> None:
    """Cek nama perekrut di daftar izin P3MI, juga job order-nya.

    Contoh: silvi recruiter "PT Contoh Karya Bersama" --country malaysia
    """
    from bot.batch import recruiter_results

    items = _items(name, batch, ("query",))
    _print_results(
        recruiter_results(_settings(), items, country=country, position=position), as_json or batch, "advice"
    )


@app.command(name="check-offer")
def check_offer(
    text: Text = None,
    image: Annotated[Path | None, typer.Option(help="Foto atau tangkapan layar; boleh bersama teks.")] = None,
    as_json: AsJson = False,
    batch: Batch = None,
) -> None:
    """Periksa tawaran kerja: tanda bahaya, perusahaan, nomor, dan apa yang harus dilakukan.

    Contoh: silvi check-offer "masuk pakai visa turis dulu, permit nanti diurus di sana"
    """
    from bot.offers import Offer, UnusableOffer, reports

    if image is not None and batch is not None:
        raise UnusableInput("beri --image atau --batch, jangan keduanya")
    if image is not None:
        offers = [Offer(None, text or "", image)]
    else:
        offers = [
            Offer(item.get("id"), item.get("text") or "", _beside(batch, item.get("image")), item.get("place", ""))
            for item in _items(text, batch, ("text", "image"))
        ]
    for offer in offers:
        if offer.image is None and not offer.text.strip():
            raise UnusableInput(f"{offer.place}teks tawaran kosong")
    try:
        _print_results(reports(_settings(), offers, tell=_tell), as_json or batch, "advice")
    except (UnusableOffer, ValueError) as error:
        raise UnusableInput(str(error)) from error


@app.command(name="eval")
def evaluate(
    folder: Annotated[
        Path | None, typer.Option(help="Folder berisi questions*.jsonl, multiturn*.jsonl, messages*.jsonl.")
    ] = None,
    plot: Annotated[Path | None, typer.Option(help="Tulis kurva risiko-cakupan ke berkas PNG ini.")] = None,
    without_nlu: WithoutNlu = False,
) -> None:
    """Ukur Silvi pada pertanyaan berjawaban, di samping tiga pembanding.

    Contoh: silvi eval --plot kurva.png
    """
    from bot.evaluation import report
    from knowledge.labelled import UnusableLabels

    try:
        asyncio.run(report(_settings(), folder, plot, with_nlu=not without_nlu, tell=_tell, show=typer.echo))
    except (UnusableLabels, OSError) as error:
        raise UnusableInput(str(error)) from error


@report.callback()
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


@report.command(name="import")
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
    today = now.astimezone(ZoneInfo(_settings().time_zone)).date()
    day = data_date.date() if data_date else today
    if day > today:
        raise UnusableInput("--data-date: belum sampai hari itu")
    try:
        read = office_file.read(file)
    except office_file.UnusableOfficeFile as error:
        raise UnusableInput("\n".join(f"{file}: {line}" for line in str(error).splitlines())) from error
    except OSError as error:
        raise UnusableInput(f"{file}: {error.strerror}") from error
    kept = _in_database(lambda session: office_figures.publish(session, read, data_date=day, author="cli", now=now))
    typer.echo(f"{len(read.rows)} baris angka kantor disimpan sebagai versi {kept.number}, tanggal data {day}.")


def _write_year(year: int, folder: Path, as_of: date | None) -> None:
    from zoneinfo import ZoneInfo

    from bot.domain.figures import BadPeriod
    from bot.services import year_files, yearly

    zone, now = ZoneInfo(_settings().time_zone), datetime.now(UTC)
    today = now.astimezone(zone).date()
    try:
        as_of = as_of or yearly.usual_day(year, today)
        found = _in_database(lambda session: yearly.of(session, year, zone, as_of=as_of, now=now))
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

    zone, now = ZoneInfo(_settings().time_zone), datetime.now(UTC)
    try:
        period = asked_period(first and first.date(), last and last.date(), today=now.astimezone(zone).date())
    except BadPeriod:
        raise UnusableInput("--from dan --until: --from harus lebih dulu, dan tahunnya 2000 sampai 2100") from None

    async def counted(session: Session) -> tuple[Figures, dict[str, str]]:
        found = await figures.of(session, period, zone, now=now)
        return found, await knowledge_base.titles(session, found.entry_ids)

    found, titles = _in_database(counted)
    offices = _office_profile().names()
    if xlsx:
        try:
            xlsx.write_bytes(words.as_xlsx(period, words.sheet_rows(found, titles, offices)))
        except OSError as error:
            raise UnusableInput(f"{xlsx}: {error.strerror}") from error
        _tell(f"Ditulis ke {xlsx}.")
    if as_json:
        typer.echo(json.dumps(words.as_json(found), ensure_ascii=False))
    elif not xlsx:
        typer.echo(words.as_text(found, titles, offices))


@kb.command()
def validate(
    folder: Annotated[Path | None, typer.Argument(help="Folder YAML; bawaan: isi yang ikut program.")] = None,
) -> None:
    """Periksa isi: sumber, nomor fakta, panjang, tanggal, keterbacaan.

    Contoh: silvi kb validate knowledge/content/faq
    """
    from knowledge.checklists import CHECKLISTS
    from knowledge.entries import CONTENT
    from knowledge.validation import check_checklists, check_folder

    known = {"office_file": _settings().office_file, "today": date.today()}
    problems = [] if folder else check_checklists(CHECKLISTS, **known)
    folder = folder or CONTENT / "faq"
    problems += check_folder(folder, **known)
    for problem in problems:
        typer.echo(problem)
    if problems:
        raise UnusableInput(f"{len(problems)} masalah di {folder}")
    typer.echo(f"{len(list(folder.glob('*.yaml')))} entri di {folder}: semua baik.")


@kb.command(name="import")
def import_entries(folder: Annotated[Path, typer.Argument(help="Folder YAML, satu berkas satu entri.")]) -> None:
    """Terbitkan entri dari sebuah folder; semuanya atau tidak sama sekali.

    Contoh: silvi kb import isi-baru/
    """
    from bot.offline import opened_database
    from bot.services import knowledge_base
    from knowledge.entries import load_entries
    from knowledge.validation import check_folder

    settings = _settings()
    published = asyncio.run(_published())
    problems = check_folder(folder, office_file=settings.office_file, today=date.today(), published=published)
    if problems or not list(folder.glob("*.yaml")):
        raise UnusableInput("\n".join(map(str, problems)) or f"tidak ada berkas .yaml di {folder}")

    async def publish() -> knowledge_base.Published:
        async with opened_database(settings) as database, database.transaction() as session:
            return await knowledge_base.publish(session, load_entries(folder), author="cli", now=datetime.now(UTC))

    done = asyncio.run(publish())
    typer.echo(f"{len(done.added)} entri baru, {len(done.changed)} diubah, {done.unchanged} tetap.")


@kb.command()
def export(folder: Annotated[Path, typer.Argument(help="Folder tujuan.")]) -> None:
    """Tulis semua entri yang terbit sebagai berkas YAML.

    Contoh: silvi kb export cadangan/
    """
    from knowledge.entries import write_entry

    entries = asyncio.run(_published())
    try:
        folder.mkdir(parents=True, exist_ok=True)
        for entry in entries:
            write_entry(entry, folder)
    except OSError as error:
        raise UnusableInput(f"{folder}: {error}") from error
    typer.echo(f"{len(entries)} entri ditulis ke {folder}.")


@kb.command(name="list")
def list_entries(as_json: AsJson = False) -> None:
    """Daftar entri yang terbit.

    Contoh: silvi kb list
    """
    for entry in asyncio.run(_published()):
        row = {
            "id": entry.id,
            "version": entry.version,
            "category": entry.category,
            "variants": len(entry.variants),
            "review_by": entry.review_by.isoformat(),
            "title": entry.title,
        }
        typer.echo(json.dumps(row, ensure_ascii=False) if as_json else "  ".join(f"{value}" for value in row.values()))


@db.command(name="upgrade")
def upgrade_database() -> None:
    """Bawa skema basis data ke versi terbaru.

    Contoh: silvi db upgrade
    """
    from bot.offline import database_address

    database_address(_settings())
    typer.echo("Skema basis data sudah versi terbaru.")


@db.command(name="rotate-key")
def rotate_key() -> None:
    """Sandikan ulang semua isi dengan SILVI_SECRET_KEY yang baru; yang lama ditulis di SILVI_SECRET_KEY_OLD.

    Contoh: silvi db rotate-key
    """
    from bot.offline import database_address
    from bot.secret_key import secret_keys
    from bot.storage.database import engine_with
    from bot.storage.tables import Base
    from bot.storage.vault import Vault, renew_all

    settings = _settings()
    vault = Vault(secret_keys(settings))
    engine = engine_with(vault, database_address(settings))
    with engine.connect() as connection:
        renewed = renew_all(connection, vault, Base.metadata, _tell)
    engine.dispose()
    typer.echo(f"{renewed} baris disandikan dengan kunci baru. SILVI_SECRET_KEY_OLD boleh dikosongkan.")


@app.command()
def doctor(as_json: AsJson = False) -> None:
    """Periksa pengaturan, token, webhook, grup petugas, basis data, NLU, model, jam, dan disk; katakan cara memperbaikinya.

    Selesai dengan status 1 kalau ada yang rusak.

    Contoh: silvi doctor
    """
    from bot import checkup
    from bot.channels.telegram.checkup import check_telegram
    from bot.texts import doctor as words

    found = asyncio.run(checkup.findings(_settings(), (*checkup.CHECKS, check_telegram)))
    for one in found:
        if as_json:
            shown = {"part": one.part, "state": one.state, "told": one.told, "mend": one.mend}
            typer.echo(json.dumps(shown, ensure_ascii=False))
            continue
        typer.echo(f"{words.MARKS[one.state]} {one.part}: {one.told}")
        if one.mend:
            typer.echo(words.MEND.format(mend=one.mend))
    counts = {state: sum(one.state is state for one in found) for state in checkup.State}
    broken, warnings = counts[checkup.State.BROKEN], counts[checkup.State.WARNING]
    _tell(words.SUMMARY.format(broken=broken, warnings=warnings) if broken or warnings else words.ALL_WELL)
    if broken:
        raise typer.Exit(1)


@app.command()
def backup(
    file: Annotated[Path, typer.Argument(help="Berkas cadangan yang ditulis.")],
    show_key: Annotated[
        bool, typer.Option("--show-key", help="Tampilkan juga kunci kantor, untuk disimpan di tempat lain.")
    ] = False,
) -> None:
    """Simpan seluruh basis data ke satu berkas, disandikan dengan kunci kantor. Layanan boleh tetap berjalan.

    Tanpa kuncinya berkas ini tidak bisa dibuka: simpan kunci di tempat lain.

    Contoh: silvi backup cadangan-2026-11-24.silvi
    """
    from bot.offline import database_address
    from bot.secret_key import secret_keys
    from bot.storage import backup as backups
    from bot.storage.vault import Vault

    settings = _settings()
    if file.exists():
        raise UnusableInput(f"{file}: sudah ada; pilih nama lain")
    keys, url, now = secret_keys(settings), database_address(settings), datetime.now(UTC)
    try:
        made = backups.save(url, Vault(keys), file, key=keys[0], office_file=settings.office_file, now=now)
    except OSError as error:
        raise UnusableInput(f"{file}: {error.strerror}") from error
    typer.echo(f"{sum(made.rows.values())} baris dari {len(made.rows)} tabel disimpan ke {file}.")
    if show_key:
        typer.echo(f"SILVI_SECRET_KEY={keys[0]}")


@app.command()
def restore(file: Annotated[Path, typer.Argument(help="Berkas dari `silvi backup`.")]) -> None:
    """Pulihkan cadangan ke basis data kosong; semuanya atau tidak sama sekali.

    SILVI_SECRET_KEY harus kunci yang dipakai saat cadangan dibuat.

    Contoh: SILVI_DATA_DIR=data-baru silvi restore cadangan-2026-11-24.silvi
    """
    from bot.secret_key import secret_keys
    from bot.storage import backup as backups
    from bot.storage import embedded
    from bot.storage.sealed import Unreadable
    from bot.storage.vault import Vault

    settings = _settings()
    keys, office_file = secret_keys(settings), settings.data_dir / "office.yaml"
    try:
        with file.open("rb") as source:
            url = settings.database_url or embedded.start(settings.data_dir)
            made = backups.restore(url, Vault(keys), source, keys=keys, office_file_to=office_file)
    except (Unreadable, backups.NotEmpty) as error:
        raise UnusableInput(f"{file}: {error}") from error
    except OSError as error:
        raise UnusableInput(f"{file}: {error.strerror}") from error
    typer.echo(f"{sum(made.rows.values())} baris dari {len(made.rows)} tabel dipulihkan (cadangan {made.made_at}).")
    if made.has_office_file:
        typer.echo(f"Profil kantor ada di {office_file}: tulis sebagai SILVI_OFFICE_FILE.")


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
    if office is not None and office not in (known := _office_profile().offices):
        raise UnusableInput(f"--office {office}: tidak ada di profil kantor; ada {', '.join(known)}")

    async def add(session: Session) -> tuple[bool, str | None]:
        is_new = await officers.add(session, telegram_id, name, role, office=office, now=now)
        if role is not Role.ADMIN:
            return is_new, None
        return is_new, await sign_in.make_link(session, await officers.by_telegram_id(session, telegram_id), now=now)

    is_new, token = _in_database(add)
    typer.echo(f"{name} ({role}) {'didaftarkan' if is_new else 'diubah'}.")
    if token:
        typer.echo(f"Masuk ke konsol (5 menit, sekali pakai): {link(_settings().web_address, token)}")


@officer.command(name="list")
def list_officers(as_json: AsJson = False) -> None:
    """Daftar petugas.

    Contoh: silvi officer list
    """
    from bot.services import officers

    for row in _in_database(officers.active):
        shown = {"telegram_id": row.telegram_id, "name": row.name, "role": row.role, "office": row.office}
        _print_row(shown, as_json)


@officer.command(name="remove")
def remove_officer(telegram_id: TelegramId) -> None:
    """Cabut hak seorang petugas; namanya tetap ada di riwayat laporan.

    Contoh: silvi officer remove --telegram-id 123456789
    """
    from bot.services import officers

    removed = _in_database(lambda session: officers.remove(session, telegram_id, now=datetime.now(UTC)))
    if removed is None:
        raise UnusableInput(f"--telegram-id {telegram_id}: tidak ada petugas dengan nomor ini")
    typer.echo(f"{removed.name} bukan petugas lagi.")


@cases.command(name="list")
def list_cases(as_json: AsJson = False) -> None:
    """Laporan yang belum selesai, yang paling gawat di atas; cerita dan kontak tidak ditampilkan.

    Contoh: silvi cases list
    """
    from bot.services.case_queue import open_cases

    now, overdue = datetime.now(UTC), 0
    for case in _in_database(open_cases):
        overdue += case.due_at is not None and case.due_at <= now
        shown = {
            "number": case.number,
            "urgency": case.urgency,
            "state": case.state,
            "category": case.category,
            "country": case.country,
            "office": case.office,
            "due_at": case.due_at and _shown_moment(case.due_at, as_json),
        }
        _print_row(shown, as_json)
    if overdue:
        _tell(f"{overdue} laporan sudah lewat batas waktunya.")


@cases.command(name="show")
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

    file = _in_database(opened)
    if as_json:
        typer.echo(json.dumps(asdict(file), ensure_ascii=False, default=lambda moment: moment.isoformat()))
    else:
        typer.echo(as_text(file, ZoneInfo(_settings().time_zone)))


@cases.command(name="referrals")
def list_referrals(as_json: AsJson = False) -> None:
    """Rujukan yang belum dijawab lembaganya, yang paling lama lewat batas di atas.

    Contoh: silvi cases referrals
    """
    from bot.services.referrals import open_referrals

    for waiting in _in_database(open_referrals):
        referral = waiting.referral
        shown = {
            "case": waiting.case_number,
            "agency": referral.agency,
            "letter": referral.letter_number,
            "due_at": _shown_moment(referral.due_at, as_json),
        }
        _print_row(shown, as_json)


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

    starts_at, ends_at = _office_moment(starts, "--from"), _office_moment(ends, "--until")
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

    number, name = _in_database(add)
    typer.echo(f"{name} jaga {_shown_moment(starts_at)} sampai {_shown_moment(ends_at)} (nomor {number}).")


@roster.command(name="list")
def list_duties(as_json: AsJson = False) -> None:
    """Jadwal jaga sekarang dan berikutnya.

    Contoh: silvi roster list
    """
    from datetime import UTC, datetime

    from bot.services import roster as duties

    now = datetime.now(UTC)
    for duty, officer in _in_database(lambda session: duties.not_over(session, now)):
        shown = {
            "id": duty.id,
            "telegram_id": officer.telegram_id,
            "name": officer.name,
            "office": officer.office,
            "from": _shown_moment(duty.starts_at, as_json),
            "until": _shown_moment(duty.ends_at, as_json),
        }
        _print_row(shown, as_json)


@roster.command(name="remove")
def remove_duty(number: Annotated[int, typer.Argument(min=1, help="Nomor dari `silvi roster list`.")]) -> None:
    """Hapus satu jadwal jaga.

    Contoh: silvi roster remove 3
    """
    from bot.services import roster as duties

    if _in_database(lambda session: duties.remove(session, number)) is None:
        raise UnusableInput(f"{number}: tidak ada jadwal dengan nomor ini")
    typer.echo(f"Jadwal {number} dihapus.")


@recruiters.command(name="import")
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

    zone = ZoneInfo(_settings().time_zone)
    today = datetime.now(zone).date()
    day = data_date.date() if data_date else today
    if day > today:
        raise UnusableInput(words.DATE_AHEAD)
    try:
        read = read_registry(file)
        seen = _in_database(lambda session: service.changes(session, read))
        typer.echo(
            words.preview(seen, file_name=file.name, encoding=read.encoding, unused=read.unused_columns, data_date=day)
        )
        if not yes and sys.stdin.isatty() and not typer.confirm(words.SAVE):
            typer.echo(words.NOT_SAVED)
            return
        now = datetime.now(UTC)
        _in_database(
            lambda session: service.publish(session, read, seen, data_date=day, author="cli", zone=zone, now=now)
        )
    except UnusableRegistry as error:
        raise UnusableInput("\n".join(f"{file}: {line}" for line in str(error).splitlines())) from error
    except OSError as error:
        raise UnusableInput(f"{file}: {error.strerror}") from error
    except service.RegistryChanged as error:
        raise UnusableInput(words.CHANGED_MEANWHILE) from error
    typer.echo(words.IN_FORCE)


@model.command(name="build")
def build_model(
    cpu: Annotated[Cpu | None, typer.Option(help="Prosesor tujuan; avx2 jalan di mana saja.")] = None,
    plain: Annotated[bool, typer.Option("--plain", help="Tanpa penyesuaian bahasa, ke folder sebelahnya.")] = False,
) -> None:
    """Buat model bahasa dari paket yang terpasang, atau dari SILVI_EMBEDDING_MODEL.

    Contoh: silvi model build
    """
    from bot.services.knowledge_base import model_folder
    from knowledge import bundled_model

    settings = _settings()
    folder = model_folder(settings)
    instructions = bundled_model.InstructionSet(cpu) if cpu else None
    if plain and settings.embedding_model is not None:
        raise UnusableInput("--plain hanya untuk model bawaan: kosongkan SILVI_EMBEDDING_MODEL")
    if plain:
        plain_folder = folder.with_name(f"{folder.name}-plain")
        bundled_model.build(plain_folder, adapter=None, instructions=instructions, tell=_tell)
    elif settings.embedding_model is None:
        bundled_model.build(folder, instructions=instructions, tell=_tell)
    else:
        bundled_model.convert(settings.embedding_model, folder, instructions=instructions, tell=_tell)


@model.command()
def learn() -> None:
    """Pelajari isi pengetahuan dengan model bahasa, supaya layanan mulai dalam hitungan detik.

    Contoh: silvi model learn
    """
    from bot.services.knowledge_base import model_folder
    from knowledge.base import KnowledgeBase
    from knowledge.embedder import Embedder, ModelMissing
    from knowledge.entries import CONTENT, load_entries
    from knowledge.office import load_office
    from knowledge.red_flags.learned import FLAGS_FILE
    from knowledge.red_flags.learned import load_or_learn as learn_flags

    settings = _settings()
    folder = model_folder(settings)
    try:
        base = KnowledgeBase.build(
            load_entries(CONTENT / "faq"), Embedder(folder), load_office(settings.office_file), [folder], tell=_tell
        )
    except ModelMissing as error:
        raise UnusableInput(str(error)) from error
    learn_flags(base.embedder, [folder / FLAGS_FILE], tell=_tell)
    typer.echo(json.dumps(base.learned.report))


def _in_database(work: Callable[[Session], Awaitable[Result]]) -> Result:
    """What `work` returns, done in one transaction."""
    from bot.offline import opened_database

    async def done() -> Result:
        async with opened_database(_settings()) as database, database.transaction() as session:
            return await work(session)

    return asyncio.run(done())


async def _published():
    from bot.offline import opened_database
    from bot.services import knowledge_base
    from knowledge.entries import CONTENT, load_entries

    async with opened_database(_settings()) as database, database.transaction() as session:
        entries = await knowledge_base.published_entries(session)
        return entries or load_entries(CONTENT / "faq")


def _settings() -> Settings:
    return Settings()


def _office_profile() -> OfficeProfile:
    from knowledge.office import load_office

    try:
        return load_office(_settings().office_file)
    except (OSError, ValueError) as error:
        raise UnusableInput(str(error)) from error


def _office_moment(written: str, option: str) -> datetime:
    """A moment as the office writes it, by its own clock."""
    from datetime import datetime
    from zoneinfo import ZoneInfo

    try:
        return datetime.strptime(written.strip(), "%Y-%m-%d %H:%M").replace(tzinfo=ZoneInfo(_settings().time_zone))
    except ValueError:
        raise UnusableInput(f'{option} {written}: tulis tanggal dan jam seperti "2026-12-01 08:00"') from None


def _shown_moment(at: datetime, as_json: bool = False) -> str:
    """By the office's clock, for a person or for a program."""
    from zoneinfo import ZoneInfo

    from bot.texts.formats import moment

    zone = ZoneInfo(_settings().time_zone)
    return at.astimezone(zone).isoformat() if as_json else moment(at, zone)


def _print_row(shown: dict, as_json: bool) -> None:
    """One line of a list."""
    typer.echo(
        json.dumps(shown, ensure_ascii=False) if as_json else "  ".join(str(value or "-") for value in shown.values())
    )


def _items(text: str | None, batch: Path | None, keys: tuple[str, ...]) -> list[dict]:
    """The things to work on: the one text, or the lines of the batch file, each with its place for errors."""
    if (text is None) == (batch is None):
        raise UnusableInput("beri satu teks, atau --batch BERKAS")
    if text is not None:
        return [{"id": None, keys[0]: text}]
    try:
        lines = batch.read_text(encoding="utf-8").splitlines()
    except (OSError, UnicodeDecodeError) as error:
        raise UnusableInput(f"{batch}: {error}") from error
    return list(_parsed(lines, batch, keys))


def _parsed(lines: Iterable[str], path: Path, keys: tuple[str, ...]) -> Iterator[dict]:
    for number, line in enumerate(lines, 1):
        if not line.strip():
            continue
        try:
            item = json.loads(line)
        except ValueError as error:
            raise UnusableInput(f"{path}, baris {number}: bukan JSON ({error})") from error
        if not isinstance(item, dict) or not any(_is_usable(item.get(key), key) for key in keys):
            raise UnusableInput(f"{path}, baris {number}: perlu objek dengan {' atau '.join(keys)}")
        yield item | {"place": f"{path}, baris {number}: "}


def _beside(batch: Path | None, name: str | None) -> Path | None:
    """A file named in a batch: found from here, else from where the batch file stands."""
    if not name:
        return None
    here = Path(name)
    return here if batch is None or here.exists() else batch.parent / here


def _is_usable(value: object, key: str) -> bool:
    if key == "turns":
        return (
            isinstance(value, list)
            and bool(value)
            and all(isinstance(turn, dict) and isinstance(turn.get("user"), str) for turn in value)
        )
    return isinstance(value, str)


def _print_results(results, as_json: object, main_key: str | None) -> None:
    """Each result as it comes: JSON lines, or for a person the main text alone."""

    async def show() -> None:
        async for result in results:
            if as_json or main_key is None:
                typer.echo(json.dumps(result, ensure_ascii=False))
            else:
                typer.echo(result[main_key])

    asyncio.run(show())


def _tell(text: str) -> None:
    typer.echo(text, err=True)


def _in_words(error: Exception) -> str:
    if isinstance(error, ValidationError):
        return "; ".join(f"SILVI_{str(item['loc'][0]).upper()}: {item['msg']}" for item in error.errors())
    return str(error)
