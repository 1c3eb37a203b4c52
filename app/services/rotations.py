"""Rotations kept and made out as shifts of the roster, weeks ahead (D7).

The roster's rows are the truth about who is on duty: what has begun never changes, so that records of the past stay what they
were. A rotation only fills in what is to come, again and again, and takes back what it no longer wants.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, time, timedelta
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Session, selectinload

from app.models import DutyRotation, DutyShift, RotationMember, Staff
from app.rules.calendars import WorkDays
from app.rules.codes import DutyDays, RotationPattern
from app.rules.rotations import Rotation, Turn, turns
from app.services import duty_log, edit_changes
from app.services.actors import Actor
from app.services.local_time import local_zone, own_days
from app.services.policies import figure
from app.services.rotation_input import Draft

PREVIEW = timedelta(days=28)


def rule_of(rotation: DutyRotation) -> Rotation:
    """The rule behind a kept rotation."""
    return Rotation(
        people=tuple(member.staff_id for member in rotation.members),
        starts_on=rotation.starts_on,
        pattern=RotationPattern(rotation.pattern),
        handoffs=tuple(time.fromisoformat(part) for part in rotation.handoffs.split(",")),
        until=time.fromisoformat(rotation.until) if rotation.until else None,
        days_on=rotation.days_on,
        days=DutyDays(rotation.days),
        ends_on=rotation.ends_on,
    )


def preview(session: Session, rule: Rotation, now: datetime) -> list[Turn]:
    """The shifts a rule makes in the coming four weeks, or in its first four."""
    zone = local_zone()
    start = max(now, datetime.combine(rule.starts_on, time(), zone))
    return turns(rule, start, start + PREVIEW, zone, WorkDays(own_days(session)))


def save(
    session: Session, actor: Actor, draft: Draft, now: datetime, rotation: DutyRotation | None = None
) -> DutyRotation:
    """Keep a rotation, new or changed, and put its shifts on the roster. A shift that has begun stays as it is."""
    made = rotation is None
    before = {} if rotation is None else _said(session, rotation)
    rotation = rotation or DutyRotation()
    rule = draft.rule
    rotation.community_id, rotation.tier, rotation.name = draft.community_id, draft.tier, draft.name
    rotation.pattern, rotation.days = rule.pattern, rule.days
    rotation.days_on, rotation.days_off = rule.days_on, draft.days_off
    rotation.handoffs = ",".join(f"{at:%H:%M}" for at in rule.handoffs)
    rotation.until = f"{rule.until:%H:%M}" if rule.until else None
    rotation.active = True
    rotation.starts_on, rotation.ends_on, rotation.number = rule.starts_on, rule.ends_on, draft.number
    rotation.members.clear()
    session.add(rotation)
    session.flush()
    rotation.members += [RotationMember(place=place, staff_id=who) for place, who in enumerate(rule.people)]
    session.flush()
    _log(session, "rotation_added" if made else "rotation_changed", actor, rotation, now)
    if not made:
        _tell(session, actor, rotation, before, now)
    fill(session, rotation, now)
    return rotation


def end(session: Session, actor: Actor, rotation: DutyRotation, now: datetime) -> int:
    """Let a rotation begin no more shifts. Returns how many of the roster's shifts go; the one that runs stays to its end."""
    before = _said(session, rotation)
    rotation.active = False
    _tell(session, actor, rotation, before, now)
    _log(session, "rotation_ended", actor, rotation, now)
    return fill(session, rotation, now)[1]


def fill_all(session: Session, now: datetime) -> Mapping[str, int]:
    """Bring the roster's coming shifts in line with every rotation. Returns how many shifts came and went."""
    statement = select(DutyRotation).where(DutyRotation.active).options(selectinload(DutyRotation.members))
    statement = statement.order_by(DutyRotation.id)
    added = removed = 0
    for rotation in session.scalars(statement):
        came, went = fill(session, rotation, now)
        added, removed = added + came, removed + went
    return {"added": added, "removed": removed}


