"""Knowledge base: standard answers in versions, where they were used, what the staff says of them, questions nothing was found for."""

import sqlalchemy as sa
from alembic import op

from app.migrations.grams import create_answers
from app.models.base import UTCDateTime

revision = "0040_knowledge"
down_revision = "0039_skill"
branch_labels = None
depends_on = None

INSTANT = UTCDateTime(timezone=True)
STATES = "('draft', 'reviewed', 'published', 'superseded', 'withdrawn')"
CONTENT = (
    "article_id",
    "number",
    "category_id",
    "question",
    "question_en",
    "questions",
    "answer",
    "answer_en",
    "keywords",
    "valid_from",
    "valid_until",
    "is_public",
    "words",
    "written_at",
    "writer_name",
)
TABLES = ("answer_miss", "article_source", "article_mark", "article_use", "article_version", "article")


def upgrade() -> None:
    op.create_table(
        "article",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("community_id", sa.Integer(), nullable=True),
        sa.Column("created_at", INSTANT, nullable=False),
        sa.Column("used", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["community_id"], ["community.id"]),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index("ix_article_community_id", "article", ["community_id"])
    _versions()
    _uses()
    _freeze()


def _versions() -> None:
    op.create_table(
        "article_version",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("article_id", sa.Integer(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("state", sa.String(20), nullable=False),
        sa.Column("category_id", sa.Integer(), nullable=True),
        sa.Column("question", sa.String(120), nullable=False),
        sa.Column("question_en", sa.String(200), nullable=False),
        sa.Column("questions", sa.Text(), nullable=False),
        sa.Column("answer", sa.Text(), nullable=False),
        sa.Column("answer_en", sa.Text(), nullable=False),
        sa.Column("keywords", sa.String(200), nullable=False),
        sa.Column("valid_from", sa.Date(), nullable=True),
        sa.Column("valid_until", sa.Date(), nullable=True),
        sa.Column("is_public", sa.Boolean(), nullable=False),
        sa.Column("change_note", sa.String(200), nullable=False),
        sa.Column("words", sa.Text(), nullable=False),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.Column("written_at", INSTANT, nullable=False),
        sa.Column("writer_id", sa.Integer(), nullable=True),
        sa.Column("writer_name", sa.String(80), nullable=False),
        sa.Column("reviewed_at", INSTANT, nullable=True),
        sa.Column("reviewed_by", sa.String(80), nullable=False),
        sa.Column("published_at", INSTANT, nullable=True),
        sa.Column("published_by", sa.String(80), nullable=False),
        sa.Column("ended_at", INSTANT, nullable=True),
        sa.Column("ended_by", sa.String(80), nullable=False),
        sa.CheckConstraint(f"state IN {STATES}", name="state_known"),
        sa.CheckConstraint("number > 0", name="number_positive"),
        sa.ForeignKeyConstraint(["article_id"], ["article.id"]),
        sa.ForeignKeyConstraint(["category_id"], ["category.id"]),
        sa.ForeignKeyConstraint(["writer_id"], ["ab_user.id"]),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("article_id", "number"),
    )
    op.create_index("ix_article_version_state_category", "article_version", ["state", "category_id"])
    for name, condition in (("published", "state = 'published'"), ("open", "state IN ('draft', 'reviewed')")):
        op.create_index(
            f"uq_article_version_{name}",
            "article_version",
            ["article_id"],
            unique=True,
            sqlite_where=sa.text(condition),
            postgresql_where=sa.text(condition),
        )


def _uses() -> None:
    op.create_table(
        "article_use",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("version_id", sa.Integer(), nullable=False),
        sa.Column("ticket_id", sa.Integer(), nullable=False),
        sa.Column("at", INSTANT, nullable=False),
        sa.Column("actor_name", sa.String(80), nullable=False),
        sa.ForeignKeyConstraint(["version_id"], ["article_version.id"]),
        sa.ForeignKeyConstraint(["ticket_id"], ["ticket.id"]),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("ticket_id", "version_id"),
    )
    op.create_index("ix_article_use_version_id", "article_use", ["version_id"])
    op.create_table(
        "article_mark",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("version_id", sa.Integer(), nullable=False),
        sa.Column("user_id", sa.Integer(), nullable=False),
        sa.Column("helped", sa.Boolean(), nullable=False),
        sa.Column("at", INSTANT, nullable=False),
        sa.ForeignKeyConstraint(["version_id"], ["article_version.id"]),
        sa.ForeignKeyConstraint(["user_id"], ["ab_user.id"]),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("version_id", "user_id"),
    )
    op.create_table(
        "article_source",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("article_id", sa.Integer(), nullable=False),
        sa.Column("ticket_id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["article_id"], ["article.id"]),
        sa.ForeignKeyConstraint(["ticket_id"], ["ticket.id"]),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("article_id", "ticket_id"),
    )
    op.create_index("ix_article_source_ticket_id", "article_source", ["ticket_id"])
    op.create_table(
        "answer_miss",
        sa.Column("ticket_id", sa.Integer(), nullable=False),
        sa.Column("at", INSTANT, nullable=False),
        sa.ForeignKeyConstraint(["ticket_id"], ["ticket.id"]),
        sa.PrimaryKeyConstraint("ticket_id"),
    )


def _freeze() -> None:
    """What a version said once it was reviewed stays readable as it was: tickets point to it."""
    if op.get_bind().dialect.name == "postgresql":
        create_answers()
        changed = " OR ".join(f"NEW.{name}::text IS DISTINCT FROM OLD.{name}::text" for name in CONTENT)
        op.execute(
            "CREATE FUNCTION refuse_answer_change() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN"
            f" IF OLD.state <> 'draft' AND (TG_OP = 'DELETE' OR {changed}) THEN"
            " RAISE EXCEPTION 'a reviewed answer cannot change' USING ERRCODE = 'integrity_constraint_violation';"
            " END IF; IF TG_OP = 'DELETE' THEN RETURN OLD; END IF; RETURN NEW; END $$"
        )
        op.execute(
            "CREATE TRIGGER article_version_frozen BEFORE UPDATE OR DELETE ON article_version"
            " FOR EACH ROW EXECUTE FUNCTION refuse_answer_change()"
        )
        return
    changed = " OR ".join(f"NEW.{name} IS NOT OLD.{name}" for name in CONTENT)
    refuse = "BEGIN SELECT RAISE(ABORT, 'a reviewed answer cannot change'); END"
    op.execute(
        "CREATE TRIGGER article_version_no_update BEFORE UPDATE ON article_version"
        f" WHEN OLD.state <> 'draft' AND ({changed}) {refuse}"
    )
    op.execute(
        f"CREATE TRIGGER article_version_no_delete BEFORE DELETE ON article_version WHEN OLD.state <> 'draft' {refuse}"
    )


def downgrade() -> None:
    for table in TABLES:
        op.drop_table(table)
    if op.get_bind().dialect.name == "postgresql":
        op.execute("DROP FUNCTION refuse_answer_change()")
