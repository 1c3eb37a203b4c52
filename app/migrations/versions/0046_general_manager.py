"""Where a community's general manager is told of special events."""

import sqlalchemy as sa
from alembic import op

revision = "0046_general_manager"
down_revision = "0045_search_endings"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("community", sa.Column("general_manager_email", sa.String(254), nullable=False, server_default=""))


def downgrade() -> None:
    with op.batch_alter_table("community") as batch:
        batch.drop_column("general_manager_email")
