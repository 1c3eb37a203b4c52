"""logins: first passwords, second factor, recovery codes, invitations, ended sessions, counted failures"""

import sqlalchemy as sa
from alembic import op

import app.models.base

revision = "0008_logins"
down_revision = "0007_list_view"
branch_labels = None
depends_on = None

INSTANT = app.models.base.UTCDateTime(timezone=True)


def upgrade() -> None:
    op.create_table(
        "ended_session",
        sa.Column("digest", sa.String(length=64), nullable=False),
        sa.Column("ended_at", INSTANT, nullable=False),
        sa.PrimaryKeyConstraint("digest"),
    )
    op.create_index("ix_ended_session_ended_at", "ended_session", ["ended_at"])
    op.create_table(
        "failure_count",
        sa.Column("bucket", sa.String(length=80), nullable=False),
        sa.Column("failures", sa.Integer(), nullable=False),
        sa.Column("since", INSTANT, nullable=False),
        sa.Column("locked_until", INSTANT, nullable=True),
        sa.PrimaryKeyConstraint("bucket"),
    )
    op.create_index("ix_failure_count_since", "failure_count", ["since"])
    op.create_table(
        "known_place",
        sa.Column("digest", sa.String(length=64), nullable=False),
        sa.Column("seen_at", INSTANT, nullable=False),
        sa.PrimaryKeyConstraint("digest"),
    )
    op.create_index("ix_known_place_seen_at", "known_place", ["seen_at"])
    op.create_table(
        "login_state",
        sa.Column("user_id", sa.Integer(), nullable=False),
        sa.Column("must_change", sa.Boolean(), nullable=False),
        sa.Column("epoch", sa.Integer(), nullable=False),
        sa.Column("factor_secret", sa.String(length=255), nullable=True),
        sa.Column("factor_since", INSTANT, nullable=True),
        sa.Column("factor_step", sa.BigInteger(), nullable=True),
        sa.ForeignKeyConstraint(["user_id"], ["ab_user.id"], ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("user_id"),
    )
    op.create_table(
        "recovery_code",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("user_id", sa.Integer(), nullable=False),
        sa.Column("digest", sa.String(length=64), nullable=False),
        sa.Column("used_at", INSTANT, nullable=True),
        sa.ForeignKeyConstraint(["user_id"], ["ab_user.id"], ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index("ix_recovery_code_user_id", "recovery_code", ["user_id"])
    _create_invitation()


def _create_invitation() -> None:
    op.create_table(
        "invitation",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("purpose", sa.String(length=20), nullable=False),
        sa.Column("way", sa.String(length=20), nullable=False),
        sa.Column("person_id", sa.Integer(), nullable=True),
        sa.Column("user_id", sa.Integer(), nullable=True),
        sa.Column("nonce", sa.String(length=64), nullable=False),
        sa.Column("digest", sa.String(length=64), nullable=False),
        sa.Column("created_at", INSTANT, nullable=False),
        sa.Column("created_by_id", sa.Integer(), nullable=True),
        sa.Column("expires_at", INSTANT, nullable=False),
        sa.Column("used_at", INSTANT, nullable=True),
        sa.Column("revoked_at", INSTANT, nullable=True),
        sa.CheckConstraint("purpose IN ('invitation', 'reset')", name="purpose_known"),
        sa.CheckConstraint("way IN ('sms', 'email', 'letter')", name="way_known"),
        sa.ForeignKeyConstraint(["created_by_id"], ["ab_user.id"], ondelete="SET NULL"),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"]),
        sa.ForeignKeyConstraint(["user_id"], ["ab_user.id"], ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("digest"),
    )
    op.create_index("ix_invitation_person_created", "invitation", ["person_id", "created_at"])
    op.create_index("ix_invitation_user_id", "invitation", ["user_id"])


def downgrade() -> None:
    for table in ("invitation", "recovery_code", "login_state", "known_place", "failure_count", "ended_session"):
        op.drop_table(table)
