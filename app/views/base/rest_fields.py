"""The rows REST shows: declared columns only, instants with offset, money as strings, related rows by named columns."""

from collections.abc import Callable, Sequence
from datetime import UTC, date, datetime, time
from typing import Any

from flask_appbuilder.models.sqla import Model
from sqlalchemy import Boolean, Integer, inspect
from sqlalchemy.orm import InstrumentedAttribute, Load, load_only
from sqlalchemy.orm.interfaces import ORMOption

from app.models.base import AreaM2, Money, Rate, UTCDateTime
from app.views.base.cells import plain_decimal
from app.views.base.related import related
from app.views.base.rows import Scope

Row = dict[str, Any]
Writer = Callable[[Any], Any]


def instant_text(value: datetime | None) -> str | None:
    """ISO 8601 with offset."""
    return None if value is None else value.astimezone(UTC).isoformat()


def _money(value: Any) -> str | None:
    return None if value is None else f"{value:.2f}"


def _rate(value: Any) -> str | None:
    return None if value is None else plain_decimal(value)


def _number(value: Any) -> float | None:
    return None if value is None else float(value)


def _plain(value: Any) -> Any:
    if isinstance(value, datetime):
        return instant_text(value)
    if isinstance(value, date | time):
        return value.isoformat()
    return value


def writer_for(attribute: Any) -> Writer:
    """How a column's value is written."""
    kind = getattr(attribute, "type", None)
    if isinstance(kind, UTCDateTime):
        return instant_text
    if isinstance(kind, Money):
        return _money
    if isinstance(kind, Rate):
        return _rate
    if isinstance(kind, AreaM2):
        return _number
    return _plain


class RowWriter:
    """Turns rows into JSON objects by a plan made once: `house_id`, `house.name` (nested), `tickets.number` (a list)."""

    def __init__(self, model: type[Model], columns: Sequence[str]) -> None:
        self.model = model
        mapper = inspect(model)
        self.plain: list[tuple[str, Writer]] = []
        self.one: dict[str, RowWriter] = {}
        self.many: dict[str, RowWriter] = {}
        nested: dict[str, list[str]] = {}
        for column in columns:
            root, _, rest = column.partition(".")
            if rest:
                nested.setdefault(root, []).append(rest)
            elif root in mapper.relationships:
                raise TypeError(f"{model.__name__}.{root}: name the columns of a related row")
            else:
                self.plain.append((root, writer_for(getattr(model, root))))
        for root, parts in nested.items():
            relation = mapper.relationships[root]
            kept = self.many if relation.uselist else self.one
            kept[root] = RowWriter(relation.mapper.class_, parts)

    @property
    def names(self) -> list[str]:
        """The top-level names of an answer."""
        return [*(name for name, _ in self.plain), *self.one, *self.many]

    def write(self, item: Any) -> Row:
        """The row as a JSON object."""
        row = {name: writer(getattr(item, name)) for name, writer in self.plain}
        for name, part in self.one.items():
            other = getattr(item, name)
            row[name] = None if other is None else part.write(other)
        for name, part in self.many.items():
            row[name] = [part.write(other) for other in getattr(item, name)]
        return row

    def options(self, scope: Scope) -> list[ORMOption]:
        """Load only what is written: one statement for the rows, joined with what they point to, one for each list.

        Related rows are the actor's only: a call may carry tickets of several houses, a bill the name of a payer whom its reader
        may not know.
        """
        return self._under(None, scope)

    def _under(self, parent: Any, scope: Scope) -> list[ORMOption]:
        columns = [getattr(self.model, name) for name in self._mapped()]
        only = load_only(*columns) if parent is None else parent.load_only(*columns)
        made: list[ORMOption] = [only]
        for name, part in {**self.one, **self.many}.items():
            attribute = getattr(self.model, name)
            start = Load(self.model) if parent is None else parent
            if name in self.many:
                loader = start.selectinload(attribute.and_(scope(part.model)))
            else:
                loader = start.joinedload(related(attribute, scope))
            made.extend(part._under(loader, scope))
        return made

    def _mapped(self) -> list[str]:
        mapper = inspect(self.model)
        names = {name for name, _ in self.plain if name in mapper.column_attrs}
        for root in (*self.one, *self.many):
            for column in mapper.relationships[root].local_columns:
                names.add(mapper.get_property_by_column(column).key)
        return sorted(names | {mapper.get_property_by_column(key).key for key in mapper.primary_key})

    def attributes(self) -> dict[str, InstrumentedAttribute[Any]]:
        """The names that may be filtered and sorted by: the plain mapped columns that are shown, and `id`."""
        mapper = inspect(self.model)
        names = ["id", *(name for name, _ in self.plain if name in mapper.column_attrs)]
        return {name: getattr(self.model, name) for name in names if name in mapper.column_attrs}

    def schema(self) -> dict[str, Any]:
        """The OpenAPI schema of an answer."""
        properties: dict[str, Any] = {name: self._type(name) for name, _ in self.plain}
        properties |= {name: {**part.schema(), "nullable": True} for name, part in self.one.items()}
        properties |= {name: {"type": "array", "items": part.schema()} for name, part in self.many.items()}
        return {"type": "object", "properties": properties}

    def _type(self, name: str) -> dict[str, Any]:
        kind = getattr(getattr(self.model, name), "type", None)
        if isinstance(kind, UTCDateTime):
            return {"type": "string", "format": "date-time", "nullable": True}
        if isinstance(kind, AreaM2):
            return {"type": "number"}
        if isinstance(kind, Boolean):
            return {"type": "boolean"}
        if isinstance(kind, Integer) and not isinstance(kind, Money | Rate):
            return {"type": "integer", "nullable": True}
        return {"type": "string", "nullable": True}
