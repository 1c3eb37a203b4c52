"""A household's own house and people (D2): who is seen, whose telephones one may change, family added and ended.

`access.rows` lets a household see its own tenures and its own person only. What it may see beyond that, its family under the
same roof, is decided here and nowhere else: an owner sees the owners, the owners' family, and that there is a tenant; a tenant
its own family; a member of a family itself and the names of those it belongs to. Every change is a `HouseholdChange`.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import ColumnElement, or_, select
from sqlalchemy.orm import Session, joinedload, selectinload

from app.errors import N_, Invalid, NotFound, Refused
from app.models import House, HouseholdChange, Person, PersonPhone, Tenure
from app.rules.codes import TenureRole
from app.services.actors import Actor
from app.services.home_phones import link_phone, unlink_phone
from app.services.ticket_input import clean_text

MOST_FAMILY = 10
HEADS = (TenureRole.OWNER, TenureRole.TENANT)


@dataclass(frozen=True)
class Member:
    """Somebody of the house as this household sees them. `phones` is None where they are not its business."""

    tenure: Tenure
    person: Person
    is_self: bool
    phones: list[PersonPhone] | None
    may_change: bool
    may_end: bool


@dataclass(frozen=True)
class Home:
    """One house: what it is, who one is there, who else is; `may_add` family."""

    house: House
    own: list[Tenure]
    members: list[Member]
    may_add: bool


def homes(session: Session, actor: Actor, houses: list[House], today: date) -> list[Home]:
    """The houses with their people, as the actor may see them. Four statements, however many houses."""
    if not houses:
        return []
    found = list(
        session.scalars(
            select(Tenure)
            .where(Tenure.house_id.in_([house.id for house in houses]), *_live(today))
            .options(joinedload(Tenure.person).selectinload(Person.phone_links).joinedload(PersonPhone.phone))
            .order_by(Tenure.starts_on, Tenure.id)
        )
    )
    elsewhere = _with_other_ties(session, {tenure.person_id for tenure in found}, today)
    return [_home(actor, house, [t for t in found if t.house_id == house.id], elsewhere) for house in houses]


def add_member(
    session: Session, actor: Actor, house_id: int, name: str, number: str, now: datetime, today: date
) -> tuple[Person, bool]:
    """A member of the family, with a telephone or without; says whether the number is another household's too."""
    head = _head(session, actor, house_id, today)
    full = clean_text(name, 80, lines=False)
    if not full:
        raise Invalid(N_("Write the name."))
    home = homes(session, actor, [session.get_one(House, house_id)], today)[0]
    family = [member for member in home.members if member.may_end]
    if any(member.person.name == full for member in family):
        raise Refused(N_("%(name)s is in the list already."), name=full)
    if len(family) >= MOST_FAMILY:
        raise Refused(
            N_("At most %(most)s people can be added here. For more, please come to the desk."), most=MOST_FAMILY
        )
    person = Person(name=full, locale=head.person.locale, wants_report_by_email=False)
    session.add(person)
    session.flush()
    session.add(
        Tenure(
            person_id=person.id,
            house_id=house_id,
            role=TenureRole.FAMILY,
            starts_on=today,
            ends_on=None,
            head_id=head.id,
        )
    )
    note(session, actor, person.id, "member_added", full, now, house_id)
    shared = bool(number.strip()) and link_phone(session, actor, person, number, now)
    session.flush()
    return person, shared


def end_member(session: Session, actor: Actor, tenure_id: int, now: datetime, today: date) -> str:
    """A member of the family does not live here any more: the tie ends today, its history stays. Gives the name."""
    found = (
        member
        for home in _own_homes(session, actor, today)
        for member in home.members
        if member.tenure.id == tenure_id and member.may_end
    )
    member = next(found, None)
    if member is None:
        raise NotFound(N_("There is nobody like that in your household."))
    tenure = member.tenure
    tenure.ends_on = today
    note(session, actor, tenure.person_id, "member_ended", tenure.person.name, now, tenure.house_id)
    session.flush()
    return tenure.person.name


def add_phone(session: Session, actor: Actor, person_id: int, number: str, now: datetime, today: date) -> bool:
    """A number for oneself or for a member of the family; says whether it is another household's too."""
    return link_phone(session, actor, _changeable(session, actor, person_id, today), number, now)


def remove_phone(session: Session, actor: Actor, person_id: int, link_id: int, now: datetime, today: date) -> str:
    """Take a number off; one's own last one stays. Gives the number."""
    person = _changeable(session, actor, person_id, today)
    return unlink_phone(session, actor, person, link_id, keep_one=person.id == actor.person_id, now=now)


def changes(session: Session, actor: Actor, today: date, most: int = 20) -> list[HouseholdChange]:
    """What was changed in one's own file and of the family one keeps, the newest first."""
    heads = select(Tenure.id).where(Tenure.person_id == actor.person_id, *_live(today))
    family = select(Tenure.person_id).where(Tenure.head_id.in_(heads))
    return list(
        session.scalars(
            select(HouseholdChange)
            .where(or_(HouseholdChange.person_id == actor.person_id, HouseholdChange.person_id.in_(family)))
            .options(joinedload(HouseholdChange.person))
            .order_by(HouseholdChange.at.desc(), HouseholdChange.id.desc())
            .limit(most)
        )
    )


