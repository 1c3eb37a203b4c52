"""The drills of a year, those that are overdue, plans not drilled within their period, improvements still to be made (D7)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, Select, and_, false, func, literal, or_, select
from sqlalchemy.orm import Session, aliased, contains_eager, joinedload, selectinload

from app.models import (
    Community,
    DrillFinding,
    DrillMember,
    EmergencyPlan,
    PlanDrill,
    PlanVersion,
)
from app.rules import drills as rules
from app.rules.codes import DrillState, PlanKind, PlanState, Role
from app.services.access import rows
from app.services.actors import Actor
from app.services.local_time import local_zone

EVERY = "drill.every_days"
TOLD = (Role.MANAGER, Role.DEPUTY)
"""On whose first page the numbers stand."""

SHOWS = ("overdue", "mine", "improve")


def bounds(year: int) -> tuple[datetime, datetime]:
    """Beginning and end of a local year."""
    zone = local_zone()
    return datetime(year, 1, 1, tzinfo=zone), datetime(year + 1, 1, 1, tzinfo=zone)


def overdue(now: datetime) -> ColumnElement[bool]:
    """Planned drills whose day is over without a record, as `rules.is_overdue` says."""
    midnight = now.astimezone(local_zone()).replace(hour=0, minute=0, second=0, microsecond=0)
    return and_(PlanDrill.state == DrillState.PLANNED, PlanDrill.starts_at < midnight)


def _mine(actor: Actor) -> ColumnElement[bool]:
    """What one leads or takes part in, and is not over."""
    if actor.staff_id is None:
        return false()
    takes_part = select(DrillMember.drill_id).where(DrillMember.staff_id == actor.staff_id)
    return and_(
        PlanDrill.state == DrillState.PLANNED,
        or_(PlanDrill.leader_id == actor.staff_id, PlanDrill.id.in_(takes_part)),
    )


def listed(
    session: Session,
    actor: Actor,
    now: datetime,
    *,
    year: int | None = None,
    show: str = "",
    community_id: int | None = None,
    skip: int = 0,
    most: int | None = None,
) -> tuple[int, list[PlanDrill]]:
    """How many drills, and a page of them by their hour: of a year, or those that `show` names (`SHOWS`)."""
    wanted = [rows(actor, PlanDrill)]
    if community_id is not None:
        wanted.append(PlanDrill.community_id == community_id)
    if show == "overdue":
        wanted.append(overdue(now))
    elif show == "mine":
        wanted.append(_mine(actor))
    elif year is not None:
        first, last = bounds(year)
        wanted += [PlanDrill.starts_at >= first, PlanDrill.starts_at < last]
    total = session.scalar(select(func.count(PlanDrill.id)).where(*wanted)) or 0
    page = (
        select(PlanDrill)
        .where(*wanted)
        .options(
            joinedload(PlanDrill.version).joinedload(PlanVersion.plan),
            joinedload(PlanDrill.community),
            joinedload(PlanDrill.leader),
            selectinload(PlanDrill.members),
            selectinload(PlanDrill.findings),
        )
        .order_by(PlanDrill.starts_at, PlanDrill.id)
        .offset(skip)
    )
    return total, list(session.scalars(page.limit(most) if most is not None else page))


def overdue_count(actor: Actor, now: datetime) -> ColumnElement[int]:
    """How many of them, as a column of somebody else's statement: exactly those `listed` shows."""
    if not actor.has(*TOLD):
        return literal(0)
    found = select(func.count(PlanDrill.id)).where(rows(actor, PlanDrill), overdue(now))
    return found.correlate(None).scalar_subquery()


@dataclass(frozen=True)
class Due:
    """A plan that was not drilled within the period in a community: since when it is due, when it was drilled last."""

    version: PlanVersion
    community: Community
    due_on: date
    last_at: datetime | None
    next_at: datetime | None


def undrilled(session: Session, actor: Actor, now: datetime, days: int, community_id: int | None = None) -> list[Due]:
    """The plans whose period is over in the actor's communities, the longest first. One statement."""
    since, last, following = _since(), _last(), _next()
    wanted = (
        _undrilled(select(PlanVersion, Community, since, last, following), actor, now, days)
        .options(contains_eager(PlanVersion.plan))
        .order_by(func.coalesce(last, since), Community.id, PlanVersion.plan_id)
    )
    if community_id is not None:
        wanted = wanted.where(Community.id == community_id)
    return [_due(row, timedelta(days=days)) for row in session.execute(wanted)]


def undrilled_count(actor: Actor, now: datetime, days: int) -> ColumnElement[int]:
    """How many of them, as a column of somebody else's statement."""
    if not actor.has(*TOLD):
        return literal(0)
    return _undrilled(select(func.count()), actor, now, days).correlate(None).scalar_subquery()


