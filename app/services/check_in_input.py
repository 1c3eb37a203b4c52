"""What somebody wrote into the register of check-in calls, read and checked before anything is kept."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time
from typing import Any

from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from app.errors import N_, Invalid, NotFound
from app.models import House, Person, Staff, StaffCommunity, Tenure
from app.rules.check_ins import MOST_TIMES, WEEKDAYS, too_close
from app.services.access import files, rows
from app.services.actors import Actor
from app.services.local_time import local_zone
from app.services.rotation_input import clock
from app.services.ticket_input import clean_text, phone_number, row_id, word

NAME_LIMIT, NOTE_LIMIT, REASON_LIMIT, RELATION_LIMIT = 80, 255, 120, 40
MOST_CONTACTS = 3
_FIRST, _LAST = date(2000, 1, 1), date(2199, 12, 31)
_APART = re.compile(r"[,，、;；\s]+")


@dataclass(frozen=True)
class Contact:
    """Whom somebody named for an emergency."""

    name: str
    relation: str
    number: str
    locale: str


@dataclass(frozen=True)
class Draft:
    """An entry of the register as it is to be."""

    person: Person
    house: House
    number: str
    weekdays: str
    times: str
    consent_by: str
    consented_on: date
    steward_id: int | None
    note: str
    contacts: tuple[Contact, ...]


def read(
    session: Session,
    actor: Actor,
    sent: Mapping[str, Any],
    weekdays: Sequence[str],
    contacts: Sequence[Mapping[str, Any]],
    now: datetime,
) -> Draft:
    """The entry that was written down. Raises Invalid with what is missing, NotFound for a person who is not the actor's."""
    today = now.astimezone(local_zone()).date()
    person = person_of(session, actor, sent.get("person_id"))
    if person is None:
        raise Invalid(N_("Choose the person from the list."))
    house = _house(session, actor, person, sent.get("house_id"), today)
    number = phone_number(sent.get("number"))
    if number is None:
        raise Invalid(N_("Write the telephone number that is to be called."))
    consent_by = clean_text(sent.get("consent_by"), NAME_LIMIT, lines=False)
    if not consent_by:
        raise Invalid(N_("Write who has agreed to the calls. Without that nobody is called."))
    consented_on = day(sent.get("consented_on"))
    if consented_on is None or consented_on > today:
        raise Invalid(N_("Write on which day they agreed; it cannot lie ahead."))
    return Draft(
        person,
        house,
        number,
        _weekdays(weekdays),
        _times(sent.get("times")),
        consent_by,
        consented_on,
        _steward(session, house, sent.get("steward_id")),
        clean_text(sent.get("note"), NOTE_LIMIT),
        _contacts(contacts, number),
    )


def person_of(session: Session, actor: Actor, given: Any) -> Person | None:
    """The person of this id, if their file is the actor's to read (D15)."""
    pk = row_id(given)
    if pk is None:
        return None
    found = session.scalars(select(Person).where(Person.id == pk, files(actor))).first()
    if found is None:
        raise NotFound(N_("There is nothing here, or it is not yours to see."))
    return found


def houses_of(session: Session, actor: Actor, person: Person, today: date) -> list[House]:
    """The actor's houses in which the person is at home today."""
    live = (Tenure.starts_on <= today, or_(Tenure.ends_on.is_(None), Tenure.ends_on >= today))
    ties = select(Tenure.house_id).where(Tenure.person_id == person.id, *live)
    return list(session.scalars(select(House).where(House.id.in_(ties), rows(actor, House)).order_by(House.id)))


def away(sent: Mapping[str, Any], today: date) -> tuple[date, date | None, str]:
    """From when until when somebody is away (no end: until further notice), and why. Raises Invalid."""
    first = day(sent.get("away_from")) or today
    last = day(sent.get("away_until"))
    if last is not None and (last < first or last < today):
        raise Invalid(N_("The last day lies before the first, or has passed already."))
    return first, last, clean_text(sent.get("away_note"), REASON_LIMIT, lines=False)


def day(given: Any) -> date | None:
    """A day, or None when nothing was given. Raises Invalid."""
    text = clean_text(given, 10, lines=False)
    if not text:
        return None
    try:
        found = date.fromisoformat(text)
    except ValueError:
        found = date.min
    if not _FIRST <= found <= _LAST:
        raise Invalid(N_("This is not a day: write it like 2026-03-31."))
    return found


def _house(session: Session, actor: Actor, person: Person, given: Any, today: date) -> House:
    found = houses_of(session, actor, person, today)
    wanted = row_id(given)
    if wanted is not None:
        found = [house for house in found if house.id == wanted]
    if not found:
        raise Invalid(N_("This person lives in none of your houses."))
    if len(found) > 1:
        raise Invalid(N_("Choose the house in which the person lives alone."))
    return found[0]


def _weekdays(given: Sequence[str]) -> str:
    chosen = "".join(one for one in WEEKDAYS if one in given)
    if not chosen:
        raise Invalid(N_("Choose at least one weekday."))
    return chosen


def _times(text: Any) -> str:
    parts = [part for part in _APART.split(clean_text(text, 80, lines=False)) if part]
    times: tuple[time, ...] = tuple(sorted({clock(part) for part in parts}))
    if not 1 <= len(times) <= MOST_TIMES:
        raise Invalid(N_("Write one to %(most)s times of day, like 08:30, 19:00."), most=MOST_TIMES)
    if too_close(times):
        raise Invalid(N_("Leave an hour at least between two times: the calls of one must not run into the next."))
    return ",".join(f"{one:%H:%M}" for one in times)


def _steward(session: Session, house: House, given: Any) -> int | None:
    pk = row_id(given)
    if pk is None:
        return None
    here = select(StaffCommunity.staff_id).where(StaffCommunity.community_id == house.community_id)
    known = select(Staff.id).where(Staff.id == pk, Staff.id.in_(here), Staff.active)
    if session.scalar(known) is None:
        raise Invalid(N_("Choose somebody who works in this community."))
    return pk


def _contacts(given: Sequence[Mapping[str, Any]], own: str) -> tuple[Contact, ...]:
    made: list[Contact] = []
    for one in given:
        name = clean_text(one.get("name"), NAME_LIMIT, lines=False)
        number = phone_number(one.get("number"))
        if not name and number is None:
            continue
        if not name or number is None:
            raise Invalid(N_("An emergency contact needs a name and a telephone number."))
        if number == own or number in [known.number for known in made]:
            raise Invalid(N_("An emergency contact needs a telephone of their own."))
        relation = clean_text(one.get("relation"), RELATION_LIMIT, lines=False)
        made.append(Contact(name, relation, number, word(one.get("locale"), ("zh", "en"), "zh") or "zh"))
    if not made:
        raise Invalid(N_("Name at least one emergency contact: somebody must be told when nobody hears anything."))
    return tuple(made[:MOST_CONTACTS])
