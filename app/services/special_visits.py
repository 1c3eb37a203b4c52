"""Every household of a collective matter is visited in person (D5): the event's list, crossed off one by one."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.errors import N_, LinliError, NotFound, Refused
from app.models import House, SpecialEvent, SpecialEventHouse, SpecialEventTicket, Ticket
from app.rules.codes import HouseVisitState, Kind, MemberState
from app.rules.ticket_states import VERB_TABLE
from app.services.access import rows
from app.services.actors import Actor
from app.services.ticket_input import NOTE_LIMIT, SHORT_LIMIT, clean_text, flag, row_id
from app.services.ticket_verbs import perform


def visit(session: Session, event: SpecialEvent, actor: Actor, now: datetime, data: Mapping[str, Any]) -> House:
    """Somebody was at the door of `house_id` and heard the household (`words`; `signed`: it put its name to them). Its
    complaints are answered in person by it."""
    line, words = _line(session, event, actor, data), clean_text(data.get("words"), NOTE_LIMIT)
    if line.state == HouseVisitState.VISITED:
        raise Refused(N_("This household has been visited already."))
    _record(line, HouseVisitState.VISITED, words, actor, now)
    session.flush()
    told = {"way": "in_person", "note": words, "signed": flag(data.get("signed"))}
    _answer(session, event, line, told, actor, now)
    return line.house


def explain(session: Session, event: SpecialEvent, actor: Actor, now: datetime, data: Mapping[str, Any]) -> House:
    """Why a household was not visited in person (`reason`): not living there, refused, abroad."""
    line, words = _line(session, event, actor, data), clean_text(data.get("reason"), SHORT_LIMIT)
    if line.state == HouseVisitState.VISITED:
        raise Refused(N_("This household has been visited already."))
    if not words:
        raise Refused(N_("Explain why this household is not visited in person."))
    _record(line, HouseVisitState.EXPLAINED, words, actor, now)
    session.flush()
    return line.house


def _line(session: Session, event: SpecialEvent, actor: Actor, data: Mapping[str, Any]) -> SpecialEventHouse:
    statement = (
        select(SpecialEventHouse)
        .join(House, House.id == SpecialEventHouse.house_id)
        .where(
            SpecialEventHouse.event_id == event.id,
            SpecialEventHouse.house_id == row_id(data.get("house_id")),
            rows(actor, House),
        )
    )
    found = session.scalars(statement).first()
    if found is None:
        raise NotFound(N_("This household is not on the list of the special event."))
    return found


def _record(line: SpecialEventHouse, state: HouseVisitState, words: str, actor: Actor, now: datetime) -> None:
    line.state, line.words, line.at = state, words, now
    line.by_id, line.by_name = actor.user_id, actor.display_name[:80]


def _answer(
    session: Session,
    event: SpecialEvent,
    line: SpecialEventHouse,
    told: Mapping[str, Any],
    actor: Actor,
    now: datetime,
) -> None:
    """A visit is the reply in person that a collective complaint needs before it is closed."""
    tickets = (
        select(Ticket)
        .join(SpecialEventTicket, SpecialEventTicket.ticket_id == Ticket.id)
        .where(
            SpecialEventTicket.event_id == event.id,
            SpecialEventTicket.state == MemberState.LINKED,
            Ticket.house_id == line.house_id,
            Ticket.kind == Kind.COMPLAINT,
            Ticket.state.in_(VERB_TABLE["reply"].sources),
            rows(actor, Ticket),
        )
        .order_by(Ticket.id)
    )
    for ticket in session.scalars(tickets):
        try:
            perform(session, ticket, "reply", actor, now, told)
        except LinliError as error:
            raise Refused(
                N_("The visit cannot be noted as the reply on ticket %(number)s. Try again."), number=ticket.number
            ) from error
