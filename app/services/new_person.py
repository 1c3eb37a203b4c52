"""A new member of a household, taken down at the desk: name, telephones and the tie to a house in one step (D2)."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime

from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from app.errors import N_, Invalid, Refused
from app.models import House, Person, PersonPhone, Phone, Tenure
from app.rules.codes import TenureRole
from app.services.access import rows
from app.services.actors import Actor
from app.services.links import set_phones
from app.services.my_home import note

LIVES_HERE = N_("%(name)s is tied to this house already: open their page instead.")
ON_FILE = N_("%(name)s with this number is on file already (%(house)s): add the house there, as a tenure.")


def settle(
    session: Session,
    actor: Actor,
    person: Person,
    *,
    house_id: int | None,
    role: str,
    starts_on: date,
    numbers: Sequence[str],
    now: datetime,
) -> Tenure:
    """Write a person who is not in the session yet, with the numbers (E.164, the first is the main one) and a first tenure.

    Raises Invalid for a house that is not the actor's, Refused for somebody who is on file already: nobody is doubled.
    """
    house = session.scalars(select(House).where(House.id == house_id, rows(actor, House))).first()
    if house is None:
        raise Invalid(N_("Choose the house from the list."))
    _is_new(session, actor, person.name, house, starts_on, numbers)
    session.add(person)
    session.flush()
    set_phones(session, person, numbers)
    tenure = Tenure(person_id=person.id, house_id=house.id, role=TenureRole(role), starts_on=starts_on)
    session.add(tenure)
    note(session, actor, person.id, "member_added", person.name, now, house.id)
    session.flush()
    return tenure


def _is_new(session: Session, actor: Actor, name: str, house: House, starts_on: date, numbers: Sequence[str]) -> None:
    known = select(Person.id).join(Tenure, Tenure.person_id == Person.id).where(Person.name == name)
    still = or_(Tenure.ends_on.is_(None), Tenure.ends_on >= starts_on)
    if session.scalar(known.where(Tenure.house_id == house.id, still).limit(1)) is not None:
        raise Refused(LIVES_HERE, name=name)
    if not numbers:
        return
    # Only among one's own rows: a refusal must not tell who lives elsewhere.
    same = (
        select(House.name)
        .join(Tenure, Tenure.house_id == House.id)
        .join(Person, Person.id == Tenure.person_id)
        .join(PersonPhone, PersonPhone.person_id == Person.id)
        .join(Phone, Phone.id == PersonPhone.phone_id)
        .where(Person.name == name, Phone.number.in_(numbers), rows(actor, Person), rows(actor, House))
    )
    elsewhere = session.scalar(same.order_by(Tenure.id.desc()).limit(1))
    if elsewhere is not None:
        raise Refused(ON_FILE, name=name, house=elsewhere)
