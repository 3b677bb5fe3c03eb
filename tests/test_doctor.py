"""The doctor finds what is wrong with an installation, says how to mend it, and tells it by the exit status."""

from __future__ import annotations

import asyncio
import json
import socket
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from pydantic import SecretStr
from sqlalchemy import delete

from bot import checkup
from bot.channels.telegram.checkup import check_telegram
from bot.checkup import Finding, State
from bot.domain.messages import Channel, ChatRef, Reply
from bot.services import outbox, people
from bot.settings import Settings
from bot.storage.database import Database
from bot.storage.tables import OutboxMessage
from bot.texts import doctor as words
from tests.commands import silvi_in
from tests.fakes import SECRET_KEY, VAULT
from tests.telegram_api import Account, TelegramApi

DESK = -1_000_000_000_555
PUBLIC = "https://silvi.test"


@pytest.fixture
def settings(telegram_api: TelegramApi, telegram: Account, tmp_path: Path) -> Settings:
    telegram.opens_forum(DESK)
    return Settings(
        _env_file=None,
        telegram_token=SecretStr(telegram.token),
        telegram_api_url=telegram_api.url,
        desk_chat_id=DESK,
        data_dir=tmp_path,
        secret_key=SecretStr(SECRET_KEY),
        web_public_url=PUBLIC,
    )


def of(found: list[Finding], part: str) -> Finding:
    (one,) = [one for one in found if one.part == part and one.state is not State.OK]
    assert one.mend
    return one


async def test_telegram_that_is_set_up_has_nothing_to_mend(settings: Settings) -> None:
    found = await check_telegram(settings)
    assert [one for one in found if one.state is not State.OK] == []
    assert {"telegram", "webhook", "desk"} <= {one.part for one in found}


async def test_what_is_wrong_at_telegram_is_named(settings: Settings, telegram: Account) -> None:
    refused = await check_telegram(settings.model_copy(update={"telegram_token": SecretStr("1:wrong")}))
    assert of(refused, "telegram").told == words.TOKEN_REFUSED
    away = await check_telegram(settings.model_copy(update={"telegram_api_url": "http://127.0.0.1:9"}))
    assert "127.0.0.1:9" in of(away, "telegram").mend
    hook = await check_telegram(settings.model_copy(update={"telegram_webhook_url": f"{PUBLIC}/telegram"}))
    assert of(hook, "webhook").told == words.WEBHOOK_OTHER
    unknown = await check_telegram(settings.model_copy(update={"desk_chat_id": -1_000_000_000_556}))
    assert of(unknown, "desk").mend == words.DESK_UNKNOWN_MEND
    none = await check_telegram(settings.model_copy(update={"desk_chat_id": None}))
    assert of(none, "desk").state is State.WARNING
    telegram._chat(DESK).may_manage_topics = False
    assert of(await check_telegram(settings), "desk").told == words.NO_RIGHTS
    telegram._chat(DESK).is_forum = False
    assert of(await check_telegram(settings), "desk").told == words.NO_TOPICS


