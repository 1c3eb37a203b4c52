"""Return visits as three records: tries, answers, quality checks; the month's draws; links households answer by."""

import sqlalchemy as sa
from alembic import op

from app.migrations.triggers import create_append_only, drop_append_only
from app.models.base import UTCDateTime

revision = "0026_visit_records"
down_revision = "0025_caller_confirmation"
branch_labels = None
depends_on = None

INSTANT = UTCDateTime(timezone=True)
WAYS = "('call', 'sms', 'web', 'phone', 'in_person')"
RESULTS = "('answered', 'declined', 'sent', 'no_answer', 'busy', 'machine', 'unclear', 'wrong_number', 'not_at_home', 'no_reply')"
FOUND = "('confirmed', 'differs', 'not_made', 'unreachable')"
STAGES = "('report', 'before', 'after', 'evidence')"
STAGES_AND_SIGNATURE = "('report', 'before', 'after', 'evidence', 'signature')"
NEW_COLUMNS = (("worker_id", "staff"), ("assigned_id", "staff"), ("signature_id", "attachment"))
APPEND_ONLY = ("visit_try", "visit_answer")


def upgrade() -> None:
    _set_stages(STAGES_AND_SIGNATURE)
    # Not as a batch: SQLite would make the table anew, and others point at its rows.
    for name, table in NEW_COLUMNS:
        column = sa.Column(name, sa.Integer(), sa.ForeignKey(f"{table}.id"), nullable=True)
        op.add_column("return_visit", column, inline_references=True)
    op.add_column("return_visit", sa.Column("unsigned_why", sa.String(255), nullable=False, server_default=""))
    op.create_index("ix_return_visit_assigned_state", "return_visit", ["assigned_id", "state"])
    _tries_and_answers()
    _checks()
    _draws()
    _links()
    _take_over()
    for table in APPEND_ONLY:
        create_append_only(table)


