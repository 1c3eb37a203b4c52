"""Fee reminders: their steps, what each house was reminded of, why it is in arrears, what rests.

Revision ID: 0031_collection
Revises: 0030_recording_pause
"""

import sqlalchemy as sa
from alembic import op

from app.migrations.triggers import create_append_only, drop_append_only
from app.models.base import JsonData, Money, UTCDateTime

revision = "0036_collection"
down_revision = "0035_clock_draft"
branch_labels = None
depends_on = None

INSTANT = UTCDateTime(timezone=True)
HOUSE = (["house_id", "community_id"], ["house.id", "house.community_id"])
REASONS = (
    "'forgotten', 'away', 'empty', 'hardship', 'service', 'bill', 'defects', 'sale', 'unreachable', 'refuses',"
    " 'promised', 'other'"
)


def upgrade() -> None:
    unpaid = sa.text("state IN ('open', 'part_paid')")
    op.create_index("ix_bill_unpaid", "bill", ["community_id", "due_on"], sqlite_where=unpaid, postgresql_where=unpaid)
    _steps()
    _reminders()
    _reasons()
    create_append_only("arrears_note")


def _steps() -> None:
    op.create_table(
        "reminder_step",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("way", sa.String(length=10), nullable=False),
        sa.Column("after_days", sa.Integer(), nullable=False),
        sa.Column("text", sa.String(length=400), nullable=False),
        sa.Column("text_en", sa.String(length=600), nullable=False),
        sa.Column("active", sa.Boolean(), nullable=False),
        sa.CheckConstraint("way IN ('sms', 'call', 'letter')", name="way_known"),
        sa.CheckConstraint("after_days BETWEEN 0 AND 60", name="after_days_range"),
        sa.CheckConstraint("length(text) > 0 AND length(text_en) > 0", name="in_both_languages"),
        sa.PrimaryKeyConstraint("id"),
    )


def _reminders() -> None:
    op.create_table(
        "fee_reminder",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("key", sa.String(length=80), nullable=False),
        sa.Column("community_id", sa.Integer(), nullable=False),
        sa.Column("house_id", sa.Integer(), nullable=False),
        sa.Column("payer_id", sa.Integer(), nullable=False),
        sa.Column("period", sa.String(length=7), nullable=False),
        sa.Column("step_id", sa.Integer(), nullable=False),
        sa.Column("way", sa.String(length=10), nullable=False),
        sa.Column("amount_yuan", Money(), nullable=False),
        sa.Column("planned_at", INSTANT, nullable=False),
        sa.Column("target_id", sa.Integer(), nullable=True),
        sa.Column("letter_state", sa.String(length=20), nullable=True),
        sa.Column("letter", JsonData, nullable=True),
        sa.Column("handed_way", sa.String(length=20), nullable=True),
        sa.Column("handed_on", sa.Date(), nullable=True),
        sa.Column("handed_note", sa.String(length=200), nullable=False),
        sa.Column("noted_at", INSTANT, nullable=True),
        sa.Column("noted_by_id", sa.Integer(), nullable=True),
        sa.Column("noted_by", sa.String(length=80), nullable=False),
        sa.CheckConstraint("way IN ('sms', 'call', 'letter')", name="way_known"),
        sa.CheckConstraint(
            "letter_state IS NULL OR letter_state IN ('waiting', 'handed_over', 'void')", name="letter_state_known"
        ),
        sa.CheckConstraint(
            "handed_way IS NULL OR handed_way IN ('in_person', 'letterbox', 'registered')", name="handed_way_known"
        ),
        sa.CheckConstraint("length(period) = 7", name="period_is_month"),
        sa.CheckConstraint("(way = 'letter') = (letter_state IS NOT NULL)", name="letter_has_a_state"),
        sa.CheckConstraint(
            "letter_state IS NULL OR letter_state <> 'handed_over' OR (handed_way IS NOT NULL AND handed_on IS NOT NULL)",
            name="handed_over_how",
        ),
        sa.ForeignKeyConstraint(["community_id"], ["community.id"]),
        sa.ForeignKeyConstraint(["house_id"], ["house.id"]),
        sa.ForeignKeyConstraint(*HOUSE, name="fk_reminder_house"),
        sa.ForeignKeyConstraint(["payer_id"], ["person.id"]),
        sa.ForeignKeyConstraint(["step_id"], ["reminder_step.id"]),
        sa.ForeignKeyConstraint(["target_id"], ["campaign_target.id"]),
        sa.ForeignKeyConstraint(["noted_by_id"], ["ab_user.id"]),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("key"),
    )
    waiting = sa.text("letter_state = 'waiting'")
    op.create_index("ix_fee_reminder_community_period", "fee_reminder", ["community_id", "period"])
    op.create_index("ix_fee_reminder_house_period", "fee_reminder", ["house_id", "period"])
    op.create_index(op.f("ix_fee_reminder_payer_id"), "fee_reminder", ["payer_id"])
    op.create_index(op.f("ix_fee_reminder_target_id"), "fee_reminder", ["target_id"])
    op.create_index(
        "ix_fee_reminder_waiting", "fee_reminder", ["community_id"], sqlite_where=waiting, postgresql_where=waiting
    )
    op.create_table(
        "fee_reminder_bill",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("reminder_id", sa.Integer(), nullable=False),
        sa.Column("bill_id", sa.Integer(), nullable=False),
        sa.Column("rest_yuan", Money(), nullable=False),
        sa.ForeignKeyConstraint(["bill_id"], ["bill.id"]),
        sa.ForeignKeyConstraint(["reminder_id"], ["fee_reminder.id"]),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("reminder_id", "bill_id"),
    )
    op.create_index(op.f("ix_fee_reminder_bill_bill_id"), "fee_reminder_bill", ["bill_id"])


