"""The `q` argument of a list (FAB's grammar, I5), read strictly: what makes no sense is 400 with a sentence."""

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from decimal import Decimal, InvalidOperation
from typing import Any

import prison
from sqlalchemy import Boolean, ColumnElement, Date, Integer, false, true
from sqlalchemy.orm import InstrumentedAttribute

from app.errors import N_, Invalid
from app.models.base import FixedDecimal, UTCDateTime
from app.views.base.arguments import BIGGEST_PAGE, is_readable
from app.views.base.local import zone
from app.views.base.rows import LONGEST_PAGE

LONGEST_Q = 8000
LONGEST_VALUE = 500
MOST_VALUES = 500
MOST_FILTERS = 20
SMALLEST, LARGEST = -(2**31), 2**31 - 1

Attributes = Mapping[str, InstrumentedAttribute[Any]]
"""What may be filtered and sorted by: the name in the answer → the mapped column."""


@dataclass(frozen=True)
class ListQuery:
    """What a list request asks for. `columns` empty means all."""

    conditions: list[ColumnElement[bool]] = field(default_factory=list)
    order_by: list[Any] = field(default_factory=list)
    number: int = 0
    size: int = 20
    columns: tuple[str, ...] = ()


def read_q(text: str | None) -> dict[str, Any]:
    """The object in `q`, rison or JSON. Raises Invalid for anything else."""
    if not text:
        return {}
    if len(text) > LONGEST_Q:
        raise Invalid(N_("The argument q is too long."))
    value = _parsed(text)
    if not isinstance(value, dict):
        raise Invalid(N_("The argument q must be an object in rison or JSON."))
    if not is_readable(value):
        raise Invalid(N_("This text has characters that cannot be shown."))
    return value


def _parsed(text: str) -> Any:
    for load in (prison.loads, json.loads):
        try:
            return load(text)
        # The rison parser leaves half a dozen kinds of error behind, a deep nesting among them.
        except Exception:
            continue
    raise Invalid(N_("The argument q must be an object in rison or JSON."))


def list_query(q: Mapping[str, Any], attributes: Attributes, default_size: int) -> ListQuery:
    """Read page, order, filters and columns. Raises Invalid naming what is wrong."""
    return ListQuery(
        conditions=_conditions(q.get("filters") or [], attributes),
        order_by=_order(q, attributes),
        number=max(0, min(_whole(q.get("page", 0), "page"), BIGGEST_PAGE)),
        size=_size(_whole(q.get("page_size", default_size), "page_size")),
        columns=_columns(q),
    )


def _columns(q: Mapping[str, Any]) -> tuple[str, ...]:
    columns = q.get("columns") or q.get("select_columns") or []
    if not isinstance(columns, list) or not all(isinstance(column, str) for column in columns):
        raise Invalid(N_("%(name)s must be a list of names."), name="columns")
    return tuple(columns)


def _whole(value: Any, name: str) -> int:
    if isinstance(value, bool) or not isinstance(value, int):
        raise Invalid(N_("%(name)s must be a whole number."), name=name)
    return value


def _size(size: int) -> int:
    return LONGEST_PAGE if size < 1 or size > LONGEST_PAGE else size


def _order(q: Mapping[str, Any], attributes: Attributes) -> list[Any]:
    column, direction = q.get("order_column") or "id", q.get("order_direction") or "asc"
    if not isinstance(column, str) or column not in attributes:
        raise Invalid(N_("This list cannot be sorted by %(name)s."), name=str(column)[:60])
    if direction not in ("asc", "desc"):
        raise Invalid(N_("The direction is asc or desc."))
    attribute = attributes[column]
    return [attribute.asc() if direction == "asc" else attribute.desc()]


def _conditions(filters: Any, attributes: Attributes) -> list[ColumnElement[bool]]:
    if not isinstance(filters, list) or len(filters) > MOST_FILTERS:
        raise Invalid(N_("%(name)s must be a list of col, opr and value."), name="filters")
    return [_condition(one, attributes) for one in filters]


def _condition(one: Any, attributes: Attributes) -> ColumnElement[bool]:
    if not isinstance(one, dict) or not {"col", "opr", "value"} <= one.keys():
        raise Invalid(N_("%(name)s must be a list of col, opr and value."), name="filters")
    name, operation, value = one["col"], one["opr"], one["value"]
    if not isinstance(name, str) or not isinstance(operation, str):
        raise Invalid(N_("%(name)s must be a list of col, opr and value."), name="filters")
    attribute = attributes.get(name)
    if attribute is None and operation in ("rel_o_m", "nrel_o_m"):
        attribute = attributes.get(f"{name}_id")
    if attribute is None:
        raise Invalid(N_("This list cannot be filtered by %(name)s."), name=name[:60])
    return _compare(attribute, name, operation, value)


