"""When the staff were last asked whether an announced outage is over."""

import sqlalchemy as sa
from alembic import op

import app.models.base

revision = "0029_outage_asked"
down_revision = "0028_complaint"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("outage", sa.Column("asked_at", app.models.base.UTCDateTime(timezone=True), nullable=True))


def downgrade() -> None:
    op.drop_column("outage", "asked_at")
