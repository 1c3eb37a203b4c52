"""The quality check (D8): the supervisor or the quality department looks into a sample of the visits people made.

A check is a record of its own: it never changes the visit or the household's score, but what it finds wrong is told.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from functools import partial
from typing import Any

from flask_babel import gettext
from sqlalchemy import ColumnElement, func, or_, select
from sqlalchemy.orm import Session, joinedload

from app.errors import N_, Invalid, Refused
from app.models import ReturnVisit, Ticket, VisitCheck
from app.rules import return_visits as rules
from app.rules.codes import CheckResult, DrawKind, Role, VisitState, VisitWay
from app.services.access import rows
from app.services.actors import Actor
from app.services.draws import draw
from app.services.local_time import local_zone
from app.services.policies import figures
from app.services.roster import staff_of
from app.services.staff_notices import tell
from app.services.ticket_input import NOTE_LIMIT, choice, clean_text, whole_number

WRONG = frozenset({CheckResult.DIFFERS, CheckResult.NOT_MADE})


def draw_check(session: Session, visit: ReturnVisit, now: datetime) -> None:
    """A visit somebody made takes part in the month's draw for the quality check."""
    session.flush()
    known = figures(session, "visits.check_percent", "visits.check_days")
    ticket = visit.ticket
    drawn = draw(
        session,
        DrawKind.CHECK,
        ticket.community_id,
        known["visits.check_percent"],
        now,
        ticket_id=ticket.id,
        turn=ticket.reopened_count,
        visit_id=visit.id,
    )
    if drawn:
        due_on = now.astimezone(local_zone()).date() + timedelta(days=known["visits.check_days"])
        session.add(VisitCheck(visit=visit, drawn=True, created_at=now, due_on=due_on))


def hindrance(visit: ReturnVisit, actor: Actor) -> None:
    """Raises Forbidden or Refused when this actor may not check this visit."""
    mine = actor.staff_id is not None and actor.staff_id == visit.worker_id
    rules.may_check(actor.roles, actor.user_id, visit.visitor_id, mine)


def check(session: Session, visit: ReturnVisit, actor: Actor, now: datetime, sent: Mapping[str, Any]) -> VisitCheck:
    """Write what the check found, once. Raises Invalid for the input, Refused when it was checked already or is none's.

    A visit that was not drawn may be checked, too: somebody had a reason to.
    """
    hindrance(visit, actor)
    if visit.state != VisitState.MADE:
        raise Refused(N_("Only a visit that was made can be checked."))
    result = choice(sent.get("result"), CheckResult)
    if result is None:
        raise Invalid(N_("Say what the check found."))
    note = clean_text(sent.get("note"), NOTE_LIMIT)
    if result in WRONG and not note:
        raise Invalid(N_("Write what is different from the record."))
    found = session.scalars(select(VisitCheck).where(VisitCheck.visit_id == visit.id).with_for_update()).first()
    if found is None:
        found = VisitCheck(visit=visit, drawn=False, created_at=now, due_on=now.astimezone(local_zone()).date())
        session.add(found)
    if found.checked_at is not None:
        raise Refused(N_("This visit has been checked already."))
    found.checked_at, found.checker_id, found.checker_name = now, actor.user_id, actor.display_name[:80]
    found.way = choice(sent.get("way"), VisitWay, default=VisitWay.PHONE)
    found.result, found.score, found.note = result, whole_number(sent.get("score"), 1, 5), note
    session.flush()
    if result in WRONG:
        _tell(session, visit.ticket, now)
    return found


def open_checks(actor: Actor) -> tuple[ColumnElement[bool], ...]:
    """The conditions of the checks that wait for this actor: drawn, not done, neither their own visit nor their work."""
    not_mine = (
        or_(ReturnVisit.visitor_id.is_(None), ReturnVisit.visitor_id != actor.user_id),
        or_(ReturnVisit.worker_id.is_(None), ReturnVisit.worker_id != actor.staff_id),
    )
    return (VisitCheck.checked_at.is_(None), *(not_mine if actor.user_id is not None else ()), rows(actor, Ticket))


def count_open(session: Session, actor: Actor) -> int:
    """How many checks wait for this actor."""
    counted = select(func.count()).select_from(VisitCheck).join(ReturnVisit).join(Ticket).where(*open_checks(actor))
    return session.scalar(counted) or 0


def listed(session: Session, actor: Actor, *, done: bool, most: int, skip: int = 0) -> list[VisitCheck]:
    """The checks that wait, the most pressing first, or those that were made, newest first."""
    wanted = (VisitCheck.checked_at.is_not(None), rows(actor, Ticket)) if done else open_checks(actor)
    order = VisitCheck.checked_at.desc() if done else VisitCheck.due_on
    statement = (
        select(VisitCheck)
        .join(ReturnVisit)
        .join(Ticket)
        .where(*wanted)
        .options(joinedload(VisitCheck.visit).joinedload(ReturnVisit.ticket).joinedload(Ticket.house))
        .options(joinedload(VisitCheck.visit).joinedload(ReturnVisit.visitor))
        .order_by(order, VisitCheck.id)
    )
    return list(session.scalars(statement.offset(skip).limit(most)))


def _tell(session: Session, ticket: Ticket, now: datetime) -> None:
    people = staff_of(session, ticket.community_id, (Role.MANAGER, Role.DEPUTY))
    words = partial(_words, ticket.number)
    tell(session, people, ticket.community_id, "return_visits", words, now, f"check:{ticket.number}")


def _words(number: str) -> str:
    return gettext("The quality check of a return visit found something wrong. Ticket %(number)s.", number=number)
