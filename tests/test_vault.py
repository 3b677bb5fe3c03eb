"""What people tell is unreadable in the database without the key, and survives a change of the key."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import UTC, datetime

import pytest
from sqlalchemy import select, text
from sqlalchemy.exc import DBAPIError

from bot.domain.messages import Channel, ChatRef, Incoming, Kind, Media
from bot.services import attachments
from bot.storage.database import Database, engine_with, upgrade
from bot.storage.tables import Attachment, Base, Chat, FailedUpdate
from bot.storage.vault import Vault, WrongKey, renew_all
from tests.fakes import SECRET_KEY, VAULT

SECRET = "paspor saya ditahan di Sibu"
FILE = b"slip gaji" * 1000
NEW_KEY = "another key of the tests, long enough too"


@pytest.fixture
async def database(database_url: str) -> AsyncIterator[Database]:
    database = Database(database_url, VAULT)
    yield database
    await database.close()


async def tell(database: Database, name: str) -> None:
    async with database.transaction() as session:
        chat = Chat(channel="web", external_id=name, created_at=datetime.now(UTC), held_text=SECRET)
        chat.draft = {"cerita": SECRET}
        session.add(chat)


async def test_told_words_are_not_readable_in_the_database(database: Database) -> None:
    await tell(database, "sari")
    async with database.transaction() as session:
        raw = (await session.execute(text("select held_text, draft, memory from chats"))).one()
        kept = (await session.execute(select(Chat))).scalar_one()
    assert "Sibu" not in "".join(raw)
    assert (kept.held_text, kept.draft, kept.memory) == (SECRET, {"cerita": SECRET}, {})


async def test_after_rotation_the_new_key_alone_reads_everything(database: Database, database_url: str) -> None:
    await tell(database, "budi")
    async with database.transaction() as session:
        session.add(FailedUpdate(source="x", update_id=1, payload={"a": SECRET}, error="", failed_at=datetime.now(UTC)))
        chat = (await session.execute(select(Chat).where(Chat.external_id == "budi"))).scalar_one()
        said = Incoming("x", 1, ChatRef(Channel.WEB, "budi"), "budi", Kind.DOCUMENT, datetime.now(UTC), content=FILE)
        media = Media(Kind.DOCUMENT, name=SECRET)
        attachment = await attachments.received(
            session, chat, replace(said, media=media), case=None, now=datetime.now(UTC)
        )
        raw = await session.execute(text("select content from attachment_contents"))
        assert b"slip gaji" not in bytes(raw.scalar_one())
    ring = Vault([NEW_KEY, SECRET_KEY])
    engine = engine_with(ring, database_url)
    with engine.connect() as connection:
        assert renew_all(connection, ring, Base.metadata, lambda _: None) >= 2
    engine.dispose()
    renewed = Database(database_url, Vault([NEW_KEY]))
    async with renewed.transaction() as session:
        assert (await session.execute(select(Chat).where(Chat.external_id == "budi"))).scalar_one().held_text == SECRET
        assert (await session.execute(select(FailedUpdate))).scalar_one().payload == {"a": SECRET}
        assert await attachments.content_of(session, attachment.id) == FILE
        kept = await session.get_one(Attachment, attachment.id)
        assert attachments.media_of(kept) == replace(media, attachment_id=kept.id)
    await renewed.close()
    upgrade(database_url, Vault([NEW_KEY]))
    with pytest.raises(WrongKey):
        upgrade(database_url, VAULT)


async def test_another_key_is_refused_before_anything_is_written(empty_database: str) -> None:
    upgrade(empty_database, VAULT)
    with pytest.raises(WrongKey):
        upgrade(empty_database, Vault([NEW_KEY]))


async def test_log_of_cases_can_only_be_added_to(database: Database) -> None:
    event = (
        "with person as (insert into people (channel, external_id, created_at) "
        "values ('web', 'log', now()) returning id), "
        "chat as (insert into chats (channel, external_id, is_group, created_at, turns, memory, held_text) "
        "values ('web', 'log', false, now(), 0, '', '') returning id), "
        "opened as (insert into cases (number, person_id, chat_id, state, urgency, category, narrative, is_for_other, "
        "privacy, opened_at, with_silvi, reminders) select 'SLV-2026-000001', person.id, chat.id, 'new', 'normal', "
        "'lainnya', '', false, 'confidential', now(), false, 0 from person, chat returning id) "
        "insert into case_events (case_id, at, kind, text) select id, now(), 'opened', '' from opened"
    )
    async with database.transaction() as session:
        await session.execute(text(event))
    for forbidden in ("update case_events set text = 'x'", "delete from case_events"):
        with pytest.raises(DBAPIError, match="append-only"):
            async with database.transaction() as session:
                await session.execute(text(forbidden))
