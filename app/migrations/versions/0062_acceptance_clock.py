"""The clock of an acceptance: whoever was asked is reminded, then it is passed on.

Revision ID: 0062_acceptance_clock
Revises: 0061_cost_bills
"""

from datetime import timedelta

import sqlalchemy as sa
from alembic import op

from app.models.base import UTCDateTime

revision = "0062_acceptance_clock"
down_revision = "0061_cost_bills"
branch_labels = None
depends_on = None

INSTANT = UTCDateTime(timezone=True)
ASKED = sa.text("state = 'asked'")
MOMENTS = ("warn_at", "due_at", "warned_at", "breached_at")


def upgrade() -> None:
    with op.batch_alter_table("ticket_acceptance") as batch:
        for name in MOMENTS:
            batch.add_column(sa.Column(name, INSTANT, nullable=True))
        batch.add_column(sa.Column("passed_from", sa.String(80), server_default="", nullable=False))
    op.create_index(
        "ix_ticket_acceptance_waits", "ticket_acceptance", ["warn_at"], sqlite_where=ASKED, postgresql_where=ASKED
    )
    _begin()


def _begin() -> None:
    """What waits already has its clock from the hour at which it was handed in, by the figures that a new house has."""
    table = sa.table(
        "ticket_acceptance",
        sa.column("id", sa.Integer),
        sa.column("state", sa.String),
        sa.column("asked_at", INSTANT),
        sa.column("warn_at", INSTANT),
        sa.column("due_at", INSTANT),
    )
    bind = op.get_bind()
    for key, asked_at in bind.execute(sa.select(table.c.id, table.c.asked_at).where(table.c.state == "asked")).all():
        due = {"warn_at": asked_at + timedelta(hours=3), "due_at": asked_at + timedelta(hours=4)}
        bind.execute(sa.update(table).where(table.c.id == key).values(**due))


def downgrade() -> None:
    op.drop_index("ix_ticket_acceptance_waits", "ticket_acceptance")
    with op.batch_alter_table("ticket_acceptance") as batch:
        batch.drop_column("passed_from")
        for name in reversed(MOMENTS):
            batch.drop_column(name)
