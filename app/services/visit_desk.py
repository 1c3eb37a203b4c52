"""The desk's side of return visits (D8): which are whose, who may be given one, and giving it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime
from functools import partial
from typing import Any

from flask_babel import gettext
from sqlalchemy import ColumnElement, Select, and_, func, or_, select
from sqlalchemy.orm import Session, joinedload, selectinload

from app.errors import N_, Forbidden, Refused
from app.models import ReturnVisit, Staff, StewardBuilding, Ticket
from app.models.base import BIGGEST_ID
from app.rules.codes import Role, TicketState, VisitState
from app.rules.ticket_states import DESK_ROLES, TicketFacts, visit_hindrance
from app.services.access import rows
from app.services.actors import Actor
from app.services.local_time import local_zone
from app.services.return_visits import due_visit, open_visit
from app.services.roster import staff_of
from app.services.staff_notices import tell
from app.services.ticket_facts import facts_of
from app.services.visit_rows import for_me, is_due, may_make

VISITORS = (Role.ASSISTANT, Role.STEWARD, Role.SUPERVISOR, Role.DEPUTY, Role.MANAGER)
"""Who asks households, in the order they are offered."""

SHOWS: dict[str, Callable[[Actor], tuple[ColumnElement[bool], ...]]] = {
    "mine": lambda actor: (for_me(actor),),
    "due": lambda actor: (is_due(),),
    "unreachable": lambda actor: (ReturnVisit.state == VisitState.UNREACHABLE,),
    "made": lambda actor: (ReturnVisit.state == VisitState.MADE,),
}
"""What a reader may limit the list to."""


def find_visit(session: Session, actor: Actor, visit_id: int) -> ReturnVisit | None:
    """The visit of this id with all that hangs on it, if it is the actor's to see."""
    if not 0 < visit_id <= BIGGEST_ID:
        return None
    statement = (
        select(ReturnVisit)
        .where(ReturnVisit.id == visit_id, rows(actor, ReturnVisit))
        .options(
            joinedload(ReturnVisit.ticket).options(
                joinedload(Ticket.house), joinedload(Ticket.category), joinedload(Ticket.community)
            ),
            joinedload(ReturnVisit.assigned),
            joinedload(ReturnVisit.check),
            selectinload(ReturnVisit.try_rows),
            selectinload(ReturnVisit.answers),
        )
    )
    return session.scalars(statement).unique().one_or_none()


def listed(
    session: Session, actor: Actor, show: str, *, skip: int = 0, most: int = 25
) -> tuple[int, list[ReturnVisit]]:
    """How many visits there are and a page of them: the due ones by their day, the others newest first."""
    wanted = _wanted(select(ReturnVisit), actor, show)
    total = session.scalar(_wanted(select(func.count()).select_from(ReturnVisit), actor, show)) or 0
    newest = show in ("unreachable", "made")
    order = (ReturnVisit.visited_at.desc(), ReturnVisit.id.desc()) if newest else (ReturnVisit.due_on, ReturnVisit.id)
    page = (
        wanted.options(
            joinedload(ReturnVisit.ticket).options(joinedload(Ticket.house), joinedload(Ticket.category)),
            joinedload(ReturnVisit.assigned),
            selectinload(ReturnVisit.try_rows),
        )
        .order_by(*order)
        .offset(skip)
        .limit(most)
    )
    return total, list(session.scalars(page).unique())


def counts(session: Session, actor: Actor) -> dict[str, int]:
    """How many visits stand under each heading."""
    return {
        show: session.scalar(_wanted(select(func.count()).select_from(ReturnVisit), actor, show)) or 0
        for show in ("mine", "due")
    }


def _wanted(statement: Select[Any], actor: Actor, show: str) -> Select[Any]:
    return statement.join(Ticket).where(*SHOWS[show](actor), rows(actor, Ticket))


