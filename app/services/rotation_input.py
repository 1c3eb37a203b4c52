"""What somebody wrote about a rotation, read and checked: from the form and from REST alike."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, time
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.errors import N_, Invalid, NotFound
from app.models import Community, Staff, StaffCommunity
from app.rules.codes import DutyDays, RotationPattern, Tier
from app.rules.rotations import MOST_DAYS_ON, Rotation, people_needed
from app.services.access import rows
from app.services.actors import Actor
from app.services.ticket_input import choice, clean_text, phone_number, row_id, whole_number

MOST_PLACES = 40
MOST_HANDOFFS = 6
MOST_DAYS_OFF = 366
_FIRST, _LAST = date(2000, 1, 1), date(2199, 12, 31)
_CLOCK = re.compile(r"([01]?\d|2[0-3])[:：]([0-5]\d)", re.ASCII)


@dataclass(frozen=True)
class Draft:
    """A rotation as it is to be: the rule, and what stands around it."""

    community_id: int
    tier: Tier
    name: str
    days_off: int
    number: str | None
    rule: Rotation


def read(session: Session, actor: Actor, data: Mapping[str, Any], people: Sequence[Any]) -> Draft:
    """The rotation that was written down. `people` are ids of staff in the order of their turns; empty ones are passed over.

    Raises Invalid with what is missing or does not fit together, NotFound for a community that is not the actor's.
    """
    community_id = row_id(data.get("community"))
    if session.scalar(select(Community.id).where(Community.id == community_id, rows(actor, Community))) is None:
        raise NotFound(N_("Choose one of your communities."))
    pattern = choice(data.get("pattern"), RotationPattern, default=RotationPattern.EACH_SHIFT)
    days_on, days_off = _days_on_and_off(pattern, data)
    handoffs = _handoffs(data.get("handoffs"))
    rule = Rotation(
        people=_people(session, int(community_id or 0), people),
        starts_on=_day(data.get("starts_on")),
        pattern=RotationPattern(str(pattern)),
        handoffs=handoffs,
        until=_until(data.get("until"), handoffs),
        days_on=days_on,
        days=choice(data.get("days"), DutyDays, default=DutyDays.EVERY) or DutyDays.EVERY,
        ends_on=_day(data["ends_on"]) if data.get("ends_on") else None,
    )
    _check(rule, days_off)
    name = clean_text(data.get("name"), 80, lines=False)
    if not name:
        raise Invalid(N_("Give the rotation a name."))
    tier = choice(data.get("tier"), Tier)
    if tier is None:
        raise Invalid(N_("Say which duty the rotation is for."))
    return Draft(int(community_id or 0), tier, name, days_off, phone_number(data.get("number")), rule)


def clock(text: Any) -> time:
    """A time of day as it is written: 8:00, 20：30. Raises Invalid."""
    found = _CLOCK.fullmatch(clean_text(text, 8, lines=False))
    if found is None:
        raise Invalid(N_("This is not a time of day: write it like 08:00."))
    return time(int(found[1]), int(found[2]))


def _handoffs(text: Any) -> tuple[time, ...]:
    parts = [part for part in re.split(r"[,，、;；\s]+", clean_text(text, 80, lines=False)) if part]
    if not parts or len(parts) > MOST_HANDOFFS:
        raise Invalid(N_("Write one to six hours of handover, like 08:00, 20:00."))
    return tuple(sorted({clock(part) for part in parts}))


def _until(text: Any, handoffs: tuple[time, ...]) -> time | None:
    if not clean_text(text, 8, lines=False):
        return None
    until = clock(text)
    if until <= handoffs[-1] and until > handoffs[0]:
        raise Invalid(N_("The last shift would end after the next day's first has begun."))
    return until


def _days_on_and_off(pattern: str | None, data: Mapping[str, Any]) -> tuple[int, int]:
    if pattern != RotationPattern.ON_OFF:
        return 1, 0
    on, off = whole_number(data.get("days_on"), 1, MOST_DAYS_ON), whole_number(data.get("days_off"), 0, MOST_DAYS_OFF)
    if on is None or off is None:
        raise Invalid(N_("Say how many days on and how many days off."))
    return on, off


def _check(rule: Rotation, days_off: int) -> None:
    if rule.ends_on is not None and rule.ends_on < rule.starts_on:
        raise Invalid(N_("The end lies before the start."))
    if rule.pattern != RotationPattern.ON_OFF:
        return
    needed = people_needed(rule.days_on, days_off)
    if needed is None:
        raise Invalid(N_("Days off must be a multiple of days on, so that exactly one person is there every day."))
    if needed != len(rule.people):
        raise Invalid(
            N_("%(on)s days on and %(off)s days off need %(needed)s people; you have named %(count)s."),
            on=rule.days_on,
            off=days_off,
            needed=needed,
            count=len(rule.people),
        )


def _people(session: Session, community_id: int, given: Sequence[Any]) -> tuple[int, ...]:
    ids = [row_id(one) for one in given if one not in (None, "")]
    if not ids:
        raise Invalid(N_("Name at least one person."))
    if len(ids) > MOST_PLACES:
        raise Invalid(N_("At most %(most)s places."), most=MOST_PLACES)
    here = select(StaffCommunity.staff_id).where(StaffCommunity.community_id == community_id)
    known = set(session.scalars(select(Staff.id).where(Staff.id.in_(ids), Staff.id.in_(here), Staff.active)))
    if not known.issuperset(ids):
        raise Invalid(N_("Somebody on the list does not work in this community."))
    return tuple(int(one) for one in ids if one is not None)


def _day(text: Any) -> date:
    if isinstance(text, date):
        return text
    try:
        day = date.fromisoformat(clean_text(text, 10, lines=False))
    except ValueError:
        day = date.min
    if not _FIRST <= day <= _LAST:
        raise Invalid(N_("This is not a day: write it like 2026-03-31."))
    return day
