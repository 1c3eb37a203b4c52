"""Acceptance of work 验收: a named person accepts it before it is done.

Revision ID: 0055_acceptance
Revises: 0054_text_messages
"""

import sqlalchemy as sa
from alembic import op

from app.models.base import UTCDateTime

revision = "0055_acceptance"
down_revision = "0054_text_messages"
branch_labels = None
depends_on = None

INSTANT = UTCDateTime(timezone=True)
_COUNTS = sa.text("state IN ('asked', 'accepted')")


def upgrade() -> None:
    op.create_table(
        "ticket_acceptance",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("ticket_id", sa.Integer(), nullable=False),
        sa.Column("state", sa.String(20), nullable=False),
        sa.Column("acceptor_id", sa.Integer(), nullable=False),
        sa.Column("asked_at", INSTANT, nullable=False),
        sa.Column("asked_by", sa.String(80), nullable=False),
        sa.Column("work", sa.Text(), nullable=False),
        sa.Column("answered_at", INSTANT, nullable=True),
        sa.Column("answered_by", sa.String(80), nullable=False),
        sa.Column("remark", sa.Text(), nullable=False),
        sa.CheckConstraint("state IN ('asked', 'accepted', 'refused', 'withdrawn', 'over')", name="state_known"),
        sa.ForeignKeyConstraint(["ticket_id"], ["ticket.id"]),
        sa.ForeignKeyConstraint(["acceptor_id"], ["staff.id"]),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index("ix_ticket_acceptance_ticket_id", "ticket_acceptance", ["ticket_id"])
    op.create_index("ix_ticket_acceptance_acceptor", "ticket_acceptance", ["acceptor_id", "state"])
    op.create_index(
        "uq_ticket_acceptance_counts",
        "ticket_acceptance",
        ["ticket_id"],
        unique=True,
        sqlite_where=_COUNTS,
        postgresql_where=_COUNTS,
    )
    op.add_column("ticket", sa.Column("sent_back", sa.String(255), nullable=True))
    op.add_column("category", sa.Column("needs_acceptance", sa.Boolean(), server_default=sa.false(), nullable=False))


def downgrade() -> None:
    op.drop_column("category", "needs_acceptance")
    op.drop_column("ticket", "sent_back")
    op.drop_table("ticket_acceptance")
