"""A household's own changes, whose family somebody is, and return visits made on the web."""

import sqlalchemy as sa
from alembic import op

import app.models.base

revision = "0002_household"
down_revision = "0001"
branch_labels = None
depends_on = None

WAYS = "('call', 'sms', 'phone', 'in_person')"
WAYS_AND_WEB = "('call', 'sms', 'web', 'phone', 'in_person')"


def upgrade() -> None:
    op.create_table(
        "household_change",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("at", app.models.base.UTCDateTime(timezone=True), nullable=False),
        sa.Column("person_id", sa.Integer(), nullable=False),
        sa.Column("house_id", sa.Integer(), nullable=True),
        sa.Column("actor_id", sa.Integer(), nullable=True),
        sa.Column("actor_name", sa.String(length=80), nullable=False),
        sa.Column("what", sa.String(length=30), nullable=False),
        sa.Column("detail", sa.String(length=255), nullable=False),
        sa.ForeignKeyConstraint(["actor_id"], ["ab_user.id"]),
        sa.ForeignKeyConstraint(["house_id"], ["house.id"]),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"]),
        sa.PrimaryKeyConstraint("id"),
    )
    with op.batch_alter_table("household_change") as batch:
        batch.create_index("ix_household_change_person_at", ["person_id", "at"])
    with op.batch_alter_table("tenure") as batch:
        batch.add_column(sa.Column("head_id", sa.Integer(), nullable=True))
        batch.create_foreign_key("fk_tenure_head", "tenure", ["head_id"], ["id"])
        batch.create_index("ix_tenure_head_id", ["head_id"])
    _set_ways(WAYS_AND_WEB)
    _guard()


def downgrade() -> None:
    _unguard()
    op.execute("UPDATE return_visit SET way = 'phone' WHERE way = 'web'")
    _set_ways(WAYS)
    with op.batch_alter_table("tenure") as batch:
        batch.drop_index("ix_tenure_head_id")
        batch.drop_constraint("fk_tenure_head", type_="foreignkey")
        batch.drop_column("head_id")
    op.drop_table("household_change")


def _set_ways(words: str) -> None:
    with op.batch_alter_table("return_visit") as batch:
        batch.drop_constraint("way_known", type_="check")
        batch.create_check_constraint("way_known", f"way IS NULL OR way IN {words}")


def _guard() -> None:
    """What a household changed stays written: the same guard as the timeline's."""
    if op.get_bind().dialect.name == "postgresql":
        op.execute(
            "CREATE TRIGGER household_change_append_only BEFORE UPDATE OR DELETE ON household_change"
            " FOR EACH ROW EXECUTE FUNCTION refuse_change()"
        )
        return
    for verb in ("UPDATE", "DELETE"):
        op.execute(
            f"CREATE TRIGGER household_change_no_{verb.lower()} BEFORE {verb} ON household_change"
            " BEGIN SELECT RAISE(ABORT, 'household_change is append-only'); END"
        )


def _unguard() -> None:
    if op.get_bind().dialect.name == "postgresql":
        op.execute("DROP TRIGGER household_change_append_only ON household_change")
        return
    for verb in ("update", "delete"):
        op.execute(f"DROP TRIGGER household_change_no_{verb}")
