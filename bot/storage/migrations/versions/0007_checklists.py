"""A person's own list of steps and papers, and the sheet of it they take along."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None

MOMENT = postgresql.TIMESTAMP(timezone=True)


def upgrade() -> None:
    op.create_table(
        "checklists",
        sa.Column("id", sa.BigInteger(), nullable=False),
        sa.Column("chat_id", sa.BigInteger(), nullable=False),
        sa.Column("country", sa.String(length=32), nullable=False),
        sa.Column("job", sa.String(length=32), nullable=False),
        sa.Column("done", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("begun_at", MOMENT, nullable=False),
        sa.Column("remind_at", MOMENT, nullable=True),
        sa.Column("is_weekly", sa.Boolean(), nullable=False),
        sa.ForeignKeyConstraint(["chat_id"], ["chats.id"]),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("chat_id"),
    )
    op.create_index(
        "checklists_to_remind", "checklists", ["remind_at"], postgresql_where=sa.text("remind_at is not null")
    )
    op.add_column("attachments", sa.Column("is_handout", sa.Boolean(), nullable=False, server_default=sa.false()))
    op.alter_column("attachments", "is_handout", server_default=None)


def downgrade() -> None:
    op.drop_column("attachments", "is_handout")
    op.drop_table("checklists")
