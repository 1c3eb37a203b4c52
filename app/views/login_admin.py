"""An administrator's hand on somebody's login: unlock, a new first password, second factor taken off, sessions ended."""

from __future__ import annotations

from typing import Any

from flask import Response, abort, flash, make_response, redirect, request
from flask_appbuilder.security.sqla.models import User
from flask_babel import gettext
from sqlalchemy import select

from app.adapters.clock import now
from app.errors import Invalid
from app.extensions import db
from app.models import AccessEntry
from app.rules.codes import AccessAction
from app.services import login_limits, second_factor
from app.services.actors import display_name
from app.services.keyed import grouped, random_code
from app.services.login_audit import note
from app.services.login_state import end_all_sessions, must_change, store_password
from app.services.transaction import transaction
from app.services.users import check_password, hash_password, names_of
from app.views.base import BasePage, expose, has_access, permission_name, sentence

MOST_SHOWN = 20


class LoginAdminPage(BasePage):
    """`/logins/<user>`."""

    route_base = "/logins"
    default_view = "show"

    @expose("/<int:user_id>", methods=["GET"])
    @has_access
    @permission_name("view")
    def show(self, user_id: int) -> Any:
        """The state of one login and what can be done about it."""
        return self._page(user_id)

    @expose("/<int:user_id>/<string:step>", methods=["POST"])
    @has_access
    @permission_name("edit")
    def step(self, user_id: int, step: str) -> Any:
        """One of the steps; each stands in the audit trail with the administrator's name."""
        if db.session.get(User, user_id) is None or step not in ("unlock", "password", "factor", "sessions"):
            abort(404)
        if step == "password":
            return self._new_password(user_id)
        actor, moment = self.actor(), now()
        with transaction() as writing:
            user = writing.get_one(User, user_id)
            if step == "unlock":
                login_limits.unlock_name(writing, user.username)
                note(writing, user, AccessAction.UNLOCKED, moment, by=actor)
            elif step == "factor":
                second_factor.switch_off(writing, user_id)
                end_all_sessions(writing, user_id)
                note(writing, user, AccessAction.SECOND_FACTOR_OFF, moment, by=actor)
            else:
                end_all_sessions(writing, user_id)
                note(writing, user, AccessAction.LOGOUT, moment, by=actor)
        said = {
            "unlock": gettext("The login is open again."),
            "factor": gettext("The second factor is taken off; all sessions have ended."),
            "sessions": gettext("All sessions and tokens have ended."),
        }
        flash(said[step], "success")
        return redirect(f"/logins/{user_id}")

    def _new_password(self, user_id: int) -> Response:
        """A first password, typed or made here; it is shown once and must be changed at the next log-in."""
        user = db.session.get(User, user_id)
        typed = request.form.get("password", "")
        fresh = typed or grouped(random_code(12))
        try:
            check_password(fresh, names_of(user))
        except Invalid as error:
            return self._page(user_id, error=sentence(error), status=400)
        actor = self.actor()
        with transaction() as writing:
            row = writing.get_one(User, user_id)
            store_password(writing, row, hash_password(fresh), given=True)
            login_limits.unlock_name(writing, row.username)
            note(writing, row, AccessAction.PASSWORD_RESET, now(), by=actor)
        return self._page(user_id, given="" if typed else fresh, done=True)

    def _page(self, user_id: int, error: str = "", given: str = "", done: bool = False, status: int = 200) -> Response:
        reading = db.session()
        user = reading.get(User, user_id)
        if user is None:
            abort(404)
        about = (AccessEntry.subject_kind == "user", AccessEntry.subject_id == user_id)
        entries = select(AccessEntry).where(*about).order_by(AccessEntry.id.desc()).limit(MOST_SHOWN)
        page = self.render_template(
            "account/login_admin.html",
            user=user,
            name=display_name(user) or user.username,
            error=error,
            given=given,
            done=done,
            locked=login_limits.is_locked(reading, user.username, now()),
            factor_on=second_factor.is_on(reading, user_id),
            must_change=must_change(reading, user_id),
            entries=list(reading.scalars(entries)),
        )
        return make_response(page, status)
