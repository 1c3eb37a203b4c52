"""The second factor (TOTP, RFC 6238): a code of six digits from a telephone, each good once, and eight recovery codes.

The secret is stored encrypted (Fernet) under a key derived from SECRET_KEY: a stolen database or backup makes no codes.
"""

from __future__ import annotations

from datetime import datetime
from typing import cast

import pyotp
from cryptography.fernet import Fernet, InvalidToken
from flask_appbuilder.security.sqla.models import User
from sqlalchemy import CursorResult, delete, func, or_, select, update
from sqlalchemy.orm import Session

from app.errors import N_, Refused
from app.models import LoginState, RecoveryCode
from app.rules.codes import Role
from app.services.demo_logins import DEMO_LOGINS, demo_day
from app.services.keyed import digest, encryption_key, random_code, tidy_code
from app.services.login_state import state_of
from app.services.policies import figure

STEP_SECONDS = 30
RECOVERY_CODES = 8
OFF, OPTIONAL, LEADERS, STAFF = range(4)
_LEADERS = (Role.ADMIN, Role.MANAGER, Role.DEPUTY)
_HOUSEHOLD = (Role.OWNER, Role.RESIDENT)


def is_on(session: Session, user_id: int) -> bool:
    """Whether this login asks for a code."""
    since = select(LoginState.factor_since).where(LoginState.user_id == user_id)
    return session.scalar(since) is not None


def is_offered(session: Session, roles: frozenset[str]) -> bool:
    """Whether somebody of these roles may switch it on: staff, unless the house has it off."""
    return bool(roles - set(_HOUSEHOLD)) and figure(session, "login.second_factor") != OFF


def is_required(session: Session, user: User) -> bool:
    """Whether the house demands it of this login. The demo's logins are exempt (I1)."""
    level = figure(session, "login.second_factor")
    roles = {role.name for role in user.roles}
    wanted = (level == STAFF and roles - set(_HOUSEHOLD)) or (level == LEADERS and roles & set(_LEADERS))
    return bool(wanted) and not (user.username in DEMO_LOGINS and demo_day(session) is not None)


def secret_to_enrol(session: Session, user_id: int) -> str:
    """The secret of an enrolment that is under way, made at the first call: reloading the page shows the same picture."""
    state = state_of(session, user_id)
    if state.factor_since is not None:
        raise Refused(N_("The second factor is switched on already."))
    known = _opened(state.factor_secret)
    if known is None:
        known = pyotp.random_base32()
        state.factor_secret = Fernet(encryption_key()).encrypt(known.encode()).decode()
        session.flush()
    return known


def address_of(secret: str, username: str) -> str:
    """What the telephone reads from the picture."""
    return str(pyotp.TOTP(secret).provisioning_uri(name=username, issuer_name="Linli"))


def confirm(session: Session, user_id: int, code: str, now: datetime) -> list[str] | None:
    """Switch it on with a first right code: the recovery codes, shown this once. None for a wrong code."""
    state = state_of(session, user_id)
    if state.factor_since is not None or _opened(state.factor_secret) is None or not _use(session, state, code, now):
        return None
    state.factor_since = now
    session.flush()
    return fresh_recovery_codes(session, user_id)


def fresh_recovery_codes(session: Session, user_id: int) -> list[str]:
    """Eight new recovery codes instead of whatever there was; only their digests are kept."""
    session.execute(delete(RecoveryCode).where(RecoveryCode.user_id == user_id))
    codes = [random_code(10) for _ in range(RECOVERY_CODES)]
    session.add_all(RecoveryCode(user_id=user_id, digest=_recovery_digest(user_id, code)) for code in codes)
    session.flush()
    return codes


def recovery_codes_left(session: Session, user_id: int) -> int:
    """How many recovery codes are unused."""
    unused = (RecoveryCode.user_id == user_id, RecoveryCode.used_at.is_(None))
    return int(session.scalar(select(func.count()).select_from(RecoveryCode).where(*unused)) or 0)


def accept(session: Session, user_id: int, code: str, now: datetime) -> bool:
    """Whether this is the code of now, never used before, or an unused recovery code; it is used up by this."""
    state = state_of(session, user_id)
    return _use(session, state, code, now) or _use_recovery(session, user_id, code, now)


def switch_off(session: Session, user_id: int) -> None:
    """Forget the secret and the recovery codes."""
    state = state_of(session, user_id)
    state.factor_secret = state.factor_since = state.factor_step = None
    session.execute(delete(RecoveryCode).where(RecoveryCode.user_id == user_id))
    session.flush()


def _use(session: Session, state: LoginState, code: str, now: datetime) -> bool:
    """Use up the time step a code belongs to (one before and one after are taken, too): two at once, and one is in."""
    secret = _opened(state.factor_secret)
    digits = "".join(c for c in code if c.isascii() and c.isdigit())
    if secret is None or len(digits) != 6 or any(c.isalpha() for c in code):
        return False
    present = int(now.timestamp()) // STEP_SECONDS
    totp = pyotp.TOTP(secret, interval=STEP_SECONDS)
    for step in (present, present - 1, present + 1):
        if pyotp.utils.strings_equal(digits, totp.generate_otp(step)):
            fresh = or_(LoginState.factor_step.is_(None), LoginState.factor_step < step)
            used = update(LoginState).where(LoginState.user_id == state.user_id, fresh).values(factor_step=step)
            return _changed(session, used)
    return False


def _use_recovery(session: Session, user_id: int, code: str, now: datetime) -> bool:
    unused = (
        RecoveryCode.user_id == user_id,
        RecoveryCode.digest == _recovery_digest(user_id, code),
        RecoveryCode.used_at.is_(None),
    )
    return _changed(session, update(RecoveryCode).where(*unused).values(used_at=now))


def _changed(session: Session, statement: object) -> bool:
    result = session.execute(statement.execution_options(synchronize_session=False))  # type: ignore[attr-defined]
    return cast("CursorResult[object]", result).rowcount == 1


def _recovery_digest(user_id: int, code: str) -> str:
    return digest("recovery", f"{user_id}|{tidy_code(code)}")


def _opened(stored: str | None) -> str | None:
    """The secret in clear; None when there is none, or when SECRET_KEY is no longer the one it was stored under."""
    try:
        return Fernet(encryption_key()).decrypt(stored.encode()).decode() if stored else None
    except InvalidToken:
        return None
