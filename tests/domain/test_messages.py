"""The shapes of messages and memory survive what other versions stored."""

from __future__ import annotations

from bot.domain.messages import Memory


def test_memory_comes_back_from_its_row_as_it_was() -> None:
    memory = Memory(last_text="syarat ke brunei", last_entry="brunei", last_country="brunei", awaiting="complaint")
    assert Memory.from_json(memory.to_json()) == memory


def test_memory_of_another_version_is_read_without_what_this_one_does_not_know() -> None:
    stored = {"last_entry": "brunei", "recent": ["syarat ke brunei"]}
    assert Memory.from_json(stored) == Memory(last_entry="brunei")


def test_chat_without_a_stored_memory_begins_with_an_empty_one() -> None:
    assert Memory.from_json(None) == Memory()
