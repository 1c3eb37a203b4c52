"""Where the lines of the duty record come from (D5, D6): one function a table, each with its row limit. See `duty_record`."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Select,
    String,
    Text,
    and_,
    case,
    cast,
    literal,
    null,
    or_,
    select,
    true,
    union_all,
)

from app.models import (
    Call,
    CampaignTarget,
    CheckInPlan,
    CheckInStep,
    DutyEntry,
    EscalationAttempt,
    House,
    Message,
    Outage,
    OutageEntry,
    Person,
    SpecialEvent,
    SpecialEventEntry,
    Staff,
    Ticket,
    TicketEntry,
    WishEntry,
)
from app.models.base import JsonData
from app.rules.codes import MessagePurpose
from app.services.access import rows
from app.services.actors import Actor
from app.services.call_store import TEST

Part = tuple[Select[Any], Any, Any]
"""The lines, the column of their instant, the column of their community."""


def parts(
    actor: Actor, community_id: int, start: datetime, end: datetime, sources: Sequence[str], verbs: Sequence[str] | None
) -> Any:
    """The lines of the sources as one subquery: source, id, at, what `_columns` names; under the actor's rows. `verbs` of entries."""
    made = []
    for source in sources:
        statement, at, community = _SOURCES[source](actor)
        own = community == community_id
        if source in _OF_NONE:
            own = or_(own, and_(community.is_(None), _OF_NONE[source]))
        statement = statement.where(own, at >= start, at < end)
        if source == "entry" and verbs is not None:
            statement = statement.where(TicketEntry.verb.in_(verbs))
        made.append(statement)
    return union_all(*made).subquery()


def _columns(source: str, **given: ColumnElement[Any] | Any) -> Select[Any]:
    short = ("code", "who", "before", "after", "number", "title", "house")
    empty: dict[str, Any] = {name: cast(null(), String(254)) for name in short}
    shown = {**empty, "text": cast(null(), Text), "data": cast(null(), JsonData), **given}
    order = ("id", "at", *short, "text", "data")
    return select(literal(source).label("source"), *(shown[name].label(name) for name in order))


def _calls(actor: Actor) -> Part:
    statement = _columns(
        "call",
        id=Call.id,
        at=Call.started_at,
        code=Call.outcome,
        who=Call.from_number,
        before=Call.direction,
        after=Call.status,
        text=cast(Call.duration_seconds, Text),
        data=Call.facts,
        title=case((Call.community_id.is_(None), Call.to_number)),
        house=House.name,
    ).outerjoin(House, House.id == Call.house_id)
    return statement.where(rows(actor, Call), Call.direction != TEST), Call.started_at, Call.community_id


def _entries(actor: Actor) -> Part:
    statement = _columns(
        "entry",
        id=TicketEntry.id,
        at=TicketEntry.at,
        code=TicketEntry.verb,
        who=TicketEntry.actor_name,
        before=TicketEntry.from_state,
        after=TicketEntry.to_state,
        text=TicketEntry.note,
        data=TicketEntry.data,
        number=Ticket.number,
        title=Ticket.title,
        house=House.name,
    )
    statement = statement.join(Ticket, Ticket.id == TicketEntry.ticket_id).outerjoin(House, House.id == Ticket.house_id)
    return statement.where(rows(actor, Ticket)), TicketEntry.at, Ticket.community_id


def _rings(actor: Actor) -> Part:
    ring = EscalationAttempt
    statement = _columns(
        "ring",
        id=ring.id,
        at=ring.started_at,
        code=ring.tier,
        who=Staff.name,
        after=ring.state,
        text=ring.number,
        number=Ticket.number,
        title=Ticket.title,
        house=House.name,
    )
    statement = statement.join(Ticket, Ticket.id == ring.ticket_id).outerjoin(Staff, Staff.id == ring.staff_id)
    statement = statement.outerjoin(House, House.id == Ticket.house_id)
    return statement.where(rows(actor, Ticket)), ring.started_at, Ticket.community_id


