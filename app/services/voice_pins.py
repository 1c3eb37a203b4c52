"""The telephone PIN of an owner (D15): set on the owner's page, tried on the telephone, locked after three wrong tries †.

Six digits would be tried out in a moment by whoever held the table, so the digest is keyed with SECRET_KEY and then made slow.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from flask_babel import force_locale, gettext
from sqlalchemy import select
from sqlalchemy.orm import Session
from werkzeug.security import check_password_hash, generate_password_hash

from app.errors import N_, Invalid, NotFound, Refused
from app.models import House, Person, PersonPhone, Phone, Tenure, VoicePin
from app.rules.codes import AccessAction, MessageChannel
from app.rules.voice_pin import PinState, is_pin, is_weak
from app.services import audit, keyed
from app.services.access import rows
from app.services.actors import Actor
from app.services.my_home import note
from app.services.outbox import enqueue, sms_number
from app.services.policies import figure


def set_pin(session: Session, actor: Actor, pin: str, again: str, now: datetime) -> None:
    """Put a new PIN in force; a locked one is open again with it. Raises Invalid for the digits, Refused for who owns nothing."""
    person_id = _owner(actor)
    if not is_pin(pin):
        raise Invalid(N_("A PIN has six digits."))
    if is_weak(pin):
        raise Invalid(N_("This PIN is too easy to guess: choose other digits."))
    if pin != again.strip():
        raise Invalid(N_("The two PINs are not the same: type them again."))
    known = pin_of(session, person_id, lock=True)
    if known is None:
        known = VoicePin(person_id=person_id)
        session.add(known)
    known.digest, known.failures, known.set_at, known.locked_at = _digest(person_id, pin), 0, now, None
    note(session, actor, person_id, "pin_set", "", now)
    session.flush()


def remove_pin(session: Session, actor: Actor, now: datetime) -> bool:
    """Without a PIN no sum is told on the telephone. Says whether there was one."""
    known = pin_of(session, _owner(actor), lock=True)
    if known is None:
        return False
    session.delete(known)
    note(session, actor, known.person_id, "pin_removed", "", now)
    session.flush()
    return True


def unlock(session: Session, actor: Actor, person_id: int, now: datetime) -> Person:
    """The desk opens a locked PIN again, of somebody whose rows it sees; the digits stay the owner's. Raises NotFound."""
    person = session.scalars(select(Person).where(Person.id == person_id, rows(actor, Person))).one_or_none()
    known = pin_of(session, person_id, lock=True) if person is not None else None
    if person is None or known is None or known.locked_at is None:
        raise NotFound(N_("There is no locked PIN."))
    known.failures, known.locked_at = 0, None
    note(session, actor, person_id, "pin_unlocked", "", now)
    audit.record(session, actor, AccessAction.UNLOCKED, person.name, now, kind="person", row_id=person_id)
    return person


def pin_of(session: Session, person_id: int, *, lock: bool = False) -> VoicePin | None:
    """Somebody's PIN; with `lock` nobody else counts a try until the transaction ends."""
    statement = select(VoicePin).where(VoicePin.person_id == person_id)
    return session.scalars(statement.with_for_update() if lock else statement).one_or_none()


def state_of(session: Session, persons: Sequence[int]) -> PinState:
    """Where the PINs of the people one number reaches stand together: one that can be said is enough."""
    locked = list(session.scalars(select(VoicePin.locked_at).where(VoicePin.person_id.in_(persons))))
    if not locked:
        return PinState.NONE
    return PinState.LOCKED if all(locked) else PinState.SET


def matching(session: Session, persons: Sequence[int], digits: str) -> tuple[int | None, int]:
    """(whose open PIN these digits are, tries left after a wrong one). The rows stay locked: tries of two calls count one by one."""
    tries, left = figure(session, "hotline.pin_tries"), 0
    statement = select(VoicePin).where(VoicePin.person_id.in_(persons), VoicePin.locked_at.is_(None))
    for known in session.scalars(statement.order_by(VoicePin.id).with_for_update()):
        if check_password_hash(known.digest, _keyed(known.person_id, digits)):
            return known.person_id, tries
        left = max(left, tries - known.failures - 1)
    return None, left


def note_try(session: Session, persons: Sequence[int], right: int | None, now: datetime) -> None:
    """Count a try: a right one begins anew, a wrong one counts for everybody it could have been meant for."""
    tries = figure(session, "hotline.pin_tries")
    statement = select(VoicePin).where(VoicePin.person_id.in_(persons), VoicePin.locked_at.is_(None))
    for known in session.scalars(statement.with_for_update()).all():
        if right is not None:
            known.failures = 0 if known.person_id == right else known.failures
            continue
        known.failures += 1
        if known.failures >= tries:
            known.locked_at = now
            _tell_locked(session, known, now)
    session.flush()


def _tell_locked(session: Session, known: VoicePin, now: datetime) -> None:
    """The owner hears of it on their own main number, or by mail: the one who tried may be somebody else."""
    person = session.get_one(Person, known.person_id)
    numbers = session.scalars(
        select(Phone.number)
        .join(PersonPhone)
        .where(PersonPhone.person_id == person.id)
        .order_by(PersonPhone.is_primary.desc(), PersonPhone.id)
    )
    to = next((number for number in numbers if sms_number(number)), None)
    with force_locale(person.locale):
        subject = gettext("Your telephone PIN is locked")
        body = gettext(
            "Your telephone PIN for fees was keyed in wrongly several times on the hotline and is locked now. "
            "If it was not you, nobody has learnt anything. Set a new one on your own page, or ask the desk."
        )
    key = f"pin_locked:{person.id}:{now:%Y%m%d%H%M%S%f}"
    home = session.scalar(
        select(House.community_id)
        .join(Tenure)
        .where(Tenure.person_id == person.id, Tenure.ends_on.is_(None))
        .order_by(Tenure.id)
        .limit(1)
    )
    common = {
        "purpose": "pin_locked",
        "community_id": home,
        "subject": subject,
        "body": body,
        "person_id": person.id,
        "now": now,
    }
    sent = enqueue(session, channel=MessageChannel.SMS, to=to, key=key, **common) if to else None
    if sent is None and person.email:
        enqueue(session, channel=MessageChannel.EMAIL, to=person.email, key=key, **common)


def _owner(actor: Actor) -> int:
    if actor.person_id is None or not actor.owned_since:
        raise Refused(N_("Only an owner has a telephone PIN."))
    return actor.person_id


def _keyed(person_id: int, digits: str) -> str:
    return keyed.digest("voice pin", f"{person_id}:{digits}")


def _digest(person_id: int, digits: str) -> str:
    return generate_password_hash(_keyed(person_id, digits))
