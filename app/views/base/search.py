"""The filters of a list: read from the address, said in words, turned into conditions."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

from flask_appbuilder.models.sqla import Model
from flask_babel import gettext
from sqlalchemy import Boolean, Date, Integer, inspect
from sqlalchemy.orm import RelationshipProperty
from werkzeug.datastructures import MultiDict

from app.models.base import FixedDecimal, UTCDateTime
from app.services.kept import Kept
from app.views.base.arguments import LONGEST_TEXT
from app.views.base.cells import named
from app.views.base.filter_values import day_words, is_day, is_number
from app.views.base.rows import as_id
from app.views.labels import choices, code_label

MOST_VALUES = 20
ME, NONE = "me", "none"
TEXT_WAYS = ("contains", "begins", "is")


@dataclass(frozen=True)
class SearchField:
    """One filter: its column, its kind (`text`, `choice`, `bool`, `days`, `number`, `pick`) and what it holds now.

    `values` are the states, rows or words asked for; days and numbers hold from and `until`. `options` are the codes to
    choose from, `picked` the chosen rows as (value, name). `wrong` says that what the address holds makes no sense.
    """

    column: str
    label: Any
    kind: str
    values: tuple[str, ...] = ()
    until: str = ""
    way: str = "contains"
    family: str = ""
    picked: tuple[tuple[str, str], ...] = ()
    may_be_empty: bool = False
    knows_me: bool = False
    wrong: bool = False

    @property
    def value(self) -> str:
        """The first value, or nothing."""
        return self.values[0] if self.values else ""

    @property
    def options(self) -> list[tuple[str, Any]]:
        """(code, label) to choose from."""
        return choices(self.family) if self.family else []

    @property
    def active(self) -> bool:
        """Whether it limits the list."""
        return not self.wrong and bool(self.values or self.until)

    @cached_property
    def keys(self) -> tuple[str, str, str]:
        """The names it has in an address."""
        return filter_keys(self.column)

    def words(self) -> str:
        """What it asks, for people: `处理中、等待中`, `近 7 天`."""
        match self.kind:
            case "choice":
                known = dict(self.options)
                return _joined([_none_or(value, str(known.get(value, value))) for value in self.values])
            case "pick":
                names = dict(self.picked)
                return _joined([_none_or(value, names.get(value, gettext("unknown"))) for value in self.values])
            case "bool":
                return gettext("Yes") if self.value == "1" else gettext("No")
            case "days":
                return day_words(self.value, self.until)
            case "number":
                return _range_words(self.value, self.until)
        return {
            "is": gettext("is “%(text)s”", text=self.value),
            "begins": gettext("begins with “%(text)s”", text=self.value),
        }.get(self.way, f"“{self.value}”")


@dataclass(frozen=True)
class Chip:
    """A filter in words, with the address of the list without it."""

    label: str
    words: str
    href: str


@dataclass
class Asked:
    """The filters of a request, and sentences about what was left out."""

    fields: list[SearchField] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)


def filter_keys(column: str) -> tuple[str, str, str]:
    """Value, until and way of a column in an address."""
    return f"_flt_0_{column}", f"_flt_1_{column}", f"_flt_op_{column}"


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
    if isinstance(kind, Boolean):
        return "bool"
    return "number" if isinstance(kind, Integer | FixedDecimal) else "text"


def search_fields(view: Any, arguments: MultiDict[str, str]) -> Asked:
    """The view's filters with what the address says; what makes no sense is left out, and said."""
    blanks = _blank.get(view, lambda: tuple(_field(view, column, MultiDict()) for column in view.search_columns))
    if not arguments:
        return Asked([*blanks])
    asked = Asked()
    for blank in blanks:
        found = _field(view, blank.column, arguments) if not arguments.keys().isdisjoint(blank.keys) else blank
        if found.wrong:
            asked.notes.append(gettext("The filter “%(label)s” was not understood and is left out.", label=found.label))
        asked.fields.append(found)
    return asked


_blank: Kept[tuple[SearchField, ...]] = Kept(200)
"""The filters of a view while nothing is asked: most of them, mostly."""


def _field(view: Any, column: str, arguments: MultiDict[str, str]) -> SearchField:
    model, families = view.datamodel.obj, view.families
    kind, label = kind_of(model, column, families), view.label_of(column)
    first, second, way = filter_keys(column)
    values = _values(arguments.getlist(first))
    until = _clean(arguments.get(second, "")) if kind in ("days", "number") else ""
    empty = _may_be_empty(model, column)
    if kind == "choice":
        family = families[column]
        known = {code for code, _ in choices(family)} | ({NONE} if empty else set()) if values else set()
        good = tuple(value for value in values if value in known)
        return SearchField(
            column, label, kind, good, family=family, may_be_empty=empty, wrong=bool(values) and not good
        )
    if kind == "pick":
        return _pick(view, column, label, values, empty)
    if kind in ("days", "number"):
        fits = is_day if kind == "days" else is_number
        wrong = any(text and not fits(text) for text in (*values[:1], until))
        return SearchField(column, label, kind, values[:1], until, wrong=wrong)
    if kind == "bool":
        return SearchField(column, label, kind, values[:1], wrong=bool(values) and values[0] not in ("0", "1"))
    manner = arguments.get(way, TEXT_WAYS[0])
    return SearchField(column, label, kind, values[:1], way=manner if manner in TEXT_WAYS else TEXT_WAYS[0])


def _pick(view: Any, column: str, label: Any, values: tuple[str, ...], empty: bool) -> SearchField:
    """A related row is named only where it is the actor's to see; another's finds nothing."""
    knows_me = view.datamodel.get_related_model(column).__name__ == "Staff"
    if not values:
        return SearchField(column, label, "pick", may_be_empty=empty, knows_me=knows_me)
    interface = view.datamodel.get_related_interface(column)
    tokens = ({NONE} if empty else set()) | ({ME} if knows_me else set())
    good = tuple(value for value in values if value in tokens or as_id(value) is not None)
    ids = [number for value in good if (number := as_id(value)) is not None]
    picked = [(str(item.id), named(item)) for item in interface.by_ids(ids)]
    if ME in good:
        picked.append((ME, gettext("me")))
    if NONE in good:
        picked.append((NONE, gettext("none")))
    wrong = bool(values) and not good
    return SearchField(
        column, label, "pick", good, picked=tuple(picked), may_be_empty=empty, knows_me=knows_me, wrong=wrong
    )


def _may_be_empty(model: type[Model], column: str) -> bool:
    prop = inspect(model).attrs[column]
    if isinstance(prop, RelationshipProperty):
        return not prop.uselist and all(foreign.nullable for foreign in prop.local_columns)
    return bool(prop.columns[0].nullable)


def _values(texts: Sequence[str]) -> tuple[str, ...]:
    cleaned = (_clean(text) for text in texts)
    return tuple(dict.fromkeys(text for text in cleaned if text))[:MOST_VALUES]


def _clean(text: str) -> str:
    return text[:LONGEST_TEXT].replace("\x00", "").strip()


def _joined(words: list[str]) -> str:
    return gettext(", ").join(words)


def _none_or(value: str, words: str) -> str:
    return gettext("none") if value == NONE else words


def _range_words(first: str, last: str) -> str:
    if first and last:
        return f"{first} – {last}"
    return gettext("from %(value)s", value=first) if first else gettext("up to %(value)s", value=last)


def label_of_code(family: str, code: str) -> str:
    """The label of a code; here so that templates of lists need one door."""
    return code_label(family, code)
