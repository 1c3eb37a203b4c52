"""An announced outage out of a special event, at one press: callers of its buildings hear that it is known (D5, issue 4)."""

from __future__ import annotations

from datetime import datetime

from flask_babel import force_locale, gettext
from sqlalchemy import select
from sqlalchemy.orm import Session

from app.errors import N_, Refused
from app.models import Outage, SpecialEvent, SpecialEventTicket, Ticket
from app.rules.codes import MemberState, OutageKind
from app.services import outages
from app.services.actors import Actor
from app.services.names import named
from app.services.special_words import where


def announce(session: Session, event: SpecialEvent, actor: Actor, now: datetime) -> Outage:
    """Announce it for the buildings of the event's tickets. Raises Refused while an earlier one is not over."""
    if event.outage is not None and event.outage.ended_at is None:
        raise Refused(N_("It is announced on the hotline already."))
    kind = event.category.code if event.category and event.category.code in set(OutageKind) else OutageKind.OTHER
    outage = Outage(
        community_id=event.community_id,
        kind=kind,
        text_zh=_words(event, "zh"),
        text_en=_words(event, "en"),
        starts_at=now,
        announced_at=now,
        announced_by=actor.display_name[:80],
    )
    session.add(outage)
    session.flush()
    outages.announce(session, outage, _buildings(session, event), actor, now)
    event.outage = outage
    session.flush()
    return outage


def _words(event: SpecialEvent, locale: str) -> str:
    """What callers hear; the desk may change it afterwards as any announced outage."""
    with force_locale(locale):
        place, what = where(event) or named(event.community), named(event.category)
        if event.category is None or event.category.code == "other":
            return gettext(
                "About the fault at %(place)s: it has been reported to us and is being worked on.", place=place
            )
        return gettext(
            "About %(what)s at %(place)s: it has been reported to us and is being worked on.", place=place, what=what
        )


def _buildings(session: Session, event: SpecialEvent) -> list[int]:
    if event.building_id is not None:
        return [event.building_id]
    found = (
        select(Ticket.building_id)
        .join(SpecialEventTicket, SpecialEventTicket.ticket_id == Ticket.id)
        .where(
            SpecialEventTicket.event_id == event.id,
            SpecialEventTicket.state == MemberState.LINKED,
            Ticket.building_id.is_not(None),
        )
        .distinct()
    )
    return sorted(session.scalars(found))
