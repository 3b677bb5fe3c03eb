"""How the person of a case left, the facts of cases as they were before they changed, and files of any kind that wait to be confirmed."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0019"
down_revision = "0018"
branch_labels = None
depends_on = None

MOMENT = postgresql.TIMESTAMP(timezone=True)
COUNTED = ("urgency", "category", "country", "district", "route", "promised_at", "closed_at")

# By the database itself: a report of an earlier day must not hang on every writer thinking of it.
KEEP_FACTS = """
create function keep_case_facts() returns trigger language plpgsql as $$
begin
    insert into case_facts_before (case_id, until, {columns}) values (old.id, now(), {old});
    return null;
end $$;
create trigger keep_facts after update on cases for each row
    when (({old}) is distinct from ({new})) execute function keep_case_facts();
""".format(
    columns=", ".join(COUNTED),
    old=", ".join(f"old.{column}" for column in COUNTED),
    new=", ".join(f"new.{column}" for column in COUNTED),
)


def upgrade() -> None:
    op.add_column("cases", sa.Column("route", sa.String(length=16), nullable=True))
    op.create_table(
        "case_facts_before",
        sa.Column("id", sa.BigInteger(), nullable=False),
        sa.Column("case_id", sa.BigInteger(), nullable=False),
        sa.Column("until", MOMENT, nullable=False),
        sa.Column("urgency", sa.String(length=16), nullable=False),
        sa.Column("category", sa.String(length=32), nullable=False),
        sa.Column("country", sa.String(length=32), nullable=True),
        sa.Column("district", sa.String(length=32), nullable=True),
        sa.Column("route", sa.String(length=16), nullable=True),
        sa.Column("promised_at", MOMENT, nullable=True),
        sa.Column("closed_at", MOMENT, nullable=True),
        sa.ForeignKeyConstraint(["case_id"], ["cases.id"]),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index("case_facts_by_case", "case_facts_before", ["case_id", "until"])
    op.execute(KEEP_FACTS)
    op.add_column("registry_uploads", sa.Column("kind", sa.String(length=16), nullable=False, server_default="izin"))


def downgrade() -> None:
    op.execute("delete from registry_uploads where kind <> 'izin'")
    op.drop_column("registry_uploads", "kind")
    op.execute("drop trigger keep_facts on cases")
    op.execute("drop function keep_case_facts()")
    op.drop_table("case_facts_before")
    op.drop_column("cases", "route")
