"""Service orders with the price of their day, and booked wake-up calls."""

import sqlalchemy as sa
from alembic import op

import app.models.base


revision = "0016_service_order"
down_revision = "0015_roster"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "service_order",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("ticket_id", sa.Integer(), nullable=False),
        sa.Column("item_id", sa.Integer(), nullable=False),
        sa.Column("community_id", sa.Integer(), nullable=False),
        sa.Column("house_id", sa.Integer(), nullable=True),
        sa.Column("variant", sa.String(length=60), nullable=False),
        sa.Column("count", sa.Integer(), nullable=False),
        sa.Column("price_kind", sa.String(length=20), nullable=False),
        sa.Column("amount_yuan", app.models.base.Money(), nullable=True),
        sa.Column("unit", sa.String(length=40), nullable=False),
        sa.Column("percent", app.models.base.Rate(), nullable=True),
        sa.Column("base", sa.String(length=120), nullable=True),
        sa.Column("state", sa.String(length=20), nullable=False),
        sa.Column("created_at", app.models.base.UTCDateTime(timezone=True), nullable=False),
        sa.Column("quoted_yuan", app.models.base.Money(), nullable=True),
        sa.Column("price_accepted_at", app.models.base.UTCDateTime(timezone=True), nullable=True),
        sa.Column("scheduled_at", app.models.base.UTCDateTime(timezone=True), nullable=True),
        sa.Column("done_at", app.models.base.UTCDateTime(timezone=True), nullable=True),
        sa.Column("charged_yuan", app.models.base.Money(), nullable=True),
        sa.Column("charged_at", app.models.base.UTCDateTime(timezone=True), nullable=True),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.CheckConstraint(
            "price_kind IN ('free', 'fixed', 'percent', 'quotation')", name=op.f("ck_service_order_price_kind_known")
        ),
        sa.CheckConstraint(
            "state IN ('requested', 'quoted', 'accepted', 'scheduled', 'done', 'charged', 'paid', 'cancelled')",
            name=op.f("ck_service_order_state_known"),
        ),
        sa.CheckConstraint(
            "charged_yuan IS NULL OR charged_yuan >= 0", name=op.f("ck_service_order_charged_not_negative")
        ),
        sa.CheckConstraint("count > 0", name=op.f("ck_service_order_count_positive")),
        sa.CheckConstraint(
            "quoted_yuan IS NULL OR quoted_yuan >= 0", name=op.f("ck_service_order_quoted_not_negative")
        ),
        sa.ForeignKeyConstraint(["community_id"], ["community.id"], name=op.f("fk_service_order_community_id")),
        sa.ForeignKeyConstraint(
            ["house_id", "community_id"], ["house.id", "house.community_id"], name="fk_order_house"
        ),
        sa.ForeignKeyConstraint(["item_id"], ["service_item.id"], name=op.f("fk_service_order_item_id")),
        sa.ForeignKeyConstraint(["ticket_id"], ["ticket.id"], name=op.f("fk_service_order_ticket_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_service_order")),
        sa.UniqueConstraint("ticket_id", name=op.f("uq_service_order_ticket_id")),
    )
    op.create_index("ix_service_order_community_state", "service_order", ["community_id", "state"])
    op.create_index(op.f("ix_service_order_created_at"), "service_order", ["created_at"])
    op.create_index(op.f("ix_service_order_house_id"), "service_order", ["house_id"])
    op.create_index(op.f("ix_service_order_item_id"), "service_order", ["item_id"])

    op.create_table(
        "wake_up",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("order_id", sa.Integer(), nullable=False),
        sa.Column("number", sa.String(length=20), nullable=False),
        sa.Column("at", app.models.base.UTCDateTime(timezone=True), nullable=False),
        sa.Column("locale", sa.String(length=8), nullable=False),
        sa.Column("state", sa.String(length=20), nullable=False),
        sa.Column("placed_at", app.models.base.UTCDateTime(timezone=True), nullable=True),
        sa.Column("provider_sid", sa.String(length=64), nullable=True),
        sa.CheckConstraint(
            "state IN ('booked', 'placed', 'answered', 'undisturbed', 'cancelled')", name=op.f("ck_wake_up_state_known")
        ),
        sa.ForeignKeyConstraint(["order_id"], ["service_order.id"], name=op.f("fk_wake_up_order_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_wake_up")),
        sa.UniqueConstraint("order_id", name=op.f("uq_wake_up_order_id")),
    )
    op.create_index(op.f("ix_wake_up_provider_sid"), "wake_up", ["provider_sid"])
    op.create_index(
        "uq_wake_up_booked",
        "wake_up",
        ["number", "at"],
        unique=True,
        sqlite_where=sa.text("state = 'booked'"),
        postgresql_where=sa.text("state = 'booked'"),
    )
    op.create_index("ix_wake_up_state_at", "wake_up", ["state", "at"])


def downgrade() -> None:
    op.drop_index("uq_wake_up_booked", table_name="wake_up")
    op.drop_index("ix_wake_up_state_at", table_name="wake_up")
    op.drop_index(op.f("ix_wake_up_provider_sid"), table_name="wake_up")

    op.drop_table("wake_up")
    op.drop_index(op.f("ix_service_order_item_id"), table_name="service_order")
    op.drop_index(op.f("ix_service_order_house_id"), table_name="service_order")
    op.drop_index(op.f("ix_service_order_created_at"), table_name="service_order")
    op.drop_index("ix_service_order_community_state", table_name="service_order")

    op.drop_table("service_order")
