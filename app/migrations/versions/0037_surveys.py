"""Opinion surveys: questionnaires, surveys with whom they ask and what is answered; a closed one is frozen by triggers."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

from app.migrations.checks import replace_codes
from app.migrations.triggers import create_append_only, drop_append_only
from app.models.base import UTCDateTime

revision = "0037_surveys"
down_revision = "0036_collection"
branch_labels = None
depends_on = None

INSTANT = UTCDateTime(timezone=True)
JSON = sa.JSON().with_variant(postgresql.JSONB(astext_type=sa.Text()), "postgresql")
CYCLES = "('monthly', 'quarterly', 'half_yearly', 'yearly')"
KINDS = "('score', 'choice', 'choices', 'text')"
PURPOSES = "('alert', 'wake_up', 'check_in', 'check_in_contact', 'return_visit', 'notice', 'reminder')"
PURPOSES_AND_SURVEYS = PURPOSES.replace(")", ", 'survey')")
OF_PURPOSE = ("campaign_target", "campaign", "call_wish")
OF_SURVEY = ("survey_place", "survey_question", "survey_household")
VERBS = ("INSERT", "UPDATE", "DELETE")


def upgrade() -> None:
    for table in OF_PURPOSE:
        replace_codes(table, "purpose", PURPOSES, PURPOSES_AND_SURVEYS)
    _questionnaires()
    _surveys()
    _parts()
    op.add_column(
        "answer_link",
        sa.Column("household_id", sa.Integer(), sa.ForeignKey("survey_household.id"), nullable=True),
        inline_references=True,
    )
    op.create_index("ix_answer_link_household_id", "answer_link", ["household_id"])
    create_append_only("survey_answer")
    _freeze()


def _questionnaires() -> None:
    op.create_table(
        "questionnaire",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("community_id", sa.Integer(), nullable=True),
        sa.Column("cycle", sa.String(20), nullable=False),
        sa.Column("title", sa.String(80), nullable=False),
        sa.Column("title_en", sa.String(80), nullable=False),
        sa.Column("intro", sa.Text(), nullable=False),
        sa.Column("intro_en", sa.Text(), nullable=False),
        sa.Column("active", sa.Boolean(), nullable=False),
        sa.Column("changed_at", INSTANT, nullable=False),
        sa.Column("author_id", sa.Integer(), nullable=True),
        sa.Column("author_name", sa.String(80), nullable=False),
        sa.CheckConstraint(f"cycle IN {CYCLES}", name="cycle_known"),
        sa.ForeignKeyConstraint(["author_id"], ["ab_user.id"]),
        sa.ForeignKeyConstraint(["community_id"], ["community.id"]),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index("ix_questionnaire_community_id", "questionnaire", ["community_id"])
    op.create_table(
        "questionnaire_item",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("questionnaire_id", sa.Integer(), nullable=False),
        *_question_columns(),
        sa.CheckConstraint(f"kind IN {KINDS}", name="kind_known"),
        sa.ForeignKeyConstraint(["questionnaire_id"], ["questionnaire.id"]),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("questionnaire_id", "key"),
    )


def _question_columns() -> list[sa.Column]:
    return [
        sa.Column("key", sa.String(32), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(20), nullable=False),
        sa.Column("text", sa.String(200), nullable=False),
        sa.Column("text_en", sa.String(200), nullable=False),
        sa.Column("options", JSON, nullable=False),
        sa.Column("required", sa.Boolean(), nullable=False),
    ]


def _surveys() -> None:
    op.create_table(
        "survey",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("community_id", sa.Integer(), nullable=False),
        sa.Column("questionnaire_id", sa.Integer(), nullable=False),
        sa.Column("cycle", sa.String(20), nullable=False),
        sa.Column("period_starts_on", sa.Date(), nullable=False),
        sa.Column("title", sa.String(80), nullable=False),
        sa.Column("title_en", sa.String(80), nullable=False),
        sa.Column("intro", sa.Text(), nullable=False),
        sa.Column("intro_en", sa.Text(), nullable=False),
        sa.Column("state", sa.String(20), nullable=False),
        sa.Column("percent", sa.Integer(), nullable=False),
        sa.Column("seed", sa.String(64), nullable=False),
        sa.Column("closes_on", sa.Date(), nullable=False),
        sa.Column("created_at", INSTANT, nullable=False),
        sa.Column("creator_id", sa.Integer(), nullable=True),
        sa.Column("creator_name", sa.String(80), nullable=False),
        sa.Column("opened_at", INSTANT, nullable=True),
        sa.Column("opened_by", sa.String(80), nullable=False),
        sa.Column("closed_at", INSTANT, nullable=True),
        sa.Column("closed_by", sa.String(80), nullable=False),
        sa.Column("asked", sa.Integer(), nullable=False),
        sa.Column("answered", sa.Integer(), nullable=False),
        sa.Column("previous_id", sa.Integer(), nullable=True),
        sa.Column("figures", JSON, nullable=True),
        sa.Column("figures_sha256", sa.String(64), nullable=True),
        sa.CheckConstraint(f"cycle IN {CYCLES}", name="cycle_known"),
        sa.CheckConstraint("state IN ('draft', 'open', 'closed')", name="state_known"),
        sa.CheckConstraint("percent BETWEEN 1 AND 100", name="percent_range"),
        sa.CheckConstraint("answered BETWEEN 0 AND asked", name="answered_of_asked"),
        sa.ForeignKeyConstraint(["community_id"], ["community.id"]),
        sa.ForeignKeyConstraint(["creator_id"], ["ab_user.id"]),
        sa.ForeignKeyConstraint(["previous_id"], ["survey.id"]),
        sa.ForeignKeyConstraint(["questionnaire_id"], ["questionnaire.id"]),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index("ix_survey_community_period", "survey", ["community_id", "cycle", "period_starts_on"])
    op.create_index("ix_survey_questionnaire_id", "survey", ["questionnaire_id"])
    op.create_index("ix_survey_state_closes", "survey", ["state", "closes_on"])


def _parts() -> None:
    op.create_table(
        "survey_place",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("survey_id", sa.Integer(), nullable=False),
        sa.Column("building_id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["building_id"], ["building.id"]),
        sa.ForeignKeyConstraint(["survey_id"], ["survey.id"]),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("survey_id", "building_id"),
    )
    op.create_index("ix_survey_place_building_id", "survey_place", ["building_id"])
    op.create_table(
        "survey_question",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("survey_id", sa.Integer(), nullable=False),
        *_question_columns(),
        sa.CheckConstraint(f"kind IN {KINDS}", name="kind_known"),
        sa.ForeignKeyConstraint(["survey_id"], ["survey.id"]),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("survey_id", "key"),
    )
    op.create_table(
        "survey_household",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("survey_id", sa.Integer(), nullable=False),
        sa.Column("house_id", sa.Integer(), nullable=False),
        sa.Column("building_id", sa.Integer(), nullable=False),
        sa.Column("person_id", sa.Integer(), nullable=True),
        sa.Column("number", sa.String(20), nullable=True),
        sa.Column("locale", sa.String(8), nullable=False),
        sa.Column("by_link", sa.Boolean(), nullable=False),
        sa.Column("state", sa.String(20), nullable=False),
        sa.Column("texts", sa.Integer(), nullable=False),
        sa.Column("texted_at", INSTANT, nullable=True),
        sa.Column("answered_at", INSTANT, nullable=True),
        sa.Column("way", sa.String(20), nullable=True),
        sa.Column("taken_by_id", sa.Integer(), nullable=True),
        sa.Column("taken_by", sa.String(80), nullable=False),
        sa.CheckConstraint("state IN ('asked', 'answered', 'declined')", name="state_known"),
        sa.CheckConstraint("way IS NULL OR way IN ('link', 'phone', 'visit')", name="way_known"),
        sa.CheckConstraint("(state = 'answered') = (answered_at IS NOT NULL)", name="answered_when"),
        sa.ForeignKeyConstraint(["building_id"], ["building.id"]),
        sa.ForeignKeyConstraint(["house_id"], ["house.id"]),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"]),
        sa.ForeignKeyConstraint(["survey_id"], ["survey.id"]),
        sa.ForeignKeyConstraint(["taken_by_id"], ["ab_user.id"]),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("survey_id", "house_id"),
    )
    op.create_index("ix_survey_household_house_id", "survey_household", ["house_id"])
    op.create_index("ix_survey_household_person_id", "survey_household", ["person_id"])
    op.create_index("ix_survey_household_survey_state", "survey_household", ["survey_id", "state"])
    op.create_table(
        "survey_answer",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("household_id", sa.Integer(), nullable=False),
        sa.Column("question_id", sa.Integer(), nullable=False),
        sa.Column("score", sa.Integer(), nullable=True),
        sa.Column("chosen", JSON, nullable=False),
        sa.Column("words", sa.Text(), nullable=False),
        sa.CheckConstraint("score IS NULL OR score BETWEEN 1 AND 5", name="score_range"),
        sa.ForeignKeyConstraint(["household_id"], ["survey_household.id"]),
        sa.ForeignKeyConstraint(["question_id"], ["survey_question.id"]),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("household_id", "question_id"),
    )
    op.create_index("ix_survey_answer_question_id", "survey_answer", ["question_id"])


def _freeze() -> None:
    """A closed survey and all that hangs on it: nothing is added, changed or taken away, whoever asks."""
    if op.get_bind().dialect.name == "postgresql":
        _freeze_postgresql()
        return
    refuse = "BEGIN SELECT RAISE(ABORT, 'a closed survey cannot change'); END"
    for verb in ("UPDATE", "DELETE"):
        name = f"survey_closed_no_{verb.lower()}"
        op.execute(f"CREATE TRIGGER {name} BEFORE {verb} ON survey WHEN OLD.state = 'closed' {refuse}")
    for table in OF_SURVEY:
        for verb in VERBS:
            row = "NEW" if verb == "INSERT" else "OLD"
            closed = f"(SELECT state FROM survey WHERE id = {row}.survey_id) = 'closed'"
            op.execute(
                f"CREATE TRIGGER {table}_closed_no_{verb.lower()} BEFORE {verb} ON {table} WHEN {closed} {refuse}"
            )
    closed = (
        "(SELECT survey.state FROM survey JOIN survey_household ON survey_household.survey_id = survey.id"
        " WHERE survey_household.id = NEW.household_id) = 'closed'"
    )
    op.execute(f"CREATE TRIGGER survey_answer_closed_no_insert BEFORE INSERT ON survey_answer WHEN {closed} {refuse}")


def _freeze_postgresql() -> None:
    head = "RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN"
    refuse = "RAISE EXCEPTION 'a closed survey cannot change' USING ERRCODE = 'integrity_constraint_violation';"
    tail = "IF TG_OP = 'DELETE' THEN RETURN OLD; END IF; RETURN NEW; END $$"
    op.execute(f"CREATE FUNCTION refuse_closed_survey() {head} IF OLD.state = 'closed' THEN {refuse} END IF; {tail}")
    of_row = (
        "(SELECT state FROM survey WHERE id = CASE WHEN TG_OP = 'INSERT' THEN NEW.survey_id ELSE OLD.survey_id END)"
    )
    op.execute(
        f"CREATE FUNCTION refuse_part_of_closed_survey() {head} IF {of_row} = 'closed' THEN {refuse} END IF; {tail}"
    )
    of_answer = (
        "(SELECT survey.state FROM survey JOIN survey_household ON survey_household.survey_id = survey.id"
        " WHERE survey_household.id = NEW.household_id)"
    )
    op.execute(f"CREATE FUNCTION refuse_late_answer() {head} IF {of_answer} = 'closed' THEN {refuse} END IF; {tail}")
    each = "FOR EACH ROW EXECUTE FUNCTION"
    op.execute(f"CREATE TRIGGER survey_closed BEFORE UPDATE OR DELETE ON survey {each} refuse_closed_survey()")
    for table in OF_SURVEY:
        op.execute(
            f"CREATE TRIGGER {table}_closed BEFORE INSERT OR UPDATE OR DELETE ON {table}"
            f" {each} refuse_part_of_closed_survey()"
        )
    op.execute(f"CREATE TRIGGER survey_answer_closed BEFORE INSERT ON survey_answer {each} refuse_late_answer()")


def downgrade() -> None:
    drop_append_only("survey_answer")
    op.drop_index("ix_answer_link_household_id", table_name="answer_link")
    op.execute("DELETE FROM answer_link WHERE purpose = 'survey'")
    with op.batch_alter_table("answer_link") as batch:
        batch.drop_column("household_id")
    for table in ("survey_answer", "survey_household", "survey_question", "survey_place", "survey"):
        op.drop_table(table)
    if op.get_bind().dialect.name == "postgresql":
        for function in ("refuse_closed_survey", "refuse_part_of_closed_survey", "refuse_late_answer"):
            op.execute(f"DROP FUNCTION {function}()")
    op.drop_table("questionnaire_item")
    op.drop_table("questionnaire")
    for table in OF_PURPOSE:
        op.execute(f"DELETE FROM {table} WHERE purpose = 'survey'")
        replace_codes(table, "purpose", PURPOSES_AND_SURVEYS, PURPOSES)
