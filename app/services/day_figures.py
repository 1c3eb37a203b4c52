"""The figures of the day (D16), counted in the database, and the rows behind each of them; those of a month: `month_tallies`.

What was finished that day is judged that day: of what comes in today nothing has ended yet.

A number and its list are made of the same conditions (`MATTERS`), so that the list holds exactly as many rows as the number
says. Every count is of the actor's own rows and of what counts in the figures (I8).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, fields
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

from sqlalchemy import (
    Boolean,
    ColumnElement,
    Integer,
    Select,
    and_,
    case,
    cast,
    func,
    literal,
    null,
    select,
    union_all,
)
from sqlalchemy.orm import InstrumentedAttribute, Session, joinedload

from app.models import Call, ReturnVisit, Ticket
from app.rules import figures as rules
from app.rules.codes import OPEN_STATES, Kind
from app.services import month_matters as matters
from app.services.access import rows
from app.services.actors import Actor
from app.services.month_lists import Listed

Condition = ColumnElement[bool]

AGES: tuple[tuple[str, int, int | None], ...] = (("day", 0, 1), ("three", 1, 3), ("week", 3, 7), ("older", 7, None))
"""Open matters by age: code, from days, to days."""


@dataclass(frozen=True)
class Matter:
    """What is counted: the instant it is counted at, and what else must be true of it."""

    at: InstrumentedAttribute[Any]
    conditions: tuple[Condition, ...] = ()


MATTERS: dict[str, Matter] = {
    "tickets": Matter(Ticket.created_at),
    "complaints": Matter(Ticket.created_at, (Ticket.kind == Kind.COMPLAINT,)),
    "answered": Matter(Ticket.created_at, (matters.ANSWERED,)),
    "done": Matter(Ticket.done_at),
    "judged": Matter(Ticket.done_at, (matters.JUDGED,)),
    "scored": Matter(ReturnVisit.visited_at, (matters.SCORED,)),
    "calls": Matter(Call.started_at, (Call.direction == "inbound",)),
}
"""Code of a figure → what stands behind it."""


@dataclass
class Measure:
    """One span of time in numbers; `response_minutes` is the sum over `answered`, whole minutes each."""

    tickets: int = 0
    complaints: int = 0
    answered: int = 0
    response_minutes: int = 0
    done: int = 0
    judged: int = 0
    in_time: int = 0
    scored: int = 0
    satisfied: int = 0
    calls: int = 0

    def add(self, other: Measure) -> None:
        """Put another community's numbers to these."""
        for name in (field.name for field in fields(self)):
            setattr(self, name, getattr(self, name) + getattr(other, name))

    @property
    def in_time_rate(self) -> Decimal | None:
        """Requests in time ÷ requests judged."""
        return rules.share(self.in_time, self.judged)

    @property
    def satisfied_rate(self) -> Decimal | None:
        """Answers of 4 or 5 ÷ answers."""
        return rules.share(self.satisfied, self.scored)

    @property
    def response_mean(self) -> int | None:
        """The mean until the first response, in minutes."""
        return rules.ratio(self.response_minutes, self.answered)


def measure(
    session: Session, actor: Actor, starts: Sequence[datetime], end: datetime, *, calls: bool
) -> dict[int | None, list[Measure]]:
    """Community → its numbers for each span, the spans given by their beginnings, the newest first. One statement."""
    parts = [_requests(actor, starts, end), _done(actor, starts, end), _scored(actor, starts, end)]
    if calls:
        parts.append(_calls(actor, starts, end))
    found: dict[int | None, list[Measure]] = {}
    for what, community, place, a, b, c, d in session.execute(union_all(*parts)):
        spans = found.setdefault(community, [Measure() for _ in starts])
        here = spans[place]
        if what == "requests":
            here.tickets, here.complaints, here.answered, here.response_minutes = a, b, c, d or 0
        elif what == "done":
            here.done, here.judged, here.in_time = a, b, c
        elif what == "scored":
            here.scored, here.satisfied = a, b
        else:
            here.calls = a
    return found


def together(found: dict[int | None, list[Measure]], spans: int) -> list[Measure]:
    """All communities as one."""
    total = [Measure() for _ in range(spans)]
    for of_one in found.values():
        for place, one in enumerate(of_one):
            total[place].add(one)
    return total


def _place(column: Any, starts: Sequence[datetime]) -> ColumnElement[int]:
    return case(*((column >= start, literal(place)) for place, start in enumerate(starts)))


def _within(column: Any, starts: Sequence[datetime], end: datetime) -> tuple[Condition, ...]:
    return (column >= starts[-1], column < end)


def _line(what: str, community: Any, place: ColumnElement[int], *numbers: ColumnElement[int]) -> Select[Any]:
    filled = [*numbers, *(cast(null(), Integer) for _ in range(4 - len(numbers)))]
    return select(
        literal(what).label("what"),
        community.label("community"),
        place.label("place"),
        *(number.label(name) for number, name in zip(filled, "abcd", strict=True)),
    ).group_by(community, place)


