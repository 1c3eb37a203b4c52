"""What is kept about a login beside FAB's user: must its password change, which of its sessions still count."""

from __future__ import annotations

from datetime import datetime, timedelta

from flask_appbuilder.security.sqla.models import User
from sqlalchemy import delete, select, update
from sqlalchemy.dialects.postgresql import insert as postgresql_insert
from sqlalchemy.dialects.sqlite import insert as sqlite_insert
from sqlalchemy.orm import Session, joinedload

from app.models import EndedSession, LoginState
from app.services.keyed import keyed_digest, secret_key

ENDED_KEPT = timedelta(days=8)
"""Longer than any session may sleep (SESSION_IDLE_HOURS, a week at most)."""


def state_of(session: Session, user_id: int) -> LoginState:
    """The row of a login, made when there is none yet."""
    insert = postgresql_insert if session.get_bind().dialect.name == "postgresql" else sqlite_insert
    empty = {"user_id": user_id, "must_change": False, "epoch": 0}
    session.execute(insert(LoginState).values(**empty).on_conflict_do_nothing(index_elements=["user_id"]))
    return session.scalars(
        select(LoginState).where(LoginState.user_id == user_id).execution_options(populate_existing=True)
    ).one()


def require_change(session: Session, user_id: int) -> None:
    """The password of this login was given by somebody else: it must be changed before anything else opens."""
    state_of(session, user_id).must_change = True
    session.flush()


def must_change(session: Session, user_id: int) -> bool:
    """Whether the password is still the one somebody else gave."""
    return bool(session.scalar(select(LoginState.must_change).where(LoginState.user_id == user_id)))


def store_password(session: Session, user: User, password_hash: str, *, given: bool) -> None:
    """Keep a new password; `given` by somebody else, it must be changed. Ends every session and token of the old one."""
    user.password = password_hash
    state_of(session, user.id).must_change = given
    session.flush()


def end_all_sessions(session: Session, user_id: int) -> None:
    """Every session and token of this login made until now has ended."""
    state_of(session, user_id)
    raised = update(LoginState).where(LoginState.user_id == user_id).values(epoch=LoginState.epoch + 1)
    session.execute(raised.execution_options(synchronize_session=False))


def live_user(session: Session, user_id: int, session_key: str | None) -> tuple[User, int] | None:
    """An active user with roles and the epoch of their sessions, in one statement; None when the browser's session has ended."""
    ended = select(EndedSession.digest).where(EndedSession.digest == session_digest(session_key or "")).exists()
    found = session.execute(
        select(User, LoginState.epoch)
        .outerjoin(LoginState, LoginState.user_id == User.id)
        .where(User.id == user_id, User.active.is_(True), ~ended)
        .options(joinedload(User.roles))
    )
    row = found.unique().first()
    return None if row is None else (row[0], row[1] or 0)


def end_session(session: Session, session_key: str, now: datetime) -> None:
    """One browser's session has ended, wherever its cookie may have been copied to."""
    session.execute(delete(EndedSession).where(EndedSession.ended_at < now - ENDED_KEPT))
    session.merge(EndedSession(digest=session_digest(session_key), ended_at=now))
    session.flush()


def session_digest(session_key: str) -> str:
    """How a session's key is stored."""
    return keyed_digest(secret_key(), f"session\0{session_key}")
