"""`/a/<code>`: where a one-time link leads. Made for a phone held in one hand; no login, nothing about anybody but the asked."""

from __future__ import annotations

from typing import Any

from flask import Response, make_response, redirect, request, session
from flask_babel import force_locale, gettext
from sqlalchemy.orm import Session

from app.adapters.clock import now
from app.errors import LinliError
from app.extensions import db
from app.models import AnswerLink
from app.rules.codes import HouseholdState, SurveyState
from app.services import answer_links, login_limits, survey_answers, visit_links
from app.services.transaction import transaction
from app.services.visit_calls import matter
from app.views.base import BasePage, expose, open_to_all, sentence
from app.views.base.language import COOKIE
from app.views.login_check import wait_for
from app.views.survey_words import WORDS

_WHY = "for households without a login; a code of sixty bits is asked, and tries are limited"


class AnswerPage(BasePage):
    """Looking at a link does not use it up: messengers open links ahead."""

    route_base = "/a"
    default_view = "show"

    @expose("/<string:code>", methods=["GET"])
    @open_to_all(_WHY)
    def show(self, code: str) -> Any:
        """The question, or in a sentence why there is none any more."""
        link, refused = self._found(code)
        return refused if link is None else self._page(link, code)

    @expose("/<string:code>", methods=["POST"])
    @open_to_all(_WHY)
    def take(self, code: str) -> Any:
        """The answer."""
        link, refused = self._found(code)
        if link is None:
            return refused
        try:
            with transaction() as writing:
                _take(writing, writing.get_one(AnswerLink, link.id))
        except LinliError as error:
            db.session().rollback()
            link = answer_links.find(db.session(), code) or link
            if not _repeats(db.session(), link):
                return self._page(link, code, sentence(error), error.status)
        return _private(redirect(f"/a/{code}", 303))

    def _found(self, code: str) -> tuple[AnswerLink | None, Any]:
        """The link of a code, or the answer for a wrong one; wrong ones are counted for the address."""
        guess = login_limits.code_guess("answer", login_limits.network(request.remote_addr))
        wait = wait_for(guess)
        if wait:
            words = gettext("Too many tries. Please try again in %(minutes)d minutes.", minutes=-(-wait // 60))
            return None, self._sorry(words, 429)
        link = answer_links.find(db.session(), code)
        if link is not None:
            return link, None
        with transaction() as writing:
            login_limits.note_failure(writing, guess, now())
        return None, self._sorry(gettext("This link is not right. Please open it from the message again."), 404)

    def _page(self, link: AnswerLink, code: str, error: str = "", status: int = 200) -> Response:
        with force_locale(_language(link)):
            state = answer_links.state_of(link, now())
            if state == answer_links.EXPIRED:
                return self._sorry(gettext(answer_links.TOO_OLD), 410)
            if link.purpose == "survey":
                return self._survey(link, code, state, error, status)
            visit = link.visit
            assert visit is not None
            english = _language(link) == "en"
            page = self.render_template(
                "answers/visit.html",
                code=code,
                link=link,
                used=state == answer_links.USED,
                again=bool(error) and state == answer_links.USED,
                ticket=visit.ticket,
                matter=matter(visit.ticket, english),
                error=error,
                sent=request.form,
            )
            return _private(make_response(page, status))

    def _survey(self, link: AnswerLink, code: str, state: str, error: str, status: int) -> Response:
        household = link.household
        assert household is not None
        survey = household.survey
        used = household.state == HouseholdState.ANSWERED
        page = self.render_template(
            "answers/survey.html",
            code=code,
            survey=survey,
            used=used,
            again=bool(error) and used,
            closed=survey.state != SurveyState.OPEN,
            error=error,
            sent=survey_answers.read_form(dict(request.form.lists())) if error else {},
            **WORDS,
        )
        gone = survey.state != SurveyState.OPEN and not used and status == 200
        return _private(make_response(page, 410 if gone else status))

    def _sorry(self, words: str, status: int) -> Response:
        return _private(make_response(self.render_template("answers/sorry.html", words=words), status))


def _take(session: Session, link: AnswerLink) -> None:
    if link.purpose == "survey":
        sent = survey_answers.read_form(dict(request.form.lists()))
        survey_answers.answer_by_link(session, link, sent, now())
    else:
        visit_links.answer(session, link, request.form.to_dict(), now())


def _repeats(session: Session, link: AnswerLink) -> bool:
    """Whether a refused form is one that was taken the moment before: it leads to what that one made."""
    try:
        if link.purpose == "survey":
            return survey_answers.repeats(session, link, survey_answers.read_form(dict(request.form.lists())), now())
        return visit_links.repeats(session, link, request.form.to_dict(), now())
    except LinliError:
        return False


def _language(link: AnswerLink) -> str:
    """What the reader chose on this device, else the language the message was written in."""
    chosen = (request.args.get("_l_"), session.get("locale"), request.cookies.get(COOKIE))
    return next((str(code) for code in chosen if code in ("zh", "en")), link.locale)


def _private(answer: Any) -> Response:
    """Kept nowhere, and its address, which holds the code, told to nobody."""
    answer.headers["Cache-Control"] = "no-store"
    answer.headers["Referrer-Policy"] = "no-referrer"
    answer.headers["X-Robots-Tag"] = "noindex"
    return answer  # type: ignore[no-any-return]
