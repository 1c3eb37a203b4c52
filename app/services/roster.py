"""Who is on duty (D7): for telephone, pages, jobs and calendars alike; the rungs an emergency climbs; the gaps ahead.

Which of several shifts counts is `rules.roster`: overrides before what is planned.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, select
from sqlalchemy.orm import Session, joinedload

from app.models import Community, DutyShift, Staff, StaffCommunity
from app.rules import roster as rules
from app.rules.codes import Role, Tier
from app.rules.roster import Gap, gaps
from app.services.policies import figure

_RINGS = {str(tier): place for place, tier in enumerate(Tier)}


@dataclass(frozen=True)
class Rung:
    """One number an emergency rings. `tier` is the code of its step on the ladder."""

    tier: str
    number: str
    staff_id: int | None
    name: str


@dataclass(frozen=True)
class RosterGap:
    """A stretch of the coming days for which a community has nobody in a tier."""

    community: Community
    tier: str
    gap: Gap


def on_duty_now(session: Session, now: datetime, *conditions: ColumnElement[bool]) -> list[DutyShift]:
    """Who is on duty at this instant, in ringing order: by community, on duty → backup → manager. Who has left never is.

    `conditions` on `DutyShift` may leave out communities and duties, never single shifts of one: overrides would be lost.
    """
    statement = (
        select(DutyShift)
        .where(DutyShift.starts_at <= now, DutyShift.ends_at > now, still_with_us(), *conditions)
        .options(joinedload(DutyShift.staff), joinedload(DutyShift.community))
        .order_by(DutyShift.community_id, DutyShift.id)
    )
    held = rules.on_duty(session.scalars(statement), now)
    return sorted(held, key=lambda shift: (shift.community_id, _RINGS[shift.tier]))


def still_with_us() -> ColumnElement[bool]:
    """Shifts of the active staff: the others ring nobody and leave a gap."""
    return DutyShift.staff.has(Staff.active)


def on_duty(session: Session, community_id: int, tier: str, now: datetime) -> list[DutyShift]:
    """The shifts of one duty that hold at this instant; the one that began last comes first."""
    return on_duty_now(session, now, DutyShift.community_id == community_id, DutyShift.tier == tier)


def staff_on_duty(session: Session, community_ids: Iterable[int], now: datetime) -> set[int]:
    """The ids of the staff of these communities who are on duty at this instant, whatever their duty."""
    return {shift.staff_id for shift in on_duty_now(session, now, DutyShift.community_id.in_(list(community_ids)))}


def shifts_between(
    session: Session, start: datetime, end: datetime, *conditions: ColumnElement[bool]
) -> list[DutyShift]:
    """Every shift on the roster that touches a stretch of time, overridden ones included: what `rules.roster` asks for."""
    statement = (
        select(DutyShift)
        .where(DutyShift.starts_at < end, DutyShift.ends_at > start, *conditions)
        .options(joinedload(DutyShift.staff))
        .order_by(DutyShift.starts_at, DutyShift.id)
    )
    return list(session.scalars(statement))


def hours_of(
    session: Session, staff_id: int, start: datetime, end: datetime
) -> list[tuple[Community, str, datetime, datetime]]:
    """(community, tier, from, until) of every stretch in which somebody really has a duty, in order."""
    places = select(DutyShift.community_id).where(
        DutyShift.staff_id == staff_id, DutyShift.starts_at < end, DutyShift.ends_at > start
    )
    found = shifts_between(session, start, end, DutyShift.community_id.in_(places))
    posts: dict[tuple[int, str], list[DutyShift]] = {}
    for shift in found:
        posts.setdefault((shift.community_id, shift.tier), []).append(shift)
    made = []
    for (_community, tier), held in posts.items():
        first, last = min(shift.starts_at for shift in held), max(shift.ends_at for shift in held)
        for one in rules.stretches(held, first, last):
            mine = next((shift for shift in one.shifts if shift.staff_id == staff_id), None)
            if mine is not None:
                made.append((mine.community, tier, one.starts_at, one.ends_at))
    return sorted(made, key=lambda hours: (hours[2], hours[1]))


def ladder(session: Session, community_id: int, now: datetime) -> list[Rung]:
    """The rungs in ringing order: on duty → backup → manager.

    A roster without a manager has the centre's manager ring; an empty one the manager and then every supervisor: an
    emergency always rings somebody while the community has staff with a number. Nobody rings twice in one round.
    """
    rungs = [
        Rung(shift.tier, shift.number, shift.staff_id, shift.staff.name)
        for shift in on_duty_now(session, now, DutyShift.community_id == community_id)
    ]
    if not any(rung.tier == Tier.MANAGER for rung in rungs):
        roles = (Role.MANAGER, Role.DEPUTY) if rungs else (Role.MANAGER, Role.DEPUTY, Role.SUPERVISOR)
        rungs += [
            Rung(Tier.MANAGER, person.number, person.id, person.name)
            for person in staff_of(session, community_id, roles)
            if person.number
        ]
    return _once_each(rungs)


def staff_of(session: Session, community_id: int, roles: Iterable[str]) -> list[Staff]:
    """The active staff of a community in these roles, in the order of the roles."""
    order = {str(role): place for place, role in enumerate(roles)}
    statement = (
        select(Staff)
        .join(StaffCommunity, StaffCommunity.staff_id == Staff.id)
        .where(StaffCommunity.community_id == community_id, Staff.role.in_(list(order)), Staff.active)
    )
    return sorted(session.scalars(statement), key=lambda person: (order[person.role], person.id))


def supervisor_of(session: Session, community_id: int) -> Staff | None:
    """Who takes over what goes up: the supervisor, else the deputy, else the manager."""
    people = staff_of(session, community_id, (Role.SUPERVISOR, Role.DEPUTY, Role.MANAGER))
    return people[0] if people else None


def coming_gaps(session: Session, now: datetime) -> list[RosterGap]:
    """Where the roster has holes in the coming days (7 by default), per community and tier."""
    until = now + timedelta(days=figure(session, "roster.look_ahead_days"))
    found = []
    for community in session.scalars(select(Community).order_by(Community.id)):
        shifts = session.execute(
            select(DutyShift.tier, DutyShift.starts_at, DutyShift.ends_at).where(
                DutyShift.community_id == community.id,
                DutyShift.ends_at > now,
                DutyShift.starts_at < until,
                still_with_us(),
            )
        ).all()
        for tier in Tier:
            spans = [(shift.starts_at, shift.ends_at) for shift in shifts if shift.tier == tier]
            found += [RosterGap(community, tier, gap) for gap in gaps(spans, now, until)]
    return found


def _once_each(rungs: Iterable[Rung]) -> list[Rung]:
    seen: dict[str, Rung] = {}
    for rung in rungs:
        seen.setdefault(rung.number, rung)
    return list(seen.values())
