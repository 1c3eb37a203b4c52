"""What the manager decided to tell outside (D5): mails to the general manager and the developer's centre, and the proof of them.

The decision is sent at once, the signed report with its PDF when somebody sends it. Receivers are data: the community's general
manager, its developer among the outside bodies. No household is named.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from flask import current_app
from flask_babel import force_locale, gettext
from sqlalchemy import select
from sqlalchemy.orm import Session

from app.errors import N_, Forbidden, Refused
from app.models import Message, OutsideBody, SignedRecord, SpecialEvent
from app.rules.codes import MessageChannel, MessagePurpose, OutsideKind, RecordState, Role
from app.services.access import rows
from app.services.actors import Actor
from app.services.local_time import local_zone
from app.services.names import named
from app.services.outbox import enqueue
from app.services.special_members import note
from app.services.special_words import title
from app.services.spoken_lines import house_locale

SENDS = (Role.MANAGER, Role.DEPUTY)
WHO = ("general_manager", "developer")


@dataclass(frozen=True)
class Receiver:
    """Whom the decision names, and the address it has; empty where nobody has written one down."""

    who: str
    email: str


@dataclass(frozen=True)
class Proof:
    """A mail that was written: to whom, whether with the report, and what became of it."""

    who: str
    version: str
    message: Message


def receivers(session: Session, event: SpecialEvent) -> list[Receiver]:
    """Who is told, by the decision."""
    found = []
    if event.tell_general_manager:
        found.append(Receiver("general_manager", event.community.general_manager_email))
    if event.tell_developer:
        bodies = session.scalars(
            select(OutsideBody)
            .where(
                OutsideBody.community_id == event.community_id,
                OutsideBody.kind == OutsideKind.DEVELOPER,
                OutsideBody.active,
            )
            .order_by(OutsideBody.id)
        ).all()
        found.append(Receiver("developer", next((one.email for one in bodies if one.email), "")))
    return found


def tell_decision(session: Session, event: SpecialEvent, actor: Actor, now: datetime) -> int:
    """Write to those the decision names, once each. Returns the mails; an address that is missing is shown on the event."""
    told = 0
    for one in receivers(session, event):
        if one.email:
            told += _mail(session, event, one, _key(event, one.who), now, actor) is not None
    return told


def may_send(event: SpecialEvent, record: SignedRecord | None, actor: Actor) -> bool:
    """Whether the actor may send the signed report to those who are told."""
    signed = record is not None and record.state == RecordState.SIGNED
    return signed and actor.has(*SENDS) and bool(event.tell_general_manager or event.tell_developer)


def send_report(
    session: Session, actor: Actor, event: SpecialEvent, record: SignedRecord, attachment: str, now: datetime
) -> int:
    """The signed report to those who are told, a version once each. `attachment`: its PDF, a path below DATA_DIR."""
    if not actor.has(*SENDS):
        raise Forbidden(N_("Your role does not allow this step."))
    session.refresh(record)
    if record.state != RecordState.SIGNED:
        raise Refused(N_("The report is sent after the manager has signed it."))
    wanted = receivers(session, event)
    if not wanted:
        raise Refused(N_("The decision names nobody who is told."))
    reached = [one for one in wanted if one.email]
    if not reached:
        raise Refused(N_("There is no mail address yet: write it down with the community, or with the outside body."))
    for one in reached:
        _mail(session, event, one, _key(event, one.who, record.version), now, actor, record, attachment)
    note(session, event, "send", actor, now, data={"version": record.version})
    return len(reached)


def proofs(session: Session, actor: Actor, event: SpecialEvent) -> list[Proof]:
    """What was written to them and what became of it, of the actor's rows."""
    start = f"special_event:{event.id}:told:"
    found = session.scalars(
        select(Message).where(Message.key.startswith(start, autoescape=True), rows(actor, Message)).order_by(Message.id)
    )
    made = []
    for message in found:
        who, _colon, version = message.key.removeprefix(start).partition(":")
        made.append(Proof(who, version, message))
    return made


def _key(event: SpecialEvent, who: str, version: int | None = None) -> str:
    return f"special_event:{event.id}:told:{who}" + (f":{version}" if version else "")


def _mail(
    session: Session,
    event: SpecialEvent,
    receiver: Receiver,
    key: str,
    now: datetime,
    actor: Actor,
    record: SignedRecord | None = None,
    attachment: str | None = None,
) -> Message | None:
    with force_locale(house_locale()):
        subject = gettext("Special event %(number)s", number=event.number)
        body = _with_report(event, record) if record else _decided(event, receiver.who, actor)
    return enqueue(
        session,
        channel=MessageChannel.EMAIL,
        to=receiver.email,
        purpose=MessagePurpose.SPECIAL_EVENT,
        subject=subject,
        body=body,
        community_id=event.community_id,
        attachment=attachment,
        key=key,
        now=now,
    )


def _decided(event: SpecialEvent, who: str, actor: Actor) -> str:
    facts = {
        "community": named(event.community),
        "what": title(event),
        "households": event.households,
        "since": f"{event.first_at.astimezone(local_zone()):%Y-%m-%d %H:%M}",
        "name": actor.display_name,
        "phone": event.community.desk_phone or "",
    }
    told = gettext(
        "%(community)s reports a special event: %(what)s. First reported %(since)s, %(households)s households concerned.",
        **facts,
    )
    asked = (
        gettext("Please help us to find and remove the cause, and tell us when somebody will come.")
        if who == "developer"
        else gettext("The signed report follows when the matter is settled.")
    )
    return "\n".join((told, asked, gettext("%(name)s, service centre %(phone)s", **facts).strip()))


def _with_report(event: SpecialEvent, record: SignedRecord) -> str:
    base = current_app.extensions["settings"].public_base_url
    told = gettext(
        "%(community)s, special event %(number)s (%(what)s): the report, version %(version)s, is signed and attached.",
        community=named(event.community),
        number=event.number,
        what=title(event),
        version=record.version,
    )
    return f"{told}\n{gettext('SHA-256 of what is signed')}{gettext(': ')}{record.sha256}\n{base}"
