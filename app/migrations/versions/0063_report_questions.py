"""Questions of readers about a place of a published report; how often a report was opened, by file and by page.

Revision ID: 0063_report_questions
Revises: 0062_acceptance_clock
"""

import sqlalchemy as sa
from alembic import op

revision = "0063_report_questions"
down_revision = "0062_acceptance_clock"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "report_question",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("ticket_id", sa.Integer(), nullable=False),
        sa.Column("report_id", sa.Integer(), nullable=False),
        sa.Column("section", sa.String(40), nullable=False),
        sa.Column("figure", sa.String(40), nullable=True),
        sa.ForeignKeyConstraint(["ticket_id"], ["ticket.id"]),
        sa.ForeignKeyConstraint(["report_id"], ["report.id"]),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("ticket_id"),
    )
    op.create_index("ix_report_question_report_id", "report_question", ["report_id"])
    op.create_table(
        "report_opening",
        sa.Column("report_id", sa.Integer(), nullable=False),
        sa.Column("way", sa.String(20), nullable=False),
        sa.Column("openings", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["report_id"], ["report.id"]),
        sa.PrimaryKeyConstraint("report_id", "way"),
    )


def downgrade() -> None:
    op.drop_table("report_opening")
    op.drop_table("report_question")