def _messages(actor: Actor) -> Part:
    statement = _columns(
        "message",
        id=Message.id,
        at=Message.created_at,
        code=Message.purpose,
        who=Message.to,
        before=Message.channel,
        after=Message.state,
        text=Message.body,
        number=Ticket.number,
        title=Ticket.title,
    ).outerjoin(Ticket, Ticket.id == Message.ticket_id)
    return statement.where(rows(actor, Message)), Message.created_at, Message.community_id


def _outreach(actor: Actor) -> Part:
    """Automatic calls that were dialled: return visits, wake-up and check-in calls, notices, reminders."""
    target = CampaignTarget
    statement = _columns(
        "outreach",
        id=target.id,
        at=target.dialled_at,
        code=target.purpose,
        who=Person.name,
        after=target.state,
        text=target.number,
        number=Ticket.number,
        title=Ticket.title,
        house=House.name,
    )
    statement = statement.outerjoin(Person, Person.id == target.person_id).outerjoin(House, House.id == target.house_id)
    statement = statement.outerjoin(Ticket, Ticket.id == target.ticket_id)
    return statement.where(rows(actor, target)), target.dialled_at, target.community_id


def _care(actor: Actor) -> Part:
    """What was done about people living alone: each step of a check-in call and of their register (D13)."""
    step = CheckInStep
    statement = _columns(
        "care",
        id=step.id,
        at=step.at,
        code=step.verb,
        who=step.actor_name,
        after=Person.name,
        text=step.note,
        data=step.data,
        house=House.name,
    )
    statement = statement.join(CheckInPlan, CheckInPlan.id == step.plan_id)
    statement = statement.join(Person, Person.id == CheckInPlan.person_id)
    statement = statement.join(House, House.id == CheckInPlan.house_id)
    return statement.where(rows(actor, step)), step.at, CheckInPlan.community_id


def _duty(actor: Actor) -> Part:
    entry = DutyEntry
    statement = _columns(
        "duty",
        id=entry.id,
        at=entry.at,
        code=entry.verb,
        who=entry.actor_name,
        before=entry.tier,
        after=Staff.name,
        text=entry.note,
    ).outerjoin(Staff, Staff.id == entry.staff_id)
    return statement.where(rows(actor, entry)), entry.at, entry.community_id


def _special(actor: Actor) -> Part:
    """What was found, decided and signed on special events."""
    entry, event = SpecialEventEntry, SpecialEvent
    statement = _columns(
        "special",
        id=entry.id,
        at=entry.at,
        code=entry.verb,
        who=entry.actor_name,
        text=entry.note,
        data=entry.data,
    ).join(event, event.id == entry.event_id)
    return statement.where(rows(actor, event)), entry.at, event.community_id


def _outages(actor: Actor) -> Part:
    """Announced outages: opened, changed, ended, with what was said then."""
    entry = OutageEntry
    statement = _columns(
        "outage", id=entry.id, at=entry.at, code=entry.verb, who=entry.actor_name, data=entry.data
    ).join(Outage, Outage.id == entry.outage_id)
    return statement.where(rows(actor, entry)), entry.at, Outage.community_id


def _wishes(actor: Actor) -> Part:
    """STOP, START and key 9: which calls and texts a number wants, each time it was said."""
    entry = WishEntry
    statement = _columns(
        "wish",
        id=entry.id,
        at=entry.at,
        code=entry.purpose,
        who=entry.number,
        before=entry.way,
        after=case((entry.wanted, "wanted"), else_="unwanted"),
        text=entry.actor_name,
    )
    return statement.where(rows(actor, entry)), entry.at, entry.community_id


_OF_NONE: dict[str, Any] = {
    "call": Call.direction != TEST,
    # Invitations and passwords are the audit trail's.
    "message": Message.purpose == MessagePurpose.WATCH,
    "wish": true(),
}
"""What of no community stands on every community's record."""

_SOURCES = {
    "call": _calls,
    "entry": _entries,
    "ring": _rings,
    "message": _messages,
    "outreach": _outreach,
    "care": _care,
    "duty": _duty,
    "special": _special,
    "outage": _outages,
    "wish": _wishes,
}
SOURCES = tuple(_SOURCES)
"""The names of the sources."""
