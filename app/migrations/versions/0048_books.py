"""The books: entries, postings, payments, receipts, credit, day closings. Bills there are get their charge, what was paid of
them is carried over on the day it came in.

Revision ID: 0048_books
Revises: 0047_plans
"""

import sqlalchemy as sa
from alembic import op

from app.migrations.triggers import create_append_only, drop_append_only
from app.models.base import JsonData, Money, UTCDateTime

revision = "0048_books"
down_revision = "0047_plans"
branch_labels = None
depends_on = None

INSTANT = UTCDateTime(timezone=True)
HOUSE = (["house_id", "community_id"], ["house.id", "house.community_id"])
APPEND_ONLY = ("journal_entry", "posting", "receipt")
ACCOUNTS = (
    "('cash', 'bank', 'card', 'wechat', 'alipay', 'receivable', 'credit', 'income', 'carried_over', 'cash_difference')"
)
KINDS = "('charge', 'payment', 'credit_used', 'refund', 'reversal', 'cancellation', 'opening', 'count')"
WAYS = "('cash', 'transfer', 'card', 'wechat', 'alipay')"


def upgrade() -> None:
    op.add_column("bill", sa.Column("cancelled_at", INSTANT, nullable=True))
    op.add_column("bill", sa.Column("cancelled_by", sa.String(80), nullable=True))
    op.add_column("bill", sa.Column("cancel_reason", sa.String(255), nullable=True))
    _payments()
    _books()
    _open_the_books()
    for table in APPEND_ONLY:
        create_append_only(table)


