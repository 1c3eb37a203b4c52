"""The steps of a special event (D5, D7, I5): one function for the button and REST. Decisions are people's.

`perform` asks the rules, reads the input, writes, notes it on the event's timeline and tells who must hear. Never commits.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, or_, select, update
from sqlalchemy.orm import Session

from app.errors import N_, Forbidden, NotFound, Refused
from app.models import SpecialEvent, SpecialEventTicket, Ticket
from app.rules.codes import MemberState, Priority, SpecialKind, SpecialState
from app.rules.special_events import STEPS, decide
from app.rules.ticket_states import SUPERVISING_ROLES
from app.services import special_report, special_send, special_tell, special_visits
from app.services.access import rows
from app.services.actors import Actor
from app.services.policies import figure
from app.services.special_detection import HOUSEHOLDS
from app.services.special_members import (
    LIVE,
    drop_visits,
    enter,
    held,
    note,
    owe_visit,
    put,
    recount,
    wait_for_turn,
)
from app.services.special_outage import announce
from app.services.special_standing import first_hindrance
from app.services.ticket_input import SHORT_LIMIT, clean_text, flag, row_id
from app.services.tickets import add_entry


@dataclass(frozen=True)
class Taking:
    """One step being taken; `data` is what the form or the JSON body brought."""

    session: Session
    event: SpecialEvent
    actor: Actor
    now: datetime
    data: Mapping[str, Any]

    def text(self, name: str, limit: int = SHORT_LIMIT) -> str:
        """A short text of the input, clean."""
        return clean_text(self.data.get(name), limit)

    def number(self, name: str) -> int | None:
        """An id of the input."""
        return row_id(self.data.get(name))

    def note(self, verb: str, words: str = "", **data: Any) -> None:
        """A line of the event's timeline."""
        note(self.session, self.event, verb, self.actor, self.now, words, data)


def find(session: Session, actor: Actor, event_id: int) -> SpecialEvent | None:
    """The event, if it is the actor's to see."""
    return session.scalars(select(SpecialEvent).where(SpecialEvent.id == event_id, rows(actor, SpecialEvent))).first()


def perform(
    session: Session, event: SpecialEvent, name: str, actor: Actor, now: datetime, data: Mapping[str, Any] | None = None
) -> SpecialEvent:
    """Take one step. The caller owns the transaction and has checked that the actor may see the row.

    Raises NotFound for an unknown step, Forbidden for the role, Invalid for the input, Refused for what the rules forbid.
    """
    if name not in STEPS:
        raise NotFound(N_("There is no such step."))
    decide(name, event.state, event.kind, actor.roles)
    taking = Taking(session, event, actor, now, data or {})
    _lock_tickets(taking)
    wait_for_turn(session, event.community_id)
    event = held(session, event.id)
    step = decide(name, event.state, event.kind, actor.roles)
    _TAKE[name](replace(taking, event=event))
    event.state = step.target or event.state
    session.flush()
    return event


def _lock_tickets(taking: Taking) -> None:
    """Its tickets, and the one that is to come to it, before the event itself: see `wait_for_turn`."""
    members = select(SpecialEventTicket.ticket_id).where(
        SpecialEventTicket.event_id == taking.event.id, SpecialEventTicket.state.in_(LIVE)
    )
    wanted: list[ColumnElement[bool]] = [Ticket.id.in_(members)]
    if taking.data.get("ticket_id") or taking.data.get("number"):
        wanted.append(_named(taking))
    taking.session.scalars(select(Ticket).where(or_(*wanted)).order_by(Ticket.id).with_for_update(of=Ticket)).all()


def open_emergency(session: Session, actor: Actor, ticket: Ticket, now: datetime) -> SpecialEvent:
    """Open the special event of an emergency by hand (D7): confirmed by whoever opens it, the managers are told."""
    if not actor.has(*SUPERVISING_ROLES):
        raise Forbidden(N_("Your role does not allow this step."))
    if ticket.priority != Priority.EMERGENCY:
        raise Refused(
            N_("Only of an emergency a special event is opened by hand; collective matters are found by the house.")
        )
    session.refresh(ticket, with_for_update={"of": Ticket})
    wait_for_turn(session, ticket.community_id)
    _is_free(session, ticket)
    event = SpecialEvent(
        community_id=ticket.community_id,
        kind=SpecialKind.EMERGENCY,
        state=SpecialState.CONFIRMED,
        category_id=ticket.category_id,
        building_id=ticket.building_id,
        place=ticket.place,
        opened_at=now,
        first_at=ticket.created_at,
        last_at=ticket.created_at,
        confirmed_at=now,
        confirmed_by=actor.display_name[:80],
        texts={},
    )
    enter(session, event)
    put(session, event, ticket.id, MemberState.LINKED, now)
    note(session, event, "open", actor, now, data={"ticket": ticket.number})
    _tell_ticket(session, event, ticket, actor, now)
    recount(session, event)
    special_tell.confirmed(session, event, now)
    return event


