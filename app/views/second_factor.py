"""The second factor: its page after the password, setting it up with a picture, recovery codes, switching it off."""

from __future__ import annotations

from typing import Any

import segno
from flask import Response, flash, make_response, redirect, request, session
from flask_appbuilder.security.sqla.models import User
from flask_babel import gettext

from app.adapters.clock import now
from app.errors import N_, Refused
from app.extensions import db
from app.rules.codes import AccessAction
from app.services import second_factor
from app.services.keyed import grouped
from app.services.login_audit import note
from app.services.transaction import transaction
from app.views.account_pages import check_own_password, own_login, to_login
from app.views.base import BasePage, expose, open_to_all
from app.views.credentials import MUST_CHANGE, MUST_ENROL
from app.views.login import locked_words
from app.views.login_steps import HALF, half_in, let_in, try_code

_OWN = "everybody's own login; strangers are sent to the log-in"


class SecondFactorPage(BasePage):
    """`/login/code` and `/account/second-factor`."""

    route_base = ""

    @expose("/login/code", methods=["GET"])
    @open_to_all("asks the code of somebody whose password was right a moment ago")
    def ask(self) -> Any:
        """Ask for the six digits."""
        return redirect("/login/") if half_in() is None else self._asked()

    @expose("/login/code", methods=["POST"])
    @open_to_all("asks the code of somebody whose password was right a moment ago")
    def answer(self) -> Any:
        """Let in with the right code."""
        half = half_in()
        if half is None:
            flash(gettext("That took longer than five minutes. Please log in again."), "warning")
            return redirect("/login/")
        step = try_code(int(half["user"]), request.form.get("code", ""))
        if step.wait:
            return self._asked(locked_words(step.wait), 429, step.wait)
        if step.refusal:
            return self._asked(step.refusal, 400)
        session.pop(HALF, None)
        return redirect(let_in(int(half["user"]), str(half.get("next") or "/")))

    @expose("/account/second-factor", methods=["GET"])
    @open_to_all(_OWN)
    def show(self) -> Any:
        """The picture to scan, or what is switched on."""
        user = own_login()
        return to_login() if user is None else self._own_page(user)

    @expose("/account/second-factor", methods=["POST"])
    @open_to_all(_OWN)
    def change(self) -> Any:
        """Confirm with a first code, make new recovery codes, or switch it off."""
        user = own_login()
        if user is None:
            return to_login()
        if request.form.get("do") in ("codes", "off"):
            return self._guarded(user, request.form["do"])
        if not self._may(user):
            return redirect("/account/")
        with transaction() as writing:
            codes = second_factor.confirm(writing, user.id, request.form.get("code", "")[:64], now())
            if codes is not None:
                note(writing, writing.get_one(User, user.id), AccessAction.SECOND_FACTOR_ON, now())
        if codes is None:
            return self._own_page(own_login(), gettext("This code is not right. Is the telephone's clock right?"), 400)
        session.pop(MUST_ENROL, None)
        return self._codes(codes)

    def _guarded(self, user: User, do: str) -> Any:
        """What weakens the login asks for the password again."""
        user_id = user.id
        wait, known = check_own_password(user, request.form.get("current", ""))
        if wait or not known:
            words = locked_words(wait) if wait else gettext("This is not your present password.")
            return self._own_page(own_login(), words, 429 if wait else 400)
        with transaction() as writing:
            row = writing.get_one(User, user_id)
            if do == "codes" and second_factor.is_on(writing, user_id):
                return self._codes(second_factor.fresh_recovery_codes(writing, user_id))
            if second_factor.is_required(writing, row):
                raise Refused(N_("The house demands a second factor of your role: it cannot be switched off."))
            second_factor.switch_off(writing, user_id)
            note(writing, row, AccessAction.SECOND_FACTOR_OFF, now())
        flash(gettext("The second factor is switched off."), "success")
        return redirect("/account/")

    def _may(self, user: User) -> bool:
        roles = frozenset(role.name for role in user.roles)
        return second_factor.is_offered(db.session(), roles) and not session.get(MUST_CHANGE)

    def _own_page(self, user: Any, error: str = "", status: int = 200) -> Response:
        on = second_factor.is_on(db.session(), user.id)
        if not on and not self._may(user):
            return redirect("/account/")  # type: ignore[return-value]
        secret = picture = ""
        if not on:
            username, user_id = user.username, user.id
            with transaction() as writing:
                secret = second_factor.secret_to_enrol(writing, user_id)
            made = segno.make(second_factor.address_of(secret, username), error="m")
            picture = made.svg_data_uri(scale=5, border=3, dark="#18211f", light="#ffffff")
        page = self.render_template(
            "account/second_factor.html",
            on=on,
            error=error,
            picture=picture,
            secret=grouped(secret),
            required=bool(session.get(MUST_ENROL)),
            codes_left=second_factor.recovery_codes_left(db.session(), own_login().id),
        )
        return make_response(page, status)

    def _codes(self, codes: list[str]) -> str:
        shown = [f"{code[:5]}-{code[5:]}" for code in codes]
        return str(self.render_template("account/recovery_codes.html", codes=shown))

    def _asked(self, error: str = "", status: int = 200, wait: int = 0) -> Response:
        answer = make_response(self.render_template("login/code.html", error=error), status)
        if wait:
            answer.headers["Retry-After"] = str(wait)
        return answer
