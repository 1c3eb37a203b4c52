"""Monthly appraisals: the weights of each role and each person's sheet

Revision ID: 0044_appraisals
Revises: 0043_survey_web
"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

from app.models.base import UTCDateTime

revision = "0044_appraisals"
down_revision = "0043_survey_web"
branch_labels = None
depends_on = None

INSTANT = UTCDateTime(timezone=True)
JSON = sa.JSON().with_variant(postgresql.JSONB(astext_type=sa.Text()), "postgresql")


def upgrade() -> None:
    op.create_table(
        "appraisal_plan",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("role", sa.String(20), nullable=False),
        sa.Column("starts_on", sa.Date(), nullable=False),
        sa.Column("lines", JSON, nullable=False),
        sa.Column("made_at", INSTANT, nullable=False),
        sa.Column("made_by", sa.String(80), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_appraisal_plan")),
        sa.UniqueConstraint("role", "starts_on", name=op.f("uq_appraisal_plan_role")),
    )
    op.create_table(
        "appraisal",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("community_id", sa.Integer(), nullable=False),
        sa.Column("staff_id", sa.Integer(), nullable=False),
        sa.Column("month", sa.String(7), nullable=False),
        sa.Column("role", sa.String(20), nullable=False),
        sa.Column("state", sa.String(20), nullable=False),
        sa.Column("lines", JSON, nullable=False),
        sa.Column("inspections", JSON, nullable=False),
        sa.Column("checked", JSON, nullable=False),
        sa.Column("items", JSON, nullable=False),
        sa.Column("total", sa.String(5), nullable=True),
        sa.Column("remark", sa.Text(), nullable=False),
        sa.Column("opened_at", INSTANT, nullable=False),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.CheckConstraint("state IN ('open', 'answered', 'signed')", name=op.f("ck_appraisal_state_known")),
        sa.CheckConstraint("length(month) = 7", name=op.f("ck_appraisal_month_whole")),
        sa.ForeignKeyConstraint(["community_id"], ["community.id"], name=op.f("fk_appraisal_community_id_community")),
        sa.ForeignKeyConstraint(["staff_id"], ["staff.id"], name=op.f("fk_appraisal_staff_id_staff")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_appraisal")),
        sa.UniqueConstraint("community_id", "staff_id", "month", name=op.f("uq_appraisal_community_id")),
    )
    op.create_index("ix_appraisal_staff_month", "appraisal", ["staff_id", "month"])
    op.create_index("ix_appraisal_state", "appraisal", ["state", "community_id"])


def downgrade() -> None:
    op.drop_table("appraisal")
    op.drop_table("appraisal_plan")