# ---- proposed: confirmed or rejected ---------------------------------------------------------------------------------


def _confirm(taking: Taking) -> None:
    """`tickets`: the ids that belong to it (none given: all); `seen`: those the reader had before them, so that what came
    since stays a proposal."""
    session, event = taking.session, taking.event
    members = _members(session, event, MemberState.PROPOSED)
    seen = _ids(taking.data.get("seen"))
    chosen = _ids(taking.data.get("tickets"))
    shown = [one for one in members if seen is None or one.ticket_id in seen]
    linked = [one.ticket_id for one in shown if chosen is None or one.ticket_id in chosen]
    needed = figure(session, HOUSEHOLDS)
    houses = session.scalars(
        select(Ticket.house_id).where(Ticket.id.in_(linked), Ticket.house_id.is_not(None)).distinct()
    )
    if len(houses.all()) < needed:
        raise Refused(
            N_("That leaves fewer than %(count)s households: reject the proposal instead, and say why."), count=needed
        )
    for one in shown:
        one.state = MemberState.LINKED if one.ticket_id in linked else MemberState.LEFT_OUT
    event.confirmed_at, event.confirmed_by = taking.now, taking.actor.display_name[:80]
    recount(session, event)
    taking.note("confirm", taking.text("note"), households=event.households, tickets=len(linked))
    for ticket in session.scalars(select(Ticket).where(Ticket.id.in_(linked)).order_by(Ticket.id)):
        _belongs(taking, ticket)
    special_tell.confirmed(session, event, taking.now)


def _reject(taking: Taking) -> None:
    reason = taking.text("reason")
    if not reason:
        raise Refused(N_("A proposal is rejected only with a reason."))
    for one in _members(taking.session, taking.event, MemberState.PROPOSED):
        one.state = MemberState.LEFT_OUT
    event = taking.event
    event.rejected_at, event.rejected_by, event.reject_reason = taking.now, taking.actor.display_name[:80], reason
    taking.note("reject", reason)


# ---- confirmed: whose tickets are in it ------------------------------------------------------------------------------


def _link(taking: Taking) -> None:
    """A ticket that came later belongs to it (`ticket_id`), or any of the community is added by its `number`."""
    session, event = taking.session, taking.event
    ticket = _ticket(taking)
    member = next((one for one in _members(session, event, *LIVE) if one.ticket_id == ticket.id), None)
    if member is not None and member.state == MemberState.LINKED:
        raise Refused(N_("This ticket belongs to it already."))
    if member is None:
        _is_free(session, ticket)
    put(session, event, ticket.id, MemberState.LINKED, taking.now)
    recount(session, event)
    taking.note("link", ticket=ticket.number)
    _belongs(taking, ticket)


def _leave_out(taking: Taking) -> None:
    """A ticket does not belong to it: of one that was linked before, the `reason` is kept."""
    session, event = taking.session, taking.event
    ticket_id, reason = taking.number("ticket_id"), taking.text("reason")
    member = next((one for one in _members(session, event, *LIVE) if one.ticket_id == ticket_id), None)
    if member is None:
        raise NotFound(N_("This ticket does not belong to the special event."))
    if member.state == MemberState.LINKED and not reason:
        raise Refused(N_("Say why the ticket does not belong to it."))
    member.state, member.reason = MemberState.LEFT_OUT, reason
    recount(session, event)
    ticket = session.get_one(Ticket, member.ticket_id)
    session.execute(update(Ticket).where(Ticket.id == ticket.id).values(is_collective=False))
    drop_visits(session, event)
    taking.note("leave_out", reason, ticket=ticket.number)


def _belongs(taking: Taking, ticket: Ticket) -> None:
    """What follows for a ticket: a collective one is answered in person, and its household visited."""
    session, event = taking.session, taking.event
    if event.kind == SpecialKind.COLLECTIVE:
        session.execute(update(Ticket).where(Ticket.id == ticket.id).values(is_collective=True))
        owe_visit(session, event, ticket.house_id)
    _tell_ticket(session, event, ticket, taking.actor, taking.now)


