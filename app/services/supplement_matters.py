"""Which matters stand in a household's supplement of a month (D14, D15): the person's own, and those of the household by the day."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from zoneinfo import ZoneInfo

from sqlalchemy import ColumnElement, and_, or_, select
from sqlalchemy.orm import Session, aliased, joinedload

from app.models import House, ReturnVisit, Tenure, Ticket
from app.rules.codes import TenureRole, VisitState
from app.services.access import ways
from app.services.actors import Actor
from app.services.reporting.period import Month


@dataclass(frozen=True)
class Stay:
    """A person's tie to a house: from a day to a day, both included; `until` None while it goes on."""

    house: House
    role: str
    since: date
    until: date | None

    def covers(self, day: date) -> bool:
        """Whether the day was within it."""
        return self.since <= day and (self.until is None or day <= self.until)


def matters_of(
    session: Session, actor: Actor, community_id: int, month: Month, stays: list[Stay], zone: ZoneInfo
) -> list[Ticket]:
    """What was registered or done in the month, or visited about, and is the household's: under the rows of its tickets (D15);
    what another of it reported only where it came while the house was the person's and the other's home too."""
    done = and_(Ticket.done_at >= month.starts_at, Ticket.done_at < month.ends_at)
    visited = Ticket.id.in_(select(ReturnVisit.ticket_id).where(*made_in(month)))
    found = session.scalars(
        select(Ticket)
        .where(ways.household(actor), Ticket.community_id == community_id)
        .where(Ticket.created_at < month.ends_at, or_(Ticket.created_at >= month.starts_at, done, visited))
        .options(joinedload(Ticket.category), joinedload(Ticket.house))
        .order_by(Ticket.created_at, Ticket.id)
    ).all()
    lived = _lived(session, found)

    def is_own(ticket: Ticket) -> bool:
        if ticket.reporter_id == actor.person_id:
            return True
        day = ticket.created_at.astimezone(zone).date()
        # Who sold the house may still call about it, or rent it back: that is no matter of who bought it.
        if ticket.reporter_id is not None and not any(
            who == ticket.reporter_id and stay.house.id == ticket.house_id and stay.covers(day) for who, stay in lived
        ):
            return False
        return any(stay.house.id == ticket.house_id and stay.covers(day) for stay in stays)

    return [ticket for ticket in found if is_own(ticket)]


def is_of(ticket: Ticket, month: Month) -> bool:
    """Whether it was registered or done in the month."""
    return any(at is not None and month.starts_at <= at < month.ends_at for at in (ticket.created_at, ticket.done_at))


def _lived(session: Session, tickets: Sequence[Ticket]) -> list[tuple[int, Stay]]:
    """Who reported these matters, and when they had which of the houses as an owner or as family of one."""
    people = {ticket.reporter_id for ticket in tickets if ticket.reporter_id is not None}
    houses = {ticket.house_id for ticket in tickets if ticket.house_id is not None}
    head = aliased(Tenure)
    owning = select(head.id).where(head.house_id.in_(houses), head.role == TenureRole.OWNER)
    query = select(Tenure).where(
        Tenure.person_id.in_(people),
        Tenure.house_id.in_(houses),
        Tenure.role.in_((TenureRole.OWNER, TenureRole.FAMILY)),
        or_(Tenure.head_id.is_(None), Tenure.head_id.in_(owning)),
    )
    found = session.scalars(query.options(joinedload(Tenure.house)))
    return [(one.person_id, Stay(one.house, one.role, one.starts_on, one.ends_on)) for one in found]


def made_in(month: Month) -> tuple[ColumnElement[bool], ...]:
    """Return visits of the month, by when they were made."""
    return (
        ReturnVisit.state == VisitState.MADE,
        ReturnVisit.visited_at >= month.starts_at,
        ReturnVisit.visited_at < month.ends_at,
    )
