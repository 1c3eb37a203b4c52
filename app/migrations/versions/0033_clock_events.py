"""What happens to a clock is kept as events that never change; the sweep asks one index what is due; calendars are data.

Revision ID: 0031_clock_events
Revises: 0030_recording_pause
"""

import sqlalchemy as sa
from alembic import op

from app.migrations.triggers import create_append_only, drop_append_only
from app.models.base import UTCDateTime

revision = "0033_clock_events"
down_revision = "0032_outside"
branch_labels = None
depends_on = None

INSTANT = UTCDateTime(timezone=True)
ENDS = "('closed', 'given_up', 'reopened', 'promised', 'new_promise', 'new_finding', 'work_done', 'restarted', 'reclassed')"
CHECKED = "check_at IS NOT NULL"
PROMISES = "name = 'promise'"
WAITS = "state = 'waiting'"


def upgrade() -> None:
    _clocks()
    op.create_table(
        "clock_event",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("clock_id", sa.Integer(), nullable=False),
        sa.Column("at", INSTANT, nullable=False),
        sa.Column("kind", sa.String(length=20), nullable=False),
        sa.Column("due_at", INSTANT, nullable=True),
        sa.Column("warn_at", INSTANT, nullable=True),
        sa.Column("reason", sa.String(length=255), nullable=False),
        sa.Column("end", sa.String(length=20), nullable=True),
        sa.Column("actor_id", sa.Integer(), nullable=True),
        sa.Column("actor_name", sa.String(length=80), nullable=False),
        sa.CheckConstraint(
            "kind IN ('started', 'paused', 'resumed', 'recounted', 'met', 'cancelled')", name="kind_known"
        ),
        sa.ForeignKeyConstraint(["actor_id"], ["ab_user.id"]),
        sa.ForeignKeyConstraint(["clock_id"], ["clock.id"]),
        sa.PrimaryKeyConstraint("id"),
    )
    _carry_over()
    op.create_index("ix_clock_event_clock_at", "clock_event", ["clock_id", "at"])
    create_append_only("clock_event")
    waits = sa.text(WAITS)
    op.create_index("ix_ticket_waiting_until", "ticket", ["waiting_until"], sqlite_where=waits, postgresql_where=waits)


def _clocks() -> None:
    with op.batch_alter_table("clock") as table:
        table.add_column(sa.Column("warn_percent", sa.Integer(), nullable=False, server_default="75"))
        table.add_column(sa.Column("check_at", INSTANT, nullable=True))
        table.add_column(sa.Column("changed_at", INSTANT, nullable=True))
        table.add_column(sa.Column("end_reason", sa.String(length=20), nullable=True))
        table.alter_column("calendar", existing_type=sa.String(length=20), type_=sa.String(length=40))
        table.drop_constraint("calendar_known", type_="check")
        table.create_check_constraint("end_reason_known", f"end_reason IS NULL OR end_reason IN {ENDS}")
        table.drop_index("ix_clock_state_warn")
    op.execute("UPDATE clock SET changed_at = coalesce(met_at, paused_at, started_at)")
    op.execute(
        "UPDATE clock SET check_at = CASE WHEN warned_at IS NULL THEN coalesce(warn_at, due_at) ELSE due_at END"
        " WHERE state = 'running'"
    )
    with op.batch_alter_table("clock") as table:
        table.alter_column("warn_percent", server_default=None)
        table.alter_column("changed_at", existing_type=INSTANT, nullable=False)
        table.create_index(
            "ix_clock_check", ["check_at", "id"], sqlite_where=sa.text(CHECKED), postgresql_where=sa.text(CHECKED)
        )
        table.create_index(
            "ix_clock_promise", ["due_at", "id"], sqlite_where=sa.text(PROMISES), postgresql_where=sa.text(PROMISES)
        )
    with op.batch_alter_table("clock_policy") as table:
        table.alter_column("calendar", existing_type=sa.String(length=20), type_=sa.String(length=40))
        table.drop_constraint("calendar_known", type_="check")


def _carry_over() -> None:
    """Of clocks there were before there were events: when they started, for when they were due, how they stand."""
    columns = "INSERT INTO clock_event (clock_id, at, kind, due_at, warn_at, reason, actor_name)"
    op.execute(f"{columns} SELECT id, started_at, 'started', due_at, coalesce(warn_at, due_at), '', '' FROM clock")
    op.execute(f"{columns} SELECT id, paused_at, 'paused', NULL, NULL, '', '' FROM clock WHERE state = 'paused'")
    op.execute(f"{columns} SELECT id, met_at, 'met', NULL, NULL, '', '' FROM clock WHERE met_at IS NOT NULL")
    last = "(SELECT max(e.at) FROM ticket_entry e WHERE e.ticket_id = c.ticket_id AND e.at BETWEEN c.started_at AND c.due_at)"
    op.execute(
        f"{columns} SELECT c.id, coalesce({last}, c.started_at), 'cancelled', NULL, NULL, '', ''"
        " FROM clock c WHERE c.state = 'cancelled'"
    )


def downgrade() -> None:
    op.drop_index("ix_ticket_waiting_until", "ticket")
    drop_append_only("clock_event")
    op.drop_table("clock_event")
    op.execute("UPDATE clock SET calendar = 'desk' WHERE calendar <> 'always'")
    op.execute("UPDATE clock_policy SET calendar = 'desk' WHERE calendar <> 'always'")
    with op.batch_alter_table("clock_policy") as table:
        table.alter_column("calendar", existing_type=sa.String(length=40), type_=sa.String(length=20))
        table.create_check_constraint("calendar_known", "calendar IN ('always', 'desk')")
    with op.batch_alter_table("clock") as table:
        table.drop_index("ix_clock_check")
        table.drop_index("ix_clock_promise")
        table.drop_constraint("end_reason_known", type_="check")
        for name in ("warn_percent", "check_at", "changed_at", "end_reason"):
            table.drop_column(name)
        table.alter_column("calendar", existing_type=sa.String(length=40), type_=sa.String(length=20))
        table.create_check_constraint("calendar_known", "calendar IN ('always', 'desk')")
        table.create_index("ix_clock_state_warn", ["state", "warn_at"])
