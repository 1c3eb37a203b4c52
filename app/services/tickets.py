"""Opening a ticket, its timeline, and finding the open matter that a further contact belongs to (D3, I8)."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from app.errors import N_, Invalid
from app.models import Category, CategoryWord, Community, Department, House, Person, Ticket, TicketEntry
from app.rules import clocks as clock_rules
from app.rules.classify import Word, classify
from app.rules.codes import OPEN_STATES, Channel, Kind, Priority, TicketState
from app.services.actors import Actor
from app.services.numbers import reserve_ticket_number
from app.services.policies import hours
from app.services.ticket_clocks import start_clocks
from app.services.ticket_input import NOTE_LIMIT, SHORT_LIMIT, TITLE_LIMIT, choice, clean_text, phone_number

DESCRIPTION_LIMIT = 4000
WRITTEN_CHANNELS = (Channel.EMAIL, Channel.LETTER)


def open_ticket(
    session: Session,
    *,
    community: Community,
    kind: str,
    channel: str,
    category_code: str | None = None,
    title: str,
    description: str = "",
    house: House | None = None,
    place: str | None = None,
    reporter_person: Person | None = None,
    reporter_name: str | None = None,
    reporter_phone: str | None = None,
    reporter_locale: str | None = None,
    demand: str | None = None,
    priority: str | None = None,
    number: str | None = None,
    callback_due: bool = False,
    counts_in_figures: bool = True,
    actor: Actor,
    now: datetime,
) -> Ticket:
    """Register a matter: number (reserved here when None), clocks, first timeline entry.

    Priority: as given, else emergency for an emergency, else the category's, raised to urgent by the words of a repair.
    An emergency rings the duty roster (D7); a call does so itself, with the caller on the line. Raises Invalid for what
    cannot be, and writes nothing then. With `counts_in_figures=False` (a call that only asked, I8) no clock starts.
    """
    chosen_kind = choice(kind, Kind)
    chosen_channel = choice(channel, Channel)
    if chosen_kind is None or chosen_channel is None:
        raise Invalid(N_("A ticket needs its kind and the channel it came by."))
    category = _category(session, category_code)
    text = clean_text(description, DESCRIPTION_LIMIT)
    heading = clean_text(title, TITLE_LIMIT, lines=False) or text.split("\n")[0][:TITLE_LIMIT]
    if not heading:
        raise Invalid(N_("A ticket needs a title."))
    if house is not None and house.community_id != community.id:
        raise Invalid(N_("This house is not in this community."))
    locale = reporter_locale or (reporter_person.locale if reporter_person else "zh")
    ticket = Ticket(
        number=number or reserve_ticket_number(session, now),
        community=community,
        kind=chosen_kind,
        channel=chosen_channel,
        priority=_priority(session, priority, chosen_kind, category, actor, f"{heading} {text}"),
        state=TicketState.REGISTERED,
        category=category,
        title=heading,
        description=text,
        demand=clean_text(demand, SHORT_LIMIT) or None,
        house_id=house.id if house else None,
        building_id=house.building_id if house else None,
        place=clean_text(place, SHORT_LIMIT) or None,
        reporter=reporter_person,
        reporter_name=clean_text(reporter_name, 80, lines=False) or (reporter_person.name if reporter_person else None),
        reporter_phone=_reporter_phone(reporter_phone, actor),
        reporter_locale=locale if locale in ("zh", "en") else "zh",
        is_written=chosen_channel in WRITTEN_CHANNELS,
        callback_due=callback_due,
        counts_in_figures=counts_in_figures,
        created_at=now,
        reopened_count=0,
        entries=[],
        clocks=[],
    )
    _give_to_department(session, ticket, category)
    if counts_in_figures:
        start_clocks(session, ticket, clock_rules.REGISTERED, now)
    session.add(ticket)
    add_entry(session, ticket, "register", actor, now, before=None, note=heading)
    session.flush()
    if ticket.priority == Priority.EMERGENCY and chosen_channel != Channel.HOTLINE:
        _ring_duty(session, ticket, now)
    return ticket


def close_no_matter(session: Session, ticket: Ticket, actor: Actor, now: datetime) -> Ticket:
    """A call that only asked for progress or fees is closed by itself, outside the figures (I8)."""
    before = ticket.state
    ticket.state, ticket.counts_in_figures = TicketState.CLOSED, False
    ticket.done_at = ticket.closed_at = now
    add_entry(session, ticket, "close", actor, now, before=before)
    session.flush()
    return ticket


def find_open_matter(session: Session, house: House, category: Category | str, now: datetime) -> Ticket | None:
    """The ticket a further contact belongs to: same house and category, not done, within 24 h † (I8); the latest."""
    code = category if isinstance(category, str) else category.code
    since = now - hours(session, "contact.window_hours")
    statement = (
        select(Ticket)
        .join(Category, Ticket.category_id == Category.id)
        .where(
            Ticket.house_id == house.id,
            Category.code == code,
            Ticket.state.in_(OPEN_STATES),
            Ticket.created_at >= since,
            Ticket.created_at <= now,
            Ticket.counts_in_figures,
        )
        .order_by(Ticket.created_at.desc(), Ticket.id.desc())
        .limit(1)
    )
    return session.scalars(statement).first()


def add_contact(
    session: Session,
    ticket: Ticket,
    actor: Actor,
    now: datetime,
    *,
    channel: str = Channel.HOTLINE,
    note: str = "",
    reporter_name: str | None = None,
    reporter_phone: str | None = None,
) -> TicketEntry:
    """Note that the household came back about an open matter. It answers no clock: none of us has said anything yet."""
    data = {"channel": channel, "reporter_name": reporter_name, "reporter_phone": reporter_phone}
    text = clean_text(note, NOTE_LIMIT)
    entry = add_entry(session, ticket, "further_contact", actor, now, before=ticket.state, note=text, data=data)
    session.flush()
    return entry


def add_entry(
    session: Session,
    ticket: Ticket,
    verb: str,
    actor: Actor,
    now: datetime,
    *,
    before: str | None,
    note: str = "",
    data: Mapping[str, Any] | None = None,
) -> TicketEntry:
    """Append a step to the timeline: who, when, from, to, note. Nothing on it is ever changed."""
    entry = TicketEntry(
        ticket=ticket,
        at=now,
        verb=verb,
        from_state=before,
        to_state=ticket.state,
        actor_id=actor.user_id,
        actor_name=actor.display_name[:80],
        note=note,
        data={key: value for key, value in (data or {}).items() if value not in (None, "")},
    )
    session.add(entry)
    return entry


def _category(session: Session, code: str | None) -> Category | None:
    if code is None or code == "":
        return None
    found = None
    if isinstance(code, str) and len(code) <= 40 and "\x00" not in code:
        found = session.scalars(select(Category).where(Category.code == code)).first()
    if found is None:
        raise Invalid(N_("There is no such category."))
    return found


def _priority(
    session: Session, given: str | None, kind: Kind, category: Category | None, actor: Actor, text: str
) -> str:
    if kind == Kind.EMERGENCY:
        return Priority.EMERGENCY
    chosen = choice(given, Priority)
    if chosen is not None:
        return chosen
    if kind == Kind.REPAIR and not actor.is_system and _sounds_urgent(session, text):
        return Priority.URGENT
    return Priority(category.default_priority) if category else Priority.NORMAL


def _sounds_urgent(session: Session, text: str) -> bool:
    """Words like "no power" make a typed repair urgent. Emergency is for a person to say: it rings telephones."""
    rows = session.execute(select(CategoryWord.word, Category.code, CategoryWord.priority).join(Category))
    found = classify(text, [Word(word, code, priority) for word, code, priority in rows])
    return found.priority in (Priority.URGENT, Priority.EMERGENCY)


def _ring_duty(session: Session, ticket: Ticket, now: datetime) -> None:
    # The ladder takes steps of tickets itself, so it cannot be known when this module is read.
    from app.services import escalation

    escalation.start(session, ticket, None, now)


def _reporter_phone(value: str | None, actor: Actor) -> str | None:
    """E.164 from people; the telephone itself may bring what the carrier calls a number, kept as it came."""
    if actor.is_system:
        return clean_text(value, 20, lines=False) or None
    return phone_number(value)


def _give_to_department(session: Session, ticket: Ticket, category: Category | None) -> None:
    """From its first moment a matter has somebody responsible: the category's department, else customer service."""
    department = category.department if category else None
    if department is None:
        wanted = or_(Department.code == "service", Department.code == "customer_service")
        department = session.scalars(select(Department).where(wanted).order_by(Department.id)).first()
    ticket.department = department
    ticket.responsible = department.name[:80] if department else None
