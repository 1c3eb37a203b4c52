"""Rotations of a duty roster (D7): people who take turns, made out as shifts with a beginning and an end.

A rotation's day has one shift or several, each from one hand-over hour to the next; `until` ends the last one early (a rotation
of nights only). A turn is one shift, one day, a week, or some days on, and goes to the next person in the list. Whose turn it
is follows from the day the rotation began, never from who had the last one, so that it can be worked out for any day.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from app.rules.codes import DutyDays, RotationPattern

WEEK = 7
MOST_DAYS_ON = 31
_DAY = timedelta(days=1)

WorkdayTest = Callable[[date], bool]


@dataclass(frozen=True)
class Rotation:
    """People in the order of their turns; the first one begins on `starts_on`. `handoffs` are local times in rising order.

    `days_on` counts for the pattern on_off only. `ends_on` is the last day on which a shift begins.
    """

    people: tuple[int, ...]
    starts_on: date
    pattern: RotationPattern
    handoffs: tuple[time, ...]
    until: time | None = None
    days_on: int = 1
    days: DutyDays = DutyDays.EVERY
    ends_on: date | None = None


@dataclass(frozen=True)
class Turn:
    """One person's shift."""

    person: int
    starts_at: datetime
    ends_at: datetime


def people_needed(days_on: int, days_off: int) -> int | None:
    """How many people `days_on` on and `days_off` off need so that exactly one is there every day; None if it never comes out."""
    return None if days_off % days_on else (days_on + days_off) // days_on


def turns(rotation: Rotation, start: datetime, end: datetime, zone: ZoneInfo, is_workday: WorkdayTest) -> list[Turn]:
    """The shifts that touch `start` to `end`, whole and in order: shifts of one turn that meet are one shift."""
    found: list[tuple[int, Turn]] = []
    for number, begins, ends in _slots(rotation, start, end, zone, is_workday):
        last = found[-1] if found else None
        if last is not None and last[0] == number and last[1].ends_at == begins:
            found[-1] = (number, Turn(last[1].person, last[1].starts_at, ends))
        elif begins < end:
            found.append((number, Turn(rotation.people[number % len(rotation.people)], begins, ends)))
        else:
            break
    return [turn for _number, turn in found if turn.ends_at > start]


def _slots(
    rotation: Rotation, start: datetime, end: datetime, zone: ZoneInfo, is_workday: WorkdayTest
) -> Iterator[tuple[int, datetime, datetime]]:
    """(number of the turn, beginning, end) of every shift of a day, from a turn before `start` to a turn after `end`."""
    longest = timedelta(days=max(WEEK, rotation.days_on) + 2)
    first, last = start.astimezone(zone).date() - longest, end.astimezone(zone).date() + longest
    if rotation.ends_on is not None:
        last = min(last, rotation.ends_on)
    day, counted = rotation.starts_on, 0
    floor: datetime | None = None
    while day <= last:
        if _has_shifts(rotation.days, day, is_workday):
            if day >= first:
                for slot, (begins, ends) in enumerate(_day_slots(rotation, day, zone)):
                    # Where the clocks are put forward two hand-over hours may change places.
                    begins = begins if floor is None else max(begins, floor)
                    if ends > begins:
                        yield _number(rotation, day, counted, slot), begins, ends
                        floor = ends
            counted += 1
        day += _DAY


def _number(rotation: Rotation, day: date, counted: int, slot: int) -> int:
    """Which turn a shift belongs to. Days without shifts cost nobody a turn, except in a week, which stays a week."""
    match rotation.pattern:
        case RotationPattern.EACH_SHIFT:
            return counted * len(rotation.handoffs) + slot
        case RotationPattern.WEEKLY:
            return (day - rotation.starts_on).days // WEEK
        case RotationPattern.ON_OFF:
            return counted // rotation.days_on
    return counted


def _day_slots(rotation: Rotation, day: date, zone: ZoneInfo) -> list[tuple[datetime, datetime]]:
    edges = [_instant(day, at, zone) for at in rotation.handoffs]
    if rotation.until is None:
        edges.append(_instant(day + _DAY, rotation.handoffs[0], zone))
    else:
        over_night = rotation.until <= rotation.handoffs[-1]
        edges.append(_instant(day + _DAY if over_night else day, rotation.until, zone))
    return list(zip(edges, edges[1:], strict=False))


def _instant(day: date, at: time, zone: ZoneInfo) -> datetime:
    return datetime.combine(day, at, zone).astimezone(UTC)


def _has_shifts(days: DutyDays, day: date, is_workday: WorkdayTest) -> bool:
    return days == DutyDays.EVERY or is_workday(day) == (days == DutyDays.WORK_DAYS)
