"""`/survey/…`: opinion surveys drafted, opened, pressed, closed; their figures on the page, as CSV and PDF; free texts inside."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Any
from urllib.parse import quote

from flask import Response, abort, flash, redirect, request
from flask_babel import force_locale, gettext
from sqlalchemy import select
from sqlalchemy.orm import Session

from app.adapters.clock import now
from app.errors import Forbidden, LinliError
from app.extensions import db
from app.models import Building, Community, Survey
from app.rules import surveys as rules
from app.rules.codes import SurveyCycle, SurveyState
from app.services import questionnaires, survey_answers, survey_frame, survey_texts, surveys
from app.services.access import rows
from app.services.exports import csv_pieces
from app.services.policies import figure
from app.services.survey_figures import figures_of, free_texts
from app.services.transaction import transaction
from app.views.base import BasePage, expose, has_access, local, permission_name, sentence
from app.views.base.arguments import number_in
from app.views.base.replay import claimed
from app.views.base.rows import as_id
from app.views.permitted import may
from app.views.sheet_answer import asked_language, note_taken, sheet_answer
from app.views.survey_holds import draft_of, hold_draft, seen
from app.views.survey_paper import csv_rows, survey_sheet
from app.views.survey_words import WORDS, file_name, period_words

STEPS: dict[str, Callable[[Session, Survey, Any, datetime], Any]] = {
    "open": surveys.open_survey,
    "close": surveys.close_survey,
    "remind": lambda session, survey, actor, at: _remind(session, survey, actor, at),
    "discard": lambda session, survey, actor, at: surveys.discard(session, survey, actor),
}


FURTHEST = 10_000


class SurveyPage(BasePage):
    """Rows are the actor's; who conducts which survey is the rule's answer."""

    route_base = "/survey"
    default_view = "overview"

    @expose("/")
    @has_access
    @permission_name("view")
    def overview(self) -> Any:
        """All surveys, the open ones first, and which of this period are still to be made by the reader."""
        session, actor, today = db.session(), self.actor(), local(now()).date()
        page = number_in(request.args.get("page"), 0, 0, FURTHEST)
        found = surveys.listed(session, actor, skip=page * surveys.PAGE)
        return self.render_template(
            "surveys/list.html",
            surveys=found[: surveys.PAGE],
            page=page,
            more=len(found) > surveys.PAGE,
            waiting={survey.id: count for survey, count in surveys.waiting(session, actor)},
            due=_due(found, actor, today) if not page else [],
            may_conduct=may("can_conduct", "SurveyPage"),
            may_write=may("can_write", "QuestionPage"),
            today=today,
            **WORDS,
        )

    @expose("/new")
    @has_access
    @permission_name("conduct")
    def new(self) -> Any:
        """The empty form."""
        return self._form(None, {"places": [], **request.args.to_dict()}, "", 200)

    @expose("/new", methods=["POST"])
    @has_access
    @permission_name("conduct")
    def add(self) -> Any:
        """Keep a draft and show whom it would ask."""
        return self._save(None)

    @expose("/<int:pk>/edit")
    @has_access
    @permission_name("conduct")
    def edit(self, pk: int) -> Any:
        """The form of a draft."""
        survey = self._own(db.session(), pk)
        if survey.state != SurveyState.DRAFT:
            return redirect(f"/survey/{pk}")
        return self._form(survey, draft_of(survey), "", 200)

    @expose("/<int:pk>/edit", methods=["POST"])
    @has_access
    @permission_name("conduct")
    def change(self, pk: int) -> Any:
        """Keep the draft anew."""
        return self._save(pk)

    @expose("/<int:pk>")
    @has_access
    @permission_name("view")
    def show(self, pk: int) -> Any:
        """A draft: whom it would ask. An open or closed one: how many answered, and the figures."""
        return self._page(pk, "", 200)

    @expose("/<int:pk>/<string:step>", methods=["POST"])
    @has_access
    @permission_name("conduct")
    def step(self, pk: int, step: str) -> Any:
        """Open, remind, close, throw away."""
        if step not in STEPS:
            abort(404)
        actor, at = self.actor(), now()
        try:
            with transaction() as session:
                form = claimed(session, actor, at)
                count = STEPS[step](session, self._own(session, pk), actor, at)
                address = form.led_to("/survey/" if step == "discard" else f"/survey/{pk}")
        except LinliError as error:
            return self._page(pk, sentence(error), error.status)
        flash(_DONE[step](count), "success")
        return redirect(address)

    @expose("/<int:pk>/words")
    @has_access
    @permission_name("view")
    def words(self, pk: int) -> Any:
        """The free texts, without who wrote them: inside only."""
        session, actor = db.session(), self.actor()
        survey = self._own(session, pk)
        if survey.state == SurveyState.DRAFT:
            return redirect(f"/survey/{pk}")
        texts = free_texts(session, survey, actor)
        return self.render_template("surveys/words.html", survey=survey, texts=texts, **WORDS)

    @expose("/<int:pk>/figures.csv")
    @has_access
    @permission_name("view")
    def as_csv(self, pk: int) -> Response:
        """The figures as a file for a spreadsheet, without free texts. That they were taken along is kept."""
        survey, figures = self._evaluated(pk)
        head, lines = csv_rows(survey, figures)
        name = file_name(survey, "csv")
        note_taken(self.actor(), f"{survey.title} (csv)", "survey", pk)
        answer = Response(b"".join(csv_pieces(head, lines)), content_type="text/csv; charset=utf-8")
        return _as_file(answer, name)

    @expose("/<int:pk>/figures.pdf")
    @has_access
    @permission_name("view")
    def as_pdf(self, pk: int) -> Response:
        """The figures as a paper, in `?lang=` or the page's language."""
        survey, figures = self._evaluated(pk)
        locale = asked_language()
        with force_locale(locale):
            sheet, name = survey_sheet(survey, figures, locale), file_name(survey, "pdf")
        note_taken(self.actor(), f"{survey.title} (pdf)", "survey", pk)
        return sheet_answer(sheet, name)

    # ---- what is shown
    def _evaluated(self, pk: int) -> tuple[Survey, dict[str, Any]]:
        session = db.session()
        survey = self._own(session, pk)
        if survey.state == SurveyState.DRAFT:
            abort(404)
        return survey, figures_of(session, survey)

    def _save(self, pk: int | None) -> Any:
        actor, at, sent = self.actor(), now(), request.form.to_dict()
        places = request.form.getlist("places")
        ids = [pk_ for pk_ in map(as_id, places) if pk_ is not None]
        try:
            with transaction() as session:
                form = claimed(session, actor, at)
                known = self._own(session, pk) if pk is not None else None
                if known is not None:
                    hold_draft(session, known, {**sent, "places": places})
                made = surveys.save_draft(session, actor, at, sent, ids, known)
                address = form.led_to(f"/survey/{made.id}")
        except LinliError as error:
            db.session().rollback()
            known = self._own(db.session(), pk) if pk is not None else None
            return self._form(known, {**sent, "places": places}, sentence(error), error.status)
        return redirect(address)

    def _form(self, survey: Survey | None, values: dict[str, Any], error: str, status: int) -> Any:
        session, actor, today = db.session(), self.actor(), local(now()).date()
        offered = [one for one, _used in questionnaires.listed(session, actor, only_active=True)]
        offered = [one for one in offered if rules.CONDUCTORS[one.cycle] & actor.roles]
        page = self.render_template(
            "surveys/form.html",
            survey=survey,
            values={"percent": figure(session, "surveys.sample_percent"), **values},
            error=error,
            seen=seen(draft_of(survey) if survey else None),
            questionnaires=offered,
            buildings=_buildings(session, actor),
            days=figure(session, "surveys.open_days"),
            today=today,
            may_write=may("can_write", "QuestionPage"),
            **WORDS,
        )
        return page, status

    def _page(self, pk: int, error: str, status: int) -> Any:
        db.session().rollback()
        session, actor, at = db.session(), self.actor(), now()
        survey = self._own(session, pk)
        draft = survey.state == SurveyState.DRAFT
        shown = self.render_template(
            "surveys/show.html",
            survey=survey,
            error=error,
            reach=survey_frame.reach(session, survey, at) if draft else None,
            items=survey.questionnaire.items if draft else [],
            figures=None if draft else figures_of(session, survey),
            counts={} if draft else survey_answers.counts(session, actor, survey),
            conducts=may("can_conduct", "SurveyPage") and _conducts(survey, actor),
            takes=may("can_take", "SurveyHouseholds"),
            today=local(at).date(),
            **WORDS,
        )
        return shown, status

    def _own(self, session: Session, pk: int) -> Survey:
        return surveys.find(session, self.actor(), pk) or abort(404)


