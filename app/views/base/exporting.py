"""The present list as a file: its filters, its columns, only the actor's rows. Every export stands in the audit trail."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime
from decimal import Decimal
from typing import Any
from urllib.parse import quote

from flask import Response, abort, request, stream_with_context
from flask_appbuilder import expose, has_access
from flask_appbuilder.security.decorators import permission_name
from flask_babel import gettext
from sqlalchemy import ColumnElement
from sqlalchemy.orm import Session

from app.adapters.clock import now
from app.extensions import db
from app.rules.codes import AccessAction
from app.services import audit
from app.services.exports import MOST_ROWS, csv_pieces, workbook_pieces
from app.services.transaction import only_read, transaction
from app.views.base.actor import current_actor
from app.views.base.cells import read, show
from app.views.base.list_reading import conditions, read_listing
from app.views.base.listing import Listing
from app.views.base.local import local, now_local
from app.views.base.rows import as_id
from app.views.base.safety import MOST_ACTED_ON

CHUNK = 500
TYPES = {"csv": "text/csv; charset=utf-8", "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"}


class ExportsRows:
    """`POST …/export/<csv|xlsx>?<the list's wishes>`; its own permission, `can_export`."""

    @expose("/export/<string:way>", methods=["POST"])
    @has_access
    @permission_name("export")
    def export(self, way: str) -> Response:
        """The list as a file."""
        if way not in TYPES:
            abort(404)
        only_read()
        listing, chosen = read_listing(self), self._chosen_ids()
        ids = self._listed_ids(listing, chosen)
        _note(listing, way, min(len(ids), MOST_ROWS), only_chosen=bool(chosen))
        head = [str(self.label_of(column)) for column in listing.columns]
        rows = self._exported_rows(listing, ids, self.datamodel.scope(self.datamodel.obj))
        pieces = csv_pieces(head, rows) if way == "csv" else workbook_pieces(str(self.title), head, rows)
        name = f"{self.title}-{now_local():%Y-%m-%d}.{way}"
        answer = Response(stream_with_context(pieces), content_type=TYPES[way])
        answer.headers["Content-Disposition"] = f"attachment; filename*=UTF-8''{quote(name)}"
        answer.headers["Cache-Control"] = "no-store"
        return answer

    def _chosen_ids(self) -> list[int]:
        """The ticked rows, none where the whole list is meant. 404 where one of them is not the actor's."""
        keys = list(dict.fromkeys(request.form.getlist("rowid")))
        if len(keys) > MOST_ACTED_ON:
            abort(413, gettext("At most %(most)s rows can be chosen at once.", most=MOST_ACTED_ON))
        ids = [key for key in map(as_id, keys) if key is not None]
        wanted = self.datamodel.visible(self.datamodel.key.in_(ids)).with_only_columns(self.datamodel.key)
        if keys and len(self.datamodel.session.scalars(wanted).all()) != len(keys):
            abort(404)
        return ids

    def _listed_ids(self, listing: Listing, chosen: list[int]) -> list[int]:
        limits = [self.datamodel.key.in_(chosen)] if chosen else conditions(listing)
        wanted = self.datamodel.visible(*limits)
        ids = wanted.with_only_columns(self.datamodel.key).order_by(*self.order_by(*listing.order))
        return list(self.datamodel.session.scalars(ids.limit(MOST_ROWS + 1)))

    def _exported_rows(self, listing: Listing, ids: list[int], scope: ColumnElement[bool]) -> Iterator[list[Any]]:
        """Values in the order of the columns, read in chunks by a session of their own, so that memory does not grow. The scope
        is the actor's, made before the answer began: the request's session is gone by then."""
        columns, options = listing.columns, self.eager(listing.columns)
        labels: dict[tuple[str, Any], str] = {}
        with Session(db.engine) as session:
            door = type(self.datamodel)(self.datamodel.obj, session, lambda _model: scope)
            for start in range(0, min(len(ids), MOST_ROWS), CHUNK):
                for item in door.by_ids(ids[start : min(start + CHUNK, MOST_ROWS)], options):
                    yield [self._exported(item, column, labels) for column in columns]
                session.expunge_all()
        if len(ids) > MOST_ROWS:
            yield [
                gettext(
                    "Only the first %(most)s rows are here: narrow the filters for the rest.", most=f"{MOST_ROWS:,}"
                )
            ]

    def _exported(self, item: Any, column: str, labels: dict[tuple[str, Any], str]) -> Any:
        """A value for a spreadsheet: numbers, days and local times as such, everything else as people read it. `labels` are
        those of codes already met: translating the same few once a row was most of the work."""
        words = self.texts.get(column)
        if words:
            return words(item)
        value = read(item, column)
        if column not in self.families and not isinstance(value, bool):
            if isinstance(value, datetime):
                return local(value).replace(tzinfo=None)
            if isinstance(value, int | Decimal | date):
                return value
        family = self.families.get(column)
        if family is None:
            return show(value)
        if (family, value) not in labels:
            labels[family, value] = show(value, family)
        return labels[family, value]

    def may_export(self) -> bool:
        """Whether the actor may take the list along."""
        return self.may("can_export")


def _note(listing: Listing, way: str, count: int, *, only_chosen: bool = False) -> None:
    """Who took which list along, how many rows, under which filters (D2, D15)."""
    asked = gettext("; ").join(f"{chip.label} {chip.words}" for chip in listing.chips) or gettext("everything")
    limits = gettext("ticked rows") if only_chosen else asked
    subject = f"{listing.view.title} ({way}, {count}): {limits}"
    with transaction() as session:
        audit.record(
            session,
            current_actor(),
            AccessAction.EXPORTED,
            subject,
            now(),
            kind="list",
            address=request.remote_addr,
        )
