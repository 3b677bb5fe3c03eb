"""The keys of this installation: the one that signs and encrypts, and earlier ones that are still read."""

from __future__ import annotations

import os
import secrets
from pathlib import Path

from bot.settings import Settings


def secret_keys(settings: Settings) -> list[str]:
    """The key in use, then the earlier ones; without one in the settings it is made once in `data_dir/secret.key`."""
    earlier = settings.secret_key_old.get_secret_value().split(",") if settings.secret_key_old else []
    return [_key_in_use(settings), *(key.strip() for key in earlier)]


def _key_in_use(settings: Settings) -> str:
    if settings.secret_key:
        return settings.secret_key.get_secret_value()
    path = settings.data_dir / "secret.key"
    try:
        return _read_key(path)
    except FileNotFoundError:
        return _make_key(path)


def _read_key(path: Path) -> str:
    key = path.read_text(encoding="ascii").strip()
    if len(key) < 32:
        raise ValueError(f"{path} holds no key of 32 characters or more; put back the one it held")
    return key


def _make_key(path: Path) -> str:
    """Write a new key; of two processes that start together, both use the one that came first."""
    path.parent.mkdir(parents=True, exist_ok=True)
    draft = path.with_name(f"{path.name}.{os.getpid()}")
    with os.fdopen(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w", encoding="ascii") as file:
        file.write(secrets.token_urlsafe(48))
    try:
        os.link(draft, path)  # atomic, and refused where another process was faster
    except FileExistsError:
        pass
    finally:
        draft.unlink()
    return _read_key(path)
