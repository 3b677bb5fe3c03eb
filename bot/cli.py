"""The `silvi` command: every use of Silvi from a shell. Exit status 0 on success, 2 on unusable arguments or input."""

from __future__ import annotations

import asyncio
import json
import sys
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated

import typer
from pydantic import ValidationError

from bot import logs
from bot.commands import cases, content, database, model, officers, recruiters, report
from bot.commands.shared import (
    AsJson,
    Batch,
    Text,
    UnusableInput,
    WithoutNlu,
    beside,
    in_words,
    items_of,
    load_settings,
    print_results,
    tell,
)
from bot.storage.vault import WrongKey

app = typer.Typer(
    pretty_exceptions_enable=False,  # it would write to the screen past the masked log
    no_args_is_help=True,
    add_completion=False,
    help="Silvi: asisten untuk pekerja migran Indonesia.",
)
app.add_typer(content.app, name="kb")
app.add_typer(database.app, name="db")
app.add_typer(model.app, name="model")
app.add_typer(officers.officer, name="officer")
app.add_typer(officers.roster, name="roster")
app.add_typer(cases.app, name="cases")
app.add_typer(report.app, name="report")
app.add_typer(recruiters.app, name="recruiters")


def main() -> None:
    """Run the command; a mistake in what was given ends with status 2 and one line that says what is wrong."""
    logs.to_stderr()
    try:
        app()
    except (UnusableInput, ValidationError, WrongKey) as error:
        typer.echo(f"silvi: {in_words(error)}", err=True)
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

    settings = load_settings()
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

    items = items_of(text, batch, ("text", "turns"))
    print_results(answers(load_settings(), items, with_nlu=not without_nlu, tell=tell), as_json or batch, "answer")


@app.command()
def triage(text: Text = None, as_json: AsJson = False, batch: Batch = None, without_nlu: WithoutNlu = False) -> None:
    """Kenali maksud, kegawatan, dan hal yang disebut dalam sebuah pesan.

    Contoh: silvi triage "paspor saya ditahan majikan di Sibu"
    """
    from bot.batch import triages

    items = items_of(text, batch, ("text",))
    print_results(triages(load_settings(), items, with_nlu=not without_nlu, tell=tell), as_json or batch, None)


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

    items = items_of(name, batch, ("query",))
    print_results(
        recruiter_results(load_settings(), items, country=country, position=position), as_json or batch, "advice"
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
            Offer(item.get("id"), item.get("text") or "", beside(batch, item.get("image")), item.get("place", ""))
            for item in items_of(text, batch, ("text", "image"))
        ]
    for offer in offers:
        if offer.image is None and not offer.text.strip():
            raise UnusableInput(f"{offer.place}teks tawaran kosong")
    try:
        print_results(reports(load_settings(), offers, tell=tell), as_json or batch, "advice")
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
        asyncio.run(report(load_settings(), folder, plot, with_nlu=not without_nlu, tell=tell, show=typer.echo))
    except (UnusableLabels, OSError) as error:
        raise UnusableInput(str(error)) from error


@app.command()
def doctor(as_json: AsJson = False) -> None:
    """Periksa pengaturan, token, webhook, grup petugas, basis data, NLU, model, jam, dan disk; katakan cara memperbaikinya.

    Selesai dengan status 1 kalau ada yang rusak.

    Contoh: silvi doctor
    """
    from bot import checkup
    from bot.channels.telegram.checkup import check_telegram
    from bot.texts import doctor as words

    found = asyncio.run(checkup.findings(load_settings(), (*checkup.CHECKS, check_telegram)))
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
    tell(words.SUMMARY.format(broken=broken, warnings=warnings) if broken or warnings else words.ALL_WELL)
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

    settings = load_settings()
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

    settings = load_settings()
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
