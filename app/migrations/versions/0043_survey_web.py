"""A household answers an opinion survey on its own pages."""

from alembic import op

from app.migrations.checks import replace_codes

revision = "0043_survey_web"
down_revision = "0042_loan"
branch_labels = None
depends_on = None

WAYS = "('link', 'phone', 'visit')"
WAYS_AND_WEB = "('link', 'web', 'phone', 'visit')"


def upgrade() -> None:
    replace_codes("survey_household", "way", WAYS, WAYS_AND_WEB)


def downgrade() -> None:
    # What came by its pages counts as come by a link. A closed survey is frozen by a trigger, which lets this one change through
    # on PostgreSQL; SQLite asks nothing of rows that are there.
    is_postgresql = op.get_bind().dialect.name == "postgresql"
    if is_postgresql:
        op.execute("ALTER TABLE survey_household DISABLE TRIGGER survey_household_closed")
    is_open = "" if is_postgresql else " AND survey_id IN (SELECT id FROM survey WHERE state <> 'closed')"
    op.execute(f"UPDATE survey_household SET way = 'link' WHERE way = 'web'{is_open}")
    if is_postgresql:
        op.execute("ALTER TABLE survey_household ENABLE TRIGGER survey_household_closed")
    replace_codes("survey_household", "way", WAYS_AND_WEB, WAYS)
