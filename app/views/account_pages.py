"""`/account`: everybody's own login. Name, password, second factor, latest log-ins, log-out everywhere."""

from __future__ import annotations

from typing import Any

from flask import Response, flash, g, make_response, redirect, request, session
from flask_appbuilder.security.sqla.models import User
from flask_babel import gettext
from sqlalchemy import select
from werkzeug.security import check_password_hash

from app.adapters.clock import now
from app.errors import N_, Invalid, LinliError
from app.extensions import db
from app.models import AccessEntry
from app.rules.codes import AccessAction
from app.rules.passwords import LONGEST, SHORTEST
from app.services import login_limits, second_factor
from app.services.actors import Actor
from app.services.login_audit import may_rename_oneself, note, note_failed, rename
from app.services.login_state import end_all_sessions, live_user, store_password
from app.services.transaction import transaction
from app.services.users import check_password, hash_password, names_of
from app.views.base import BasePage, expose, open_to_all, sentence
from app.views.credentials import MUST_CHANGE, MUST_ENROL, renew_session
from app.views.login import locked_words
from app.views.login_check import wait_for

_OWN = "everybody's own login; strangers are sent to the log-in"
SHOWN = (AccessAction.LOGIN, AccessAction.LOGIN_FAILED, AccessAction.LOGIN_LOCKED, AccessAction.LOGOUT)
MOST_SHOWN = 12


class AccountPage(BasePage):
    """Open to every role, also to those an administrator made: nobody's own password may depend on a line elsewhere."""

    route_base = "/account"
    default_view = "index"

    @expose("/")
    @open_to_all(_OWN)
    def index(self) -> Any:
        """Everything about one's own login."""
        user = own_login()
        return to_login() if user is None else self._page(user)

    @expose("/name", methods=["POST"])
    @open_to_all(_OWN)
    def name(self) -> Any:
        """Change how one is called."""
        user = own_login()
        if user is None:
            return to_login()
        typed = request.form.get("name", "")
        try:
            with transaction() as writing:
                row = writing.get_one(User, user.id)
                rename(writing, row, typed, now(), request.remote_addr, self.actor())
        except LinliError as error:
            return self._page(own_login(), {"name": sentence(error)}, error.status)
        flash(gettext("Your name was changed."), "success")
        return redirect("/account/")

    @expose("/password", methods=["GET"])
    @open_to_all(_OWN)
    def password(self) -> Any:
        """The form for a new password."""
        user = own_login()
        return to_login() if user is None else self._password(user)

    @expose("/password", methods=["POST"])
    @open_to_all(_OWN)
    def change_password(self) -> Any:
        """Change it: the present one is asked, unless it was given by somebody else and typed a moment ago."""
        user = own_login()
        if user is None:
            return to_login()
        forced = bool(session.get(MUST_CHANGE))
        if not forced:
            wait, known = check_own_password(user, request.form.get("current", ""))
            if wait or not known:
                error = locked_words(wait) if wait else gettext("This is not your present password.")
                return self._password(own_login(), {"current": error}, 429 if wait else 400)
        user = own_login()
        try:
            fresh = new_password(request.form, user, different_from=user.password)
        except FieldError as problem:
            return self._password(user, {problem.field: sentence(problem.error)}, 400)
        with transaction() as writing:
            row = writing.get_one(User, user.id)
            store_password(writing, row, hash_password(fresh), given=False)
            note(writing, row, AccessAction.PASSWORD_CHANGED, now(), address=request.remote_addr)
        _stay_in(user.id)
        flash(gettext("Your password was changed. All other devices are logged out."), "success")
        return redirect("/account/second-factor" if session.get(MUST_ENROL) else "/" if forced else "/account/")

    @expose("/sessions/end", methods=["POST"])
    @open_to_all(_OWN)
    def end_sessions(self) -> Any:
        """End every session and token of one's own but this one."""
        user = own_login()
        if user is None:
            return to_login()
        with transaction() as writing:
            end_all_sessions(writing, user.id)
            note(writing, writing.get_one(User, user.id), AccessAction.LOGOUT, now(), address=request.remote_addr)
        _stay_in(user.id)
        flash(gettext("All other devices are logged out."), "success")
        return redirect("/account/")

    def _page(self, user: Any, errors: dict[str, str] | None = None, status: int = 200) -> Response:
        reading = db.session()
        actor: Actor = self.actor()
        entries = select(AccessEntry).where(AccessEntry.subject_kind == "user", AccessEntry.subject_id == user.id)
        shown = entries.where(AccessEntry.action.in_(SHOWN)).order_by(AccessEntry.id.desc()).limit(MOST_SHOWN)
        page = self.render_template(
            "account/index.html",
            user=user,
            actor=actor,
            errors=errors or {},
            renames=may_rename_oneself(reading, user, actor),
            typed_name=request.form.get("name", actor.display_name),
            entries=list(reading.scalars(shown)),
            factor_on=second_factor.is_on(reading, user.id),
            factor_offered=second_factor.is_offered(reading, actor.roles),
            factor_required=second_factor.is_required(reading, user),
            codes_left=second_factor.recovery_codes_left(reading, user.id),
            mail=user.email if user.email and not user.email.endswith(".invalid") else "",
        )
        return make_response(page, status)

    def _password(self, user: Any, errors: dict[str, str] | None = None, status: int = 200) -> Response:
        page = self.render_template(
            "account/password.html",
            user=user,
            errors=errors or {},
            forced=bool(session.get(MUST_CHANGE)),
            shortest=SHORTEST,
            longest=LONGEST,
        )
        return make_response(page, status)


