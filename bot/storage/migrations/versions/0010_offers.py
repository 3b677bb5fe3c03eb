"""Offers people asked about, and groups in which Silvi warns of dangerous ones."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None

MOMENT = postgresql.TIMESTAMP(timezone=True)


def upgrade() -> None:
    op.create_table(
        "offers_seen",
        sa.Column("id", sa.BigInteger(), nullable=False),
        sa.Column("sketch", postgresql.ARRAY(sa.BigInteger()), nullable=False),
        sa.Column("verdict", sa.String(length=16), nullable=False),
        sa.Column("first_seen_at", MOMENT, nullable=False),
        sa.Column("last_seen_at", MOMENT, nullable=False),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index("offers_seen_by_sketch", "offers_seen", ["sketch"], postgresql_using="gin")
    op.create_table(
        "offers_asked",
        sa.Column("id", sa.BigInteger(), nullable=False),
        sa.Column("offer_id", sa.BigInteger(), nullable=True),
        sa.Column("chat_id", sa.BigInteger(), nullable=False),
        sa.Column("person_id", sa.BigInteger(), nullable=True),
        sa.Column("attachment_id", sa.BigInteger(), nullable=True),
        sa.Column("case_id", sa.BigInteger(), nullable=True),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("is_kept", sa.Boolean(), nullable=False),
        sa.Column("asked_at", MOMENT, nullable=False),
        sa.Column("read_at", MOMENT, nullable=True),
        sa.ForeignKeyConstraint(["offer_id"], ["offers_seen.id"]),
        sa.ForeignKeyConstraint(["chat_id"], ["chats.id"]),
        sa.ForeignKeyConstraint(["person_id"], ["people.id"]),
        sa.ForeignKeyConstraint(["attachment_id"], ["attachments.id"], ondelete="SET NULL"),
        sa.ForeignKeyConstraint(["case_id"], ["cases.id"]),
        sa.PrimaryKeyConstraint("id"),
    )
    for column in ("offer_id", "chat_id", "attachment_id"):
        op.create_index(f"ix_offers_asked_{column}", "offers_asked", [column])
    waiting = sa.text("read_at is not null")
    op.create_index("offers_asked_to_read", "offers_asked", ["read_at"], postgresql_where=waiting)
    op.add_column("chats", sa.Column("warns_at", MOMENT, nullable=True))


def downgrade() -> None:
    op.drop_column("chats", "warns_at")
    op.drop_table("offers_asked")
    op.drop_table("offers_seen")
