"""Who hears of special events (D5): the supervisors and managers of a proposal, the managers at once of what is confirmed.

Rows of the outbox, written in the transaction of their cause: they leave with the next tick, well within the minute.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from functools import partial
from typing import Any

from flask import current_app
from flask_babel import force_locale, gettext
from sqlalchemy import select
from sqlalchemy.orm import Session

from app.models import SpecialEvent, Staff
from app.rules.codes import MessageChannel, MessagePurpose, Role, SpecialKind
from app.services.names import named
from app.services.outbox import enqueue
from app.services.preferences import staff_locale
from app.services.roster import staff_of
from app.services.special_words import title
from app.services.spoken_lines import house_locale
from app.services.staff_notices import tell

MANAGERS = (Role.MANAGER, Role.DEPUTY)
PURPOSE = MessagePurpose.SPECIAL_EVENT


def proposed(session: Session, event: SpecialEvent, now: datetime) -> None:
    """Whoever may confirm it hears that the house has found something."""
    people = staff_of(session, event.community_id, (Role.SUPERVISOR, *MANAGERS))
    tell(session, people, event.community_id, PURPOSE, partial(_proposed, event), now, f"{event.id}:proposed")


def confirmed(session: Session, event: SpecialEvent, now: datetime) -> int:
    """The managers by text and by mail, the staff's channel, and the company's quality department. Returns the messages."""
    words, told = partial(_confirmed, event), 0
    for person in staff_of(session, event.community_id, MANAGERS):
        locale = staff_locale(session, person)
        for channel, address in ((MessageChannel.SMS, person.number), (MessageChannel.EMAIL, person.email)):
            told += bool(address) and _send(
                session, event, words, channel, address, locale, f"{person.id}:{channel}", now
            )
    told += _send(session, event, words, MessageChannel.ALERT, None, house_locale(), "alert", now)
    quality = session.scalars(select(Staff).where(Staff.role == Role.QUALITY, Staff.active).order_by(Staff.id)).all()
    return told + tell(session, quality, event.community_id, PURPOSE, words, now, f"{event.id}:confirmed")


def _send(
    session: Session,
    event: SpecialEvent,
    words: Callable[[], str],
    channel: MessageChannel,
    address: str | None,
    locale: str,
    mark: str,
    now: datetime,
) -> bool:
    with force_locale(locale):
        body, subject = words(), gettext("Special event %(number)s", number=event.number)
    message = enqueue(
        session,
        channel=channel,
        to=address,
        purpose=PURPOSE,
        body=body,
        subject=None if channel == MessageChannel.SMS else subject,
        community_id=event.community_id,
        key=f"{PURPOSE}:{event.id}:confirmed:{mark}",
        now=now,
    )
    return message is not None


def _facts(event: SpecialEvent) -> dict[str, Any]:
    base = current_app.extensions["settings"].public_base_url
    return {
        "community": named(event.community),
        "what": title(event),
        "households": event.households,
        "tickets": event.ticket_count,
        "address": f"{base}/special/{event.id}",
    }


def _proposed(event: SpecialEvent) -> str:
    return gettext(
        "[%(community)s] %(households)s households report the same matter: %(what)s. Is it a special event? Please confirm or"
        " reject it: %(address)s",
        **_facts(event),
    )


def _confirmed(event: SpecialEvent) -> str:
    if event.kind == SpecialKind.EMERGENCY:
        return gettext(
            "[%(community)s] An emergency was opened as a special event: %(what)s. What happened and what is to be done:"
            " %(address)s",
            **_facts(event),
        )
    return gettext(
        "[%(community)s] Collective matter confirmed: %(what)s, %(households)s households. Please decide whether the general"
        " manager and the developer's centre are told: %(address)s",
        **_facts(event),
    )
