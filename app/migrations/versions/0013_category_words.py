"""Words of the categories can be taken out of use; a ticket keeps which words gave it its category and urgency."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0013_category_words"
down_revision = "0012_voice_pin"
branch_labels = None
depends_on = None


def upgrade() -> None:
    found = sa.JSON().with_variant(postgresql.JSONB(astext_type=sa.Text()), "postgresql")
    op.add_column("category_word", sa.Column("active", sa.Boolean(), nullable=False, server_default=sa.true()))
    with op.batch_alter_table("category_word") as table:
        table.alter_column("active", existing_type=sa.Boolean(), server_default=None)
    op.add_column("ticket", sa.Column("found_by", found, nullable=True))


def downgrade() -> None:
    op.drop_column("ticket", "found_by")
    op.drop_column("category_word", "active")