def _undrilled(wanted: Select[Any], actor: Actor, now: datetime, days: int) -> Select[Any]:
    """What is wanted of the plans whose period is over, each with the community in which it is."""
    return (
        wanted.select_from(PlanVersion)
        .join(PlanVersion.plan)
        .join(Community, _counts_in(Community.id))
        .where(
            PlanVersion.state == PlanState.IN_FORCE,
            EmergencyPlan.retired_at.is_(None),
            rows(actor, Community),
            func.coalesce(_last(), _since()) <= now - timedelta(days=days),
        )
    )


def _due(row: Any, every: timedelta) -> Due:
    version, community, since, last_at, next_at = row
    due_on = rules.due_at(last_at, since, every).astimezone(local_zone()).date()
    return Due(version, community, due_on, last_at, next_at)


def _counts_in(community_id: Any) -> ColumnElement[bool]:
    """Whether a plan counts in a community: its own, or the company's where it has none of its own for that emergency."""
    own, own_version = aliased(EmergencyPlan), aliased(PlanVersion)
    own_one = (
        select(own.id)
        .join(own_version, own_version.plan_id == own.id)
        .where(own.community_id == community_id, own.kind == EmergencyPlan.kind, own.kind != PlanKind.OTHER)
        .where(own.retired_at.is_(None), own_version.state == PlanState.IN_FORCE)
    )
    companys = and_(EmergencyPlan.community_id.is_(None), ~own_one.correlate(EmergencyPlan, Community).exists())
    return or_(EmergencyPlan.community_id == community_id, companys)


def _since() -> Any:
    """Since when a plan is in force at all."""
    every = aliased(PlanVersion)
    found = select(func.min(every.forced_at)).where(every.plan_id == PlanVersion.plan_id)
    return found.correlate(PlanVersion).scalar_subquery()


def _last() -> Any:
    held = select(func.max(PlanDrill.began_at)).where(*_here(), PlanDrill.state == DrillState.HELD)
    return held.correlate(PlanVersion, Community).scalar_subquery()


def _next() -> Any:
    planned = select(func.min(PlanDrill.starts_at)).where(*_here(), PlanDrill.state == DrillState.PLANNED)
    return planned.correlate(PlanVersion, Community).scalar_subquery()


def _here() -> tuple[ColumnElement[bool], ...]:
    return PlanDrill.plan_id == PlanVersion.plan_id, PlanDrill.community_id == Community.id


def improvements(
    session: Session, actor: Actor, community_id: int | None = None, skip: int = 0, most: int = 50
) -> tuple[int, list[DrillFinding]]:
    """How many improvements are still to be made, and a page of them, the earliest day first."""
    wanted = [rows(actor, PlanDrill), DrillFinding.done_at.is_(None)]
    if community_id is not None:
        wanted.append(PlanDrill.community_id == community_id)
    total = session.scalar(select(func.count(DrillFinding.id)).join(DrillFinding.drill).where(*wanted)) or 0
    page = (
        select(DrillFinding)
        .join(DrillFinding.drill)
        .where(*wanted)
        .options(
            joinedload(DrillFinding.drill).options(joinedload(PlanDrill.version), joinedload(PlanDrill.community)),
            joinedload(DrillFinding.staff),
        )
        .order_by(DrillFinding.until, DrillFinding.id)
        .offset(skip)
        .limit(most)
    )
    return total, list(session.scalars(page))


def findings_of(session: Session, drill: PlanDrill) -> list[DrillFinding]:
    """What a drill showed, with whoever improves it."""
    wanted = select(DrillFinding).where(DrillFinding.drill_id == drill.id).options(joinedload(DrillFinding.staff))
    return list(session.scalars(wanted.order_by(DrillFinding.id)))


def of_plan(session: Session, actor: Actor, plan_id: int, most: int = 5) -> list[PlanDrill]:
    """The latest drills of a plan, for its page."""
    wanted = select(PlanDrill).where(PlanDrill.plan_id == plan_id, rows(actor, PlanDrill))
    return list(session.scalars(wanted.order_by(PlanDrill.starts_at.desc(), PlanDrill.id.desc()).limit(most)))


def years(session: Session, actor: Actor, now: datetime) -> list[int]:
    """The years that have drills, and the present one, the latest first."""
    first, last = session.execute(
        select(func.min(PlanDrill.starts_at), func.max(PlanDrill.starts_at)).where(rows(actor, PlanDrill))
    ).one()
    zone, here = local_zone(), now.astimezone(local_zone()).year
    low = min(here, first.astimezone(zone).year) if first else here
    high = max(here, last.astimezone(zone).year) if last else here
    return list(range(high, low - 1, -1))
