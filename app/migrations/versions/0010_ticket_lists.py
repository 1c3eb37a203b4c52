"""Indexes for the orders and filters of a million tickets, and pairs of characters for words in their titles.

`linli_grams` is our own function: no extension is needed, so this also runs where CREATE EXTENSION is not allowed. The index
over it is PostgreSQL's; SQLite, with its small estates, reads titles with LIKE.
"""

from alembic import op

from app.migrations.grams import create_grams, drop_grams

revision = "0010_ticket_lists"
down_revision = "0009_figures"
branch_labels = None
depends_on = None

INDEXES = {
    "ix_ticket_building_created": ["building_id", "created_at"],
    "ix_ticket_assignee_created": ["assignee_id", "created_at"],
    "ix_ticket_house_created": ["house_id", "created_at"],
    "ix_ticket_category_created": ["category_id", "created_at"],
    "ix_ticket_due": ["due_at", "created_at", "id"],
    "ix_ticket_state_created": ["state", "created_at", "id"],
    "ix_ticket_kind_created": ["kind", "created_at", "id"],
    "ix_ticket_priority_created": ["priority", "created_at", "id"],
    "ix_ticket_reporter_name": ["reporter_name"],
}


def upgrade() -> None:
    for name, columns in INDEXES.items():
        op.create_index(name, "ticket", columns)
    if op.get_bind().dialect.name == "postgresql":
        create_grams()


def downgrade() -> None:
    if op.get_bind().dialect.name == "postgresql":
        drop_grams()
    for name in reversed(INDEXES):
        op.drop_index(name, table_name="ticket")
