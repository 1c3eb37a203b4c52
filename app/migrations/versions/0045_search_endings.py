"""Telephone numbers found by their last digits and people by two characters of their names: indexes on PostgreSQL."""

from alembic import op

from app.migrations.grams import create_endings, drop_endings

revision = "0045_search_endings"
down_revision = "0044_appraisals"
branch_labels = None
depends_on = None


def upgrade() -> None:
    if op.get_bind().dialect.name == "postgresql":
        create_endings()


def downgrade() -> None:
    if op.get_bind().dialect.name == "postgresql":
        drop_endings()
