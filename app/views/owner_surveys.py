"""`/owner/survey/<id>`: a household answers an opinion survey on its own pages, once (D8)."""

from __future__ import annotations

from typing import Any

from flask import abort, flash, redirect, request
from flask_babel import gettext
from sqlalchemy.orm import Session

from app.adapters.clock import now
from app.errors import LinliError
from app.extensions import db
from app.models import SurveyHousehold
from app.rules.codes import HouseholdState, SurveyState
from app.services import survey_answers, survey_own
from app.services.transaction import transaction
from app.views.base import expose, has_access, permission_name, sentence
from app.views.base.replay import claimed
from app.views.owner_base import OwnerBase
from app.views.survey_words import WORDS


class OwnerSurveys(OwnerBase):
    """The questions of a survey that asks one's own household."""

    default_view = "show"
    tab = "home"

    @expose("/survey/<int:pk>")
    @has_access
    @permission_name("view")
    def show(self, pk: int) -> Any:
        """The questions, or that they were answered, or that the survey is closed."""
        return self._page(pk, "", 200)

    @expose("/survey/<int:pk>", methods=["POST"])
    @has_access
    @permission_name("answer")
    def answer(self, pk: int) -> Any:
        """Take the answers."""
        actor, at = self.actor(), now()
        try:
            with transaction() as session:
                form = claimed(session, actor, at)
                sent = survey_answers.read_form(dict(request.form.lists()))
                survey_answers.answer_own(session, self._own(session, pk), sent, at)
                address = form.led_to("/owner/")
        except LinliError as error:
            db.session().rollback()
            return self._page(pk, sentence(error), error.status)
        flash(gettext("Thank you! Your opinion has arrived."), "success")
        return redirect(address)

    def _page(self, pk: int, error: str, status: int) -> Any:
        household = self._own(db.session(), pk)
        return self.page(
            "owner/survey.html",
            status,
            survey=household.survey,
            household=household,
            used=household.state == HouseholdState.ANSWERED,
            closed=household.survey.state != SurveyState.OPEN,
            error=error,
            sent=survey_answers.read_form(dict(request.form.lists())) if error else {},
            **WORDS,
        )

    def _own(self, session: Session, pk: int) -> SurveyHousehold:
        return survey_own.find(session, self.actor(), pk) or abort(404)
