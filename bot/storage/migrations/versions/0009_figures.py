"""What figures and the log are read by: when a case was to be taken, and who did what when."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None

OF_OFFICERS = sa.text("officer_id is not null")


def upgrade() -> None:
    op.add_column("cases", sa.Column("promised_at", postgresql.TIMESTAMP(timezone=True), nullable=True))
    # Of a case that was taken already nobody knows any more by when it had to be: it is not counted.
    op.execute("update cases set promised_at = due_at where acknowledged_at is null")
    op.create_index("cases_by_opening", "cases", ["opened_at"], unique=False)
    op.create_index("case_events_of_officers", "case_events", ["at", "id"], unique=False, postgresql_where=OF_OFFICERS)
    op.create_index(
        "case_events_by_officer", "case_events", ["officer_id", "at", "id"], unique=False, postgresql_where=OF_OFFICERS
    )


def downgrade() -> None:
    op.drop_index("case_events_by_officer", "case_events")
    op.drop_index("case_events_of_officers", "case_events")
    op.drop_index("cases_by_opening", "cases")
    op.drop_column("cases", "promised_at")
