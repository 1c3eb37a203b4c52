"""Which rows an actor may see (D15): one function for pages, REST, commands, jobs and exports. Shut by default."""

from collections.abc import Callable
from typing import Any

from sqlalchemy import ColumnElement, and_, false, or_, select, true

from app.models import (
    Bill,
    Building,
    Call,
    CallTicket,
    Category,
    CategoryWord,
    Clock,
    ClockPolicy,
    Community,
    Department,
    DutyShift,
    EscalationAttempt,
    FeeItem,
    HotlineNumber,
    House,
    Ladder,
    Message,
    Person,
    PersonPhone,
    Phone,
    Recording,
    Report,
    ReturnVisit,
    ServiceItem,
    ServicePrice,
    Staff,
    StaffCommunity,
    StewardBuilding,
    Tenure,
    Ticket,
    TicketEntry,
    Unit,
)
from app.rules.codes import ReportState, Role
from app.services.actors import Actor

Condition = ColumnElement[bool]

_DESK = (Role.MANAGER, Role.DEPUTY, Role.SUPERVISOR, Role.ASSISTANT)
_STAFF = (*_DESK, Role.STEWARD, Role.TECHNICIAN, Role.FINANCE)
_PUBLIC_REPORTS = (ReportState.PUBLISHED, ReportState.SUPERSEDED)


def rows(actor: Actor, model: type[Any]) -> Condition:
    """The SQL condition on `model` that leaves this actor's rows. A model without a rule here has no rows for anybody
    but the house itself and administrators."""
    if actor.is_system or (actor.has(Role.ADMIN) and model is not Recording):
        return true()
    rule = _RULES.get(model)
    return false() if rule is None else rule(actor)


def _tickets(actor: Actor) -> Condition:
    if actor.has(Role.QUALITY):
        return true()
    ways: list[Condition] = []
    if actor.has(*_DESK, Role.FINANCE):
        ways.append(Ticket.community_id.in_(actor.community_ids))
    if actor.has(Role.STEWARD):
        ways.append(Ticket.building_id.in_(actor.building_ids))
    if actor.staff_id is not None:
        ways.append(Ticket.assignee_id == actor.staff_id)
    if actor.person_id is not None:
        ways.append(Ticket.reporter_id == actor.person_id)
        ways.extend(_household_ticket(house_id, since) for house_id, since in actor.owned_since)
    return or_(false(), *ways)


def _household_ticket(house_id: int, since: Any) -> Condition:
    """What an owner's household reported while the house was theirs; a tenant's matters stay the tenant's (D15)."""
    household = select(Tenure.person_id).where(Tenure.house_id == house_id, Tenure.role.in_(("owner", "family")))
    return and_(
        Ticket.house_id == house_id,
        Ticket.created_at >= since,
        or_(Ticket.reporter_id.is_(None), Ticket.reporter_id.in_(household)),
    )


def _of_ticket(column: Any) -> Callable[[Actor], Condition]:
    return lambda actor: column.in_(select(Ticket.id).where(_tickets(actor)))


def _of_community(column: Any, *roles: Role) -> Callable[[Actor], Condition]:
    allowed = roles or (*_STAFF, Role.OWNER, Role.RESIDENT)

    def rule(actor: Actor) -> Condition:
        if actor.has(Role.QUALITY):
            return true()
        return column.in_(actor.community_ids) if actor.has(*allowed) else false()

    return rule


def _houses(actor: Actor) -> Condition:
    if actor.has(Role.QUALITY):
        return true()
    ways: list[Condition] = []
    if actor.has(*_DESK, Role.FINANCE):
        ways.append(House.community_id.in_(actor.community_ids))
    if actor.has(Role.STEWARD):
        ways.append(House.building_id.in_(actor.building_ids))
    if actor.has(Role.TECHNICIAN):
        ways.append(House.id.in_(select(Ticket.house_id).where(Ticket.assignee_id == actor.staff_id)))
    if actor.house_ids:
        ways.append(House.id.in_(actor.house_ids))
    return or_(false(), *ways)


def _people(actor: Actor) -> Condition:
    ways: list[Condition] = []
    in_house = select(Tenure.person_id).join(House)
    if actor.has(*_DESK, Role.FINANCE):
        ways.append(Person.id.in_(in_house.where(House.community_id.in_(actor.community_ids))))
    if actor.has(Role.STEWARD):
        ways.append(Person.id.in_(in_house.where(House.building_id.in_(actor.building_ids))))
    if actor.person_id is not None:
        ways.append(Person.id == actor.person_id)
    return or_(false(), *ways)


