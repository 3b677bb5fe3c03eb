"""Subscriptions, broadcasts with a row for each recipient, and the one lane they are sent in."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None

MOMENT = postgresql.TIMESTAMP(timezone=True)
JSON = postgresql.JSONB(astext_type=sa.Text())


def upgrade() -> None:
    op.create_table(
        "subscriptions",
        sa.Column("chat_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("topics", postgresql.ARRAY(sa.String(length=16)), nullable=False),
        sa.Column("country", sa.String(length=32), nullable=True),
        sa.Column("district", sa.String(length=32), nullable=True),
        sa.Column("since", MOMENT, nullable=False),
        sa.ForeignKeyConstraint(["chat_id"], ["chats.id"]),
        sa.PrimaryKeyConstraint("chat_id"),
    )
    op.create_table(
        "broadcasts",
        sa.Column("id", sa.BigInteger(), nullable=False),
        sa.Column("state", sa.String(length=16), nullable=False),
        sa.Column("version", sa.BigInteger(), nullable=False),
        sa.Column("title", sa.String(length=120), nullable=False),
        sa.Column("body", sa.Text(), nullable=False),
        sa.Column("buttons", JSON, nullable=False),
        sa.Column("picture_id", sa.BigInteger(), nullable=True),
        sa.Column("topic", sa.String(length=16), nullable=False),
        sa.Column("country", sa.String(length=32), nullable=True),
        sa.Column("district", sa.String(length=32), nullable=True),
        sa.Column("author_id", sa.BigInteger(), nullable=False),
        sa.Column("approver_id", sa.BigInteger(), nullable=True),
        sa.Column("note", sa.Text(), nullable=False),
        sa.Column("made_at", MOMENT, nullable=False),
        sa.Column("start_at", MOMENT, nullable=True),
        sa.Column("expires_at", MOMENT, nullable=True),
        sa.Column("begun_at", MOMENT, nullable=True),
        sa.Column("ended_at", MOMENT, nullable=True),
        sa.ForeignKeyConstraint(["picture_id"], ["attachments.id"]),
        sa.ForeignKeyConstraint(["author_id"], ["officers.id"]),
        sa.ForeignKeyConstraint(["approver_id"], ["officers.id"]),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index("broadcasts_by_state", "broadcasts", ["state", "start_at"])
    op.create_table(
        "broadcast_recipients",
        sa.Column("id", sa.BigInteger(), nullable=False),
        sa.Column("broadcast_id", sa.BigInteger(), nullable=False),
        sa.Column("chat_id", sa.BigInteger(), nullable=True),
        sa.Column("state", sa.String(length=16), nullable=False),
        sa.Column("outbox_id", sa.BigInteger(), nullable=True),
        sa.Column("given_at", MOMENT, nullable=True),
        sa.Column("opened_at", MOMENT, nullable=True),
        sa.Column("left_at", MOMENT, nullable=True),
        sa.ForeignKeyConstraint(["broadcast_id"], ["broadcasts.id"]),
        sa.ForeignKeyConstraint(["chat_id"], ["chats.id"]),
        sa.ForeignKeyConstraint(["outbox_id"], ["outbox.id"], ondelete="SET NULL"),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("broadcast_id", "chat_id"),
    )
    op.create_index("broadcast_recipients_by_chat", "broadcast_recipients", ["chat_id", "given_at"])
    op.create_index("ix_broadcast_recipients_outbox_id", "broadcast_recipients", ["outbox_id"])
    waiting = sa.text("state = 'waiting'")
    op.create_index(
        "broadcast_recipients_waiting", "broadcast_recipients", ["broadcast_id", "id"], postgresql_where=waiting
    )
    op.create_table(
        "sending_lane",
        sa.Column("id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("holder", sa.String(length=32), nullable=False),
        sa.Column("leased_until", MOMENT, nullable=False),
        sa.PrimaryKeyConstraint("id"),
    )


def downgrade() -> None:
    op.drop_table("sending_lane")
    op.drop_table("broadcast_recipients")
    op.drop_table("broadcasts")
    op.drop_table("subscriptions")
