"""Special events with their tickets, households and steps; records that are reviewed and signed.

Revision ID: 0031_special_event
Revises: 0030_recording_pause
"""

import sqlalchemy as sa
from alembic import op

from app.models.base import JsonData, UTCDateTime

revision = "0031_special_event"
down_revision = "0030_recording_pause"
branch_labels = None
depends_on = None

INSTANT = UTCDateTime(timezone=True)
LIVE = sa.text("state IN ('proposed', 'linked')")
GUARDS = {"signed_record": "OLD.state = 'signed'", "special_event_entry": ""}
"""Table → of which rows nothing is changed or taken away any more; of all where nothing is said."""


def upgrade() -> None:
    op.add_column("ticket", sa.Column("is_collective", sa.Boolean(), server_default=sa.false(), nullable=False))
    op.create_index("ix_ticket_matter", "ticket", ["community_id", "category_id", "created_at"])
    _event()
    _ticket()
    _house()
    _entry()
    _record()
    for table, rows in GUARDS.items():
        _guard(table, rows)


def _event() -> None:
    op.create_table(
        "special_event",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("community_id", sa.Integer(), nullable=False),
        sa.Column("number", sa.String(length=20), nullable=True),
        sa.Column("kind", sa.String(length=20), nullable=False),
        sa.Column("state", sa.String(length=20), nullable=False),
        sa.Column("category_id", sa.Integer(), nullable=True),
        sa.Column("building_id", sa.Integer(), nullable=True),
        sa.Column("place", sa.String(length=255), nullable=True),
        sa.Column("place_key", sa.String(length=255), nullable=True),
        sa.Column("households", sa.Integer(), nullable=False),
        sa.Column("ticket_count", sa.Integer(), nullable=False),
        sa.Column("opened_at", INSTANT, nullable=False),
        sa.Column("first_at", INSTANT, nullable=False),
        sa.Column("last_at", INSTANT, nullable=False),
        sa.Column("confirmed_at", INSTANT, nullable=True),
        sa.Column("confirmed_by", sa.String(length=80), nullable=True),
        sa.Column("rejected_at", INSTANT, nullable=True),
        sa.Column("rejected_by", sa.String(length=80), nullable=True),
        sa.Column("reject_reason", sa.String(length=255), nullable=False),
        sa.Column("closed_at", INSTANT, nullable=True),
        sa.Column("closed_by", sa.String(length=80), nullable=True),
        sa.Column("tell_general_manager", sa.Boolean(), nullable=True),
        sa.Column("tell_developer", sa.Boolean(), nullable=True),
        sa.Column("decided_at", INSTANT, nullable=True),
        sa.Column("decided_by", sa.String(length=80), nullable=True),
        sa.Column("decision_note", sa.String(length=255), nullable=False),
        sa.Column("texts", JsonData, nullable=False),
        sa.Column("outage_id", sa.Integer(), nullable=True),
        sa.CheckConstraint("kind IN ('collective', 'emergency')", name="kind_known"),
        sa.CheckConstraint("state IN ('proposed', 'confirmed', 'rejected', 'closed')", name="state_known"),
        sa.CheckConstraint("state <> 'rejected' OR length(reject_reason) > 0", name="rejected_with_reason"),
        sa.ForeignKeyConstraint(["community_id"], ["community.id"]),
        sa.ForeignKeyConstraint(["category_id"], ["category.id"]),
        sa.ForeignKeyConstraint(["building_id"], ["building.id"]),
        sa.ForeignKeyConstraint(["outage_id"], ["outage.id"]),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("number"),
    )
    op.create_index("ix_special_event_community_state", "special_event", ["community_id", "state", "opened_at"])
    op.create_index("ix_special_event_confirmed", "special_event", ["community_id", "confirmed_at"])
    for column in ("category_id", "building_id", "outage_id"):
        op.create_index(f"ix_special_event_{column}", "special_event", [column])


def _ticket() -> None:
    op.create_table(
        "special_event_ticket",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("event_id", sa.Integer(), nullable=False),
        sa.Column("ticket_id", sa.Integer(), nullable=False),
        sa.Column("state", sa.String(length=20), nullable=False),
        sa.Column("added_at", INSTANT, nullable=False),
        sa.Column("reason", sa.String(length=255), nullable=False),
        sa.CheckConstraint("state IN ('proposed', 'linked', 'left_out', 'moved')", name="state_known"),
        sa.ForeignKeyConstraint(["event_id"], ["special_event.id"]),
        sa.ForeignKeyConstraint(["ticket_id"], ["ticket.id"]),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("event_id", "ticket_id"),
    )
    op.create_index("ix_special_event_ticket_ticket", "special_event_ticket", ["ticket_id"])
    op.create_index(
        "uq_special_event_ticket_live",
        "special_event_ticket",
        ["ticket_id"],
        unique=True,
        sqlite_where=LIVE,
        postgresql_where=LIVE,
    )


