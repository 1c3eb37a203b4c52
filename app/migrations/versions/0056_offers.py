"""Offers of work: to another person or department, accepted or declined; the way to the place.

Revision ID: 0056_offers
Revises: 0055_acceptance
"""

import sqlalchemy as sa
from alembic import op

from app.models.base import UTCDateTime

revision = "0056_offers"
down_revision = "0055_acceptance"
branch_labels = None
depends_on = None

INSTANT = UTCDateTime(timezone=True)
_OPEN = sa.text("state = 'open'")


def upgrade() -> None:
    op.create_table(
        "ticket_offer",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("ticket_id", sa.Integer(), nullable=False),
        sa.Column("state", sa.String(20), nullable=False),
        sa.Column("giver_id", sa.Integer(), nullable=False),
        sa.Column("to_id", sa.Integer(), nullable=True),
        sa.Column("department_id", sa.Integer(), nullable=True),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("offered_at", INSTANT, nullable=False),
        sa.Column("told_at", INSTANT, nullable=True),
        sa.Column("answered_at", INSTANT, nullable=True),
        sa.Column("answered_by", sa.String(80), nullable=False),
        sa.Column("answer", sa.Text(), nullable=False),
        sa.CheckConstraint("state IN ('open', 'accepted', 'declined', 'withdrawn', 'over')", name="state_known"),
        sa.CheckConstraint("(to_id IS NULL) <> (department_id IS NULL)", name="to_one"),
        sa.ForeignKeyConstraint(["ticket_id"], ["ticket.id"]),
        sa.ForeignKeyConstraint(["giver_id"], ["staff.id"]),
        sa.ForeignKeyConstraint(["to_id"], ["staff.id"]),
        sa.ForeignKeyConstraint(["department_id"], ["department.id"]),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index("ix_ticket_offer_ticket_id", "ticket_offer", ["ticket_id"])
    op.create_index("ix_ticket_offer_to", "ticket_offer", ["to_id", "state"])
    op.create_index("ix_ticket_offer_department", "ticket_offer", ["department_id", "state"])
    waits = {"sqlite_where": _OPEN, "postgresql_where": _OPEN}
    op.create_index("uq_ticket_offer_open", "ticket_offer", ["ticket_id"], unique=True, **waits)
    op.create_index("ix_ticket_offer_waits", "ticket_offer", ["offered_at"], **waits)
    op.add_column("ticket", sa.Column("left_at", INSTANT, nullable=True))
    op.add_column("ticket", sa.Column("arrived_at", INSTANT, nullable=True))


def downgrade() -> None:
    op.drop_column("ticket", "arrived_at")
    op.drop_column("ticket", "left_at")
    op.drop_table("ticket_offer")
