"""Stock phrases for the forms of steps"""

import sqlalchemy as sa
from alembic import op

revision = "0018_phrase"
down_revision = "0017_campaigns"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "phrase",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("use", sa.String(length=20), nullable=False),
        sa.Column("text", sa.String(length=255), nullable=False),
        sa.Column("text_en", sa.String(length=255), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("active", sa.Boolean(), nullable=False),
        sa.CheckConstraint(
            "use IN ('note', 'contact', 'reply', 'wait', 'finish', 'cancel')", name=op.f("ck_phrase_use_known")
        ),
        sa.CheckConstraint("length(text) > 0 AND length(text_en) > 0", name=op.f("ck_phrase_in_both_languages")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_phrase")),
    )
    op.create_index("ix_phrase_use_position", "phrase", ["use", "position"])


def downgrade() -> None:
    op.drop_index("ix_phrase_use_position", table_name="phrase")
    op.drop_table("phrase")
