"""Until which day people were told of licences that ran out by their date."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0017"
down_revision = "0016"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("registry_versions", sa.Column("told_on", sa.Date(), nullable=True))


def downgrade() -> None:
    op.drop_column("registry_versions", "told_on")
