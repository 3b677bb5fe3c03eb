"""`silvi model`: the encoder and what it learns."""

from __future__ import annotations

import json
from typing import Annotated, Literal

import typer

from bot.commands.shared import (
    UnusableInput,
    load_settings,
    tell,
)

app = typer.Typer(no_args_is_help=True, help="Model bahasa.")
Cpu = Literal["avx2", "avx512_vnni"]


@app.command(name="build")
def build_model(
    cpu: Annotated[Cpu | None, typer.Option(help="Prosesor tujuan; avx2 jalan di mana saja.")] = None,
    plain: Annotated[bool, typer.Option("--plain", help="Tanpa penyesuaian bahasa, ke folder sebelahnya.")] = False,
) -> None:
    """Buat model bahasa dari paket yang terpasang, atau dari SILVI_EMBEDDING_MODEL.

    Contoh: silvi model build
    """
    from bot.services.knowledge_base import model_folder
    from knowledge import bundled_model

    settings = load_settings()
    folder = model_folder(settings)
    instructions = bundled_model.InstructionSet(cpu) if cpu else None
    if plain and settings.embedding_model is not None:
        raise UnusableInput("--plain hanya untuk model bawaan: kosongkan SILVI_EMBEDDING_MODEL")
    if plain:
        plain_folder = folder.with_name(f"{folder.name}-plain")
        bundled_model.build(plain_folder, adapter=None, instructions=instructions, tell=tell)
    elif settings.embedding_model is None:
        bundled_model.build(folder, instructions=instructions, tell=tell)
    else:
        bundled_model.convert(settings.embedding_model, folder, instructions=instructions, tell=tell)


@app.command()
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

    settings = load_settings()
    folder = model_folder(settings)
    try:
        base = KnowledgeBase.build(
            load_entries(CONTENT / "faq"), Embedder(folder), load_office(settings.office_file), [folder], tell=tell
        )
    except ModelMissing as error:
        raise UnusableInput(str(error)) from error
    learn_flags(base.embedder, [folder / FLAGS_FILE], tell=tell)
    typer.echo(json.dumps(base.learned.report))
