"""The library of emergency plans: plans, versions, the plan of an emergency and its ticked steps."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

from app.migrations.triggers import create_append_only, drop_append_only
from app.models.base import UTCDateTime

revision = "0047_plans"
down_revision = "0046_general_manager"
branch_labels = None
depends_on = None

INSTANT = UTCDateTime(timezone=True)
JSON = sa.JSON().with_variant(postgresql.JSONB(astext_type=sa.Text()), "postgresql")
KINDS = "('fire', 'gas', 'water', 'power', 'lift', 'weather', 'other', 'general')"
STATES = "('draft', 'reviewed', 'in_force', 'replaced', 'dropped')"
FIXED = ("plan_id", "number", "content", "sha256", "reason", "drafted_by", "reviewed_by", "forced_at", "forced_by")


def upgrade() -> None:
    op.create_table(
        "emergency_plan",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("community_id", sa.Integer(), nullable=True),
        sa.Column("kind", sa.String(20), nullable=False),
        sa.Column("created_at", INSTANT, nullable=False),
        sa.Column("retired_at", INSTANT, nullable=True),
        sa.Column("retired_by", sa.String(80), nullable=False),
        sa.CheckConstraint(f"kind IN {KINDS}", name="kind_known"),
        sa.ForeignKeyConstraint(["community_id"], ["community.id"]),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index("ix_emergency_plan_community_id", "emergency_plan", ["community_id"])
    _versions()
    _of_tickets()
    _freeze()
    create_append_only("plan_tick")


def _versions() -> None:
    op.create_table(
        "plan_version",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("plan_id", sa.Integer(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("state", sa.String(20), nullable=False),
        sa.Column("content", JSON, nullable=False),
        sa.Column("sha256", sa.String(64), nullable=False),
        sa.Column("reason", sa.String(255), nullable=False),
        sa.Column("event_id", sa.Integer(), nullable=True),
        sa.Column("drafted_at", INSTANT, nullable=False),
        sa.Column("drafted_by", sa.String(80), nullable=False),
        sa.Column("reviewed_at", INSTANT, nullable=True),
        sa.Column("reviewed_by", sa.String(80), nullable=False),
        sa.Column("reviewer_id", sa.Integer(), nullable=True),
        sa.Column("forced_at", INSTANT, nullable=True),
        sa.Column("forced_by", sa.String(80), nullable=False),
        sa.Column("ended_at", INSTANT, nullable=True),
        sa.CheckConstraint(f"state IN {STATES}", name="state_known"),
        sa.CheckConstraint("state <> 'in_force' OR forced_at IS NOT NULL", name="in_force_since"),
        sa.ForeignKeyConstraint(["event_id"], ["special_event.id"]),
        sa.ForeignKeyConstraint(["plan_id"], ["emergency_plan.id"]),
        sa.ForeignKeyConstraint(["reviewer_id"], ["ab_user.id"]),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("plan_id", "number"),
    )
    op.create_index("ix_plan_version_event_id", "plan_version", ["event_id"])
    for name, condition in (("on_its_way", "state IN ('draft', 'reviewed')"), ("in_force", "state = 'in_force'")):
        where = sa.text(condition)
        op.create_index(
            f"uq_plan_version_{name}",
            "plan_version",
            ["plan_id"],
            unique=True,
            sqlite_where=where,
            postgresql_where=where,
        )


def _of_tickets() -> None:
    op.create_table(
        "ticket_plan",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("ticket_id", sa.Integer(), nullable=False),
        sa.Column("version_id", sa.Integer(), nullable=False),
        sa.Column("fits", sa.Boolean(), nullable=False),
        sa.Column("word", sa.String(80), nullable=False),
        sa.Column("opened_at", INSTANT, nullable=False),
        sa.Column("opened_by", sa.String(80), nullable=False),
        sa.ForeignKeyConstraint(["ticket_id"], ["ticket.id"]),
        sa.ForeignKeyConstraint(["version_id"], ["plan_version.id"]),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index("ix_ticket_plan_ticket", "ticket_plan", ["ticket_id", "id"])
    op.create_index("ix_ticket_plan_version_id", "ticket_plan", ["version_id"])
    op.create_table(
        "plan_tick",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("ticket_plan_id", sa.Integer(), nullable=False),
        sa.Column("step", sa.String(32), nullable=False),
        sa.Column("at", INSTANT, nullable=False),
        sa.Column("actor_id", sa.Integer(), nullable=True),
        sa.Column("actor_name", sa.String(80), nullable=False),
        sa.ForeignKeyConstraint(["actor_id"], ["ab_user.id"]),
        sa.ForeignKeyConstraint(["ticket_plan_id"], ["ticket_plan.id"]),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("ticket_plan_id", "step"),
    )


def _freeze() -> None:
    """What a version says that is or was in force never changes, whoever asks."""
    held = "OLD.state IN ('in_force', 'replaced')"
    if op.get_bind().dialect.name == "postgresql":
        changed = " OR ".join(f"NEW.{name}::text IS DISTINCT FROM OLD.{name}::text" for name in FIXED)
        op.execute(
            "CREATE FUNCTION refuse_plan_change() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN"
            f" IF {held} THEN IF TG_OP = 'DELETE' OR NEW.state NOT IN ('in_force', 'replaced') OR {changed} THEN"
            " RAISE EXCEPTION 'a plan in force cannot change' USING ERRCODE = 'integrity_constraint_violation';"
            " END IF; END IF; IF TG_OP = 'DELETE' THEN RETURN OLD; END IF; RETURN NEW; END $$"
        )
        op.execute(
            "CREATE TRIGGER plan_version_in_force BEFORE UPDATE OR DELETE ON plan_version"
            " FOR EACH ROW EXECUTE FUNCTION refuse_plan_change()"
        )
        return
    changed = " OR ".join(f"NEW.{name} IS NOT OLD.{name}" for name in FIXED)
    refuse = "BEGIN SELECT RAISE(ABORT, 'a plan in force cannot change'); END"
    op.execute(
        "CREATE TRIGGER plan_version_in_force_no_update BEFORE UPDATE ON plan_version"
        f" WHEN {held} AND (NEW.state NOT IN ('in_force', 'replaced') OR {changed}) {refuse}"
    )
    op.execute(f"CREATE TRIGGER plan_version_in_force_no_delete BEFORE DELETE ON plan_version WHEN {held} {refuse}")


def downgrade() -> None:
    drop_append_only("plan_tick")
    for table in ("plan_tick", "ticket_plan", "plan_version", "emergency_plan"):
        op.drop_table(table)
    if op.get_bind().dialect.name == "postgresql":
        op.execute("DROP FUNCTION refuse_plan_change()")
