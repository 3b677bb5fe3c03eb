"""Updates that were fetched and wait to be handled, and how many messages a chat sent within a minute."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0018"
down_revision = "0017"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "waiting_updates",
        sa.Column("id", sa.BigInteger(), nullable=False),
        sa.Column("source", sa.String(length=64), nullable=False),
        sa.Column("update_id", sa.BigInteger(), nullable=False),
        sa.Column("payload", sa.Text(), nullable=False),
        sa.Column("received_at", postgresql.TIMESTAMP(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("source", "update_id"),
    )
    op.add_column("chats", sa.Column("minute_began_at", postgresql.TIMESTAMP(timezone=True), nullable=True))
    op.add_column("chats", sa.Column("in_minute", sa.BigInteger(), server_default="0", nullable=False))


def downgrade() -> None:
    op.drop_column("chats", "in_minute")
    op.drop_column("chats", "minute_began_at")
    op.drop_table("waiting_updates")
