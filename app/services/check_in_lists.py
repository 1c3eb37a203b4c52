"""Check-in calls as the staff look at them: the register, one entry with its latest calls, and the tasks after a silence."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, and_, func, or_, select
from sqlalchemy.orm import Session, aliased, contains_eager, joinedload, selectinload

from app.models import AccessEntry, CheckIn, CheckInPlan, House, Person
from app.rules import check_ins as rules
from app.rules.codes import AccessAction, Role
from app.services import audit
from app.services.access import rows
from app.services.actors import Actor
from app.services.local_time import local_zone

SENT = (Role.MANAGER, Role.DEPUTY, Role.SUPERVISOR, Role.ASSISTANT, Role.STEWARD, Role.TECHNICIAN)
"""Whose first page counts the tasks, of their own rows: who answers for the register, and who may be sent there."""

MOST_CALLS = 30
_WHO = (joinedload(CheckIn.person), joinedload(CheckIn.house), joinedload(CheckIn.alerted))


@dataclass(frozen=True)
class Line:
    """An entry of the register with its latest call, if there was one."""

    entry: CheckInPlan
    latest: CheckIn | None


def register(
    session: Session, actor: Actor, *conditions: ColumnElement[bool], skip: int = 0, most: int = 50
) -> tuple[int, list[Line]]:
    """How many entries there are and a page of them, by house. Two statements."""
    mine = (rows(actor, CheckInPlan), *conditions)
    total = session.scalar(select(func.count()).select_from(CheckInPlan).where(*mine)) or 0
    other = aliased(CheckIn)
    newest = select(func.max(other.at)).where(other.plan_id == CheckInPlan.id).scalar_subquery()
    statement = (
        select(CheckInPlan, CheckIn)
        .join(House, House.id == CheckInPlan.house_id)
        .join(Person, Person.id == CheckInPlan.person_id)
        .outerjoin(CheckIn, and_(CheckIn.plan_id == CheckInPlan.id, CheckIn.at == newest))
        .where(*mine)
        .options(
            contains_eager(CheckInPlan.person),
            joinedload(CheckInPlan.house),
            joinedload(CheckInPlan.steward),
            joinedload(CheckInPlan.community),
        )
        .order_by(CheckInPlan.active.desc(), CheckInPlan.community_id, House.building_id, House.id)
        .offset(skip)
        .limit(most)
    )
    return total, [Line(entry, latest) for entry, latest in session.execute(statement).unique()]


def note_opened(session: Session, actor: Actor, people: Sequence[Person], now: datetime, address: str | None) -> None:
    """That somebody read who of these lives alone goes on the audit trail: once a person and day, whatever else they open."""
    zone = local_zone()
    midnight = now.astimezone(zone).replace(hour=0, minute=0, second=0, microsecond=0)
    known = select(AccessEntry.subject_id).where(
        AccessEntry.user_id == actor.user_id,
        AccessEntry.action == AccessAction.FILE_READ,
        AccessEntry.subject_kind == "person",
        AccessEntry.subject_id.in_([person.id for person in people]),
        AccessEntry.at >= midnight,
    )
    read = set(session.scalars(known))
    for person in people:
        if person.id not in read:
            kind = {"kind": "person", "row_id": person.id, "address": address}
            audit.record(session, actor, AccessAction.FILE_READ, person.name, now, **kind)  # type: ignore[arg-type]


def calls_of(session: Session, entry: CheckInPlan, most: int = MOST_CALLS) -> list[CheckIn]:
    """The latest calls of an entry, the newest first."""
    found = select(CheckIn).where(CheckIn.plan_id == entry.id).options(joinedload(CheckIn.ticket))
    return list(session.scalars(found.order_by(CheckIn.at.desc(), CheckIn.id.desc()).limit(most)))


def task(session: Session, actor: Actor, pk: int) -> CheckIn | None:
    """One call with everything its page shows, if it is the actor's."""
    statement = select(CheckIn).where(CheckIn.id == pk, rows(actor, CheckIn))
    plan = selectinload(CheckIn.plan).selectinload(CheckInPlan.contacts)
    return session.scalars(statement.options(*_WHO, joinedload(CheckIn.ticket), plan)).first()


def waiting() -> ColumnElement[bool]:
    """Where somebody is to go and look: the condition of the number and of its list."""
    return CheckIn.state.in_(rules.UNHEARD)


def count_tasks(session: Session, actor: Actor) -> int:
    """How many of the actor's own wait. One statement."""
    statement = select(func.count()).select_from(CheckIn).where(waiting(), rows(actor, CheckIn))
    return session.scalar(statement) or 0


def tasks(session: Session, actor: Actor, *, skip: int = 0, most: int = 25) -> tuple[int, list[CheckIn]]:
    """How many wait and a page of them, the oldest first. One statement, a second one only for a page without rows."""
    statement = (
        select(CheckIn, func.count().over())
        .where(waiting(), rows(actor, CheckIn))
        .options(*_WHO)
        .order_by(CheckIn.at, CheckIn.id)
        .offset(skip)
        .limit(most)
    )
    found = session.execute(statement).unique().all()
    total = found[0][1] if found else (count_tasks(session, actor) if skip else 0)
    return total, [row[0] for row in found]


def of_today(now: datetime) -> ColumnElement[bool]:
    """Calls of the last day: what the register shows as the present state."""
    return CheckIn.at >= now - timedelta(days=1)


def is_away(now: datetime) -> ColumnElement[bool]:
    """Entries marked as away on this day."""
    today = now.astimezone(local_zone()).date()
    until = or_(CheckInPlan.paused_until.is_(None), CheckInPlan.paused_until >= today)
    return and_(CheckInPlan.paused_from.is_not(None), CheckInPlan.paused_from <= today, until)
