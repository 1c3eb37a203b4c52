"""Check-in calls to people living alone: the register, each booked time, every step; the call to an emergency contact."""

import sqlalchemy as sa
from alembic import op

import app.models.base
from app.migrations.triggers import create_append_only, drop_append_only

revision = "0027_check_in"
down_revision = "0026_visit_records"
branch_labels = None
depends_on = None

PURPOSES = "'alert', 'wake_up', 'check_in', 'return_visit', 'notice', 'reminder'"
PURPOSES_AND_CONTACT = "'alert', 'wake_up', 'check_in', 'check_in_contact', 'return_visit', 'notice', 'reminder'"
RESULTS = (
    "'planned', 'dialling', 'ringing', 'answered', 'unknown', 'reached', 'unclear', 'machine', 'no_answer', 'busy',"
    " 'failed', 'sent', 'shared', 'impossible', 'expired', 'cancelled'"
)
STATES = "'calling', 'waiting', 'well', 'help', 'alerted', 'contacted', 'found', 'skipped', 'missed'"
FINDINGS = "'well', 'away', 'telephone', 'unwell', 'other'"


def upgrade() -> None:
    _set_purposes(PURPOSES_AND_CONTACT)
    _plan()
    _check_in()
    _step()
    create_append_only("check_in_step")
    with op.batch_alter_table("campaign_target") as batch:
        batch.add_column(sa.Column("check_in_id", sa.Integer(), nullable=True))
        batch.create_foreign_key("fk_campaign_target_check_in_id", "check_in", ["check_in_id"], ["id"])
        batch.create_index("ix_campaign_target_check_in_id", ["check_in_id"])


def downgrade() -> None:
    with op.batch_alter_table("campaign_target") as batch:
        batch.drop_index("ix_campaign_target_check_in_id")
        batch.drop_constraint("fk_campaign_target_check_in_id", type_="foreignkey")
        batch.drop_column("check_in_id")
    drop_append_only("check_in_step")
    for table in ("check_in_step", "check_in", "check_in_contact", "check_in_plan"):
        op.drop_table(table)
    for table in ("campaign_target", "campaign", "call_wish"):
        op.execute(f"UPDATE {table} SET purpose = 'check_in' WHERE purpose = 'check_in_contact'")
    _set_purposes(PURPOSES)


def _set_purposes(words: str) -> None:
    for table in ("campaign", "campaign_target", "call_wish"):
        with op.batch_alter_table(table) as batch:
            batch.drop_constraint("purpose_known", type_="check")
            batch.create_check_constraint("purpose_known", f"purpose IN ({words})")


def _instant(name: str, nullable: bool = True) -> sa.Column:
    return sa.Column(name, app.models.base.UTCDateTime(timezone=True), nullable=nullable)


def _plan() -> None:
    op.create_table(
        "check_in_plan",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("person_id", sa.Integer(), nullable=False),
        sa.Column("house_id", sa.Integer(), nullable=False),
        sa.Column("community_id", sa.Integer(), nullable=False),
        sa.Column("number", sa.String(length=20), nullable=False),
        sa.Column("weekdays", sa.String(length=7), nullable=False),
        sa.Column("times", sa.String(length=40), nullable=False),
        sa.Column("consent_by", sa.String(length=80), nullable=False),
        sa.Column("consented_on", sa.Date(), nullable=False),
        sa.Column("consent_noted_by", sa.String(length=80), nullable=False),
        sa.Column("steward_id", sa.Integer(), nullable=True),
        sa.Column("note", sa.String(length=255), nullable=False),
        sa.Column("paused_from", sa.Date(), nullable=True),
        sa.Column("paused_until", sa.Date(), nullable=True),
        sa.Column("pause_note", sa.String(length=120), nullable=False),
        sa.Column("active", sa.Boolean(), nullable=False),
        _instant("ended_at"),
        _instant("next_at"),
        _instant("created_at", nullable=False),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.CheckConstraint("consent_by <> ''", name="somebody_consented"),
        sa.CheckConstraint("weekdays <> '' AND times <> ''", name="some_time"),
        sa.CheckConstraint("active OR next_at IS NULL", name="ended_calls_nobody"),
        sa.CheckConstraint("paused_until IS NULL OR paused_until >= paused_from", name="pause_ends_after_start"),
        sa.ForeignKeyConstraint(["community_id"], ["community.id"]),
        sa.ForeignKeyConstraint(
            ["house_id", "community_id"], ["house.id", "house.community_id"], name="fk_check_in_house"
        ),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"]),
        sa.ForeignKeyConstraint(["steward_id"], ["staff.id"]),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("person_id"),
    )
    for column in ("community_id", "house_id", "next_at", "steward_id"):
        op.create_index(f"ix_check_in_plan_{column}", "check_in_plan", [column])
    op.create_table(
        "check_in_contact",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("plan_id", sa.Integer(), nullable=False),
        sa.Column("place", sa.Integer(), nullable=False),
        sa.Column("name", sa.String(length=80), nullable=False),
        sa.Column("relation", sa.String(length=40), nullable=False),
        sa.Column("number", sa.String(length=20), nullable=False),
        sa.Column("locale", sa.String(length=8), nullable=False),
        sa.ForeignKeyConstraint(["plan_id"], ["check_in_plan.id"]),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("plan_id", "place"),
    )


