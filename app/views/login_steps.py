"""What stands between a right password and being in: the second factor, the change of a given password."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from flask import Flask, g, redirect, request, session
from flask_babel import gettext

from app.adapters.clock import now
from app.extensions import db
from app.rules.codes import AccessAction
from app.services import login_limits, second_factor
from app.services.login_audit import note_failed
from app.services.login_state import live_user, must_change
from app.services.transaction import transaction
from app.views.base.refusals import refuse, wants_json
from app.views.credentials import MUST_CHANGE, MUST_ENROL, begin_session, fingerprint, remember, user_of
from app.views.login_check import note_login, wait_for

HALF = "half"
HALF_MINUTES = 5
CODE_PAGE = "/login/code"
CHANGE_PAGE = "/account/password"
ENROL_PAGE = "/account/second-factor"

_ALWAYS_OPEN = (
    "/static/",
    "/logout/",
    "/lang/",
    "/preferences/",
    "/healthz",
    "/readyz",
    "/metrics",
    "/hotline/",
    "/appbuilder/",
)


@dataclass(frozen=True)
class Step:
    """What the token door answers after a right password: nothing, a refusal with its status, or a wait."""

    refusal: str = ""
    status: int = 401
    wait: int = 0

    @staticmethod
    def completed(user_id: int) -> None:
        """The log-in is complete."""
        note_login(user_id)


def next_step(user_id: int, code: str | None) -> Step:
    """The token door's way through: a code where one is asked, and a password of one's own."""
    reading = db.session()
    user = live_user(reading, user_id, None)
    if user is None:
        return Step(gettext("Invalid login. Please try again."))
    if second_factor.is_on(reading, user_id):
        if not code:
            return Step(gettext("This login has a second factor: send its six digits as `code`, too."))
        found = try_code(user_id, code)
        if found.refusal or found.wait:
            return found
    elif second_factor.is_required(reading, user[0]):
        return Step(gettext("This login needs a second factor: log in to the portal once and set it up."), 403)
    if must_change(db.session(), user_id):
        return Step(gettext("This password was given by somebody else: log in to the portal and change it first."), 403)
    return Step()


def try_code(user_id: int, code: str) -> Step:
    """Try a code of the second factor; wrong ones are counted, and ten lock it for a while."""
    guess = login_limits.code_guess("factor", str(user_id))
    wait = wait_for(guess)
    if wait:
        return Step(wait=wait)
    with transaction() as writing:
        moment = now()
        if second_factor.accept(writing, user_id, code[:64], moment):
            login_limits.note_success(writing, guess, moment)
            return Step()
        found = live_user(writing, user_id, None)
        user = found[0] if found else None
        note_failed(writing, user, AccessAction.LOGIN_FAILED, moment, request.remote_addr)
        if login_limits.note_failure(writing, guess, moment):
            note_failed(writing, user, AccessAction.LOGIN_LOCKED, moment, request.remote_addr)
    return Step(gettext("This code is not right, or it was used already. Wait for the next one."))


def take(user_id: int, target: str) -> str:
    """The form's way: in, or half in while a code is asked. The address to go on to."""
    reading = db.session()
    found = live_user(reading, user_id, None)
    if found is None:
        return "/login/"
    user, epoch = found
    if second_factor.is_on(reading, user_id):
        session[HALF] = {"user": user_id, "mark": fingerprint(user, epoch), "at": now().timestamp(), "next": target}
        return CODE_PAGE
    return let_in(user_id, target)


def half_in() -> dict[str, Any] | None:
    """Who gave the right password within the last five minutes and still owes the code."""
    half = session.get(HALF)
    if not isinstance(half, dict) or not 0 <= now().timestamp() - float(half.get("at", 0)) <= HALF_MINUTES * 60:
        session.pop(HALF, None)
        return None
    if user_of(half.get("user"), half.get("mark")) is None:
        session.pop(HALF, None)
        return None
    return half


def let_in(user_id: int, target: str) -> str:
    """Begin the session; the page that opens first: the change of a given password, the second factor, or what was asked."""
    note_login(user_id)
    user, epoch = live_user(db.session(), user_id, None) or (None, 0)
    if user is None:
        return "/login/"
    change = must_change(db.session(), user_id)
    enrol = second_factor.is_required(db.session(), user) and not second_factor.is_on(db.session(), user_id)
    begin_session(user, epoch)
    remember(MUST_CHANGE, change)
    remember(MUST_ENROL, enrol)
    return CHANGE_PAGE if change else ENROL_PAGE if enrol else target


def _first_things_first() -> Any:
    """Before anything else opens, a given password is changed and a demanded second factor is set up."""
    owed = CHANGE_PAGE if session.get(MUST_CHANGE) else ENROL_PAGE if session.get(MUST_ENROL) else None
    if owed is None or request.path == owed or request.path.startswith(_ALWAYS_OPEN):
        return None
    if request.headers.get("Authorization"):
        return None
    user = g.get("user")
    if user is None or not user.is_authenticated:
        return None
    if wants_json() or request.method != "GET":
        return refuse(403, gettext("Please finish logging in first: change your password or set up the second factor."))
    return redirect(owed)


def install_login_steps(app: Flask) -> None:
    """Hold up whoever owes a step. After FAB's own `before_request`, which sets `g.user`."""
    app.before_request(_first_things_first)