def note(
    session: Session, actor: Actor, person_id: int, what: str, detail: str, now: datetime, house_id: int | None = None
) -> None:
    """Write what a household changed; nothing of it is ever changed again."""
    session.add(
        HouseholdChange(
            at=now,
            person_id=person_id,
            house_id=house_id,
            actor_id=actor.user_id,
            actor_name=actor.display_name[:80],
            what=what,
            detail=detail[:255],
        )
    )


def _home(actor: Actor, house: House, tenures: list[Tenure], elsewhere: frozenset[int]) -> Home:
    own = [tenure for tenure in tenures if tenure.person_id == actor.person_id]
    heads = _heads_of_family(tenures, own)
    members = [
        _member(actor, tenure, heads, elsewhere)
        for tenure in tenures
        if tenure.person_id == actor.person_id or _sees(tenure, own, heads)
    ]
    return Home(house, own, members, any(tenure.role in HEADS for tenure in own))


def _heads_of_family(tenures: list[Tenure], own: list[Tenure]) -> frozenset[int | None]:
    """Whose family the actor keeps: that of its own tenures, an owner that of the other owners too. Family nobody claimed
    (None) is the owners', unless a tenant lives there: then nobody can tell whose it is."""
    heads: set[int | None] = {tenure.id for tenure in own if tenure.role in HEADS}
    if any(tenure.role == TenureRole.OWNER for tenure in own):
        heads |= {tenure.id for tenure in tenures if tenure.role == TenureRole.OWNER}
        if not any(tenure.role == TenureRole.TENANT for tenure in tenures):
            heads.add(None)
    return frozenset(heads)


def _member(actor: Actor, tenure: Tenure, heads: frozenset[int | None], elsewhere: frozenset[int]) -> Member:
    is_self = tenure.person_id == actor.person_id
    keeps = not is_self and tenure.role == TenureRole.FAMILY and tenure.head_id in heads
    apart = tenure.person.user_id is not None or tenure.person_id in elsewhere
    may_change = is_self or (keeps and not apart)
    return Member(
        tenure=tenure,
        person=tenure.person,
        is_self=is_self,
        phones=list(tenure.person.phone_links) if may_change else None,
        may_change=may_change,
        may_end=keeps and tenure.ends_on is None,
    )


def _sees(tenure: Tenure, own: list[Tenure], heads: frozenset[int | None]) -> bool:
    """Whether somebody else of the house is the actor's to see, by name: family one keeps; for an owner also the other
    owners, agents and that there is a tenant; for a member of a family those it belongs to."""
    if tenure.role == TenureRole.FAMILY and tenure.head_id in heads:
        return True
    if any(mine.role == TenureRole.OWNER for mine in own):
        return tenure.role != TenureRole.FAMILY
    above = {mine.head_id for mine in own if mine.head_id is not None}
    return tenure.id in above or (tenure.head_id is not None and tenure.head_id in above)


def _head(session: Session, actor: Actor, house_id: int, today: date) -> Tenure:
    """The actor's own tenure as owner or tenant of the house. Raises NotFound for anybody else."""
    found = session.scalars(
        select(Tenure)
        .where(
            Tenure.house_id == house_id,
            Tenure.person_id == actor.person_id,
            Tenure.role.in_(HEADS),
            *_live(today),
        )
        .options(joinedload(Tenure.person))
        .order_by(Tenure.id)
    ).first()
    if found is None:
        raise NotFound(N_("Only the owner or the tenant of a house can change who lives there."))
    return found


def _changeable(session: Session, actor: Actor, person_id: int, today: date) -> Person:
    """Oneself, or a member of one's family without a login and without a house of their own. NotFound for all others."""
    if person_id == actor.person_id:
        return session.get_one(Person, person_id, options=[selectinload(Person.phone_links)])
    for home in _own_homes(session, actor, today):
        for member in home.members:
            if member.person.id == person_id and member.may_change:
                return member.person
    raise NotFound(N_("There is nobody like that in your household."))


def _own_homes(session: Session, actor: Actor, today: date) -> list[Home]:
    houses = session.scalars(select(House).where(House.id.in_(actor.house_ids))).all()
    return homes(session, actor, list(houses), today)


def _with_other_ties(session: Session, people: set[int], today: date) -> frozenset[int]:
    """Who of these owns, rents or keeps a house themselves: their file is their own."""
    return frozenset(
        session.scalars(
            select(Tenure.person_id).where(
                Tenure.person_id.in_(people), Tenure.role != TenureRole.FAMILY, *_live(today)
            )
        )
    )


def _live(today: date) -> tuple[ColumnElement[bool], ...]:
    return (Tenure.starts_on <= today, or_(Tenure.ends_on.is_(None), Tenure.ends_on >= today))
