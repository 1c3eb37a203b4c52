"""Announced outages, their buildings, and the calls that were told of them."""

import sqlalchemy as sa
from alembic import op

import app.models.base


revision = "0019_outage"
down_revision = "0018_phrase"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "outage",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("community_id", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(length=20), nullable=False),
        sa.Column("text_zh", sa.Text(), nullable=False),
        sa.Column("text_en", sa.Text(), nullable=False),
        sa.Column("starts_at", app.models.base.UTCDateTime(timezone=True), nullable=False),
        sa.Column("ends_at", app.models.base.UTCDateTime(timezone=True), nullable=True),
        sa.Column("announced_at", app.models.base.UTCDateTime(timezone=True), nullable=False),
        sa.Column("announced_by", sa.String(length=80), nullable=False),
        sa.Column("ended_at", app.models.base.UTCDateTime(timezone=True), nullable=True),
        sa.CheckConstraint(
            "kind IN ('water', 'power', 'gas', 'lift', 'door', 'lighting', 'other')", name=op.f("ck_outage_kind_known")
        ),
        sa.CheckConstraint("ends_at IS NULL OR ends_at > starts_at", name=op.f("ck_outage_ends_after_start")),
        sa.ForeignKeyConstraint(["community_id"], ["community.id"], name=op.f("fk_outage_community_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_outage")),
        sa.UniqueConstraint("id", "community_id", name=op.f("uq_outage_id_community_id")),
    )
    op.create_index("ix_outage_community_ended", "outage", ["community_id", "ended_at"])

    op.create_table(
        "outage_building",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("outage_id", sa.Integer(), nullable=False),
        sa.Column("building_id", sa.Integer(), nullable=False),
        sa.Column("community_id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["building_id", "community_id"], ["building.id", "building.community_id"], name="fk_outage_building"
        ),
        sa.ForeignKeyConstraint(
            ["outage_id", "community_id"], ["outage.id", "outage.community_id"], name="fk_outage_building_outage"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_outage_building")),
        sa.UniqueConstraint("outage_id", "building_id", name=op.f("uq_outage_building_outage_id_building_id")),
    )
    op.create_index(op.f("ix_outage_building_building_id"), "outage_building", ["building_id"])

    op.create_table(
        "outage_caller",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("outage_id", sa.Integer(), nullable=False),
        sa.Column("call_id", sa.Integer(), nullable=False),
        sa.Column("number", sa.String(length=20), nullable=True),
        sa.Column("locale", sa.String(length=8), nullable=False),
        sa.Column("wants_end", sa.Boolean(), nullable=False),
        sa.Column("told_at", app.models.base.UTCDateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["call_id"], ["call.id"], name=op.f("fk_outage_caller_call_id")),
        sa.ForeignKeyConstraint(["outage_id"], ["outage.id"], name=op.f("fk_outage_caller_outage_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_outage_caller")),
        sa.UniqueConstraint("outage_id", "call_id", name=op.f("uq_outage_caller_outage_id_call_id")),
    )
    op.create_index(op.f("ix_outage_caller_call_id"), "outage_caller", ["call_id"])


def downgrade() -> None:
    op.drop_index(op.f("ix_outage_caller_call_id"), table_name="outage_caller")

    op.drop_table("outage_caller")
    op.drop_index(op.f("ix_outage_building_building_id"), table_name="outage_building")

    op.drop_table("outage_building")
    op.drop_index("ix_outage_community_ended", table_name="outage")

    op.drop_table("outage")
