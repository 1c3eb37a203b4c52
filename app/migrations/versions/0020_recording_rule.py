"""When a recording was deleted at the carrier, and when ours was removed after its time."""

import sqlalchemy as sa
from alembic import op

import app.models.base

revision = "0020_recording_rule"
down_revision = "0019_outage"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column(
        "recording", sa.Column("carrier_deleted_at", app.models.base.UTCDateTime(timezone=True), nullable=True)
    )
    op.add_column("recording", sa.Column("expired_at", app.models.base.UTCDateTime(timezone=True), nullable=True))


def downgrade() -> None:
    op.drop_column("recording", "expired_at")
    op.drop_column("recording", "carrier_deleted_at")
