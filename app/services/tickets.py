"""Opening a ticket, its timeline, and finding the open matter that a further contact belongs to (D3, I8)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Required, TypedDict, Unpack

from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from app.errors import N_, Invalid, Refused
from app.models import Building, Category, CategoryWord, Community, Department, House, Person, Ticket, TicketEntry
from app.rules.classify import Finding, Word, classify
from app.rules.clock_policies import REGISTERED
from app.rules.codes import OPEN_STATES, Channel, Kind, Priority, TicketState
from app.services import complaints, special_detection, urges
from app.services.actors import Actor
from app.services.knowledge_search import note_search
from app.services.numbers import reserve_ticket_number
from app.services.policies import hours
from app.services.ticket_clocks import raise_urgency, start_clocks
from app.services.ticket_input import NOTE_LIMIT, SHORT_LIMIT, TITLE_LIMIT, choice, clean_text, phone_number
from app.services.word_reasons import keep_reason

DESCRIPTION_LIMIT = 4000
WRITTEN_CHANNELS = (Channel.EMAIL, Channel.LETTER)


class NewTicket(TypedDict, total=False):
    """What a matter is registered from. `building`: where no house is known. `found`: the words that decided, where the house
    itself listened."""

    community: Required[Community]
    kind: Required[str]
    channel: Required[str]
    title: Required[str]
    category_code: str | None
    description: str
    house: House | None
    building: Building | None
    place: str | None
    reporter_person: Person | None
    reporter_name: str | None
    reporter_phone: str | None
    reporter_locale: str | None
    demand: str | None
    priority: str | None
    found: Finding | None
    number: str | None
    callback_due: bool
    counts_in_figures: bool
    written: bool
    on_the_spot: bool


@dataclass(frozen=True)
class _Matter:
    """What was given, checked."""

    kind: Kind
    channel: Channel
    category: Category | None
    heading: str
    text: str


def open_ticket(session: Session, *, actor: Actor, now: datetime, **given: Unpack[NewTicket]) -> Ticket:
    """Register a matter: number (reserved here when None), clocks, first timeline entry.

    Priority: as given, else emergency for an emergency, else the category's, raised to urgent by the words of a repair.
    An emergency rings the duty roster (D7); a call does so itself, with the caller on the line. The fifth household on a
    matter makes a special event (I8). Raises Invalid for what cannot be, and writes nothing then. With
    `counts_in_figures=False` (a call that only asked, I8) no clock starts. A complaint gets its record at once, but for
    one that the caller is about to settle `on_the_spot` (D5).
    """
    matter = _checked(session, given)
    ticket = _new_ticket(session, given, matter, actor, now)
    keep_reason(ticket, given.get("found"))
    _give_to_department(session, ticket, matter.category)
    if ticket.counts_in_figures:
        start_clocks(session, ticket, REGISTERED, now, actor)
    session.add(ticket)
    add_entry(session, ticket, "register", actor, now, before=None, note=matter.heading)
    session.flush()
    if ticket.kind == Kind.COMPLAINT:
        on_the_spot = given.get("on_the_spot", False) or not ticket.counts_in_figures
        complaints.begin(session, ticket, now, on_the_spot=on_the_spot)
    if ticket.priority == Priority.EMERGENCY and matter.channel != Channel.HOTLINE:
        _ring_duty(session, ticket, now)
    special_detection.registered(session, ticket, now)
    note_search(session, ticket, now)
    return ticket


def _checked(session: Session, given: NewTicket) -> _Matter:
    kind, channel = choice(given["kind"], Kind), choice(given["channel"], Channel)
    if kind is None or channel is None:
        raise Invalid(N_("A ticket needs its kind and the channel it came by."))
    category = _category(session, given.get("category_code"))
    text = clean_text(given.get("description", ""), DESCRIPTION_LIMIT)
    heading = clean_text(given["title"], TITLE_LIMIT, lines=False) or text.split("\n")[0][:TITLE_LIMIT]
    if not heading:
        raise Invalid(N_("A ticket needs a title or a description."))
    house = given.get("house")
    if house is not None and house.community_id != given["community"].id:
        raise Invalid(N_("This house is not in this community."))
    return _Matter(kind, channel, category, heading, text)


def _new_ticket(session: Session, given: NewTicket, matter: _Matter, actor: Actor, now: datetime) -> Ticket:
    house, building = given.get("house"), given.get("building")
    return Ticket(
        **_reporter(given, actor),
        number=given.get("number") or reserve_ticket_number(session, now),
        community=given["community"],
        kind=matter.kind,
        channel=matter.channel,
        priority=_priority(session, given.get("priority"), matter, actor),
        state=TicketState.REGISTERED,
        category=matter.category,
        title=matter.heading,
        description=matter.text,
        demand=clean_text(given.get("demand"), SHORT_LIMIT) or None,
        house_id=house.id if house else None,
        building_id=house.building_id if house else building.id if building else None,
        place=clean_text(given.get("place"), SHORT_LIMIT) or None,
        is_written=given.get("written", False) or matter.channel in WRITTEN_CHANNELS,
        callback_due=given.get("callback_due", False),
        counts_in_figures=given.get("counts_in_figures", True),
        created_at=now,
        reopened_count=0,
        entries=[],
        clocks=[],
        findings=[],
        references=[],
    )


def _reporter(given: NewTicket, actor: Actor) -> dict[str, Any]:
    person = given.get("reporter_person")
    name = clean_text(given.get("reporter_name"), 80, lines=False)
    locale = given.get("reporter_locale") or (person.locale if person else "zh")
    return {
        "reporter": person,
        "reporter_name": name or (person.name if person else None),
        "reporter_phone": _reporter_phone(given.get("reporter_phone"), actor),
        "reporter_locale": locale if locale in ("zh", "en") else "zh",
    }


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
    why: str = urges.ASKS_AGAIN,
    found: Finding | None = None,
) -> TicketEntry:
    """Note that the household came back about an open matter, which counts as an urge; `why` is what the responsible reads.

    It answers no clock: none of us has said anything yet. A repair becomes as urgent as the words `found` in it, never less.
    """
    counted, before = urges.note_urge(session, ticket, now, why), ticket.priority
    if found is not None and ticket.kind == Kind.REPAIR and raise_urgency(session, ticket, found.priority, now):
        keep_reason(ticket, found)
    data = {
        "channel": channel,
        "reporter_name": reporter_name,
        "reporter_phone": reporter_phone,
        "urged_count": ticket.urged_count if counted else None,
        "priority_before": before if ticket.priority != before else None,
    }
    text = clean_text(note, NOTE_LIMIT)
    entry = add_entry(session, ticket, "further_contact", actor, now, before=ticket.state, note=text, data=data)
    session.flush()
    return entry


AFTER_FILING = ("reopen", "visit", "answer", "order", "cost_uncharged", "special_event")
"""What people may still do with a filed ticket: reopen it by the rule, which a late answer of the household may do, too. And what
follows from elsewhere is noted on it: money that comes in or is taken back, a special event it turns out to belong to."""

FILED = N_("This ticket is filed: it can only be read. Whoever goes on with the matter reopens it first.")

SENTENCE = "sentence"
"""Under this name an entry's data keep what the house itself says there (`spoken_lines.keep`)."""


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
    """Append a step to the timeline: who, when, from, to, note. Nothing on it is ever changed.

    Every writing on a ticket comes by here: what is filed takes no more of it from people, and raises Refused.
    """
    if ticket.filed_at is not None and not actor.is_system and verb not in AFTER_FILING:
        raise Refused(FILED)
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


def _priority(session: Session, given: str | None, matter: _Matter, actor: Actor) -> str:
    if matter.kind == Kind.EMERGENCY:
        return Priority.EMERGENCY
    chosen = choice(given, Priority)
    if chosen is not None:
        return chosen
    text = f"{matter.heading} {matter.text}"
    if matter.kind == Kind.REPAIR and not actor.is_system and _sounds_urgent(session, text):
        return Priority.URGENT
    return Priority(matter.category.default_priority) if matter.category else Priority.NORMAL


def _sounds_urgent(session: Session, text: str) -> bool:
    """Words like "no power" make a typed repair urgent. Emergency is for a person to say: it rings telephones."""
    rows = session.execute(
        select(CategoryWord.word, Category.code, CategoryWord.priority).join(Category).where(CategoryWord.active)
    )
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
