"""Text messages that come in (I3): answers to our question become scores (D8), STOP is kept, the rest becomes a ticket (D3)."""

from __future__ import annotations

import logging
from dataclasses import dataclass
from datetime import datetime, timedelta

from flask import current_app
from flask_babel import force_locale, gettext, ngettext
from sqlalchemy import select
from sqlalchemy.orm import Session

from app.errors import N_
from app.models import Building, Call, Community, House, Message, Ticket
from app.rules import texts
from app.rules.call_flow.placing import doubt
from app.rules.call_flow.words import Line, line
from app.rules.classify import classify
from app.rules.codes import Channel, Kind, MessageChannel, MessagePurpose, Priority, TicketState, VisitWay, WishWay
from app.rules.digits import is_number
from app.rules.whereabouts import locate, names_building
from app.services import escalation, outbox, text_pictures
from app.services.actors import Actor
from app.services.call_store import Webhook, add_event, caller_number, community_of
from app.services.call_world import category_words
from app.services.callers import all_houses, communities_of, houses_of, reporter_of
from app.services.names import named
from app.services.outbox_delivery import report_status
from app.services.spoken_lines import house_locale, keep, write
from app.services.ticket_places import building_numbered
from app.services.tickets import SENTENCE, add_contact, add_entry, find_open_matter, open_ticket
from app.services.visit_answers import Answer, Standing, take
from app.services.wishes import set_texts

log = logging.getLogger(__name__)

SMS = Actor.system("sms")
BODY_LIMIT = 2000
TITLE_CHARACTERS = 40
_QUESTIONS = (MessagePurpose.DONE, MessagePurpose.RETURN_VISIT)
"""Purposes of the texts that ask how satisfied a household is."""

UNSURE = N_("The text message went to a number of no community: entered here, it may belong to another one.")

ASKED_WITHIN = timedelta(days=14)
"""How long an answer of one digit is taken for the answer to our question."""


def receive(session: Session, hook: Webhook) -> Ticket | None:
    """Take in one text message; the same one (MessageSid) a second time changes nothing. The ticket it became or touched."""
    if not add_event(session, f"sms:{hook.sid}", "sms", hook):
        return None
    sender, body = caller_number(hook.params.get("From")), hook.text("Body", BODY_LIMIT)
    body = body or _pictures(hook)
    if not body:
        log.warning("text message %s: nothing in it", hook.sid)
        return None
    if sender is not None and (texts.is_stop(body) or texts.is_start(body)):
        _remember_wish(session, sender, texts.is_start(body), hook)
        return None
    answered = _answer(session, sender, body, hook.received_at) if sender else None
    if answered is not None:
        text_pictures.note(session, answered, hook)
        return answered
    community, is_sure = _community(session, sender, hook)
    if community is None:
        log.warning("text message %s: there is no community", hook.sid)
        return None
    ticket = _matter(session, community, sender, body, hook)
    text_pictures.note(session, ticket, hook)
    if not is_sure:
        _note(session, ticket, line(UNSURE), hook.received_at)
    return ticket


def _pictures(hook: Webhook) -> str:
    """What stands for a message that is pictures alone; nothing where it has none. The job `pictures` fetches them."""
    count = hook.text("NumMedia", 3)
    if not is_number(count) or not int(count):
        return ""
    with force_locale(house_locale()):
        return ngettext(
            "A text message of a picture without words.",
            "A text message of %(num)d pictures without words.",
            int(count),
        )


def _community(session: Session, sender: str | None, hook: Webhook) -> tuple[Community | None, bool]:
    """Whose matter it is: the called number's, else the sender's own, else the first there is; and whether that is sure."""
    found = community_of(session, hook.text("To", 64))
    if found is not None:
        return session.get_one(Community, found[0]), True
    homes = communities_of(session, sender, hook.received_at) if sender else []
    first = select(Community).where(Community.id.in_(homes)) if homes else select(Community)
    return session.scalars(first.order_by(Community.id).limit(1)).first(), len(homes) == 1


def _remember_wish(session: Session, number: str, wanted: bool, hook: Webhook) -> None:
    called = community_of(session, hook.text("To", 64))
    where = called[0] if called else None
    set_texts(session, number, wanted, WishWay.SMS, hook.received_at, community_id=where)


def take_status(session: Session, hook: Webhook, message_id: int | None) -> bool:
    """A delivery report, by our own id in its address or by the carrier's. False when it says nothing new."""
    status, error = hook.text("MessageStatus", 20) or hook.text("SmsStatus", 20), hook.text("ErrorCode", 20)
    add_event(session, f"sms-status:{hook.sid}:{status}", "sms-status", hook)
    by = Message.id == message_id if message_id is not None else Message.provider_sid == hook.sid
    message = session.scalars(
        select(Message).where(by, Message.channel == MessageChannel.SMS).with_for_update()
    ).first()
    if message is None or (message.provider_sid is not None and message.provider_sid != hook.sid):
        return False
    message.provider_sid = hook.sid
    return report_status(session, message, status, error or None, hook.received_at)


