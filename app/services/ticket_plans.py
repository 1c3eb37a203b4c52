"""The plan of an emergency (D7): opened with its ticket, kept in the version of that hour, its steps ticked by whoever does them.

Never commits. What was opened stays: a plan that turned out to be the wrong one is followed by another, with its own ticks.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import exists, or_, select
from sqlalchemy.orm import Session, joinedload

from app.errors import N_, Forbidden, Invalid, NotFound, Refused
from app.models import EscalationAttempt, PlanTick, PlanVersion, Ticket, TicketPlan
from app.rules import plans as rules
from app.rules.codes import OPEN_STATES, Priority, TicketState
from app.rules.ticket_states import WORK_ROLES
from app.services import plans
from app.services.access import rows
from app.services.actors import Actor
from app.services.call_store import insert_once
from app.services.tickets import add_entry

HOUSE = "ladder"
"""Whose name stands under a plan that the house opened by itself (`timeline_words` says it in words)."""


@dataclass(frozen=True)
class StepNow:
    """A step as it stands: done by whom and when, or late after its minutes."""

    number: int
    key: str
    content: Mapping[str, Any]
    due_at: datetime
    tick: PlanTick | None = None

    def late(self, now: datetime) -> bool:
        """Whether its minutes have run out and nobody ticked it."""
        return self.tick is None and now > self.due_at

    @property
    def minutes_taken(self) -> int | None:
        """After how many whole minutes it was done."""
        if self.tick is None:
            return None
        return int((self.tick.at - (self.due_at - timedelta(minutes=self.content["minutes"]))).total_seconds() // 60)


@dataclass(frozen=True)
class OpenPlan:
    """The plan of a ticket. `kept`: it stands in the records; else it is what would be opened now."""

    ticket: Ticket
    version: PlanVersion
    fits: bool
    word: str
    kept: TicketPlan | None
    steps: list[StepNow] = field(default_factory=list)
    better: PlanVersion | None = None

    @property
    def done(self) -> int:
        """How many steps are ticked."""
        return sum(step.tick is not None for step in self.steps)

    @property
    def next_step(self) -> StepNow | None:
        """The first that is not."""
        return next((step for step in self.steps if step.tick is None), None)


def find_ticket(session: Session, actor: Actor, number: str) -> Ticket | None:
    """An emergency whose plan the actor may open: of their rows, or one that rings or rang them."""
    if len(number) > 8 or not number.isascii() or not number.isdecimal():
        return None
    mine = rows(actor, Ticket)
    if actor.staff_id is not None:
        rung = EscalationAttempt
        mine = or_(mine, exists().where(rung.ticket_id == Ticket.id, rung.staff_id == actor.staff_id))
    shown = (joinedload(Ticket.house), joinedload(Ticket.building), joinedload(Ticket.category))
    return session.scalars(select(Ticket).where(Ticket.number == number, mine).options(*shown)).first()


def sees(session: Session, actor: Actor, ticket: Ticket) -> bool:
    """Whether the ticket itself is of the actor's rows."""
    return session.scalar(select(Ticket.id).where(Ticket.id == ticket.id, rows(actor, Ticket))) is not None


def open_with(session: Session, ticket: Ticket, now: datetime) -> TicketPlan | None:
    """Keep the plan in force for this emergency, as the ladder starts. One that is kept already stays; None: no plan at all."""
    kept = _kept(session, ticket)
    if kept is not None:
        return kept
    chosen = _chosen(session, ticket)
    return None if chosen is None else _keep(session, ticket, chosen, HOUSE, now)


def current(session: Session, ticket: Ticket) -> OpenPlan | None:
    """The plan of an emergency as it stands; writes nothing. None for what is no emergency, or with an empty library."""
    kept = _kept(session, ticket)
    if kept is None and ticket.priority != Priority.EMERGENCY:
        return None
    chosen = _chosen(session, ticket) if kept is None or ticket.state in OPEN_STATES else None
    if kept is None:
        version = session.get(PlanVersion, chosen.version_id) if chosen else None
        if chosen is None or version is None:
            return None
        return OpenPlan(ticket, version, chosen.fits, chosen.word, None, _steps(version, ticket, {}))
    ticks = {one.step: one for one in session.scalars(select(PlanTick).where(PlanTick.ticket_plan_id == kept.id))}
    return OpenPlan(
        ticket,
        kept.version,
        kept.fits,
        kept.word,
        kept,
        _steps(kept.version, ticket, ticks),
        _better(session, kept, chosen),
    )


def tick(
    session: Session, actor: Actor, ticket: Ticket, key: str, now: datetime, version_id: int | None = None
) -> bool:
    """A step is done. Twice, or by two people at once, is once: False for the one who comes second.

    `version_id`: what the reader had before them. Raises Forbidden, NotFound, Refused.
    """
    _may_tick(actor, ticket)
    kept = _held(session, ticket, now)
    if version_id is not None and version_id != kept.version_id:
        raise Refused(N_("Another plan has been opened meanwhile: look at its steps."))
    places = {step["key"]: (place, step) for place, step in enumerate(kept.version.content["steps"], 1)}
    if key not in places:
        raise NotFound(N_("There is no such step."))
    values = {
        "ticket_plan_id": kept.id,
        "step": key,
        "at": now,
        "actor_id": actor.user_id,
        "actor_name": actor.display_name[:80],
    }
    if not insert_once(session, PlanTick.__table__, values, "ticket_plan_id", "step"):
        return False
    place, step = places[key]
    data = {"step": place, "text_zh": step["zh"], "text_en": step["en"]}
    add_entry(session, ticket, "plan_step", actor, now, before=ticket.state, note=step["zh"], data=data)
    session.flush()
    return True


