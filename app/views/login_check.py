"""The one check behind the log-in form and the token door: locks first, the same work for every name, everything counted."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from flask import current_app, request
from flask_appbuilder.security.sqla.models import User
from sqlalchemy import func, select, update
from sqlalchemy.orm import Session
from werkzeug.security import check_password_hash

from app.adapters.clock import now
from app.extensions import db
from app.rules.codes import AccessAction
from app.rules.passwords import LONGEST
from app.services import login_limits
from app.services.login_audit import note, note_failed
from app.services.login_limits import Guess
from app.services.transaction import transaction


@dataclass(frozen=True)
class Answer:
    """What a try came to: the user whose name and password these are, or how long the next one must wait."""

    user_id: int | None = None
    wait: int = 0


def check(username: str, password: str) -> Answer:
    """Try a name and a password. During a lock the right password is refused, too, and nothing tells the two apart."""
    guess = login_limits.login_guess(username, request.remote_addr)
    session = db.session()
    wait = login_limits.locked_seconds(session, guess, now())
    row = session.execute(
        select(User.id, User.password, User.active).where(User.username == _readable(username))
    ).first()
    # Hashing is slow by design: no lock on the database is held meanwhile.
    session.rollback()
    if wait:
        return Answer(wait=wait)
    good = _matches(row, password)
    with transaction() as writing:
        return _settle(writing, guess, row.id if row is not None else None, good)


def wait_for(guess: Guess) -> int:
    """Seconds until this kind of try is open again, 0 when it is."""
    return login_limits.locked_seconds(db.session(), guess, now())


def _matches(row: Any, password: str) -> bool:
    stored = row.password if row is not None and row.active else None
    usable = bool(password.strip("\x00")) and len(password) <= LONGEST
    known = stored or current_app.config["AUTH_DB_FAKE_PASSWORD_HASH_CHECK"]
    matches = check_password_hash(known, password if usable else "\x01")
    return bool(matches and stored and usable)


def _settle(session: Session, guess: Guess, user_id: int | None, good: bool) -> Answer:
    """Write down what came of a try. Ten guesses at once are ten: the one that is right must still be in time."""
    moment = now()
    if good:
        wait = login_limits.locked_seconds(session, guess, moment)
        if wait:
            return Answer(wait=wait)
        login_limits.note_success(session, guess, moment)
        return Answer(user_id=user_id)
    user = session.get(User, user_id or 0)
    failed = func.coalesce(User.fail_login_count, 0) + 1
    session.execute(update(User).where(User.id == (user_id or 0)).values(fail_login_count=failed))
    address = request.remote_addr
    note_failed(session, user, AccessAction.LOGIN_FAILED, moment, address)
    if login_limits.note_failure(session, guess, moment):
        note_failed(session, user, AccessAction.LOGIN_LOCKED, moment, address)
        login_limits.forget_old(session, moment)
    return Answer()


def note_login(user_id: int) -> None:
    """A log-in is complete: FAB's counters and the audit trail."""
    moment = now()
    counted = func.coalesce(User.login_count, 0) + 1
    values: dict[Any, Any] = {
        User.login_count: counted,
        User.fail_login_count: 0,
        User.last_login: moment.replace(tzinfo=None),
    }
    with transaction() as session:
        session.execute(update(User).where(User.id == user_id).values(values))
        note(session, session.get_one(User, user_id), AccessAction.LOGIN, moment, address=request.remote_addr)


def _readable(username: str) -> str:
    """PostgreSQL takes no NUL in a text."""
    return username.replace("\x00", "\ufffd")
