"""Who is at the other end of a web request: signed cookies, and whether a request came from our own pages."""

from __future__ import annotations

import re
import secrets
from collections.abc import Sequence
from urllib.parse import urlsplit

from itsdangerous import BadData, URLSafeSerializer, URLSafeTimedSerializer
from starlette.requests import Request
from starlette.responses import Response

CHAT_COOKIE = "silvi_obrolan"
CHAT_MAX_AGE_S = 90 * 24 * 3600
"""A report lives longer than a month, and on the web this cookie is the only way back to it."""
CONSOLE_COOKIE = "silvi_konsol"
KIOSK_COOKIE = "silvi_kios"
KIOSK_MAX_AGE_S = 400 * 24 * 3600
"""As long as browsers keep one; each opening of the page sets it anew."""
CONSOLE_MAX_AGE_S = 12 * 3600
_CHAT_ID = re.compile(r"[A-Za-z0-9_-]{22}")


def new_chat_id() -> str:
    """128 random bits: whoever knows the id can read the chat."""
    return secrets.token_urlsafe(16)


class Cookies:
    """Signed cookies: HttpOnly, SameSite=Lax, and Secure wherever the page is reached by https."""

    def __init__(self, keys: Sequence[str], public_url: str | None) -> None:
        oldest_first = list(reversed(keys))
        self._chat = URLSafeTimedSerializer(oldest_first, salt="web chat id")
        self._content = URLSafeSerializer(oldest_first, salt="web session content")
        self._console = URLSafeTimedSerializer(oldest_first, salt="console session")
        self._kiosk = URLSafeSerializer(oldest_first, salt="kiosk device")
        self._is_https = (public_url or "").startswith("https:")

    def chat_id(self, request: Request) -> str | None:
        """The chat this browser is in, or None: no cookie, a forged one, or one that has run out."""
        try:
            chat_id = self._chat.loads(request.cookies.get(CHAT_COOKIE, ""), max_age=CHAT_MAX_AGE_S)
        except BadData:
            return None
        return chat_id if isinstance(chat_id, str) and _CHAT_ID.fullmatch(chat_id) else None

    def set_chat(self, request: Request, response: Response, chat_id: str) -> None:
        self._set(request, response, CHAT_COOKIE, self._chat.dumps(chat_id), max_age=CHAT_MAX_AGE_S)

    def console_token(self, request: Request) -> str | None:
        """The token of an officer's session, or None; whether the session is still good is the database's to say."""
        try:
            token = self._console.loads(request.cookies.get(CONSOLE_COOKIE, ""), max_age=CONSOLE_MAX_AGE_S)
        except BadData:
            return None
        return token if isinstance(token, str) else None

    def set_console(self, request: Request, response: Response, token: str) -> None:
        self._set(request, response, CONSOLE_COOKIE, self._console.dumps(token), max_age=CONSOLE_MAX_AGE_S)

    def clear_console(self, response: Response) -> None:
        self.clear(response, CONSOLE_COOKIE)

    def kiosk_token(self, request: Request) -> str | None:
        """The token of an enrolled kiosk, or None; whether it is still good is the database's to say."""
        try:
            token = self._kiosk.loads(request.cookies.get(KIOSK_COOKIE, ""))
        except BadData:
            return None
        return token if isinstance(token, str) else None

    def set_kiosk(self, request: Request, response: Response, token: str) -> None:
        self._set(request, response, KIOSK_COOKIE, self._kiosk.dumps(token), max_age=KIOSK_MAX_AGE_S)

    def read(self, request: Request, name: str) -> object:
        """The content of a signed cookie of this session, or None."""
        try:
            return self._content.loads(request.cookies.get(name, ""))
        except BadData:
            return None

    def write(self, request: Request, response: Response, name: str, content: object) -> None:
        """Set a signed cookie that ends with the browser session."""
        self._set(request, response, name, self._content.dumps(content), max_age=None)

    def length(self, content: object) -> int:
        """How many characters a cookie with this content takes."""
        return len(self._content.dumps(content))

    def clear(self, response: Response, name: str) -> None:
        response.delete_cookie(name, path="/", httponly=True, samesite="lax")

    def _set(self, request: Request, response: Response, name: str, value: str, *, max_age: int | None) -> None:
        is_https = self._is_https or request.url.scheme == "https"
        response.set_cookie(name, value, max_age=max_age, path="/", httponly=True, samesite="lax", secure=is_https)


def is_same_origin(request: Request, public_url: str | None) -> bool:
    """False for a POST another site's page makes a browser send; a request with neither header is no browser's."""
    site = request.headers.get("sec-fetch-site")
    if site is not None:
        return site in ("same-origin", "none")
    origin = request.headers.get("origin")
    if origin is None:
        return True
    ours = {request.headers.get("host", ""), urlsplit(public_url or "").netloc} - {""}
    return urlsplit(origin).netloc in ours
