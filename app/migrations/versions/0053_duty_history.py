"""What was announced, changed and ended of outages, and each STOP, START and key 9: lists that nobody changes.

Revision ID: 0053_duty_history
Revises: 0052_order_bills
"""

import sqlalchemy as sa
from alembic import op

from app.migrations.triggers import create_append_only, drop_append_only
from app.models.base import JsonData, UTCDateTime

revision = "0053_duty_history"
down_revision = "0052_order_bills"
branch_labels = None
depends_on = None

INSTANT = UTCDateTime(timezone=True)


def upgrade() -> None:
    op.create_table(
        "outage_entry",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("outage_id", sa.Integer(), nullable=False),
        sa.Column("at", INSTANT, nullable=False),
        sa.Column("verb", sa.String(20), nullable=False),
        sa.Column("actor_id", sa.Integer(), nullable=True),
        sa.Column("actor_name", sa.String(80), nullable=False),
        sa.Column("data", JsonData, nullable=False),
        sa.ForeignKeyConstraint(["actor_id"], ["ab_user.id"]),
        sa.ForeignKeyConstraint(["outage_id"], ["outage.id"]),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index("ix_outage_entry_at", "outage_entry", ["at"])
    op.create_index("ix_outage_entry_outage_id", "outage_entry", ["outage_id"])
    op.create_table(
        "wish_entry",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("community_id", sa.Integer(), nullable=True),
        sa.Column("at", INSTANT, nullable=False),
        sa.Column("number", sa.String(20), nullable=False),
        sa.Column("purpose", sa.String(20), nullable=False),
        sa.Column("wanted", sa.Boolean(), nullable=False),
        sa.Column("way", sa.String(10), nullable=False),
        sa.Column("actor_name", sa.String(80), nullable=False),
        sa.CheckConstraint("way IN ('sms', 'call', 'page')", name="way_known"),
        sa.ForeignKeyConstraint(["community_id"], ["community.id"]),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index("ix_wish_entry_community_at", "wish_entry", ["community_id", "at"])
    op.create_index("ix_wish_entry_number", "wish_entry", ["number"])
    for table in ("outage_entry", "wish_entry"):
        create_append_only(table)


def downgrade() -> None:
    for table in ("wish_entry", "outage_entry"):
        drop_append_only(table)
        op.drop_table(table)
