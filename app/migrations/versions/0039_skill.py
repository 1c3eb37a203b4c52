"""Skills: what technicians can do and categories ask for; who leads a department; whether a photo of the work is owed."""

import sqlalchemy as sa
from alembic import op

revision = "0039_skill"
down_revision = "0038_month_figures"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "skill",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("code", sa.String(40), nullable=False),
        sa.Column("name", sa.String(120), nullable=False),
        sa.Column("name_en", sa.String(120), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("active", sa.Boolean(), nullable=False),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("code"),
    )
    op.create_table(
        "staff_skill",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("staff_id", sa.Integer(), nullable=False),
        sa.Column("skill_id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["skill_id"], ["skill.id"]),
        sa.ForeignKeyConstraint(["staff_id"], ["staff.id"]),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("staff_id", "skill_id"),
    )
    op.create_index("ix_staff_skill_skill_id", "staff_skill", ["skill_id"])
    op.add_column("staff", sa.Column("leads_department", sa.Boolean(), server_default=sa.false(), nullable=False))
    # Not as a batch: SQLite would make the table anew, and others point at its rows.
    skill = sa.Column("skill_id", sa.Integer(), sa.ForeignKey("skill.id"), nullable=True)
    op.add_column("category", skill, inline_references=True)
    op.create_index("ix_category_skill_id", "category", ["skill_id"])
    op.add_column("category", sa.Column("photo_after", sa.Boolean(), server_default=sa.false(), nullable=False))


def downgrade() -> None:
    op.drop_index("ix_category_skill_id", table_name="category")
    with op.batch_alter_table("category") as batch:
        batch.drop_column("skill_id")
        batch.drop_column("photo_after")
    op.drop_column("staff", "leads_department")
    op.drop_table("staff_skill")
    op.drop_table("skill")
