"""The lives of many tickets, read in bulk for the clocks' replay (D4)."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, select
from sqlalchemy.orm import Session

from app.models import Category, House, Ticket, TicketEntry
from app.rules.clock_policies import Matter
from app.rules.clock_replay import History, Told
from app.rules.clocks import names_met
from app.rules.ticket_states import VERB_TABLE

BATCH = 2000

RAISING = ("amend", "further_contact")
"""Lines that may have made the matter more urgent; they say how urgent it was before."""


@dataclass(frozen=True)
class Lived:
    """A ticket with what a list shows of it, and its history."""

    id: int
    number: str
    title: str
    where: str
    created_at: datetime
    history: History


def lives(session: Session, *conditions: ColumnElement[bool]) -> Iterator[Lived]:
    """The tickets under these conditions that count in figures, by their id: two statements for each two thousand."""
    last = 0
    while True:
        found = session.execute(_tickets(last, *conditions)).all()
        if not found:
            return
        first, last = found[0].id, found[-1].id
        lines = _lines(session, first, last, *conditions)
        for row in found:
            yield _lived(row, lines.get(row.id, []))


def _tickets(last: int, *conditions: ColumnElement[bool]) -> Any:
    return (
        select(
            Ticket.id,
            Ticket.number,
            Ticket.title,
            Ticket.place,
            House.name.label("house"),
            Ticket.community_id,
            Ticket.kind,
            Ticket.channel,
            Ticket.priority,
            Category.code.label("category_code"),
            Ticket.created_at,
            Ticket.reporter_phone,
        )
        .outerjoin(Category, Category.id == Ticket.category_id)
        .outerjoin(House, House.id == Ticket.house_id)
        .where(Ticket.counts_in_figures, Ticket.id > last, *conditions)
        .order_by(Ticket.id)
        .limit(BATCH)
    )


def _lines(session: Session, first: int, last: int, *conditions: ColumnElement[bool]) -> Mapping[int, list[Any]]:
    statement = (
        select(
            TicketEntry.ticket_id,
            TicketEntry.verb,
            TicketEntry.at,
            TicketEntry.to_state,
            TicketEntry.actor_id,
            TicketEntry.data,
        )
        .join(Ticket, Ticket.id == TicketEntry.ticket_id)
        .where(Ticket.counts_in_figures, Ticket.id.between(first, last), *conditions)
        .where(TicketEntry.verb.in_((*VERB_TABLE, *RAISING)))
        .order_by(TicketEntry.ticket_id, TicketEntry.at, TicketEntry.id)
    )
    found: dict[int, list[Any]] = defaultdict(list)
    for row in session.execute(statement):
        if row.verb not in RAISING or row.data.get("priority_before"):
            found[row.ticket_id].append(row)
    return found


def _lived(row: Any, lines: list[Any]) -> Lived:
    # How urgent it was before the first raise, the second, …, and is now.
    urgencies = [line.data["priority_before"] for line in lines if line.verb in RAISING] + [row.priority]
    matter = Matter(row.kind, row.channel, urgencies[0], None, None, row.category_code)
    is_done, raised, steps = False, 0, []
    for line in lines:
        raised += line.verb in RAISING
        steps.append(_told(row, line, is_done, urgencies[raised] if line.verb in RAISING else None))
        is_done = line.verb == "finish" or (is_done and line.to_state != "reopened")
    history = History(row.community_id, matter, row.created_at, steps)
    return Lived(row.id, row.number, row.title, row.house or row.place or "", row.created_at, history)


def _told(row: Any, line: Any, is_done: bool, priority: str | None) -> Told:
    data = line.data
    promise = data.get("promise_at")
    return Told(
        line.verb,
        line.at,
        line.to_state,
        answers=frozenset(data["answers"]) if "answers" in data else _answers(row, line, is_done),
        promise_at=datetime.fromisoformat(promise) if promise else None,
        validity=data.get("validity"),
        grade=data.get("grade"),
        priority=priority,
    )


def _answers(row: Any, line: Any, is_done: bool) -> frozenset[str]:
    """What a step answered that was written before the timeline kept it; a step that answered nothing keeps nothing, too."""
    if line.actor_id is None or line.data.get("unreachable"):
        return frozenset()
    names = names_met(
        line.verb,
        kind=row.kind,
        by_person=True,
        reporter_told=line.verb == "finish" and bool(row.reporter_phone),
        after_done=is_done,
    )
    return names | {"plan"} if line.data.get("plan") else names
