"""The path of a complaint upward (D5): by a button, and by itself when a clock runs out on the present decider's watch.

The complaint takes its whole record along: it stays one ticket, and always has exactly one responsible person.
"""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import and_, exists, or_, select
from sqlalchemy.orm import Session

from app.errors import N_, Refused
from app.models import Clock, ComplaintRung, Staff, StaffCommunity, Ticket, TicketEntry
from app.rules import complaint_path as rules
from app.rules import dispatch as dispatch_rules
from app.rules.codes import Role, TicketState
from app.rules.complaint_path import Rung
from app.services import ticket_messages as messages
from app.services.actors import Actor
from app.services.complaints import complaint_of
from app.services.offers import change_hands
from app.services.tickets import add_entry

COME_UP = N_("A complaint has come up to you: you decide now.")
HANDED_DOWN = N_("A complaint is handed back to you with a decision.")


def rungs(session: Session) -> list[Rung]:
    """The steps in use, the first one first."""
    found = session.execute(
        select(ComplaintRung.role, ComplaintRung.position)
        .where(ComplaintRung.active)
        .order_by(ComplaintRung.position, ComplaintRung.id)
    )
    return [Rung(role, position) for role, position in found.tuples()]


def ladder(session: Session, community_id: int) -> tuple[list[Rung], dict[str, Staff]]:
    """The steps in use, and who decides on those that have somebody: the first of the community's people in the role; the
    quality department is the company's. One statement."""
    here = exists().where(StaffCommunity.staff_id == Staff.id, StaffCommunity.community_id == community_id)
    decides = and_(Staff.role == ComplaintRung.role, Staff.active, or_(Staff.role == Role.QUALITY, here))
    found = session.execute(
        select(ComplaintRung.role, ComplaintRung.position, Staff)
        .outerjoin(Staff, decides)
        .where(ComplaintRung.active)
        .order_by(ComplaintRung.position, ComplaintRung.id, Staff.id)
    )
    steps: dict[str, Rung] = {}
    people: dict[str, Staff] = {}
    for role, position, person in found:
        steps.setdefault(role, Rung(role, position))
        if person is not None:
            people.setdefault(role, person)
    return list(steps.values()), people


def next_person(session: Session, ticket: Ticket, actor: Actor) -> tuple[Rung, Staff] | None:
    """The next step above with somebody on it, and who that is; None at the top. Who sends it up stands at least on their own
    step. Raises Refused for somebody below the one who decides."""
    steps, people = ladder(session, ticket.community_id)
    level = level_in(steps, ticket)
    if not actor.is_system and not actor.has(Role.ADMIN) and not rules.may_raise(steps, level, actor.roles):
        raise Refused(N_("It has gone up already: whoever decides now may send it further."))
    reached = rules.level_of(steps, level.role if level else None, *(() if actor.is_system else actor.roles))
    return next(((rung, people[rung.role]) for rung in rules.above(steps, reached) if rung.role in people), None)


def level_in(steps: list[Rung], ticket: Ticket) -> Rung | None:
    """The step a complaint stands on."""
    kept = ticket.complaint.level if ticket.complaint else None
    return rules.level_of(steps, kept, ticket.assignee.role if ticket.assignee else None)


def rise(session: Session, ticket: Ticket, actor: Actor, now: datetime, *, why: str, clock: str | None = None) -> Staff:
    """Hand the complaint to the next who decides, note it and tell them. `clock`: the one that ran out, where it rises by
    itself. Raises Refused at the top."""
    found = next_person(session, ticket, actor)
    if found is None:
        raise Refused(N_("It is with the last who decides already: there is nobody above."))
    rung, person = found
    giver = ticket.assignee
    complaint = complaint_of(session, ticket)
    complaint.level, complaint.level_since = rung.role, now
    change_hands(session, ticket, person, dispatch_rules.UPWARD)
    data = {
        "responsible": ticket.responsible,
        "level": rung.role,
        "from_staff_id": giver.id if giver else None,
        "from": giver.name if giver else None,
        "clock": clock,
    }
    add_entry(session, ticket, "escalate", actor, now, before=ticket.state, note=why, data=data)
    key = f"upward:{ticket.number}:{rung.role}:{now:%Y%m%d%H%M%S%f}"
    messages.tell_responsible(session, ticket, COME_UP, "upward", key, now)
    session.flush()
    return person


def rise_on_breach(session: Session, clock: Clock, actor: Actor, now: datetime) -> Staff | None:
    """A clock of a complaint ran out: it goes one step up by itself, once for each step (D5). None where it does not."""
    ticket = clock.ticket
    if ticket.state in (TicketState.VISITED, TicketState.CLOSED, TicketState.CANCELLED):
        return None
    complaint = complaint_of(session, ticket)
    if not rules.rises_by_itself(clock.due_at, complaint.level_since or ticket.created_at):
        return None
    if next_person(session, ticket, actor) is None:
        return None
    return rise(session, ticket, actor, now, why="", clock=clock.name)


def hand_down(session: Session, ticket: Ticket, person: Staff, now: datetime) -> None:
    """With a decision the complaint goes to somebody who carries it out: they decide from now on as far as they may."""
    complaint = complaint_of(session, ticket)
    present = rules.level_of(rungs(session), None, person.role)
    complaint.level, complaint.level_since = (present.role if present else None), now
    change_hands(session, ticket, person, dispatch_rules.HANDED_DOWN)
    key = f"decided:{ticket.number}:{now:%Y%m%d%H%M%S%f}"
    messages.tell_responsible(session, ticket, HANDED_DOWN, "upward", key, now)


def giver_of(session: Session, ticket: Ticket) -> Staff | None:
    """Who had it before it last went up, if still at work."""
    entry = session.scalars(
        select(TicketEntry)
        .where(TicketEntry.ticket_id == ticket.id, TicketEntry.verb == "escalate")
        .order_by(TicketEntry.at.desc(), TicketEntry.id.desc())
        .limit(1)
    ).first()
    staff_id = entry.data.get("from_staff_id") if entry is not None else None
    person = session.get(Staff, staff_id) if staff_id else None
    return person if person is not None and person.active else None


def follow(session: Session, ticket: Ticket, now: datetime) -> None:
    """After a step: a complaint in the hands of somebody who stands higher is on their step from now on."""
    if ticket.assignee is None:
        return
    complaint = complaint_of(session, ticket)
    steps = rungs(session)
    present = rules.level_of(steps, complaint.level, None)
    reached = rules.level_of(steps, complaint.level, ticket.assignee.role)
    if reached is not None and present is not None and reached.position > present.position:
        complaint.level, complaint.level_since = reached.role, now
