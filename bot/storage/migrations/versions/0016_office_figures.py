"""The office's own figures of placements, returns, complaints and enforcement, file by file, for the yearly report."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0016"
down_revision = "0015"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "office_figure_versions",
        sa.Column("id", sa.BigInteger(), nullable=False),
        sa.Column("data_date", sa.Date(), nullable=False),
        sa.Column("file_name", sa.String(length=255), nullable=False),
        sa.Column("sha256", sa.String(length=64), nullable=False),
        sa.Column("imported_by", sa.String(length=100), nullable=False),
        sa.Column("imported_at", postgresql.TIMESTAMP(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_table(
        "office_figures",
        sa.Column("id", sa.BigInteger(), nullable=False),
        sa.Column("version_id", sa.BigInteger(), nullable=False),
        sa.Column("year", sa.BigInteger(), nullable=False),
        sa.Column("data", sa.String(length=16), nullable=False),
        sa.Column("parts", postgresql.JSONB(), nullable=False),
        sa.Column("count", sa.BigInteger(), nullable=True),
        sa.Column("note", sa.String(length=100), nullable=False),
        sa.Column("until", sa.Date(), nullable=True),
        sa.Column("published", sa.String(length=200), nullable=False),
        sa.ForeignKeyConstraint(["version_id"], ["office_figure_versions.id"]),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index("ix_office_figures_version_id", "office_figures", ["version_id"])
    op.create_index("office_figures_by_year", "office_figures", ["year", "data"])


def downgrade() -> None:
    op.drop_table("office_figures")
    op.drop_table("office_figure_versions")