def _tell_ticket(session: Session, event: SpecialEvent, ticket: Ticket, actor: Actor, now: datetime) -> None:
    data = {"event_id": event.id, "event": event.number, "kind": event.kind}
    add_entry(session, ticket, "special_event", actor, now, before=ticket.state, data=data)


def _ticket(taking: Taking) -> Ticket:
    mine = (_named(taking), Ticket.community_id == taking.event.community_id, rows(taking.actor, Ticket))
    ticket = taking.session.scalars(select(Ticket).where(*mine)).first()
    if ticket is None:
        raise NotFound(N_("There is no such ticket in this community."))
    return ticket


def _named(taking: Taking) -> ColumnElement[bool]:
    """The ticket that the input means, by its id or its number."""
    wanted = taking.number("ticket_id")
    return Ticket.id == wanted if wanted is not None else Ticket.number == taking.text("number", 8)


def _is_free(session: Session, ticket: Ticket) -> None:
    taken = select(SpecialEventTicket.id).where(
        SpecialEventTicket.ticket_id == ticket.id, SpecialEventTicket.state.in_(LIVE)
    )
    if session.scalar(taken) is not None:
        raise Refused(N_("This ticket stands in a special event already."))


def _members(session: Session, event: SpecialEvent, *states: MemberState) -> list[SpecialEventTicket]:
    wanted = (SpecialEventTicket.event_id == event.id, SpecialEventTicket.state.in_(states))
    return list(session.scalars(select(SpecialEventTicket).where(*wanted).order_by(SpecialEventTicket.id)))


def _ids(given: Any) -> set[int] | None:
    """Ids as a form or JSON lists them; None when nothing was said."""
    if given is None:
        return None
    values = given if isinstance(given, list | tuple) else [given]
    found = [row_id(value) for value in values]
    return {value for value in found if value is not None}


# ---- confirmed: decisions, report, end -------------------------------------------------------------------------------


def _decide(taking: Taking) -> None:
    """Whether the general manager and the developer's centre are told: the manager's word, kept with the time."""
    told = {name: _yes_or_no(taking.data.get(name)) for name in ("general_manager", "developer")}
    if None in told.values():
        raise Refused(N_("Say of both whether they are told: the general manager, and the developer's centre."))
    event, words = taking.event, taking.text("note")
    event.tell_general_manager, event.tell_developer = told["general_manager"], told["developer"]
    event.decided_at, event.decided_by, event.decision_note = taking.now, taking.actor.display_name[:80], words
    taking.note("decide", words, **told)
    special_send.tell_decision(taking.session, event, taking.actor, taking.now)


def _yes_or_no(value: Any) -> bool | None:
    if value in (None, ""):
        return None
    return False if str(value).lower() in ("0", "no", "false", "off") else flag(value) or None


def _write(taking: Taking) -> None:
    record = special_report.write(
        taking.session, taking.actor, taking.event, taking.data, taking.now, taking.data.get("correction")
    )
    taking.note("write", record.reason, version=record.version)


def _review(taking: Taking) -> None:
    special_report.review(taking.session, taking.actor, taking.event, taking.now, taking.data.get("sha256") or None)
    taking.note("review")


def _sign(taking: Taking) -> None:
    special_report.sign(taking.session, taking.actor, taking.event, taking.now, taking.data.get("sha256") or None)
    taking.note("sign")


def _close(taking: Taking) -> None:
    hindrance = first_hindrance(taking.session, taking.event)
    if hindrance is not None:
        raise Refused(hindrance[0], **hindrance[1])
    taking.event.closed_at, taking.event.closed_by = taking.now, taking.actor.display_name[:80]
    taking.note("close")


def _visit(taking: Taking) -> None:
    house = special_visits.visit(taking.session, taking.event, taking.actor, taking.now, taking.data)
    taking.note("visit", house=house.name)


def _explain(taking: Taking) -> None:
    house = special_visits.explain(taking.session, taking.event, taking.actor, taking.now, taking.data)
    taking.note("explain", house=house.name)


def _outage(taking: Taking) -> None:
    announce(taking.session, taking.event, taking.actor, taking.now)
    taking.note("outage")


_TAKE: dict[str, Callable[[Taking], None]] = {
    "confirm": _confirm,
    "reject": _reject,
    "link": _link,
    "leave_out": _leave_out,
    "visit": _visit,
    "explain": _explain,
    "decide": _decide,
    "outage": _outage,
    "write": _write,
    "review": _review,
    "sign": _sign,
    "close": _close,
}
