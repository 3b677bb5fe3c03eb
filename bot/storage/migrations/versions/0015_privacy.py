"""Agreements to the privacy notice, and what it takes to erase a person: marks, and the log of an old case emptied."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0015"
down_revision = "0014"
branch_labels = None
depends_on = None

MOMENT = postgresql.TIMESTAMP(timezone=True)

GUARD = """
create or replace function case_events_are_only_added() returns trigger language plpgsql as $$
begin
    if tg_op = 'UPDATE' and {allowed} then
        return new;
    end if;
    raise exception 'the log of cases is append-only';
end $$
"""
RENEWING = "current_setting('silvi.renewing_key', true) = 'on'"
# Only the words may go; what was done, when and by whom stays.
ANONYMISING = (
    "current_setting('silvi.anonymising', true) = 'on' and (old.id, old.case_id, old.at, old.kind, old.officer_id) "
    "is not distinct from (new.id, new.case_id, new.at, new.kind, new.officer_id)"
)


def upgrade() -> None:
    op.create_table(
        "agreements",
        sa.Column("id", sa.BigInteger(), nullable=False),
        sa.Column("person_id", sa.BigInteger(), nullable=False),
        sa.Column("version", sa.BigInteger(), nullable=False),
        sa.Column("how", sa.String(length=16), nullable=False),
        sa.Column("agreed_at", MOMENT, nullable=False),
        sa.ForeignKeyConstraint(["person_id"], ["people.id"]),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index("ix_agreements_person_id", "agreements", ["person_id"])
    op.add_column("outbox", sa.Column("trace", sa.String(length=16), nullable=True))
    op.add_column("cases", sa.Column("anonymised_at", MOMENT, nullable=True))
    op.add_column("failed_updates", sa.Column("chat_id", sa.BigInteger(), nullable=True))
    op.create_foreign_key("failed_updates_chat_id_fkey", "failed_updates", "chats", ["chat_id"], ["id"])
    op.create_index("ix_failed_updates_chat_id", "failed_updates", ["chat_id"])
    op.add_column("broadcast_recipients", sa.Column("asked", sa.BigInteger(), nullable=True))
    op.execute(GUARD.format(allowed=f"({RENEWING} or {ANONYMISING})"))


def downgrade() -> None:
    op.execute(GUARD.format(allowed=RENEWING))
    op.drop_column("broadcast_recipients", "asked")
    op.drop_column("failed_updates", "chat_id")
    op.drop_column("outbox", "trace")
    op.drop_column("cases", "anonymised_at")
    op.drop_table("agreements")
