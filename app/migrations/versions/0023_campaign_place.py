"""The buildings and units a notice is for."""

import sqlalchemy as sa
from alembic import op

revision = "0023_campaign_place"
down_revision = "0022_grant_mark"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "campaign_place",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("campaign_id", sa.Integer(), nullable=False),
        sa.Column("building_id", sa.Integer(), nullable=False),
        sa.Column("unit_id", sa.Integer(), nullable=True),
        sa.ForeignKeyConstraint(["building_id"], ["building.id"]),
        sa.ForeignKeyConstraint(["campaign_id"], ["campaign.id"]),
        sa.ForeignKeyConstraint(["unit_id"], ["unit.id"]),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("campaign_id", "building_id", "unit_id"),
    )
    op.create_index(op.f("ix_campaign_place_building_id"), "campaign_place", ["building_id"])
    op.create_index(op.f("ix_campaign_place_unit_id"), "campaign_place", ["unit_id"])


def downgrade() -> None:
    op.drop_table("campaign_place")
