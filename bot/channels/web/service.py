"""Runs the web pages inside the service's own event loop."""

from __future__ import annotations

import asyncio
import logging
import socket
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import uvicorn
from starlette.applications import Starlette

from bot.app import App
from bot.channels.web.application import build
from bot.settings import host_and_port

logger = logging.getLogger(__name__)

STOP_WITHIN_S = 5


class _Server(uvicorn.Server):
    """A server that leaves the signals to the service, which stops all its parts in order."""

    @contextmanager
    def capture_signals(self) -> Iterator[None]:
        yield


async def run(app: App, stop: asyncio.Event) -> None:
    """Serve the web pages until `stop` is set; raises OSError when the address is taken."""
    site = build(app)
    listener = listen_on(app.settings.web_listen)
    host, port = listener.getsockname()[:2]
    logger.info("Web chat: http://%s:%s", host, port)
    await serve(site, listener, stop, before_stop=site.state.close_pages)


async def serve(
    site: Starlette, listener: socket.socket, stop: asyncio.Event, *, before_stop: Callable[[], None] = lambda: None
) -> None:
    """Serve `site` on an open listener until `stop` is set; `before_stop` lets answers without an end come to one."""
    config = uvicorn.Config(
        site, log_config=None, access_log=False, server_header=False, timeout_graceful_shutdown=STOP_WITHIN_S
    )
    server = _Server(config)
    serving = asyncio.create_task(server.serve(sockets=[listener]))
    stopping = asyncio.create_task(stop.wait())
    try:
        await asyncio.wait({serving, stopping}, return_when=asyncio.FIRST_COMPLETED)
    finally:
        stopping.cancel()
        before_stop()
        server.should_exit = True
        await serving


def listen_on(address: str) -> socket.socket:
    """An open listener on `host:port`; raises OSError when the address is taken."""
    host, port = host_and_port(address)
    host = host.strip("[]")
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    return socket.create_server((host, port), family=family)