def _answer(session: Session, sender: str, body: str, now: datetime) -> Ticket | None:
    """A score for the ticket we asked this number about last; a second one is kept as further (`visit_answers`)."""
    found = texts.score(body)
    if found is None:
        return None
    asked = (
        select(Ticket)
        .join(Message, Message.ticket_id == Ticket.id)
        .where(
            Message.to == sender,
            Message.channel == MessageChannel.SMS,
            Message.purpose.in_(_QUESTIONS),
            Message.created_at >= now - ASKED_WITHIN,
        )
        .order_by(Message.created_at.desc(), Message.id.desc())
    )
    tickets = session.scalars(asked).unique().all()
    if not tickets:
        return None
    # Of several that were asked about, the one that still waits for its answer.
    ticket = next((one for one in tickets if one.state == TicketState.DONE), tickets[0])
    answer = Answer(found[0], VisitWay.SMS, found[1])
    if take(session, ticket.id, answer, SMS, now) == Standing.NOT_ASKED:
        add_contact(session, ticket, SMS, now, channel=Channel.SMS, note=body, reporter_phone=sender)
    return ticket


def _matter(session: Session, community: Community, sender: str | None, body: str, hook: Webhook) -> Ticket:
    """A new ticket, or a further contact on the open matter of the same house and category (I8)."""
    now = hook.received_at
    finding = classify(body, category_words(session))
    # The look-ups ask a call for its number and its community; a text message has the same two.
    asker = Call(from_number=sender, community_id=community.id)
    place = _place(session, asker, body, now)
    house = place.house
    open_one = find_open_matter(session, house, finding.category, now) if house and place.own else None
    # A dripping tap is open, and now the pipe has burst: that is no further contact. The roster must be rung.
    worse = finding.priority == Priority.EMERGENCY and open_one is not None and open_one.priority != Priority.EMERGENCY
    if open_one is not None and not worse:
        add_contact(session, open_one, SMS, now, channel=Channel.SMS, note=body, reporter_phone=sender, found=finding)
        _tell_added(session, community, open_one, sender, hook)
        return open_one
    flat = " ".join(body.split())
    ticket = open_ticket(
        session,
        community=community,
        kind=texts.kind_of(body, finding),
        channel=Channel.SMS,
        category_code=finding.category,
        title=flat if len(flat) <= TITLE_CHARACTERS else flat[: TITLE_CHARACTERS - 1] + "…",
        description=body,
        house=house,
        building=place.building,
        reporter_person=reporter_of(session, asker, house.id if house else None, now),
        reporter_phone=sender,
        reporter_locale=_locale(body),
        priority=finding.priority,
        found=finding,
        actor=SMS,
        now=now,
    )
    if place.note is not None:
        _note(session, ticket, place.note, now)
    if ticket.kind == Kind.EMERGENCY:
        escalation.start(session, ticket, None, now)
    _receipt(session, community, ticket, now)
    return ticket


def _note(session: Session, ticket: Ticket, said: Line, now: datetime) -> None:
    add_entry(session, ticket, "note", SMS, now, before=ticket.state, note=write(said), data={SENTENCE: keep(said)})


@dataclass(frozen=True)
class _Place:
    """Where a message's matter is. `own`: the house is the sender's; `note`: what its words may mean besides."""

    house: House | None
    building: Building | None
    own: bool
    note: Line | None


def _place(session: Session, asker: Call, body: str, now: datetime) -> _Place:
    """The house or building in the words, else the sender's only house (of the building that is named)."""
    said = locate(body, all_houses(session, asker.community_id), doubts=names_building(body))
    own = houses_of(session, asker, now)
    likely = [house for house in own if said.building in (None, house.building)]
    chosen = said.house or (likely[0] if len(likely) == 1 else None)
    building = building_numbered(session, asker.community_id, said.building)
    house = session.get(House, chosen.id) if chosen else None
    return _Place(house, building, chosen in own, doubt(said, chosen))


def _locale(body: str) -> str:
    return "zh" if any("\u4e00" <= char <= "\u9fff" for char in body) else "en"


def _hotline(community: Community) -> str:
    numbers = community.hotline_numbers
    return numbers[0].number if numbers else str(current_app.extensions["settings"].hotline_number)


def _tell_added(session: Session, community: Community, ticket: Ticket, sender: str | None, hook: Webhook) -> None:
    """A further contact is told so (I8), and how to make it a matter of its own."""
    with force_locale(_locale(hook.text("Body", BODY_LIMIT))):
        body = gettext(
            "[%(community)s] We have added your message to ticket %(number)s, which we are working on. "
            "If it is another matter, please call the hotline %(hotline)s.",
            community=named(community),
            number=ticket.number,
            hotline=_hotline(community),
        )
    outbox.enqueue(
        session,
        channel=MessageChannel.SMS,
        to=sender,
        purpose="receipt",
        body=body,
        ticket_id=ticket.id,
        community_id=community.id,
        key=f"contact:{ticket.number}:{hook.sid}",
        now=hook.received_at,
    )


def _receipt(session: Session, community: Community, ticket: Ticket, now: datetime) -> None:
    with force_locale(ticket.reporter_locale):
        body = gettext(
            "[%(community)s] We have received your message. Ticket number %(number)s. "
            "In danger of life leave the place and dial 119, 120 or 110; the hotline is %(hotline)s.",
            community=named(community),
            number=ticket.number,
            hotline=_hotline(community),
        )
    outbox.enqueue(
        session,
        channel=MessageChannel.SMS,
        to=ticket.reporter_phone,
        purpose="receipt",
        body=body,
        ticket_id=ticket.id,
        community_id=community.id,
        key=f"receipt:{ticket.number}:sms",
        now=now,
    )