def _compare(attribute: Any, name: str, operation: str, value: Any) -> ColumnElement[bool]:
    if operation in ("in", "not_in"):
        return _among(attribute, name, operation, value)
    if operation in _TEXT_OPERATIONS:
        return _text(attribute, name, operation, value)
    meant = typed(attribute, name, value)
    match operation:
        case "eq" | "rel_o_m":
            return attribute.is_(None) if meant is None else attribute == meant
        case "neq" | "nrel_o_m":
            return attribute.is_not(None) if meant is None else attribute != meant
        case "gt" | "lt" if meant is None:
            return false()
        case "gt":
            return attribute > meant
        case "lt":
            return attribute < meant
    raise Invalid(N_("The filter %(opr)s is not known."), opr=operation[:20])


def _among(attribute: Any, name: str, operation: str, value: Any) -> ColumnElement[bool]:
    values = value if isinstance(value, list) else [value]
    if len(values) > MOST_VALUES:
        raise Invalid(N_("At most %(most)s values at once."), most=MOST_VALUES)
    found = attribute.in_([typed(attribute, name, one) for one in values])
    return found if operation == "in" else ~found


_TEXT_OPERATIONS = {"ct": "icontains", "nct": "icontains", "sw": "istartswith", "nsw": "istartswith"} | {
    "ew": "iendswith",
    "new": "iendswith",
}


def _text(attribute: Any, name: str, operation: str, value: Any) -> ColumnElement[bool]:
    if not _is_text(attribute):
        raise Invalid(N_("The filter %(opr)s is for texts only."), opr=operation)
    text = typed(attribute, name, value)
    if text is None:
        return true()
    found: ColumnElement[bool] = getattr(attribute, _TEXT_OPERATIONS[operation])(text, autoescape=True)
    return ~found if operation.startswith("n") else found


def _is_text(attribute: Any) -> bool:
    return attribute.type.python_type is str


def typed(attribute: Any, name: str, value: Any) -> Any:
    """The value as the column's type wants it. Raises Invalid where it cannot be one."""
    if value is None:
        return None
    kind = attribute.type
    try:
        if isinstance(kind, UTCDateTime):
            return _instant(value)
        if isinstance(kind, Date):
            return date.fromisoformat(str(value)[:10])
        if isinstance(kind, FixedDecimal):
            return _exact(value, kind.places)
        if isinstance(kind, Boolean):
            return _truth(value)
        if isinstance(kind, Integer):
            return _integer(value)
        return _plain_text(value, name, kind)
    except (ValueError, TypeError, OverflowError, InvalidOperation) as error:
        raise Invalid(N_("%(value)s is no value for %(name)s."), value=str(value)[:60], name=name) from error


def _instant(value: Any) -> datetime:
    # In an address a plus sign that was not escaped arrives as a blank.
    text = re.sub(r" (\d\d:?\d\d)$", r"+\1", str(value).strip())
    instant = datetime.fromisoformat(text)
    return (instant if instant.tzinfo else instant.replace(tzinfo=zone())).astimezone(UTC)


def _exact(value: Any, places: int) -> Decimal:
    number = Decimal(str(value))
    if not number.is_finite() or abs(number) > 10**12 or number != round(number, places):
        raise ValueError(value)
    return number


def _truth(value: Any) -> bool:
    if isinstance(value, bool):
        return value
    if str(value) in ("1", "0", "y", "n", "true", "false"):
        return str(value) in ("1", "y", "true")
    raise ValueError(value)


def _integer(value: Any) -> int:
    if isinstance(value, bool) or (isinstance(value, float) and not value.is_integer()):
        raise ValueError(value)
    number = int(value)
    if not SMALLEST <= number <= LARGEST:
        raise ValueError(value)
    return number


def _plain_text(value: Any, name: str, kind: Any) -> str:
    if isinstance(value, dict | list | bool):
        raise ValueError(value)
    text = str(value)
    if len(text) > LONGEST_VALUE or "\x00" in text:
        raise ValueError(value)
    if isinstance(value, int) and name == "number" and kind.length == 8:
        # Rison reads an unquoted ticket number as a number and loses its leading noughts.
        return text.zfill(8)
    return f"+{text.strip()}" if re.fullmatch(r" \d{6,15}", text) else text
