"""Changing which codes a column holds, without making the table anew: others may point at its rows."""

import sqlalchemy as sa
from alembic import op


def replace_codes(table: str, column: str, before: str, after: str) -> None:
    """Let `<column>_known` of a table allow `after` instead of `before`, each written as `('a', 'b')`.

    SQLite changes a constraint only with the whole table, whose old rows others still point at; its documentation names
    editing the stored text of the table as the way out (https://www.sqlite.org/lang_altertable.html, section 7).
    """
    if op.get_bind().dialect.name == "postgresql":
        op.drop_constraint(f"{column}_known", table, type_="check")
        op.create_check_constraint(f"{column}_known", table, f"{column} IN {after}")
        return
    old, new = f"{column} IN {before}", f"{column} IN {after}"
    op.execute("PRAGMA writable_schema = ON")
    change = sa.text("UPDATE sqlite_schema SET sql = replace(sql, :old, :new) WHERE type = 'table' AND name = :table")
    op.get_bind().execute(change, {"old": old, "new": new, "table": table})
    op.execute("PRAGMA writable_schema = RESET")
