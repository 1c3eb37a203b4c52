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
from sqlalchemy import String, inspect, or_
from sqlalchemy.orm import Load
from sqlalchemy.orm.interfaces import ORMOption
from werkzeug.wrappers import Response

from app.views.base.arguments import BIGGEST_PAGE, LONGEST_TEXT, number_in
from app.views.base.cells import named, read, show
from app.views.base.forms import form_for
from app.views.base.local import short_instant
from app.views.base.rows import LONGEST_PAGE, Page, RowInterface
from app.views.base.safety import SafeView
from app.views.base.search import conditions, search_fields
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


class ModelPage(WritesRows, SafeView, ModelView):
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
        lists = (self.list_columns, self.show_columns, self.search_columns, self.add_columns, self.edit_columns)
        return list(dict.fromkeys(column for columns in lists for column in columns))

    def label_of(self, column: str) -> Any:
        """The column's label: the view's own, else the common one. None at all stops the start."""
        label = self.labels.get(column) or COLUMN_LABELS.get(column)
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

    @expose("/list/")
    @has_access
    def list(self) -> Any:
        """The table, a page at a time."""
        fields = search_fields(self, request.args)
        name = type(self).__name__
        number = number_in(request.args.get(f"page_{name}"), 0, 0, BIGGEST_PAGE)
        size = number_in(request.args.get(f"psize_{name}"), self.page_size, 1, LONGEST_PAGE)
        column, direction = self._order(name)
        page = self.datamodel.read_page(
            [*conditions(self.datamodel, fields), *self.extra_conditions()],
            self._order_by(column, direction),
            number,
            size,
            self.eager(self.list_columns),
        )
        return self.render_template(
            self.list_template,
            view=self,
            page=page,
            table=self.table(page.items),
            fields=fields,
            searched=any(field.value or field.until for field in fields),
            order=(column, direction),
            links=self._page_links(page, name),
        )

    def extra_conditions(self) -> Sequence[Any]:
        """Further conditions of the list; for subclasses."""
        return ()

    def _order(self, name: str) -> tuple[str, str]:
        column, direction = request.args.get(f"_oc_{name}", ""), request.args.get(f"_od_{name}", "asc")
        if column not in self.order_columns or direction not in ("asc", "desc"):
            return self.base_order
        return column, direction

    def _order_by(self, column: str, direction: str) -> list[Any]:
        attribute = getattr(self.datamodel.obj, column)
        return [attribute.asc() if direction == "asc" else attribute.desc()]

    def _page_links(self, page: Page, name: str) -> dict[str, str]:
        def link(number: int) -> str:
            kept = {key: value for key, value in request.args.items() if key != f"page_{name}"}
            return url_for(f"{self.endpoint}.list", **kept, **{f"page_{name}": number})

        links = {"back": link(page.number - 1)} if page.number > 0 else {}
        return links | ({"on": link(page.number + 1)} if page.more else {})

    def order_link(self, column: str, present: tuple[str, str]) -> str:
        """The address that sorts by this column, the other way round when it is sorted so already."""
        name = type(self).__name__
        kept = {key: value for key, value in request.args.items() if key not in (f"_oc_{name}", f"_od_{name}")}
        turned = "desc" if present == (column, "asc") else "asc"
        return url_for(f"{self.endpoint}.list", **kept, **{f"_oc_{name}": column, f"_od_{name}": turned})

    def eager(self, columns: Sequence[str]) -> list[ORMOption]:
        """Load what the dotted and related columns need in one statement each."""
        return eager_options(self.datamodel.obj, columns)

    def table(self, items: Sequence[Any]) -> list[tuple[int, list[Cell]]]:
        """Rows of (id, cells) in the order of the columns."""
        return [(item.id, [self.cell(item, column, short=True) for column in self.list_columns]) for item in items]

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
        )

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

    def _related_table(self, tab: tuple[ModelPage, str], item: Any) -> tuple[Page, list[tuple[int, list[Cell]]]]:
        view, back = tab
        foreign = next(iter(inspect(view.datamodel.obj).relationships[back].local_columns))
        page = view.datamodel.read_page(
            [foreign == item.id],
            view._order_by(*view.base_order),
            size=RELATED_ROWS,
            options=view.eager(view.list_columns),
            counted=False,
        )
        return page, view.table(page.items)

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
        """Twenty rows of a related table whose name holds what was typed: `{results: [{id, text}], pagination: {more}}`."""
        allowed = {*self.search_columns, *self.add_columns, *self.edit_columns}
        if column not in allowed or column not in inspect(self.datamodel.obj).relationships:
            abort(404)
        other = self.datamodel.get_related_interface(column)
        typed = request.args.get("q", "")[:LONGEST_TEXT].replace("\x00", "").strip()
        texts = [getattr(other.obj, name) for name in ("name", "number", "code", "title") if hasattr(other.obj, name)]
        texts = [text for text in texts if isinstance(text.type, String)]
        page = other.read_page(
            [or_(*(text.icontains(typed, autoescape=True) for text in texts))] if typed and texts else [],
            texts[:1],
            number_in(request.args.get("page"), 1, 1, BIGGEST_PAGE) - 1,
            20,
            counted=False,
        )
        results = [{"id": item.id, "text": named(item)} for item in page.items]
        return jsonify(results=results, pagination={"more": page.more})


_LISTS = ("list_columns", "show_columns", "search_columns", "order_columns", "add_columns", "edit_columns")


def eager_options(model: type[Model], columns: Sequence[str]) -> list[ORMOption]:
    """Load along each dotted path or relationship among the columns, each once: what a row points to is joined (the page
    has few rows by then), a list of others takes one statement."""
    options: dict[str, Load] = {}
    for column in columns:
        mapper, option, path = inspect(model), Load(model), []
        for part in column.split("."):
            if part not in mapper.relationships:
                break
            path.append(part)
            attribute = getattr(mapper.class_, part)
            many = mapper.relationships[part].uselist
            option = option.selectinload(attribute) if many else option.joinedload(attribute)
            mapper = mapper.relationships[part].mapper
        if path:
            options[".".join(path)] = option
    return list(options.values())
