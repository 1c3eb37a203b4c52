"""Files of a bank: the columns of each bank, the files with their hash, their lines.

Revision ID: 0059_bank
Revises: 0058_drills
"""

import sqlalchemy as sa
from alembic import op

from app.models.base import JsonData, Money, UTCDateTime

revision = "0059_bank"
down_revision = "0058_drills"
branch_labels = None
depends_on = None

INSTANT = UTCDateTime(timezone=True)
KEPT = sa.text("state <> 'dropped'")
TAKING = sa.text("state = 'taking'")


def upgrade() -> None:
    op.create_table(
        "bank_format",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("community_id", sa.Integer(), nullable=False),
        sa.Column("name", sa.String(80), nullable=False),
        sa.Column("signature", sa.String(64), nullable=False),
        sa.Column("columns", JsonData, nullable=False),
        sa.Column("kept_at", INSTANT, nullable=False),
        sa.Column("kept_by", sa.String(80), nullable=False),
        sa.ForeignKeyConstraint(["community_id"], ["community.id"]),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("community_id", "signature"),
    )
    _file()
    _line()


def downgrade() -> None:
    for table in ("bank_line", "bank_file", "bank_format"):
        op.drop_table(table)


def _file() -> None:
    op.create_table(
        "bank_file",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("community_id", sa.Integer(), nullable=False),
        sa.Column("name", sa.String(80), nullable=False),
        sa.Column("sha256", sa.String(64), nullable=False),
        sa.Column("size_bytes", sa.Integer(), nullable=False),
        sa.Column("content", sa.LargeBinary(), nullable=False),
        sa.Column("state", sa.String(10), nullable=False),
        sa.Column("format_id", sa.Integer(), nullable=True),
        sa.Column("uploaded_at", INSTANT, nullable=False),
        sa.Column("uploaded_by", sa.String(80), nullable=False),
        sa.Column("started_at", INSTANT, nullable=True),
        sa.Column("started_by_id", sa.Integer(), nullable=True),
        sa.Column("started_by", sa.String(80), nullable=False),
        sa.Column("lines_done", sa.Integer(), nullable=False),
        sa.Column("lines_all", sa.Integer(), nullable=False),
        sa.Column("finished_at", INSTANT, nullable=True),
        sa.CheckConstraint("state IN ('columns', 'looked', 'taking', 'taken', 'dropped')", name="state_known"),
        sa.CheckConstraint("size_bytes > 0", name="size_positive"),
        sa.ForeignKeyConstraint(["community_id"], ["community.id"]),
        sa.ForeignKeyConstraint(["format_id"], ["bank_format.id"]),
        sa.ForeignKeyConstraint(["started_by_id"], ["ab_user.id"]),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index("ix_bank_file_community_id", "bank_file", ["community_id"])
    op.create_index(
        "uq_bank_file_kept",
        "bank_file",
        ["community_id", "sha256"],
        unique=True,
        sqlite_where=KEPT,
        postgresql_where=KEPT,
    )
    op.create_index("ix_bank_file_taking", "bank_file", ["id"], sqlite_where=TAKING, postgresql_where=TAKING)


def _line() -> None:
    op.create_table(
        "bank_line",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("file_id", sa.Integer(), nullable=False),
        sa.Column("community_id", sa.Integer(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("paid_on", sa.Date(), nullable=False),
        sa.Column("amount", Money(), nullable=False),
        sa.Column("reference", sa.String(80), nullable=False),
        sa.Column("payer", sa.String(120), nullable=False),
        sa.Column("account", sa.String(60), nullable=False),
        sa.Column("house_text", sa.String(80), nullable=False),
        sa.Column("bill_text", sa.String(40), nullable=False),
        sa.Column("memo", sa.String(200), nullable=False),
        sa.Column("state", sa.String(10), nullable=False),
        sa.Column("found", sa.String(10), nullable=False),
        sa.Column("doubt", sa.String(20), nullable=False),
        sa.Column("twin", sa.String(40), nullable=False),
        sa.Column("house_id", sa.Integer(), nullable=True),
        sa.Column("payer_id", sa.Integer(), nullable=True),
        sa.Column("note", sa.String(255), nullable=False),
        sa.Column("decided_by", sa.String(80), nullable=False),
        sa.Column("payment_id", sa.Integer(), nullable=True),
        sa.CheckConstraint(
            "state IN ('found', 'unclear', 'duplicate', 'outgoing', 'aside', 'taken')", name="state_known"
        ),
        sa.CheckConstraint("amount > 0", name="amount_positive"),
        sa.CheckConstraint(
            "state NOT IN ('found', 'taken') OR (house_id IS NOT NULL AND payer_id IS NOT NULL)", name="found_is_whose"
        ),
        sa.CheckConstraint("(state = 'taken') = (payment_id IS NOT NULL)", name="taken_is_paid"),
        sa.ForeignKeyConstraint(["file_id"], ["bank_file.id"]),
        sa.ForeignKeyConstraint(["community_id"], ["community.id"]),
        sa.ForeignKeyConstraint(["house_id"], ["house.id"]),
        sa.ForeignKeyConstraint(
            ["house_id", "community_id"], ["house.id", "house.community_id"], name="fk_bank_line_house"
        ),
        sa.ForeignKeyConstraint(["payer_id"], ["person.id"]),
        sa.ForeignKeyConstraint(["payment_id"], ["payment.id"]),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("file_id", "number"),
        sa.UniqueConstraint("payment_id"),
    )
    op.create_index("ix_bank_line_reference", "bank_line", ["community_id", "reference"])
    op.create_index("ix_bank_line_account", "bank_line", ["community_id", "account"])
    op.create_index("ix_bank_line_state", "bank_line", ["file_id", "state", "number"])
    op.create_index("ix_bank_line_house_id", "bank_line", ["house_id"])
    op.create_index("ix_bank_line_payer_id", "bank_line", ["payer_id"])
