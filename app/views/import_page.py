"""`/estate/import`: houses, people and phones from one Excel sheet; what will happen is shown before it happens."""

from __future__ import annotations

from typing import Any

from flask import make_response, request
from sqlalchemy import select
from sqlalchemy.orm import Session
from werkzeug.wrappers import Response

from app.adapters.clock import now
from app.adapters.workbook import read_sheet
from app.errors import N_, Invalid, LinliError, NotFound
from app.extensions import db
from app.models import Community
from app.rules.estate_sheet import HEADERS
from app.rules.sheet_cells import Problem
from app.services.access import rows
from app.services.actors import Actor
from app.services.estate_template import template
from app.services.import_estate import KINDS, Outcome, SheetRefused, import_estate
from app.services.transaction import transaction
from app.services.uploads import check_size
from app.views.base import BasePage, expose, has_access, permission_name, sentence, zone

XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
MOST_PROBLEMS = 200


class ImportPage(BasePage):
    """Upload, preview, import. The sheet is sent twice: nothing of a household lies about on the server in between."""

    route_base = "/estate/import"
    default_view = "form"

    @expose("/")
    @has_access
    @permission_name("add")
    def form(self) -> Any:
        """The empty form."""
        return self._page()

    @expose("/template.xlsx")
    @has_access
    @permission_name("add")
    def template(self) -> Response:
        """The sheet to fill in."""
        response = make_response(template())
        response.mimetype = XLSX
        response.headers["Content-Disposition"] = 'attachment; filename="linli-import.xlsx"'
        return response

    @expose("/", methods=["POST"])
    @has_access
    @permission_name("add")
    def upload(self) -> Any:
        """Look at the sheet, or import it when `action` is `import`. Refused: every problem by row and column."""
        actor, at = self.actor(), now()
        really = request.form.get("action") == "import"
        try:
            sent = request.files.get("sheet")
            if sent is None or not sent.filename:
                raise Invalid(N_("Choose an Excel file first."))
            cells = read_sheet(check_size(sent.stream, sent.filename))
            with transaction() as session:
                community = _community(session, actor, request.form.get("community", ""))
                outcome = import_estate(session, community, cells, actor, at.astimezone(zone()).date())
                if not really:
                    session.rollback()
        except SheetRefused as error:
            return self._page(problems=error.problems, error=sentence(error), status=422)
        except LinliError as error:
            return self._page(error=sentence(error), status=error.status)
        return self._page(outcome=outcome, done=really)

    def _page(
        self,
        *,
        problems: list[Problem] | None = None,
        outcome: Outcome | None = None,
        error: str = "",
        done: bool = False,
        status: int = 200,
    ) -> Any:
        session, actor = db.session(), self.actor()
        page = self.render_template(
            "estate/import.html",
            communities=session.scalars(select(Community).where(rows(actor, Community)).order_by(Community.id)).all(),
            chosen=request.form.get("community", ""),
            problems=[(p, sentence(LinliError(p.msgid, **p.params))) for p in (problems or [])[:MOST_PROBLEMS]],
            hidden=max(len(problems or []) - MOST_PROBLEMS, 0),
            outcome=outcome,
            kinds=KINDS,
            titles=HEADERS,
            error=error,
            done=done,
        )
        return page, status


def _community(session: Session, actor: Actor, code: str) -> Community:
    found = session.scalars(select(Community).where(Community.code == code[:40], rows(actor, Community))).first()
    if found is None:
        raise NotFound(N_("Choose a community."))
    return found
