"""Every refusal as a sentence: JSON `{"message": …}` for machines, a page for people; never a trace, never half a row."""

import logging

from flask import Flask, Response, jsonify, make_response, render_template, request
from flask_babel import gettext
from flask_babel import lazy_gettext as _
from flask_limiter import RateLimitExceeded
from flask_wtf.csrf import CSRFError
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm.exc import StaleDataError
from werkzeug.exceptions import HTTPException

from app.errors import LinliError
from app.extensions import appbuilder, db
from app.views.base.safety import sentence

log = logging.getLogger(__name__)

_SENTENCES = {
    400: _("This request makes no sense here."),
    401: _("Please log in."),
    403: _("Your role does not allow this."),
    404: _("There is nothing here, or it is not yours to see."),
    405: _("This cannot be done here."),
    413: _("This is too big."),
    415: _("This kind of content is not understood."),
    429: _("Too many tries. Please wait a moment."),
    500: _("Something went wrong on our side. It has been written down."),
}


def wants_json() -> bool:
    """Whether a machine asks."""
    return request.path.startswith("/api/")


def refuse(status: int, message: str) -> Response:
    """The answer for a refusal, in the form the asker understands."""
    if wants_json():
        return make_response(jsonify(message=message), status)
    page = render_template(
        "crud/refusal.html",
        status=status,
        message=message,
        appbuilder=appbuilder,
        base_template=appbuilder.base_template,
    )
    return make_response(page, status)


def _linli(error: LinliError) -> Response:
    db.session.rollback()
    return refuse(error.status, sentence(error))


def _http(error: HTTPException) -> Response:
    if error.response is not None:
        return make_response(error.response)
    status = error.code or 500
    if request.path.startswith("/hotline/"):
        return make_response(error.get_response())
    answer = refuse(status, str(_SENTENCES.get(status, error.name)))
    if status == 405 and getattr(error, "valid_methods", None):
        answer.headers["Allow"] = ", ".join(error.valid_methods or [])
    return answer


def _limited(error: RateLimitExceeded) -> Response:
    answer = refuse(429, str(_SENTENCES[429]))
    answer.headers["Retry-After"] = "60"
    return answer


def _csrf(error: CSRFError) -> Response:
    return refuse(400, gettext("This form was open for too long. Please go back, reload the page and try again."))


def _conflict(error: Exception) -> Response:
    db.session.rollback()
    log.info("refused by the database: %s", error)
    return refuse(409, gettext("Somebody else changed this at the same time. Please look again and repeat."))


def _crash(error: Exception) -> Response:
    db.session.rollback()
    log.exception("unexpected error at %s", request.path)
    return refuse(500, str(_SENTENCES[500]))


def install_refusals(app: Flask) -> None:
    """Answer every error of every page and resource here. A test run lets unexpected errors through."""
    app.register_error_handler(LinliError, _linli)
    app.register_error_handler(CSRFError, _csrf)
    app.register_error_handler(RateLimitExceeded, _limited)
    app.register_error_handler(HTTPException, _http)
    app.register_error_handler(IntegrityError, _conflict)
    app.register_error_handler(StaleDataError, _conflict)
    if not app.testing:
        app.register_error_handler(Exception, _crash)
