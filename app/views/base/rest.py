"""The project's ModelRestApi (I5): scoped rows, declared columns, plain bodies, JWT only, and nothing deleted or overwritten."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from apispec import APISpec
from flask import Response, abort, current_app, request
from flask_appbuilder import ModelRestApi
from flask_appbuilder.api import expose
from flask_appbuilder.security.decorators import permission_name, protect
from flask_babel import gettext
from sqlalchemy.orm import InstrumentedAttribute, Session
from sqlalchemy.orm.interfaces import ORMOption
from werkzeug.exceptions import BadRequest

from app.adapters.clock import now
from app.errors import N_, Invalid, NotFound, TooLarge
from app.services.actors import Actor
from app.services.transaction import transaction
from app.views.base.actor import current_actor
from app.views.base.arguments import is_readable
from app.views.base.rest_fields import Row, RowWriter
from app.views.base.rest_query import list_query, read_q
from app.views.base.rest_words import KEY, POSTED, ROW, ROWS, content, described
from app.views.base.rows import RowInterface
from app.views.base.safety import RequestFilters

LARGEST_BODY = 256 * 1024

_Q = {
    "in": "query",
    "name": "q",
    "description": "rison or JSON: page, page_size (100 at most), order_column, order_direction, columns, filters [{col, opr, value}]",
    "schema": {"type": "string"},
}
_TEXTS = {"type": "array", "items": {"type": "string"}}
_INFO = {"type": "object", "properties": {"permissions": _TEXTS, "filters": _TEXTS}}
_POSTED = {"required": True, "content": content(POSTED)}


class RestApi(ModelRestApi):
    """A resource. `columns` is all it ever shows; related rows by named columns (`house.name`, `tickets.number`).

    FAB's PUT and DELETE are not registered: records change by verbs, and nothing is deleted (D3). POST exists where
    `takes` names what a body may hold and `create` is written; ids only, nothing nested.
    """

    datamodel: RowInterface
    resource_name: str = ""
    columns: Sequence[str] = ()
    takes: Mapping[str, str] = {}
    needs: Sequence[str] = ()
    """Of these what no body may leave out."""
    notes: Mapping[str, Mapping[str, Any]] = {}
    """What OpenAPI says of a field besides its type."""
    further_filters: Mapping[str, str] = {}
    page_size = 20

    _filters = RequestFilters()
    allow_browser_login = False
    exclude_route_methods: set[str] = set()

    def __init__(self) -> None:
        if not self.columns or not self.resource_name:
            raise TypeError(f"{type(self).__name__} declares no columns or no resource_name")
        shut = {"put", "delete"} if self.takes else {"put", "delete", "post"}
        self.exclude_route_methods = set(self.exclude_route_methods) | shut
        self.writer = RowWriter(self.datamodel.obj, self.columns)
        self.attributes = self._attributes()
        self.list_columns = self.show_columns = list(self.columns)
        self.search_columns = self.order_columns = list(self.attributes)
        self.add_columns = self.edit_columns = ["id"]
        super().__init__()

    def _attributes(self) -> dict[str, InstrumentedAttribute[Any]]:
        further = {name: getattr(self.datamodel.obj, column) for name, column in self.further_filters.items()}
        return self.writer.attributes() | further

    def _init_properties(self) -> None:
        """FAB guesses columns, labels and marshmallow fields here; everything it guesses is declared above instead."""
        self.label_columns, self.description_columns = {}, {}
        self._base_filters = self.datamodel.get_filters()
        self._filters = self.datamodel.get_filters([])
        self.edit_query_rel_fields, self.add_query_rel_fields, self.order_rel_fields = {}, {}, {}

    def _init_titles(self) -> None:
        self.list_title = self.show_title = self.add_title = self.edit_title = self.resource_name

    def _init_model_schemas(self) -> None:
        """None: marshmallow's would load nested objects and create users from them."""

    def options(self) -> list[ORMOption]:
        """What is loaded with a row, under the actor's scope."""
        return self.writer.options(self.datamodel.scope)

    # -- reading ---------------------------------------------------------------------------------------------------

    @expose("/", methods=["GET"])
    @protect()
    @permission_name("get")
    @described("get", "The page", content(ROWS), parameters=[_Q], refusals=(400, 401))
    def get_list(self, **_: Any) -> Response:
        """Rows of the actor, a page at a time."""
        query = list_query(read_q(request.args.get("q")), self.attributes, self.page_size)
        page = self.datamodel.read_page(query.conditions, query.order_by, query.number, query.size, self.options())
        rows = [self.row(item, query.columns) for item in page.items]
        return self.response(200, count=page.count, ids=[item.id for item in page.items], result=rows)

    @expose("/<int:pk>", methods=["GET"])
    @protect()
    @permission_name("get")
    @described("get", "The row", content(ROW), parameters=[KEY])
    def get(self, pk: int, **_: Any) -> Response:
        """One row."""
        query = list_query(read_q(request.args.get("q")), self.attributes, self.page_size)
        item = self.own(pk)
        return self.response(200, id=item.id, result=self.row(item, query.columns))

    @expose("/_info", methods=["GET"])
    @protect()
    @permission_name("info")
    @described("get", "Permissions and columns", content(_INFO), refusals=())
    def info(self, **_: Any) -> Response:
        """What the caller may do here and filter by; FAB's own answer lists the rows of every related table."""
        held = [name for name in self.base_permissions if self._may(name)]
        return self.response(200, permissions=sorted(held), filters=sorted(self.attributes))

    def _may(self, permission: str) -> bool:
        return bool(current_app.appbuilder.sm.has_access(permission, self.class_permission_name))

    def response_401(self) -> Response:
        """Nobody is logged in."""
        return self.response(401, message=gettext("Please log in: send a token from /api/v1/security/login"))

    def response_403(self) -> Response:
        """The role does not allow it."""
        return self.response(403, message=gettext("Your role does not allow this."))

    def row(self, item: Any, columns: Sequence[str] = ()) -> Row:
        """The row as it is shown to the actor; with `columns`, only those."""
        row = self.writer.write(item)
        roots = {column.partition(".")[0] for column in columns}
        return {name: value for name, value in row.items() if name in roots} if roots else row

    def own(self, pk: int) -> Any:
        """The actor's row with this id. Raises NotFound for any other."""
        item = self.datamodel.one(pk, self.options())
        if item is None:
            raise NotFound(N_("There is nothing here, or it is not yours to see."))
        return item

    # -- writing ---------------------------------------------------------------------------------------------------

    @expose("/", methods=["POST"])
    @protect()
    @permission_name("post")
    @described("post", "The new row", content(ROW), status=201, body=_POSTED, refusals=(400, 401, 409))
    def post(self) -> Response:
        """Record something new; the answer is the row as GET shows it."""
        body = plain_body(self.takes)
        actor = asking()
        with transaction() as session:
            pk = self.create(session, body, actor, now())
        return self.written(201, pk)

    def create(self, session: Session, body: Row, actor: Actor, at: datetime) -> int:
        """Write it and give its id; the rules are a service's."""
        raise NotImplementedError

    def written(self, status: int, pk: int) -> Response:
        """The answer to a write: who wrote a row may see it once, also where it then belongs to others."""
        item = self.datamodel.session.get(self.datamodel.obj, pk, options=self.options(), populate_existing=True)
        return self.response(status, id=pk, result=self.row(item))

    # -- description -----------------------------------------------------------------------------------------------

    def add_apispec_components(self, api_spec: APISpec) -> None:
        """Describe the declared columns."""
        super(ModelRestApi, self).add_apispec_components(api_spec)
        shown = self.writer.schema()
        fields = {name: {"type": kind, **self.notes.get(name, {})} for name, kind in self.takes.items()}
        taken = {"type": "object", "properties": fields, "required": list(self.needs)}
        for suffix, schema in (("get_list", shown), ("get", shown), ("post", taken)):
            api_spec.components.schema(f"{type(self).__name__}.{suffix}", schema)


