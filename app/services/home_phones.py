"""Telephone numbers of a household (D2): several people may share one, and are told so; each change is written down."""

from __future__ import annotations

from datetime import datetime
from typing import cast

import phonenumbers
from sqlalchemy import Table, select
from sqlalchemy.orm import Session

from app.errors import N_, Invalid, NotFound, Refused
from app.models import HouseholdChange, Person, PersonPhone, Phone
from app.services.actors import Actor
from app.services.call_store import insert_once
from app.services.outbox import sms_number
from app.services.ticket_input import phone_number

MOST_PHONES = 5


def link_phone(session: Session, actor: Actor, person: Person, text: str, now: datetime) -> bool:
    """Give a person a number. Raises Invalid for what is none, Refused for one they have or one too many.

    Says whether somebody of another household is reached on it too: that is allowed, the hotline then asks for the house.
    """
    number = phone_number(text)
    if number is None:
        raise Invalid(N_("Write the telephone number."))
    if sms_number(number) is None and not phonenumbers.is_valid_number(phonenumbers.parse(number, "CN")):
        raise Invalid(N_("There is no such telephone number: please look at the digits again."))
    if len(person.phone_links) >= MOST_PHONES:
        raise Refused(N_("At most %(most)s numbers can be kept: take one off first."), most=MOST_PHONES)
    insert_once(
        session, cast(Table, Phone.__table__), {"number": number, "is_mobile": sms_number(number) is not None}, "number"
    )
    phone_id = session.scalars(select(Phone.id).where(Phone.number == number)).one()
    if any(link.phone_id == phone_id for link in person.phone_links):
        raise Refused(N_("This number is in the list already."))
    others = session.scalar(
        select(PersonPhone.id).where(PersonPhone.phone_id == phone_id, PersonPhone.person_id != person.id).limit(1)
    )
    person.phone_links.append(PersonPhone(person_id=person.id, phone_id=phone_id, is_primary=not person.phone_links))
    _note(session, actor, person, "phone_added", number, now)
    session.flush()
    return others is not None


def unlink_phone(session: Session, actor: Actor, person: Person, link_id: int, *, keep_one: bool, now: datetime) -> str:
    """Take a number off a person: the number itself and what was ever said on it stay."""
    link = next((link for link in person.phone_links if link.id == link_id), None)
    if link is None:
        raise NotFound(N_("This number is not in the list any more."))
    if keep_one and len(person.phone_links) == 1:
        raise Refused(N_("This is the only number we reach you on: add the new one first."))
    number = link.phone.number
    person.phone_links.remove(link)
    if link.is_primary and person.phone_links:
        person.phone_links[0].is_primary = True
    _note(session, actor, person, "phone_removed", number, now)
    session.flush()
    return number


def _note(session: Session, actor: Actor, person: Person, what: str, number: str, now: datetime) -> None:
    session.add(
        HouseholdChange(
            at=now,
            person_id=person.id,
            actor_id=actor.user_id,
            actor_name=actor.display_name[:80],
            what=what,
            detail=number,
        )
    )
