"""Complaints: their record, findings with a second person, the path upward; a written answer may be attached."""

import sqlalchemy as sa
from alembic import op

from app.migrations.checks import replace_codes
from app.models.base import UTCDateTime

revision = "0028_complaint"
down_revision = "0027_check_in"
branch_labels = None
depends_on = None

INSTANT = UTCDateTime(timezone=True)
ROLES = (
    "('admin', 'manager', 'deputy', 'supervisor', 'assistant', 'steward', 'technician', 'finance', 'quality', 'owner',"
    " 'resident')"
)
PARTIES = "('centre', 'developer', 'contractor', 'outside', 'owner')"
STAGES = "('report', 'before', 'after', 'evidence', 'signature')"
STAGES_AND_REPLY = "('report', 'before', 'after', 'reply', 'evidence', 'signature')"
IN_FORCE = sa.text("state <> 'superseded'")


def upgrade() -> None:
    _complaint()
    _finding()
    op.create_table(
        "complaint_rung",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("role", sa.String(length=20), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("active", sa.Boolean(), nullable=False),
        sa.CheckConstraint(f"role IN {ROLES}", name="role_known"),
        sa.CheckConstraint("position > 0", name="position_positive"),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("role"),
    )
    # What was complained about before has a record like the rest, and nobody has to read it anew.
    op.execute(
        "INSERT INTO complaint (ticket_id, record_opened_at, opinion, read_round)"
        " SELECT id, created_at, '', reopened_count FROM ticket WHERE kind = 'complaint'"
    )
    replace_codes("attachment", "stage", STAGES, STAGES_AND_REPLY)


def _complaint() -> None:
    op.create_table(
        "complaint",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("ticket_id", sa.Integer(), nullable=False),
        sa.Column("party", sa.String(length=20), nullable=True),
        sa.Column("cause", sa.String(length=20), nullable=True),
        sa.Column("level", sa.String(length=20), nullable=True),
        sa.Column("level_since", INSTANT, nullable=True),
        sa.Column("record_opened_at", INSTANT, nullable=True),
        sa.Column("settled_at", INSTANT, nullable=True),
        sa.Column("opinion", sa.Text(), nullable=False),
        sa.Column("read_round", sa.Integer(), nullable=False),
        sa.Column("read_at", INSTANT, nullable=True),
        sa.Column("read_by", sa.String(length=80), nullable=True),
        sa.CheckConstraint(f"party IS NULL OR party IN {PARTIES}", name="party_known"),
        sa.CheckConstraint(
            "cause IS NULL OR cause IN ('process_gap', 'human_error', 'material', 'outside')", name="cause_known"
        ),
        sa.CheckConstraint(f"level IS NULL OR level IN {ROLES}", name="level_known"),
        sa.ForeignKeyConstraint(["ticket_id"], ["ticket.id"]),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("ticket_id"),
    )
    op.create_index("ix_complaint_level", "complaint", ["level"])


def _finding() -> None:
    op.create_table(
        "complaint_finding",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("ticket_id", sa.Integer(), nullable=False),
        sa.Column("validity", sa.String(length=20), nullable=False),
        sa.Column("grade", sa.String(length=20), nullable=True),
        sa.Column("party", sa.String(length=20), nullable=True),
        sa.Column("reasons", sa.Text(), nullable=False),
        sa.Column("state", sa.String(length=20), nullable=False),
        sa.Column("found_at", INSTANT, nullable=False),
        sa.Column("finder_id", sa.Integer(), nullable=True),
        sa.Column("finder_staff_id", sa.Integer(), nullable=True),
        sa.Column("finder_name", sa.String(length=80), nullable=False),
        sa.Column("second_at", INSTANT, nullable=True),
        sa.Column("second_id", sa.Integer(), nullable=True),
        sa.Column("second_staff_id", sa.Integer(), nullable=True),
        sa.Column("second_name", sa.String(length=80), nullable=True),
        sa.Column("second_words", sa.Text(), nullable=False),
        sa.CheckConstraint("validity IN ('valid', 'assistance', 'invalid')", name="validity_known"),
        sa.CheckConstraint("grade IS NULL OR grade IN ('major', 'ordinary')", name="grade_known"),
        sa.CheckConstraint(f"party IS NULL OR party IN {PARTIES}", name="party_known"),
        sa.CheckConstraint("state IN ('waiting', 'confirmed', 'objected', 'superseded')", name="state_known"),
        sa.CheckConstraint("second_id IS NULL OR second_id <> finder_id", name="two_logins"),
        sa.CheckConstraint("second_staff_id IS NULL OR second_staff_id <> finder_staff_id", name="two_people"),
        sa.ForeignKeyConstraint(["ticket_id"], ["ticket.id"]),
        sa.ForeignKeyConstraint(["finder_id"], ["ab_user.id"]),
        sa.ForeignKeyConstraint(["finder_staff_id"], ["staff.id"]),
        sa.ForeignKeyConstraint(["second_id"], ["ab_user.id"]),
        sa.ForeignKeyConstraint(["second_staff_id"], ["staff.id"]),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index("ix_complaint_finding_ticket_id", "complaint_finding", ["ticket_id"])
    op.create_index("ix_complaint_finding_state", "complaint_finding", ["state"])
    op.create_index(
        "uq_complaint_finding_in_force",
        "complaint_finding",
        ["ticket_id"],
        unique=True,
        sqlite_where=IN_FORCE,
        postgresql_where=IN_FORCE,
    )


def downgrade() -> None:
    op.execute("UPDATE attachment SET stage = 'report' WHERE stage = 'reply'")
    replace_codes("attachment", "stage", STAGES_AND_REPLY, STAGES)
    op.drop_table("complaint_rung")
    op.drop_table("complaint_finding")
    op.drop_table("complaint")
