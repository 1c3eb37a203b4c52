"""The listing half of `ModelPage`: the list, how it is kept, and its views."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any
from urllib.parse import urlencode

from flask import abort, flash, redirect, request
from flask_appbuilder import expose, has_access
from flask_appbuilder.security.decorators import permission_name
from flask_babel import gettext
from markupsafe import Markup
from sqlalchemy import ColumnElement, false, inspect, or_
from werkzeug.wrappers import Response

from app.adapters.clock import now
from app.errors import LinliError
from app.models.spelled import Spelled
from app.services import list_views
from app.services.actors import Actor
from app.services.kept import Kept
from app.services.names import is_english
from app.services.pinyin_search import spelled_so
from app.services.transaction import transaction
from app.views.base.actor import current_actor
from app.views.base.filter_values import day_value, day_words, text_condition
from app.views.base.kept_pieces import kept_page, slot
from app.views.base.list_reading import conditions, read_listing, wish_names
from app.views.base.listing import DENSITIES, SIZES, Listing, Preset
from app.views.base.plain_rows import PlainRows, plain_rows
from app.views.base.rows import Asked, Page, as_id
from app.views.base.safety import sentence
from app.views.base.search import SearchField
from app.views.base.table_html import rows_html, shape_of
from app.views.frame import frame_key

QUICK_FILTERS = 4
_statements: Kept[Asked] = Kept(200)
"""Putting a statement together takes longer than reading its rows."""
RANGES = (("today", "today"), ("today-6", "today"), ("today-29", "today"), ("month", "month"), ("month-1", "month-1"))


class ListsRows:
    """What a list declares besides its columns.

    - `quick_filters`: the search columns that stand in the open; by default the first four that are chosen from;
    - `quick_columns`: the texts that the box "search in this list" looks through; none, no box;
    - `text_filters`: column → callable(words, way) → condition, where a plain LIKE would be too slow;
    - `presets`: views the list brings along; `empty_hint`: what to do where there is nothing yet;
    - `card`: the columns of a phone's card: title, then facts; `further_columns`: what else may be chosen;
    - `hidden_columns`: columns of the row's page that the list does not offer;
    - `row_columns`: the columns that `links`, `row_class`, `row_href` and `heading` look at (`base.plain_rows`).
    """

    quick_filters: Sequence[str] = ()
    quick_columns: Sequence[str] = ()
    text_filters: Mapping[str, Callable[[str, str], ColumnElement[bool]]] = {}
    presets: Sequence[Preset] = ()
    empty_hint: Any = ""
    card: Sequence[str] = ()
    further_columns: Sequence[str] = ()
    hidden_columns: Sequence[str] = ()
    row_columns: Sequence[str] | None = None

    @expose("/list/")
    @has_access
    def list(self) -> Any:
        """The table, a page at a time."""
        listing = read_listing(self)
        for note in listing.notes:
            flash(note, "warning")
        ticked = [found for found in self.actions.values() if found.multiple and self.may_act(found)]
        plain = plain_rows(self, listing.columns, is_english(), bool(ticked))
        listing.page = self.read_listed(listing, plain)
        rows = rows_html(self, listing.page.items, listing.columns, bool(ticked), plain=plain is not None)
        frame = frame_key()
        if frame is None:
            return self._around(rows, listing, ticked)
        tickable = tuple(found.name for found in ticked)
        return kept_page(
            (frame, listing.page_key, tickable), lambda: self._around(slot("rows"), listing, ticked), {"rows": rows}
        )

    def _around(self, rows: Markup, listing: Listing, ticked: Sequence[Any]) -> str:
        """The whole page around the rows."""
        page: str = self.render_template(
            self.list_template,
            view=self,
            listing=listing,
            page=listing.page,
            shape=shape_of(listing.columns, self.families, self.card),
            rows=rows,
            ticked=ticked,
            quick=self.quick_names(),
            sizes=SIZES,
        )
        return page

    def read_listed(self, listing: Listing, plain: PlainRows | None = None) -> Page:
        """The page of rows that the listing asks for."""
        key = listing.rows_key
        asked = _statements.get(key and (key, current_actor(), plain), lambda: self._asked(listing, plain))
        page: Page = self.datamodel.read(asked, listing.number, "capped", listing.from_end)
        return page

    def _asked(self, listing: Listing, plain: PlainRows | None) -> Asked:
        options = () if plain else self.eager(listing.columns)
        asked: Asked = self.datamodel.asked(
            conditions(listing),
            self.order_by(*listing.order),
            listing.size,
            options,
            plain,
            by_words=bool(listing.words),
        )
        return asked

    def looks_at_rows(self) -> bool:
        """Whether functions of the class look at a listed row."""
        own = type(self)
        return own.row_class is not ListsRows.row_class or own.row_href is not ListsRows.row_href

    def order_by(self, column: str, direction: str) -> list[Any]:
        """The order with its ties, all in one direction so that one index serves it either way."""
        names = dict.fromkeys([column, self.base_order[0], self.datamodel.key.key])
        attributes = [getattr(self.datamodel.obj, name) for name in names]
        return [attribute.asc() if direction == "asc" else attribute.desc() for attribute in attributes]

    def all_columns(self) -> list[str]:
        """Every column a person may choose for the list."""
        names = dict.fromkeys([*self.list_columns, *self.show_columns, *self.further_columns])
        return [name for name in names if name not in self.hidden_columns]

    def quick_names(self) -> Sequence[str]:
        """The filters that stand in the open."""
        if self.quick_filters:
            return self.quick_filters
        mapper = inspect(self.datamodel.obj)
        chosen = [c for c in self.search_columns if c in self.families or c in mapper.relationships]
        return (chosen or self.search_columns)[:QUICK_FILTERS]

    def quick_condition(self, words: str) -> ColumnElement[bool]:
        """What the box "search in this list" asks."""
        texts = [getattr(self.datamodel.obj, column) for column in self.quick_columns]
        spelled = spelled_so(self.datamodel.obj, words) if issubclass(self.datamodel.obj, Spelled) else None
        ways = [text_condition(text, words, "contains") for text in texts]
        return or_(false(), *ways, *([] if spelled is None else [spelled]))

    def filter_value(self, field: SearchField, which: int) -> str:
        """What a from–until box shows: days in figures, also where the address says `today-6`."""
        text = field.until if which else field.value
        return day_value(text, last=bool(which)) if field.kind == "days" else text

    def filter_token(self, field: SearchField, which: int) -> str:
        """A relative day (`today-6`, `now`) that the box cannot hold and the form must not lose."""
        text = field.until if which else field.value
        return text if field.kind == "days" and text and not text[:4].isdecimal() else ""

    def ranges(self) -> Sequence[tuple[str, str, str]]:
        """The spans of days that are asked most: (from, until, words)."""
        return [(first, last, day_words(first, last)) for first, last in RANGES]

    def leads(self) -> bool:
        """Whether a row leads somewhere for this actor."""
        return self.may("can_show")

    def row_href(self, item: Any) -> str | None:
        """Where a row leads: its own page."""
        return f"{self.route_base}/show/{item.id}"

    def row_class(self, item: Any) -> str:
        """A class attribute for a row that must be noticed, with a blank before it."""
        return ""

    def may_act(self, found: Any) -> bool:
        """Whether the actor may take this action."""
        return self.may(self.get_action_permission_name(found.name))

    # -- keeping -----------------------------------------------------------------------------------------------------

    @expose("/arrange", methods=["POST"])
    @has_access
    @permission_name("list")
    def arrange(self) -> Response:
        """Keep columns, page size and density, or go back to the declared ones."""
        known, form = self.all_columns(), request.form
        columns = [column for column in dict.fromkeys(form.getlist("columns")) if column in known]
        size, density = as_id(form.get("size")), form.get("density", "")
        changes: dict[str, Any] = {"columns": columns, "size": size if size in SIZES else None}
        changes["density"] = density if density in DENSITIES else ""
        if form.get("reset"):
            changes = {"columns": [], "size": None, "density": ""}
        with transaction() as session:
            list_views.keep(session, self._keeper(), type(self).__name__, changes, now())
        return self._back(self._given())

    @expose("/views", methods=["POST"])
    @has_access
    @permission_name("list")
    def save_view(self) -> Response:
        """Save the present filters, order and columns under a name."""
        listing = read_listing(self)
        shared = request.form.get("shared_role") or None
        try:
            with transaction() as session:
                row = list_views.save_view(
                    session,
                    self._keeper(),
                    type(self).__name__,
                    request.form.get("name", ""),
                    listing.pairs,
                    listing.columns,
                    now(),
                    is_default=bool(request.form.get("is_default")),
                    shared_role=shared,
                )
                key = row.id
        except LinliError as error:
            flash(sentence(error), "danger")
            return self._back(self._given())
        flash(gettext("The view is saved."), "success")
        return self._back([("view", str(key))])

    @expose("/views/<int:key>/<string:what>", methods=["POST"])
    @has_access
    @permission_name("list")
    def change_view(self, key: int, what: str) -> Response:
        """Remove a view of one's own, or let the list open with it or no longer."""
        if as_id(key) is None or what not in ("remove", "open", "close"):
            abort(404)
        with transaction() as session:
            actor, page = self._keeper(), type(self).__name__
            if what == "remove":
                list_views.remove_view(session, actor, page, key)
            else:
                list_views.open_with(session, actor, page, key if what == "open" else None)
        if what == "remove":
            flash(gettext("The view is removed."), "success")
            return self._back([])
        return self._back([("view", str(key))])

    def _keeper(self) -> Actor:
        actor = current_actor()
        if actor is None:
            abort(401)
        return actor

    def list_address(self) -> str:
        """The list with the wishes of this request."""
        return self._address(self._given())

    def _given(self) -> list_views.Arguments:
        known = {*wish_names(self), "view"}
        return [(key, value) for key, value in request.args.items(multi=True) if key in known]

    def _back(self, pairs: list_views.Arguments) -> Response:
        return redirect(self._address(pairs))

    def _address(self, pairs: list_views.Arguments) -> str:
        return f"{self.route_base}/list/{f'?{urlencode(pairs)}' if pairs else ''}"
