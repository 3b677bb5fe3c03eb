"""The keys of an installation."""

from __future__ import annotations

import stat

import pytest
from pydantic import SecretStr

from bot.secret_key import secret_keys
from bot.settings import Settings


def test_key_is_made_once_and_kept_for_its_owner_alone(tmp_path):
    settings = Settings(_env_file=None, data_dir=tmp_path / "data", secret_key=None)
    (key,) = secret_keys(settings)
    assert len(key) >= 32 and secret_keys(settings) == [key]
    path = tmp_path / "data" / "secret.key"
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert list(path.parent.iterdir()) == [path]


def test_key_of_the_settings_is_used_and_nothing_is_written(tmp_path):
    settings = Settings(_env_file=None, data_dir=tmp_path, secret_key=SecretStr("x" * 32))
    assert secret_keys(settings) == ["x" * 32] and list(tmp_path.iterdir()) == []


def test_damaged_key_file_is_named(tmp_path):
    (tmp_path / "secret.key").write_text("short")
    with pytest.raises(ValueError, match="secret.key"):
        secret_keys(Settings(_env_file=None, data_dir=tmp_path, secret_key=None))


def test_earlier_keys_follow_the_one_in_use():
    settings = Settings(
        _env_file=None, secret_key=SecretStr("n" * 32), secret_key_old=SecretStr(f"{'a' * 32}, {'b' * 32}")
    )
    assert secret_keys(settings) == ["n" * 32, "a" * 32, "b" * 32]
