"""What an audit entry was about and where from; the row scope of an administrator's own roles."""

import sqlalchemy as sa
from alembic import op

from app.migrations.triggers import APPEND_ONLY

revision = "0003_access"
down_revision = "0002_household"
branch_labels = None
depends_on = None


def upgrade() -> None:
    # Columns are added one by one: a copy of the table (batch) would lose the triggers that make it append-only.
    op.add_column("access_entry", sa.Column("subject_kind", sa.String(length=20), nullable=True))
    op.add_column("access_entry", sa.Column("subject_id", sa.Integer(), nullable=True))
    op.add_column("access_entry", sa.Column("address", sa.String(length=45), nullable=True))
    op.create_index("ix_access_entry_action", "access_entry", ["action"])
    op.create_index("ix_access_entry_user", "access_entry", ["user_id"])
    op.create_table(
        "role_scope",
        sa.Column("role_id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("scope", sa.String(length=20), nullable=False),
        sa.CheckConstraint("scope IN ('community', 'building', 'assignment')", name=op.f("ck_role_scope_scope_known")),
        sa.ForeignKeyConstraint(["role_id"], ["ab_role.id"], name=op.f("fk_role_scope_role_id")),
        sa.PrimaryKeyConstraint("role_id", name=op.f("pk_role_scope")),
    )
    if op.get_bind().dialect.name == "postgresql":
        for table in APPEND_ONLY:
            op.execute(
                f"CREATE TRIGGER {table}_no_truncate BEFORE TRUNCATE ON {table}"
                " FOR EACH STATEMENT EXECUTE FUNCTION refuse_change()"
            )


def downgrade() -> None:
    if op.get_bind().dialect.name == "postgresql":
        for table in APPEND_ONLY:
            op.execute(f"DROP TRIGGER {table}_no_truncate ON {table}")
    op.drop_table("role_scope")
    op.drop_index("ix_access_entry_user", "access_entry")
    op.drop_index("ix_access_entry_action", "access_entry")
    for column in ("address", "subject_id", "subject_kind"):
        op.drop_column("access_entry", column)
