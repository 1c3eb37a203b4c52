"""A person's own file (D2): what they may read and change of it themselves; which fields changed is written down."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Mapping
from datetime import date, datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.errors import N_, Invalid, Refused
from app.models import AccessEntry, HouseholdChange, Person
from app.rules.codes import AccessAction
from app.services.actors import Actor
from app.services.ticket_input import clean_text, flag, word

LIMITS = {
    "email": 254,
    "workplace": 120,
    "postal_address": 255,
    "interests": 255,
    "emergency_contact": 120,
    "vehicles": 255,
    "household_notes": 2000,
    "special_needs": 255,
}
FIELDS = ("email", "locale", "wants_report_by_email", "birth_date", *tuple(LIMITS)[1:])
_MAIL = re.compile(r"[^@\s<>\"',;]{1,64}@[^@\s<>\"',;.]+(\.[^@\s<>\"',;.]+)+")
_OLDEST = date(1900, 1, 1)


def own_person(session: Session, actor: Actor) -> Person:
    """The actor's own row. Raises Refused where the login is nobody's."""
    person = session.get(Person, actor.person_id) if actor.person_id is not None else None
    if person is None:
        raise Refused(N_("Your login is not tied to a person yet. The desk can do that."))
    return person


def values_of(person: Person) -> dict[str, Any]:
    """The fields as a form shows them."""
    found = {name: getattr(person, name) for name in FIELDS}
    found["birth_date"] = person.birth_date.isoformat() if person.birth_date else ""
    return {name: "" if value is None else value for name, value in found.items()}


def readings(session: Session, actor: Actor, most: int = 20) -> list[AccessEntry]:
    """Who of the staff read one's own file, the newest first: what the audit trail keeps of this person and nothing else."""
    if actor.person_id is None:
        return []
    return list(
        session.scalars(
            select(AccessEntry)
            .where(
                AccessEntry.action == AccessAction.FILE_READ,
                AccessEntry.subject_kind == "person",
                AccessEntry.subject_id == actor.person_id,
            )
            .order_by(AccessEntry.at.desc(), AccessEntry.id.desc())
            .limit(most)
        )
    )


def stamp(person: Person) -> str:
    """What the file looked like: a form sends it back, so that of two people editing the second is told."""
    return hashlib.sha256(repr(sorted(values_of(person).items())).encode()).hexdigest()[:32]


def edit(session: Session, actor: Actor, raw: Mapping[str, str], now: datetime, today: date) -> list[str]:
    """Change one's own file; gives the names of the fields that changed. Raises Invalid for what cannot be, Refused when
    the file has changed since the form was opened."""
    person = own_person(session, actor)
    if raw.get("stamp") != stamp(person):
        raise Refused(
            N_("This was changed in the meantime, by you elsewhere or by the desk. Look at it, then save again.")
        )
    clean: dict[str, Any] = {name: clean_text(raw.get(name), limit) or None for name, limit in LIMITS.items()}
    if clean["email"] and not _MAIL.fullmatch(clean["email"]):
        raise Invalid(N_("This is not an e-mail address."))
    clean["locale"] = word(raw.get("locale"), ("zh", "en"), person.locale)
    clean["wants_report_by_email"] = flag(raw.get("wants_report_by_email"))
    clean["birth_date"] = _birth_date(raw.get("birth_date"), today)
    changed = [name for name in FIELDS if getattr(person, name) != clean[name]]
    for name in changed:
        setattr(person, name, clean[name])
    if changed:
        session.add(
            HouseholdChange(
                at=now,
                person_id=person.id,
                actor_id=actor.user_id,
                actor_name=actor.display_name[:80],
                what="file_changed",
                detail=",".join(changed)[:255],
            )
        )
    session.flush()
    return changed


def _birth_date(text: str | None, today: date) -> date | None:
    if not text:
        return None
    try:
        day = date.fromisoformat(clean_text(text, 10, lines=False))
    except ValueError:
        raise Invalid(N_("This is not a date: write it like 1980-03-31.")) from None
    if not _OLDEST <= day <= today:
        raise Invalid(N_("This cannot be a birth date."))
    return day
