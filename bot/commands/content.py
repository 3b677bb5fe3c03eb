"""`silvi kb`: the entries that answer."""

from __future__ import annotations

import asyncio
import json
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Annotated

import typer

from bot.commands.shared import (
    AsJson,
    UnusableInput,
    load_settings,
)

app = typer.Typer(no_args_is_help=True, help="Isi pengetahuan: periksa, masukkan, keluarkan, daftar.")


@app.command()
def validate(
    folder: Annotated[Path | None, typer.Argument(help="Folder YAML; bawaan: isi yang ikut program.")] = None,
) -> None:
    """Periksa isi: sumber, nomor fakta, panjang, tanggal, keterbacaan.

    Contoh: silvi kb validate knowledge/content/faq
    """
    from knowledge.checklists import CHECKLISTS
    from knowledge.entries import CONTENT
    from knowledge.validation import check_checklists, check_folder

    known = {"office_file": load_settings().office_file, "today": date.today()}
    problems = [] if folder else check_checklists(CHECKLISTS, **known)
    folder = folder or CONTENT / "faq"
    problems += check_folder(folder, **known)
    for problem in problems:
        typer.echo(problem)
    if problems:
        raise UnusableInput(f"{len(problems)} masalah di {folder}")
    typer.echo(f"{len(list(folder.glob('*.yaml')))} entri di {folder}: semua baik.")


@app.command(name="import")
def import_entries(folder: Annotated[Path, typer.Argument(help="Folder YAML, satu berkas satu entri.")]) -> None:
    """Terbitkan entri dari sebuah folder; semuanya atau tidak sama sekali.

    Contoh: silvi kb import isi-baru/
    """
    from bot.offline import opened_database
    from bot.services import knowledge_base
    from knowledge.entries import load_entries
    from knowledge.validation import check_folder

    settings = load_settings()
    published = asyncio.run(_published())
    problems = check_folder(folder, office_file=settings.office_file, today=date.today(), published=published)
    if problems or not list(folder.glob("*.yaml")):
        raise UnusableInput("\n".join(map(str, problems)) or f"tidak ada berkas .yaml di {folder}")

    async def publish() -> knowledge_base.Published:
        async with opened_database(settings) as database, database.transaction() as session:
            return await knowledge_base.publish(session, load_entries(folder), author="cli", now=datetime.now(UTC))

    done = asyncio.run(publish())
    typer.echo(f"{len(done.added)} entri baru, {len(done.changed)} diubah, {done.unchanged} tetap.")


@app.command()
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


@app.command(name="list")
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


async def _published():
    from bot.offline import opened_database
    from bot.services import knowledge_base
    from knowledge.entries import CONTENT, load_entries

    async with opened_database(load_settings()) as database, database.transaction() as session:
        entries = await knowledge_base.published_entries(session)
        return entries or load_entries(CONTENT / "faq")