def permitted(session: Session, visit: ReturnVisit, now: datetime) -> list[Staff]:
    """Who may make this visit by the rule: the desk, the building's stewards, where the supervisor handled it only who
    supervises; never the one who did the work."""
    ticket = visit.ticket
    people = staff_of(session, ticket.community_id, VISITORS)
    stewards = _stewards(session, ticket, now)
    facts = facts_of(session, ticket, Actor.system("visits"))
    return [
        person
        for person in people
        if (person.role != Role.STEWARD or person.id in stewards) and visit_hindrance(_as(facts, person)) is None
    ]


def assign(session: Session, visit: ReturnVisit, staff_id: int | None, actor: Actor, now: datetime) -> None:
    """Give a due visit to somebody who may make it, or to nobody by name again. They are told.

    Raises Forbidden for who does not lead the desk's work, Refused with the rule's sentence for somebody who may not make it.
    """
    if not actor.roles & DESK_ROLES:
        raise Forbidden(N_("Visits are given out by the desk and the supervisor."))
    if visit.state != VisitState.DUE:
        raise Refused(N_("This visit is not due any more."))
    if staff_id is None:
        visit.assigned_id = None
        return
    able = {person.id: person for person in permitted(session, visit, now)}
    if staff_id not in able:
        raise Refused(_why_not(session, visit, staff_id))
    visit.assigned_id = staff_id
    session.flush()
    if staff_id != actor.staff_id:
        words = partial(_words, visit.ticket.number)
        mark = f"visit:{visit.id}:{now:%Y%m%d%H%M}"
        tell(session, [able[staff_id]], visit.ticket.community_id, "return_visits", words, now, mark)


def ask_after(session: Session, ticket: Ticket, actor: Actor, now: datetime) -> ReturnVisit:
    """Somebody wants to ask although no rule says so. Raises Refused where there is nothing to be asked after."""
    if ticket.state != TicketState.DONE:
        raise Refused(N_("Only work that is done and not yet asked after can be asked after."))
    hindrance = visit_hindrance(facts_of(session, ticket, actor))
    if hindrance:
        raise Refused(hindrance)
    fresh = due_visit(ticket) is None
    visit = open_visit(session, ticket, now)
    if fresh:
        visit.assigned_id = actor.staff_id
    session.flush()
    return visit


def why_not_me(session: Session, visit: ReturnVisit, actor: Actor) -> str | None:
    """Why this actor may not make this visit, as a msgid; None when they may."""
    if visit.state != VisitState.DUE or visit.ticket.state != TicketState.DONE:
        return N_("This visit is not due any more.")
    if session.scalar(select(ReturnVisit.id).join(Ticket).where(ReturnVisit.id == visit.id, may_make(actor))) is None:
        return visit_hindrance(facts_of(session, visit.ticket, actor)) or N_("Your role does not allow this step.")
    return None


def name_of(session: Session, staff_id: int | None) -> str:
    """What somebody of the staff is called."""
    return session.scalar(select(Staff.name).where(Staff.id == staff_id)) or "" if staff_id else ""


def _why_not(session: Session, visit: ReturnVisit, staff_id: int) -> str:
    person = session.get(Staff, staff_id)
    facts = facts_of(session, visit.ticket, Actor.system("visits"))
    hindrance = visit_hindrance(_as(facts, person)) if person else None
    return hindrance or N_("A return visit is made by the desk, the building's steward or the supervisor.")


def _as(facts: TicketFacts, person: Staff) -> TicketFacts:
    return replace(facts, actor_staff_id=person.id, actor_roles=frozenset({person.role}), actor_is_system=False)


def _stewards(session: Session, ticket: Ticket, now: datetime) -> set[int]:
    today = now.astimezone(local_zone()).date()
    still = or_(StewardBuilding.ends_on.is_(None), StewardBuilding.ends_on >= today)
    of_building = and_(StewardBuilding.building_id == ticket.building_id, StewardBuilding.starts_on <= today, still)
    return set(session.scalars(select(StewardBuilding.staff_id).where(of_building)))


def _words(number: str) -> str:
    return gettext("A return visit is yours to make. Ticket %(number)s.", number=number)
