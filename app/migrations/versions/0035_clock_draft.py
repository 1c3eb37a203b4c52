"""Changes of the clock rules that are tried on past months before they are put in force.

Revision ID: 0033_clock_draft
Revises: 0032_work_calendar
"""

import sqlalchemy as sa
from alembic import op

from app.models.base import JsonData, UTCDateTime

revision = "0035_clock_draft"
down_revision = "0034_work_calendar"
branch_labels = None
depends_on = None

INSTANT = UTCDateTime(timezone=True)


def upgrade() -> None:
    op.create_table(
        "clock_draft",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("title", sa.String(length=80), nullable=False),
        sa.Column("state", sa.String(length=20), nullable=False),
        sa.Column("rows", JsonData, nullable=False),
        sa.Column("made_at", INSTANT, nullable=False),
        sa.Column("made_by", sa.String(length=80), nullable=False),
        sa.Column("decided_at", INSTANT, nullable=True),
        sa.Column("decided_by", sa.String(length=80), nullable=True),
        sa.Column("reason", sa.String(length=255), nullable=False),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.CheckConstraint("state IN ('open', 'in_force', 'dropped')", name="state_known"),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index("ix_clock_draft_state", "clock_draft", ["state", "made_at"])


def downgrade() -> None:
    op.drop_table("clock_draft")
