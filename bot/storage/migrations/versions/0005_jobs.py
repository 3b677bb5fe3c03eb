"""The task queue's tables, as procrastinate ships them.

Its next release with a schema of its own needs a revision here that runs its new migrations where they have not run
yet: a test tells when.
"""

from __future__ import annotations

from alembic import op
from procrastinate.schema import SchemaManager

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None

NEWEST_MIGRATION = "03.04.00_50_post_add_retry_failed_job_procedure.sql"
"""Of procrastinate, contained in the schema that this revision makes."""

DROP = """
do $$
declare
    one record;
begin
    for one in select oid::regclass as name from pg_class
        where relname like 'procrastinate\\_%' and relkind = 'r' and relnamespace = current_schema()::regnamespace
    loop
        execute format('drop table %s cascade', one.name);
    end loop;
    for one in select oid::regprocedure as name from pg_proc
        where proname like 'procrastinate\\_%' and pronamespace = current_schema()::regnamespace
    loop
        execute format('drop function %s cascade', one.name);
    end loop;
    for one in select oid::regtype as name from pg_type
        where typname like 'procrastinate\\_%' and typtype in ('e', 'c')
            and typnamespace = current_schema()::regnamespace
    loop
        execute format('drop type %s cascade', one.name);
    end loop;
end $$
"""


def upgrade() -> None:
    _run(SchemaManager.get_schema())


def downgrade() -> None:
    _run(DROP)


def _run(script: str) -> None:
    """Many statements at once, in which a percent sign is just that."""
    with op.get_bind().connection.cursor() as cursor:
        cursor.execute(script)
