"""Who is on duty (D7): the rungs an emergency climbs, and the gaps of the coming days."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session, joinedload

from app.models import Community, DutyShift, Staff, StaffCommunity
from app.rules.codes import Role, Tier
from app.rules.roster import Gap, gaps
from app.services.policies import figure


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


def on_duty(session: Session, community_id: int, tier: str, now: datetime) -> list[DutyShift]:
    """The shifts of a tier that cover this instant; the one that began last comes first."""
    statement = (
        select(DutyShift)
        .where(
            DutyShift.community_id == community_id,
            DutyShift.tier == tier,
            DutyShift.starts_at <= now,
            DutyShift.ends_at > now,
        )
        .options(joinedload(DutyShift.staff))
        .order_by(DutyShift.starts_at.desc(), DutyShift.id)
    )
    return list(session.scalars(statement))


def ladder(session: Session, community_id: int, now: datetime) -> list[Rung]:
    """The rungs in ringing order: on duty → backup → manager.

    A roster without a manager has the centre's manager ring; an empty one the manager and then every supervisor: an
    emergency always rings somebody while the community has staff with a number. Nobody rings twice in one round.
    """
    rungs = [
        Rung(tier, shift.number, shift.staff_id, shift.staff.name)
        for tier in Tier
        for shift in on_duty(session, community_id, tier, now)
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
                DutyShift.community_id == community.id, DutyShift.ends_at > now, DutyShift.starts_at < until
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
