"""Drills of the emergency plans (D7): who plans and records them, what a record must say, which plans are due. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from app.errors import N_, Forbidden, Invalid, Refused
from app.rules.codes import DrillState
from app.rules.plans import WRITERS, Content

MOST_MEMBERS = 100
LONGEST = timedelta(hours=24)

PLANNERS = WRITERS
"""Who plans a drill, moves it, calls it off: whoever writes the plans of a community."""


def may_plan(roles: frozenset[str]) -> bool:
    """Whether these roles plan drills."""
    return bool(roles & PLANNERS)


def may_record(roles: frozenset[str], staff_id: int | None, leader_id: int) -> bool:
    """Who says how it went: whoever leads it, and whoever plans drills."""
    return may_plan(roles) or (staff_id is not None and staff_id == leader_id)


def may_end(roles: frozenset[str], staff_id: int | None, leader_id: int, responsible_id: int) -> bool:
    """Who says that an improvement is made: whoever is to make it, and those who record the drill."""
    return may_record(roles, staff_id, leader_id) or (staff_id is not None and staff_id == responsible_id)


def check_open(state: str, *, held: bool = False) -> None:
    """A drill that is over, or was called off, is not planned anew. `held`: also of one that was recorded. Raises Refused."""
    if state == DrillState.CANCELLED:
        raise Refused(N_("This drill was called off: plan a new one."))
    if state == DrillState.HELD and not held:
        raise Refused(N_("This drill was held already: what is wrong in its record is corrected there."))


def check_leader(roles: frozenset[str], staff_id: int | None, leader_id: int) -> None:
    """Raises Forbidden for who neither leads nor plans it."""
    if not may_record(roles, staff_id, leader_id):
        raise Forbidden(N_("A drill is recorded by whoever leads it, or by those who plan drills."))


def check_record(began_at: datetime, ended_at: datetime, steps: Mapping[str, datetime], now: datetime) -> None:
    """Raises Invalid for times that cannot be: the end before the beginning or still to come, a step outside of both."""
    if began_at > now or ended_at > now:
        raise Invalid(N_("A drill is recorded when it is over: this time is still to come."))
    if ended_at < began_at:
        raise Invalid(N_("The drill cannot end before it begins."))
    if ended_at - began_at > LONGEST:
        raise Invalid(N_("A drill lasts a day at most: check beginning and end."))
    if any(not began_at <= at <= ended_at for at in steps.values()):
        raise Invalid(N_("A step was done between beginning and end of the drill: check its time."))
    if not steps:
        raise Invalid(N_("Say of at least one step when it was done."))


def at_clock(began_at: datetime, hour: int, minute: int, zone: ZoneInfo) -> datetime:
    """The instant that a time on the clock means in a drill: on the day it began, past midnight on the next."""
    begins = began_at.astimezone(zone)
    floor = begins.replace(second=0, microsecond=0)
    found = floor.replace(hour=hour, minute=minute)
    if found < floor:
        found += timedelta(days=1)
    # The clock has no seconds: the minute in which it began is not before it.
    return max(found, begins).astimezone(began_at.tzinfo)


@dataclass(frozen=True)
class Done:
    """A step of the plan in a drill: after how many minutes it was done (None: not at all), within how many it should be."""

    key: str
    place: int
    at: datetime | None
    after: int | None
    within: int
    late: bool


def walked(content: Content, began_at: datetime | None, steps: Mapping[str, datetime]) -> list[Done]:
    """The plan's steps in their order with their times. A minute that has begun counts as not over."""
    found = []
    for place, step in enumerate(content["steps"], 1):
        at, within = steps.get(step["key"]), int(step["minutes"])
        after = int((at - began_at).total_seconds() // 60) if at is not None and began_at is not None else None
        found.append(Done(step["key"], place, at, after, within, after is not None and after > max(within, 1)))
    return found


def is_overdue(state: str, starts_at: datetime, now: datetime, zone: ZoneInfo) -> bool:
    """A planned drill whose day is over without a record."""
    return state == DrillState.PLANNED and starts_at.astimezone(zone).date() < now.astimezone(zone).date()


def due_at(last_at: datetime | None, since: datetime, every: timedelta) -> datetime:
    """Until when a plan is to be drilled: counted from its last drill, else from when it was put in force."""
    return (last_at or since) + every
