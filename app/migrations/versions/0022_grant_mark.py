"""A mark that changes with the permissions of any role, so that a process may keep them."""

import sqlalchemy as sa
from alembic import op

revision = "0022_grant_mark"
down_revision = "0021_handover"
branch_labels = None
depends_on = None

SOURCES = ("ab_permission", "ab_view_menu", "ab_permission_view", "ab_permission_view_role", "ab_role")
"""What the permissions of a role are read from. Who has which role is read for every request."""
VERBS = ("INSERT", "UPDATE", "DELETE")


def upgrade() -> None:
    op.create_table(
        "grant_mark",
        sa.Column("id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("mark", sa.String(length=36), nullable=False),
        sa.PrimaryKeyConstraint("id"),
    )
    is_postgresql = op.get_bind().dialect.name == "postgresql"
    # Random, not counted: a change that is rolled back and the next one must not come to the same mark.
    fresh = "gen_random_uuid()::text" if is_postgresql else "lower(hex(randomblob(16)))"
    op.execute(f"INSERT INTO grant_mark (id, mark) VALUES (1, {fresh})")
    draw = f"UPDATE grant_mark SET mark = {fresh}"
    if is_postgresql:
        op.execute(
            f"CREATE FUNCTION draw_grant_mark() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN {draw}; RETURN NULL; END $$"
        )
        for table in SOURCES:
            op.execute(
                f"CREATE TRIGGER {table}_mark AFTER INSERT OR UPDATE OR DELETE OR TRUNCATE ON {table}"
                " FOR EACH STATEMENT EXECUTE FUNCTION draw_grant_mark()"
            )
        return
    for table in SOURCES:
        for verb in VERBS:
            op.execute(f"CREATE TRIGGER {table}_mark_{verb.lower()} AFTER {verb} ON {table} BEGIN {draw}; END")


def downgrade() -> None:
    if op.get_bind().dialect.name == "postgresql":
        for table in SOURCES:
            op.execute(f"DROP TRIGGER {table}_mark ON {table}")
        op.execute("DROP FUNCTION draw_grant_mark()")
    else:
        for table in SOURCES:
            for verb in VERBS:
                op.execute(f"DROP TRIGGER {table}_mark_{verb.lower()}")
    op.drop_table("grant_mark")
