"""Logins that end with the password they were made with, and limits on guessing it."""

import hmac
from hashlib import sha256
from typing import Any

from flask import Response, current_app, g, request, session
from flask_appbuilder.security.sqla.models import User
from flask_appbuilder.utils.limit import Limit
from flask_limiter.util import get_remote_address
from flask_login import user_logged_in

FINGERPRINT = "pw"


def fingerprint(user: User) -> str:
    """A keyed digest of the stored password hash: changes with the password, tells nothing about it."""
    key = str(current_app.config["SECRET_KEY"]).encode()
    return hmac.new(key, (user.password or "").encode(), sha256).hexdigest()[:24]


def still_valid(user: User, mark: object) -> bool:
    """Whether `mark`, kept in a session or token, was made with the password the user has now."""
    return isinstance(mark, str) and hmac.compare_digest(mark, fingerprint(user))


def _remember_fingerprint(_sender: Any, user: User, **_: Any) -> None:
    session[FINGERPRINT] = fingerprint(user)


user_logged_in.connect(_remember_fingerprint)


def login_failed(_response: Response) -> bool:
    """Whether this request was a refused log-in: only those count against the limit."""
    return bool(g.get("linli_login_failed"))


def guesser() -> str:
    """Whom a failed log-in counts for: the address together with the user name that was tried."""
    username: Any = request.form.get("username")
    if username is None and request.is_json:
        body = request.get_json(silent=True)
        username = body.get("username") if isinstance(body, dict) else None
    return f"{get_remote_address()}|{str(username or '')[:64].lower()}"


def _per_guesser() -> str:
    return str(current_app.config.get("LOGIN_FAILURES_PER_NAME", "30 per minute"))


def _per_address() -> str:
    return str(current_app.config.get("LOGIN_FAILURES_PER_ADDRESS", "200 per minute"))


def login_limits() -> list[Limit]:
    """The limits of the form and of the API alike: failures per address and name, and failures per address."""
    common: dict[str, Any] = {"methods": ["POST"], "deduct_when": login_failed, "cost": 1}
    return [
        Limit(limit_value=_per_guesser, key_func=guesser, **common),
        Limit(limit_value=_per_address, key_func=get_remote_address, **common),
    ]
