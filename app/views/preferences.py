"""Language and look of the one who reads: kept for the login on every device, and for this device before a log-in."""

from __future__ import annotations

from typing import Any

from flask import Flask, Response, abort, current_app, has_request_context, redirect, request, session
from flask_babel import refresh
from flask_login import user_logged_in, user_logged_out

from app.adapters.clock import now
from app.extensions import db
from app.models.preferences import LOCALES, THEMES
from app.services import preferences
from app.services.transaction import transaction
from app.views.base import BasePage, current_actor, expose, open_to_all
from app.views.base.language import COOKIE, LANGUAGE_FORM

THEME_COOKIE = "linli_theme"
A_YEAR = 365 * 24 * 3600


class PreferencesPage(BasePage):
    """The small switches of the top bar."""

    route_base = ""
    default_view = "language"

    @expose("/lang/<string:code>")
    @open_to_all("shows the pages of this session in another language, for a stranger too; stores nothing")
    def language(self, code: str) -> Any:
        """Read on in this language until the session ends: an address that may be linked to, so that it keeps nothing."""
        if code not in LOCALES:
            abort(404)
        return self._read_on(code)

    @expose(LANGUAGE_FORM, methods=["POST"])
    @open_to_all("chooses the language of the pages, for a stranger too; changes nothing but the reader's own choice")
    def keep_language(self) -> Any:
        """Change the language for good, for the login and for this device, and stay on the page."""
        code = request.form.get("locale", "")
        if code not in LOCALES:
            abort(400)
        actor = current_actor()
        if actor is not None:
            with transaction() as writing:
                preferences.set_locale(writing, actor, code)
        return _keep(self._read_on(code), COOKIE, code)

    @expose("/preferences/theme", methods=["POST"])
    @open_to_all("chooses between light and dark, for a stranger too; changes nothing but the reader's own choice")
    def theme(self) -> Any:
        """Change the look and stay on the page; a script that has changed it already wants no page."""
        theme = request.form.get("theme", "")
        if theme not in THEMES:
            abort(400)
        actor = current_actor()
        if actor is not None:
            with transaction() as writing:
                preferences.set_theme(writing, actor, theme)
        session["theme"] = theme
        quiet = request.headers.get("X-Fragment") == "1"
        answer = Response(status=204) if quiet else redirect(self.get_redirect())
        return _keep(answer, THEME_COOKIE, theme)

    def _read_on(self, code: str) -> Any:
        session["locale"] = code
        refresh()
        return redirect(self.get_redirect())

    @expose("/preferences/tour", methods=["POST"])
    @open_to_all("puts the tour away or calls it back; checked inside, and nothing but the reader's own")
    def tour(self) -> Any:
        """`again=1` shows the tour on the first page, anything else puts it away for good."""
        actor = current_actor()
        if actor is None:
            abort(401)
        again = request.form.get("again") == "1"
        with transaction() as writing:
            preferences.finish_tour(writing, actor, None if again else now())
        session["tour"] = again
        if request.headers.get("X-Fragment") == "1":
            return Response(status=204)
        return redirect("/" if again else self.get_redirect())


def current_theme() -> str:
    """`light`, `dark` or `auto` for this request."""
    for chosen in (session.get("theme"), request.cookies.get(THEME_COOKIE)):
        if chosen in THEMES:
            return str(chosen)
    return "auto"


def install_preferences(app: Flask) -> None:
    """Read a login's choices once, when it logs in, into its session: a page then asks the database nothing."""
    user_logged_in.connect(_enter, app)
    user_logged_out.connect(_leave, app)


def _enter(_app: Flask, user: Any, **_: Any) -> None:
    if not has_request_context():
        return
    chosen = preferences.preferences_of(db.session(), user.id)
    # A language chosen at the door is meant, also by somebody who usually reads the other one.
    if chosen.locale and "locale" not in session:
        session["locale"] = chosen.locale
    if chosen.theme:
        session["theme"] = chosen.theme
    session["tour"] = chosen.tour_done_at is None


def _leave(_app: Flask, **_: Any) -> None:
    for name in ("locale", "theme", "tour"):
        session.pop(name, None)


def _keep(answer: Any, name: str, value: str) -> Any:
    secure = bool(current_app.config["SESSION_COOKIE_SECURE"])
    answer.set_cookie(name, value, max_age=A_YEAR, secure=secure, httponly=True, samesite="Lax")
    return answer
