"""How often, and when last, a household asked again about a matter."""

import sqlalchemy as sa
from alembic import op

from app.models.base import UTCDateTime

revision = "0024_urge"
down_revision = "0023_campaign_place"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("ticket", sa.Column("urged_count", sa.Integer(), server_default="0", nullable=False))
    op.add_column("ticket", sa.Column("urged_at", UTCDateTime(timezone=True), nullable=True))
    op.create_index("ix_ticket_urged", "ticket", ["urged_at", "id"])


def downgrade() -> None:
    op.drop_index("ix_ticket_urged", table_name="ticket")
    op.drop_column("ticket", "urged_at")
    op.drop_column("ticket", "urged_count")
