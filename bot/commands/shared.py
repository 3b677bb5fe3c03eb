"""What the commands share: their options, the settings, one transaction, and how things are read and printed."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Awaitable, Callable, Iterable, Iterator
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, TypeVar

import typer
from pydantic import ValidationError

from bot.settings import Settings

if TYPE_CHECKING:
    from bot.storage.database import Session
    from knowledge.office import OfficeProfile


class UnusableInput(Exception):
    """What was given cannot be used; the text names file, line and reason."""


Result = TypeVar("Result")
Text = Annotated[str | None, typer.Argument(help="Teksnya; tanpa ini dibaca dari --batch.")]
AsJson = Annotated[bool, typer.Option("--json", help="Satu objek JSON per baris.")]
Batch = Annotated[Path | None, typer.Option(help="Berkas JSONL, satu objek per baris.")]
TelegramId = Annotated[int, typer.Option("--telegram-id", min=1, help="Nomor akun Telegram petugas.")]
HOUR_HELP = 'Tanggal dan jam kantor, misalnya "2026-12-01 08:00".'
WithoutNlu = Annotated[bool, typer.Option("--tanpa-nlu", help="Jangan pakai NLU (lebih cepat mulai).")]


def load_settings() -> Settings:
    """From the environment and `.env`; raises ValidationError."""
    return Settings()


def in_database(work: Callable[[Session], Awaitable[Result]]) -> Result:
    """What `work` returns, done in one transaction."""
    from bot.offline import opened_database

    async def done() -> Result:
        async with opened_database(load_settings()) as database, database.transaction() as session:
            return await work(session)

    return asyncio.run(done())


def office_profile() -> OfficeProfile:
    from knowledge.office import load_office

    try:
        return load_office(load_settings().office_file)
    except (OSError, ValueError) as error:
        raise UnusableInput(str(error)) from error


def office_moment(written: str, option: str) -> datetime:
    """A moment as the office writes it, by its own clock."""
    from datetime import datetime
    from zoneinfo import ZoneInfo

    try:
        return datetime.strptime(written.strip(), "%Y-%m-%d %H:%M").replace(tzinfo=ZoneInfo(load_settings().time_zone))
    except ValueError:
        raise UnusableInput(f'{option} {written}: tulis tanggal dan jam seperti "2026-12-01 08:00"') from None


def shown_moment(at: datetime, as_json: bool = False) -> str:
    """By the office's clock, for a person or for a program."""
    from zoneinfo import ZoneInfo

    from bot.texts.formats import moment

    zone = ZoneInfo(load_settings().time_zone)
    return at.astimezone(zone).isoformat() if as_json else moment(at, zone)


def print_row(shown: dict, as_json: bool) -> None:
    """One line of a list."""
    typer.echo(
        json.dumps(shown, ensure_ascii=False) if as_json else "  ".join(str(value or "-") for value in shown.values())
    )


def items_of(text: str | None, batch: Path | None, keys: tuple[str, ...]) -> list[dict]:
    """The things to work on: the one text, or the lines of the batch file, each with its place for errors."""
    if (text is None) == (batch is None):
        raise UnusableInput("beri satu teks, atau --batch BERKAS")
    if text is not None:
        return [_whole_characters({"id": None, keys[0]: text})]
    try:
        lines = batch.read_text(encoding="utf-8").splitlines()
    except (OSError, UnicodeDecodeError) as error:
        raise UnusableInput(f"{batch}: {error}") from error
    return list(_parsed(lines, batch, keys))


def _parsed(lines: Iterable[str], path: Path, keys: tuple[str, ...]) -> Iterator[dict]:
    for number, line in enumerate(lines, 1):
        if not line.strip():
            continue
        try:
            item = _whole_characters(json.loads(line))
        except ValueError as error:
            raise UnusableInput(f"{path}, baris {number}: bukan JSON ({error})") from error
        if not isinstance(item, dict) or not any(_is_usable(item.get(key), key) for key in keys):
            raise UnusableInput(f"{path}, baris {number}: perlu objek dengan {' atau '.join(keys)}")
        yield item | {"place": f"{path}, baris {number}: "}


def _whole_characters(item: object) -> object:
    """`item` with "?" for every half of a character, which can neither be looked up nor printed."""
    return json.loads(json.dumps(item, ensure_ascii=False).encode("utf-8", "replace"))


def beside(batch: Path | None, name: str | None) -> Path | None:
    """A file named in a batch: found from here, else from where the batch file stands."""
    if not name:
        return None
    here = Path(name)
    return here if batch is None or here.exists() else batch.parent / here


def _is_usable(value: object, key: str) -> bool:
    if key == "turns":
        return (
            isinstance(value, list)
            and bool(value)
            and all(isinstance(turn, dict) and isinstance(turn.get("user"), str) for turn in value)
        )
    return isinstance(value, str)


def print_results(results, as_json: object, main_key: str | None) -> None:
    """Each result as it comes: JSON lines, or for a person the main text alone."""

    async def show() -> None:
        async for result in results:
            if as_json or main_key is None:
                typer.echo(json.dumps(result, ensure_ascii=False))
            else:
                typer.echo(result[main_key])

    asyncio.run(show())


def tell(text: str) -> None:
    typer.echo(text, err=True)


def in_words(error: Exception) -> str:
    if isinstance(error, ValidationError):
        return "; ".join(f"SILVI_{str(item['loc'][0]).upper()}: {item['msg']}" for item in error.errors())
    return str(error)
