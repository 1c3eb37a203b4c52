"""Sessions and tokens that end with the password they were made with, with log-out everywhere, and with idleness."""

import hmac
import secrets
from datetime import timedelta
from typing import Any

from flask import Flask, Request, current_app, request, session
from flask.sessions import SecureCookieSession, SecureCookieSessionInterface, SessionMixin
from flask_appbuilder.security.sqla.models import User
from flask_login import login_user
from itsdangerous import BadSignature, URLSafeTimedSerializer

from app.adapters.clock import now
from app.extensions import db
from app.rules.digits import is_number
from app.services.askers import Asker, asker
from app.services.keyed import keyed_digest
from app.services.login_state import live_user
from app.views.base.local import zone

FINGERPRINT = "pw"
SESSION_KEY = "sid"
MUST_CHANGE = "must_change"
MUST_ENROL = "must_enrol"

RENEWED_EVERY = timedelta(minutes=1)

_KEPT_AT_LOGIN = ("locale", "theme")
_WRITTEN_AT = "linli.session_written_at"


def fingerprint(user: User | Asker, epoch: int) -> str:
    """A keyed digest of the stored password hash and the epoch of the login's sessions: changes with either, tells nothing."""
    key = str(current_app.config["SECRET_KEY"]).encode()
    return keyed_digest(key, f"{epoch}\0{user.password or ''}")[:24]


def user_of(pk: object, mark: object, session_key: str | None = None) -> User | None:
    """The active user `pk` when `mark`, kept in the session or token, still is theirs."""
    text = str(pk)
    if not isinstance(mark, str) or not is_number(text, 10):
        return None
    found = live_user(db.session(), int(text), session_key)
    if found is None or not hmac.compare_digest(mark, fingerprint(*found)):
        return None
    return found[0]


def asker_of(pk: object, mark: object, session_key: str | None = None) -> Asker | None:
    """The same for the one who asks, with what they may do and see, in one statement."""
    text = str(pk)
    if not isinstance(mark, str) or not is_number(text, 10):
        return None
    public = str(current_app.config["AUTH_ROLE_PUBLIC"])
    found = asker(db.session(), int(text), session_key, public, now(), zone())
    if found is None or not hmac.compare_digest(mark, fingerprint(found, found.epoch)):
        return None
    return found


def begin_session(user: User, epoch: int) -> None:
    """Let a user in, in a session of its own: nothing of what the browser carried before goes over but its looks."""
    kept = {name: session[name] for name in _KEPT_AT_LOGIN if name in session}
    session.clear()
    session.update(kept)
    session[SESSION_KEY] = secrets.token_urlsafe(18)
    session[FINGERPRINT] = fingerprint(user, epoch)
    session.permanent = True
    login_user(user, remember=False)


def renew_session(user: User, epoch: int) -> None:
    """Keep this browser in after its own password change or log-out everywhere: all the others have ended."""
    session[FINGERPRINT] = fingerprint(user, epoch)
    session.pop(MUST_CHANGE, None)


class IdleSessions(SecureCookieSessionInterface):
    """A session ends after SESSION_IDLE_HOURS without a person at it: what scripts fetch by themselves keeps nobody in."""

    def __init__(self) -> None:
        self._serializers: dict[Any, Any] = {}

    def get_signing_serializer(self, app: Flask) -> URLSafeTimedSerializer | None:
        """Flask's own, made once."""
        key = (app.secret_key, tuple(app.config["SECRET_KEY_FALLBACKS"] or ()))
        if key not in self._serializers:
            self._serializers[key] = super().get_signing_serializer(app)
        found: URLSafeTimedSerializer | None = self._serializers[key]
        return found

    def open_session(self, app: Flask, request: Request) -> SecureCookieSession | None:
        """Flask's own, with the instant at which the cookie was written."""
        signer, cookie = self.get_signing_serializer(app), request.cookies.get(self.get_cookie_name(app))
        if signer is None or not cookie:
            return super().open_session(app, request)
        most = int(app.permanent_session_lifetime.total_seconds())
        try:
            content, written_at = signer.loads(cookie, max_age=most, return_timestamp=True)
        except BadSignature:
            return self.session_class()
        request.environ[_WRITTEN_AT] = written_at
        return self.session_class(content)

    def should_set_cookie(self, app: Flask, session: SessionMixin) -> bool:
        """Renew the cookie's date on the pages a person opens, and write it whenever something changed. A date of this very
        minute is as good as a new one."""
        if session.modified or not session.permanent or _by_itself(request):
            return session.modified
        written_at = request.environ.get(_WRITTEN_AT)
        return written_at is None or not timedelta() <= now() - written_at < RENEWED_EVERY


def _by_itself(asked: Request) -> bool:
    return asked.method == "GET" and asked.headers.get("Sec-Fetch-Dest", "document") != "document"


def remember(name: str, value: Any) -> None:
    """Keep something in the session, or take it out when it is empty."""
    if value:
        session[name] = value
    else:
        session.pop(name, None)
