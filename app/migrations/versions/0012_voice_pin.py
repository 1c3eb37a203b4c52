"""The PIN an owner says on the telephone before sums are told."""

import sqlalchemy as sa
from alembic import op

import app.models.base

revision = "0012_voice_pin"
down_revision = "0011_record_edit"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "voice_pin",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("person_id", sa.Integer(), nullable=False),
        sa.Column("digest", sa.String(length=255), nullable=False),
        sa.Column("failures", sa.Integer(), nullable=False),
        sa.Column("set_at", app.models.base.UTCDateTime(timezone=True), nullable=False),
        sa.Column("locked_at", app.models.base.UTCDateTime(timezone=True), nullable=True),
        sa.CheckConstraint("failures >= 0", name=op.f("ck_voice_pin_failures_not_negative")),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_voice_pin_person_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_voice_pin")),
        sa.UniqueConstraint("person_id", name=op.f("uq_voice_pin_person_id")),
    )


def downgrade() -> None:
    op.drop_table("voice_pin")
