"""Every refusal as a sentence: JSON `{"message": …}` for machines, a page for people; never a trace, never half a row."""

import logging
from typing import Any
from urllib.parse import urlsplit

from flask import Flask, Response, flash, jsonify, make_response, redirect, render_template, request, url_for
from flask_babel import gettext
from flask_babel import lazy_gettext as _
from flask_limiter import RateLimitExceeded
from flask_wtf.csrf import CSRFError
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm.exc import StaleDataError
from werkzeug.exceptions import HTTPException, RequestEntityTooLarge

from app.errors import Incomplete, LinliError
from app.extensions import appbuilder, db
from app.models.preferences import LOCALES
from app.views.base.language import LANGUAGE_FORM
from app.views.base.late_forms import form_address, kept_form
from app.views.base.safety import sentence
from app.views.base.unread import install_reading, too_big

log = logging.getLogger(__name__)

LOGIN = "/login/"

_SENTENCES = {
    400: _("This request makes no sense here."),
    401: _("Please log in."),
    403: _("Your role does not allow this."),
    404: _("There is nothing here, or it is not yours to see."),
    405: _("This cannot be done here."),
    415: _("This kind of content is not understood."),
    429: _("Too many tries. Please wait a moment."),
    500: _("Something went wrong on our side. It has been written down."),
}


def wants_json() -> bool:
    """Whether a machine asks."""
    return request.path.startswith("/api/")


def refuse(status: int, message: str, **further: Any) -> Response:
    """The answer for a refusal, in the form the asker understands; `further` is for machines only."""
    if wants_json():
        return make_response(jsonify(message=message, **further), status)
    page = render_template(
        "crud/refusal.html",
        status=status,
        message=message,
        posted=request.method == "POST",
        back=form_address(),
        appbuilder=appbuilder,
        base_template=appbuilder.base_template,
    )
    return make_response(page, status)


def _linli(error: LinliError) -> Response:
    db.session.rollback()
    further = {"missing": list(error.missing)} if isinstance(error, Incomplete) else {}
    return refuse(error.status, sentence(error), **further)


def _http(error: HTTPException) -> Response:
    if error.response is not None:
        return make_response(error.response)
    status = error.code or 500
    if request.path.startswith("/hotline/"):
        return make_response(error.get_response())
    answer = refuse(status, _words(error, status))
    if status == 405 and getattr(error, "valid_methods", None):
        answer.headers["Allow"] = ", ".join(error.valid_methods or [])
    return answer


def _words(error: HTTPException, status: int) -> str:
    """The sentence: ours for the status; where something is too much, whoever refused may have said what."""
    if status != 413:
        return str(_SENTENCES.get(status, error.name))
    return too_big() if error.description == RequestEntityTooLarge.description else str(error.description)


def _limited(error: RateLimitExceeded) -> Response:
    answer = refuse(429, str(_SENTENCES[429]))
    answer.headers["Retry-After"] = "60"
    return answer


def _csrf(error: CSRFError) -> Response:
    if request.path in ("/login/", "/welcome", "/forgot"):
        # Nothing is lost but the password: a door that stood open overnight asks again instead of refusing.
        flash(gettext("This page was open for a long time. Please log in again."), "warning")
        return make_response(redirect(request.full_path.rstrip("?")))
    if request.path == LANGUAGE_FORM and (locale := request.form.get("locale")) in LOCALES:
        # What `/lang/…` does for everybody is not refused to a page that stood open too long.
        return make_response(redirect(url_for("PreferencesPage.language", code=locale)))
    return kept_form(400) or refuse(
        400, gettext("This form was open for too long. Please go back, reload the page and try again.")
    )


def _conflict(error: Exception) -> Response:
    db.session.rollback()
    log.info("refused by the database: %s", error)
    return refuse(409, gettext("Somebody else changed this at the same time. Please look again and repeat."))


def _crash(error: Exception) -> Response:
    db.session.rollback()
    log.exception("unexpected error at %s", request.path)
    return refuse(500, str(_SENTENCES[500]))


def _session_ended(response: Response) -> Response:
    """A form that would be answered by the log-in page alone: what was typed must not be gone."""
    if request.method != "POST" or response.status_code != 302 or request.path == LOGIN:
        return response
    if urlsplit(response.headers.get("Location", "")).path != LOGIN:
        return response
    return kept_form(401) or response


def install_refusals(app: Flask) -> None:
    """Answer every error of every page and resource here. A test run lets unexpected errors through."""
    app.after_request(_session_ended)
    install_reading(app)
    app.register_error_handler(LinliError, _linli)
    app.register_error_handler(CSRFError, _csrf)
    app.register_error_handler(RateLimitExceeded, _limited)
    app.register_error_handler(HTTPException, _http)
    app.register_error_handler(IntegrityError, _conflict)
    app.register_error_handler(StaleDataError, _conflict)
    if not app.testing:
        app.register_error_handler(Exception, _crash)
