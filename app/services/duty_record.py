"""The duty record 值班记录表 (D5, D6): every call, visit and action of a shift, complete by construction.

Nothing is typed in: the lines are the calls, the tickets' append-only entries (visits among them), the rings of emergencies, the
messages, the automatic calls, which of them a number wants, announced outages, what was done about people living alone, to roster
and handover and on special events, in one statement under the reader's row limits. What belongs to no community (a call to a
number of none, an alarm about the hotline itself) stands on the record of each.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from app.errors import N_, Invalid
from app.models import CallTicket, DutyShift, Ticket
from app.rules.codes import Tier
from app.rules.roster import Stretch, stretches
from app.services.access import rows
from app.services.actors import Actor
from app.services.duty_sources import SOURCES, parts
from app.services.roster import shifts_between
from app.services.ticket_timeline import Happening

LONGEST = timedelta(days=31)
MOST = 5000
_VISITS = ("visit",)

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
    "outages": (("outage",), None),
    "wishes": (("wish",), None),
}
"""What a reader may limit the record to: the sources, and the verbs of entries (None: all)."""


@dataclass(frozen=True)
class RecordLine:
    """One line: what happened, the tickets (number, title) and house it was about; `called` is the number of no community
    that a call went to."""

    what: Happening
    tickets: list[tuple[str, str]]
    house: str
    called: str = ""


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
    everything = parts(actor, community_id, start, end, SOURCES, None)
    counted = session.execute(select(everything.c.source, func.count()).group_by(everything.c.source)).tuples()
    wanted = parts(actor, community_id, start, end, sources, verbs)
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
    if row.source == "call":
        return RecordLine(what, tickets.get(row.id, []), row.house or "", row.title or "")
    return RecordLine(what, [(row.number, row.title)] if row.number else [], row.house or "")


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
