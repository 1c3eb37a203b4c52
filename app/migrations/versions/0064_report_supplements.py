"""A household's own supplement of a month's report: the frozen content and the files made from it.

Revision ID: 0064_report_supplements
Revises: 0063_report_questions
"""

import sqlalchemy as sa
from alembic import op

from app.models.base import JsonData, UTCDateTime

revision = "0064_report_supplements"
down_revision = "0063_report_questions"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "report_supplement",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("community_id", sa.Integer(), nullable=False),
        sa.Column("month", sa.String(7), nullable=False),
        sa.Column("person_id", sa.Integer(), nullable=False),
        sa.Column("made_at", UTCDateTime(timezone=True), nullable=False),
        sa.Column("content", JsonData, nullable=False),
        sa.Column("content_sha256", sa.String(64), nullable=False),
        sa.Column("file_path", sa.String(255), nullable=True),
        sa.Column("sha256", sa.String(64), nullable=True),
        sa.Column("file_path_en", sa.String(255), nullable=True),
        sa.Column("sha256_en", sa.String(64), nullable=True),
        sa.CheckConstraint("length(month) = 7", name="month_is_month"),
        sa.ForeignKeyConstraint(["community_id"], ["community.id"]),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"]),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("community_id", "month", "person_id"),
    )
    op.create_index("ix_report_supplement_person_id", "report_supplement", ["person_id"])


def downgrade() -> None:
    op.drop_table("report_supplement")
