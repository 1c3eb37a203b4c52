"""The bill of a service order: what a charged one owes stands in the books.

Revision ID: 0052_order_bills
Revises: 0051_ticket_costs
"""

import sqlalchemy as sa
from alembic import op

revision = "0052_order_bills"
down_revision = "0051_ticket_costs"
branch_labels = None
depends_on = None


def upgrade() -> None:
    with op.batch_alter_table("service_order") as batch:
        batch.add_column(sa.Column("bill_id", sa.Integer(), nullable=True))
        batch.create_foreign_key("fk_service_order_bill", "bill", ["bill_id"], ["id"])
        batch.create_unique_constraint("uq_service_order_bill_id", ["bill_id"])


def downgrade() -> None:
    with op.batch_alter_table("service_order") as batch:
        batch.drop_constraint("uq_service_order_bill_id", type_="unique")
        batch.drop_constraint("fk_service_order_bill", type_="foreignkey")
        batch.drop_column("bill_id")