async def test_what_is_wrong_on_the_machine_is_named(
    settings: Settings, database_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    broken = settings.model_copy(
        update={
            "time_zone": "Mars/Olympus",
            "office_file": tmp_path / "none.yaml",
            "secret_key": None,
            "web_public_url": None,
        }
    )
    (tmp_path / "secret.key").write_text("k" * 40)
    (tmp_path / "secret.key").chmod(0o644)
    states = [one.state for one in await checkup.check_settings(broken)]
    assert states == [State.BROKEN] * 3 + [State.WARNING]
    monkeypatch.setattr(checkup, "FREE_BYTES_NEEDED", 2**62)
    assert of(await checkup.check_disk(settings), "disk").mend == words.DISK_FULL_MEND
    (tmp_path / "file").write_text("")
    closed = settings.model_copy(update={"data_dir": tmp_path / "file" / "data"})
    assert "tidak bisa ditulisi" in of(await checkup.check_disk(closed), "disk").told
    away = settings.model_copy(update={"database_url": "postgresql://silvi@127.0.0.1:9/silvi"})
    assert of(await checkup.check_database(away), "database").mend == words.DATABASE_AWAY_MEND
    there = settings.model_copy(update={"database_url": database_url})
    assert of(await checkup.check_database(there), "officers").mend == words.NOBODY_MEND
    other_key = there.model_copy(update={"secret_key": SecretStr("another key that is long enough too")})
    assert of(await checkup.check_database(other_key), "database").told == words.WRONG_KEY
    unheard = settings.model_copy(update={"nlu_url": "http://127.0.0.1:9"})
    assert of(await checkup.check_nlu(unheard), "nlu").state is State.WARNING
    no_model = settings.model_copy(update={"embedding_model": "none/such"})
    assert of(await checkup.check_model(no_model), "model").mend == words.MODEL_MISSING_MEND


async def test_schema_of_another_version_is_named_and_left_as_it_is(settings: Settings, empty_database: str) -> None:
    old = settings.model_copy(update={"database_url": empty_database})
    for _ in range(2):
        assert of(await checkup.check_database(old), "database").mend == words.OTHER_SCHEMA_MEND


async def test_hook_that_was_left_behind_is_named(settings: Settings, telegram: Account) -> None:
    telegram.webhook = {"url": f"{PUBLIC}/telegram", "secret": ""}
    assert of(await check_telegram(settings), "webhook").mend == words.WEBHOOK_LEFT_MEND


async def test_message_that_waits_too_long_is_named(settings: Settings, database_url: str) -> None:
    there = settings.model_copy(update={"database_url": database_url})
    database = Database(database_url, VAULT)
    async with database.transaction() as session:
        chat = await people.lock_chat(session, ChatRef(Channel.TELEGRAM, "1"), now=datetime.now(UTC))
        late = outbox.add(session, chat, Reply("halo"), now=datetime.now(UTC) - timedelta(hours=1))
    assert of(await checkup.check_database(there), "outbox").mend == words.LATE_MEND
    async with database.transaction() as session:
        await session.execute(delete(OutboxMessage).where(OutboxMessage.id == late.id))
    await database.close()


async def test_check_that_hangs_or_fails_keeps_none_of_the_others_away(
    settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def check_one(_: Settings) -> list[Finding]:
        await asyncio.Event().wait()

    async def check_two(_: Settings) -> list[Finding]:
        raise RuntimeError("kunci123")

    monkeypatch.setattr(checkup, "PART_TIMEOUT_S", 0.05)
    found = await checkup.findings(settings, (check_one, check_two, checkup.check_disk))
    assert [(one.part, one.state) for one in found[:2]] == [("one", State.BROKEN), ("two", State.BROKEN)]
    assert found[0].mend == words.HANGS_MEND and "kunci123" not in found[1].told
    assert found[2].part == "disk"


def test_database_that_takes_calls_and_never_answers_ends_the_look(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as silent:
        url = f"postgresql://silvi@127.0.0.1:{silent.getsockname()[1]}/silvi"
        done = silvi_in(tmp_path)("doctor", SILVI_DATABASE_URL=url, SILVI_SECRET_KEY=SECRET_KEY)
    assert done.returncode == 1 and words.DATABASE_AWAY_MEND in done.stdout and "Traceback" not in done.stderr


def test_clock_that_is_off_is_named() -> None:
    assert checkup.clock("x", datetime.now(UTC)).state is State.OK
    assert checkup.clock("x", datetime.now(UTC) - timedelta(minutes=2)).mend == words.CLOCK_OFF_MEND


def test_exit_status_tells_whether_something_is_broken(database_url: str, tmp_path: Path) -> None:
    known = {"SILVI_DATABASE_URL": database_url, "SILVI_SECRET_KEY": SECRET_KEY}
    well = silvi_in(tmp_path)("doctor", "--json", **known)
    parts = {json.loads(line)["part"]: json.loads(line) for line in well.stdout.splitlines()}
    assert well.returncode == 0, well.stdout
    assert parts["database"]["state"] == "ok" and parts["telegram"]["mend"] == words.NO_TOKEN_MEND
    ill = silvi_in(tmp_path)("doctor", **known, SILVI_TIME_ZONE="Mars/Olympus")
    assert ill.returncode == 1 and words.ZONE_UNKNOWN_MEND in ill.stdout and SECRET_KEY not in ill.stdout
