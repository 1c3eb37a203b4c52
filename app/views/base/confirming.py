"""A step that is not easily undone says what will happen before it happens; also without scripts.

A form holds `parts.confirm(sentence, button)`: a hidden field with the sentence. `static/js/confirm.js` shows it in a dialog
and takes the field out once confirmed. Without scripts the field arrives here, and the answer is a page that asks.
"""

from flask import Flask, Response, make_response, render_template, request

from app.extensions import appbuilder

FIELDS = ("csrf_token", "confirm", "confirm_button", "confirm_danger")
LONGEST = 600


def _ask() -> Response | None:
    if request.method != "POST" or request.path.startswith(("/api/", "/hotline/")) or request.files:
        return None
    text = request.form.get("confirm", "")[:LONGEST].strip()
    if not text:
        return None
    page = render_template(
        "crud/confirm.html",
        text=text,
        button=request.form.get("confirm_button", "")[:60],
        danger=bool(request.form.get("confirm_danger")),
        kept=[(name, value) for name, value in request.form.items(multi=True) if name not in FIELDS],
        address=request.full_path.rstrip("?"),
        back=_back(),
        appbuilder=appbuilder,
        base_template=appbuilder.base_template,
    )
    return make_response(page)


def _back() -> str:
    came_from = request.referrer or ""
    return came_from if came_from.startswith(request.host_url) else "/"


def install_confirming(app: Flask) -> None:
    """Ask before the view is reached; after the check of the form's token, which is registered earlier."""
    app.before_request(_ask)
