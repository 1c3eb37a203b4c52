"""One's own shifts as a calendar that telephones and computers subscribe to (RFC 5545): a secret address, no log-in.

Only the hash of the address is kept: whoever reads the database cannot read the calendar by it. A new address ends the old one.
"""

from __future__ import annotations

import hashlib
import secrets
from datetime import datetime, timedelta

from flask_babel import force_locale, gettext
from icalendar import Calendar, Event
from sqlalchemy import select
from sqlalchemy.orm import Session, joinedload

from app.errors import N_, Refused
from app.models import Community, DutyFeed, Staff
from app.rules.codes import Tier
from app.services.actors import Actor
from app.services.names import named
from app.services.preferences import staff_locale
from app.services.roster import hours_of
from app.services.roster_watch import TIER_LABELS

BEHIND, AHEAD = timedelta(days=30), timedelta(days=120)
_TOKEN_BYTES = 32
_LONGEST_TOKEN = 64


def feed_of(session: Session, actor: Actor) -> DutyFeed | None:
    """The actor's calendar link, if one is in force."""
    return session.scalar(select(DutyFeed).where(DutyFeed.staff_id == actor.staff_id, DutyFeed.active))


def renew(session: Session, actor: Actor, now: datetime) -> str:
    """Make the actor's calendar address anew and return its secret part, once: the old address stops at once."""
    if actor.staff_id is None:
        raise Refused(N_("Only somebody who works here has shifts."))
    token = secrets.token_urlsafe(_TOKEN_BYTES)
    feed = session.scalar(select(DutyFeed).where(DutyFeed.staff_id == actor.staff_id))
    if feed is None:
        feed = DutyFeed(staff_id=actor.staff_id)
        session.add(feed)
    feed.token_hash, feed.made_at, feed.read_at, feed.active = _hash(token), now, None, True
    session.flush()
    return token


def stop(session: Session, actor: Actor) -> None:
    """No calendar reads the actor's shifts any more."""
    feed = feed_of(session, actor)
    if feed is not None:
        feed.active, feed.token_hash = False, _hash(secrets.token_urlsafe(_TOKEN_BYTES))


def reader(session: Session, token: str, now: datetime) -> Staff | None:
    """Whose calendar the secret opens; None for one that is unknown, ended, or of somebody who has left."""
    if len(token) > _LONGEST_TOKEN:
        return None
    statement = select(DutyFeed).where(DutyFeed.token_hash == _hash(token), DutyFeed.active)
    feed = session.scalar(statement.options(joinedload(DutyFeed.staff).joinedload(Staff.user)))
    if feed is None or not feed.staff.active or (feed.staff.user is not None and not feed.staff.user.active):
        return None
    if feed.read_at is None or now - feed.read_at > timedelta(hours=1):
        feed.read_at = now
    return feed.staff


def calendar(session: Session, staff: Staff, now: datetime, host: str) -> bytes:
    """The person's shifts of the last 30 and the coming 120 days as an iCalendar file: what really holds, overrides and all.

    No number and no other name stands in it: the file lies on whatever machine it is read by.
    """
    with force_locale(staff_locale(session, staff)):
        made = Calendar()
        made.add("prodid", "-//Linli//Duty roster//ZH")
        made.add("version", "2.0")
        made.add("method", "PUBLISH")
        made.add("x-wr-calname", gettext("My duty shifts"))
        made.add("refresh-interval", timedelta(hours=1), {"VALUE": "DURATION"})
        made.add("x-published-ttl", timedelta(hours=1))
        for community, tier, starts_at, ends_at in hours_of(session, staff.id, now - BEHIND, now + AHEAD):
            made.add_component(_event(community, tier, starts_at, ends_at, now, host))
        return bytes(made.to_ical())


def _event(community: Community, tier: str, starts_at: datetime, ends_at: datetime, now: datetime, host: str) -> Event:
    event = Event()
    event.add("uid", f"duty-{community.id}-{tier}-{starts_at:%Y%m%dT%H%M%SZ}@{host}")
    event.add("dtstamp", now)
    event.add("dtstart", starts_at)
    event.add("dtend", ends_at)
    label = gettext(TIER_LABELS[Tier(tier)])
    event.add("summary", gettext("Duty (%(tier)s) · %(community)s", tier=label, community=named(community)))
    event.add("transp", "OPAQUE")
    return event


def _hash(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()
