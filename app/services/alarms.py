"""The alarm on the staff's pages: an emergency that rings and nobody has accepted (D7), and taking it there.

Taking it on a page is the acceptance of key 1: the first one wins, whichever way it came.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, ScalarSelect, and_, exists, func, or_, select
from sqlalchemy.orm import Session, aliased

from app.errors import N_, Forbidden, NotFound, Refused
from app.models import Building, Community, EscalationAttempt, House, Ladder, PlanVersion, Staff, Ticket, TicketPlan
from app.rules.codes import AttemptState, LadderState, Role, Tier
from app.rules.escalation import LIVE, PAGE_RUNG
from app.services import escalation
from app.services.access import rows
from app.services.actors import Actor
from app.services.escalation import Accepted
from app.services.names import is_english, named, place_words
from app.services.policies import seconds

CONCERNED = (Role.MANAGER, Role.DEPUTY, Role.SUPERVISOR, Role.ASSISTANT, Role.STEWARD)
"""Whose pages show an alarm of their own rows; whoever is rung by a ladder sees it too, whatever the role."""

TOLD_FOR = timedelta(seconds=60)
"""How long the pages say who took it."""

MOST = 6
_LEADING = (Role.MANAGER, Role.DEPUTY, Role.SUPERVISOR)


@dataclass(frozen=True)
class Alarm:
    """One emergency that rings, or (`taken_by`) was taken a moment ago."""

    ladder_id: int
    number: str
    title: str
    where: str
    since: datetime
    ringing: str | None
    tier: str | None
    round: int
    taken_by: str | None
    mine: bool
    plan: str = ""

    @property
    def rings(self) -> bool:
        """Whether nobody has taken it yet."""
        return self.taken_by is None


def concerns(actor: Actor) -> ColumnElement[bool]:
    """The condition on Ladder (joined with Ticket) that leaves the alarms this actor is shown."""
    ways: list[ColumnElement[bool]] = []
    if actor.has(*CONCERNED):
        ways.append(rows(actor, Ticket))
    if actor.staff_id is not None:
        rung = EscalationAttempt
        ways.append(exists().where(rung.ladder_id == Ladder.id, rung.staff_id == actor.staff_id))
    return or_(*ways) if ways else Ladder.id.is_(None)


def going_on(now: datetime) -> ColumnElement[bool]:
    """Ladders that ring, or were taken within the last minute."""
    taken = and_(Ladder.state == LadderState.ACCEPTED, Ladder.ended_at >= now - TOLD_FOR)
    return or_(Ladder.state == LadderState.RUNNING, taken)


def ringing(session: Session, actor: Actor, now: datetime) -> list[Alarm]:
    """The alarms of this actor, those that ring first, the oldest first. One statement."""
    attempt = aliased(EscalationAttempt)
    person = aliased(Staff)
    at_place = and_(attempt.ladder_id == Ladder.id, attempt.round == Ladder.round, attempt.rung == Ladder.rung)
    shown = or_(
        and_(Ladder.state == LadderState.RUNNING, at_place),
        and_(Ladder.state == LadderState.ACCEPTED, attempt.id == Ladder.accepted_attempt_id),
    )
    statement = (
        select(
            Ladder,
            Ticket.number,
            Ticket.title,
            Ticket.place,
            House,
            Building,
            Community,
            attempt,
            person.name,
            PlanVersion.content,
        )
        .select_from(Ladder)
        .join(Ticket, Ticket.id == Ladder.ticket_id)
        .join(Community, Community.id == Ticket.community_id)
        .outerjoin(House, House.id == Ticket.house_id)
        .outerjoin(Building, Building.id == Ticket.building_id)
        .outerjoin(attempt, shown)
        .outerjoin(person, person.id == attempt.staff_id)
        .outerjoin(PlanVersion, PlanVersion.id == _opened())
        .where(going_on(now), concerns(actor))
        .order_by(Ladder.state == LadderState.ACCEPTED, Ladder.started_at, Ladder.id)
        .limit(MOST)
    )
    found = []
    for ladder, number, title, place, house, building, community, tried, name, plan in session.execute(statement):
        taken = ladder.state == LadderState.ACCEPTED
        who = name or (tried.number if tried else None)
        found.append(
            Alarm(
                ladder_id=ladder.id,
                number=number,
                title=title,
                where=f"{named(community)} {place_words(house, building, place)}".strip(),
                since=ladder.started_at,
                ringing=None if taken else who,
                tier=tried.tier if tried and not taken else None,
                round=ladder.round,
                taken_by=(who or "–") if taken else None,
                mine=bool(tried and actor.staff_id is not None and tried.staff_id == actor.staff_id),
                plan=_plan_name(plan),
            )
        )
    return found


def _plan_name(content: Mapping[str, Any] | None) -> str:
    if content is None:
        return ""
    return str((content["name_en"] if is_english() else "") or content["name"])


def _opened() -> ScalarSelect[int]:
    """The version of the plan that counts for the ticket."""
    opened = select(TicketPlan.version_id).where(TicketPlan.ticket_id == Ticket.id).correlate(Ticket)
    return opened.order_by(TicketPlan.id.desc()).limit(1).scalar_subquery()


def take(session: Session, ladder_id: int, actor: Actor, now: datetime) -> tuple[Accepted, Ticket]:
    """Take the emergency on a page. Raises NotFound for one that does not concern the actor, Refused for one that is over.

    The caller who still waits in the queue is connected: the job `ladder` rings the taker's own telephone.
    """
    if actor.staff_id is None:
        raise Forbidden(N_("An emergency is taken by somebody of the staff."))
    mine = select(Ladder.id).join(Ticket, Ticket.id == Ladder.ticket_id).where(Ladder.id == ladder_id, concerns(actor))
    if session.scalar(mine) is None:
        raise NotFound(N_("There is nothing here, or it is not yours to see."))
    ladder = session.get_one(Ladder, ladder_id, with_for_update=True, populate_existing=True)
    if ladder.state == LadderState.CANCELLED:
        raise Refused(N_("This emergency is over: nobody is being rung any more."))
    if ladder.state == LadderState.ACCEPTED:
        return _too_late(session, ladder, actor), ladder.ticket
    attempt = own_attempt(session, ladder, actor, now)
    accepted = escalation.accept(session, attempt.id, now)
    if accepted.yours:
        to_the_caller(session, ladder, attempt, now)
    return accepted, ladder.ticket


def _too_late(session: Session, ladder: Ladder, actor: Actor) -> Accepted:
    taker = session.get(EscalationAttempt, ladder.accepted_attempt_id) if ladder.accepted_attempt_id else None
    if taker is None:
        return Accepted(False)
    name = taker.staff.name if taker.staff else taker.number
    return Accepted(taker.staff_id == actor.staff_id, name)


def own_attempt(session: Session, ladder: Ladder, actor: Actor, now: datetime) -> EscalationAttempt:
    """The ring of the actor's telephone that goes on now, or one made here: what comes of it rings them anew."""
    rung = EscalationAttempt
    own = select(rung).where(rung.ladder_id == ladder.id, rung.staff_id == actor.staff_id, rung.state.in_(LIVE))
    found = session.scalars(own.order_by(rung.id.desc()).limit(1)).first()
    if found is not None:
        return found
    staff = session.get_one(Staff, actor.staff_id)
    made = select(func.count()).where(rung.ladder_id == ladder.id, rung.round == ladder.round, rung.rung >= PAGE_RUNG)
    attempt = EscalationAttempt(
        ladder_id=ladder.id,
        ticket_id=ladder.ticket_id,
        round=ladder.round,
        rung=PAGE_RUNG + (session.scalar(made) or 0),
        tier=Tier.MANAGER if actor.has(*_LEADING) else Tier.ON_DUTY,
        staff_id=staff.id,
        number=staff.number or ladder.ticket.community.desk_phone or "",
        state=AttemptState.PENDING,
        started_at=now,
        deadline_at=now + seconds(session, "ladder.accept_seconds"),
    )
    session.add(attempt)
    session.flush()
    return attempt


def to_the_caller(session: Session, ladder: Ladder, attempt: EscalationAttempt, now: datetime) -> None:
    """Who waits in the queue is to be connected at once; who hung up is to be called back."""
    on_the_line = escalation.caller_waits(ladder, session)
    if attempt.provider_sid is not None or (ladder.call_id is None and not on_the_line):
        return
    if on_the_line and attempt.number:
        ladder.next_at = now
    else:
        escalation.not_reached(session, attempt.id, now)
    session.flush()
