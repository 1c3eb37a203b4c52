"""Who asks, in one statement: the login, whether its session still counts, what it may do and how far it sees.

Read anew for every request, so that a changed role, password or log-out holds from the next one on, in every process. Only what
roles may do is kept, under a mark that the database draws anew when any of it changes (`models.GrantMark`).
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from functools import lru_cache
from zoneinfo import ZoneInfo

from flask_appbuilder.security.sqla.models import (
    Permission,
    PermissionView,
    User,
    ViewMenu,
    assoc_permissionview_role,
    assoc_user_role,
)
from flask_appbuilder.security.sqla.models import Role as RoleRow
from flask_login import UserMixin
from sqlalchemy import String, bindparam, func, or_, select
from sqlalchemy.orm import Session

from app.models import EndedSession, GrantMark, LoginState
from app.services.actors import REACH, REACH_FROM, ROLE_IDS, USER_ID, Actor, actor_from, joined, parts
from app.services.kept import Kept
from app.services.login_state import session_digest

Grant = tuple[str, str]
"""A permission and the view it is for: ("can_list", "TicketView")."""


@dataclass(frozen=True)
class Asker(UserMixin):  # type: ignore[misc]
    """Somebody who is in, as Flask-Login and Flask-AppBuilder know a user, with what limits them. `epoch` and `password` (its
    hash) make the fingerprint of their sessions."""

    id: int
    username: str
    first_name: str
    last_name: str
    epoch: int
    password: str | None = field(repr=False)
    actor: Actor = field(repr=False)
    grants: frozenset[Grant] = field(repr=False)


def asker(
    session: Session, user_id: int, session_key: str | None, public: str, now: datetime, zone: ZoneInfo
) -> Asker | None:
    """The active login with this id; None when it is none, or when the browser's session has ended. `public` is the role whose
    permissions everybody has."""
    today = now.astimezone(zone).date()
    ended = session_digest(session_key or "")
    given = {"user_id": user_id, "today": today, "ended": ended, "public": public}
    row = session.execute(_ASKER, given).first()
    if row is None:
        return None
    actor = actor_from(session, row, today, zone)
    key = None if row.mark is None else (row.mark, tuple(sorted(map(int, parts(row.role_ids)))), public)
    grants = _kept.get(key, lambda: grants_of(session, user_id, public))
    return Asker(row.id, row.username, row.first_name, row.last_name, row.epoch, row.password, actor, grants)


def grants_of(session: Session, user_id: int | None, public: str) -> frozenset[Grant]:
    """Everything a login may do; None: what everybody may."""
    found = session.execute(_GRANTS, {"user_id": user_id, "public": public})
    return _one_set(frozenset((permission, view) for permission, view in found))


_kept: Kept[frozenset[Grant]] = Kept(500)


@lru_cache(maxsize=500)
def _one_set(grants: frozenset[Grant]) -> frozenset[Grant]:
    """Equal sets as one object: what pages keep by them is then found by identity."""
    return grants


# ---- the statement, put together once --------------------------------------------------------------------------------

_USER, _STATE, _ENDED = User.__table__, LoginState.__table__, EndedSession.__table__.c
_LINK, _PAIR = assoc_permissionview_role.c, PermissionView.__table__.c
_NAME, _VIEW, _ROLE = Permission.__table__.c, ViewMenu.__table__.c, RoleRow.__table__.c
_PUBLIC = select(_ROLE.id).where(_ROLE.name == bindparam("public", type_=String))
_GRANTS = select(_NAME.name, _VIEW.name).where(
    _PAIR.id == _LINK.permission_view_id,
    _NAME.id == _PAIR.permission_id,
    _VIEW.id == _PAIR.view_menu_id,
    or_(_LINK.role_id.in_(ROLE_IDS), _LINK.role_id.in_(_PUBLIC)),
)
_MARK = select(GrantMark.__table__.c.mark).scalar_subquery()
_HELD = joined(assoc_user_role.c.role_id, assoc_user_role.c.user_id == USER_ID)
_HAS_ENDED = select(_ENDED.digest).where(_ENDED.digest == bindparam("ended", type_=String)).exists()
_ASKER = (
    select(
        *REACH,
        _USER.c.password,
        func.coalesce(_STATE.c.epoch, 0).label("epoch"),
        _HELD.label("role_ids"),
        _MARK.label("mark"),
    )
    .select_from(REACH_FROM.outerjoin(_STATE, _STATE.c.user_id == _USER.c.id))
    .where(_USER.c.id == USER_ID, _USER.c.active.is_(True), ~_HAS_ENDED)
)
