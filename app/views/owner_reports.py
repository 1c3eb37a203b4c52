"""`/owner/reports`: the published monthly reports (D14), the newest large, each with its file, its check and a question; and the
household's own supplement of a month as a file."""

from __future__ import annotations

from typing import Any

from flask import Response, abort, make_response, request

from app.adapters.report_renderer import ReportRenderer
from app.extensions import db
from app.services import household, report_questions, supplements
from app.services.transaction import transaction
from app.views.base import expose, has_access, permission_name
from app.views.owner_base import OwnerBase
from app.views.sheet_answer import asked_language, note_taken
from app.views.supplement_words import made_for, supplement_number, supplement_sheet

MOST = 60


class OwnerReports(OwnerBase):
    """Reports of the household's own communities."""

    default_view = "reports"
    tab = "more"

    @expose("/reports")
    @has_access
    @permission_name("view")
    def reports(self) -> Any:
        """All of them."""
        return self.page("owner/reports.html", reports=household.reports(db.session(), self.actor(), MOST))

    @expose("/reports/<int:pk>/own.pdf")
    @has_access
    @permission_name("view")
    def supplement(self, pk: int) -> Response:
        """The household's own part of the report's month, made when it is first opened and kept; `?lang=zh` or `en`."""
        session, actor, locale = db.session(), self.actor(), asked_language()
        report = report_questions.published(session, actor, pk)
        if report is not None and request.method == "HEAD":
            # Whether it is there is asked without making it.
            return Response(mimetype="application/pdf")
        found = made_for(actor, report) if report is not None else None
        if found is None:
            abort(404)
        supplement_id, number = found.id, supplement_number(found)
        content = supplements.kept_file(found, locale)
        if content is None:
            sheet = supplement_sheet(found, actor, locale)
            session.rollback()
            with ReportRenderer() as renderer:
                made = renderer.sheet(sheet)
            with transaction() as writing:
                content = supplements.keep_file(writing, supplement_id, locale, made)
        note_taken(actor, number, "supplement", supplement_id)
        answer = make_response(content)
        answer.mimetype = "application/pdf"
        answer.headers["Content-Disposition"] = f'inline; filename="{number}-{locale}.pdf"'
        answer.headers["Cache-Control"] = "private, no-store"
        return answer
