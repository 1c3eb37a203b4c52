"""The project's ModelView: scoped rows, declared columns, few statements, own templates, writing in one transaction."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from flask import abort, jsonify, request, url_for
from flask_appbuilder import ModelView, expose, has_access
from flask_appbuilder.models.sqla import Model
from flask_appbuilder.security.decorators import permission_name
from markupsafe import Markup
from sqlalchemy import inspect
from sqlalchemy.orm import Load
from sqlalchemy.orm.interfaces import ORMOption
from werkzeug.wrappers import Response

from app.services import record_edits
from app.views.base.cells import named, read, show
from app.views.base.choosing import offered
from app.views.base.exporting import ExportsRows
from app.views.base.forms import form_for
from app.views.base.list_pages import ListsRows
from app.views.base.local import short_instant
from app.views.base.related import related
from app.views.base.rows import RowInterface, own_rows
from app.views.base.safety import SafeView
from app.views.base.table_html import Shape, heading_class, rows_html, shape_of
from app.views.base.writing import WritesRows
from app.views.column_labels import COLUMN_LABELS

RELATED_ROWS = 10


@dataclass(frozen=True)
class Cell:
    """A shown value; where it leads somewhere, its address; where it is one of our codes, which."""

    text: str
    href: str | None = None
    family: str | None = None
    code: str | None = None


@dataclass(frozen=True)
class RelatedTable:
    """Some rows of another table that belong to this row."""

    columns: list[str]
    shape: Shape
    rows: Markup
    more: bool


class ModelPage(ListsRows, ExportsRows, WritesRows, SafeView, ModelView):
    """A table's pages. Every column list is declared; a missing one stops the start.

    - `title`, `singular`: lazy texts, "Houses" and "House";
    - `list_columns`, `show_columns`, `search_columns`, `order_columns`: names or dotted paths of the mapped class;
    - `add_columns`, `edit_columns`: empty (the default) means that the route does not exist;
    - `families`: column → family of codes in `labels.CODES`; `labels`: column → text where the common one does not fit;
    - `has_name`: whether a row has a name for people; else its page is headed by the kind of row and its first column;
    - `related`: (view class, relationship of the other table that leads back here) shown as tabs, one read at a time;
    - `links`: column → callable(item) → address; `texts`: column → callable(item) → text, where a value needs more words.
    Statements: list ≤ 12, show ≤ 10, whatever the number of rows (tested).
    """

    datamodel: RowInterface
    title: Any = ""
    singular: Any = ""
    list_columns: list[str] = []
    show_columns: list[str] = []
    search_columns: list[str] = []
    order_columns: list[str] = []
    add_columns: list[str] = []
    edit_columns: list[str] = []
    families: Mapping[str, str] = {}
    labels: Mapping[str, Any] = {}
    related: Sequence[tuple[type[ModelPage], str]] = ()
    links: Mapping[str, Any] = {}
    texts: Mapping[str, Any] = {}
    has_name = True
    base_order: tuple[str, str] = ("id", "desc")
    page_size = 25

    list_template = "crud/list.html"
    show_template = "crud/show.html"
    add_template = edit_template = "crud/form.html"

    def __init__(self, **kwargs: Any) -> None:
        for name in ("title", "singular", "list_columns", "show_columns"):
            if not getattr(self, name):
                raise TypeError(f"{type(self).__name__} declares no {name}")
        shut = {name for name, columns in (("add", self.add_columns), ("edit", self.edit_columns)) if not columns}
        self.exclude_route_methods = set(self.exclude_route_methods) | shut
        # Forms are made now and hold addresses; FAB would give the view its own only later.
        self.route_base = self.route_base or f"/{type(self).__name__.lower()}"
        self.label_columns = {column: self.label_of(column) for column in self._all_columns()}
        super().__init__(**kwargs)

    def _all_columns(self) -> list[str]:
        lists = (
            self.list_columns,
            self.show_columns,
            self.further_columns,
            self.search_columns,
            self.add_columns,
            self.edit_columns,
        )
        return list(dict.fromkeys(column for columns in lists for column in columns))

    def heading_class(self, column: str) -> str:
        """How the heading of a column in a table stands."""
        return heading_class(self, column)

    def label_of(self, column: str) -> Any:
        """The column's label: the view's own, else the common one. None at all stops the start."""
        # Not by `or`: that would translate the label to see whether it is empty.
        label = self.labels[column] if column in self.labels else COLUMN_LABELS.get(column)
        if label is None:
            raise TypeError(f"{type(self).__name__}.{column} has no label")
        return label

    def _init_forms(self) -> None:
        """FAB would render every related row into select boxes here; forms are made from `forms.form_for` instead."""
        self.add_form = form_for(self, self.add_columns) if self.add_columns else None
        self.edit_form = form_for(self, self.edit_columns) if self.edit_columns else None
        self.search_form = None

    def _init_properties(self) -> None:
        """Keep the declared lists: FAB fills an empty one with every column there is, hidden ones included."""
        declared = {name: list(getattr(self, name)) for name in _LISTS}
        super()._init_properties()
        for name, columns in declared.items():
            setattr(self, name, columns)

    def _init_titles(self) -> None:
        self.list_title = self.show_title = self.add_title = self.edit_title = self.title

    # -- reading ---------------------------------------------------------------------------------------------------

    def eager(self, columns: Sequence[str]) -> list[ORMOption]:
        """Load what the dotted and related columns need in one statement each."""
        return eager_options(self.datamodel.obj, columns)

    def cell(self, item: Any, column: str, *, short: bool = False) -> Cell:
        """One value for people; `short` leaves out what a crowded table can do without."""
        link, family, words = self.links.get(column), self.families.get(column), self.texts.get(column)
        href = link(item) if link else None
        if words:
            return Cell(words(item), href)
        value = read(item, column)
        text = short_instant(value) if short and isinstance(value, datetime) else show(value, family)
        return Cell(text, href, family, value if family else None)

    def may(self, permission: str) -> bool:
        """Whether the actor holds `can_…` here and the route exists."""
        held = permission in (self.base_permissions or ())
        return held and bool(self.appbuilder.sm.has_access(permission, self.class_permission_name))

    @expose("/show/<pk>", methods=["GET"])
    @has_access
    def show(self, pk: str) -> Any:
        """One row with the chosen tab of related rows."""
        item = self._own(pk, self.eager(self.show_columns))
        tabs = [view for view in self._related_pages() if view[0].may("can_list")]
        chosen = next(
            (tab for tab in tabs if type(tab[0]).__name__ == request.args.get("tab")), tabs[0] if tabs else None
        )
        return self.render_template(
            self.show_template,
            view=self,
            item=item,
            heading=self.heading(item),
            values=[(self.label_of(column), self.cell(item, column)) for column in self.show_columns],
            tabs=[tab[0] for tab in tabs],
            chosen=chosen[0] if chosen else None,
            related=self._related_table(chosen, item) if chosen else None,
            more=self._all_related(chosen, item) if chosen else "",
            edit=record_edits.last(self.datamodel.session, item) if self.may("can_edit") else None,
        )

    def further_links(self, item: Any) -> list[tuple[Any, str]]:
        """(label, address) of pages of this row beside its form, for whom they open."""
        return []

    def heading(self, item: Any) -> str:
        """What the row is called."""
        return named(item) if self.has_name else f"{self.singular} · {self.cell(item, self.list_columns[0]).text}"

    def offered_actions(self) -> Sequence[Any]:
        """The actions on one row that the actor may take."""
        held = [found for found in self.actions.values() if found.single]
        return [found for found in held if self.may(self.get_action_permission_name(found.name))]

    def _all_related(self, tab: tuple[ModelPage, str], item: Any) -> str:
        view, back = tab
        kept = {f"_flt_0_{back}": item.id} if back in view.search_columns else {}
        return url_for(f"{view.endpoint}.list", **kept)

    def _related_pages(self) -> list[tuple[ModelPage, str]]:
        registered = {type(view): view for view in self.appbuilder.baseviews}
        return [(registered[view], back) for view, back in self.related if view in registered]

    def _related_table(self, tab: tuple[ModelPage, str], item: Any) -> RelatedTable:
        view, back = tab
        foreign = next(iter(inspect(view.datamodel.obj).relationships[back].local_columns))
        columns = [column for column in view.list_columns if column != back]
        page = view.datamodel.read_page(
            [foreign == item.id],
            view.order_by(*view.base_order),
            size=RELATED_ROWS,
            options=view.eager(columns),
            counted="",
        )
        shape = shape_of(columns, view.families, view.card)
        return RelatedTable(columns, shape, rows_html(view, page.items, columns), page.more)

    def _own(self, pk: object, options: Sequence[ORMOption] = ()) -> Any:
        item = self.datamodel.one(pk, options)
        if item is None:
            abort(404)
        return item

    # -- choosing --------------------------------------------------------------------------------------------------

    @expose("/choices/<string:column>", methods=["GET"])
    @has_access
    @permission_name("list")
    def choices(self, column: str) -> Response:
        """Twenty rows of a related table that what was typed can mean (`base.choosing`)."""
        allowed = {*self.search_columns, *self.add_columns, *self.edit_columns}
        if column not in allowed or column not in inspect(self.datamodel.obj).relationships:
            abort(404)
        other = self.datamodel.get_related_interface(column)
        return jsonify(offered(other))


_LISTS = ("list_columns", "show_columns", "search_columns", "order_columns", "add_columns", "edit_columns")


def eager_options(model: type[Model], columns: Sequence[str]) -> list[ORMOption]:
    """Load along each dotted path or relationship among the columns, each once: what a row points to is joined (the page
    has few rows by then), a list of others takes one statement; either holds the actor's rows only."""
    options: dict[str, Load] = {}
    for column in columns:
        mapper, option, path = inspect(model), Load(model), []
        for part in column.split("."):
            if part not in mapper.relationships:
                break
            path.append(part)
            attribute = getattr(mapper.class_, part)
            many, mapper = mapper.relationships[part].uselist, mapper.relationships[part].mapper
            option = (
                option.selectinload(attribute.and_(own_rows(mapper.class_)))
                if many
                else option.joinedload(related(attribute, own_rows))
            )
        if path:
            options[".".join(path)] = option
    return list(options.values())
