"""What may be written into a filter: days, also relative ones (`today-6`, `month-1`), and numbers; as words, as conditions."""

from __future__ import annotations

import re
from datetime import date, datetime, time, timedelta
from decimal import Decimal, InvalidOperation
from typing import Any

from flask_babel import gettext, lazy_gettext
from sqlalchemy import ColumnElement, false, inspect, or_

from app.adapters.clock import now
from app.models.base import FixedDecimal, UTCDateTime
from app.views.base.actor import current_actor
from app.views.base.local import day_text, local, zone
from app.views.base.rows import as_id

_RELATIVE = re.compile(r"^(today|month)(?:-(\d{1,3}))?$", re.ASCII)
_NUMBER = re.compile(r"^-?\d{1,9}(\.\d{1,4})?$", re.ASCII)
_PHONE = re.compile(r"^\+?[\d ()-]{4,}$", re.ASCII)
NOW = "now"


_SPANS = {
    ("today", "today"): lazy_gettext("today"),
    ("today", ""): lazy_gettext("from today"),
    ("today-6", "today"): lazy_gettext("the last 7 days"),
    ("today-29", "today"): lazy_gettext("the last 30 days"),
    ("month", "month"): lazy_gettext("this month"),
    ("month-1", "month-1"): lazy_gettext("last month"),
    ("", NOW): lazy_gettext("past"),
    (NOW, ""): lazy_gettext("to come"),
}


def is_day(text: str) -> bool:
    """Whether a filter understands it as a day."""
    return text == NOW or _day(text, last=False) is not None


def is_number(text: str) -> bool:
    """Whether a filter understands it as a number."""
    return bool(_NUMBER.match(text))


def _day(text: str, *, last: bool) -> date | None:
    """The day meant; `month` is its first day, or its last one where a period ends there."""
    today = local(now()).date()
    found = _RELATIVE.match(text)
    if found is None:
        return _calendar_day(text)
    back = int(found[2] or 0)
    if found[1] == "today":
        return today - timedelta(days=back)
    months = today.year * 12 + today.month - 1 - back + (1 if last else 0)
    first = date(months // 12, months % 12 + 1, 1)
    return first - timedelta(days=1) if last else first


def _calendar_day(text: str) -> date | None:
    try:
        day = date.fromisoformat(text)
    except ValueError:
        return None
    return day if 1900 <= day.year <= 2200 else None


def day_words(first: str, last: str) -> str:
    """`today`, `the last 7 days`, `this month`, `from 2026-11-01 to 2026-11-20`."""
    if (first, last) in _SPANS:
        return str(_SPANS[first, last])
    began, ended = _shown(first, last=False), _shown(last, last=True)
    if began and ended:
        return began if began == ended else gettext("%(first)s to %(last)s", first=began, last=ended)
    return gettext("from %(value)s", value=began) if began else gettext("up to %(value)s", value=ended)


def _shown(text: str, *, last: bool) -> str:
    return gettext("now") if text == NOW else day_text(_day(text, last=last)) if text else ""


def day_value(text: str, *, last: bool = False) -> str:
    """What a date field shows for it: the day in figures."""
    return "" if not text or text == NOW else day_text(_day(text, last=last))


def condition(model: Any, field: Any) -> ColumnElement[bool]:
    """What an active filter asks of the rows."""
    column = getattr(model, field.column)
    match field.kind:
        case "choice":
            return _among(column, [value for value in field.values if value != "none"], "none" in field.values)
        case "pick":
            return _picked(model, field)
        case "bool":
            return column.is_(field.value == "1")
        case "days":
            return _between(column, field.value, field.until)
        case "number":
            return _within(column, field.value, field.until)
    return text_condition(column, field.value, field.way)


def text_condition(column: Any, words: str, way: str) -> ColumnElement[bool]:
    """A text that holds, begins with or is the words."""
    if _PHONE.match(words) and any(part in column.key for part in ("number", "phone", "to")):
        words = re.sub(r"[ ()-]", "", words)
    if way == "is":
        return column == words
    if way == "begins":
        return column.istartswith(words, autoescape=True)
    return column.icontains(words, autoescape=True)


def _among(column: Any, values: list[Any], empty: bool) -> ColumnElement[bool]:
    ways = ([column.in_(values) if len(values) > 1 else column == values[0]] if values else []) + (
        [column.is_(None)] if empty else []
    )
    return or_(*ways) if ways else false()


def _picked(model: Any, field: Any) -> ColumnElement[bool]:
    foreign = next(iter(inspect(model).relationships[field.column].local_columns))
    actor = current_actor()
    ids = [number for value in field.values if (number := as_id(value)) is not None]
    if "me" in field.values and actor is not None:
        ids.append(actor.staff_id if actor.staff_id is not None else -1)
    return _among(foreign, ids, "none" in field.values)


def _between(column: Any, first: str, last: str) -> ColumnElement[bool]:
    instants = isinstance(column.type, UTCDateTime)
    ways: list[ColumnElement[bool]] = []
    if first:
        ways.append(column >= (_instant(first, last=False) if instants else _plain_day(first, last=False)))
    if last:
        ways.append(column < _instant(last, last=True) if instants else column <= _plain_day(last, last=True))
    return ways[0] if len(ways) == 1 else ways[0] & ways[1]


def _plain_day(text: str, *, last: bool) -> date:
    day = local(now()).date() if text == NOW else _day(text, last=last)
    return day or date(1900, 1, 1)


def _instant(text: str, *, last: bool) -> datetime:
    if text == NOW:
        return now()
    day = _plain_day(text, last=last) + (timedelta(days=1) if last else timedelta())
    return datetime.combine(day, time(0), zone())


def _within(column: Any, first: str, last: str) -> ColumnElement[bool]:
    ways = ([column >= _number(column, first)] if first else []) + ([column <= _number(column, last)] if last else [])
    return ways[0] if len(ways) == 1 else ways[0] & ways[1]


def _number(column: Any, text: str) -> Any:
    try:
        value = Decimal(text)
    except InvalidOperation:
        return 0
    if isinstance(column.type, FixedDecimal):
        return round(value, column.type.places)
    return int(value)
