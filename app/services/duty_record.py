"""The duty record 值班记录表 (D5, D6): every call, visit and action of a shift, complete by construction.

Nothing is typed in: the lines are the calls, the tickets' append-only entries (visits among them), the rings of emergencies, the
messages, the automatic calls, what was done about people living alone, to roster and handover and on special events, in one
statement under the reader's row limits.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, Select, String, Text, cast, func, literal, null, select, union_all
from sqlalchemy.orm import Session

from app.errors import N_, Invalid
from app.models import (
    Call,
    CallTicket,
    CampaignTarget,
    CheckInPlan,
    CheckInStep,
    DutyEntry,
    DutyShift,
    EscalationAttempt,
    House,
    Message,
    Person,
    SpecialEvent,
    SpecialEventEntry,
    Staff,
    Ticket,
    TicketEntry,
)
from app.models.base import JsonData
from app.rules.codes import Tier
from app.rules.roster import Stretch, stretches
from app.services.access import rows
from app.services.actors import Actor
from app.services.roster import shifts_between
from app.services.ticket_timeline import Happening

LONGEST = timedelta(days=31)
MOST = 5000
_VISITS = ("visit",)

SOURCES = ("call", "entry", "ring", "message", "outreach", "care", "duty", "special")
SHOWS: dict[str, tuple[tuple[str, ...], Sequence[str] | None]] = {
    "all": (SOURCES, None),
    "calls": (("call", "outreach"), None),
    "steps": (("entry",), None),
    "visits": (("entry",), _VISITS),
    "emergencies": (("ring",), None),
    "messages": (("message",), None),
    "care": (("care",), None),
    "roster": (("duty",), None),
    "special": (("special",), None),
}
"""What a reader may limit the record to: the sources, and the verbs of entries (None: all)."""


@dataclass(frozen=True)
class RecordLine:
    """One line: what happened, and the tickets (number, title) and house it was about."""

    what: Happening
    tickets: list[tuple[str, str]]
    house: str


@dataclass(frozen=True)
class DutyRecord:
    """A period's lines in order, how many there are of each source, and who was on which duty. `left_out` lines would be too
    many for one record: the period must be shorter."""

    lines: list[RecordLine]
    counts: dict[str, int]
    left_out: int
    serving: dict[str, list[Stretch[DutyShift]]]


def record(
    session: Session, actor: Actor, community_id: int, start: datetime, end: datetime, show: str = "all"
) -> DutyRecord:
    """The record of `start` (included) to `end` (not included). Raises Invalid for a period that is empty or too long."""
    if end <= start:
        raise Invalid(N_("The end lies before the start."))
    if end - start > LONGEST:
        raise Invalid(N_("At most 31 days at once."))
    sources, verbs = SHOWS.get(show, SHOWS["all"])
    everything = _parts(actor, community_id, start, end, SOURCES, None)
    counted = session.execute(select(everything.c.source, func.count()).group_by(everything.c.source)).tuples()
    wanted = _parts(actor, community_id, start, end, sources, verbs)
    total = session.scalar(select(func.count()).select_from(wanted)) or 0
    found = session.execute(select(wanted).order_by(wanted.c.at, wanted.c.source, wanted.c.id).limit(MOST)).all()
    tickets = _tickets_of_calls(session, actor, [row.id for row in found if row.source == "call"])
    return DutyRecord(
        lines=[_line(row, tickets) for row in found],
        counts=dict(Counter(dict(counted.all()))),
        left_out=max(0, total - MOST),
        serving=_serving(session, actor, community_id, start, end),
    )


def shifts_around(session: Session, community_id: int, now: datetime, most: int = 6) -> list[Stretch[DutyShift]]:
    """The running shift of the one on duty and those before it, the latest first."""
    start, end = now - timedelta(days=14), now + timedelta(days=8)
    post = (DutyShift.community_id == community_id, DutyShift.tier == Tier.ON_DUTY)
    held = [one for one in stretches(shifts_between(session, start, end, *post), start, end) if one.shifts]
    return [one for one in reversed(held) if one.starts_at <= now][:most]


def _serving(
    session: Session, actor: Actor, community_id: int, start: datetime, end: datetime
) -> dict[str, list[Stretch[DutyShift]]]:
    mine = shifts_between(session, start, end, DutyShift.community_id == community_id, rows(actor, DutyShift))
    return {
        str(tier): [one for one in stretches([s for s in mine if s.tier == tier], start, end) if one.shifts]
        for tier in Tier
    }


def _line(row: Any, tickets: dict[int, list[tuple[str, str]]]) -> RecordLine:
    what = Happening(
        row.source,
        row.id,
        row.at,
        row.code or "",
        row.who or "",
        row.before,
        row.after,
        row.text or "",
        row.data or {},
    )
    own = tickets.get(row.id, []) if row.source == "call" else [(row.number, row.title)] if row.number else []
    return RecordLine(what, own, row.house or "")


def _tickets_of_calls(session: Session, actor: Actor, call_ids: Sequence[int]) -> dict[int, list[tuple[str, str]]]:
    found: dict[int, list[tuple[str, str]]] = {}
    statement = (
        select(CallTicket.call_id, Ticket.number, Ticket.title)
        .join(Ticket, Ticket.id == CallTicket.ticket_id)
        .where(CallTicket.call_id.in_(call_ids), rows(actor, Ticket))
        .order_by(CallTicket.id)
    )
    for call_id, number, title in session.execute(statement).tuples():
        found.setdefault(call_id, []).append((number, title))
    return found


# ---- the sources -----------------------------------------------------------------------------------------------------


def _parts(
    actor: Actor, community_id: int, start: datetime, end: datetime, sources: Sequence[str], verbs: Sequence[str] | None
) -> Any:
    made = []
    for source in sources:
        statement, at, community = _SOURCES[source](actor)
        statement = statement.where(community == community_id, at >= start, at < end)
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


Part = tuple[Select[Any], Any, Any]


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
        house=House.name,
    ).outerjoin(House, House.id == Call.house_id)
    return statement.where(rows(actor, Call)), Call.started_at, Call.community_id


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


_SOURCES = {
    "call": _calls,
    "entry": _entries,
    "ring": _rings,
    "message": _messages,
    "outreach": _outreach,
    "care": _care,
    "duty": _duty,
    "special": _special,
}