def _house() -> None:
    op.create_table(
        "special_event_house",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("event_id", sa.Integer(), nullable=False),
        sa.Column("house_id", sa.Integer(), nullable=False),
        sa.Column("state", sa.String(length=20), nullable=False),
        sa.Column("at", INSTANT, nullable=True),
        sa.Column("by_id", sa.Integer(), nullable=True),
        sa.Column("by_name", sa.String(length=80), nullable=True),
        sa.Column("words", sa.Text(), nullable=False),
        sa.CheckConstraint("state IN ('due', 'visited', 'explained')", name="state_known"),
        sa.CheckConstraint("state = 'due' OR (at IS NOT NULL AND by_name IS NOT NULL)", name="recorded_whole"),
        sa.CheckConstraint("state <> 'explained' OR length(words) > 0", name="explained_in_words"),
        sa.ForeignKeyConstraint(["event_id"], ["special_event.id"]),
        sa.ForeignKeyConstraint(["house_id"], ["house.id"]),
        sa.ForeignKeyConstraint(["by_id"], ["ab_user.id"]),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("event_id", "house_id"),
    )
    op.create_index("ix_special_event_house_house_id", "special_event_house", ["house_id"])


def _entry() -> None:
    op.create_table(
        "special_event_entry",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("event_id", sa.Integer(), nullable=False),
        sa.Column("at", INSTANT, nullable=False),
        sa.Column("verb", sa.String(length=30), nullable=False),
        sa.Column("actor_id", sa.Integer(), nullable=True),
        sa.Column("actor_name", sa.String(length=80), nullable=False),
        sa.Column("note", sa.Text(), nullable=False),
        sa.Column("data", JsonData, nullable=False),
        sa.ForeignKeyConstraint(["event_id"], ["special_event.id"]),
        sa.ForeignKeyConstraint(["actor_id"], ["ab_user.id"]),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index("ix_special_event_entry_event_at", "special_event_entry", ["event_id", "at"])


def _record() -> None:
    op.create_table(
        "signed_record",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(length=30), nullable=False),
        sa.Column("community_id", sa.Integer(), nullable=False),
        sa.Column("subject", sa.String(length=80), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("state", sa.String(length=20), nullable=False),
        sa.Column("reason", sa.String(length=255), nullable=False),
        sa.Column("content", JsonData, nullable=False),
        sa.Column("sha256", sa.String(length=64), nullable=False),
        sa.Column("drafted_at", INSTANT, nullable=False),
        sa.Column("drafted_by", sa.String(length=80), nullable=False),
        sa.Column("reviewed_at", INSTANT, nullable=True),
        sa.Column("reviewed_by", sa.String(length=80), nullable=True),
        sa.Column("reviewer_id", sa.Integer(), nullable=True),
        sa.Column("signed_at", INSTANT, nullable=True),
        sa.Column("signed_by", sa.String(length=80), nullable=True),
        sa.Column("signer_id", sa.Integer(), nullable=True),
        sa.CheckConstraint("state IN ('draft', 'reviewed', 'signed')", name="state_known"),
        sa.CheckConstraint("version >= 1", name="version_positive"),
        sa.CheckConstraint("version = 1 OR length(reason) > 0", name="corrected_with_reason"),
        sa.CheckConstraint("length(sha256) = 64", name="sha256_whole"),
        sa.CheckConstraint(
            "state = 'draft' OR (reviewed_at IS NOT NULL AND reviewed_by IS NOT NULL)", name="reviewed_by_somebody"
        ),
        sa.CheckConstraint(
            "state <> 'signed' OR (signed_at IS NOT NULL AND signed_by IS NOT NULL)", name="signed_by_somebody"
        ),
        sa.ForeignKeyConstraint(["community_id"], ["community.id"]),
        sa.ForeignKeyConstraint(["reviewer_id"], ["ab_user.id"]),
        sa.ForeignKeyConstraint(["signer_id"], ["ab_user.id"]),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("kind", "community_id", "subject", "version"),
    )
    op.create_index("ix_signed_record_community_state", "signed_record", ["community_id", "state"])


def _guard(table: str, rows: str) -> None:
    when = f" WHEN ({rows})" if rows else ""
    if op.get_bind().dialect.name == "postgresql":
        op.execute(
            f"CREATE TRIGGER {table}_append_only BEFORE UPDATE OR DELETE ON {table}"
            f" FOR EACH ROW{when} EXECUTE FUNCTION refuse_change()"
        )
        return
    for verb in ("UPDATE", "DELETE"):
        op.execute(
            f"CREATE TRIGGER {table}_no_{verb.lower()} BEFORE {verb} ON {table}{when}"
            f" BEGIN SELECT RAISE(ABORT, '{table} is append-only'); END"
        )


def downgrade() -> None:
    postgres = op.get_bind().dialect.name == "postgresql"
    for table in GUARDS:
        if postgres:
            op.execute(f"DROP TRIGGER {table}_append_only ON {table}")
        else:
            for verb in ("update", "delete"):
                op.execute(f"DROP TRIGGER {table}_no_{verb}")
    for table in (
        "signed_record",
        "special_event_entry",
        "special_event_house",
        "special_event_ticket",
        "special_event",
    ):
        op.drop_table(table)
    op.drop_index("ix_ticket_matter", table_name="ticket")
    op.drop_column("ticket", "is_collective")
