"""`silvi db`: the schema and the key."""

from __future__ import annotations

import typer

from bot.commands.shared import (
    load_settings,
    tell,
)

app = typer.Typer(no_args_is_help=True, help="Basis data.")


@app.command(name="upgrade")
def upgrade_database() -> None:
    """Bawa skema basis data ke versi terbaru.

    Contoh: silvi db upgrade
    """
    from bot.offline import database_address

    database_address(load_settings())
    typer.echo("Skema basis data sudah versi terbaru.")


@app.command(name="rotate-key")
def rotate_key() -> None:
    """Sandikan ulang semua isi dengan SILVI_SECRET_KEY yang baru; yang lama ditulis di SILVI_SECRET_KEY_OLD.

    Contoh: silvi db rotate-key
    """
    from bot.offline import database_address
    from bot.secret_key import secret_keys
    from bot.storage.database import engine_with
    from bot.storage.tables import Base
    from bot.storage.vault import Vault, renew_all

    settings = load_settings()
    vault = Vault(secret_keys(settings))
    engine = engine_with(vault, database_address(settings))
    with engine.connect() as connection:
        renewed = renew_all(connection, vault, Base.metadata, tell)
    engine.dispose()
    typer.echo(f"{renewed} baris disandikan dengan kunci baru. SILVI_SECRET_KEY_OLD boleh dikosongkan.")
