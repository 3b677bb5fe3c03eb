"""Encryption at rest, attachments, referrals, outcomes, the roster, and the clock of a case."""

from __future__ import annotations

import json

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

from bot.storage.vault import Encrypted, EncryptedJson

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None

MOMENT = postgresql.TIMESTAMP(timezone=True)
TEXTS = {
    "cases": ("narrative", "place", "asked", "answered"),
    "case_events": ("text",),
    "chats": ("held_text",),
}
DOCUMENTS = {"chats": ("memory", "draft"), "outbox": ("reply",), "failed_updates": ("payload",)}

ONLY_ADDED = """
create function case_events_are_only_added() returns trigger language plpgsql as $$
begin
    if tg_op = 'UPDATE' and current_setting('silvi.renewing_key', true) = 'on' then
        return new;
    end if;
    raise exception 'the log of cases is append-only';
end $$
"""
GUARD = """
create trigger only_added before update or delete on case_events
for each row execute function case_events_are_only_added()
"""


def upgrade() -> None:
    for table, names in TEXTS.items():
        for name in names:
            op.alter_column(table, name, type_=sa.Text())
            _rewrite(table, name, sa.Text(), Encrypted())
    for table, names in DOCUMENTS.items():
        for name in names:
            op.alter_column(table, name, type_=sa.Text(), postgresql_using=f"{name}::text")
            _rewrite(table, name, sa.Text(), EncryptedJson(), json.loads)

    op.add_column("officers", sa.Column("office", sa.String(length=32), nullable=True))
    op.add_column("cases", sa.Column("contact", sa.Text(), nullable=True))
    op.add_column("cases", sa.Column("office", sa.String(length=32), nullable=True))
    op.add_column("cases", sa.Column("consent_version", sa.BigInteger(), nullable=True))
    op.add_column("cases", sa.Column("with_silvi", sa.Boolean(), nullable=False, server_default=sa.false()))
    op.add_column("cases", sa.Column("topic_name", sa.String(length=128), nullable=True))
    op.add_column("cases", sa.Column("head_id", sa.BigInteger(), nullable=True))
    op.add_column("cases", sa.Column("left_s", sa.BigInteger(), nullable=True))
    op.add_column("cases", sa.Column("reminders", sa.BigInteger(), nullable=False, server_default="0"))
    op.add_column("cases", sa.Column("reminded_at", MOMENT, nullable=True))
    op.add_column("cases", sa.Column("rating", sa.BigInteger(), nullable=True))
    op.alter_column("cases", "with_silvi", server_default=None)
    op.alter_column("cases", "reminders", server_default=None)
    op.alter_column("cases", "due_at", nullable=True)
    op.execute("update cases set due_at = null where state not in ('new')")

    op.add_column("chats", sa.Column("paused_until", MOMENT, nullable=True))
    op.create_table(
        "attachments",
        sa.Column("id", sa.BigInteger(), nullable=False),
        sa.Column("case_id", sa.BigInteger(), nullable=True),
        sa.Column("chat_id", sa.BigInteger(), nullable=False),
        sa.Column("officer_id", sa.BigInteger(), nullable=True),
        sa.Column("kind", sa.String(length=16), nullable=False),
        sa.Column("media", sa.Text(), nullable=False),
        sa.Column("size_bytes", sa.BigInteger(), nullable=True),
        sa.Column("received_at", MOMENT, nullable=False),
        sa.Column("sha256", sa.String(length=64), nullable=True),
        sa.Column("stored_at", MOMENT, nullable=True),
        sa.Column("fetch_at", MOMENT, nullable=True),
        sa.Column("attempts", sa.BigInteger(), nullable=False),
        sa.Column("error", sa.String(length=200), nullable=True),
        sa.ForeignKeyConstraint(["case_id"], ["cases.id"]),
        sa.ForeignKeyConstraint(["chat_id"], ["chats.id"]),
        sa.ForeignKeyConstraint(["officer_id"], ["officers.id"]),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index(op.f("ix_attachments_case_id"), "attachments", ["case_id"], unique=False)
    op.create_index(op.f("ix_attachments_chat_id"), "attachments", ["chat_id"], unique=False)
    op.create_index(
        "attachments_to_fetch",
        "attachments",
        ["fetch_at"],
        unique=False,
        postgresql_where=sa.text("fetch_at is not null"),
    )
    op.create_table(
        "attachment_contents",
        sa.Column("id", sa.BigInteger(), nullable=False),
        sa.Column("content", sa.LargeBinary(), nullable=False),
        sa.ForeignKeyConstraint(["id"], ["attachments.id"]),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_table(
        "referrals",
        sa.Column("id", sa.BigInteger(), nullable=False),
        sa.Column("case_id", sa.BigInteger(), nullable=False),
        sa.Column("agency", sa.String(length=32), nullable=False),
        sa.Column("letter_number", sa.String(length=40), nullable=False),
        sa.Column("purpose", sa.Text(), nullable=False),
        sa.Column("is_named", sa.Boolean(), nullable=True),
        sa.Column("officer_id", sa.BigInteger(), nullable=False),
        sa.Column("referred_at", MOMENT, nullable=False),
        sa.Column("due_at", MOMENT, nullable=False),
        sa.Column("reminded_at", MOMENT, nullable=True),
        sa.Column("answered_at", MOMENT, nullable=True),
        sa.Column("answer", sa.Text(), nullable=True),
        sa.ForeignKeyConstraint(["case_id"], ["cases.id"]),
        sa.ForeignKeyConstraint(["officer_id"], ["officers.id"]),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("letter_number"),
    )
    op.create_index(op.f("ix_referrals_case_id"), "referrals", ["case_id"], unique=False)
    op.create_index(
        "referrals_open", "referrals", ["due_at"], unique=False, postgresql_where=sa.text("answered_at is null")
    )
    op.create_table(
        "outcomes",
        sa.Column("id", sa.BigInteger(), nullable=False),
        sa.Column("case_id", sa.BigInteger(), nullable=False),
        sa.Column("stage", sa.String(length=24), nullable=False),
        sa.Column("on_date", sa.Date(), nullable=False),
        sa.Column("note", sa.Text(), nullable=False),
        sa.Column("officer_id", sa.BigInteger(), nullable=False),
        sa.Column("recorded_at", MOMENT, nullable=False),
        sa.ForeignKeyConstraint(["case_id"], ["cases.id"]),
        sa.ForeignKeyConstraint(["officer_id"], ["officers.id"]),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index(op.f("ix_outcomes_case_id"), "outcomes", ["case_id"], unique=False)
    op.create_table(
        "duties",
        sa.Column("id", sa.BigInteger(), nullable=False),
        sa.Column("officer_id", sa.BigInteger(), nullable=False),
        sa.Column("starts_at", MOMENT, nullable=False),
        sa.Column("ends_at", MOMENT, nullable=False),
        sa.ForeignKeyConstraint(["officer_id"], ["officers.id"]),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index("duties_by_time", "duties", ["starts_at", "ends_at"], unique=False)
    op.create_table(
        "key_check",
        sa.Column("id", sa.BigInteger(), nullable=False),
        sa.Column("token", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("id"),
    )
    op.execute(ONLY_ADDED)
    op.execute(GUARD)


def downgrade() -> None:
    op.execute("drop trigger only_added on case_events")
    op.execute("drop function case_events_are_only_added()")
    op.drop_column("chats", "paused_until")
    for table in ("key_check", "duties", "outcomes", "referrals", "attachment_contents", "attachments"):
        op.drop_table(table)
    op.execute("update cases set due_at = opened_at where due_at is null")
    op.alter_column("cases", "due_at", nullable=False)
    for name in (
        "rating",
        "reminded_at",
        "reminders",
        "left_s",
        "head_id",
        "topic_name",
        "with_silvi",
        "office",
        "contact",
        "consent_version",
    ):
        op.drop_column("cases", name)
    op.drop_column("officers", "office")
    for table, names in DOCUMENTS.items():
        for name in names:
            _rewrite(table, name, EncryptedJson(), sa.Text(), json.dumps)
            op.alter_column(table, name, type_=postgresql.JSONB(), postgresql_using=f"{name}::jsonb")
    for table, names in TEXTS.items():
        for name in names:
            _rewrite(table, name, Encrypted(), sa.Text())
    op.execute("update cases set place = left(place, 100)")
    op.alter_column("cases", "place", type_=sa.String(length=100))


def _rewrite(table: str, name: str, old: sa.types.TypeEngine, new: sa.types.TypeEngine, change=str) -> None:
    """Read every value as `old` and write it back as `new`."""
    before = sa.table(table, sa.column("id", sa.BigInteger), sa.column(name, old))
    after = sa.table(table, sa.column("id", sa.BigInteger), sa.column(name, new))
    connection = op.get_bind()
    rows = connection.execute(sa.select(before.c.id, before.c[name]).where(before.c[name].is_not(None))).all()
    for row_id, value in rows:
        connection.execute(sa.update(after).where(after.c.id == row_id).values({name: change(value)}))
