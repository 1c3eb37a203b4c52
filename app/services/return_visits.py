"""Asking the household afterwards (D8): which visits are due, every try as a row, and what came of them.

Three records stand apart: the staff's visit with its tries (here), the household's answers (`VisitAnswer`; the first counts,
see `visit_answers`), and the quality check (`visit_checks`).
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, select, true
from sqlalchemy.orm import Session, joinedload

from app.models import ReturnVisit, Ticket, TicketEntry, VisitAnswer, VisitTry
from app.rules import return_visits as rules
from app.rules.codes import DrawKind, Kind, TicketState, VisitReason, VisitResult, VisitState
from app.services.actors import Actor
from app.services.draws import draw
from app.services.local_time import local_zone
from app.services.policies import figure, figures
from app.services.ticket_clocks import has_breached
from app.services.visit_checks import draw_check

SHARES = ("visits.sample_percent", "visits.sample_other_percent")


def plan_visit(session: Session, ticket: Ticket, now: datetime, worker_id: int | None = None) -> ReturnVisit | None:
    """Note that a finished ticket is to be visited, if D8 says so; a visit that is due already stays the only one.

    `worker_id`: who did the work, where the caller knows it already.
    """
    due = due_visit(ticket)
    if due is not None:
        return due
    if not ticket.counts_in_figures:
        return None
    percent = rules.share_of(ticket.kind, *figures(session, *SHARES).values())
    done_at = ticket.done_at or now

    def drawn() -> bool:
        turn = ticket.reopened_count
        return draw(session, DrawKind.VISIT, ticket.community_id, percent, done_at, ticket_id=ticket.id, turn=turn)

    reason = rules.reason_to_visit(
        ticket.kind,
        breached=has_breached(ticket),
        repeat=ticket.is_repeat and ticket.reopened_count > 0,
        drawn=drawn,
    )
    if reason is None:
        return None
    return _add(session, ticket, reason, rules.due_on(done_at, local_zone()), worker_id or worker_of(session, ticket))


def due_visit(ticket: Ticket) -> ReturnVisit | None:
    """The visit this ticket still owes."""
    return next((visit for visit in ticket.visits if visit.state == VisitState.DUE), None)


def open_visit(session: Session, ticket: Ticket, now: datetime) -> ReturnVisit:
    """The visit that is due, or one that nobody had to make: somebody asks, or the household speaks up by itself."""
    today = now.astimezone(local_zone()).date()
    return due_visit(ticket) or _add(session, ticket, VisitReason.ASKED, today, worker_of(session, ticket))


def worker_of(session: Session, ticket: Ticket) -> int | None:
    """Who did the work last, by the timeline."""
    finished = (
        select(TicketEntry.data)
        .where(TicketEntry.ticket_id == ticket.id, TicketEntry.verb == "finish")
        .order_by(TicketEntry.at.desc(), TicketEntry.id.desc())
    )
    data = session.scalars(finished.limit(1)).first()
    return data.get("worker_id") if data else None


def note_visit(session: Session, ticket: Ticket, actor: Actor, now: datetime, data: Mapping[str, Any]) -> ReturnVisit:
    """Write what came of a try: the score and the household's words, or that nobody was reached.

    After `visits.max_tries` in vain the household counts as unreachable: a result of its own. A complaint's household is
    tried again some days later (D5: followed up until it is satisfied or has been told why not).
    """
    visit = open_visit(session, ticket, now)
    result = rules.result_of(data["way"], unreachable=bool(data.get("unreachable")), said=data.get("result"))
    note_try(session, visit, actor, now, data["way"], result, data.get("note") or "")
    visit.tries += 1
    visit.way, visit.visitor_id = data["way"], actor.user_id
    visit.note = "\n".join(filter(None, (visit.note, data.get("note") or "")))
    if result not in rules.IN_VAIN:
        visit.state, visit.visited_at = VisitState.MADE, now
        if data.get("score"):
            note_answer(session, visit, actor, now, data["way"], data["score"], data.get("note") or "", counts=True)
        if data["way"] in rules.BY_PEOPLE and not actor.is_system:
            draw_check(session, visit, now)
    elif rules.is_given_up(visit.tries, figure(session, "visits.max_tries")):
        visit.state, visit.visited_at = VisitState.UNREACHABLE, now
        if ticket.kind == Kind.COMPLAINT:
            again = now.astimezone(local_zone()).date() + timedelta(days=figure(session, "visits.again_days"))
            _add(session, ticket, VisitReason.AGAIN, again, visit.worker_id)
    return visit


def note_try(
    session: Session, visit: ReturnVisit, actor: Actor, now: datetime, way: str, result: VisitResult, note: str = ""
) -> VisitTry:
    """One more row: when, who, how, what happened."""
    row = VisitTry(
        visit=visit,
        at=now,
        way=way,
        result=result,
        actor_id=actor.user_id,
        actor_name=actor.display_name[:80],
        note=note,
    )
    session.add(row)
    return row


def note_answer(
    session: Session,
    visit: ReturnVisit,
    actor: Actor,
    now: datetime,
    way: str,
    score: int,
    words: str,
    *,
    counts: bool,
) -> VisitAnswer:
    """The household's own record. The one that counts is repeated on the visit, where figures and REST read it."""
    answer = VisitAnswer(
        visit=visit,
        at=now,
        way=way,
        score=score,
        words=words,
        counts=counts,
        taken_by_id=actor.user_id,
        taken_by=actor.display_name[:80],
    )
    session.add(answer)
    if counts:
        visit.score = score
    return answer


def cancel_visits(ticket: Ticket) -> None:
    """The ticket is worked on again, or given up: what was due is not asked any more."""
    for visit in ticket.visits:
        if visit.state == VisitState.DUE:
            visit.state = VisitState.CANCELLED


def due_list(session: Session, now: datetime, condition: ColumnElement[bool] | None = None) -> list[ReturnVisit]:
    """The visits that are due, the oldest first. `condition` is the actor's row limit on tickets."""
    statement = (
        select(ReturnVisit)
        .join(Ticket)
        .where(ReturnVisit.state == VisitState.DUE, Ticket.state == TicketState.DONE)
        .where(true() if condition is None else condition)
        .options(joinedload(ReturnVisit.ticket))
        .order_by(ReturnVisit.due_on, ReturnVisit.id)
    )
    return list(session.scalars(statement))


def _add(session: Session, ticket: Ticket, reason: VisitReason, due_on: Any, worker_id: int | None) -> ReturnVisit:
    visit = ReturnVisit(state=VisitState.DUE, reason=reason, due_on=due_on, tries=0, worker_id=worker_id)
    ticket.visits.append(visit)
    return visit