def _reasons() -> None:
    op.create_table(
        "arrears_note",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("community_id", sa.Integer(), nullable=False),
        sa.Column("house_id", sa.Integer(), nullable=False),
        sa.Column("reason", sa.String(length=20), nullable=False),
        sa.Column("note", sa.String(length=400), nullable=False),
        sa.Column("noted_on", sa.Date(), nullable=False),
        sa.Column("at", INSTANT, nullable=False),
        sa.Column("actor_id", sa.Integer(), nullable=True),
        sa.Column("actor_name", sa.String(length=80), nullable=False),
        sa.CheckConstraint(f"reason IN ({REASONS})", name="reason_known"),
        sa.ForeignKeyConstraint(["community_id"], ["community.id"]),
        sa.ForeignKeyConstraint(["house_id"], ["house.id"]),
        sa.ForeignKeyConstraint(*HOUSE, name="fk_arrears_note_house"),
        sa.ForeignKeyConstraint(["actor_id"], ["ab_user.id"]),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index(op.f("ix_arrears_note_community_id"), "arrears_note", ["community_id"])
    op.create_index("ix_arrears_note_house", "arrears_note", ["house_id", "id"])
    op.create_table(
        "collection_hold",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("community_id", sa.Integer(), nullable=False),
        sa.Column("house_id", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(length=20), nullable=False),
        sa.Column("note", sa.String(length=400), nullable=False),
        sa.Column("starts_on", sa.Date(), nullable=False),
        sa.Column("ends_on", sa.Date(), nullable=True),
        sa.Column("set_at", INSTANT, nullable=False),
        sa.Column("set_by_id", sa.Integer(), nullable=True),
        sa.Column("set_by", sa.String(length=80), nullable=False),
        sa.Column("lifted_at", INSTANT, nullable=True),
        sa.Column("lifted_by", sa.String(length=80), nullable=False),
        sa.CheckConstraint("kind IN ('hardship', 'agreement', 'legal')", name="kind_known"),
        sa.CheckConstraint("ends_on IS NULL OR ends_on >= starts_on", name="ends_after_start"),
        sa.ForeignKeyConstraint(["community_id"], ["community.id"]),
        sa.ForeignKeyConstraint(["house_id"], ["house.id"]),
        sa.ForeignKeyConstraint(*HOUSE, name="fk_hold_house"),
        sa.ForeignKeyConstraint(["set_by_id"], ["ab_user.id"]),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index(op.f("ix_collection_hold_community_id"), "collection_hold", ["community_id"])
    op.create_index("ix_collection_hold_house", "collection_hold", ["house_id"])


def downgrade() -> None:
    drop_append_only("arrears_note")
    for table in ("collection_hold", "arrears_note", "fee_reminder_bill", "fee_reminder", "reminder_step"):
        op.drop_table(table)
    op.drop_index("ix_bill_unpaid", table_name="bill")
