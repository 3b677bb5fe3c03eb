"""How PTB speaks HTTP here: through aiohttp, which takes a third of the processor's time that httpx takes."""

from __future__ import annotations

from functools import lru_cache
from typing import Any
from urllib.request import getproxies, proxy_bypass

import aiohttp
import httpx
from telegram.error import NetworkError, TimedOut
from telegram.request import BaseRequest, RequestData
from yarl import URL

MEDIA_WRITE_S = 20.0

Seconds = Any
"""A float, None (without end), or PTB's DEFAULT_NONE for the time given at the start, whose type is private to PTB."""


class Request(BaseRequest):
    """Up to `connections` calls at once; times in seconds, `pool_s` for a free connection. A call is never repeated here."""

    __slots__ = ("_connect_s", "_connections", "_pool_s", "_proxy_for", "_read_s", "_session", "_write_s")

    def __init__(
        self, connections: int, *, connect_s: float, read_s: float, write_s: float = 5.0, pool_s: float = 10.0
    ) -> None:
        self._connections = connections
        self._connect_s, self._read_s, self._write_s, self._pool_s = connect_s, read_s, write_s, pool_s
        self._session: aiohttp.ClientSession | None = None
        # Once for each host: aiohttp's own `trust_env` reads environment and files anew with every call, in threads.
        self._proxy_for = lru_cache(maxsize=8)(_proxy_for)

    @property
    def read_timeout(self) -> float:
        return self._read_s

    async def initialize(self) -> None:
        if self._session is None:
            # Who is trusted is what httpx would have taken from the environment too.
            connector = aiohttp.TCPConnector(limit=self._connections, ssl=httpx.create_ssl_context())
            self._session = aiohttp.ClientSession(
                connector=connector,
                cookie_jar=aiohttp.DummyCookieJar(),
                headers={"User-Agent": self.USER_AGENT},
            )

    async def shutdown(self) -> None:
        if self._session is not None:
            await self._session.close()
            self._session = None

    async def do_request(
        self,
        url: str,
        method: str,
        request_data: RequestData | None = None,
        read_timeout: Seconds = BaseRequest.DEFAULT_NONE,
        write_timeout: Seconds = BaseRequest.DEFAULT_NONE,
        connect_timeout: Seconds = BaseRequest.DEFAULT_NONE,
        pool_timeout: Seconds = BaseRequest.DEFAULT_NONE,
    ) -> tuple[int, bytes]:
        """Status and body of the answer; raises TimedOut and NetworkError, whose text never holds the address: the token is in it."""
        if self._session is None:
            raise RuntimeError("not initialized")
        files = request_data.multipart_data if request_data else None
        read_s, connect_s = _given(read_timeout, self._read_s), _given(connect_timeout, self._connect_s)
        write_s = _given(write_timeout, MEDIA_WRITE_S if files else self._write_s)
        pool_s = _given(pool_timeout, self._pool_s)
        # aiohttp waits for the answer from the moment it begins to write.
        timeout = aiohttp.ClientTimeout(
            connect=_sum(pool_s, connect_s), sock_connect=connect_s, sock_read=_sum(write_s, read_s)
        )
        address = URL(url, encoded=True)
        proxy = self._proxy_for(address.scheme, address.host)
        try:
            async with self._session.request(
                method, address, data=_form(request_data), timeout=timeout, allow_redirects=False, proxy=proxy
            ) as response:
                return response.status, await response.read()
        except TimeoutError as error:
            raise TimedOut from error
        except aiohttp.ClientError as error:
            raise NetworkError(type(error).__name__) from error


def _proxy_for(scheme: str, host: str) -> str | None:
    """The office's proxy for this host, as the environment names it."""
    return None if proxy_bypass(host) else getproxies().get(scheme)


def _form(request_data: RequestData | None) -> aiohttp.FormData | dict[str, str] | None:
    """The parameters, and with files a form of several parts."""
    if request_data is None or not (files := request_data.multipart_data):
        return request_data.json_parameters if request_data else None
    form = aiohttp.FormData(request_data.json_parameters)
    for field, (name, content, mime_type) in files.items():
        form.add_field(field, content, filename=name, content_type=mime_type)
    return form


def _given(timeout_s: Seconds, otherwise: float) -> float | None:
    return otherwise if timeout_s is BaseRequest.DEFAULT_NONE else timeout_s


def _sum(*parts_s: float | None) -> float | None:
    """None means without end."""
    return None if None in parts_s else sum(parts_s)
