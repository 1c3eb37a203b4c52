"""The bill of what a household bears of the costs of a ticket: what it was charged stands in the books.

Revision ID: 0061_cost_bills
Revises: 0060_meters
"""

import sqlalchemy as sa
from alembic import op

revision = "0061_cost_bills"
down_revision = "0060_meters"
branch_labels = None
depends_on = None

UNCHARGED = sa.text("bearer = 'owner' AND charged_at IS NULL AND struck_at IS NULL")


def upgrade() -> None:
    with op.batch_alter_table("ticket_cost") as batch:
        batch.add_column(sa.Column("bill_id", sa.Integer(), nullable=True))
        batch.create_foreign_key("fk_ticket_cost_bill", "bill", ["bill_id"], ["id"])
        batch.create_check_constraint("billed_is_charged", "bill_id IS NULL OR charged_at IS NOT NULL")
    op.create_index("ix_ticket_cost_bill_id", "ticket_cost", ["bill_id"])
    op.create_index(
        "ix_ticket_cost_uncharged", "ticket_cost", ["at"], sqlite_where=UNCHARGED, postgresql_where=UNCHARGED
    )


def downgrade() -> None:
    op.drop_index("ix_ticket_cost_uncharged", "ticket_cost")
    op.drop_index("ix_ticket_cost_bill_id", "ticket_cost")
    with op.batch_alter_table("ticket_cost") as batch:
        batch.drop_constraint("billed_is_charged", type_="check")
        batch.drop_constraint("fk_ticket_cost_bill", type_="foreignkey")
        batch.drop_column("bill_id")
