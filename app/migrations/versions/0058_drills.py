"""Drills 演练 of the emergency plans: planned, recorded step by step with photos, findings and improvements.

Revision ID: 0058_drills
Revises: 0057_filing
"""

import sqlalchemy as sa
from alembic import op

from app.migrations.triggers import create_append_only, drop_append_only
from app.models.base import JsonData, UTCDateTime

revision = "0058_drills"
down_revision = "0057_filing"
branch_labels = None
depends_on = None

INSTANT = UTCDateTime(timezone=True)


def upgrade() -> None:
    _drill()
    op.create_table(
        "drill_member",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("drill_id", sa.Integer(), nullable=False),
        sa.Column("staff_id", sa.Integer(), nullable=False),
        sa.Column("came", sa.Boolean(), nullable=True),
        sa.ForeignKeyConstraint(["drill_id"], ["plan_drill.id"]),
        sa.ForeignKeyConstraint(["staff_id"], ["staff.id"]),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("drill_id", "staff_id"),
    )
    op.create_index("ix_drill_member_staff_id", "drill_member", ["staff_id"])
    _finding()
    _photo()
    op.create_table(
        "drill_entry",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("drill_id", sa.Integer(), nullable=False),
        sa.Column("verb", sa.String(20), nullable=False),
        sa.Column("at", INSTANT, nullable=False),
        sa.Column("actor_name", sa.String(80), nullable=False),
        sa.Column("note", sa.Text(), nullable=False),
        sa.Column("data", JsonData, nullable=False),
        sa.ForeignKeyConstraint(["drill_id"], ["plan_drill.id"]),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index("ix_drill_entry_drill_id", "drill_entry", ["drill_id"])
    create_append_only("drill_entry")


def downgrade() -> None:
    drop_append_only("drill_entry")
    for table in ("drill_entry", "drill_photo", "drill_finding", "drill_member", "plan_drill"):
        op.drop_table(table)


def _drill() -> None:
    op.create_table(
        "plan_drill",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("community_id", sa.Integer(), nullable=False),
        sa.Column("plan_id", sa.Integer(), nullable=False),
        sa.Column("version_id", sa.Integer(), nullable=False),
        sa.Column("state", sa.String(20), nullable=False),
        sa.Column("starts_at", INSTANT, nullable=False),
        sa.Column("place", sa.String(120), nullable=False),
        sa.Column("aim", sa.Text(), nullable=False),
        sa.Column("others", sa.String(255), nullable=False),
        sa.Column("leader_id", sa.Integer(), nullable=False),
        sa.Column("planned_at", INSTANT, nullable=False),
        sa.Column("planned_by", sa.String(80), nullable=False),
        sa.Column("began_at", INSTANT, nullable=True),
        sa.Column("ended_at", INSTANT, nullable=True),
        sa.Column("steps", JsonData, nullable=False),
        sa.Column("observed", sa.Text(), nullable=False),
        sa.Column("recorded_at", INSTANT, nullable=True),
        sa.Column("recorded_by", sa.String(80), nullable=False),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.CheckConstraint("state IN ('planned', 'held', 'cancelled')", name="state_known"),
        sa.CheckConstraint(
            "state <> 'held' OR (began_at IS NOT NULL AND ended_at IS NOT NULL AND recorded_at IS NOT NULL)",
            name="held_is_recorded",
        ),
        sa.CheckConstraint("ended_at IS NULL OR ended_at >= began_at", name="ends_after_it_began"),
        sa.ForeignKeyConstraint(["community_id"], ["community.id"]),
        sa.ForeignKeyConstraint(["plan_id"], ["emergency_plan.id"]),
        sa.ForeignKeyConstraint(["version_id"], ["plan_version.id"]),
        sa.ForeignKeyConstraint(["leader_id"], ["staff.id"]),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index("ix_plan_drill_community", "plan_drill", ["community_id", "starts_at"])
    op.create_index("ix_plan_drill_plan", "plan_drill", ["plan_id", "community_id", "state"])
    op.create_index("ix_plan_drill_version_id", "plan_drill", ["version_id"])
    op.create_index("ix_plan_drill_leader_id", "plan_drill", ["leader_id"])


def _finding() -> None:
    op.create_table(
        "drill_finding",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("drill_id", sa.Integer(), nullable=False),
        sa.Column("finding", sa.Text(), nullable=False),
        sa.Column("improvement", sa.Text(), nullable=False),
        sa.Column("staff_id", sa.Integer(), nullable=False),
        sa.Column("until", sa.Date(), nullable=False),
        sa.Column("noted_at", INSTANT, nullable=False),
        sa.Column("noted_by", sa.String(80), nullable=False),
        sa.Column("done_at", INSTANT, nullable=True),
        sa.Column("done_by", sa.String(80), nullable=False),
        sa.Column("done", sa.Text(), nullable=False),
        sa.CheckConstraint("done_at IS NULL OR done <> ''", name="done_says_what"),
        sa.ForeignKeyConstraint(["drill_id"], ["plan_drill.id"]),
        sa.ForeignKeyConstraint(["staff_id"], ["staff.id"]),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index("ix_drill_finding_drill_id", "drill_finding", ["drill_id"])
    op.create_index("ix_drill_finding_staff_id", "drill_finding", ["staff_id"])


def _photo() -> None:
    op.create_table(
        "drill_photo",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("drill_id", sa.Integer(), nullable=False),
        sa.Column("name", sa.String(120), nullable=False),
        sa.Column("caption", sa.String(255), nullable=False),
        sa.Column("file_path", sa.String(255), nullable=False),
        sa.Column("thumb_path", sa.String(255), nullable=False),
        sa.Column("sha256", sa.String(64), nullable=False),
        sa.Column("size_bytes", sa.Integer(), nullable=False),
        sa.Column("uploader_name", sa.String(80), nullable=False),
        sa.Column("at", INSTANT, nullable=False),
        sa.CheckConstraint("size_bytes > 0", name="size_positive"),
        sa.ForeignKeyConstraint(["drill_id"], ["plan_drill.id"]),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("drill_id", "sha256"),
        sa.UniqueConstraint("file_path"),
    )
