"""The demo logins (I7) and their common password, put on them at every start (I1)."""

from flask_appbuilder.security.sqla.models import User
from sqlalchemy import delete, select
from sqlalchemy.orm import Session
from werkzeug.security import check_password_hash

from app.models import LoginState, Setting
from app.rules.codes import Role
from app.services.users import hash_password

DEMO_LOGINS = tuple(role.value for role in Role if role != Role.DEPUTY)
"""One login a role, named like it; the deputy's role is data of centres that have one (D1)."""

_MARK = "demo.loaded"


def demo_day(session: Session) -> str | None:
    """The day (ISO) the demo data were made for, or None when this database holds none."""
    return session.scalar(select(Setting.value).where(Setting.key == _MARK))


def mark_demo(session: Session, day: str) -> None:
    """Remember that this database holds the demo data: only then may a start set passwords. No second factor there (I1)."""
    session.add_all([Setting(key=_MARK, value=day), Setting(key="login.second_factor", value="0")])


def put_demo_password(session: Session, password: str) -> bool:
    """Give every demo login this password, free of forced change and second factor (I1); False when it had it already.

    All of them share one hash: it is one password, and hashing is slow by design.
    """
    if demo_day(session) is None:
        return False
    users = session.scalars(select(User).where(User.username.in_(DEMO_LOGINS))).all()
    exempt = {user.id for user in users}
    session.execute(delete(LoginState).where(LoginState.user_id.in_(exempt)))
    hashes = {user.password for user in users}
    if all(stored and check_password_hash(stored, password) for stored in hashes):
        return False
    fresh = hash_password(password)
    for user in users:
        user.password = fresh
    session.flush()
    return True
