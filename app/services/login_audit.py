"""What the audit trail says about logins, in one place: always with the login it was about, never with what was typed."""

from __future__ import annotations

from datetime import datetime

from flask_appbuilder.security.sqla.models import User
from sqlalchemy import select
from sqlalchemy.orm import Session

from app.errors import N_, Forbidden
from app.models import Staff
from app.rules.codes import AccessAction, Role
from app.services.actors import Actor, display_name
from app.services.audit import record
from app.services.users import split_name


def note(
    session: Session,
    user: User,
    action: AccessAction,
    now: datetime,
    *,
    by: Actor | None = None,
    address: str | None = None,
    changes: list[list[str]] | None = None,
) -> None:
    """Something happened to a login; `by` is whoever did it, the login's own person when left out."""
    actor = by or Actor(user_id=user.id, username=user.username, display_name=display_name(user) or user.username)
    record(session, actor, action, user.username, now, kind="user", row_id=user.id, address=address, changes=changes)


def note_failed(session: Session, user: User | None, action: AccessAction, now: datetime, address: str | None) -> None:
    """A log-in that was refused. An unknown name is not written down: people type their password into the wrong field."""
    name = user.username if user is not None else "?"
    subject_id = user.id if user is not None else None
    record(session, None, action, name, now, name=name, kind="user", row_id=subject_id, address=address)


def may_rename_oneself(session: Session, user: User, actor: Actor) -> bool:
    """A household's login may; a colleague's name stands on tickets and signed papers and is the administrator's to change."""
    if actor.has(Role.ADMIN):
        return True
    return session.scalar(select(Staff.id).where(Staff.user_id == user.id).limit(1)) is None


def rename(session: Session, user: User, name: str, now: datetime, address: str | None, actor: Actor) -> None:
    """What somebody is called from now on, as login and as staff; the trail keeps both names. Raises Forbidden, Invalid."""
    if not may_rename_oneself(session, user, actor):
        raise Forbidden(N_("Your name stands on tickets and signed papers: an administrator changes it."))
    last, first = split_name(name)
    was = display_name(user)
    user.last_name, user.first_name = last, first
    present = display_name(user)
    for staff in session.scalars(select(Staff).where(Staff.user_id == user.id)):
        staff.name = present
    if present != was:
        note(session, user, AccessAction.USER_CHANGED, now, address=address, changes=[["name", was, present]])
