"""The one-time key of a form, in the page and in what was sent."""

import hashlib
import re
import secrets
from datetime import datetime

from flask import Flask, abort, flash, has_request_context, redirect, request
from flask_babel import gettext
from sqlalchemy.orm import Session
from werkzeug.wrappers import Response

from app.services.actors import Actor
from app.services.once import Once, once

FIELD = "form_key"
_NOT_CONTENT = ("csrf_token", "confirm", "confirm_button", "confirm_danger")
_KEY = re.compile(r"[0-9a-f]{32}", re.ASCII)


def form_key() -> str:
    """The key for a form in this page: a new one, or the one just sent when the form is shown again after a refusal."""
    sent = request.form.get(FIELD, "") if has_request_context() and request.method == "POST" else ""
    return sent if _KEY.fullmatch(sent) else secrets.token_hex(16)


def sent_key() -> str | None:
    """What `services.once` remembers of the form that was sent: its key with its content.

    The same form with other words in it (somebody went back and wrote a second matter) is another form.
    """
    key = request.form.get(FIELD, "")
    if not _KEY.fullmatch(key):
        return None
    content = sorted((name, value) for name, value in request.form.items(multi=True) if name not in _NOT_CONTENT)
    content += sorted((name, file.filename or "") for name, file in request.files.items(multi=True))
    return hashlib.sha256(repr(content).encode("utf-8", "surrogatepass")).hexdigest()


def claimed(session: Session, actor: Actor, at: datetime) -> Once:
    """The key of the form that was sent, claimed in the caller's transaction before anything is done: say where it led with `led_to`.

    A form that was sent before ends here: its transaction is rolled back, and the answer leads to what it made then.
    """
    form = once(session, sent_key(), actor, at)
    if form.address is not None:
        abort(again(form.address))
    return form


def again(address: str) -> Response:
    """The answer to a form that was sent before: what it made then."""
    flash(gettext("This had been sent already: here is what came of it. Nothing was made twice."), "info")
    return redirect(address)


def install_replay(app: Flask) -> None:
    """`form_key()` in every template; the macro `parts.once()` puts it into a form."""
    app.jinja_env.globals["form_key"] = form_key
