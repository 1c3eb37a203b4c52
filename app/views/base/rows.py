"""The one door to the rows: every read of every table page and REST resource goes through the actor's scope."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any, Literal

from flask_appbuilder.models.filters import Filters
from flask_appbuilder.models.sqla import Model
from flask_appbuilder.models.sqla.interface import SQLAInterface
from sqlalchemy import ColumnElement, Select, false, func, select
from sqlalchemy.orm import InstrumentedAttribute
from sqlalchemy.orm.interfaces import ORMOption
from sqlalchemy.sql.operators import desc_op

from app.models.base import BIGGEST_ID
from app.services.access import rows
from app.services.estimates import expects
from app.views.base.actor import current_actor
from app.views.base.plain_rows import PlainRows

Scope = Callable[[type[Model]], ColumnElement[bool]]
LONGEST_PAGE = 100
BIGGEST_OFFSET = 2**31 - 1
MOST_COUNTED = 10_000  # †
MOST_FOUND = 500  # †
"""Of what a word finds as many are counted: nobody leafs through more, and the count cost as much as the rest of the page."""
CLEARLY_MORE = 3
Counted = Literal["exact", "capped", ""]


def own_rows(model: type[Model]) -> ColumnElement[bool]:
    """The condition that leaves only the rows of `model` the present actor may see; nothing for a stranger (D15)."""
    actor = current_actor()
    return false() if actor is None else rows(actor, model)


def as_id(value: object) -> int | None:
    """A primary key out of a path or form, or None where it cannot be one (too big a number breaks the driver)."""
    text = str(value)
    if not text.isascii() or not text.isdecimal() or len(text) > 10:
        return None
    number = int(text)
    return number if number <= BIGGEST_ID else None


@dataclass(frozen=True)
class Page:
    """Some rows of a list. `count` is of the whole list, or None where nobody counted; `capped` says that there are more than
    that; `more` says that others follow (for pages counted from the end: that others come before)."""

    items: list[Any]
    count: int | None
    number: int
    size: int
    more: bool
    capped: bool = False


@dataclass(frozen=True)
class Asked:
    """A list as it is asked for: the ids of all its rows, their order, and how its rows are read. Nothing of a request is in it,
    so it may be kept, with the statements made from it, for whoever has the same rows and asks for the same."""

    model: type[Model]
    key: InstrumentedAttribute[int]
    ids: Select[Any]
    order: tuple[Any, ...]
    size: int
    options: tuple[ORMOption, ...]
    plain: PlainRows | None
    by_words: bool
    scope: Scope

    @property
    def most_counted(self) -> int:
        """How many of its rows are counted."""
        return MOST_FOUND if self.by_words else MOST_COUNTED

    @cached_property
    def front(self) -> Select[Any]:
        """The first rows, one more than a page."""
        return self._rows(self.order)

    @cached_property
    def back(self) -> Select[Any]:
        """The last rows, the very last first, one more than a page."""
        return self._rows(tuple(map(_turned, self.order)))

    @cached_property
    def some(self) -> Select[Any]:
        """How many rows there are, as far as somebody counts."""
        return select(func.count()).select_from(self.ids.limit(self.most_counted + 1).subquery())

    def _rows(self, order: tuple[Any, ...]) -> Select[Any]:
        ids = self.ids.order_by(*order).limit(self.size + 1)
        rows = select(self.model).where(self.key.in_(ids)).order_by(*order)
        return self.plain.of(rows, self.scope) if self.plain else rows.options(*self.options)


class TidyFilters(Filters):
    """FAB's filters without its surprises: an operator that is not there is passed over, not an error 500."""

    def _get_filters(self, cols: list[str]) -> dict[str, Any]:
        known = {marker for marker, _ in self.filter_converter.conversion_table}
        return super()._get_filters([col for col in cols if any(getattr(self.datamodel, m)(col) for m in known)])

    def add_filter_index(self, column_name: str, filter_instance_index: int, value: Any) -> None:
        """Add the operator with this number, if the column may be searched and has one."""
        if filter_instance_index < len(self._all_filters.get(column_name, ())):
            super().add_filter_index(column_name, filter_instance_index, value)


