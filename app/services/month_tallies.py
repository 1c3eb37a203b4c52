"""The figures of months, counted by the database in one statement: of a community, a building, a kind of work, somebody.

The requests of a month are one pass over its tickets, grouped by the minutes until the first response, so that
mean and percentile come out of the same pass.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Any

from sqlalchemy import (
    BigInteger,
    ColumnElement,
    Integer,
    Select,
    String,
    and_,
    case,
    cast,
    func,
    literal,
    null,
    select,
    union_all,
)
from sqlalchemy.orm import Session

from app.models import Bill, Call, EscalationAttempt, House, Ladder, ReturnVisit, Ticket
from app.rules.codes import Kind
from app.rules.figures import SATISFIED_FROM
from app.rules.month_figures import FIGURES, TARGETS, Tally, Value, target_of, value_of
from app.services import month_matters as matters
from app.services import policies
from app.services.actors import Actor
from app.services.month_matters import WHOLE, Cut, in_span, whole_units
from app.services.reporting.period import Month

NOBODY = 0
"""The key of all together, and of what belongs to no group."""

_BY: dict[str, Any] = {
    "community": Ticket.community_id,
    "building": Ticket.building_id,
    "category": Ticket.category_id,
    "department": Ticket.department_id,
    "person": Ticket.assignee_id,
}
GROUPINGS = tuple(_BY)

_REQUESTS = ("requests", "done", "judged", "in_time", "clocks_ended", "clocks_met", "done_minutes")
_OF_KIND: dict[str, dict[str, str]] = {
    Kind.COMPLAINT: {
        "complaints": "requests",
        "complaints_judged": "judged",
        "complaints_in_time": "in_time",
        "complaints_done": "done",
    },
    Kind.EMERGENCY: {"emergencies": "requests"},
    "urgent_repair": {"urgent_repairs": "done", "urgent_minutes": "done_minutes"},
}
"""Kind of request → what else of the tally its numbers are."""
_PARTS: dict[str, tuple[str, ...]] = {
    "requests": _REQUESTS,
    "asked": ("complaints_asked",),
    "answers": ("answers", "satisfied"),
    "calls": ("calls",),
    "alarms": ("accepted", "accept_seconds"),
    "bills": ("bills", "due_yuan", "paid_yuan"),
    "houses": ("occupied",),
}
"""Part of the statement → the fields of the tally in the order of its columns."""
WORK = ("requests", "answers")
EVERYTHING = tuple(_PARTS)


def tallies(
    session: Session,
    actor: Actor,
    months: Sequence[Month],
    cut: Cut = WHOLE,
    *,
    by: str = "",
    parts: Sequence[str] = EVERYTHING,
) -> dict[int, list[Tally]]:
    """Group → what was counted in each month. `by`: one of `GROUPINGS`, or all together under `NOBODY`. One statement.

    What knows no such group, as calls know no department, is left out; of months without anything there is no group.
    """
    wanted = [
        _part(session, actor, code, place, month, cut, by) for code in parts for place, month in enumerate(months)
    ]
    found: dict[int, list[Tally]] = {}
    sums: dict[tuple[str, int, int, str], list[int]] = {}
    for code, key, place, minutes, kind, *numbers in session.execute(
        union_all(*(one for one in wanted if one is not None))
    ):
        counted = sums.setdefault((code, key or NOBODY, place, kind), [0] * len(_PARTS[code]))
        # One line for every minute of a first response: added up as they are, named once at the end.
        for order in range(len(counted)):
            counted[order] += int(numbers[order] or 0)
        if code == "requests" and minutes is not None:
            responses = found.setdefault(key or NOBODY, [Tally() for _ in months])[place].responses
            responses[minutes] = responses.get(minutes, 0) + numbers[0]
    for (code, key, place, kind), counted in sums.items():
        tally = found.setdefault(key, [Tally() for _ in months])[place]
        named = dict(zip(_PARTS[code], counted, strict=True))
        _take(tally, named)
        _take(tally, {name: named[of] for name, of in _OF_KIND.get(kind, {}).items()})
    return found


def tally(session: Session, actor: Actor, month: Month, cut: Cut = WHOLE, parts: Sequence[str] = EVERYTHING) -> Tally:
    """All of one month together."""
    return tallies(session, actor, [month], cut, parts=parts).get(NOBODY, [Tally()])[0]


def targets(session: Session) -> dict[str, Value]:
    """Code of a figure → its target in force."""
    known = policies.figures(session, *TARGETS)
    return {code: target_of(code, known) for code in FIGURES}


def values(counted: Tally) -> dict[str, Value]:
    """Code → value of every figure."""
    return {code: value_of(code, counted) for code in FIGURES}


def _take(tally: Tally, counted: Mapping[str, int]) -> None:
    for name, number in counted.items():
        # The database adds up whole fen.
        found = Decimal(number) / 100 if name.endswith("_yuan") else number
        setattr(tally, name, getattr(tally, name) + found)


def _part(session: Session, actor: Actor, code: str, place: int, month: Month, cut: Cut, by: str) -> Select[Any] | None:
    if code == "requests":
        return _requests(session, actor, place, month, cut, by)
    if code == "asked":
        return _asked(actor, place, month, cut, by)
    if code == "answers":
        return _answers(actor, place, month, cut, by)
    if code == "alarms":
        return _alarms(session, actor, place, month, cut, by)
    if code == "calls":
        return None if cut.of_work or by not in ("", "community") else _calls(actor, place, month, cut, by)
    if by in ("category", "department", "person") or cut.category_id is not None or cut.department_id is not None:
        return None
    if code == "bills":
        return _bills(actor, place, month, cut, by)
    return None if cut.person_id is not None else _houses(actor, place, cut, by)


def _line(
    code: str, key: Any, place: int, numbers: Sequence[Any], minutes: Any = None, kind: Any = None
) -> Select[Any]:
    filled = [cast(number, BigInteger) for number in numbers]
    filled += [cast(null(), BigInteger)] * (len(_REQUESTS) - len(filled))
    line = select(
        literal(code).label("part"),
        (literal(NOBODY) if key is None else key).label("key"),
        literal(place).label("place"),
        cast(null() if minutes is None else minutes, Integer).label("minutes"),
        cast(null() if kind is None else kind, String).label("kind"),
        *(number.label(f"n{order}") for order, number in enumerate(filled)),
    )
    groups = [one for one in (key, minutes, kind) if one is not None]
    return line.group_by(*groups) if groups else line


def _count(condition: ColumnElement[bool]) -> ColumnElement[int]:
    return func.count(case((condition, 1)))


def _requests(session: Session, actor: Actor, place: int, month: Month, cut: Cut, by: str) -> Select[Any]:
    numbers = (
        func.count(),
        func.count(Ticket.done_at),
        _count(matters.JUDGED),
        _count(matters.IN_TIME),
        func.sum(Ticket.clocks_ended),
        func.sum(Ticket.clocks_met),
        func.sum(whole_units(session, Ticket.created_at, Ticket.done_at, 60)),
    )
    # Grouped by kind: a few sums of each are cheaper than a sum of its own for everything that is asked of a kind.
    urgent = and_(Ticket.kind == Kind.REPAIR, Ticket.priority.in_(matters.URGENT))
    kind = case((urgent, literal("urgent_repair")), else_=Ticket.kind)
    line = _line("requests", _BY.get(by), place, numbers, Ticket.responded_seconds // 60, kind)
    return line.where(in_span(Ticket.created_at, month), *matters.of_tickets(actor, cut))


def _asked(actor: Actor, place: int, month: Month, cut: Cut, by: str) -> Select[Any]:
    # By itself: within the pass over all requests the planner takes it for dear enough to compile the statement first.
    line = _line("asked", _BY.get(by), place, (func.count(Ticket.id),))
    conditions = (*matters.MATTERS["complaints_asked"].conditions, *matters.of_tickets(actor, cut))
    return line.where(in_span(Ticket.created_at, month), *conditions)


def _answers(actor: Actor, place: int, month: Month, cut: Cut, by: str) -> Select[Any]:
    line = _line("answers", _BY.get(by), place, (func.count(), _count(ReturnVisit.score >= SATISFIED_FROM)))
    line = line.select_from(Ticket).join(ReturnVisit, ReturnVisit.ticket_id == Ticket.id)
    conditions = (in_span(ReturnVisit.visited_at, month), matters.SCORED)
    return line.where(*conditions, *matters.of_tickets(actor, cut, answers=True))


def _alarms(session: Session, actor: Actor, place: int, month: Month, cut: Cut, by: str) -> Select[Any]:
    taken = func.sum(whole_units(session, Ladder.started_at, EscalationAttempt.accepted_at, 1))
    line = _line("alarms", _BY.get(by), place, (func.count(), taken)).select_from(Ticket)
    line = matters.joined(line, matters.MATTERS["accepted"])
    return line.where(in_span(Ticket.created_at, month), *matters.of_tickets(actor, cut))


def _calls(actor: Actor, place: int, month: Month, cut: Cut, by: str) -> Select[Any]:
    line = _line("calls", Call.community_id if by else None, place, (func.count(Call.id),))
    return line.where(in_span(Call.started_at, month), *matters.of_calls(actor, cut))


def _bills(actor: Actor, place: int, month: Month, cut: Cut, by: str) -> Select[Any]:
    key = {"community": Bill.community_id, "building": House.building_id}.get(by)
    # The sums stay whole fen, so that they are added up exactly.
    numbers = (func.count(Bill.id), func.sum(cast(Bill.amount, BigInteger)), func.sum(cast(Bill.paid_yuan, BigInteger)))
    line = _line("bills", key, place, numbers).select_from(Bill)
    if by == "building":
        line = line.join(House, House.id == Bill.house_id)
    return line.where(*matters.of_bills(actor, cut, month))


def _houses(actor: Actor, place: int, cut: Cut, by: str) -> Select[Any]:
    key = {"community": House.community_id, "building": House.building_id}.get(by)
    return _line("houses", key, place, (func.count(House.id),)).where(*matters.of_households(actor, cut))
