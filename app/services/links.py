"""What a person or an employee is tied to in tables of their own: telephone numbers, communities, skills."""

from __future__ import annotations

from collections.abc import Collection, Sequence

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.models import Community, Person, PersonPhone, Phone, Staff, StaffCommunity, StaffSkill
from app.services.access import rows
from app.services.actors import Actor


def set_phones(session: Session, person: Person, numbers: Sequence[str]) -> None:
    """Let the person be reached on exactly these numbers (E.164); the first is tried first.

    A number is a row that several people share: it is found or made, never taken from anybody else.
    """
    session.flush()
    links = {
        link.phone.number: link
        for link in session.scalars(select(PersonPhone).join(Phone).where(PersonPhone.person_id == person.id))
    }
    if list(links) == list(numbers):
        return
    for number, link in links.items():
        if number not in numbers:
            session.delete(link)
    for number in numbers:
        if number not in links:
            phone = session.scalars(select(Phone).where(Phone.number == number)).one_or_none()
            if phone is None:
                phone = Phone(number=number, is_mobile=number.startswith("+861"))
                session.add(phone)
                session.flush()
            links[number] = PersonPhone(person_id=person.id, phone_id=phone.id)
            session.add(links[number])
    if numbers and not any(links[number].is_primary for number in numbers):
        links[numbers[0]].is_primary = True
    session.flush()
    session.expire(person, ["phones", "phone_links"])


def set_communities(session: Session, staff: Staff, ids: Collection[int], actor: Actor) -> None:
    """Let the employee work in exactly these communities of the actor's; those the actor cannot see stay as they are."""
    session.flush()
    own = select(Community.id).where(rows(actor, Community))
    links = {
        link.community_id: link
        for link in session.scalars(
            select(StaffCommunity).where(StaffCommunity.staff_id == staff.id, StaffCommunity.community_id.in_(own))
        )
    }
    for community_id, link in links.items():
        if community_id not in ids:
            session.delete(link)
    session.add_all(StaffCommunity(staff_id=staff.id, community_id=each) for each in ids if each not in links)
    session.flush()
    session.expire(staff, ["communities", "community_links"])


def set_skills(session: Session, staff: Staff, ids: Collection[int]) -> None:
    """Let the employee have exactly these skills."""
    session.flush()
    links = {link.skill_id: link for link in session.scalars(select(StaffSkill).where(StaffSkill.staff_id == staff.id))}
    for skill_id, link in links.items():
        if skill_id not in ids:
            session.delete(link)
    session.add_all(StaffSkill(staff_id=staff.id, skill_id=each) for each in ids if each not in links)
    session.flush()
    session.expire(staff, ["skills"])