class RowInterface(SQLAInterface):
    """FAB's door with the scope inside it, so that no caller can forget a filter.

    FAB passes `base_filters` to lists and pages but not to actions, related rows, select boxes or foreign keys sent to
    REST, and drops those on dotted to-many columns without a word. Here list, page, action, choice and related row all
    read through `scope`.
    """

    def __init__(self, obj: type[Model], session: Any = None, scope: Scope = own_rows) -> None:
        super().__init__(obj, session)
        self.scope = scope

    @property
    def key(self) -> InstrumentedAttribute[int]:
        """The primary key's attribute."""
        return getattr(self.obj, str(self.get_pk_name()))

    def visible(self, *conditions: ColumnElement[bool]) -> Select[Any]:
        """Select the rows the actor may see under `conditions`."""
        return select(self.obj).where(self.scope(self.obj), *conditions)

    def read_page(
        self,
        conditions: Sequence[ColumnElement[bool]] = (),
        order_by: Sequence[Any] = (),
        number: int = 0,
        size: int = 25,
        options: Sequence[ORMOption] = (),
        counted: Counted = "exact",
        from_end: int = 0,
    ) -> Page:
        """One page: the ids first, then their rows with `options`; a joined load over the whole list was 3 × slower. The first
        page does both within one statement.

        `from_end` 1 is the last page, 2 the one before. These, and pages behind the middle of a counted list, are read in the
        opposite order and turned around: skipping a million rows is what makes a last page slow.
        """
        return self.read(self.asked(conditions, order_by, size, options), number, counted, from_end)

    def asked(
        self,
        conditions: Sequence[ColumnElement[bool]],
        order_by: Sequence[Any],
        size: int,
        options: Sequence[ORMOption] = (),
        plain: PlainRows | None = None,
        *,
        by_words: bool = False,
    ) -> Asked:
        """The statements of a list, for `read`; its rows are mapped objects with `options`, or `plain` columns. `by_words`: they
        are those that hold what was typed."""
        ids, order = self.visible(*conditions).with_only_columns(self.key), tuple(self._with_key(order_by))
        return Asked(self.obj, self.key, ids, order, size, tuple(options), plain, by_words, self.scope)

    def read(self, asked: Asked, number: int = 0, counted: Counted = "exact", from_end: int = 0) -> Page:
        """The page of the list that was asked for, as `read_page` tells."""
        size, ids, options = asked.size, asked.ids, asked.options
        skipped = (from_end - 1 if from_end else number) * size
        if skipped > BIGGEST_OFFSET:
            return Page([], 0, number, size, False)
        if not skipped and not from_end:
            items = self._items(asked.front, asked.plain)
            if len(items) <= size:
                # The whole list: it is counted already.
                return Page(items, len(items), 0, size, False)
            count, capped = self._count(asked, counted)
            return Page(items[:size], count, 0, size, True, capped)
        count, capped = self._count(asked, counted)
        if from_end == 1:
            found = self._items(asked.back, asked.plain)
            return Page(found[:size][::-1], count, number, size, len(found) > size, capped)
        if from_end or (count is not None and not capped and count // 2 < skipped < count):
            left = size if from_end or count is None else min(size, count - skipped)
            past = skipped if from_end or count is None else count - skipped - left
            turned = ids.order_by(*map(_turned, asked.order)).offset(past).limit(left + 1)
            found = list(self.session.scalars(turned))
            # `more` is what lies further on in the direction of reading: towards the front for pages from the end.
            more = len(found) > left if from_end else past > 0
            return Page(self.by_ids(found[:left][::-1], options, asked.plain), count, number, size, more, capped)
        found = list(self.session.scalars(ids.order_by(*asked.order).offset(skipped).limit(size + 1)))
        items = self.by_ids(found[:size], options, asked.plain)
        return Page(items, count, number, size, len(found) > size, capped)

    def _items(self, wanted: Select[Any], plain: PlainRows | None) -> list[Any]:
        if plain is None:
            return list(self.session.scalars(wanted).unique())
        # On the connection: columns need nothing of what a session does with its results.
        return [*self.session.connection().execute(wanted).all()]

    def _count(self, asked: Asked, counted: Counted) -> tuple[int | None, bool]:
        """How many rows, and whether there are more than that: beyond `most_counted` a list says `10,000+`. Where the planner
        expects many times that, nobody counts."""
        if not counted:
            return None, False
        if counted == "exact":
            exact = asked.ids.with_only_columns(func.count(self.key), maintain_column_froms=True)
            return self.session.scalar(exact) or 0, False
        most = asked.most_counted
        if expects(self.session, asked.ids, most * CLEARLY_MORE):
            return most, True
        count = self.session.connection().scalar(asked.some) or 0
        return min(count, most), count > most

    def _with_key(self, order_by: Sequence[Any]) -> list[Any]:
        last = getattr(order_by[-1], "element", order_by[-1]) if order_by else None
        return [*order_by] if getattr(last, "key", None) == self.key.key else [*order_by, self.key.asc()]

    def by_ids(
        self, ids: Sequence[int], options: Sequence[ORMOption] = (), plain: PlainRows | None = None
    ) -> list[Any]:
        """The rows with these ids, in their order; what the actor may not see is left out."""
        if not ids:
            return []
        wanted = self.visible(self.key.in_(ids))
        found = self._items(plain.of(wanted, self.scope) if plain else wanted.options(*options), plain)
        by_id = {getattr(item, self.key.key): item for item in found}
        return [by_id[pk] for pk in ids if pk in by_id]

    def one(self, pk: object, options: Sequence[ORMOption] = ()) -> Any | None:
        """The row with this key, or None where there is none for this actor."""
        number = as_id(pk)
        if number is None:
            return None
        return self.session.scalars(self.visible(self.key == number).options(*options)).unique().one_or_none()

    def get_filters(self, search_columns: list[str] | None = None, search_filters: Any = None) -> Filters:
        """The filters of FAB's own views."""
        return TidyFilters(self.filter_converter_class, self, search_columns or [], search_filters)

    # -- the names FAB calls ---------------------------------------------------------------------------------------

    def query(  # type: ignore[override]
        self,
        filters: Filters | None = None,
        order_column: str = "",
        order_direction: str = "",
        page: int | None = None,
        page_size: int | None = None,
        select_columns: list[str] | None = None,
        outer_default_load: bool = False,
    ) -> tuple[int, list[Any]]:
        """FAB's list, for its own views and select boxes."""
        query = self.session.query(self.obj).filter(self.scope(self.obj))
        query = filters.apply_all(query) if filters else query
        count = query.count()
        query = self.apply_order_by(query, order_column, order_direction) if order_column else query
        if page_size is None:
            return count, query.all()
        size = max(1, min(page_size, LONGEST_PAGE))
        return count, query.offset(min(max(page or 0, 0) * size, BIGGEST_OFFSET)).limit(size).all()

    def get(  # type: ignore[override]
        self,
        id: Any,
        filters: Filters | None = None,
        select_columns: list[str] | None = None,
        outer_default_load: bool = False,
    ) -> Any | None:
        """FAB's single row. The filters come on top of the scope, never instead of it."""
        number = as_id(id)
        if number is None:
            return None
        query = self.session.query(self.obj).filter(self.key == number, self.scope(self.obj))
        return (filters.apply_all(query) if filters else query).one_or_none()

    def get_related_interface(self, col_name: str) -> "RowInterface":
        """The related table under the same scope: FAB reads choices through it."""
        return type(self)(self.get_related_model(col_name), self._session, self.scope)

    def get_related_obj(self, col_name: str, value: Any) -> Any | None:
        """A related row by its key, under the scope: FAB fetches any."""
        return self.get_related_interface(col_name).one(value)


def _turned(part: Any) -> Any:
    """The same part of an order, the other way round."""
    element = getattr(part, "element", part)
    return element.asc() if getattr(part, "modifier", None) is desc_op else element.desc()
