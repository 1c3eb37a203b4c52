"""Billing: rates with their first day, what a house has of an item, concessions, runs; the days and concession of a bill.

Revision ID: 0049_billing
Revises: 0048_books
"""

import sqlalchemy as sa
from alembic import op

from app.migrations.checks import replace_codes
from app.models.base import Money, Rate, UTCDateTime

revision = "0049_billing"
down_revision = "0048_books"
branch_labels = None
depends_on = None

INSTANT = UTCDateTime(timezone=True)
HOUSE = (["house_id", "community_id"], ["house.id", "house.community_id"])
BASES = "('per_m2_month', 'per_house_month', 'per_vehicle_month', 'per_unit', 'once')"
AND_TENANCY = "('per_m2_month', 'per_house_month', 'per_vehicle_month', 'per_tenancy_month', 'per_unit', 'once')"


def upgrade() -> None:
    replace_codes("fee_item", "basis", BASES, AND_TENANCY)
    op.add_column("fee_item", sa.Column("ends_on", sa.Date(), nullable=True))
    op.add_column("bill", sa.Column("from_on", sa.Date(), nullable=True))
    op.add_column("bill", sa.Column("to_on", sa.Date(), nullable=True))
    op.add_column("bill", sa.Column("waived_yuan", Money(), nullable=False, server_default=sa.text("0")))
    op.create_table(
        "fee_rate",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("fee_item_id", sa.Integer(), nullable=False),
        sa.Column("rate", Rate(), nullable=False),
        sa.Column("valid_from", sa.Date(), nullable=False),
        sa.CheckConstraint("rate >= 0", name="rate_not_negative"),
        sa.ForeignKeyConstraint(["fee_item_id"], ["fee_item.id"]),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("fee_item_id", "valid_from"),
    )
    op.execute("INSERT INTO fee_rate (fee_item_id, rate, valid_from) SELECT id, rate, valid_from FROM fee_item")
    _of_houses()
    op.create_table(
        "billing_run",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("community_id", sa.Integer(), nullable=False),
        sa.Column("period", sa.String(7), nullable=False),
        sa.Column("state", sa.String(10), nullable=False),
        sa.Column("last_house_id", sa.Integer(), nullable=False),
        sa.Column("houses", sa.Integer(), nullable=False),
        sa.Column("houses_done", sa.Integer(), nullable=False),
        sa.Column("bills", sa.Integer(), nullable=False),
        sa.Column("amount", Money(), nullable=False),
        sa.Column("started_at", INSTANT, nullable=False),
        sa.Column("started_by", sa.String(80), nullable=False),
        sa.Column("finished_at", INSTANT, nullable=True),
        sa.CheckConstraint("state IN ('running', 'posted')", name="state_known"),
        sa.ForeignKeyConstraint(["community_id"], ["community.id"]),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("community_id", "period"),
    )
    op.create_index("ix_billing_run_running", "billing_run", ["state"])


def _of_houses() -> None:
    for table, own in (
        (
            "fee_use",
            (
                sa.Column("quantity", Rate(), nullable=False),
                sa.Column("note", sa.String(120), nullable=False),
                sa.CheckConstraint("quantity > 0", name="quantity_positive"),
            ),
        ),
        (
            "fee_concession",
            (
                sa.Column("percent", Rate(), nullable=False),
                sa.Column("reason", sa.String(255), nullable=False),
                sa.Column("decided_by", sa.String(80), nullable=False),
                sa.Column("decided_at", INSTANT, nullable=False),
                sa.CheckConstraint("percent > 0 AND percent <= 1000000", name="percent_range"),
                sa.CheckConstraint("length(reason) > 0", name="reason_given"),
            ),
        ),
    ):
        op.create_table(
            table,
            sa.Column("id", sa.Integer(), nullable=False),
            sa.Column("community_id", sa.Integer(), nullable=False),
            sa.Column("house_id", sa.Integer(), nullable=False),
            sa.Column("fee_item_id", sa.Integer(), nullable=False),
            sa.Column("starts_on", sa.Date(), nullable=False),
            sa.Column("ends_on", sa.Date(), nullable=True),
            *own,
            sa.CheckConstraint("ends_on IS NULL OR ends_on >= starts_on", name="ends_after_start"),
            sa.ForeignKeyConstraint(*HOUSE, name=f"fk_{table}_house"),
            sa.ForeignKeyConstraint(["community_id"], ["community.id"]),
            sa.ForeignKeyConstraint(["fee_item_id"], ["fee_item.id"]),
            sa.ForeignKeyConstraint(["house_id"], ["house.id"]),
            sa.PrimaryKeyConstraint("id"),
        )
        op.create_index(f"ix_{table}_community_id", table, ["community_id"])
        op.create_index(f"ix_{table}_house_id", table, ["house_id"])


def downgrade() -> None:
    for table in ("billing_run", "fee_concession", "fee_use", "fee_rate"):
        op.drop_table(table)
    for column in ("waived_yuan", "to_on", "from_on"):
        op.drop_column("bill", column)
    op.drop_column("fee_item", "ends_on")
    op.execute("UPDATE fee_item SET basis = 'per_house_month' WHERE basis = 'per_tenancy_month'")
    replace_codes("fee_item", "basis", AND_TENANCY, BASES)
