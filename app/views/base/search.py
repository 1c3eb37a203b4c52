"""The search bar of a list: one plain field a column, read from the address, turned into conditions."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any

from flask_appbuilder.models.sqla import Model
from sqlalchemy import Boolean, ColumnElement, Date, Integer, inspect
from sqlalchemy.orm import RelationshipProperty

from app.models.base import UTCDateTime
from app.views.base.arguments import LONGEST_TEXT
from app.views.base.local import zone
from app.views.base.rows import RowInterface, as_id
from app.views.labels import choices


@dataclass(frozen=True)
class SearchField:
    """One field: its column, how it is shown (`text`, `choice`, `bool`, `days`, `pick`), and what it holds now."""

    column: str
    label: str
    kind: str
    value: str = ""
    until: str = ""
    options: tuple[tuple[str, str], ...] = ()
    picked: str = ""


def kind_of(model: type[Model], column: str, families: Mapping[str, str]) -> str:
    """How a column is searched."""
    prop = inspect(model).attrs[column]
    if isinstance(prop, RelationshipProperty):
        return "pick"
    if column in families:
        return "choice"
    kind = prop.columns[0].type
    if isinstance(kind, UTCDateTime | Date):
        return "days"
    return "bool" if isinstance(kind, Boolean) else "number" if isinstance(kind, Integer) else "text"


def search_fields(view: Any, arguments: Mapping[str, str]) -> list[SearchField]:
    """The view's search fields with what the address says."""
    return [_field(view, column, arguments) for column in view.search_columns]


def _field(view: Any, column: str, arguments: Mapping[str, str]) -> SearchField:
    model, families = view.datamodel.obj, view.families
    kind = kind_of(model, column, families)
    value = arguments.get(f"_flt_0_{column}", "")[:LONGEST_TEXT].replace("\x00", "").strip()
    until = arguments.get(f"_flt_1_{column}", "")[:LONGEST_TEXT].strip() if kind == "days" else ""
    options = tuple((code, str(label)) for code, label in choices(families[column])) if kind == "choice" else ()
    picked = ""
    if kind == "pick" and value:
        found = view.datamodel.get_related_obj(column, value)
        picked = "" if found is None else str(found)
    return SearchField(column, str(view.label_of(column)), kind, value, until, options, picked)


def conditions(datamodel: RowInterface, fields: list[SearchField]) -> list[ColumnElement[bool]]:
    """What the filled-in fields ask of the rows. A value that makes no sense finds nothing rather than everything."""
    made: list[ColumnElement[bool]] = []
    for field in fields:
        if field.value or field.until:
            made.extend(_condition(datamodel.obj, field))
    return made


def _condition(model: type[Model], field: SearchField) -> list[ColumnElement[bool]]:
    column = getattr(model, field.column)
    match field.kind:
        case "text":
            return [column.icontains(field.value, autoescape=True)]
        case "choice":
            return [column == field.value]
        case "bool":
            return [column.is_(field.value == "1")]
        case "number":
            return [column == (as_id(field.value) if as_id(field.value) is not None else -1)]
        case "pick":
            foreign = next(iter(inspect(model).relationships[field.column].local_columns))
            return [foreign == (as_id(field.value) or -1)]
        case _:
            return _between(column, field)


def _between(column: Any, field: SearchField) -> list[ColumnElement[bool]]:
    instants = isinstance(column.type, UTCDateTime)
    made = []
    first, last = _day(field.value), _day(field.until)
    if first is not None:
        made.append(column >= (_midnight(first) if instants else first))
    if last is not None:
        made.append(column < _midnight(last + timedelta(days=1)) if instants else column <= last)
    return made


def _day(text: str) -> date | None:
    try:
        day = date.fromisoformat(text)
    except ValueError:
        return None
    return day if 1900 <= day.year <= 2200 else None


def _midnight(day: date) -> datetime:
    return datetime.combine(day, time(0), zone())
