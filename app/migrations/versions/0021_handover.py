"""The handover at each change of shift; what both have signed never changes.

Revision ID: 0021_handover
Revises: 0020_recording_rule
"""

import sqlalchemy as sa
from alembic import op

from app.models.base import JsonData, UTCDateTime

revision = "0021_handover"
down_revision = "0020_recording_rule"
branch_labels = None
depends_on = None

INSTANT = UTCDateTime(timezone=True)


def upgrade() -> None:
    op.create_table(
        "handover",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("community_id", sa.Integer(), nullable=False),
        sa.Column("state", sa.String(length=20), nullable=False),
        sa.Column("begins_at", INSTANT, nullable=False),
        sa.Column("changes_at", INSTANT, nullable=False),
        sa.Column("ends_at", INSTANT, nullable=False),
        sa.Column("going_id", sa.Integer(), nullable=False),
        sa.Column("coming_id", sa.Integer(), nullable=False),
        sa.Column("content", JsonData, nullable=False),
        sa.Column("made_at", INSTANT, nullable=False),
        sa.Column("read_at", INSTANT, nullable=False),
        sa.Column("going_remark", sa.Text(), nullable=False),
        sa.Column("coming_remark", sa.Text(), nullable=False),
        sa.Column("going_signed_at", INSTANT, nullable=True),
        sa.Column("going_signed_by", sa.String(length=80), nullable=True),
        sa.Column("coming_signed_at", INSTANT, nullable=True),
        sa.Column("coming_signed_by", sa.String(length=80), nullable=True),
        sa.Column("told_at", INSTANT, nullable=True),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.CheckConstraint("state IN ('open', 'signed', 'void')", name="state_known"),
        sa.CheckConstraint("going_id <> coming_id", name="two_people"),
        sa.CheckConstraint(
            "state <> 'signed' OR (going_signed_at IS NOT NULL AND coming_signed_at IS NOT NULL)", name="signed_by_both"
        ),
        sa.ForeignKeyConstraint(["community_id"], ["community.id"]),
        sa.ForeignKeyConstraint(["going_id"], ["staff.id"]),
        sa.ForeignKeyConstraint(["coming_id"], ["staff.id"]),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("community_id", "changes_at"),
    )
    op.create_index("ix_handover_going_id", "handover", ["going_id"])
    op.create_index("ix_handover_coming_id", "handover", ["coming_id"])
    op.create_index("ix_handover_state_changes", "handover", ["state", "changes_at"])
    _guard()


def _guard() -> None:
    if op.get_bind().dialect.name == "postgresql":
        op.execute(
            "CREATE TRIGGER handover_signed BEFORE UPDATE OR DELETE ON handover"
            " FOR EACH ROW WHEN (OLD.state = 'signed') EXECUTE FUNCTION refuse_change()"
        )
        return
    for verb in ("UPDATE", "DELETE"):
        op.execute(
            f"CREATE TRIGGER handover_signed_no_{verb.lower()} BEFORE {verb} ON handover WHEN OLD.state = 'signed'"
            " BEGIN SELECT RAISE(ABORT, 'handover is append-only'); END"
        )


def downgrade() -> None:
    if op.get_bind().dialect.name == "postgresql":
        op.execute("DROP TRIGGER handover_signed ON handover")
    else:
        for verb in ("update", "delete"):
            op.execute(f"DROP TRIGGER handover_signed_no_{verb}")
    op.drop_table("handover")
