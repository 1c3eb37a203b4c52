"""Campaigns, whom they call and text, and who wants none of it."""

import sqlalchemy as sa
from alembic import op

import app.models.base

revision = "0017_campaigns"
down_revision = "0016_service_order"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "call_wish",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("number", sa.String(length=20), nullable=False),
        sa.Column("purpose", sa.String(length=20), nullable=False),
        sa.Column("refused_at", app.models.base.UTCDateTime(timezone=True), nullable=False),
        sa.CheckConstraint(
            "purpose IN ('alert', 'wake_up', 'check_in', 'return_visit', 'notice', 'reminder')", name="purpose_known"
        ),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("number", "purpose"),
    )
    op.create_table(
        "campaign",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("key", sa.String(length=120), nullable=False),
        sa.Column("community_id", sa.Integer(), nullable=False),
        sa.Column("purpose", sa.String(length=20), nullable=False),
        sa.Column("title", sa.String(length=120), nullable=False),
        sa.Column("title_en", sa.String(length=120), nullable=False),
        sa.Column("text_zh", sa.Text(), nullable=False),
        sa.Column("text_en", sa.Text(), nullable=False),
        sa.Column("by_voice", sa.Boolean(), nullable=False),
        sa.Column("by_sms", sa.Boolean(), nullable=False),
        sa.Column("by_web", sa.Boolean(), nullable=False),
        sa.Column("state", sa.String(length=20), nullable=False),
        sa.Column("ticket_id", sa.Integer(), nullable=True),
        sa.Column("created_at", app.models.base.UTCDateTime(timezone=True), nullable=False),
        sa.Column("creator_id", sa.Integer(), nullable=True),
        sa.Column("creator_name", sa.String(length=80), nullable=False),
        sa.Column("started_at", app.models.base.UTCDateTime(timezone=True), nullable=True),
        sa.Column("ended_at", app.models.base.UTCDateTime(timezone=True), nullable=True),
        sa.CheckConstraint(
            "purpose IN ('alert', 'wake_up', 'check_in', 'return_visit', 'notice', 'reminder')", name="purpose_known"
        ),
        sa.CheckConstraint("state IN ('draft', 'running', 'paused', 'stopped', 'finished')", name="state_known"),
        sa.ForeignKeyConstraint(["community_id"], ["community.id"]),
        sa.ForeignKeyConstraint(["creator_id"], ["ab_user.id"]),
        sa.ForeignKeyConstraint(["ticket_id"], ["ticket.id"]),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("key"),
    )
    op.create_index("ix_campaign_community_created", "campaign", ["community_id", "created_at"])
    op.create_index(op.f("ix_campaign_ticket_id"), "campaign", ["ticket_id"])
    op.create_table(
        "campaign_target",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("key", sa.String(length=160), nullable=False),
        sa.Column("campaign_id", sa.Integer(), nullable=False),
        sa.Column("community_id", sa.Integer(), nullable=False),
        sa.Column("purpose", sa.String(length=20), nullable=False),
        sa.Column("way", sa.String(length=10), nullable=False),
        sa.Column("rank", sa.Integer(), nullable=False),
        sa.Column("number", sa.String(length=20), nullable=True),
        sa.Column("locale", sa.String(length=8), nullable=False),
        sa.Column("person_id", sa.Integer(), nullable=True),
        sa.Column("house_id", sa.Integer(), nullable=True),
        sa.Column("ticket_id", sa.Integer(), nullable=True),
        sa.Column("visit_id", sa.Integer(), nullable=True),
        sa.Column("message_id", sa.Integer(), nullable=True),
        sa.Column("state", sa.String(length=20), nullable=False),
        sa.Column("reason", sa.String(length=20), nullable=True),
        sa.Column("not_before", app.models.base.UTCDateTime(timezone=True), nullable=False),
        sa.Column("expires_at", app.models.base.UTCDateTime(timezone=True), nullable=True),
        sa.Column("leased_until", app.models.base.UTCDateTime(timezone=True), nullable=True),
        sa.Column("refusals", sa.Integer(), nullable=False),
        sa.Column("from_number", sa.String(length=20), nullable=True),
        sa.Column("provider_sid", sa.String(length=64), nullable=True),
        sa.Column("dialled_at", app.models.base.UTCDateTime(timezone=True), nullable=True),
        sa.Column("answered_at", app.models.base.UTCDateTime(timezone=True), nullable=True),
        sa.Column("ended_at", app.models.base.UTCDateTime(timezone=True), nullable=True),
        sa.Column("confirmed_at", app.models.base.UTCDateTime(timezone=True), nullable=True),
        sa.Column("score", sa.Integer(), nullable=True),
        sa.Column("flow", app.models.base.JsonData, nullable=False),
        sa.Column("error", sa.String(length=255), nullable=True),
        sa.CheckConstraint(
            "purpose IN ('alert', 'wake_up', 'check_in', 'return_visit', 'notice', 'reminder')", name="purpose_known"
        ),
        sa.CheckConstraint(
            "reason IS NULL OR reason IN ('no_person', 'no_number', 'no_mobile', 'opted_out')", name="reason_known"
        ),
        sa.CheckConstraint(
            "state IN ('planned', 'dialling', 'ringing', 'answered', 'unknown', 'reached', 'unclear', 'machine', "
            "'no_answer', 'busy', 'failed', 'sent', 'shared', 'impossible', 'expired', 'cancelled')",
            name="state_known",
        ),
        sa.CheckConstraint("way IN ('voice', 'sms')", name="way_known"),
        sa.CheckConstraint("score IS NULL OR score BETWEEN 1 AND 5", name="score_range"),
        sa.ForeignKeyConstraint(["campaign_id"], ["campaign.id"]),
        sa.ForeignKeyConstraint(["community_id"], ["community.id"]),
        sa.ForeignKeyConstraint(["house_id"], ["house.id"]),
        sa.ForeignKeyConstraint(["message_id"], ["message.id"]),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"]),
        sa.ForeignKeyConstraint(["ticket_id"], ["ticket.id"]),
        sa.ForeignKeyConstraint(["visit_id"], ["return_visit.id"]),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("key"),
    )
    op.create_index("ix_campaign_target_campaign_state", "campaign_target", ["campaign_id", "state"])
    op.create_index(op.f("ix_campaign_target_community_id"), "campaign_target", ["community_id"])
    op.create_index("ix_campaign_target_dialled", "campaign_target", ["dialled_at"])
    op.create_index("ix_campaign_target_due", "campaign_target", ["state", "way", "not_before"])
    op.create_index(op.f("ix_campaign_target_house_id"), "campaign_target", ["house_id"])
    op.create_index(op.f("ix_campaign_target_message_id"), "campaign_target", ["message_id"])
    op.create_index("ix_campaign_target_number_dialled", "campaign_target", ["number", "dialled_at"])
    op.create_index(op.f("ix_campaign_target_person_id"), "campaign_target", ["person_id"])
    op.create_index(op.f("ix_campaign_target_provider_sid"), "campaign_target", ["provider_sid"])
    op.create_index(op.f("ix_campaign_target_ticket_id"), "campaign_target", ["ticket_id"])
    op.create_index(op.f("ix_campaign_target_visit_id"), "campaign_target", ["visit_id"])


def downgrade() -> None:
    op.drop_index(op.f("ix_campaign_target_visit_id"), table_name="campaign_target")
    op.drop_index(op.f("ix_campaign_target_ticket_id"), table_name="campaign_target")
    op.drop_index(op.f("ix_campaign_target_provider_sid"), table_name="campaign_target")
    op.drop_index(op.f("ix_campaign_target_person_id"), table_name="campaign_target")
    op.drop_index("ix_campaign_target_number_dialled", table_name="campaign_target")
    op.drop_index(op.f("ix_campaign_target_message_id"), table_name="campaign_target")
    op.drop_index(op.f("ix_campaign_target_house_id"), table_name="campaign_target")
    op.drop_index("ix_campaign_target_due", table_name="campaign_target")
    op.drop_index("ix_campaign_target_dialled", table_name="campaign_target")
    op.drop_index(op.f("ix_campaign_target_community_id"), table_name="campaign_target")
    op.drop_index("ix_campaign_target_campaign_state", table_name="campaign_target")
    op.drop_table("campaign_target")
    op.drop_index(op.f("ix_campaign_ticket_id"), table_name="campaign")
    op.drop_index("ix_campaign_community_created", table_name="campaign")
    op.drop_table("campaign")
    op.drop_table("call_wish")
