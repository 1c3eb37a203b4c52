"""Who the desk took for one of the household that a caller had named."""

import sqlalchemy as sa
from alembic import op

import app.models.base

revision = "0025_caller_confirmation"
down_revision = "0024_urge"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "caller_confirmation",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("call_id", sa.Integer(), nullable=False),
        sa.Column("house_id", sa.Integer(), nullable=False),
        sa.Column("user_id", sa.Integer(), nullable=True),
        sa.Column("confirmed_by", sa.String(length=80), nullable=False),
        sa.Column("confirmed_at", app.models.base.UTCDateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["call_id"], ["call.id"]),
        sa.ForeignKeyConstraint(["house_id"], ["house.id"]),
        sa.ForeignKeyConstraint(["user_id"], ["ab_user.id"]),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("call_id", "house_id"),
    )


def downgrade() -> None:
    op.drop_table("caller_confirmation")
