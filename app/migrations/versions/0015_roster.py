"""Rotations, overrides, swaps and calendar links of the duty roster.

Revision ID: 0015_roster
Revises: 0014_pinyin
"""

import sqlalchemy as sa
from alembic import op

from app.migrations.triggers import create_append_only, drop_append_only
from app.models.base import JsonData, UTCDateTime

revision = "0015_roster"
down_revision = "0014_pinyin"
branch_labels = None
depends_on = None

TIERS = "('on_duty', 'backup', 'manager')"
INSTANT = UTCDateTime(timezone=True)


def upgrade() -> None:
    _rotations()
    with op.batch_alter_table("duty_shift") as table:
        table.add_column(sa.Column("rotation_id", sa.Integer(), nullable=True))
        table.add_column(sa.Column("is_override", sa.Boolean(), nullable=False, server_default=sa.false()))
        table.add_column(sa.Column("note", sa.String(length=255), nullable=False, server_default=""))
        table.create_foreign_key("fk_duty_shift_rotation", "duty_rotation", ["rotation_id"], ["id"])
        table.create_unique_constraint("uq_duty_shift_rotation_starts", ["rotation_id", "starts_at"])
    with op.batch_alter_table("duty_shift") as table:
        table.alter_column("is_override", server_default=None)
        table.alter_column("note", server_default=None)
    _swaps()
    _entries()
    _small_tables()
    create_append_only("duty_entry")


