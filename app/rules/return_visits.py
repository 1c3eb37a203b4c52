"""Which finished tickets are asked about afterwards, by whom, and what a try, an answer and a check come to (D8). Pure."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, datetime, timedelta
from typing import Final
from zoneinfo import ZoneInfo

from app.errors import N_, Forbidden, Refused
from app.rules.codes import Kind, Role, VisitReason, VisitResult, VisitWay

SAMPLE_PERCENT = 30
VISIT_WITHIN_DAYS = 3
SETTLED_AFTER = timedelta(hours=72)
"""I8 †: done and not drawn, nobody objecting: closed after this."""

REPAIRS: Final = frozenset({Kind.REPAIR, Kind.EMERGENCY, Kind.SERVICE})
"""Kinds that are work in somebody's home: the repairs of D8's sample. Questions and suggestions have a share of their own."""

IN_VAIN: Final = frozenset(
    {
        VisitResult.NO_ANSWER,
        VisitResult.BUSY,
        VisitResult.MACHINE,
        VisitResult.UNCLEAR,
        VisitResult.WRONG_NUMBER,
        VisitResult.NOT_AT_HOME,
        VisitResult.NO_REPLY,
    }
)
"""Results that count towards "unreachable"."""

USUAL_IN_VAIN: Final = {VisitWay.IN_PERSON: VisitResult.NOT_AT_HOME, VisitWay.SMS: VisitResult.NO_REPLY}
"""What "nobody was reached" means by each way, where nothing more exact was said; by telephone: no answer."""

BY_PEOPLE: Final = frozenset({VisitWay.PHONE, VisitWay.IN_PERSON})
"""Ways by which somebody of the staff makes a visit: these are drawn for the quality check."""

CHECKERS: Final = frozenset({Role.SUPERVISOR, Role.DEPUTY, Role.MANAGER, Role.QUALITY})


def reason_to_visit(
    kind: str, *, breached: bool, repeat: bool = False, drawn: Callable[[], bool] = lambda: False
) -> VisitReason | None:
    """Why a finished ticket is asked about: complaints all, what was breached all, what the household had rejected, of the
    rest the month's sample. `drawn` is asked only where the sample decides."""
    if kind == Kind.COMPLAINT:
        return VisitReason.COMPLAINT
    if kind == Kind.PRAISE:
        return None
    if breached:
        return VisitReason.BREACHED
    if repeat:
        return VisitReason.REPEAT
    return VisitReason.SAMPLE if drawn() else None


def share_of(kind: str, repairs_percent: int, others_percent: int) -> int:
    """The percentage of the sample a finished ticket is drawn with."""
    return repairs_percent if kind in REPAIRS else others_percent


def due_on(done_at: datetime, zone: ZoneInfo) -> date:
    """The local day by which the visit is made."""
    return done_at.astimezone(zone).date() + timedelta(days=VISIT_WITHIN_DAYS)


def is_settled(done_at: datetime, now: datetime, after: timedelta = SETTLED_AFTER) -> bool:
    """Whether the time to object has passed."""
    return now - done_at >= after


def result_of(way: str, *, unreachable: bool, said: str | None = None) -> VisitResult:
    """What a try came to, from what a form or a call says of it."""
    if not unreachable:
        return VisitResult.DECLINED if said == VisitResult.DECLINED else VisitResult.ANSWERED
    if said in IN_VAIN:
        return VisitResult(str(said))
    return USUAL_IN_VAIN.get(VisitWay(way), VisitResult.NO_ANSWER)


def is_given_up(tries_in_vain: int, most: int) -> bool:
    """Whether a household counts as unreachable: a result of its own."""
    return tries_in_vain >= most


def may_check(roles: frozenset[str], actor_id: int | None, visitor_id: int | None, works_here: bool) -> None:
    """The quality check is the supervisor's or the quality department's, never of one's own visit or work.

    Raises Forbidden or Refused. `actor_id` and `visitor_id` are logins; `works_here`: the actor did the work.
    """
    if not roles & CHECKERS:
        raise Forbidden(N_("Visits are checked by the supervisor, the manager or the quality department."))
    if works_here or (actor_id is not None and actor_id == visitor_id):
        raise Refused(N_("A visit is not checked by the one who made it or did the work."))
