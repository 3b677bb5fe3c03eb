"""What an office sets, and what it reads about it, agree."""

from __future__ import annotations

from pathlib import Path

import pytest
from pydantic import ValidationError

from bot.settings import Settings, host_and_port

EXAMPLE = Path(__file__).parent.parent / ".env.example"


@pytest.fixture(autouse=True)
def no_settings_of_this_machine(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in Settings.model_fields:
        monkeypatch.delenv(f"SILVI_{name.upper()}", raising=False)


def settings_in_example() -> dict[str, str]:
    """Name of each setting in the example, with the line above it."""
    lines = EXAMPLE.read_text().splitlines()
    return {
        line.split("=")[0]: above for above, line in zip(lines, lines[1:], strict=False) if line.startswith("SILVI_")
    }


def test_example_lists_every_setting_and_no_other() -> None:
    assert set(settings_in_example()) == {f"SILVI_{name.upper()}" for name in Settings.model_fields}


def test_example_explains_every_setting() -> None:
    assert [name for name, above in settings_in_example().items() if not above.startswith("# ")] == []


def test_example_copied_as_it_is_changes_nothing() -> None:
    assert Settings(_env_file=EXAMPLE) == Settings(_env_file=None)


def test_every_setting_says_what_it_is() -> None:
    assert [name for name, field in Settings.model_fields.items() if not field.description] == []


def test_short_secret_key_is_refused() -> None:
    with pytest.raises(ValidationError, match="32 characters"):
        Settings(_env_file=None, secret_key="short")


@pytest.mark.parametrize("address", ["nonsense", "mysql://a@b/c", "postgresql://a:rahasia@b:port/c", "postgresql://[/c"])
def test_address_that_is_no_postgresql_is_refused(address: str) -> None:
    with pytest.raises(ValidationError, match="is not an address like postgresql"):
        Settings(_env_file=None, database_url=address)


@pytest.mark.parametrize("listen", ["8080", "localhost:", "localhost:web", ":8080", "localhost:70000"])
def test_listening_address_without_host_or_port_is_refused(listen: str) -> None:
    with pytest.raises(ValueError, match="host:port"):
        host_and_port(listen)
