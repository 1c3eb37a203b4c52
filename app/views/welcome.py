"""`/welcome` and `/forgot`: the doors of those who have no password yet, or none any more. Open to all, limited, and telling
nobody who has a login here."""

from __future__ import annotations

from typing import Any

from flask import Response, flash, make_response, redirect, request
from flask_babel import gettext
from flask_login import current_user
from phonenumbers import PhoneNumberFormat, format_number, parse

from app.adapters.clock import now
from app.errors import N_, Invalid, LinliError
from app.extensions import db
from app.models import Invitation, Person
from app.rules.passwords import SHORTEST
from app.services import invitations, login_limits, password_resets
from app.services.keyed import tidy_code
from app.services.transaction import transaction
from app.views.base import BasePage, expose, open_to_all, sentence
from app.views.login_check import wait_for
from app.views.login_steps import let_in

_WHY = "for people without a password; a code of sixty bits is asked, and tries are limited"


class WelcomePage(BasePage):
    """Codes typed in or followed as links, and the page that sends them."""

    route_base = ""

    @expose("/welcome", methods=["GET"])
    @open_to_all(_WHY)
    def ask(self) -> Any:
        """Ask for the code."""
        return self._asked()

    @expose("/welcome", methods=["POST"])
    @open_to_all(_WHY)
    def typed(self) -> Any:
        """Look at a typed code."""
        code = tidy_code(request.form.get("code", "")[:64])
        if len(code) < 8:
            return self._asked(gettext("A code has twelve letters and digits."), 400)
        return redirect(f"/welcome/{code}")

    @expose("/welcome/<string:code>", methods=["GET"])
    @open_to_all(_WHY)
    def show(self, code: str) -> Any:
        """The form a code opens. Looking at it does not use it up: messengers open links ahead."""
        made, refused = self._found(code)
        return refused if made is None else self._form(made, code)

    @expose("/welcome/<string:code>", methods=["POST"])
    @open_to_all(_WHY)
    def take(self, code: str) -> Any:
        """Make the login, or set the new password."""
        made, refused = self._found(code)
        if made is None:
            return refused
        password = request.form.get("password", "")
        errors: dict[str, str] = {}
        if password != request.form.get("again", ""):
            errors["again"] = gettext("The two passwords are not the same.")
            return self._form(made, code, errors, 400)
        reset = made.purpose == "reset"
        try:
            with transaction() as writing:
                fresh = invitations.find(writing, code, now())
                if fresh is None:
                    raise Invalid(N_("This code is used, taken back or too old. Ask for a new one."))
                if reset:
                    password_resets.accept_reset(writing, fresh, password, now())
                    user_id = 0
                else:
                    username = request.form.get("username", "").strip()
                    user_id = invitations.accept_invitation(writing, fresh, username, password, now()).id
        except LinliError as error:
            return self._refused(code, error)
        if reset:
            flash(gettext("Your password was changed. Please log in with it."), "success")
            return redirect("/login/")
        flash(gettext("Welcome! You are logged in."), "success")
        return redirect(let_in(user_id, "/"))

    @expose("/forgot", methods=["GET"])
    @open_to_all(_WHY)
    def forgot(self) -> Any:
        """Ask whose password is forgotten."""
        return self._forgotten()

    @expose("/forgot", methods=["POST"])
    @open_to_all(_WHY)
    def send(self) -> Any:
        """Send a one-time link to what is on file. The answer is the same whether anybody was found or not."""
        typed = request.form.get("who", "").strip()[:120]
        if not typed:
            return self._forgotten(gettext("Enter your user name, mobile number or e-mail address."), 400)
        guess = login_limits.code_guess("forgot", login_limits.network(request.remote_addr))
        wait = wait_for(guess)
        if wait:
            return self._forgotten(_later(wait), 429, wait)
        with transaction() as writing:
            login_limits.note_failure(writing, guess, now())
            password_resets.request_reset(writing, typed, now())
        return self.render_template("login/forgot.html", sent=True, error="")

    def _found(self, code: str) -> tuple[Invitation | None, Any]:
        """The open invitation of a code, or the answer for a wrong one; wrong ones are counted for the address."""
        guess = login_limits.code_guess("welcome", login_limits.network(request.remote_addr))
        wait = wait_for(guess)
        if wait:
            return None, self._asked(_later(wait), 429, wait)
        made = invitations.find(db.session(), code, now())
        if made is not None:
            return made, None
        with transaction() as writing:
            login_limits.note_failure(writing, guess, now())
        words = gettext("This code is not right, used, taken back or too old. Ask the service centre for a new one.")
        return None, self._asked(words, 404)

    def _refused(self, code: str, error: LinliError) -> Any:
        made = invitations.find(db.session(), code, now())
        if made is None:
            return self._asked(sentence(error), 400)
        field = "username" if "login name" in error.msgid and "password" not in error.msgid.lower() else "password"
        return self._form(made, code, {field: sentence(error)}, 400)

    def _form(self, made: Invitation, code: str, errors: dict[str, str] | None = None, status: int = 200) -> Response:
        page = self.render_template(
            "login/welcome.html",
            made=made,
            code=tidy_code(code),
            errors=errors or {},
            shortest=SHORTEST,
            name=_covered(made.person.name) if made.person else "",
            username=request.form.get("username") or _offered_name(made.person),
            someone_in=current_user.is_authenticated,
        )
        return _private(make_response(page, status))

    def _asked(self, error: str = "", status: int = 200, wait: int = 0) -> Response:
        return _private(make_response(self.render_template("login/code_entry.html", error=error), status), wait)

    def _forgotten(self, error: str = "", status: int = 200, wait: int = 0) -> Response:
        return _private(make_response(self.render_template("login/forgot.html", sent=False, error=error), status), wait)


def _private(answer: Response, wait: int = 0) -> Response:
    """Not kept anywhere, and its address (it holds the code) not told to anybody."""
    answer.headers["Cache-Control"] = "no-store"
    answer.headers["Referrer-Policy"] = "no-referrer"
    answer.headers["X-Robots-Tag"] = "noindex"
    if wait:
        answer.headers["Retry-After"] = str(wait)
    return answer


def _later(wait: int) -> str:
    return gettext("Too many tries. Please try again in %(minutes)d minutes.", minutes=-(-wait // 60))


def _covered(name: str) -> str:
    """张伟 → 张*: enough to know that the letter reached the right person, too little for a finder."""
    return name[:1] + "*" * max(1, len(name) - 1) if name else ""


def _offered_name(person: Person | None) -> str:
    """The login name offered first: the mobile number as people write it."""
    number = invitations.mobile_of(db.session(), person.id) if person else None
    if not number:
        return ""
    return format_number(parse(number), PhoneNumberFormat.NATIONAL).replace(" ", "")