def _tries_and_answers() -> None:
    op.create_table(
        "visit_try",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("visit_id", sa.Integer(), nullable=False),
        sa.Column("at", INSTANT, nullable=False),
        sa.Column("way", sa.String(20), nullable=False),
        sa.Column("result", sa.String(20), nullable=False),
        sa.Column("actor_id", sa.Integer(), nullable=True),
        sa.Column("actor_name", sa.String(80), nullable=False),
        sa.Column("note", sa.Text(), nullable=False),
        sa.CheckConstraint(f"result IN {RESULTS}", name="result_known"),
        sa.CheckConstraint(f"way IN {WAYS}", name="way_known"),
        sa.ForeignKeyConstraint(["actor_id"], ["ab_user.id"]),
        sa.ForeignKeyConstraint(["visit_id"], ["return_visit.id"]),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index("ix_visit_try_visit_at", "visit_try", ["visit_id", "at"])
    op.create_table(
        "visit_answer",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("visit_id", sa.Integer(), nullable=False),
        sa.Column("at", INSTANT, nullable=False),
        sa.Column("way", sa.String(20), nullable=False),
        sa.Column("score", sa.Integer(), nullable=False),
        sa.Column("words", sa.Text(), nullable=False),
        sa.Column("counts", sa.Boolean(), nullable=False),
        sa.Column("taken_by_id", sa.Integer(), nullable=True),
        sa.Column("taken_by", sa.String(80), nullable=False),
        sa.CheckConstraint(f"way IN {WAYS}", name="way_known"),
        sa.CheckConstraint("score BETWEEN 1 AND 5", name="score_range"),
        sa.ForeignKeyConstraint(["taken_by_id"], ["ab_user.id"]),
        sa.ForeignKeyConstraint(["visit_id"], ["return_visit.id"]),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index("ix_visit_answer_visit_at", "visit_answer", ["visit_id", "at"])
    only = {"sqlite_where": sa.text("counts"), "postgresql_where": sa.text("counts")}
    op.create_index("uq_visit_answer_counts", "visit_answer", ["visit_id"], unique=True, **only)


def _checks() -> None:
    op.create_table(
        "visit_check",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("visit_id", sa.Integer(), nullable=False),
        sa.Column("drawn", sa.Boolean(), nullable=False),
        sa.Column("created_at", INSTANT, nullable=False),
        sa.Column("due_on", sa.Date(), nullable=False),
        sa.Column("checked_at", INSTANT, nullable=True),
        sa.Column("checker_id", sa.Integer(), nullable=True),
        sa.Column("checker_name", sa.String(80), nullable=False),
        sa.Column("way", sa.String(20), nullable=True),
        sa.Column("result", sa.String(20), nullable=True),
        sa.Column("score", sa.Integer(), nullable=True),
        sa.Column("note", sa.Text(), nullable=False),
        sa.CheckConstraint(f"result IS NULL OR result IN {FOUND}", name="result_known"),
        sa.CheckConstraint(f"way IS NULL OR way IN {WAYS}", name="way_known"),
        sa.CheckConstraint("score IS NULL OR score BETWEEN 1 AND 5", name="score_range"),
        sa.ForeignKeyConstraint(["checker_id"], ["ab_user.id"]),
        sa.ForeignKeyConstraint(["visit_id"], ["return_visit.id"]),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("visit_id"),
    )
    op.create_index("ix_visit_check_open", "visit_check", ["checked_at", "due_on"])


def _draws() -> None:
    op.create_table(
        "draw_round",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("key", sa.String(60), nullable=False),
        sa.Column("kind", sa.String(20), nullable=False),
        sa.Column("community_id", sa.Integer(), nullable=False),
        sa.Column("month", sa.Date(), nullable=False),
        sa.Column("percent", sa.Integer(), nullable=False),
        sa.Column("seed", sa.String(64), nullable=False),
        sa.Column("members", sa.Integer(), nullable=False),
        sa.CheckConstraint("kind IN ('visit', 'check')", name="kind_known"),
        sa.CheckConstraint("percent BETWEEN 1 AND 100", name="percent_range"),
        sa.ForeignKeyConstraint(["community_id"], ["community.id"]),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("key"),
    )
    op.create_index("ix_draw_round_community_id_month", "draw_round", ["community_id", "month"])
    op.create_table(
        "draw",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("round_id", sa.Integer(), nullable=False),
        sa.Column("place", sa.Integer(), nullable=False),
        sa.Column("ticket_id", sa.Integer(), nullable=False),
        sa.Column("turn", sa.Integer(), nullable=False),
        sa.Column("visit_id", sa.Integer(), nullable=True),
        sa.Column("taken", sa.Boolean(), nullable=False),
        sa.Column("at", INSTANT, nullable=False),
        sa.ForeignKeyConstraint(["round_id"], ["draw_round.id"]),
        sa.ForeignKeyConstraint(["ticket_id"], ["ticket.id"]),
        sa.ForeignKeyConstraint(["visit_id"], ["return_visit.id"]),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("round_id", "place"),
    )
    op.create_index("ix_draw_ticket_turn", "draw", ["ticket_id", "turn"])
    op.create_index("ix_draw_visit_id", "draw", ["visit_id"])


def _links() -> None:
    op.create_table(
        "answer_link",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("purpose", sa.String(20), nullable=False),
        sa.Column("visit_id", sa.Integer(), nullable=True),
        sa.Column("nonce", sa.String(64), nullable=False),
        sa.Column("digest", sa.String(64), nullable=False),
        sa.Column("locale", sa.String(8), nullable=False),
        sa.Column("created_at", INSTANT, nullable=False),
        sa.Column("expires_at", INSTANT, nullable=False),
        sa.Column("used_at", INSTANT, nullable=True),
        sa.CheckConstraint("purpose IN ('visit', 'survey')", name="purpose_known"),
        sa.ForeignKeyConstraint(["visit_id"], ["return_visit.id"]),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("digest"),
    )
    op.create_index("ix_answer_link_visit", "answer_link", ["visit_id"])


def _take_over() -> None:
    """What stands already: who did the work of what is due, and the scores that were given."""
    op.execute("UPDATE return_visit SET reason = 'asked' WHERE reason = 'policy'")
    op.execute(
        "UPDATE return_visit SET worker_id ="
        " (SELECT ticket.assignee_id FROM ticket WHERE ticket.id = return_visit.ticket_id) WHERE state = 'due'"
    )
    op.execute(
        "INSERT INTO visit_answer (visit_id, at, way, score, words, counts, taken_by_id, taken_by)"
        " SELECT id, visited_at, coalesce(way, 'phone'), score, note, true, visitor_id, '' FROM return_visit"
        " WHERE score IS NOT NULL AND visited_at IS NOT NULL"
    )
    op.execute(
        "INSERT INTO visit_try (visit_id, at, way, result, actor_id, actor_name, note)"
        " SELECT id, visited_at, coalesce(way, 'phone'), 'answered', visitor_id, '', '' FROM return_visit"
        " WHERE state = 'made' AND visited_at IS NOT NULL"
    )


def _set_stages(words: str) -> None:
    with op.batch_alter_table("attachment") as batch:
        batch.drop_constraint("stage_known", type_="check")
        batch.create_check_constraint("stage_known", f"stage IN {words}")


def downgrade() -> None:
    for table in APPEND_ONLY:
        drop_append_only(table)
    for table in ("answer_link", "draw", "draw_round", "visit_check", "visit_answer", "visit_try"):
        op.drop_table(table)
    op.drop_index("ix_return_visit_assigned_state", table_name="return_visit")
    with op.batch_alter_table("return_visit") as batch:
        for name, _table in NEW_COLUMNS:
            batch.drop_column(name)
        batch.drop_column("unsigned_why")
    op.execute("UPDATE attachment SET stage = 'evidence' WHERE stage = 'signature'")
    _set_stages(STAGES)
