"""Text messages: which of their pictures wait at the carrier, and whether an outage is told by text.

Revision ID: 0054_text_messages
Revises: 0053_duty_history
"""

import sqlalchemy as sa
from alembic import op

from app.models.base import UTCDateTime

revision = "0054_text_messages"
down_revision = "0053_duty_history"
branch_labels = None
depends_on = None

INSTANT = UTCDateTime(timezone=True)


def upgrade() -> None:
    op.create_table(
        "text_picture",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("ticket_id", sa.Integer(), nullable=False),
        sa.Column("message_sid", sa.String(64), nullable=False),
        sa.Column("media_sid", sa.String(64), nullable=False),
        sa.Column("account_sid", sa.String(64), nullable=True),
        sa.Column("state", sa.String(20), nullable=False),
        sa.Column("attachment_id", sa.Integer(), nullable=True),
        sa.Column("received_at", INSTANT, nullable=False),
        sa.Column("tries", sa.Integer(), nullable=False),
        sa.Column("fetch_after", INSTANT, nullable=True),
        sa.Column("carrier_deleted_at", INSTANT, nullable=True),
        sa.Column("error", sa.String(255), nullable=True),
        sa.CheckConstraint("state IN ('waiting', 'kept', 'refused', 'lost')", name="state_known"),
        sa.ForeignKeyConstraint(["attachment_id"], ["attachment.id"]),
        sa.ForeignKeyConstraint(["ticket_id"], ["ticket.id"]),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("media_sid"),
    )
    op.create_index("ix_text_picture_ticket_id", "text_picture", ["ticket_id"])
    op.create_index("ix_text_picture_state", "text_picture", ["state", "fetch_after"])
    with op.batch_alter_table("outage") as batch:
        batch.add_column(sa.Column("tell", sa.String(10), server_default="no", nullable=False))
        batch.create_check_constraint("tell_known", "tell IN ('no', 'notice', 'alert')")


def downgrade() -> None:
    with op.batch_alter_table("outage") as batch:
        batch.drop_constraint("tell_known", type_="check")
        batch.drop_column("tell")
    op.drop_table("text_picture")
