"""The rows of a table as HTML: a column at a time by one plain function, which is made once for a view, a language and a year. A
template's macro a cell took two thirds of a list page's time."""

from __future__ import annotations

import html
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from decimal import Decimal
from functools import partial
from operator import attrgetter, itemgetter
from typing import Any

from flask_babel import get_locale, gettext
from markupsafe import Markup, escape
from sqlalchemy import Boolean, Date, DateTime, String, inspect
from sqlalchemy import Integer as WholeNumber

from app.models.base import FixedDecimal, UTCDateTime
from app.services.kept import Kept
from app.views.base.cells import named, plain_decimal, plain_text, read, show
from app.views.base.local import now_local, zone
from app.views.labels import code_label

EMPTY = '<span class="none">–</span>'
LONGEST_CELL = 140
_SPECIAL = re.compile("[&<>\"']").search

Words = Callable[[Any], str]
Get = Callable[[Any], Any]
Link = Callable[[Any], str | None]
Table = tuple[Callable[..., str], list["_Column"]]

_tables: Kept[Table] = Kept(200)


@dataclass(frozen=True)
class Shape:
    """What each column is on a phone's card: the title, the chip, two facts; the rest is left to the row's own page."""

    title: str
    chip: str | None
    facts: tuple[str, ...]


def heading_class(view: Any, column: str) -> str:
    """The class of a column's heading: over numbers it stands right, as they do."""
    return "num" if _kind(view, column) == "num" else ""


def shape_of(columns: Sequence[str], families: Any, wished: Sequence[str] = ()) -> Shape:
    """The card: as the view wishes, else a name or title, the state, and the first two others."""
    liked = [column for column in wished if column in columns]
    title = liked[0] if liked else next((c for c in ("title", "name") if c in columns), columns[0])
    states = ("state", "status", "outcome")
    coded = [c for c in columns if c in families and c != title]
    chip = next((c for c in states if c in coded), coded[0] if coded else None)
    facts = [c for c in liked[1:] or columns if c not in (title, chip)]
    return Shape(title, chip, tuple(facts) if liked[1:] else tuple(facts)[:2])


def rows_html(
    view: Any, items: Sequence[Any], columns: Sequence[str], ticked: bool = False, *, plain: bool = False
) -> Markup:
    """The `<tr>`s of the items: mapped objects, or `plain` rows with the columns in this order (`base.plain_rows`). The whole
    row is the link to its page."""
    key = (view, tuple(columns), plain, str(get_locale()), now_local().year)
    row, made = _tables.get(key, partial(_table, view, columns, plain))
    addresses = list(map(view.row_href, items)) if view.leads() else [None] * len(items)
    ticks = _ticks(view, items) if ticked else [""] * len(items)
    cells = [column.cells(items, addresses) for column in made]
    return Markup("\n".join(map(row, map(view.row_class, items), ticks, *cells)))


def _ticks(view: Any, items: Sequence[Any]) -> list[str]:
    box = '<td class="c-tick"><input type="checkbox" name="rowid" value="{}" form="ticked" aria-label="{}"></td>'
    before, _name, after = gettext("Choose %(name)s", name="\x00").partition("\x00")
    return [box.format(item.id, safe(f"{before}{view.heading(item)}{after}")) for item in items]


@dataclass(frozen=True)
class _Column:
    """How one column is shown: its value, the value's words, and where it leads."""

    get: Get
    words: Words
    is_title: bool = False
    link: Link | None = None

    def cells(self, items: Sequence[Any], addresses: Sequence[str | None]) -> list[str]:
        """What stands in the column's cells, a row each. `addresses` are where the rows lead."""
        shown = list(map(self.words, map(self.get, items)))
        if self.is_title:
            pairs = zip(shown, addresses, strict=True)
            return [f'<a class="row-link" href="{safe(href)}">{words}</a>' if href else words for words, href in pairs]
        if self.link is None:
            return shown
        triples = zip(shown, map(self.link, items), addresses, strict=True)
        return [f'<a href="{safe(to)}">{words}</a>' if to and to != row else words for words, to, row in triples]


