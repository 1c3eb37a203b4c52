"""What the schedule tells the staff: gaps of the roster, return visits that are due. Once a day each (D7, D8)."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from datetime import datetime

from flask_babel import force_locale, gettext
from sqlalchemy.orm import Session

from app.errors import N_
from app.models import ReturnVisit, Staff
from app.rules.codes import MessageChannel, Role, Tier
from app.services.local_time import local_zone
from app.services.outbox import enqueue
from app.services.roster import RosterGap, staff_of

STAFF_LOCALE = "zh"

TIER_LABELS = {Tier.ON_DUTY: N_("on duty"), Tier.BACKUP: N_("backup"), Tier.MANAGER: N_("duty manager")}


def tell_roster_gaps(session: Session, gaps: Sequence[RosterGap], now: datetime) -> int:
    """One message a day to each manager of a community with gaps: how many, and the first. Returns the messages."""
    by_community: dict[int, list[RosterGap]] = {}
    for gap in gaps:
        by_community.setdefault(gap.community.id, []).append(gap)
    told = 0
    for community_id, found in by_community.items():
        first = min(found, key=lambda gap: gap.gap.starts_at)
        with force_locale(STAFF_LOCALE):
            body = gettext(
                "%(community)s: the duty roster has %(count)s gaps in the coming days, the first (%(tier)s) from %(start)s.",
                community=first.community.name,
                count=len(found),
                tier=gettext(TIER_LABELS[Tier(first.tier)]),
                start=f"{first.gap.starts_at.astimezone(local_zone()):%m-%d %H:%M}",
            )
        people = staff_of(session, community_id, (Role.MANAGER, Role.DEPUTY))
        told += _tell(session, people, community_id, "roster_gap", body, now)
    return told


def tell_visits_due(session: Session, visits: Iterable[ReturnVisit], now: datetime) -> int:
    """One message a day to each supervisor: how many visits are due, how many of them late. Returns the messages."""
    today = now.astimezone(local_zone()).date()
    due: Counter[int] = Counter()
    late: Counter[int] = Counter()
    for visit in visits:
        due[visit.ticket.community_id] += 1
        late[visit.ticket.community_id] += visit.due_on < today
    told = 0
    for community_id, count in due.items():
        with force_locale(STAFF_LOCALE):
            body = gettext(
                "Return visits due: %(count)s, of these late: %(late)s.", count=count, late=late[community_id]
            )
        people = staff_of(session, community_id, (Role.SUPERVISOR,))
        told += _tell(session, people, community_id, "return_visits", body, now)
    return told


def _tell(session: Session, people: Sequence[Staff], community_id: int, purpose: str, body: str, now: datetime) -> int:
    """By SMS, else by mail, each person once a day."""
    day = f"{now.astimezone(local_zone()):%Y-%m-%d}"
    told = 0
    for person in people:
        ways = ((MessageChannel.SMS, person.number), (MessageChannel.EMAIL, person.email))
        channel, address = next((way for way in ways if way[1]), (MessageChannel.ALERT, None))
        key = f"{purpose}:{community_id}:{day}:{person.id}"
        message = enqueue(
            session,
            channel=channel,
            to=address,
            purpose=purpose,
            body=body,
            community_id=community_id,
            key=key,
            now=now,
        )
        told += message is not None
    return told
