"""Reported recruiters with what links them, verdicts of two officers, and registry files that wait to be confirmed."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None

MOMENT = postgresql.TIMESTAMP(timezone=True)


def upgrade() -> None:
    op.add_column("chats", sa.Column("erased_at", MOMENT, nullable=True))
    op.add_column("offers_asked", sa.Column("album", sa.String(length=64), server_default="", nullable=False))
    _make(
        "offer_pictures",
        _id(),
        _reference("offer_id", "offers_seen", index=True),
        sa.Column("look", postgresql.BIT(256), nullable=False),
    )
    _make("trace_key", _id(), _text("key"))
    _make(
        "traces",
        _id(),
        sa.Column("kind", sa.String(length=16), nullable=False),
        sa.Column("mark", sa.String(length=64), nullable=False),
        _text("shown"),
        sa.Column("seen_at", MOMENT, nullable=False),
        sa.UniqueConstraint("mark"),
    )
    op.create_table(
        "asked_traces",
        sa.Column("asked_id", sa.BigInteger(), nullable=False),
        sa.Column("trace_id", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(["asked_id"], ["offers_asked.id"], ondelete="CASCADE"),
        sa.ForeignKeyConstraint(["trace_id"], ["traces.id"]),
        sa.PrimaryKeyConstraint("asked_id", "trace_id"),
    )
    op.create_index("ix_asked_traces_trace_id", "asked_traces", ["trace_id"])
    _make("recruiters", _id(), sa.Column("opened_at", MOMENT, nullable=False), _indexed_moment("reported_at"))
    _pair("recruiter_traces", "recruiter_id", "recruiters", "trace_id", "traces")
    op.add_column("recruiter_traces", sa.Column("officer_id", sa.BigInteger(), nullable=True))
    op.add_column("recruiter_traces", sa.Column("added_at", MOMENT, nullable=False))
    op.create_foreign_key("recruiter_traces_officer_id_fkey", "recruiter_traces", "officers", ["officer_id"], ["id"])
    _pair("recruiter_cases", "recruiter_id", "recruiters", "case_id", "cases")
    _make(
        "recruiter_statements",
        _id(),
        _reference("recruiter_id", "recruiters", index=True),
        _text("text"),
        sa.Column("on_date", sa.Date(), nullable=False),
        _reference("officer_id", "officers"),
        sa.Column("recorded_at", MOMENT, nullable=False),
    )
    _make_verdicts()
    _pair("verdict_traces", "verdict_id", "recruiter_verdicts", "trace_id", "traces")
    _make(
        "registry_uploads",
        _id(),
        _reference("officer_id", "officers"),
        sa.Column("file_name", sa.String(length=255), nullable=False),
        sa.Column("data_date", sa.Date(), nullable=False),
        sa.Column("content", sa.LargeBinary(), nullable=False),
        sa.Column("made_at", MOMENT, nullable=False),
    )
    op.add_column("outcomes", sa.Column("recruiter_id", sa.BigInteger(), nullable=True))
    op.create_foreign_key("outcomes_recruiter_id_fkey", "outcomes", "recruiters", ["recruiter_id"], ["id"])
    op.create_index("ix_outcomes_recruiter_id", "outcomes", ["recruiter_id"])
    op.alter_column("outcomes", "case_id", nullable=True)
    op.create_check_constraint("outcomes_of_one", "outcomes", "num_nonnulls(case_id, recruiter_id) = 1")


def _make_verdicts() -> None:
    _make(
        "recruiter_verdicts",
        _id(),
        _reference("recruiter_id", "recruiters", index=True),
        _text("reason"),
        sa.Column("invited_on", sa.Date(), nullable=False),
        _text("invited_how"),
        _reference("proposed_by", "officers"),
        sa.Column("proposed_at", MOMENT, nullable=False),
        _reference("agreed_by", "officers", nullable=True),
        sa.Column("agreed_at", MOMENT, nullable=True),
        sa.Column("expires_on", sa.Date(), nullable=False),
        _reference("ended_by", "officers", nullable=True),
        sa.Column("ended_at", MOMENT, nullable=True),
        sa.Column("end_reason", sa.Text(), nullable=True),
        sa.CheckConstraint("agreed_by <> proposed_by", name="recruiter_verdicts_by_two"),
    )
    is_open = sa.text("ended_at is null")
    op.create_index(
        "recruiter_verdicts_open", "recruiter_verdicts", ["recruiter_id"], unique=True, postgresql_where=is_open
    )


def _make(table: str, *columns: sa.schema.SchemaItem) -> None:
    op.create_table(table, *columns, sa.PrimaryKeyConstraint("id"))


def _pair(table: str, one: str, of_one: str, other: str, of_other: str) -> None:
    op.create_table(
        table,
        sa.Column(one, sa.BigInteger(), nullable=False),
        sa.Column(other, sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint([one], [f"{of_one}.id"]),
        sa.ForeignKeyConstraint([other], [f"{of_other}.id"]),
        sa.PrimaryKeyConstraint(one, other),
    )
    op.create_index(f"ix_{table}_{other}", table, [other])


def _id() -> sa.Column:
    return sa.Column("id", sa.BigInteger(), nullable=False)


def _text(name: str) -> sa.Column:
    return sa.Column(name, sa.Text(), nullable=False)


def _indexed_moment(name: str) -> sa.Column:
    return sa.Column(name, MOMENT, nullable=False, index=True)


def _reference(name: str, table: str, *, nullable: bool = False, index: bool = False) -> sa.Column:
    return sa.Column(name, sa.BigInteger(), sa.ForeignKey(f"{table}.id"), nullable=nullable, index=index)


def downgrade() -> None:
    op.execute("delete from outcomes where recruiter_id is not null")
    op.drop_constraint("outcomes_of_one", "outcomes")
    op.alter_column("outcomes", "case_id", nullable=False)
    op.drop_column("outcomes", "recruiter_id")
    for table in (
        "registry_uploads",
        "verdict_traces",
        "recruiter_verdicts",
        "recruiter_statements",
        "recruiter_cases",
        "recruiter_traces",
        "recruiters",
        "asked_traces",
        "traces",
        "trace_key",
        "offer_pictures",
    ):
        op.drop_table(table)
    op.drop_column("offers_asked", "album")
    op.drop_column("chats", "erased_at")
