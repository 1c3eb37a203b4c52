"""Keys and items lent out.

Revision ID: 0042_loan
Revises: 0041_complaint_month
"""

import sqlalchemy as sa
from alembic import op

from app.models.base import UTCDateTime

revision = "0042_loan"
down_revision = "0041_complaint_month"
branch_labels = None
depends_on = None

INSTANT = UTCDateTime(timezone=True)


def upgrade() -> None:
    op.create_table(
        "loan",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("community_id", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(length=10), nullable=False),
        sa.Column("what", sa.String(length=80), nullable=False),
        sa.Column("house_id", sa.Integer(), nullable=True),
        sa.Column("taken_by", sa.String(length=80), nullable=False),
        sa.Column("reach", sa.String(length=80), nullable=False),
        sa.Column("lent_at", INSTANT, nullable=False),
        sa.Column("lent_by", sa.String(length=80), nullable=False),
        sa.Column("due_at", INSTANT, nullable=False),
        sa.Column("returned_at", INSTANT, nullable=True),
        sa.Column("returned_by", sa.String(length=80), nullable=False),
        sa.Column("received_by", sa.String(length=80), nullable=False),
        sa.Column("note", sa.String(length=255), nullable=False),
        sa.CheckConstraint("kind IN ('key', 'item')", name="kind_known"),
        sa.CheckConstraint("due_at > lent_at", name="due_after_lent"),
        sa.CheckConstraint("(returned_at IS NULL) = (returned_by = '')", name="returned_by_somebody"),
        sa.ForeignKeyConstraint(["community_id"], ["community.id"]),
        sa.ForeignKeyConstraint(["house_id", "community_id"], ["house.id", "house.community_id"], name="fk_loan_house"),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index("ix_loan_community_returned", "loan", ["community_id", "returned_at"])
    op.create_index("ix_loan_house_id", "loan", ["house_id"])


def downgrade() -> None:
    op.drop_table("loan")
