"""Materials, and what the work on a ticket cost."""

import sqlalchemy as sa
from alembic import op

from app.models.base import Money, Quantity, UTCDateTime

revision = "0051_ticket_costs"
down_revision = "0050_dispute"
branch_labels = None
depends_on = None

INSTANT = UTCDateTime(timezone=True)


def upgrade() -> None:
    op.create_table(
        "material",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("unit", sa.String(40), nullable=False),
        sa.Column("unit_en", sa.String(40), nullable=False),
        sa.Column("price_yuan", Money(), nullable=False),
        sa.Column("department_id", sa.Integer(), nullable=True),
        sa.Column("active", sa.Boolean(), server_default=sa.true(), nullable=False),
        sa.Column("code", sa.String(40), nullable=False),
        sa.Column("name", sa.String(120), nullable=False),
        sa.Column("name_en", sa.String(120), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.CheckConstraint("price_yuan >= 0", name="price_not_negative"),
        sa.ForeignKeyConstraint(["department_id"], ["department.id"]),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("code"),
    )
    op.create_index("ix_material_department_id", "material", ["department_id"])
    _lines()


def _lines() -> None:
    op.create_table(
        "ticket_cost",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("ticket_id", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(20), nullable=False),
        sa.Column("material_id", sa.Integer(), nullable=True),
        sa.Column("what", sa.String(120), nullable=False),
        sa.Column("what_en", sa.String(120), nullable=False),
        sa.Column("unit", sa.String(40), nullable=False),
        sa.Column("unit_en", sa.String(40), nullable=False),
        sa.Column("quantity", Quantity(), nullable=True),
        sa.Column("minutes", sa.Integer(), nullable=True),
        sa.Column("price_yuan", Money(), nullable=False),
        sa.Column("amount_yuan", Money(), nullable=False),
        sa.Column("bearer", sa.String(20), nullable=False),
        sa.Column("at", INSTANT, nullable=False),
        sa.Column("entered_by", sa.String(80), nullable=False),
        sa.Column("replaces_id", sa.Integer(), nullable=True),
        sa.Column("accepted_at", INSTANT, nullable=True),
        sa.Column("accepted_by", sa.String(80), nullable=False),
        sa.Column("accepted_way", sa.String(20), nullable=True),
        sa.Column("charged_at", INSTANT, nullable=True),
        sa.Column("charged_by", sa.String(80), nullable=False),
        sa.Column("struck_at", INSTANT, nullable=True),
        sa.Column("struck_by", sa.String(80), nullable=False),
        sa.Column("struck_why", sa.String(255), nullable=False),
        sa.CheckConstraint("kind IN ('material', 'labour')", name="kind_known"),
        sa.CheckConstraint("bearer IN ('centre', 'owner', 'warranty')", name="bearer_known"),
        sa.CheckConstraint(
            "accepted_way IS NULL OR accepted_way IN ('signed', 'in_person', 'phone', 'sms', 'portal')",
            name="accepted_way_known",
        ),
        sa.CheckConstraint("(kind = 'material') = (quantity IS NOT NULL)", name="material_has_quantity"),
        sa.CheckConstraint("(kind = 'labour') = (minutes IS NOT NULL)", name="labour_has_minutes"),
        sa.CheckConstraint("quantity IS NULL OR quantity > 0", name="quantity_positive"),
        sa.CheckConstraint("minutes IS NULL OR minutes > 0", name="minutes_positive"),
        sa.CheckConstraint("price_yuan >= 0 AND amount_yuan >= 0", name="not_negative"),
        sa.CheckConstraint("accepted_at IS NULL OR bearer = 'owner'", name="accepted_by_owner"),
        sa.CheckConstraint("charged_at IS NULL OR accepted_at IS NOT NULL", name="charged_once_accepted"),
        sa.CheckConstraint("(struck_at IS NULL) = (struck_why = '')", name="struck_with_reason"),
        sa.ForeignKeyConstraint(["material_id"], ["material.id"]),
        sa.ForeignKeyConstraint(["replaces_id"], ["ticket_cost.id"]),
        sa.ForeignKeyConstraint(["ticket_id"], ["ticket.id"]),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("replaces_id"),
    )
    op.create_index("ix_ticket_cost_ticket", "ticket_cost", ["ticket_id", "id"])
    op.create_index("ix_ticket_cost_at", "ticket_cost", ["at"])
    op.create_index("ix_ticket_cost_material_id", "ticket_cost", ["material_id"])


def downgrade() -> None:
    op.drop_table("ticket_cost")
    op.drop_table("material")
