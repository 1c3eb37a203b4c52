"""Who could take a ticket: the staff of its community with what they have in hand and whether they are on duty."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from app.models import Department, Staff, StaffCommunity, Ticket
from app.rules.codes import OPEN_STATES
from app.services.access import rows
from app.services.actors import Actor
from app.services.dispatch import suggestion
from app.services.roster import staff_on_duty


@dataclass(frozen=True)
class Worker:
    """One of them. `load` are the open tickets in hand."""

    id: int
    name: str
    role: str
    department: str
    department_en: str
    in_department: bool
    on_duty: bool
    load: int
    leads: bool = False


def workers(session: Session, actor: Actor, tickets: Sequence[Ticket], now: datetime) -> list[Worker]:
    """Who works where these tickets are: their department first, in it those on duty, then the fewest open tickets; two
    statements. Of tickets of several departments none is first."""
    communities = {ticket.community_id for ticket in tickets}
    departments = {ticket.department_id for ticket in tickets}
    department_id = departments.pop() if len(departments) == 1 else None
    load = (
        select(func.count())
        .where(Ticket.assignee_id == Staff.id, Ticket.state.in_(OPEN_STATES))
        .correlate(Staff)
        .scalar_subquery()
    )
    rostered = staff_on_duty(session, communities, now)
    works_here = select(StaffCommunity.staff_id).where(StaffCommunity.community_id.in_(communities))
    statement = (
        select(
            Staff.id,
            Staff.name,
            Staff.role,
            Staff.department_id,
            Department.name.label("department"),
            Department.name_en,
            Staff.leads_department,
            load.label("load"),
        )
        .outerjoin(Department, Department.id == Staff.department_id)
        .where(Staff.active, Staff.id.in_(works_here), rows(actor, Staff))
    )
    found = [
        Worker(
            row.id,
            row.name,
            row.role,
            row.department or "",
            row.name_en or "",
            row.department_id is not None and row.department_id == department_id,
            row.id in rostered,
            row.load,
            row.leads_department,
        )
        for row in session.execute(statement)
    ]
    return sorted(found, key=lambda one: (not one.in_department, not one.on_duty, one.load, one.name))


def rule_choice(session: Session, ticket: Ticket, now: datetime) -> tuple[str, str, dict[int, str]]:
    """The name of the one the rule would choose, empty for the department as a whole, and why (an English msgid); of
    everybody it considered, the best first, the same by their id."""
    found = suggestion(session, ticket, now)
    return (found.person.name if found.person else ""), found.reason, {who.id: one.reason for who, one in found.ranking}
