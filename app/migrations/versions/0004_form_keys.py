"""Forms that were sent, so that a replay makes nothing twice."""

import sqlalchemy as sa
from alembic import op

import app.models.base

revision = "0004_form_keys"
down_revision = "0003_access"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "form_key",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("key", sa.String(length=64), nullable=False),
        sa.Column("user_id", sa.Integer(), nullable=False),
        sa.Column("address", sa.String(length=255), nullable=False),
        sa.Column("at", app.models.base.UTCDateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["user_id"], ["ab_user.id"]),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("user_id", "key"),
    )
    with op.batch_alter_table("form_key", schema=None) as batch_op:
        batch_op.create_index("ix_form_key_at", ["at"], unique=False)


def downgrade() -> None:
    op.drop_table("form_key")
