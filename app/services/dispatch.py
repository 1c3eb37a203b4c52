"""Finding the one who does the work (D3): the category's department, then who is on duty, able and nearest."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import func, or_, select
from sqlalchemy.orm import Session

from app.errors import N_, Invalid, Refused
from app.models import Building, Category, Department, Staff, StaffCommunity, StaffSkill, StewardBuilding, Ticket
from app.rules import dispatch as rules
from app.rules.codes import OPEN_STATES, Kind, Role, TicketState
from app.services.calendars import desk_is_open
from app.services.local_time import local_zone
from app.services.roster import staff_on_duty

_HANDS_ON = (Kind.REPAIR, Kind.EMERGENCY, Kind.SERVICE)
_ON_THE_WAY = (TicketState.DISPATCHED, TicketState.IN_PROGRESS)


def assign(
    session: Session, ticket: Ticket, now: datetime, *, assignee_id: int | None, department: Department | None
) -> list[dict[str, Any]]:
    """Give the ticket to a person, by name or by the rule; the reason is kept. Raises Invalid for somebody unfit.

    Returns whom the rule considered, the best first, as the timeline keeps it.
    """
    chosen = person_at_work(session, ticket, assignee_id) if assignee_id is not None else None
    if department is not None:
        ticket.department = department
    if chosen is not None:
        ticket.department = department or chosen.department or ticket.department
        hand_over(ticket, chosen, rules.BY_HAND)
        return []
    if ticket.department is None:
        raise Refused(N_("This ticket has no department: name the department or the person."))
    found = _by_rule(session, ticket, now)
    hand_over(ticket, found.person, found.reason)
    return [
        {"id": person.id, "name": person.name, "why": one.reason, "open": one.candidate.open_tickets}
        for person, one in found.ranking[:MOST_RANKED]
    ]


MOST_RANKED = 8
"""So many of a ranking stand on the timeline."""


@dataclass(frozen=True)
class Suggestion:
    """Whom the rule chooses (None: the department as a whole), why (an English msgid), and everybody it considered."""

    person: Staff | None
    reason: str
    ranking: tuple[tuple[Staff, rules.Ranked], ...] = ()


def suggestion(session: Session, ticket: Ticket, now: datetime) -> Suggestion:
    """Whom the rule would choose now; nothing is written."""
    return _by_rule(session, ticket, now) if ticket.department is not None else Suggestion(None, rules.DEPARTMENT)


def hand_over(ticket: Ticket, person: Staff | None, reason: str) -> None:
    """Make a person responsible, or the department as a whole when there is nobody to name: never nobody."""
    ticket.assignee = person
    ticket.assignee_id = person.id if person else None
    ticket.dispatch_reason = reason
    owner = person or ticket.department
    ticket.responsible = owner.name[:80] if owner else ticket.responsible


def find_department(session: Session, department_id: int | None, code: str) -> Department | None:
    """The department named by id or code; None when none was named. Raises Invalid for one that is not there."""
    if department_id is None and not code:
        return None
    wanted = Department.id == department_id if department_id is not None else Department.code == code
    department = session.scalars(select(Department).where(wanted)).first()
    if department is None:
        raise Invalid(N_("There is no such department."))
    return department


def person_at_work(session: Session, ticket: Ticket, staff_id: int) -> Staff:
    """Somebody who works where the ticket is. Raises Invalid for anybody else."""
    works_here = select(StaffCommunity.staff_id).where(StaffCommunity.community_id == ticket.community_id)
    person = session.scalars(select(Staff).where(Staff.id == staff_id, Staff.active, Staff.id.in_(works_here))).first()
    if person is None:
        raise Invalid(N_("There is nobody like that at work in this community."))
    return person


def _by_rule(session: Session, ticket: Ticket, now: datetime) -> Suggestion:
    """Work goes to the department's technicians; words go to the steward of the building, who knows the household."""
    if ticket.kind not in _HANDS_ON:
        steward = steward_of(session, ticket, now)
        if steward is not None:
            return Suggestion(steward, rules.STEWARD)
    team = _team(session, ticket)
    technicians = [person for person in team if person.role == Role.TECHNICIAN]
    head = next((person for person in team if person.leads_department), None)
    candidates = _candidates(session, ticket, technicians, now)
    choice = rules.choose(candidates, _position(ticket), head.id if head else None)
    by_id = {person.id: person for person in team}
    ranking = tuple((by_id[one.candidate.staff_id], one) for one in choice.ranking)
    return Suggestion(by_id.get(choice.staff_id) if choice.staff_id else None, choice.reason, ranking)


def _team(session: Session, ticket: Ticket) -> list[Staff]:
    """The department's technicians and head in the ticket's community."""
    statement = (
        select(Staff)
        .join(StaffCommunity, StaffCommunity.staff_id == Staff.id)
        .where(
            StaffCommunity.community_id == ticket.community_id,
            Staff.department_id == (ticket.department.id if ticket.department else None),
            or_(Staff.role == Role.TECHNICIAN, Staff.leads_department),
            Staff.active,
        )
        .order_by(Staff.id)
    )
    return list(session.scalars(statement))


def able(session: Session, ticket: Ticket, staff_ids: Collection[int]) -> set[int]:
    """Who of these has the skill the ticket's category asks for; all of them where it asks for none."""
    asked = select(Category.skill_id).where(Category.id == ticket.category_id).scalar_subquery()
    having = select(StaffSkill.staff_id).where(StaffSkill.skill_id == asked)
    statement = select(Staff.id).where(Staff.id.in_(staff_ids), or_(asked.is_(None), Staff.id.in_(having)))
    return set(session.scalars(statement))


def steward_of(session: Session, ticket: Ticket, now: datetime) -> Staff | None:
    """The steward of the ticket's building today, who knows the household."""
    if ticket.building_id is None:
        return None
    today = now.astimezone(local_zone()).date()
    statement = (
        select(Staff)
        .join(StewardBuilding, StewardBuilding.staff_id == Staff.id)
        .where(
            StewardBuilding.building_id == ticket.building_id,
            StewardBuilding.starts_on <= today,
            or_(StewardBuilding.ends_on.is_(None), StewardBuilding.ends_on >= today),
            Staff.active,
        )
        .order_by(StewardBuilding.starts_on.desc(), Staff.id)
    )
    return session.scalars(statement).first()


def _candidates(session: Session, ticket: Ticket, people: list[Staff], now: datetime) -> list[rules.Candidate]:
    ids = [person.id for person in people]
    rostered = staff_on_duty(session, [ticket.community_id], now)
    everybody = desk_is_open(session, ticket.community_id, now)
    loads: defaultdict[int | None, int] = defaultdict(int)
    places: defaultdict[int | None, set[int]] = defaultdict(set)
    where = (Ticket.assignee_id, Ticket.community_id, Ticket.state, Building.position)
    for staff_id, community_id, state, position, count in session.execute(
        select(*where, func.count())
        .outerjoin(Building, Building.id == Ticket.building_id)
        .where(Ticket.assignee_id.in_(ids), Ticket.state.in_(OPEN_STATES), Ticket.id != ticket.id)
        .group_by(*where)
    ):
        loads[staff_id] += count
        if position is not None and state in _ON_THE_WAY and community_id == ticket.community_id:
            places[staff_id].add(position)
    skilled = able(session, ticket, ids) if ticket.category_id is not None else set(ids)
    return [
        rules.Candidate(id_, everybody or id_ in rostered, loads[id_], frozenset(places[id_]), id_ in skilled)
        for id_ in ids
    ]


def _position(ticket: Ticket) -> int | None:
    return ticket.building.position if ticket.building is not None else None