def _requests(actor: Actor, starts: Sequence[datetime], end: datetime) -> Select[Any]:
    at = Ticket.created_at
    return _line(
        "requests",
        Ticket.community_id,
        _place(at, starts),
        func.count(Ticket.id),
        func.count(case((matters.COMPLAINT, Ticket.id))),
        func.count(Ticket.responded_seconds),
        cast(func.sum(Ticket.responded_seconds // 60), Integer),
    ).where(*_within(at, starts, end), Ticket.counts_in_figures, rows(actor, Ticket))


def _done(actor: Actor, starts: Sequence[datetime], end: datetime) -> Select[Any]:
    at = Ticket.done_at
    return _line(
        "done",
        Ticket.community_id,
        _place(at, starts),
        func.count(Ticket.id),
        func.count(case((matters.JUDGED, Ticket.id))),
        func.count(case((matters.IN_TIME, Ticket.id))),
    ).where(*_within(at, starts, end), Ticket.counts_in_figures, rows(actor, Ticket))


def _scored(actor: Actor, starts: Sequence[datetime], end: datetime) -> Select[Any]:
    at = ReturnVisit.visited_at
    return (
        _line(
            "scored",
            Ticket.community_id,
            _place(at, starts),
            func.count(ReturnVisit.score),
            func.count(case((ReturnVisit.score >= rules.SATISFIED_FROM, ReturnVisit.id))),
        )
        .join(Ticket, Ticket.id == ReturnVisit.ticket_id)
        .where(*_within(at, starts, end), Ticket.counts_in_figures, rows(actor, Ticket))
    )


def _calls(actor: Actor, starts: Sequence[datetime], end: datetime) -> Select[Any]:
    at = Call.started_at
    line = _line("calls", Call.community_id, _place(at, starts), func.count(Call.id))
    return line.where(*_within(at, starts, end), *MATTERS["calls"].conditions, rows(actor, Call))


# -- the rows behind a number ------------------------------------------------------------------------------------------


def listed(
    session: Session,
    actor: Actor,
    what: str,
    start: datetime,
    end: datetime,
    *,
    skip: int = 0,
    most: int = 25,
) -> tuple[int, list[Listed]]:
    """How many tickets a figure counted, and a page of them, the newest first. A ticket asked after twice stands twice."""
    matter = MATTERS[what]
    score: ColumnElement[Any] = cast(null(), Integer)
    late: ColumnElement[Any] = cast(null(), Boolean)
    statement = select(
        Ticket,
        (ReturnVisit.score if what == "scored" else score).label("score"),
        (matters.LATE if what == "judged" else late).label("late"),
        (Ticket.responded_seconds if what == "answered" else cast(null(), Integer)).label("responded"),
    )
    if what == "scored":
        statement = statement.join(ReturnVisit, ReturnVisit.ticket_id == Ticket.id)
    conditions = [
        matter.at >= start,
        matter.at < end,
        *matter.conditions,
        Ticket.counts_in_figures,
        rows(actor, Ticket),
    ]
    statement = statement.where(*conditions)
    total = session.scalar(select(func.count()).select_from(statement.with_only_columns(Ticket.id).subquery()))
    page = (
        statement.options(joinedload(Ticket.house), joinedload(Ticket.category), joinedload(Ticket.assignee))
        .order_by(matter.at.desc(), Ticket.id.desc())
        .offset(skip)
        .limit(most)
    )
    return total or 0, [Listed(*row) for row in session.execute(page)]


def calls(
    session: Session, actor: Actor, start: datetime, end: datetime, *, skip: int = 0, most: int = 25
) -> tuple[int, list[Call]]:
    """How many calls came in, and a page of them, the newest first."""
    conditions = (
        Call.started_at >= start,
        Call.started_at < end,
        *MATTERS["calls"].conditions,
        rows(actor, Call),
    )
    total = session.scalar(select(func.count()).select_from(Call).where(*conditions))
    page = (
        select(Call)
        .where(*conditions)
        .options(joinedload(Call.house), joinedload(Call.tickets))
        .order_by(Call.started_at.desc(), Call.id.desc())
        .offset(skip)
        .limit(most)
    )
    return total or 0, list(session.scalars(page).unique())


# -- what is open, by age ----------------------------------------------------------------------------------------------


def age_condition(code: str, now: datetime) -> Condition | None:
    """Open and so old; None for an age there is not."""
    found = next((age for age in AGES if age[0] == code), None)
    return None if found is None else _so_old(found[1], found[2], now)


def _so_old(since: int, until: int | None, now: datetime) -> Condition:
    ways = [Ticket.state.in_(OPEN_STATES), Ticket.created_at <= now - timedelta(days=since)]
    if since == 0:
        ways = ways[:1]
    if until is not None:
        ways.append(Ticket.created_at > now - timedelta(days=until))
    return and_(*ways)


def ages(actor: Actor, now: datetime) -> dict[str, ColumnElement[int]]:
    """Code of an age → how many are open and so old: columns for the statement that counts the queues."""
    return {code: func.count(case((_so_old(since, until, now), Ticket.id))) for code, since, until in AGES}
