"""Names are found by their pinyin: the spellings beside each name, an index over them"""

import sqlalchemy as sa
from alembic import op

from app.migrations.grams import SPELLED, create_pinyin, drop_pinyin
from app.rules.pinyin import spellings

revision = "0014_pinyin"
down_revision = "0013_category_words"
branch_labels = None
depends_on = None

AT_ONCE = 5000


def upgrade() -> None:
    for table in SPELLED:
        op.add_column(table, sa.Column("pinyin", sa.Text(), nullable=False, server_default=""))
        _fill(sa.table(table, sa.column("id"), sa.column("name"), sa.column("pinyin")))
    if op.get_bind().dialect.name == "postgresql":
        create_pinyin()


def _fill(table: sa.TableClause) -> None:
    connection, last = op.get_bind(), 0
    update = table.update().where(table.c.id == sa.bindparam("row")).values(pinyin=sa.bindparam("typed"))
    while True:
        page = sa.select(table.c.id, table.c.name).where(table.c.id > last).order_by(table.c.id).limit(AT_ONCE)
        found = connection.execute(page).all()
        if not found:
            return
        connection.execute(update, [{"row": row.id, "typed": spellings(row.name)} for row in found])
        last = found[-1].id


def downgrade() -> None:
    if op.get_bind().dialect.name == "postgresql":
        drop_pinyin()
    for table in reversed(SPELLED):
        op.drop_column(table, "pinyin")
