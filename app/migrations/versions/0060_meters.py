"""Meters of houses with their readings; a fee may be charged by them.

Revision ID: 0060_meters
Revises: 0059_bank
"""

import sqlalchemy as sa
from alembic import op

from app.migrations.checks import replace_codes
from app.models.base import Rate, UTCDateTime

revision = "0060_meters"
down_revision = "0059_bank"
branch_labels = None
depends_on = None

INSTANT = UTCDateTime(timezone=True)
HOUSE = (["house_id", "community_id"], ["house.id", "house.community_id"])
BASES = "('per_m2_month', 'per_house_month', 'per_vehicle_month', 'per_tenancy_month', 'per_unit', 'once')"
AND_METERS = (
    "('per_m2_month', 'per_house_month', 'per_vehicle_month', 'per_tenancy_month', 'per_meter', 'per_unit', 'once')"
)
COUNTS = sa.text("struck_at IS NULL")


def upgrade() -> None:
    replace_codes("fee_item", "basis", BASES, AND_METERS)
    op.create_table(
        "meter",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("community_id", sa.Integer(), nullable=False),
        sa.Column("house_id", sa.Integer(), nullable=False),
        sa.Column("fee_item_id", sa.Integer(), nullable=True),
        sa.Column("kind", sa.String(20), nullable=False),
        sa.Column("number", sa.String(40), nullable=False),
        sa.Column("digits", sa.Integer(), nullable=False),
        sa.Column("starts_on", sa.Date(), nullable=False),
        sa.Column("start_value", Rate(), nullable=False),
        sa.Column("ends_on", sa.Date(), nullable=True),
        sa.CheckConstraint("kind IN ('cold_water', 'hot_water', 'electricity', 'gas', 'heat')", name="kind_known"),
        sa.CheckConstraint("digits BETWEEN 3 AND 9", name="digits_range"),
        sa.CheckConstraint("start_value >= 0", name="start_not_negative"),
        sa.CheckConstraint("ends_on IS NULL OR ends_on >= starts_on", name="ends_after_start"),
        sa.CheckConstraint("length(number) > 0", name="number_given"),
        sa.ForeignKeyConstraint(*HOUSE, name="fk_meter_house"),
        sa.ForeignKeyConstraint(["community_id"], ["community.id"]),
        sa.ForeignKeyConstraint(["house_id"], ["house.id"]),
        sa.ForeignKeyConstraint(["fee_item_id"], ["fee_item.id"]),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("community_id", "number"),
    )
    op.create_index("ix_meter_house_id", "meter", ["house_id"])
    op.create_index("ix_meter_fee_item_id", "meter", ["fee_item_id"])
    _reading()


def _reading() -> None:
    op.create_table(
        "meter_reading",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("meter_id", sa.Integer(), nullable=False),
        sa.Column("community_id", sa.Integer(), nullable=False),
        sa.Column("house_id", sa.Integer(), nullable=False),
        sa.Column("read_on", sa.Date(), nullable=False),
        sa.Column("value", Rate(), nullable=False),
        sa.Column("used", Rate(), nullable=False),
        sa.Column("sure", sa.Boolean(), nullable=False),
        sa.Column("note", sa.String(255), nullable=False),
        sa.Column("at", INSTANT, nullable=False),
        sa.Column("read_by", sa.String(80), nullable=False),
        sa.Column("struck_at", INSTANT, nullable=True),
        sa.Column("struck_by", sa.String(80), nullable=False),
        sa.Column("struck_reason", sa.String(255), nullable=False),
        sa.CheckConstraint("value >= 0", name="value_not_negative"),
        sa.CheckConstraint("used >= 0", name="used_not_negative"),
        sa.CheckConstraint("(struck_at IS NULL) = (struck_by = '')", name="struck_by_whom"),
        sa.ForeignKeyConstraint(*HOUSE, name="fk_meter_reading_house"),
        sa.ForeignKeyConstraint(["meter_id"], ["meter.id"]),
        sa.ForeignKeyConstraint(["community_id"], ["community.id"]),
        sa.ForeignKeyConstraint(["house_id"], ["house.id"]),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index(
        "uq_meter_reading_day", "meter_reading", ["meter_id", "read_on"], unique=True, sqlite_where=COUNTS,
        postgresql_where=COUNTS,
    )  # fmt: skip
    op.create_index("ix_meter_reading_month", "meter_reading", ["community_id", "read_on"])
    op.create_index("ix_meter_reading_house_id", "meter_reading", ["house_id"])


def downgrade() -> None:
    op.drop_table("meter_reading")
    op.drop_table("meter")
    op.execute("UPDATE fee_item SET basis = 'per_unit' WHERE basis = 'per_meter'")
    replace_codes("fee_item", "basis", AND_METERS, BASES)
