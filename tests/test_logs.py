"""Nothing in the log points to a person or opens a door, whoever wrote the line; every line names its turn."""

from __future__ import annotations

import asyncio
import io
import json
import logging
from collections.abc import Callable, Iterator

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import text
from sqlalchemy.exc import IntegrityError

from bot import logs
from bot.app import App
from bot.nlu_client import TURN_HEADER, NluClient
from bot.settings import Settings
from bot.storage.database import Database, engine_with
from tests.fakes import SECRET_KEY, VAULT, FakeNlu, Knowledge, Sari

TOKEN = "123456789:AAinvented_Token-of-nobody_0123456789ab"
LINES = (
    "pesan dari 6101234567890123 tidak terbaca",
    "paspor B1234567 ditolak",
    "nomor 0812-3456-7890 tidak aktif",
    "kirim ke sari.lestari@contoh.com",
    "rekening BRI 123401001234567",
    "pak Budi menolak",
    "nama saya Sari Lestari",
    "POST https://api.telegram.org/bot123456789:AAinvented_Token-of-nobody_0123456789ab/sendMessage",
    "connect postgresql://silvi:rahasiasekali@db/silvi",
    "GET http://127.0.0.1:5005/status?token=rahasiasekali",
    'DETAIL:  Key (external_id)=(55512345) already exists, row ("Sari Lestari", Sambas)',
)
POINTING = (
    "6101234567890123", "B1234567", "0812-3456-7890", "sari.lestari@contoh.com", "123401001234567", "Budi",
    "Sari", "Lestari", "AAinvented", "rahasiasekali", "55512345", "Sambas",
)  # fmt: skip


@pytest.fixture
def log() -> Iterator[Callable[..., str]]:
    """Sets a logger up as the service does; gives a function that reads what it wrote."""
    written, logger = io.StringIO(), logging.getLogger("tests.silvi")
    handler = logging.StreamHandler(written)

    def begin(
        *, as_json: bool = False, known_secrets: tuple[str, ...] = ()
    ) -> tuple[logging.Logger, Callable[[], str]]:
        handler.setFormatter(logs.MaskingFormatter(known_secrets, as_json=as_json))
        return logger, written.getvalue

    logger.addHandler(handler)
    yield begin
    logger.removeHandler(handler)


@pytest.mark.parametrize("line", LINES)
def test_line_that_points_to_somebody_is_masked(log: Callable, line: str) -> None:
    logger, read = log()
    logger.error("%s", line)
    logger.error(line)
    try:
        raise ValueError(line)
    except ValueError:
        logger.exception("failed")
    assert "ValueError" in read()
    assert not [part for part in POINTING if part in read()]


def test_secret_of_the_settings_is_masked_in_whatever_shape(log: Callable) -> None:
    settings = Settings(
        _env_file=None, telegram_token=TOKEN, secret_key=SECRET_KEY, database_url="postgresql://a:pw-of-db@h/d"
    )
    logger, read = log(known_secrets=tuple(settings.secrets()))
    logger.error("tried %r and %s and pw-of-db", SECRET_KEY, [TOKEN])
    assert SECRET_KEY not in read() and "AAinvented" not in read() and "pw-of-db" not in read()


def test_row_that_the_database_quotes_is_masked(log: Callable, database_url: str) -> None:

    logger, read = log()
    own_id = "-".join(["si", "sari", "55512345"])
    engine = engine_with(VAULT, database_url)
    insert = text("insert into people (channel, external_id, created_at) values ('web', :own_id, now())")
    try:
        with engine.begin() as connection:
            connection.execute(insert, {"own_id": own_id})
            connection.execute(insert, {"own_id": own_id})
    except IntegrityError:
        logger.exception("not written")
    engine.dispose()
    assert "UniqueViolation" in read() and "DETAIL: [disamarkan]" in read()
    assert "si-sari" not in read()


@given(st.from_regex(r"[1-9][0-9]{15}", fullmatch=True), st.sampled_from(["nik {}", "({})", "ktp:{}.", "a\n{}\nb"]))
def test_no_nik_is_left(nik: str, around: str) -> None:
    assert nik not in logs.masked(around.format(nik))


@given(st.from_regex(r"(\+62 ?8|08)[1-9][0-9]{7,9}", fullmatch=True), st.sampled_from(["hp {}", "({})", "wa:{};"]))
def test_no_phone_is_left(phone: str, around: str) -> None:
    assert phone not in logs.masked(around.format(phone))


@given(st.from_regex(r"[A-EX][0-9]{7}", fullmatch=True), st.sampled_from(["paspor {}", "({})", "{} hilang"]))
def test_no_passport_is_left(number: str, around: str) -> None:
    assert number not in logs.masked(around.format(number))


@given(st.from_regex(r"[a-z]{1,12}(\.[a-z0-9]{1,8})?@[a-z]{2,10}\.(com|co\.id|go\.id)", fullmatch=True))
def test_no_address_is_left(address: str) -> None:
    assert address not in logs.masked(f"ke {address} gagal")


@given(st.from_regex(r"[1-9][0-9]{8,14}[1-9]", fullmatch=True), st.sampled_from(["rek BCA {}", "no rekening: {}"]))
def test_no_account_is_left(number: str, around: str) -> None:
    assert number not in logs.masked(around.format(number))


@given(
    st.from_regex(r"[0-9]{8,10}:AA[A-Za-z0-9_-]{33}", fullmatch=True), st.sampled_from(["/bot{}/getMe", "{}", "'{}'"])
)
def test_no_bot_token_is_left(token: str, around: str) -> None:
    assert token[-20:] not in logs.masked(around.format(token))


def test_json_line_holds_the_turn_and_one_object(log: Callable) -> None:
    logger, read = log(as_json=True)
    with logs.turn() as name, logs.turn() as inner:
        try:
            raise ValueError("hp 081234567890")
        except ValueError:
            logger.exception("turn of %s", "pak Budi")
    line = json.loads(read())
    assert (line["turn"], line["level"], name) == (name, "ERROR", inner)
    assert "Traceback" in line["text"] and "0812" not in line["text"] and "Budi" not in line["text"]
    assert logs.current_turn() == ""


async def test_turn_goes_with_its_messages_and_to_the_nlu(database_url: str) -> None:
    heard: list[str] = []

    class Nlu(FakeNlu):
        async def parse(self, said: str):
            heard.append(logs.current_turn())
            return await super().parse(said)

    app = App(Settings(_env_file=None, fragment_wait_s=0), Database(database_url, VAULT), Nlu(), Knowledge(None))
    sari = Sari(app)
    await sari.says("gaji saya belum dibayar")
    await sari.says("paspor saya ditahan")
    first, *_, last = await sari.outbox()
    await app.close()
    assert first.trace and last.trace and first.trace != last.trace
    assert {first.trace, last.trace} == set(heard)


async def test_nlu_is_told_the_turn() -> None:
    asked: list[str] = []

    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        asked.append((await reader.readuntil(b"\r\n\r\n")).decode())
        writer.close()

    server = await asyncio.start_server(answer, "127.0.0.1", 0)
    nlu = NluClient(f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}", timeout_s=1)
    with logs.turn("abc123"):
        await nlu.parse("halo")
    await nlu.close()
    server.close()
    assert f"{TURN_HEADER}: abc123" in asked[0]
