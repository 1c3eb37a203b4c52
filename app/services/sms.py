"""Text messages that come in (I3): answers to our question become scores (D8), STOP is kept, the rest becomes a ticket (D3)."""

from __future__ import annotations

import logging
from datetime import datetime, timedelta

from flask import current_app
from flask_babel import force_locale, gettext
from sqlalchemy import select, update
from sqlalchemy.orm import Session

from app.errors import LinliError
from app.models import Call, Community, House, Message, Phone, Ticket
from app.rules import texts
from app.rules.classify import classify
from app.rules.codes import Channel, Kind, MessageChannel, TicketState
from app.services import escalation, outbox
from app.services.actors import Actor
from app.services.call_store import Webhook, add_event, caller_number, community_of, insert_once
from app.services.call_world import category_words, houses_of, reporter_of
from app.services.outbox_delivery import report_status
from app.services.ticket_verbs import perform
from app.services.tickets import add_contact, find_open_matter, open_ticket

log = logging.getLogger(__name__)

SMS = Actor.system("sms")
BODY_LIMIT = 2000
TITLE_CHARACTERS = 40
ASKED_WITHIN = timedelta(days=14)
"""How long an answer of one digit is taken for the answer to our question."""


def receive(session: Session, hook: Webhook) -> Ticket | None:
    """Take in one text message; the same one (MessageSid) a second time changes nothing. The ticket it became or touched."""
    if not add_event(session, f"sms:{hook.sid}", "sms", hook):
        return None
    sender, body = caller_number(hook.params.get("From")), hook.text("Body", BODY_LIMIT)
    community = community_of(session, hook.text("To", 64))
    if community is None or not body:
        log.warning("text message %s: nobody's number, or nothing in it", hook.sid)
        return None
    if sender is not None and (texts.is_stop(body) or texts.is_start(body)):
        remember_wish(session, sender, hook.received_at if texts.is_stop(body) else None)
        return None
    answered = _answer(session, sender, body, hook.received_at) if sender else None
    return answered or _matter(session, session.get_one(Community, community[0]), sender, body, hook)


def remember_wish(session: Session, number: str, stopped_at: datetime | None) -> None:
    """A number that wants no more text messages gets none (`outbox.enqueue` looks here); None takes them up again."""
    insert_once(session, Phone.__table__, {"number": number, "is_mobile": True}, "number")
    session.execute(update(Phone).where(Phone.number == number).values(sms_stopped_at=stopped_at))


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
    """A score for the ticket we asked this number about last. Once it is visited, more words are one more contact."""
    found = texts.score(body)
    if found is None:
        return None
    asked = (
        select(Ticket)
        .join(Message, Message.ticket_id == Ticket.id)
        .where(
            Message.to == sender,
            Message.channel == MessageChannel.SMS,
            Message.purpose == "done",
            Message.created_at >= now - ASKED_WITHIN,
        )
        .order_by(Message.created_at.desc(), Message.id.desc())
    )
    tickets = session.scalars(asked).unique().all()
    if not tickets:
        return None
    ticket = next((one for one in tickets if one.state == TicketState.DONE), None)
    if ticket is not None:
        number, words = found
        try:
            with session.begin_nested():
                return perform(session, ticket, "visit", SMS, now, {"score": number, "way": "sms", "note": words})
        except LinliError as error:
            log.info("ticket %s: the answer was no visit: %s", tickets[0].number, error)
    add_contact(session, tickets[0], SMS, now, channel=Channel.SMS, note=body, reporter_phone=sender)
    return tickets[0]


def _matter(session: Session, community: Community, sender: str | None, body: str, hook: Webhook) -> Ticket:
    """A new ticket, or a further contact on the open matter of the same house and category (I8)."""
    now = hook.received_at
    finding = classify(body, category_words(session))
    # The look-ups ask a call for its number and its community; a text message has the same two.
    asker = Call(from_number=sender, community_id=community.id)
    houses = houses_of(session, asker, now)
    house = session.get(House, houses[0].id) if len(houses) == 1 else None
    open_one = find_open_matter(session, house, finding.category, now) if house else None
    if open_one is not None:
        add_contact(session, open_one, SMS, now, channel=Channel.SMS, note=body, reporter_phone=sender)
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
        reporter_person=reporter_of(session, asker, house.id if house else None, now),
        reporter_phone=sender,
        reporter_locale="zh" if any("\u4e00" <= char <= "\u9fff" for char in body) else "en",
        priority=finding.priority,
        actor=SMS,
        now=now,
    )
    if ticket.kind == Kind.EMERGENCY:
        escalation.start(session, ticket, None, now)
    _receipt(session, community, ticket, now)
    return ticket


def _receipt(session: Session, community: Community, ticket: Ticket, now: datetime) -> None:
    english = ticket.reporter_locale == "en"
    with force_locale(ticket.reporter_locale):
        body = gettext(
            "[%(community)s] We have received your message. Ticket number %(number)s. "
            "In danger of life leave the place and dial 119, 120 or 110; the hotline is %(hotline)s.",
            community=(community.name_en or community.name) if english else community.name,
            number=ticket.number,
            hotline=community.hotline_numbers[0].number
            if community.hotline_numbers
            else current_app.extensions["settings"].hotline_number,
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
