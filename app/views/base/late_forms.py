"""A form that arrives when its session or its token has ended: it is answered with a page that still holds what was typed."""

import re
from urllib.parse import urlencode, urlsplit

from flask import Response, g, make_response, render_template, request, url_for
from flask_login import current_user
from werkzeug.exceptions import RequestEntityTooLarge

from app.extensions import appbuilder

_NOT_TYPED = (
    "csrf_token",
    "form_key",
    "seen",
    "revision",
    "back",
    "confirm",
    "confirm_button",
    "confirm_danger",
    "fresh",
)
_SECRET = ("pass", "secret", "token", "otp")
_SECRET_PATHS = ("/login", "/account", "/users", "/reset")
_CODE = re.compile(r"[a-z_]*|\d{1,9}", re.ASCII)
"""What a chip, a switch or a picker sends is no text of anybody's."""
MOST_FIELDS = 200


def form_address() -> str:
    """The path of the page that holds the form, where the browser says so; else nothing."""
    came_from = urlsplit(request.referrer or "")
    if not came_from.netloc or came_from.netloc != request.host:
        return ""
    return came_from.path + (f"?{came_from.query}" if came_from.query else "")


def kept_form(status: int) -> Response | None:
    """The page, or None where there is nothing to keep, something secret, or a sender that is not a page of ours.

    A form of somebody else's page is never offered for sending again: that is what the token is for.
    """
    if request.path.startswith(("/api/", "/hotline/", *_SECRET_PATHS)) or not _is_ours():
        return None
    try:
        fields = [(name, value) for name, value in request.form.items(multi=True) if name != "csrf_token"]
    except RequestEntityTooLarge:
        return None
    if not fields or len(fields) > MOST_FIELDS or any(mark in name.lower() for name, _v in fields for mark in _SECRET):
        return None
    # The token is looked at before anybody is known.
    g.setdefault("user", current_user)
    typed = [value for name, value in fields if name not in _NOT_TYPED and not _CODE.fullmatch(value.strip())]
    back = form_address() or request.path
    page = render_template(
        "crud/kept.html",
        fields=fields,
        typed=typed,
        address=request.full_path.rstrip("?"),
        back=back,
        login=f"{url_for('LoginPage.login')}?{urlencode({'next': back})}",
        appbuilder=appbuilder,
        base_template=appbuilder.base_template,
    )
    return make_response(page, status)


def _is_ours() -> bool:
    origin = request.headers.get("Origin", "")
    return request.headers.get("Sec-Fetch-Site") == "same-origin" or origin == request.host_url.rstrip("/")
