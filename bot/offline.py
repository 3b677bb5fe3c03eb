"""Opens Silvi's parts for one command: the database, the index, and the NLU of a running service or one of its own."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from functools import partial

from sqlalchemy.exc import OperationalError

from bot.app import App, build
from bot.nlu_process import NluNotSetUp, NluProcess, rasa_command, read_address
from bot.secret_key import secret_keys
from bot.settings import Settings
from bot.storage import embedded
from bot.storage.database import Database, upgrade
from bot.storage.vault import Vault

NLU_STARTS_WITHIN_S = 120.0


def database_address(settings: Settings) -> str:
    """The database this installation uses, started where it is the embedded one, with its schema up to date.

    Raises ConnectionError where it does not answer, WrongKey where it was written with another key.
    """
    url = settings.database_url or embedded.start(settings.data_dir)
    try:
        upgrade(url, Vault(secret_keys(settings)))
    except OperationalError as error:
        raise ConnectionError(f"basis data tidak menjawab: {str(error.orig).splitlines()[0]}") from error
    return url


@asynccontextmanager
async def opened_database(settings: Settings) -> AsyncIterator[Database]:
    """Just the database."""
    url = await asyncio.to_thread(database_address, settings)
    db = Database(url, Vault(secret_keys(settings)))
    try:
        yield db
    finally:
        await db.close()


@asynccontextmanager
async def opened(settings: Settings, *, with_nlu: bool, tell: Callable[[str], None]) -> AsyncIterator[App]:
    """The parts of the service without its channels; without `with_nlu`, or where there is none, the NLU stays away."""
    url = await asyncio.to_thread(database_address, settings)
    stop = asyncio.Event()
    running: asyncio.Task | None = None
    nlu_url, token = settings.nlu_url, None
    process = None
    if with_nlu and not nlu_url:
        if address := read_address(settings.data_dir):
            nlu_url, token = address.url, address.token
        else:
            process = _own_process(settings, tell)
            token = process.token if process else None
    app = build(settings, database_url=url, nlu_url=nlu_url, nlu_token=token)
    try:
        if process:
            running = asyncio.create_task(process.run(stop, partial(setattr, app.nlu, "url")))
        await app.knowledge.load(app.db, tell=tell)
        if with_nlu and (nlu_url or process):
            await _until_ready(app, tell)
        yield app
    finally:
        stop.set()
        if running:
            await running
        await app.close()


def _own_process(settings: Settings, tell: Callable[[str], None]) -> NluProcess | None:
    try:
        return NluProcess(settings.data_dir, rasa_command())
    except NluNotSetUp as error:
        tell(f"Tanpa NLU: {error}")
        return None


async def _until_ready(app: App, tell: Callable[[str], None]) -> None:
    waited = 0.0
    while not await app.nlu.is_ready():
        if waited == 0:
            tell("Memulai NLU (sekitar 30 detik; lebih cepat bila `silvi run` sedang berjalan) ...")
        if waited > NLU_STARTS_WITHIN_S:
            tell("NLU tidak siap; lanjut tanpa NLU.")
            return
        await asyncio.sleep(0.5)
        waited += 0.5