def _remind(session: Session, survey: Survey, actor: Any, at: datetime) -> int:
    surveys.may_conduct(survey, actor)
    return survey_texts.plan_reminders(session, survey, at, at_once=True)


def _conducts(survey: Survey, actor: Any) -> bool:
    try:
        surveys.may_conduct(survey, actor)
    except Forbidden:
        return False
    return True


def _due(found: list[Survey], actor: Any, today: Any) -> list[dict[str, str]]:
    """The cycles the reader is to make a survey for and has not in this period."""
    made = {(one.cycle, one.period_starts_on) for one in found if one.state != SurveyState.DRAFT}
    due = []
    for cycle in SurveyCycle:
        starts_on = rules.period_of(cycle, today)
        first = cycle != SurveyCycle.YEARLY and actor.has("steward")
        mine = first or (cycle == SurveyCycle.YEARLY and actor.has("manager"))
        if mine and (cycle, starts_on) not in made:
            due.append({"cycle": str(cycle), "period": period_words(cycle, starts_on)})
    return due


def _buildings(session: Session, actor: Any) -> list[Building]:
    wanted = (
        select(Building)
        .join(Community, Community.id == Building.community_id)
        .where(rows(actor, Building))
        .order_by(Community.id, Building.position, Building.id)
    )
    if not actor.has("manager", "admin"):
        wanted = wanted.where(Building.id.in_(actor.building_ids))
    return list(session.scalars(wanted))


def _as_file(answer: Response, name: str) -> Response:
    answer.headers["Content-Disposition"] = f"attachment; filename*=UTF-8''{quote(name)}"
    answer.headers["Cache-Control"] = "private, no-store"
    return answer


_DONE: dict[str, Callable[[Any], str]] = {
    "open": lambda count: gettext("The survey is open: %(count)s households are asked.", count=count),
    "remind": lambda count: gettext("Reminders are on their way to %(count)s households.", count=count),
    "close": lambda count: gettext("The survey is closed; its figures are frozen."),
    "discard": lambda count: gettext("The draft is thrown away."),
}
