"""Whether the recording of a whole call is paused at the carrier."""

import sqlalchemy as sa
from alembic import op

revision = "0030_recording_pause"
down_revision = "0029_outage_asked"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("recording", sa.Column("pause", sa.String(length=12), nullable=True))


def downgrade() -> None:
    op.drop_column("recording", "pause")
