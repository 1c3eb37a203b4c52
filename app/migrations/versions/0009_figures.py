"""What was finished and answered on a day is found by an index: the figures of the day, also among a million tickets."""

from alembic import op

revision = "0009_figures"
down_revision = "0008_logins"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_index("ix_ticket_done_at", "ticket", ["done_at"])
    op.create_index("ix_return_visit_visited_at", "return_visit", ["visited_at"])


def downgrade() -> None:
    op.drop_index("ix_return_visit_visited_at", table_name="return_visit")
    op.drop_index("ix_ticket_done_at", table_name="ticket")
