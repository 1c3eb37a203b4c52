"""What a ticket's steps tell people: rows of the outbox, written in the step's own transaction and sent later (G4)."""

from __future__ import annotations

from datetime import datetime

from flask_babel import force_locale, gettext
from sqlalchemy.orm import Session

from app.models import Message, Staff, Ticket
from app.rules.codes import MessageChannel, Role
from app.services.names import place_words
from app.services.outbox import enqueue
from app.services.preferences import staff_locale
from app.services.roster import staff_of

_TITLE_IN_SMS = 40
_WHAT_IN_SMS = 120


def tell_reporter_done(session: Session, ticket: Ticket, what: str, now: datetime) -> bool:
    """SMS to the reporter: what was done, and how satisfied they are (D3). Says whether there was a number to tell."""
    if not ticket.reporter_phone:
        return False
    body = done_words(ticket, what)
    key = f"done:{ticket.number}:{ticket.reopened_count}"
    sent = _enqueue(session, ticket, key, MessageChannel.SMS, ticket.reporter_phone, "done", body, now)
    return sent is not None


def done_words(ticket: Ticket, what: str) -> str:
    """The SMS to the reporter, in the reporter's language: what was done, and the question how satisfied they are."""
    with force_locale(ticket.reporter_locale):
        return gettext(
            "Your ticket %(number)s (%(title)s) is done: %(done)s. How satisfied are you? "
            "Please reply with a number from 1 (not at all) to 5 (very).",
            number=ticket.number,
            title=_cut(ticket.title, _TITLE_IN_SMS),
            done=_cut(what, _WHAT_IN_SMS) or gettext("the work is finished"),
        )


def work_words(ticket: Ticket, locale: str = "zh") -> str:
    """The message to the one who gets the work, in their language."""
    with force_locale(locale):
        return gettext(
            "New work, ticket %(number)s: %(title)s. %(place)s",
            number=ticket.number,
            title=_cut(ticket.title, _TITLE_IN_SMS),
            place=_place(ticket),
        ).strip()


def tell_assignee(session: Session, ticket: Ticket, now: datetime) -> None:
    """SMS to the one who was given the ticket; without a person the alert goes to the staff's channel."""
    body = work_words(ticket, staff_locale(session, ticket.assignee))
    key = f"dispatch:{ticket.number}:{now:%Y%m%d%H%M%S%f}"
    _tell(session, ticket, ticket.assignee, key, "dispatch", body, now)


def tell_supervisors(session: Session, ticket: Ticket, why: str, purpose: str, key: str, now: datetime) -> None:
    """Tell every supervisor of the community, or the manager where there is none. `why` is an English msgid."""
    people = staff_of(session, ticket.community_id, (Role.SUPERVISOR,))
    people = people or staff_of(session, ticket.community_id, (Role.DEPUTY, Role.MANAGER))
    tell_people(session, ticket, people, why, purpose, key, now)


def tell_management(session: Session, ticket: Ticket, why: str, purpose: str, key: str, now: datetime) -> None:
    """Tell the managers of the community at once (D4: a major complaint)."""
    people = staff_of(session, ticket.community_id, (Role.MANAGER, Role.DEPUTY))
    tell_people(session, ticket, people, why, purpose, key, now)


def tell_responsible(session: Session, ticket: Ticket, why: str, purpose: str, key: str, now: datetime) -> None:
    """Tell the person who has the ticket; nobody else when it lies with a department."""
    if ticket.assignee is not None:
        tell_people(session, ticket, [ticket.assignee], why, purpose, key, now)


def tell_people(
    session: Session, ticket: Ticket, people: list[Staff], why: str, purpose: str, key: str, now: datetime
) -> None:
    """Tell these people about a ticket, each in their language; the staff's common channel where there is nobody."""
    addressees: list[Staff | None] = [*people] or [None]
    for person in addressees:
        with force_locale(staff_locale(session, person)):
            body = gettext(
                "%(why)s Ticket %(number)s: %(title)s. %(place)s",
                why=gettext(why),
                number=ticket.number,
                title=_cut(ticket.title, _TITLE_IN_SMS),
                place=_place(ticket),
            ).strip()
        _tell(session, ticket, person, f"{key}:{person.id if person else 'staff'}", purpose, body, now)


def _tell(
    session: Session, ticket: Ticket, person: Staff | None, key: str, purpose: str, body: str, now: datetime
) -> None:
    """By SMS, else by mail, else on the staff's common channel: the first way that can reach them."""
    ways = ((MessageChannel.SMS, person.number), (MessageChannel.EMAIL, person.email)) if person else ()
    for channel, address in (*ways, (MessageChannel.ALERT, None)):
        if _enqueue(session, ticket, key, channel, address, purpose, body, now) is not None:
            return


def _enqueue(
    session: Session, ticket: Ticket, key: str, channel: str, to: str | None, purpose: str, body: str, now: datetime
) -> Message | None:
    return enqueue(
        session,
        channel=channel,
        to=to,
        purpose=purpose,
        body=body,
        subject=ticket.number if channel != MessageChannel.SMS else None,
        ticket_id=ticket.id,
        community_id=ticket.community_id,
        key=key,
        now=now,
    )


def _place(ticket: Ticket) -> str:
    return place_words(ticket.house, ticket.building, ticket.place)


def _cut(text: str, limit: int) -> str:
    flat = " ".join(text.split()).rstrip("。.")
    return flat if len(flat) <= limit else flat[: limit - 1] + "…"