def _check_in() -> None:
    op.create_table(
        "check_in",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("key", sa.String(length=60), nullable=False),
        sa.Column("plan_id", sa.Integer(), nullable=False),
        sa.Column("person_id", sa.Integer(), nullable=False),
        sa.Column("house_id", sa.Integer(), nullable=False),
        sa.Column("community_id", sa.Integer(), nullable=False),
        _instant("at", nullable=False),
        sa.Column("state", sa.String(length=20), nullable=False),
        sa.Column("tries", sa.Integer(), nullable=False),
        sa.Column("result", sa.String(length=20), nullable=True),
        _instant("next_at"),
        _instant("alerted_at"),
        sa.Column("alerted_id", sa.Integer(), nullable=True),
        _instant("contacted_at"),
        sa.Column("finding", sa.String(length=20), nullable=True),
        sa.Column("found_note", sa.Text(), nullable=False),
        _instant("found_at"),
        sa.Column("found_by_id", sa.Integer(), nullable=True),
        sa.Column("found_by", sa.String(length=80), nullable=False),
        sa.Column("ticket_id", sa.Integer(), nullable=True),
        sa.CheckConstraint(f"finding IS NULL OR finding IN ({FINDINGS})", name="finding_known"),
        sa.CheckConstraint(f"result IS NULL OR result IN ({RESULTS})", name="result_known"),
        sa.CheckConstraint(
            "state <> 'found' OR (finding IS NOT NULL AND found_at IS NOT NULL)", name="found_says_what"
        ),
        sa.CheckConstraint(f"state IN ({STATES})", name="state_known"),
        sa.ForeignKeyConstraint(["alerted_id"], ["staff.id"]),
        sa.ForeignKeyConstraint(["community_id"], ["community.id"]),
        sa.ForeignKeyConstraint(["found_by_id"], ["ab_user.id"]),
        sa.ForeignKeyConstraint(
            ["house_id", "community_id"], ["house.id", "house.community_id"], name="fk_check_in_call_house"
        ),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"]),
        sa.ForeignKeyConstraint(["plan_id"], ["check_in_plan.id"]),
        sa.ForeignKeyConstraint(["ticket_id"], ["ticket.id"]),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("key"),
    )
    for column in ("alerted_id", "house_id", "person_id", "ticket_id"):
        op.create_index(f"ix_check_in_{column}", "check_in", [column])
    op.create_index("ix_check_in_community_at", "check_in", ["community_id", "at"])
    op.create_index("ix_check_in_plan_at", "check_in", ["plan_id", "at"])
    op.create_index("ix_check_in_state_next", "check_in", ["state", "next_at"])


def _step() -> None:
    op.create_table(
        "check_in_step",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("plan_id", sa.Integer(), nullable=False),
        sa.Column("check_in_id", sa.Integer(), nullable=True),
        _instant("at", nullable=False),
        sa.Column("verb", sa.String(length=20), nullable=False),
        sa.Column("actor_id", sa.Integer(), nullable=True),
        sa.Column("actor_name", sa.String(length=80), nullable=False),
        sa.Column("note", sa.Text(), nullable=False),
        sa.Column("data", app.models.base.JsonData, nullable=False),
        sa.ForeignKeyConstraint(["actor_id"], ["ab_user.id"]),
        sa.ForeignKeyConstraint(["check_in_id"], ["check_in.id"]),
        sa.ForeignKeyConstraint(["plan_id"], ["check_in_plan.id"]),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index("ix_check_in_step_at", "check_in_step", ["at"])
    op.create_index("ix_check_in_step_check_in_id", "check_in_step", ["check_in_id"])
    op.create_index("ix_check_in_step_plan_at", "check_in_step", ["plan_id", "at"])