def _tenures(actor: Actor) -> Condition:
    if actor.person_id is not None:
        return Tenure.person_id == actor.person_id
    if not actor.has(*_DESK, Role.FINANCE, Role.STEWARD):
        return false()
    return Tenure.house_id.in_(select(House.id).where(_houses(actor)))


def _of_person(column: Any) -> Callable[[Actor], Condition]:
    return lambda actor: column.in_(select(Person.id).where(_people(actor)))


def _phones(actor: Actor) -> Condition:
    return Phone.id.in_(
        select(PersonPhone.phone_id).where(PersonPhone.person_id.in_(select(Person.id).where(_people(actor))))
    )


def _calls(actor: Actor) -> Condition:
    if actor.has(Role.QUALITY):
        return true()
    if actor.has(*_DESK):
        return Call.community_id.in_(actor.community_ids)
    if actor.has(Role.STEWARD):
        return Call.house_id.in_(select(House.id).where(House.building_id.in_(actor.building_ids)))
    return false()


def _recordings(actor: Actor) -> Condition:
    """Manager, supervisor, the assistant who handles the ticket, the steward of the building (D15); nobody else."""
    ways: list[Condition] = []
    if actor.has(Role.MANAGER, Role.SUPERVISOR):
        ways.append(Call.community_id.in_(actor.community_ids))
    if actor.has(Role.ASSISTANT):
        # An assistant handles what nobody else has been given yet, too: the desk works those tickets.
        handled = select(CallTicket.call_id).join(Ticket)
        mine = or_(Ticket.assignee_id.is_(None), Ticket.assignee_id == actor.staff_id)
        ways.append(and_(Call.community_id.in_(actor.community_ids), Call.id.in_(handled.where(mine))))
    if actor.has(Role.STEWARD):
        ways.append(Call.house_id.in_(select(House.id).where(House.building_id.in_(actor.building_ids))))
    return Recording.call_id.in_(select(Call.id).where(or_(false(), *ways)))


def _bills(actor: Actor) -> Condition:
    ways: list[Condition] = []
    if actor.has(Role.FINANCE, Role.MANAGER):
        ways.append(Bill.community_id.in_(actor.community_ids))
    if actor.person_id is not None:
        ways.append(Bill.payer_id == actor.person_id)
    return or_(false(), *ways)


def _reports(actor: Actor) -> Condition:
    if actor.has(Role.QUALITY):
        return true()
    own = Report.community_id.in_(actor.community_ids)
    if actor.has(*_STAFF):
        return own
    return and_(own, Report.state.in_(_PUBLIC_REPORTS)) if actor.has(Role.OWNER, Role.RESIDENT) else false()


def _staff(actor: Actor) -> Condition:
    if actor.has(Role.QUALITY):
        return true()
    if not actor.has(*_STAFF):
        return false()
    return Staff.id.in_(select(StaffCommunity.staff_id).where(StaffCommunity.community_id.in_(actor.community_ids)))


def _everybody(actor: Actor) -> Condition:
    return true()


_RULES: dict[type[Any], Callable[[Actor], Condition]] = {
    Bill: _bills,
    Building: _of_community(Building.community_id),
    Call: _calls,
    CallTicket: _of_ticket(CallTicket.ticket_id),
    Category: _everybody,
    CategoryWord: _everybody,
    Clock: _of_ticket(Clock.ticket_id),
    ClockPolicy: _everybody,
    Community: _of_community(Community.id),
    Department: _everybody,
    DutyShift: _of_community(DutyShift.community_id, *_STAFF),
    EscalationAttempt: _of_ticket(EscalationAttempt.ticket_id),
    FeeItem: _of_community(FeeItem.community_id),
    HotlineNumber: _of_community(HotlineNumber.community_id),
    House: _houses,
    Ladder: _of_ticket(Ladder.ticket_id),
    Message: _of_community(Message.community_id, *_DESK),
    Person: _people,
    PersonPhone: _of_person(PersonPhone.person_id),
    Phone: _phones,
    Recording: _recordings,
    Report: _reports,
    ReturnVisit: _of_ticket(ReturnVisit.ticket_id),
    ServiceItem: _everybody,
    ServicePrice: _everybody,
    Staff: _staff,
    StaffCommunity: _of_community(StaffCommunity.community_id, *_STAFF),
    StewardBuilding: _of_community(StewardBuilding.community_id, *_STAFF),
    Tenure: _tenures,
    Ticket: _tickets,
    TicketEntry: _of_ticket(TicketEntry.ticket_id),
    Unit: lambda actor: Unit.building_id.in_(select(Building.id).where(_RULES[Building](actor))),
}
