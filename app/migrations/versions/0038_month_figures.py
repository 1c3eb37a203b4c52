"""A ticket repeats how its clocks stand: the figures of a month are one pass over its tickets

Revision ID: 0038_month_figures
Revises: 0037_surveys
"""

import sqlalchemy as sa
from alembic import op

revision = "0038_month_figures"
down_revision = "0037_surveys"
branch_labels = None
depends_on = None

COLUMNS = ("clocks_ended", "clocks_met", "clocks_live")
_EVENTS = {
    "insert": ("INSERT", "NEW"),
    "update": ("UPDATE OF state, name, started_at, met_at", "NEW"),
    "delete": ("DELETE", "OLD"),
}


def _recount(ticket: str, seconds: str) -> str:
    """The four columns of the tickets that `ticket` is the id of, counted anew."""
    return (
        "UPDATE ticket SET (clocks_ended, clocks_met, clocks_live, responded_seconds) = ("
        "SELECT count(CASE WHEN c.state IN ('met', 'breached') THEN 1 END), count(CASE WHEN c.state = 'met' THEN 1 END),"
        " count(CASE WHEN c.state IN ('running', 'paused') THEN 1 END),"
        f" (SELECT {seconds} FROM clock f WHERE f.ticket_id = ticket.id AND f.name = 'first_response'"
        " AND f.met_at IS NOT NULL ORDER BY f.id LIMIT 1)"
        f" FROM clock c WHERE c.ticket_id = ticket.id) WHERE id = {ticket}"
    )


def upgrade() -> None:
    for name in COLUMNS:
        op.add_column("ticket", sa.Column(name, sa.Integer(), server_default="0", nullable=False))
    op.add_column("ticket", sa.Column("responded_seconds", sa.Integer(), nullable=True))
    if op.get_bind().dialect.name == "postgresql":
        seconds = "floor(extract(epoch FROM f.met_at - f.started_at))::integer"
        op.execute(
            "CREATE FUNCTION recount_clocks() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN"
            f" {_recount('CASE WHEN TG_OP = ' + chr(39) + 'DELETE' + chr(39) + ' THEN OLD.ticket_id ELSE NEW.ticket_id END', seconds)};"
            " RETURN NULL; END $$"
        )
        events = " OR ".join(event for event, _row in _EVENTS.values())
        op.execute(
            f"CREATE TRIGGER clock_counted AFTER {events} ON clock FOR EACH ROW EXECUTE FUNCTION recount_clocks()"
        )
    else:
        seconds = "CAST(round((julianday(f.met_at) - julianday(f.started_at)) * 86400, 2) AS INTEGER)"
        for name, (event, row) in _EVENTS.items():
            op.execute(
                f"CREATE TRIGGER clock_counted_{name} AFTER {event} ON clock BEGIN {_recount(row + '.ticket_id', seconds)}; END"
            )
    op.execute(_recount("id", seconds))


def downgrade() -> None:
    if op.get_bind().dialect.name == "postgresql":
        op.execute("DROP TRIGGER clock_counted ON clock")
        op.execute("DROP FUNCTION recount_clocks()")
    else:
        for name in _EVENTS:
            op.execute(f"DROP TRIGGER clock_counted_{name}")
    for name in ("responded_seconds", *reversed(COLUMNS)):
        op.drop_column("ticket", name)
