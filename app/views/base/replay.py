"""The one-time key of a form, in the page and in what was sent."""

import hashlib
import re
import secrets

from flask import Flask, flash, has_request_context, redirect, request
from flask_babel import gettext
from werkzeug.wrappers import Response

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


def again(address: str) -> Response:
    """The answer to a form that was sent before: what it made then."""
    flash(gettext("This had been sent already: here is what came of it. Nothing was made twice."), "info")
    return redirect(address)


def install_replay(app: Flask) -> None:
    """`form_key()` in every template; the macro `parts.once()` puts it into a form."""
    app.jinja_env.globals["form_key"] = form_key
