"""Disputes between neighbours: parties, statements, evidence and talks of a complaint."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

from app.migrations.triggers import create_append_only, drop_append_only
from app.models.base import UTCDateTime

revision = "0050_dispute"
down_revision = "0049_billing"
branch_labels = None
depends_on = None

INSTANT = UTCDateTime(timezone=True)
JSON = sa.JSON().with_variant(postgresql.JSONB(astext_type=sa.Text()), "postgresql")
MATTERS = "('disturbance', 'pets', 'leak', 'belongings', 'parking_space', 'smoke', 'other')"
SAID = ("ticket_id", "party_id", "number", "way", "heard_at", "words", "taken_at", "taken_by")
SETTLED = ("state", "settled_at", "settled_by", "answer", "sheet_id")
LISTED = ("ticket_id", "party_id", "number", "kind", "what", "made_at", "kept", "taken_at", "taken_by")
STRUCK = ("struck_at", "struck_by", "struck_why")
HELD = {
    # Table → what never changes; from when on (a condition on the old row) what else does not.
    "dispute_statement": (SAID, SETTLED, "OLD.state <> 'taken'"),
    "dispute_evidence": (LISTED, STRUCK, "OLD.struck_at IS NOT NULL"),
}


def upgrade() -> None:
    with op.batch_alter_table("complaint") as batch:
        batch.add_column(sa.Column("dispute", sa.String(20), nullable=True))
        batch.add_column(sa.Column("dispute_at", INSTANT, nullable=True))
        batch.add_column(sa.Column("dispute_by", sa.String(80), nullable=True))
        batch.create_check_constraint("dispute_known", f"dispute IS NULL OR dispute IN {MATTERS}")
    _parties()
    _statements()
    _evidence()
    _talks()
    for table, (always, then, once) in HELD.items():
        _hold(table, always, then, once)
    for table in ("dispute_file", "dispute_talk"):
        create_append_only(table)


def _parties() -> None:
    op.create_table(
        "dispute_party",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("ticket_id", sa.Integer(), nullable=False),
        sa.Column("place", sa.Integer(), nullable=False),
        sa.Column("person_id", sa.Integer(), nullable=True),
        sa.Column("house_id", sa.Integer(), nullable=True),
        sa.Column("name", sa.String(80), nullable=False),
        sa.Column("phone", sa.String(40), nullable=True),
        sa.Column("added_at", INSTANT, nullable=False),
        sa.Column("added_by", sa.String(80), nullable=False),
        sa.CheckConstraint("place BETWEEN 1 AND 6", name="place_known"),
        sa.ForeignKeyConstraint(["ticket_id"], ["ticket.id"]),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"]),
        sa.ForeignKeyConstraint(["house_id"], ["house.id"]),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("ticket_id", "place"),
        sa.UniqueConstraint("id", "ticket_id"),
    )
    op.create_index("ix_dispute_party_person_id", "dispute_party", ["person_id"])
    op.create_index("ix_dispute_party_house_id", "dispute_party", ["house_id"])


def _statements() -> None:
    op.create_table(
        "dispute_statement",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("ticket_id", sa.Integer(), nullable=False),
        sa.Column("party_id", sa.Integer(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("way", sa.String(20), nullable=False),
        sa.Column("heard_at", INSTANT, nullable=False),
        sa.Column("words", sa.Text(), nullable=False),
        sa.Column("taken_at", INSTANT, nullable=False),
        sa.Column("taken_by", sa.String(80), nullable=False),
        sa.Column("state", sa.String(20), nullable=False),
        sa.Column("settled_at", INSTANT, nullable=True),
        sa.Column("settled_by", sa.String(80), nullable=False),
        sa.Column("answer", sa.Text(), nullable=False),
        sa.Column("sheet_id", sa.Integer(), nullable=True),
        sa.CheckConstraint("way IN ('in_person', 'at_home', 'phone')", name="way_known"),
        sa.CheckConstraint("state IN ('taken', 'confirmed', 'signed', 'refused')", name="state_known"),
        sa.CheckConstraint("(state = 'taken') = (settled_at IS NULL)", name="settled_when"),
        sa.CheckConstraint("words <> '' OR state = 'refused'", name="words_or_refused"),
        sa.ForeignKeyConstraint(["ticket_id"], ["ticket.id"]),
        sa.ForeignKeyConstraint(
            ["party_id", "ticket_id"],
            ["dispute_party.id", "dispute_party.ticket_id"],
            name="fk_dispute_statement_party",
        ),
        sa.ForeignKeyConstraint(["sheet_id"], ["attachment.id"]),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("ticket_id", "number"),
    )
    op.create_index("ix_dispute_statement_party_id", "dispute_statement", ["party_id"])


def _evidence() -> None:
    op.create_table(
        "dispute_evidence",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("ticket_id", sa.Integer(), nullable=False),
        sa.Column("party_id", sa.Integer(), nullable=True),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(20), nullable=False),
        sa.Column("what", sa.Text(), nullable=False),
        sa.Column("made_at", INSTANT, nullable=False),
        sa.Column("kept", sa.String(255), nullable=False),
        sa.Column("taken_at", INSTANT, nullable=False),
        sa.Column("taken_by", sa.String(80), nullable=False),
        sa.Column("struck_at", INSTANT, nullable=True),
        sa.Column("struck_by", sa.String(80), nullable=False),
        sa.Column("struck_why", sa.String(255), nullable=False),
        sa.CheckConstraint(
            "kind IN ('photo', 'recording', 'document', 'measurement', 'observation')", name="kind_known"
        ),
        sa.CheckConstraint("(struck_at IS NULL) = (struck_why = '')", name="struck_with_reason"),
        sa.ForeignKeyConstraint(["ticket_id"], ["ticket.id"]),
        sa.ForeignKeyConstraint(
            ["party_id", "ticket_id"], ["dispute_party.id", "dispute_party.ticket_id"], name="fk_dispute_evidence_party"
        ),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("ticket_id", "number"),
    )
    op.create_index("ix_dispute_evidence_party_id", "dispute_evidence", ["party_id"])
    op.create_table(
        "dispute_file",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("evidence_id", sa.Integer(), nullable=False),
        sa.Column("attachment_id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["evidence_id"], ["dispute_evidence.id"]),
        sa.ForeignKeyConstraint(["attachment_id"], ["attachment.id"]),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("evidence_id", "attachment_id"),
    )
    op.create_index("ix_dispute_file_attachment_id", "dispute_file", ["attachment_id"])


def _talks() -> None:
    op.create_table(
        "dispute_talk",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("ticket_id", sa.Integer(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("way", sa.String(20), nullable=False),
        sa.Column("held_at", INSTANT, nullable=False),
        sa.Column("present", JSON, nullable=False),
        sa.Column("others", sa.String(255), nullable=False),
        sa.Column("notes", sa.Text(), nullable=False),
        sa.Column("outcome", sa.String(20), nullable=True),
        sa.Column("agreement", sa.Text(), nullable=False),
        sa.Column("signed", JSON, nullable=False),
        sa.Column("next_at", INSTANT, nullable=True),
        sa.Column("noted_at", INSTANT, nullable=False),
        sa.Column("noted_by", sa.String(80), nullable=False),
        sa.CheckConstraint("way IN ('together', 'separately', 'phone', 'note')", name="way_known"),
        sa.CheckConstraint(
            "outcome IS NULL OR outcome IN ('agreement', 'no_agreement', 'referred', 'again')", name="outcome_known"
        ),
        sa.CheckConstraint(
            "(agreement <> '') = (outcome IS NOT NULL AND outcome = 'agreement')", name="agreement_has_words"
        ),
        sa.ForeignKeyConstraint(["ticket_id"], ["ticket.id"]),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("ticket_id", "number"),
    )


def _hold(table: str, always: tuple[str, ...], then: tuple[str, ...], once: str) -> None:
    """What was said or listed never changes, and what became of it is settled once, whoever asks."""
    if op.get_bind().dialect.name == "postgresql":
        first = " OR ".join(f"NEW.{name}::text IS DISTINCT FROM OLD.{name}::text" for name in always)
        later = " OR ".join(f"NEW.{name}::text IS DISTINCT FROM OLD.{name}::text" for name in then)
        op.execute(
            f"CREATE FUNCTION refuse_{table}_change() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN"
            f" IF TG_OP = 'DELETE' OR {first} OR ({once} AND ({later})) THEN"
            f" RAISE EXCEPTION '{table} cannot change' USING ERRCODE = 'integrity_constraint_violation';"
            " END IF; RETURN NEW; END $$"
        )
        op.execute(
            f"CREATE TRIGGER {table}_held BEFORE UPDATE OR DELETE ON {table}"
            f" FOR EACH ROW EXECUTE FUNCTION refuse_{table}_change()"
        )
        return
    first = " OR ".join(f"NEW.{name} IS NOT OLD.{name}" for name in always)
    later = " OR ".join(f"NEW.{name} IS NOT OLD.{name}" for name in then)
    refuse = f"BEGIN SELECT RAISE(ABORT, '{table} cannot change'); END"
    op.execute(
        f"CREATE TRIGGER {table}_no_update BEFORE UPDATE ON {table} WHEN {first} OR ({once} AND ({later})) {refuse}"
    )
    op.execute(f"CREATE TRIGGER {table}_no_delete BEFORE DELETE ON {table} {refuse}")


def downgrade() -> None:
    for table in ("dispute_file", "dispute_talk"):
        drop_append_only(table)
    for table in ("dispute_talk", "dispute_file", "dispute_evidence", "dispute_statement", "dispute_party"):
        op.drop_table(table)
    if op.get_bind().dialect.name == "postgresql":
        for table in HELD:
            op.execute(f"DROP FUNCTION refuse_{table}_change()")
    with op.batch_alter_table("complaint") as batch:
        batch.drop_constraint("dispute_known", type_="check")
        for name in ("dispute", "dispute_at", "dispute_by"):
            batch.drop_column(name)