def choose_other(session: Session, actor: Actor, ticket: Ticket, version_id: int | None, now: datetime) -> TicketPlan:
    """Open another plan with this emergency: what was ticked on the first stays on the timeline. Raises Forbidden, Invalid."""
    _may_tick(actor, ticket)
    if ticket.priority != Priority.EMERGENCY:
        raise Refused(N_("Only an emergency has a plan."))
    known = {one.version_id for one in plans.candidates(session, ticket.community_id)}
    if version_id is None or version_id not in known:
        raise Invalid(N_("Choose a plan that is in force."))
    _wait(session, ticket)
    kept = _kept(session, ticket)
    if kept is not None and kept.version_id == version_id:
        return kept
    return _keep(session, ticket, rules.Choice(version_id, True), actor.display_name[:80], now, actor)


def offered(session: Session, ticket: Ticket) -> list[PlanVersion]:
    """The plans that may be opened with it."""
    ids = [one.version_id for one in plans.candidates(session, ticket.community_id)]
    wanted = select(PlanVersion).where(PlanVersion.id.in_(ids)).options(joinedload(PlanVersion.plan))
    return list(session.scalars(wanted.order_by(PlanVersion.id)))


def may_tick(actor: Actor, ticket: Ticket) -> bool:
    """Whether the actor takes steps of emergencies, and this one is not settled."""
    return not _settled(ticket) and (actor.is_system or not actor.roles.isdisjoint(WORK_ROLES))


# ---- inside ----------------------------------------------------------------------------------------------------------


def _may_tick(actor: Actor, ticket: Ticket) -> None:
    if not actor.is_system and actor.roles.isdisjoint(WORK_ROLES):
        raise Forbidden(N_("Your role does not allow this step."))
    if _settled(ticket):
        raise Refused(N_("This emergency is settled: its plan stays as it was worked off."))


def _settled(ticket: Ticket) -> bool:
    return ticket.state in (TicketState.CLOSED, TicketState.CANCELLED)


def _kept(session: Session, ticket: Ticket) -> TicketPlan | None:
    wanted = (
        select(TicketPlan)
        .where(TicketPlan.ticket_id == ticket.id)
        .options(joinedload(TicketPlan.version).joinedload(PlanVersion.plan))
        .order_by(TicketPlan.id.desc())
        .limit(1)
    )
    return session.scalars(wanted).first()


def _held(session: Session, ticket: Ticket, now: datetime) -> TicketPlan:
    """The plan of the ticket, kept now if the house had not opened one (an emergency from before there was a library)."""
    kept = _kept(session, ticket)
    if kept is None and ticket.priority == Priority.EMERGENCY:
        _wait(session, ticket)
        kept = open_with(session, ticket, now)
    if kept is None:
        raise Refused(N_("No plan is open with this ticket."))
    return kept


def _wait(session: Session, ticket: Ticket) -> None:
    """Two who open a plan at once: the second sees what the first one opened."""
    session.flush()
    session.execute(select(Ticket.id).where(Ticket.id == ticket.id).with_for_update(of=Ticket))


def _chosen(session: Session, ticket: Ticket) -> rules.Choice | None:
    said = " ".join(part for part in (ticket.title, ticket.description, ticket.place or "") if part)
    category = ticket.category.code if ticket.category else None
    return rules.choose(plans.candidates(session, ticket.community_id), said, category)


def _better(session: Session, kept: TicketPlan, chosen: rules.Choice | None) -> PlanVersion | None:
    """Another plan that fits what the ticket says by now; a newer version of the same one is none."""
    if chosen is None or not chosen.fits or chosen.version_id == kept.version_id:
        return None
    found = session.get(PlanVersion, chosen.version_id)
    by_hand = kept.opened_by != HOUSE
    return None if found is None or found.plan_id == kept.version.plan_id or by_hand else found


def _keep(
    session: Session, ticket: Ticket, chosen: rules.Choice, name: str, now: datetime, actor: Actor | None = None
) -> TicketPlan:
    kept = TicketPlan(
        ticket_id=ticket.id,
        version_id=chosen.version_id,
        fits=chosen.fits,
        word=chosen.word[:80],
        opened_at=now,
        opened_by=name,
    )
    session.add(kept)
    session.flush()
    if actor is not None:
        content = kept.version.content
        data = {"text_zh": content["name"], "text_en": content["name_en"], "version": kept.version.number}
        add_entry(session, ticket, "plan_open", actor, now, before=ticket.state, note=content["name"], data=data)
        session.flush()
    return kept


def _steps(version: PlanVersion, ticket: Ticket, ticks: Mapping[str, PlanTick]) -> list[StepNow]:
    return [
        StepNow(
            place,
            step["key"],
            step,
            ticket.created_at + timedelta(minutes=step["minutes"]),
            ticks.get(step["key"]),
        )
        for place, step in enumerate(version.content["steps"], 1)
    ]