def _payments() -> None:
    op.create_table(
        "payer_account",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("community_id", sa.Integer(), nullable=False),
        sa.Column("house_id", sa.Integer(), nullable=False),
        sa.Column("payer_id", sa.Integer(), nullable=False),
        sa.Column("credit_yuan", Money(), nullable=False),
        sa.CheckConstraint("credit_yuan >= 0", name="credit_not_negative"),
        sa.ForeignKeyConstraint(*HOUSE),
        sa.ForeignKeyConstraint(["payer_id"], ["person.id"]),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("house_id", "payer_id"),
    )
    op.create_index("ix_payer_account_community_id", "payer_account", ["community_id"])
    op.create_index("ix_payer_account_payer_id", "payer_account", ["payer_id"])
    op.create_table(
        "day_closing",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("community_id", sa.Integer(), nullable=False),
        sa.Column("taken_by_id", sa.Integer(), nullable=False),
        sa.Column("taken_by", sa.String(80), nullable=False),
        sa.Column("closed_at", INSTANT, nullable=False),
        sa.Column("payments", sa.Integer(), nullable=False),
        sa.Column("sums", JsonData, nullable=False),
        sa.Column("expected_yuan", Money(), nullable=False),
        sa.Column("counted_yuan", Money(), nullable=False),
        sa.Column("note", sa.String(255), nullable=False),
        sa.Column("received_at", INSTANT, nullable=True),
        sa.Column("received_by", sa.String(80), nullable=True),
        sa.CheckConstraint("counted_yuan >= 0", name="counted_not_negative"),
        sa.CheckConstraint("(received_at IS NULL) = (received_by IS NULL)", name="received_by_whom"),
        sa.ForeignKeyConstraint(["community_id"], ["community.id"]),
        sa.ForeignKeyConstraint(["taken_by_id"], ["ab_user.id"]),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index("ix_day_closing_community_id", "day_closing", ["community_id"])
    op.create_index("ix_day_closing_taken_by_id", "day_closing", ["taken_by_id"])
    op.create_table(
        "payment",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("community_id", sa.Integer(), nullable=False),
        sa.Column("house_id", sa.Integer(), nullable=False),
        sa.Column("payer_id", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(10), nullable=False),
        sa.Column("way", sa.String(10), nullable=False),
        sa.Column("amount", Money(), nullable=False),
        sa.Column("state", sa.String(10), nullable=False),
        sa.Column("at_home", sa.Boolean(), nullable=False),
        sa.Column("reference", sa.String(80), nullable=False),
        sa.Column("note", sa.String(255), nullable=False),
        sa.Column("received_at", INSTANT, nullable=False),
        sa.Column("taken_by_id", sa.Integer(), nullable=True),
        sa.Column("taken_by", sa.String(80), nullable=False),
        sa.Column("closing_id", sa.Integer(), nullable=True),
        sa.Column("reversed_at", INSTANT, nullable=True),
        sa.Column("reversed_by", sa.String(80), nullable=False),
        sa.Column("reversal_reason", sa.String(255), nullable=False),
        sa.Column("created_at", INSTANT, nullable=False),
        sa.CheckConstraint("kind IN ('payment', 'refund')", name="kind_known"),
        sa.CheckConstraint(f"way IN {WAYS}", name="way_known"),
        sa.CheckConstraint("state IN ('posted', 'reversed')", name="state_known"),
        sa.CheckConstraint("amount > 0", name="amount_positive"),
        sa.CheckConstraint("(state = 'reversed') = (reversed_at IS NOT NULL)", name="reversed_when"),
        sa.ForeignKeyConstraint(*HOUSE, name="fk_payment_house"),
        sa.ForeignKeyConstraint(["closing_id"], ["day_closing.id"]),
        sa.ForeignKeyConstraint(["community_id"], ["community.id"]),
        sa.ForeignKeyConstraint(["house_id"], ["house.id"]),
        sa.ForeignKeyConstraint(["payer_id"], ["person.id"]),
        sa.ForeignKeyConstraint(["taken_by_id"], ["ab_user.id"]),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index("ix_payment_closing_id", "payment", ["closing_id"])
    op.create_index("ix_payment_community_received", "payment", ["community_id", "received_at"])
    op.create_index("ix_payment_house_id", "payment", ["house_id"])
    op.create_index("ix_payment_open_till", "payment", ["taken_by_id", "closing_id"])
    op.create_index("ix_payment_payer_id", "payment", ["payer_id"])


def _books() -> None:
    op.create_table(
        "receipt",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("community_id", sa.Integer(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("payment_id", sa.Integer(), nullable=False),
        sa.Column("issued_at", INSTANT, nullable=False),
        sa.CheckConstraint("number > 0", name="number_positive"),
        sa.ForeignKeyConstraint(["community_id"], ["community.id"]),
        sa.ForeignKeyConstraint(["payment_id"], ["payment.id"]),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("community_id", "number"),
        sa.UniqueConstraint("payment_id"),
    )
    op.create_table(
        "receipt_counter",
        sa.Column("community_id", sa.Integer(), nullable=False),
        sa.Column("last", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["community_id"], ["community.id"]),
        sa.PrimaryKeyConstraint("community_id"),
    )
    op.create_table(
        "journal_entry",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("community_id", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(20), nullable=False),
        sa.Column("booked_on", sa.Date(), nullable=False),
        sa.Column("at", INSTANT, nullable=False),
        sa.Column("actor_id", sa.Integer(), nullable=True),
        sa.Column("actor_name", sa.String(80), nullable=False),
        sa.Column("note", sa.String(255), nullable=False),
        sa.Column("payment_id", sa.Integer(), nullable=True),
        sa.Column("closing_id", sa.Integer(), nullable=True),
        sa.Column("reverses_id", sa.Integer(), nullable=True),
        sa.CheckConstraint(f"kind IN {KINDS}", name="kind_known"),
        sa.ForeignKeyConstraint(["actor_id"], ["ab_user.id"]),
        sa.ForeignKeyConstraint(["closing_id"], ["day_closing.id"]),
        sa.ForeignKeyConstraint(["community_id"], ["community.id"]),
        sa.ForeignKeyConstraint(["payment_id"], ["payment.id"]),
        sa.ForeignKeyConstraint(["reverses_id"], ["journal_entry.id"]),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("closing_id"),
        sa.UniqueConstraint("reverses_id"),
    )
    op.create_index("ix_journal_entry_community_at", "journal_entry", ["community_id", "at"])
    op.create_index("ix_journal_entry_payment_id", "journal_entry", ["payment_id"])
    op.create_table(
        "posting",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("entry_id", sa.Integer(), nullable=False),
        sa.Column("community_id", sa.Integer(), nullable=False),
        sa.Column("debit", sa.String(20), nullable=False),
        sa.Column("credit", sa.String(20), nullable=False),
        sa.Column("amount", Money(), nullable=False),
        sa.Column("house_id", sa.Integer(), nullable=True),
        sa.Column("payer_id", sa.Integer(), nullable=True),
        sa.Column("bill_id", sa.Integer(), nullable=True),
        sa.CheckConstraint(f"debit IN {ACCOUNTS}", name="debit_known"),
        sa.CheckConstraint(f"credit IN {ACCOUNTS}", name="credit_known"),
        sa.CheckConstraint("debit <> credit", name="between_two_accounts"),
        sa.CheckConstraint("amount > 0", name="amount_positive"),
        sa.CheckConstraint(
            "(debit <> 'receivable' AND credit <> 'receivable') OR bill_id IS NOT NULL", name="receivable_of_a_bill"
        ),
        sa.CheckConstraint(
            "(debit <> 'credit' AND credit <> 'credit') OR payer_id IS NOT NULL", name="credit_of_a_payer"
        ),
        sa.ForeignKeyConstraint(["bill_id"], ["bill.id"]),
        sa.ForeignKeyConstraint(["community_id"], ["community.id"]),
        sa.ForeignKeyConstraint(["entry_id"], ["journal_entry.id"]),
        sa.ForeignKeyConstraint(["house_id"], ["house.id"]),
        sa.ForeignKeyConstraint(["payer_id"], ["person.id"]),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index("ix_posting_bill_id", "posting", ["bill_id"])
    op.create_index("ix_posting_entry_id", "posting", ["entry_id"])
    op.create_index("ix_posting_house_payer", "posting", ["house_id", "payer_id"])


def _open_the_books() -> None:
    """The bills there are, charged on their day; what was paid of them, when it came in. Cancelled ones are nobody's debt."""
    postgresql = op.get_bind().dialect.name == "postgresql"
    midnight = "CAST(issued_on AS timestamp) AT TIME ZONE 'UTC'" if postgresql else "issued_on || ' 00:00:00.000000'"
    charged = f"state <> 'cancelled' AND amount > 0 AND {midnight} = entry.at"
    paid = f"state <> 'cancelled' AND paid_yuan > 0 AND COALESCE(paid_at, {midnight}) = entry.at"
    for kind, debit, credit, amount, at, which in (
        ("charge", "receivable", "income", "amount", midnight, charged),
        ("opening", "carried_over", "receivable", "paid_yuan", f"COALESCE(paid_at, {midnight})", paid),
    ):
        op.execute(
            "INSERT INTO journal_entry (community_id, kind, booked_on, at, actor_name, note)"
            f" SELECT community_id, '{kind}', {f'CAST({at} AS date)' if postgresql else f'date({at})'}, {at}, '', '' FROM bill"
            f" WHERE state <> 'cancelled' AND {amount} > 0 GROUP BY community_id, {at}"
        )
        op.execute(
            "INSERT INTO posting (entry_id, community_id, debit, credit, amount, house_id, payer_id, bill_id)"
            f" SELECT entry.id, bill.community_id, '{debit}', '{credit}', {amount}, house_id, payer_id, bill.id"
            f" FROM bill JOIN journal_entry entry ON entry.community_id = bill.community_id AND entry.kind = '{kind}'"
            f" AND {which}"
        )


def downgrade() -> None:
    for table in APPEND_ONLY:
        drop_append_only(table)
    for table in (
        "posting",
        "journal_entry",
        "receipt_counter",
        "receipt",
        "payment",
        "day_closing",
        "payer_account",
    ):
        op.drop_table(table)
    for column in ("cancel_reason", "cancelled_by", "cancelled_at"):
        op.drop_column("bill", column)
