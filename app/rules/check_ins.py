"""Check-in calls to people living alone (D13): when the next one is, and what follows from how a try ended. Pure."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from enum import StrEnum
from typing import Final
from zoneinfo import ZoneInfo

from app.rules.codes import CheckInState, TargetState

WEEKDAYS: Final = "1234567"
"""Monday to Sunday, as ISO numbers them."""

MOST_TIMES: Final = 4
APART: Final = timedelta(hours=1)
"""Two times of a day lie so far apart at least: the tries of one must not run into the next."""

GRACE: Final = timedelta(minutes=10)
"""How long after the last moment for dialling a call's result may stay away (a talk, lost reports, a look at the carrier)."""

MOST_MISSED: Final = 50
OPEN: Final = (CheckInState.CALLING, CheckInState.WAITING, CheckInState.ALERTED, CheckInState.CONTACTED)
UNHEARD: Final = (CheckInState.ALERTED, CheckInState.CONTACTED)
"""Somebody of us is to find out: the task that stays until it is said what was found."""


@dataclass(frozen=True)
class Booked:
    """Weekdays (ISO numbers in a text) and local times, and the days somebody is away: both included, `None` without end."""

    weekdays: str
    times: tuple[time, ...]
    away_from: date | None = None
    away_until: date | None = None


class Step(StrEnum):
    """What follows after a try."""

    WELL = "well"
    HELP = "help"
    AGAIN = "again"
    ALERT = "alert"
    SKIP = "skip"


def is_away(booked: Booked, day: date) -> bool:
    """Whether nobody is to be called on this day."""
    if booked.away_from is None or day < booked.away_from:
        return False
    return booked.away_until is None or day <= booked.away_until


def is_booked(booked: Booked, at: datetime, zone: ZoneInfo) -> bool:
    """Whether this instant is one of the booked ones."""
    local = at.astimezone(zone)
    day = local.date()
    return str(day.isoweekday()) in booked.weekdays and local.time() in booked.times and not is_away(booked, day)


def next_time(booked: Booked, after: datetime, zone: ZoneInfo) -> datetime | None:
    """The first booked instant after `after`; None where there is none: no weekday, no time, away without an end."""
    day = after.astimezone(zone).date()
    for _ in range(2 * len(WEEKDAYS) + 2):
        if is_away(booked, day):
            if booked.away_until is None:
                return None
            day = booked.away_until + timedelta(days=1)
        if str(day.isoweekday()) in booked.weekdays:
            for clock in sorted(booked.times):
                at = datetime.combine(day, clock, zone).astimezone(after.tzinfo)
                if at > after:
                    return at
        day += timedelta(days=1)
    return None


def due_times(booked: Booked, first: datetime, now: datetime, zone: ZoneInfo) -> list[datetime]:
    """The booked instants from `first` (itself one) up to `now`: one, unless nobody looked for a while."""
    return list(_due_times(booked, first, now, zone))[-MOST_MISSED:]


def _due_times(booked: Booked, first: datetime, now: datetime, zone: ZoneInfo) -> Iterator[datetime]:
    at: datetime | None = first
    while at is not None and at <= now:
        yield at
        at = next_time(booked, at, zone)


def too_close(times: tuple[time, ...]) -> bool:
    """Whether two of a day's times lie nearer than `APART`, midnight between them or not."""
    minutes = sorted(clock.hour * 60 + clock.minute for clock in times)
    following = [*minutes[1:], minutes[0] + 24 * 60] if len(minutes) > 1 else []
    return (
        any(timedelta(minutes=b - a) < APART for a, b in zip(minutes, following, strict=True)) if following else False
    )


def after_try(result: str, *, confirmed: bool, asked_help: bool, wanted: bool, tries: int, most: int) -> Step:
    """What follows from how a try ended.

    `confirmed`: key 1; `asked_help`: a key that asks for help; `wanted`: the call is still agreed for this day. Only key 1 is
    an answer that all is well: silence, wrong keys, no answer, a busy line, a machine, being hung up on bring one try more.
    What could not be dialled at all is for a person at once: another call would fare no better.
    """
    if asked_help:
        return Step.HELP
    if confirmed:
        return Step.WELL
    if not wanted:
        return Step.SKIP
    again = result in _ONCE_MORE and tries < most
    return Step.AGAIN if again else Step.ALERT


_ONCE_MORE: Final = frozenset(
    {
        TargetState.REACHED,
        TargetState.UNCLEAR,
        TargetState.MACHINE,
        TargetState.NO_ANSWER,
        TargetState.BUSY,
    }
)
