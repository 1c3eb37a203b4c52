"""Finding the one who does the work (D3): the category's department, then the nearest technician on duty."""

from __future__ import annotations

from collections import defaultdict
from datetime import datetime

from sqlalchemy import func, or_, select
from sqlalchemy.orm import Session

from app.errors import N_, Invalid, Refused
from app.models import Building, Department, DutyShift, Staff, StaffCommunity, StewardBuilding, Ticket
from app.rules import dispatch as rules
from app.rules.calendars import desk_is_open
from app.rules.codes import OPEN_STATES, Kind, Role, TicketState
from app.services.local_time import local_zone, own_days

_HANDS_ON = (Kind.REPAIR, Kind.EMERGENCY, Kind.SERVICE)
_ON_THE_WAY = (TicketState.DISPATCHED, TicketState.IN_PROGRESS)


def assign(
    session: Session, ticket: Ticket, now: datetime, *, assignee_id: int | None, department: Department | None
) -> None:
    """Give the ticket to a person, by name or by the rule; the reason is kept. Raises Invalid for somebody unfit."""
    chosen = _chosen_by_hand(session, ticket, assignee_id) if assignee_id is not None else None
    if department is not None:
        ticket.department = department
    if chosen is not None:
        ticket.department = department or chosen.department or ticket.department
        hand_over(ticket, chosen, rules.BY_HAND)
        return
    if ticket.department is None:
        raise Refused(N_("This ticket has no department: name the department or the person."))
    person, reason = _by_rule(session, ticket, now)
    hand_over(ticket, person, reason)


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


def _chosen_by_hand(session: Session, ticket: Ticket, staff_id: int) -> Staff:
    works_here = select(StaffCommunity.staff_id).where(StaffCommunity.community_id == ticket.community_id)
    person = session.scalars(select(Staff).where(Staff.id == staff_id, Staff.active, Staff.id.in_(works_here))).first()
    if person is None:
        raise Invalid(N_("There is nobody like that at work in this community."))
    return person


def _by_rule(session: Session, ticket: Ticket, now: datetime) -> tuple[Staff | None, str]:
    """Work goes to the department's technicians; words go to the steward of the building, who knows the household."""
    if ticket.kind not in _HANDS_ON:
        steward = _steward(session, ticket, now)
        if steward is not None:
            return steward, rules.STEWARD
    technicians = _technicians(session, ticket)
    choice = rules.choose(_candidates(session, ticket, technicians, now), _position(session, ticket))
    return next((person for person in technicians if person.id == choice.staff_id), None), choice.reason


def _technicians(session: Session, ticket: Ticket) -> list[Staff]:
    statement = (
        select(Staff)
        .join(StaffCommunity, StaffCommunity.staff_id == Staff.id)
        .where(
            StaffCommunity.community_id == ticket.community_id,
            Staff.department_id == (ticket.department.id if ticket.department else None),
            Staff.role == Role.TECHNICIAN,
            Staff.active,
        )
        .order_by(Staff.id)
    )
    return list(session.scalars(statement))


def _steward(session: Session, ticket: Ticket, now: datetime) -> Staff | None:
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
    shifts = select(DutyShift.staff_id).where(
        DutyShift.community_id == ticket.community_id, DutyShift.starts_at <= now, DutyShift.ends_at > now
    )
    rostered = set(session.scalars(shifts))
    everybody = desk_is_open(now, local_zone(), own_days(session))
    loads = dict(
        session.execute(
            select(Ticket.assignee_id, func.count())
            .where(Ticket.assignee_id.in_(ids), Ticket.state.in_(OPEN_STATES), Ticket.id != ticket.id)
            .group_by(Ticket.assignee_id)
        )
        .tuples()
        .all()
    )
    places: dict[int | None, set[int]] = defaultdict(set)
    for staff_id, position in session.execute(
        select(Ticket.assignee_id, Building.position)
        .join(Building, Building.id == Ticket.building_id)
        .where(Ticket.assignee_id.in_(ids), Ticket.state.in_(_ON_THE_WAY), Ticket.id != ticket.id)
        .where(Ticket.community_id == ticket.community_id)
    ):
        places[staff_id].add(position)
    return [
        rules.Candidate(id_, everybody or id_ in rostered, loads.get(id_, 0), frozenset(places[id_])) for id_ in ids
    ]


def _position(session: Session, ticket: Ticket) -> int | None:
    if ticket.building_id is None:
        return None
    return session.scalar(select(Building.position).where(Building.id == ticket.building_id))
