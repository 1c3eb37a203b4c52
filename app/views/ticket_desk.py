"""What the desk's form means: the house, the person and the community it names, all within the actor's rows."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.errors import N_, Invalid
from app.models import Community, House, Person, Ticket
from app.rules.codes import Channel, Kind
from app.services import search
from app.services.access import rows
from app.services.actors import Actor
from app.services.complaint_verbs import take
from app.services.consultations import answer_question
from app.services.ticket_desk import find_call, link_call, ring_for
from app.services.ticket_input import flag
from app.services.ticket_notes import note_contact
from app.services.ticket_view import find_ticket
from app.services.tickets import open_ticket
from app.views.base.rows import as_id

DESK_CHANNELS = (
    Channel.DESK,
    Channel.HOTLINE,
    Channel.WECHAT,
    Channel.EMAIL,
    Channel.LETTER,
    Channel.PATROL,
    Channel.TRANSFER,
)


def join_matter(session: Session, actor: Actor, sent: dict[str, str], at: datetime) -> Ticket:
    """Note on the open matter that the household came back about it."""
    ticket = find_ticket(session, actor, sent.get("join", ""))
    if ticket is None:
        raise Invalid(N_("There is no such ticket."))
    note_contact(session, ticket, actor, at, sent)
    call = find_call(session, actor, as_id(sent.get("call_id", "")))
    if call is not None:
        link_call(session, ticket, call)
    return ticket


def open_matter(session: Session, actor: Actor, sent: dict[str, str], at: datetime) -> Ticket:
    """Register a new matter."""
    house = _own(session, actor, House, sent.get("house_id")) or _typed(session, actor, sent.get("house_words"))
    person = _own(session, actor, Person, sent.get("reporter_id"))
    channel = sent.get("channel") or Channel.DESK
    if channel not in DESK_CHANNELS:
        raise Invalid(N_("Choose one of: %(choices)s."), choices=", ".join(DESK_CHANNELS))
    is_complaint = sent.get("kind") == Kind.COMPLAINT
    if sent.get("kind") == Kind.CONSULTATION and (sent.get("answer") or "").strip() and sent.get("promise_at"):
        raise Invalid(N_("Either it was answered at once, or a reply is promised: not both."))
    opinion = (sent.get("opinion") or "").strip() if is_complaint else ""
    if is_complaint and sent.get("on_the_spot") and not opinion:
        raise Invalid(N_("Settled on the spot: write down what the household says to it."))
    ticket = open_ticket(
        session,
        community=_community(session, actor, house, sent.get("community_id")),
        kind=sent.get("kind") or "",
        channel=channel,
        category_code=sent.get("category") or None,
        title=sent.get("title") or "",
        description=sent.get("description") or "",
        demand=sent.get("demand") or None,
        place=sent.get("place") or None,
        priority=sent.get("priority") or None,
        house=house,
        reporter_person=person,
        reporter_name=sent.get("reporter_name") or None,
        reporter_phone=sent.get("reporter_phone") or None,
        written=is_complaint and flag(sent.get("is_written")),
        on_the_spot=bool(opinion),
        actor=actor,
        now=at,
    )
    if opinion:
        take(session, ticket, "settle", actor, at, {"opinion": opinion, "done": sent.get("done")})
    if ticket.kind == Kind.CONSULTATION:
        answer_question(session, ticket, actor, sent, at)
    call = find_call(session, actor, as_id(sent.get("call_id", "")))
    if call is not None:
        link_call(session, ticket, call)
    ring_for(session, ticket, at)
    return ticket


def _typed(session: Session, actor: Actor, text: str | None) -> House | None:
    """The house that was typed but not picked from the list: only when the words mean a single one."""
    words = search.clean_words(text)
    if not words:
        return None
    found = search.houses(session, actor, words, most=2)
    if len(found) != 1:
        raise Invalid(N_("Choose the house from the list, or leave the field empty."))
    return found[0][0]


def _own(session: Session, actor: Actor, model: Any, text: str | None) -> Any:
    """The row of this id if it is the actor's; None for nothing. Raises Invalid for anything else."""
    if not text:
        return None
    key = as_id(text)
    found = None
    if key is not None:
        found = session.scalars(select(model).where(model.id == key, rows(actor, model))).one_or_none()
    if found is None:
        raise Invalid(N_("There is no such house.") if model is House else N_("There is no such person."))
    return found


def _community(session: Session, actor: Actor, house: House | None, text: str | None) -> Community:
    wanted = house.community_id if house is not None else as_id(text or "")
    statement = select(Community).where(rows(actor, Community))
    if wanted is not None:
        statement = statement.where(Community.id == wanted)
    found = list(session.scalars(statement.limit(2)))
    if len(found) != 1:
        raise Invalid(N_("Say which house or community this is about."))
    return found[0]
