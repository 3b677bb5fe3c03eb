"""The doctor finds what is wrong with an installation, says how to mend it, and tells it by the exit status."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from pydantic import SecretStr

from bot import checkup
from bot.channels.telegram.checkup import check_telegram
from bot.checkup import Finding, State
from bot.settings import Settings
from bot.texts import doctor as words
from tests.commands import silvi_in
from tests.fakes import SECRET_KEY
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
