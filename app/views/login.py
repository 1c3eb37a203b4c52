"""The two doors: the log-in form and `/api/v1/security/login`, one check and one lock behind both."""

from typing import Any

from flask import Response, flash, g, make_response, redirect, request, session
from flask_appbuilder import expose
from flask_appbuilder.api import expose as api_expose
from flask_appbuilder.api import safe
from flask_appbuilder.security.api import SecurityApi
from flask_appbuilder.security.forms import LoginForm_db
from flask_appbuilder.security.views import AuthDBView
from flask_appbuilder.utils.base import get_safe_redirect
from flask_babel import gettext, ngettext
from flask_jwt_extended import create_access_token, create_refresh_token, get_jwt_identity, verify_jwt_in_request
from flask_login import logout_user
from werkzeug.exceptions import BadRequest

from app.adapters.clock import now
from app.extensions import db
from app.rules.codes import AccessAction
from app.services import login_limits
from app.services.login_audit import note
from app.services.login_state import end_session
from app.services.transaction import transaction
from app.views.base.arguments import is_readable
from app.views.credentials import SESSION_KEY
from app.views.login_check import check, wait_for
from app.views.login_steps import Step, next_step, take


class LoginPage(AuthDBView):
    """The form, and the way out."""

    @expose("/login/", methods=["GET", "POST"])
    def login(self) -> Any:
        """Ask for name and password; whoever is in already goes on."""
        if g.user is not None and g.user.is_authenticated:
            return redirect(self._get_safe_next_url())
        form = LoginForm_db()
        if not form.validate_on_submit():
            return self._form(form)
        answer = check(form.username.data, form.password.data)
        if answer.wait:
            return self._form(form, locked_words(answer.wait), 429, answer.wait)
        if answer.user_id is None:
            return self._form(form, gettext("Invalid login. Please try again."))
        return redirect(take(answer.user_id, get_safe_redirect(request.args.get("next") or "/")))

    def _form(self, form: Any, error: str = "", status: int = 200, wait: int = 0) -> Response:
        page = self.render_template(self.login_template, title=self.title, form=form, error=error)
        answer = make_response(page, status)
        answer.headers["Cache-Control"] = "no-store"
        if wait:
            answer.headers["Retry-After"] = str(wait)
        return answer

    @expose("/logout/", methods=["GET", "POST"])
    def logout(self) -> Any:
        """End the session, here and in every copy of its cookie. A link on somebody else's page only gets asked back."""
        if g.user is None or not g.user.is_authenticated:
            return redirect("/")
        if request.method == "GET" and not _meant():
            return self.render_template("login/logout.html")
        with transaction() as writing:
            user = self.appbuilder.sm.get_user_by_id(g.user.id)
            end_session(writing, session.get(SESSION_KEY, ""), now())
            note(writing, user, AccessAction.LOGOUT, now(), address=request.remote_addr)
        logout_user()
        kept = {name: session[name] for name in ("locale", "theme") if name in session}
        session.clear()
        session.update(kept)
        flash(gettext("You are logged out."), "success")
        return redirect("/login/")


def _meant() -> bool:
    """Whether a GET comes from our own pages or the person's own hand, and not from a browser that loads ahead."""
    ahead = request.headers.get("Sec-Purpose") or request.headers.get("Purpose")
    return not ahead and request.headers.get("Sec-Fetch-Site") in ("none", "same-origin")


def locked_words(wait: int) -> str:
    """The sentence of a lock, with the minutes that are left."""
    left = -(-wait // 60)
    return ngettext(
        "Too many wrong tries: log-in is locked for %(num)d minute. The right password does not open it earlier.",
        "Too many wrong tries: log-in is locked for %(num)d minutes. The right password does not open it earlier.",
        left,
    )


class LoginApi(SecurityApi):
    """The token door (I5): `provider` may be left out, and a body that makes no sense is 400 with a sentence."""

    resource_name = "security"

    @api_expose("/login", methods=["POST"])
    @safe
    def login(self) -> Response:
        """Exchange a user name and a password for a token
        ---
        post:
          description: >-
            Authenticate and get a JWT access token, and a refresh token when asked. A login with a second factor also sends
            `code`. After too many wrong tries the name is locked for a while: 429 with Retry-After.
          requestBody:
            required: true
            content:
              application/json:
                schema:
                  type: object
                  required: [username, password]
                  properties:
                    username: {type: string}
                    password: {type: string}
                    code: {type: string}
                    provider: {type: string, enum: [db]}
                    refresh: {type: boolean}
          responses:
            200:
              description: The tokens
              content:
                application/json:
                  schema:
                    type: object
                    properties:
                      access_token: {type: string}
                      refresh_token: {type: string}
            400:
              $ref: '#/components/responses/400'
            401:
              $ref: '#/components/responses/401'
            403:
              $ref: '#/components/responses/403'
        """
        body = _body()
        if body is None:
            return self.response_400(message=gettext("The body must be a JSON object with a user name and a password"))
        username, password = body.get("username"), body.get("password")
        if not isinstance(username, str) or not isinstance(password, str) or not username or not password:
            return self.response_400(message=gettext("User name and password are required"))
        if body.get("provider", "db") != "db":
            return self.response_400(message=gettext("Only the provider db is known"))
        answer = check(username, password)
        if answer.wait:
            return self._locked(answer.wait)
        if answer.user_id is None:
            return self.response(401, message=gettext("Invalid login. Please try again."))
        return self._admit(answer.user_id, body)

    def _admit(self, user_id: int, body: dict[str, Any]) -> Response:
        code = body.get("code")
        step = next_step(user_id, code if isinstance(code, str) else None)
        if step.wait:
            return self._locked(step.wait)
        if step.refusal:
            return self.response(step.status, message=step.refusal)
        tokens = {"access_token": create_access_token(identity=str(user_id), fresh=True)}
        if body.get("refresh"):
            tokens["refresh_token"] = create_refresh_token(identity=str(user_id))
        Step.completed(user_id)
        return self.response(200, **tokens)

    @api_expose("/refresh", methods=["POST"])
    def refresh(self) -> Response:
        """A new access token for a refresh token
        ---
        post:
          description: Use the refresh token to get a new JWT access token
          responses:
            200:
              description: The new token
              content:
                application/json:
                  schema:
                    type: object
                    properties:
                      access_token: {type: string}
            401:
              $ref: '#/components/responses/401'
          security:
            - jwt_refresh: []
        """
        guess = login_limits.code_guess("refresh", login_limits.network(request.remote_addr), "login.failures_address")
        wait = wait_for(guess)
        if wait:
            return self._locked(wait)
        try:
            verify_jwt_in_request(refresh=True)
        except Exception:
            db.session.rollback()
            with transaction() as writing:
                login_limits.note_failure(writing, guess, now())
            raise
        return self.response(200, access_token=create_access_token(identity=get_jwt_identity(), fresh=False))

    def _locked(self, wait: int) -> Response:
        answer: Response = self.response(429, message=locked_words(wait))
        answer.headers["Retry-After"] = str(wait)
        return answer


def _body() -> dict[str, Any] | None:
    try:
        body = request.get_json(force=True)
    except (BadRequest, RecursionError):
        return None
    return body if isinstance(body, dict) and is_readable(body) else None
