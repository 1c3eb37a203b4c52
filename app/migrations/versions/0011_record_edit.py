"""What a changed rule said before, on the audit trail; who last wrote which field of a record"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

import app.models.base

revision = "0011_record_edit"
down_revision = "0010_ticket_lists"
branch_labels = None
depends_on = None


def upgrade() -> None:
    changes = sa.JSON().with_variant(postgresql.JSONB(astext_type=sa.Text()), "postgresql")
    op.add_column("access_entry", sa.Column("changes", changes, nullable=True))
    op.create_table(
        "record_edit",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("table_name", sa.String(length=40), nullable=False),
        sa.Column("row_id", sa.Integer(), nullable=False),
        sa.Column("field", sa.String(length=60), nullable=False),
        sa.Column("user_id", sa.Integer(), nullable=True),
        sa.Column("actor_name", sa.String(length=80), nullable=False),
        sa.Column("at", app.models.base.UTCDateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["user_id"], ["ab_user.id"], name=op.f("fk_record_edit_user_id"), ondelete="SET NULL"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_record_edit")),
        sa.UniqueConstraint("table_name", "row_id", "field", name=op.f("uq_record_edit_table_name_row_id_field")),
    )


def downgrade() -> None:
    op.drop_table("record_edit")
    op.drop_column("access_entry", "changes")