class OldPages(BasePage):
    """Where Flask-AppBuilder has these pages: old links lead to ours."""

    route_base = ""

    @expose("/resetmypassword/form")
    @expose("/userinfoeditview/form")
    @open_to_all("leads on")
    def account(self) -> Any:
        """On to the account."""
        return redirect("/account/password" if request.path.startswith("/resetmy") else "/account/")


class FieldError(Exception):
    """A sentence that belongs to a field."""

    def __init__(self, field: str, error: LinliError) -> None:
        super().__init__(field)
        self.field, self.error = field, error


def own_login() -> Any:
    """Who is in, read anew."""
    user = g.get("user")
    if user is None or not user.is_authenticated:
        return None
    return db.session.get(User, user.id)


def to_login() -> Response:
    """To the log-in, and back here afterwards."""
    back = request.path if request.method == "GET" else "/account/"
    return redirect(f"/login/?next={back}")  # type: ignore[return-value]


def check_own_password(user: User, password: str) -> tuple[int, bool]:
    """(seconds to wait, right): somebody at an unattended screen may guess no more often than at the door."""
    guess = login_limits.code_guess("own", str(user.id))
    wait = wait_for(guess)
    if wait:
        return wait, False
    stored = user.password or ""
    db.session.rollback()
    good = len(password) <= LONGEST and "\x00" not in password and check_password_hash(stored, password)
    with transaction() as writing:
        if good:
            login_limits.note_success(writing, guess, now())
        else:
            login_limits.note_failure(writing, guess, now())
            owner = writing.get(User, g.user.id)
            note_failed(writing, owner, AccessAction.LOGIN_FAILED, now(), request.remote_addr)
    return 0, good


def new_password(form: Any, user: User, *, different_from: str | None = None) -> str:
    """The new password out of a form's `password` and `again`. Raises FieldError with the sentence and its field."""
    password, again = form.get("password", ""), form.get("again", "")
    try:
        check_password(password, names_of(user))
        if different_from and check_password_hash(different_from, password):
            raise Invalid(N_("This is the old password: take another one."))
    except Invalid as error:
        raise FieldError("password", error) from error
    if password != again:
        raise FieldError("again", Invalid(N_("The two passwords are not the same.")))
    return str(password)


def _stay_in(user_id: int) -> None:
    found = live_user(db.session(), user_id, None)
    if found is not None:
        renew_session(*found)
