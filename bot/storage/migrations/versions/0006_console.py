"""Signing in to the console, and the log of what is done there."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None

MOMENT = postgresql.TIMESTAMP(timezone=True)

ONLY_ADDED = """
create function audit_is_only_added() returns trigger language plpgsql as $$
begin
    if tg_op = 'UPDATE' and current_setting('silvi.renewing_key', true) = 'on' then
        return new;
    end if;
    raise exception 'the audit log is append-only';
end $$
"""
GUARD = """
create trigger only_added before update or delete on audit
for each row execute function audit_is_only_added()
"""


def upgrade() -> None:
    op.create_table(
        "sign_in_links",
        sa.Column("id", sa.BigInteger(), nullable=False),
        sa.Column("officer_id", sa.BigInteger(), nullable=False),
        sa.Column("token_hash", sa.String(length=64), nullable=False),
        sa.Column("made_at", MOMENT, nullable=False),
        sa.Column("ends_at", MOMENT, nullable=False),
        sa.Column("used_at", MOMENT, nullable=True),
        sa.ForeignKeyConstraint(["officer_id"], ["officers.id"]),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("token_hash"),
    )
    op.create_index(op.f("ix_sign_in_links_officer_id"), "sign_in_links", ["officer_id"], unique=False)
    op.create_table(
        "console_sessions",
        sa.Column("id", sa.BigInteger(), nullable=False),
        sa.Column("officer_id", sa.BigInteger(), nullable=False),
        sa.Column("token_hash", sa.String(length=64), nullable=False),
        sa.Column("earlier_hash", sa.String(length=64), nullable=True),
        sa.Column("rotated_at", MOMENT, nullable=False),
        sa.Column("started_at", MOMENT, nullable=False),
        sa.Column("seen_at", MOMENT, nullable=False),
        sa.Column("ends_at", MOMENT, nullable=False),
        sa.Column("revoked_at", MOMENT, nullable=True),
        sa.Column("device", sa.String(length=200), nullable=False),
        sa.ForeignKeyConstraint(["officer_id"], ["officers.id"]),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("token_hash"),
    )
    op.create_index(op.f("ix_console_sessions_officer_id"), "console_sessions", ["officer_id"], unique=False)
    op.create_index(op.f("ix_console_sessions_earlier_hash"), "console_sessions", ["earlier_hash"], unique=False)
    op.create_table(
        "audit",
        sa.Column("id", sa.BigInteger(), nullable=False),
        sa.Column("at", MOMENT, nullable=False),
        sa.Column("officer_id", sa.BigInteger(), nullable=True),
        sa.Column("action", sa.String(length=40), nullable=False),
        sa.Column("subject", sa.String(length=80), nullable=False),
        sa.Column("before", sa.Text(), nullable=True),
        sa.Column("after", sa.Text(), nullable=True),
        sa.ForeignKeyConstraint(["officer_id"], ["officers.id"]),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index("audit_by_subject", "audit", ["subject", "at"], unique=False)
    op.create_index(op.f("ix_audit_at"), "audit", ["at"], unique=False)
    op.create_index(op.f("ix_audit_officer_id"), "audit", ["officer_id"], unique=False)
    op.execute(ONLY_ADDED)
    op.execute(GUARD)


def downgrade() -> None:
    op.execute("drop trigger only_added on audit")
    op.execute("drop function audit_is_only_added()")
    for table in ("audit", "console_sessions", "sign_in_links"):
        op.drop_table(table)
