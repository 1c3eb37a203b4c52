"""`/owner/reports/<id>/ask`: a household asks about a section or a figure of a published report, on one small page."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from flask import abort, flash, redirect, request
from flask_babel import gettext

from app.adapters.clock import now
from app.errors import LinliError
from app.extensions import db
from app.models import Report
from app.rules.report_questions import place_of
from app.services import household, report_questions
from app.services.reporting.edition import number_of
from app.services.transaction import transaction
from app.views.base import expose, has_access, permission_name, sentence
from app.views.base.cells import phone_text
from app.views.base.replay import claimed
from app.views.owner_base import OwnerBase
from app.views.owner_words import report_place


class OwnerReportQuestion(OwnerBase):
    """The form of a question about a report."""

    default_view = "form"
    tab = "more"

    @expose("/reports/<int:pk>/ask")
    @has_access
    @permission_name("add")
    def form(self, pk: int) -> Any:
        """The form; `?about=` names the section or the figure, else the month's figures are meant."""
        report, about = self._found(pk), request.args.get("about", "figures")
        if place_of(about, report.dataset) is None:
            abort(404)
        return self._form(report, {"about": about}, None)

    @expose("/reports/<int:pk>/ask", methods=["POST"])
    @has_access
    @permission_name("add")
    def ask(self, pk: int) -> Any:
        """The question becomes a ticket; its answer comes the ordinary way."""
        report, sent, at = self._found(pk), request.form.to_dict(), now()
        try:
            with transaction() as session:
                form = claimed(session, self.actor(), at)
                report = self._found(pk)
                number = report_questions.ask(session, self.actor(), report, sent, at).number
                address = form.led_to(f"/owner/ticket/{number}")
        except LinliError as error:
            return self._form(self._found(pk), sent, error)
        flash(gettext("We have your question: ticket %(number)s.", number=number), "success")
        return redirect(address)

    def _found(self, pk: int) -> Report:
        report = report_questions.published(db.session(), self.actor(), pk)
        if report is None:
            abort(404)
        return report

    def _form(self, report: Report, values: dict[str, str], error: LinliError | None) -> Any:
        session, actor, frame = db.session(), self.actor(), self.frame()
        homes = [(house, community) for house, community in frame.homes if community.id == report.community_id]
        if "house_id" not in values and frame.chosen:
            values["house_id"] = str(frame.chosen.id)
        place = place_of(values.get("about", ""), report.dataset)
        return self.page(
            "owner/report_question.html",
            error.status if error else 200,
            frame=frame,
            here=replace(frame, homes=homes),
            report=report,
            number=number_of(report),
            place=place,
            place_name=report_place(place) if place else "",
            values=values,
            error=sentence(error) if error else "",
            phone=values.get("phone") if "phone" in values else phone_text(household.own_phone(session, actor)),
        )
