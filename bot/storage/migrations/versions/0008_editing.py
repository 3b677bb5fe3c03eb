"""Drafts of entries, the golden questions asked of them, and who published a revision."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None

MOMENT = postgresql.TIMESTAMP(timezone=True)


def upgrade() -> None:
    op.add_column("entry_revisions", sa.Column("officer_id", sa.BigInteger(), nullable=True))
    op.add_column("entry_revisions", sa.Column("reason", sa.Text(), server_default="", nullable=False))
    op.add_column("entry_revisions", sa.Column("is_correction", sa.Boolean(), server_default="false", nullable=False))
    op.create_foreign_key("entry_revisions_officer_id_fkey", "entry_revisions", "officers", ["officer_id"], ["id"])
    op.create_table(
        "entry_drafts",
        sa.Column("id", sa.BigInteger(), nullable=False),
        sa.Column("entry_id", sa.String(length=64), nullable=False),
        sa.Column("base_version", sa.BigInteger(), nullable=False),
        sa.Column("version", sa.BigInteger(), nullable=False),
        sa.Column("state", sa.String(length=16), nullable=False),
        sa.Column("document", postgresql.JSONB(), nullable=False),
        sa.Column("note", sa.Text(), nullable=False),
        sa.Column("made_at", MOMENT, nullable=False),
        sa.Column("closed_at", MOMENT, nullable=True),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index(
        "entry_drafts_open",
        "entry_drafts",
        ["entry_id"],
        unique=True,
        postgresql_where=sa.text("state in ('draft', 'review')"),
    )
    op.create_table(
        "entry_draft_saves",
        sa.Column("draft_id", sa.BigInteger(), nullable=False),
        sa.Column("version", sa.BigInteger(), nullable=False),
        sa.Column("document", postgresql.JSONB(), nullable=False),
        sa.Column("officer_id", sa.BigInteger(), nullable=False),
        sa.Column("saved_at", MOMENT, nullable=False),
        sa.ForeignKeyConstraint(["draft_id"], ["entry_drafts.id"]),
        sa.ForeignKeyConstraint(["officer_id"], ["officers.id"]),
        sa.PrimaryKeyConstraint("draft_id", "version"),
    )
    op.create_table(
        "golden_checks",
        sa.Column("id", sa.BigInteger(), nullable=False),
        sa.Column("draft_id", sa.BigInteger(), nullable=False),
        sa.Column("draft_version", sa.BigInteger(), nullable=False),
        sa.Column("content_version", sa.BigInteger(), nullable=False),
        sa.Column("state", sa.String(length=16), nullable=False),
        sa.Column("done", sa.BigInteger(), nullable=False),
        sa.Column("total", sa.BigInteger(), nullable=False),
        sa.Column("changes", postgresql.JSONB(), nullable=False),
        sa.Column("officer_id", sa.BigInteger(), nullable=False),
        sa.Column("started_at", MOMENT, nullable=False),
        sa.Column("seen_at", MOMENT, nullable=False),
        sa.ForeignKeyConstraint(["draft_id"], ["entry_drafts.id"]),
        sa.ForeignKeyConstraint(["officer_id"], ["officers.id"]),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index(op.f("ix_golden_checks_draft_id"), "golden_checks", ["draft_id"], unique=False)


def downgrade() -> None:
    for table in ("golden_checks", "entry_draft_saves", "entry_drafts"):
        op.drop_table(table)
    op.drop_constraint("entry_revisions_officer_id_fkey", "entry_revisions")
    for column in ("is_correction", "reason", "officer_id"):
        op.drop_column("entry_revisions", column)
