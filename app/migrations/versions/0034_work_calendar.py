"""Working hours are calendars of their own, with split shifts; a community's desk names one of them.

Revision ID: 0032_work_calendar
Revises: 0031_clock_events
"""

import sqlalchemy as sa
from alembic import op

revision = "0034_work_calendar"
down_revision = "0033_clock_events"
branch_labels = None
depends_on = None

DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun", "make_up")
WORKED = ("mon", "tue", "wed", "thu", "fri", "make_up")
USUAL = "08:30-17:30"


def upgrade() -> None:
    op.create_table(
        "work_calendar",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("code", sa.String(length=40), nullable=False),
        sa.Column("name", sa.String(length=60), nullable=False),
        sa.Column("name_en", sa.String(length=60), nullable=False),
        *(sa.Column(day, sa.String(length=90), nullable=False) for day in DAYS),
        sa.Column("follows_holidays", sa.Boolean(), nullable=False),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("code"),
    )
    with op.batch_alter_table("community") as table:
        table.add_column(sa.Column("calendar_id", sa.Integer(), nullable=True))
        table.create_foreign_key("fk_community_calendar", "work_calendar", ["calendar_id"], ["id"])
        table.create_index("ix_community_calendar_id", ["calendar_id"])
    _carry_over()
    with op.batch_alter_table("community") as table:
        table.drop_column("desk_opens_at")
        table.drop_column("desk_closes_at")


def _carry_over() -> None:
    """A community whose desk had other hours than the usual ones gets a calendar with them."""
    connection = op.get_bind()
    found = connection.execute(sa.text("SELECT id, name, desk_opens_at, desk_closes_at FROM community")).all()
    for community_id, name, opens, closes in found:
        hours = f"{str(opens)[:5]}-{str(closes)[:5]}"
        if hours == USUAL or hours[:5] >= hours[6:]:
            continue
        values = {day: hours if day in WORKED else "" for day in DAYS}
        code = f"desk-{community_id}"
        names = {"code": code, "name": f"{name}前台"[:60], "name_en": f"Desk {community_id}", "follows": True}
        connection.execute(
            sa.text(
                f"INSERT INTO work_calendar (code, name, name_en, {', '.join(DAYS)}, follows_holidays)"
                f" VALUES (:code, :name, :name_en, {', '.join(f':{day}' for day in DAYS)}, :follows)"
            ),
            {**values, **names},
        )
        connection.execute(
            sa.text(
                "UPDATE community SET calendar_id = (SELECT id FROM work_calendar WHERE code = :code) WHERE id = :id"
            ),
            {"code": code, "id": community_id},
        )


def downgrade() -> None:
    with op.batch_alter_table("community") as table:
        for name, usual in (("desk_opens_at", "08:30:00"), ("desk_closes_at", "17:30:00")):
            table.add_column(sa.Column(name, sa.Time(), nullable=False, server_default=usual))
        table.drop_index("ix_community_calendar_id")
        table.drop_constraint("fk_community_calendar", type_="foreignkey")
        table.drop_column("calendar_id")
    with op.batch_alter_table("community") as table:
        for name in ("desk_opens_at", "desk_closes_at"):
            table.alter_column(name, server_default=None)
    op.drop_table("work_calendar")