def fill(session: Session, rotation: DutyRotation, now: datetime) -> tuple[int, int]:
    """Put one rotation's coming shifts on the roster and take back those it no longer wants: (came, went).

    The first shift begins where the running one ends, or at once. Who has left gets no shift: the roster shows a gap.
    """
    mine = DutyShift.rotation_id == rotation.id
    running_to = session.scalar(select(func.max(DutyShift.ends_at)).where(mine, DutyShift.starts_at <= now))
    begin = (
        max(now.replace(second=0, microsecond=0), running_to) if running_to else now.replace(second=0, microsecond=0)
    )
    wanted = _wanted(session, rotation, begin, now + timedelta(days=figure(session, "roster.plan_days")))
    went = 0
    for shift in session.scalars(select(DutyShift).where(mine, DutyShift.starts_at > now)):
        values = wanted.pop(shift.starts_at, None)
        if values is None:
            session.delete(shift)
            went += 1
            continue
        for name, value in values.items():
            if getattr(shift, name) != value:
                setattr(shift, name, value)
    session.flush()
    for starts_at, values in wanted.items():
        _put(session, {"rotation_id": rotation.id, "starts_at": starts_at, "is_override": False, "note": "", **values})
    return len(wanted), went


def _wanted(
    session: Session, rotation: DutyRotation, begin: datetime, until: datetime
) -> dict[datetime, dict[str, Any]]:
    if not rotation.active:
        return {}
    found = turns(rule_of(rotation), begin, until, local_zone(), WorkDays(own_days(session)))
    here = {turn.person for turn in found}
    numbers = dict(
        session.execute(select(Staff.id, Staff.number).where(Staff.id.in_(here), Staff.active)).tuples().all()
    )
    return {
        max(turn.starts_at, begin): {
            "community_id": rotation.community_id,
            "tier": rotation.tier,
            "staff_id": turn.person,
            "number": rotation.number or numbers[turn.person],
            "ends_at": turn.ends_at,
        }
        for turn in found
        if turn.person in numbers and (rotation.number or numbers[turn.person])
    }


def _put(session: Session, values: dict[str, Any]) -> None:
    """Two who fill in at once make one shift."""
    insert: Any = postgresql.insert if session.get_bind().dialect.name == "postgresql" else sqlite.insert
    session.execute(
        insert(DutyShift).values(**values).on_conflict_do_nothing(index_elements=["rotation_id", "starts_at"])
    )


_TOLD = (
    "name",
    "tier",
    "pattern",
    "days",
    "days_on",
    "days_off",
    "handoffs",
    "until",
    "starts_on",
    "ends_on",
    "number",
    "active",
)


def _said(session: Session, rotation: DutyRotation) -> dict[str, Any]:
    """What a rotation says, its people by name."""
    ids = [member.staff_id for member in rotation.members]
    names = dict(session.execute(select(Staff.id, Staff.name).where(Staff.id.in_(ids))).tuples().all())
    return {name: getattr(rotation, name) for name in _TOLD} | {"people": [names[one] for one in ids]}


def _tell(session: Session, actor: Actor, rotation: DutyRotation, before: Mapping[str, Any], now: datetime) -> None:
    edit_changes.record(
        session,
        actor,
        edit_changes.ROTATION,
        rotation.id,
        rotation.name,
        before,
        _said(session, rotation),
        now,
        masked=("number",),
    )


def _log(session: Session, verb: str, actor: Actor, rotation: DutyRotation, now: datetime) -> None:
    duty_log.note(
        session,
        verb,
        actor,
        now,
        community_id=rotation.community_id,
        tier=rotation.tier,
        words=rotation.name,
        data={
            "pattern": rotation.pattern,
            "days": rotation.days,
            "handoffs": rotation.handoffs,
            "people": [member.staff_id for member in rotation.members],
        },
    )
