"""Files of entries between their preview and their drafts, golden checks without a draft, and the district of a case."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0012"
down_revision = "0011"
branch_labels = None
depends_on = None

MOMENT = postgresql.TIMESTAMP(timezone=True)


def upgrade() -> None:
    op.create_table(
        "content_imports",
        sa.Column("id", sa.BigInteger(), nullable=False),
        sa.Column("officer_id", sa.BigInteger(), nullable=False),
        sa.Column("file_name", sa.String(length=100), nullable=False),
        sa.Column("entries", postgresql.JSONB(), nullable=False),
        sa.Column("unchanged", sa.BigInteger(), nullable=False),
        sa.Column("made_at", MOMENT, nullable=False),
        sa.ForeignKeyConstraint(["officer_id"], ["officers.id"]),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index("ix_content_imports_officer_id", "content_imports", ["officer_id"])
    op.add_column("cases", sa.Column("district", sa.String(length=32), nullable=True))
    op.create_index("offers_asked_by_time", "offers_asked", ["asked_at"])
    op.add_column("golden_checks", sa.Column("entry_id", sa.String(length=64), nullable=True))
    op.add_column("golden_checks", sa.Column("revision", sa.BigInteger(), nullable=True))
    op.execute("update golden_checks set entry_id = d.entry_id from entry_drafts d where d.id = draft_id")
    op.alter_column("golden_checks", "entry_id", nullable=False)
    op.alter_column("golden_checks", "draft_id", nullable=True)
    op.create_index("golden_checks_by_entry", "golden_checks", ["entry_id", "revision"])


def downgrade() -> None:
    op.drop_column("cases", "district")
    op.drop_index("offers_asked_by_time", "offers_asked")
    op.drop_index("golden_checks_by_entry", "golden_checks")
    op.execute("delete from golden_checks where draft_id is null")
    op.alter_column("golden_checks", "draft_id", nullable=False)
    op.drop_column("golden_checks", "revision")
    op.drop_column("golden_checks", "entry_id")
    op.drop_table("content_imports")
