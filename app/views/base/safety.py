"""What closes FAB's traps in any of its views, ours or its own: actions, shared filters, page arguments, deletion."""

import copy
import logging
from typing import Any

from flask import abort, current_app, flash, g, has_app_context, redirect, request
from flask_appbuilder import expose
from flask_appbuilder.models.filters import Filters
from flask_babel import gettext
from werkzeug.wrappers import Response

from app.errors import LinliError, Word, Words
from app.views.base.rows import as_id

log = logging.getLogger(__name__)

MOST_ACTED_ON = 500
"""Rows one action may take at once."""


def sentence(error: LinliError) -> str:
    """The error's message in the reader's language, its parameters filled in."""
    text = gettext(error.msgid)
    params = {name: _read(value) for name, value in error.params.items()}
    return text % params if params else text


def _read(value: Any) -> Any:
    if isinstance(value, Words):
        return gettext("; ").join(gettext(word) for word in value)
    return gettext(value) if isinstance(value, Word) else value


class RequestFilters:
    """A view attribute that is one object at start and a fresh copy in every request.

    FAB keeps one mutable Filters a view: with eight threads two pages of three showed another request's search.
    """

    def __set_name__(self, owner: type, name: str) -> None:
        self.slot = f"_kept{name}"

    def __get__(self, view: Any, owner: type | None = None) -> Any:
        if view is None:
            return self
        original: Filters | None = view.__dict__.get(self.slot)
        if original is None or not has_app_context():
            return original
        copies: dict[tuple[int, str], Filters] = g.setdefault("linli_filters", {})
        key = (id(view), self.slot)
        if key not in copies:
            copies[key] = fresh(original)
        return copies[key]

    def __set__(self, view: Any, value: Filters) -> None:
        view.__dict__[self.slot] = value


def fresh(filters: Filters) -> Filters:
    """A copy that shares what may be searched and nothing of what is searched now."""
    made = copy.copy(filters)
    made.filters = list(filters.filters)
    made.values = list(filters.values)
    return made


class SafeView:
    """Mixed in before any FAB ModelView.

    - `_filters` is the request's own;
    - actions run on POST only, on rows read again through the actor's scope, 404 when one is not theirs, 500 at most;
    - nothing is deleted (D3): the route does not exist unless a class says `deletable = True`;
    - FAB's download of any file in the upload folder does not exist.
    """

    _filters = RequestFilters()
    deletable = False
    exclude_route_methods: set[str] = set()

    def __init__(self, **kwargs: Any) -> None:
        shut = {"download"} if self.deletable else {"download", "delete"}
        self.exclude_route_methods = set(self.exclude_route_methods) | shut
        super().__init__(**kwargs)

    @expose("/action/<string:name>/<pk>", methods=["POST"])
    def action(self, name: str, pk: str) -> Any:
        """One row's action, from its page."""
        found = self._permitted_action(name)
        if not found.single:
            abort(404)
        item = self.datamodel.get(pk)  # type: ignore[attr-defined]
        if item is None:
            abort(404)
        return self._run(found, item)

    @expose("/action_post", methods=["POST"])
    def action_post(self) -> Any:
        """An action on the rows ticked in a list."""
        found = self._permitted_action(request.form.get("action", ""))
        keys = list(dict.fromkeys(request.form.getlist("rowid")))
        if not found.multiple or not keys:
            abort(400)
        if len(keys) > MOST_ACTED_ON:
            abort(413, gettext("At most %(most)s rows can be chosen at once.", most=MOST_ACTED_ON))
        ids = [as_id(key) for key in keys]
        items = self.datamodel.by_ids([key for key in ids if key is not None])  # type: ignore[attr-defined]
        if len(items) != len(keys):
            abort(404)
        return self._run(found, items)

    def _get_list_widget(self, *, order_column: str = "", order_direction: str = "", **kwargs: Any) -> Any:
        """FAB's list, ordered by nothing that is not offered: sorting by a hidden column tells what is in it."""
        if order_column not in self.order_columns:  # type: ignore[attr-defined]
            order_column = order_direction = ""
        return super()._get_list_widget(  # type: ignore[misc]
            order_column=order_column, order_direction=order_direction, **kwargs
        )

    def _permitted_action(self, name: str) -> Any:
        found = self.actions.get(name)  # type: ignore[attr-defined]
        if found is None:
            abort(404)
        permission = self.get_action_permission_name(name)  # type: ignore[attr-defined]
        if not current_app.appbuilder.sm.has_access(permission, self.class_permission_name):  # type: ignore[attr-defined]
            abort(403 if g.user.is_authenticated else 401)
        return found

    def _run(self, found: Any, items: Any) -> Response:
        try:
            answer = found.func(items)
        except LinliError as error:
            current_app.appbuilder.session.rollback()
            flash(sentence(error), "danger")
            answer = None
        return answer or redirect(self.get_redirect())  # type: ignore[attr-defined]
