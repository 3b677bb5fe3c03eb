"""The process that sends: it shares outbox and bot with the service, and lives as long as that listens to it.

It is started by service.py, reads its settings from there, and tells it once a second what it sent: that is its sign of life.
"""

from __future__ import annotations

import asyncio
import json
import pickle
import signal
import sys
from dataclasses import dataclass

import uvloop

from bot import logs
from bot.channels.telegram.bot import build_bot, reach
from bot.channels.telegram.delivery import Delivery
from bot.channels.telegram.pauses import happens
from bot.post import Post
from bot.secret_key import secret_keys
from bot.settings import Settings
from bot.storage.database import Database
from bot.storage.vault import Vault

TELLS_EVERY_S = 1.0


@dataclass(frozen=True, slots=True)
class Orders:
    """What the service hands to the process, through a pipe: secrets stay off the command line and out of the environment."""

    settings: Settings
    database_url: str


def main() -> None:
    """Send until the service goes away or says so."""
    orders: Orders = pickle.load(sys.stdin.buffer)
    settings = orders.settings
    logs.to_stderr(settings.log_level, as_json=settings.log_format == "json", known_secrets=settings.secrets())
    post = Post(settings=settings, db=Database(orders.database_url, Vault(secret_keys(settings))))
    uvloop.run(_send(post))


async def _send(post: Post) -> None:
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    loop.add_signal_handler(signal.SIGTERM, stop.set)
    # Nothing more is written into the pipe: what can be read is its end, and the service closes it even when it is killed.
    loop.add_reader(sys.stdin.fileno(), stop.set)
    bot = build_bot(post.settings)
    sent: list[tuple[str, float]] = []
    try:
        if await reach(bot.initialize, stop):
            telling = asyncio.create_task(_tell(sent, stop))
            await Delivery(post, bot, stop=stop, note=lambda outcome, took_s: sent.append((outcome, took_s))).run()
            await telling
    finally:
        await bot.shutdown()
        await post.db.close()


async def _tell(sent: list[tuple[str, float]], stop: asyncio.Event) -> None:
    while True:
        line, sent[:] = json.dumps(sent), ()
        try:
            print(line, flush=True)
        except BrokenPipeError:  # nobody listens any more
            return
        if await happens(stop, TELLS_EVERY_S):
            return


if __name__ == "__main__":
    main()