def asking() -> Actor:
    """The actor of the token, else 401."""
    actor = current_actor()
    if actor is None:
        abort(401)
    return actor


def json_body(*, required: bool = True) -> Row:
    """The body as a JSON object; `{}` where none was sent and none is needed. Raises Invalid with a sentence."""
    request.max_content_length = LARGEST_BODY
    if (request.content_length or 0) > LARGEST_BODY:
        raise TooLarge(N_("The body is too big: at most %(limit)s kB."), limit=LARGEST_BODY // 1024)
    if not required and not request.get_data(cache=True):
        return {}
    try:
        body = request.get_json(force=True)
    except (BadRequest, RecursionError) as error:
        raise Invalid(N_("The body must be a JSON object.")) from error
    if not isinstance(body, dict):
        raise Invalid(N_("The body must be a JSON object."))
    if not is_readable(body):
        raise Invalid(N_("This text has characters that cannot be shown."))
    return body


def plain_body(takes: Mapping[str, str]) -> Row:
    """A body of known names with plain values. A nested object would let FAB create related rows, users among them."""
    body = json_body()
    for name, value in body.items():
        if name not in takes:
            raise Invalid(N_("The field %(name)s is not taken here."), name=name[:60])
        if isinstance(value, dict | list):
            raise Invalid(N_("The field %(name)s takes a plain value."), name=name)
        if takes[name] == "integer" and value is not None and (isinstance(value, bool) or not isinstance(value, int)):
            raise Invalid(N_("%(name)s must be a whole number."), name=name)
        if takes[name] == "boolean" and value is not None and not isinstance(value, bool):
            raise Invalid(N_("%(name)s must be true or false."), name=name)
        if takes[name] == "string" and value is not None and not isinstance(value, str):
            raise Invalid(N_("%(name)s must be a text."), name=name)
    return body