def _rotations() -> None:
    op.create_table(
        "duty_rotation",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("community_id", sa.Integer(), nullable=False),
        sa.Column("tier", sa.String(length=20), nullable=False),
        sa.Column("name", sa.String(length=80), nullable=False),
        sa.Column("pattern", sa.String(length=20), nullable=False),
        sa.Column("days", sa.String(length=20), nullable=False),
        sa.Column("days_on", sa.Integer(), nullable=False),
        sa.Column("days_off", sa.Integer(), nullable=False),
        sa.Column("handoffs", sa.String(length=80), nullable=False),
        sa.Column("until", sa.String(length=5), nullable=True),
        sa.Column("starts_on", sa.Date(), nullable=False),
        sa.Column("ends_on", sa.Date(), nullable=True),
        sa.Column("number", sa.String(length=20), nullable=True),
        sa.Column("active", sa.Boolean(), nullable=False),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.CheckConstraint(f"tier IN {TIERS}", name="tier_known"),
        sa.CheckConstraint("pattern IN ('each_shift', 'daily', 'weekly', 'on_off')", name="pattern_known"),
        sa.CheckConstraint("days IN ('every', 'work_days', 'days_off')", name="days_known"),
        sa.CheckConstraint("days_on > 0 AND days_off >= 0", name="days_positive"),
        sa.CheckConstraint("ends_on IS NULL OR ends_on >= starts_on", name="ends_after_start"),
        sa.ForeignKeyConstraint(["community_id"], ["community.id"]),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index("ix_duty_rotation_community_id", "duty_rotation", ["community_id"])
    op.create_table(
        "rotation_member",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("rotation_id", sa.Integer(), nullable=False),
        sa.Column("place", sa.Integer(), nullable=False),
        sa.Column("staff_id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["rotation_id"], ["duty_rotation.id"]),
        sa.ForeignKeyConstraint(["staff_id"], ["staff.id"]),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("rotation_id", "place"),
    )
    op.create_index("ix_rotation_member_staff_id", "rotation_member", ["staff_id"])


def _swaps() -> None:
    op.create_table(
        "duty_swap",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("community_id", sa.Integer(), nullable=False),
        sa.Column("state", sa.String(length=20), nullable=False),
        sa.Column("asker_id", sa.Integer(), nullable=False),
        sa.Column("other_id", sa.Integer(), nullable=False),
        sa.Column("tier", sa.String(length=20), nullable=False),
        sa.Column("starts_at", INSTANT, nullable=False),
        sa.Column("ends_at", INSTANT, nullable=False),
        sa.Column("return_tier", sa.String(length=20), nullable=True),
        sa.Column("return_starts_at", INSTANT, nullable=True),
        sa.Column("return_ends_at", INSTANT, nullable=True),
        sa.Column("note", sa.String(length=255), nullable=False),
        sa.Column("asked_at", INSTANT, nullable=False),
        sa.Column("answered_at", INSTANT, nullable=True),
        sa.Column("answered_by", sa.String(length=80), nullable=True),
        sa.Column("answer", sa.String(length=255), nullable=False),
        sa.CheckConstraint(f"tier IN {TIERS}", name="tier_known"),
        sa.CheckConstraint(f"return_tier IS NULL OR return_tier IN {TIERS}", name="return_tier_known"),
        sa.CheckConstraint("state IN ('asked', 'accepted', 'declined', 'withdrawn')", name="state_known"),
        sa.CheckConstraint("ends_at > starts_at", name="ends_after_start"),
        sa.CheckConstraint("asker_id <> other_id", name="two_people"),
        sa.ForeignKeyConstraint(["community_id"], ["community.id"]),
        sa.ForeignKeyConstraint(["asker_id"], ["staff.id"]),
        sa.ForeignKeyConstraint(["other_id"], ["staff.id"]),
        sa.PrimaryKeyConstraint("id"),
    )
    for column in ("community_id", "asker_id", "other_id"):
        op.create_index(f"ix_duty_swap_{column}", "duty_swap", [column])
    op.create_index("ix_duty_swap_state_starts", "duty_swap", ["state", "starts_at"])


def _entries() -> None:
    op.create_table(
        "duty_entry",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("community_id", sa.Integer(), nullable=False),
        sa.Column("at", INSTANT, nullable=False),
        sa.Column("verb", sa.String(length=30), nullable=False),
        sa.Column("actor_id", sa.Integer(), nullable=True),
        sa.Column("actor_name", sa.String(length=80), nullable=False),
        sa.Column("tier", sa.String(length=20), nullable=True),
        sa.Column("staff_id", sa.Integer(), nullable=True),
        sa.Column("other_id", sa.Integer(), nullable=True),
        sa.Column("starts_at", INSTANT, nullable=True),
        sa.Column("ends_at", INSTANT, nullable=True),
        sa.Column("note", sa.Text(), nullable=False),
        sa.Column("data", JsonData, nullable=False),
        sa.ForeignKeyConstraint(["community_id"], ["community.id"]),
        sa.ForeignKeyConstraint(["actor_id"], ["ab_user.id"]),
        sa.ForeignKeyConstraint(["staff_id"], ["staff.id"]),
        sa.ForeignKeyConstraint(["other_id"], ["staff.id"]),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index("ix_duty_entry_community_at", "duty_entry", ["community_id", "at"])


def _small_tables() -> None:
    op.create_table(
        "roster_finding",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("community_id", sa.Integer(), nullable=False),
        sa.Column("key", sa.String(length=120), nullable=False),
        sa.Column("trouble", sa.String(length=20), nullable=False),
        sa.Column("found_at", INSTANT, nullable=False),
        sa.CheckConstraint("trouble IN ('nobody', 'same_duty', 'same_person')", name="trouble_known"),
        sa.ForeignKeyConstraint(["community_id"], ["community.id"]),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("community_id", "key"),
    )
    op.create_table(
        "duty_feed",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("staff_id", sa.Integer(), nullable=False),
        sa.Column("token_hash", sa.String(length=64), nullable=False),
        sa.Column("made_at", INSTANT, nullable=False),
        sa.Column("read_at", INSTANT, nullable=True),
        sa.Column("active", sa.Boolean(), nullable=False),
        sa.ForeignKeyConstraint(["staff_id"], ["staff.id"]),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("staff_id"),
        sa.UniqueConstraint("token_hash"),
    )


def downgrade() -> None:
    drop_append_only("duty_entry")
    for table in ("duty_feed", "roster_finding", "duty_entry", "duty_swap"):
        op.drop_table(table)
    with op.batch_alter_table("duty_shift") as table:
        table.drop_constraint("uq_duty_shift_rotation_starts", type_="unique")
        table.drop_constraint("fk_duty_shift_rotation", type_="foreignkey")
        for column in ("note", "is_override", "rotation_id"):
            table.drop_column(column)
    op.drop_table("rotation_member")
    op.drop_table("duty_rotation")
