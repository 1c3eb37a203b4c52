"""Bodies outside the service centre, and complaints that lie with them under a number and a deadline of their own."""

import sqlalchemy as sa
from alembic import op

from app.models.base import UTCDateTime

revision = "0032_outside"
down_revision = "0031_special_event"
branch_labels = None
depends_on = None

INSTANT = UTCDateTime(timezone=True)
KINDS = "('developer', 'hotline_12345', 'street_office', 'police', 'other')"


def upgrade() -> None:
    op.create_table(
        "outside_body",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("community_id", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(length=20), nullable=False),
        sa.Column("name", sa.String(length=120), nullable=False),
        sa.Column("name_en", sa.String(length=120), nullable=False),
        sa.Column("contact", sa.String(length=80), nullable=False),
        sa.Column("phone", sa.String(length=40), nullable=True),
        sa.Column("email", sa.String(length=254), nullable=True),
        sa.Column("address", sa.String(length=255), nullable=False),
        sa.Column("active", sa.Boolean(), nullable=False),
        sa.CheckConstraint(f"kind IN {KINDS}", name="kind_known"),
        sa.ForeignKeyConstraint(["community_id"], ["community.id"]),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index("ix_outside_body_community_kind", "outside_body", ["community_id", "kind"])
    op.create_table(
        "external_reference",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("ticket_id", sa.Integer(), nullable=False),
        sa.Column("body_id", sa.Integer(), nullable=True),
        sa.Column("kind", sa.String(length=20), nullable=False),
        sa.Column("direction", sa.String(length=5), nullable=False),
        sa.Column("way", sa.String(length=10), nullable=True),
        sa.Column("number", sa.String(length=60), nullable=False),
        sa.Column("words", sa.Text(), nullable=False),
        sa.Column("noted_at", INSTANT, nullable=False),
        sa.Column("noted_by", sa.String(length=80), nullable=False),
        sa.Column("due_at", INSTANT, nullable=True),
        sa.Column("warn_at", INSTANT, nullable=True),
        sa.Column("next_at", INSTANT, nullable=True),
        sa.Column("warned_at", INSTANT, nullable=True),
        sa.Column("late_at", INSTANT, nullable=True),
        sa.Column("answered_at", INSTANT, nullable=True),
        sa.Column("answered_by", sa.String(length=80), nullable=True),
        sa.Column("answer", sa.Text(), nullable=False),
        sa.CheckConstraint(f"kind IN {KINDS}", name="kind_known"),
        sa.CheckConstraint("direction IN ('in', 'out')", name="direction_known"),
        sa.CheckConstraint("way IS NULL OR way IN ('letter', 'email')", name="way_known"),
        sa.CheckConstraint("direction <> 'out' OR words <> ''", name="letter_has_words"),
        sa.ForeignKeyConstraint(["ticket_id"], ["ticket.id"]),
        sa.ForeignKeyConstraint(["body_id"], ["outside_body.id"]),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index("ix_external_reference_ticket_id", "external_reference", ["ticket_id"])
    op.create_index("ix_external_reference_body_id", "external_reference", ["body_id"])
    op.create_index("ix_external_reference_next", "external_reference", ["next_at"])
    op.create_index("ix_external_reference_number", "external_reference", ["number"])


def downgrade() -> None:
    op.drop_table("external_reference")
    op.drop_table("outside_body")
