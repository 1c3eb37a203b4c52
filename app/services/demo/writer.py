"""Bulk writing with ids known beforehand: thousands of rows that point at each other, in one pass a table."""

from collections import defaultdict
from collections.abc import Iterable
from typing import Any

from sqlalchemy import Table, func, insert, select, text
from sqlalchemy.orm import Session

from app.models import Model

_BATCH = 4000


class Writer:
    """Collects rows; `flush` writes them in the order of the foreign keys. Ids go on where the table ends."""

    def __init__(self, session: Session) -> None:
        self.session = session
        self.rows: dict[Table, list[dict[str, Any]]] = defaultdict(list)
        self.next_id: dict[Table, int] = {}
        self.written: dict[str, int] = defaultdict(int)

    def reserve(self, model: type[Any]) -> int:
        """The id the next row will have, for rows that must be spoken of before they are complete."""
        table = model.__table__
        if table not in self.next_id:
            self.next_id[table] = (self.session.scalar(select(func.max(table.c.id))) or 0) + 1
        taken = self.next_id[table]
        self.next_id[table] = taken + 1
        return taken

    def add(self, model: type[Any], **values: Any) -> int:
        """Collect one row and return its id."""
        row_id: int = values.setdefault("id", None) or self.reserve(model)
        values["id"] = row_id
        self.rows[model.__table__].append(values)
        return row_id

    @property
    def waiting(self) -> int:
        """How many rows are collected and not written."""
        return sum(map(len, self.rows.values()))

    def flush(self) -> None:
        """Write everything collected so far."""
        for table in Model.metadata.sorted_tables:
            rows = self.rows.pop(table, None)
            if rows:
                self.written[table.name] += len(rows)
                for batch in _alike(rows):
                    self.session.execute(insert(table), batch)

    def close(self) -> None:
        """Write the rest, and tell PostgreSQL's sequences where the tables end now."""
        self.flush()
        if self.session.get_bind().dialect.name != "postgresql":
            return
        for table in self.next_id:
            self.session.execute(
                text(f"SELECT setval(pg_get_serial_sequence(:name, 'id'), (SELECT max(id) FROM \"{table.name}\"))"),
                {"name": f'"{table.name}"'},
            )


def _alike(rows: list[dict[str, Any]]) -> Iterable[list[dict[str, Any]]]:
    """Batches of rows with the same columns: a bulk insert takes its columns from the first row."""
    groups: dict[frozenset[str], list[dict[str, Any]]] = defaultdict(list)
    for row in rows:
        groups[frozenset(row)].append(row)
    for group in groups.values():
        for start in range(0, len(group), _BATCH):
            yield group[start : start + _BATCH]