def _table(view: Any, columns: Sequence[str], plain: bool) -> Table:
    """The format of a row, for its class, its tick and its cells; and the columns."""
    shape = shape_of(columns, view.families, view.card)
    made, openings = [], []
    for place, column in enumerate(columns):
        get = _itself if column in view.texts else itemgetter(place) if plain else _getter(column)
        made.append(_Column(get, words_of(view, column, plain), column == shape.title, view.links.get(column)))
        openings.append(_opening(view, column, shape).replace("{", "{{").replace("}", "}}"))
    return ("<tr{}>{}" + "".join(f"{opening}{{}}</td>" for opening in openings) + "</tr>").format, made


def _opening(view: Any, column: str, shape: Shape) -> str:
    classes = [_role(column, shape), *([kind] if (kind := _kind(view, column)) else [])]
    label = f' data-label="{escape(str(view.label_of(column)))}"' if column in shape.facts else ""
    return f'<td class="{" ".join(classes)}"{label}>'


def _getter(column: str) -> Get:
    """The value of a mapped object; `read` follows dotted paths and knows names in the reader's language."""
    return (lambda item: read(item, column)) if "." in column or column == "name" else attrgetter(column)


def _itself(item: Any) -> Any:
    return item


def _role(column: str, shape: Shape) -> str:
    if column == shape.title:
        return "c-title"
    return "c-chip" if column == shape.chip else "c-fact" if column in shape.facts else "c-more"


def _kind(view: Any, column: str) -> str:
    """Numbers stand right; short values do not break."""
    mapper = inspect(view.datamodel.obj)
    if column in mapper.relationships:
        return "" if mapper.relationships[column].uselist else "whole"
    prop = mapper.attrs.get(column)
    kinds = getattr(prop, "columns", None)
    if not kinds or column in view.families:
        return ""
    kind = kinds[0].type
    if isinstance(kind, FixedDecimal | WholeNumber) and not isinstance(kind, Boolean):
        return "num"
    short = isinstance(kind, UTCDateTime | DateTime | Date) or (getattr(kind, "length", None) or 99) <= 20
    return "nowrap" if short else ""


def words_of(view: Any, column: str, plain: bool) -> Words:
    """The function that shows a value of this column, safe to be put into a page; of a column of `texts`, the whole item."""
    told, family = view.texts.get(column), view.families.get(column)
    if told:
        return lambda item: _text(told(item))
    if family:
        return _Chips(family).__getitem__
    mapper = inspect(view.datamodel.obj)
    if plain and column in mapper.relationships:
        return _text
    kinds = getattr(mapper.attrs.get(column), "columns", None)
    if kinds and isinstance(kinds[0].type, UTCDateTime | DateTime):
        return _Instants().text
    return _text if kinds and isinstance(kinds[0].type, String) else _value


class _Chips(dict[Any, str]):
    """The chip of every code of a family that was met."""

    def __init__(self, family: str) -> None:
        super().__init__({None: EMPTY, "": EMPTY})
        self.family = family

    def __missing__(self, code: Any) -> str:
        family, label = escape(self.family), escape(code_label(self.family, code))
        self[code] = chip = f'<span class="chip chip--{family}-{escape(code)}">{label}</span>'
        return chip


def _text(text: str | None) -> str:
    if not text:
        return EMPTY
    shown = plain_text(text) if text[0] == "+" else text
    return safe(shown if len(shown) <= LONGEST_CELL else f"{shown[:LONGEST_CELL].rstrip()}…")


def safe(text: str) -> str:
    """Escaped for HTML. Not by markupsafe: what it gives is an object of its own class, and a page has hundreds of texts, hardly
    one of them with anything to escape."""
    return html.escape(text) if _SPECIAL(text) else text


def _value(value: Any) -> str:
    if value is None or value == "" or value == []:
        return EMPTY
    if isinstance(value, str):
        return _text(value)
    if isinstance(value, Decimal):
        return plain_decimal(value)
    return _text(named(value) if hasattr(value, "__mapper__") else show(value))


class _Instants:
    """`11-22 18:05` within this year, `2025-12-31` before it; what is still to come has its hour in the next year, too."""

    def __init__(self) -> None:
        self.year, self.zone = now_local().year, zone()

    def text(self, instant: datetime | None) -> str:
        if instant is None:
            return EMPTY
        there = (instant if instant.tzinfo else instant.replace(tzinfo=UTC)).astimezone(self.zone)
        whole = there.isoformat(" ", "minutes")
        return whole[5:16] if there.year == self.year else whole[:10] if there.year < self.year else whole[:16]
