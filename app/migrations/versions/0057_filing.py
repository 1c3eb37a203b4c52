"""Filing 归档: closed tickets put away by building and category.

Revision ID: 0057_filing
Revises: 0056_offers
"""

import sqlalchemy as sa
from alembic import op

from app.models.base import UTCDateTime

revision = "0057_filing"
down_revision = "0056_offers"
branch_labels = None
depends_on = None

_FILED = sa.text("filed_at IS NOT NULL")
_TO_FILE = sa.text("filed_at IS NULL AND state IN ('closed', 'cancelled')")


def upgrade() -> None:
    op.add_column("ticket", sa.Column("filed_at", UTCDateTime(timezone=True), nullable=True))
    op.create_index(
        "ix_ticket_filed", "ticket", ["community_id", "filed_at", "id"], sqlite_where=_FILED, postgresql_where=_FILED
    )
    op.create_index(
        "ix_ticket_to_file", "ticket", ["state", "closed_at"], sqlite_where=_TO_FILE, postgresql_where=_TO_FILE
    )


def downgrade() -> None:
    op.drop_index("ix_ticket_to_file", table_name="ticket")
    op.drop_index("ix_ticket_filed", table_name="ticket")
    op.drop_column("ticket", "filed_at")
