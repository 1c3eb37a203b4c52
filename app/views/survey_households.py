"""`/survey/<id>/households…`: whom a survey asks, and what they say to somebody on the telephone or at the door."""

from __future__ import annotations

from typing import Any

from flask import abort, flash, redirect, request
from flask_babel import gettext
from sqlalchemy.orm import Session

from app.adapters.clock import now
from app.errors import LinliError
from app.extensions import db
from app.models import Survey, SurveyHousehold
from app.rules.codes import HouseholdState, SurveyState
from app.services import survey_answers, survey_own, surveys
from app.services.transaction import transaction
from app.views.base import BasePage, expose, has_access, permission_name, sentence
from app.views.base.arguments import number_in
from app.views.base.replay import claimed
from app.views.base.rows import as_id
from app.views.sheet_answer import sheet_answer
from app.views.survey_letters import letters_sheet
from app.views.survey_words import WORDS

PAGE = 50


class SurveyHouseholds(BasePage):
    """Rows are the actor's: a steward has the own buildings."""

    route_base = "/survey"
    default_view = "overview"

    @expose("/<int:pk>/households")
    @has_access
    @permission_name("take")
    def overview(self, pk: int) -> Any:
        """The households, those not answered first; `?state=` and `?building=` narrow them."""
        session, actor = db.session(), self.actor()
        survey = self._survey(session, pk)
        state = request.args.get("state", HouseholdState.ASKED)
        state = state if state in [*HouseholdState, "all"] else HouseholdState.ASKED
        page, building = number_in(request.args.get("page"), 0, 0, 100_000), as_id(request.args.get("building", ""))
        total, found = survey_answers.listed(
            session,
            actor,
            survey,
            state="" if state == "all" else state,
            building_id=building,
            skip=page * PAGE,
            most=PAGE,
        )
        return self.render_template(
            "surveys/households.html",
            survey=survey,
            state=state,
            building=building,
            counts=survey_answers.counts(session, actor, survey),
            by_letter=len(survey_own.by_letter(session, actor, survey, building)),
            most=survey_own.MOST_TOGETHER,
            households=found,
            total=total,
            page=page,
            last=max(0, (total - 1) // PAGE),
            **WORDS,
        )

    @expose("/<int:pk>/letters.pdf", methods=["POST"])
    @has_access
    @permission_name("take")
    def letters(self, pk: int) -> Any:
        """Letters with a one-time code for the households without a mobile number, a page each; `part` counts from 0."""
        building, part = as_id(request.form.get("building", "")), number_in(request.form.get("part"), 0, 0, 10_000)
        skip = part * survey_own.MOST_TOGETHER
        with transaction() as session:
            found = survey_own.letters(session, self.actor(), self._survey(session, pk), building, skip, now())
            if not found:
                abort(404)
            sheet = letters_sheet(found)
        title = gettext("Letters with a code")
        return sheet_answer(sheet, f"{title}-{pk}-{part + 1}.pdf", cache="no-store")

    @expose("/<int:pk>/household/<int:household_id>")
    @has_access
    @permission_name("take")
    def ask(self, pk: int, household_id: int) -> Any:
        """The questions, to be read to a household."""
        return self._form(pk, household_id, "", 200)

    @expose("/<int:pk>/household/<int:household_id>", methods=["POST"])
    @has_access
    @permission_name("take")
    def take(self, pk: int, household_id: int) -> Any:
        """Note the answers."""
        actor, at, address = self.actor(), now(), f"/survey/{pk}/households"
        try:
            with transaction() as session:
                form = claimed(session, actor, at)
                household = self._household(session, pk, household_id)
                sent = survey_answers.read_form(dict(request.form.lists()))
                survey_answers.answer_for(session, household, sent, request.form.get("way"), actor, at)
                form.led_to(address)
        except LinliError as error:
            return self._form(pk, household_id, sentence(error), error.status)
        flash(gettext("The answers are noted."), "success")
        return redirect(address)

    @expose("/<int:pk>/household/<int:household_id>/decline", methods=["POST"])
    @has_access
    @permission_name("take")
    def decline(self, pk: int, household_id: int) -> Any:
        """The household does not want to be asked."""
        actor, at, address = self.actor(), now(), f"/survey/{pk}/households"
        try:
            with transaction() as session:
                form = claimed(session, actor, at)
                survey_answers.decline(session, self._household(session, pk, household_id), actor, at)
                form.led_to(address)
        except LinliError as error:
            return self._form(pk, household_id, sentence(error), error.status)
        flash(gettext("Noted: this household is not asked any more."), "success")
        return redirect(address)

    def _form(self, pk: int, household_id: int, error: str, status: int) -> Any:
        db.session().rollback()
        session = db.session()
        survey, household = self._survey(session, pk), self._household(session, pk, household_id)
        open_now = survey.state == SurveyState.OPEN and household.state != HouseholdState.ANSWERED
        page = self.render_template(
            "surveys/ask.html",
            survey=survey,
            household=household,
            error=error,
            open=open_now,
            sent=survey_answers.read_form(dict(request.form.lists())) if error else {},
            way=request.form.get("way", ""),
            **WORDS,
        )
        return page, status

    def _survey(self, session: Session, pk: int) -> Survey:
        survey = surveys.find(session, self.actor(), pk)
        if survey is None or survey.state == SurveyState.DRAFT:
            abort(404)
        return survey

    def _household(self, session: Session, pk: int, household_id: int) -> SurveyHousehold:
        return survey_answers.find(session, self.actor(), pk, household_id) or abort(404)
