"""A roster day by day, as a calendar shows it: who is on which duty when, with gaps and double bookings (D7)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from sqlalchemy.orm import Session

from app.models import DutyShift
from app.rules.calendars import WorkDays
from app.rules.codes import RosterTrouble, Tier
from app.rules.roster import Stretch, stretches
from app.services.local_time import local_zone, own_days
from app.services.roster import shifts_between
from app.services.roster_watch import Finding, findings

_BEYOND = timedelta(days=8)
"""So much more is read on both sides that a shift at the edge shows its true hours."""


@dataclass(frozen=True)
class Part:
    """One line of a day: a duty from when until when, who holds it, and what is wrong with it."""

    tier: str
    starts_at: datetime
    ends_at: datetime
    shifts: tuple[DutyShift, ...]
    trouble: str = ""
    all_day: bool = False

    @property
    def is_override(self) -> bool:
        """Whether somebody was put in the place of who was planned."""
        return any(shift.is_override for shift in self.shifts)


@dataclass(frozen=True)
class Day:
    """A local day. `kind`: `work`, `weekend`, `holiday` or `make_up`, by the Chinese calendar and the administrator's days."""

    day: date
    kind: str
    duties: dict[str, list[Part]]

    @property
    def trouble(self) -> bool:
        """Whether anything is wrong with this day."""
        return any(part.trouble for parts in self.duties.values() for part in parts)


@dataclass(frozen=True)
class Roster:
    """Some days of a community's roster, and what is wrong with the part that is still to come."""

    days: list[Day]
    findings: list[Finding]


def roster(session: Session, community_id: int, first: date, count: int, now: datetime) -> Roster:
    """`count` local days from `first`: two statements, and one for the holidays."""
    zone = local_zone()
    edges = [midnight(first + timedelta(days=number), zone) for number in range(count + 1)]
    start, end = edges[0], edges[-1]
    wide = (start - _BEYOND, end + _BEYOND)
    mine = shifts_between(session, *wide, DutyShift.community_id == community_id)
    found = findings(session, max(start, now), end, [community_id]) if end > now else []
    duties = {str(tier): stretches([shift for shift in mine if shift.tier == tier], *wide) for tier in Tier}
    is_workday = WorkDays(own_days(session))
    days = []
    for begins, ends in zip(edges, edges[1:], strict=False):
        day = begins.astimezone(zone).date()
        shown = {tier: _parts(tier, held, begins, ends, start, found) for tier, held in duties.items()}
        days.append(Day(day, day_kind(day, is_workday(day)), shown))
    return Roster(days, found)


def day_kind(day: date, is_workday: bool) -> str:
    """`work`, `weekend`, `holiday` (a day off on a weekday) or `make_up` (work at the weekend)."""
    if day.weekday() < 5:
        return "work" if is_workday else "holiday"
    return "make_up" if is_workday else "weekend"


def midnight(day: date, zone: ZoneInfo) -> datetime:
    """The instant a local day begins."""
    return datetime.combine(day, time(), zone)


def _parts(
    tier: str,
    held: Sequence[Stretch[DutyShift]],
    begins: datetime,
    ends: datetime,
    start: datetime,
    found: Sequence[Finding],
) -> list[Part]:
    """A night shift stands on the day it begins; what fills a day stands on it; gaps stand wherever they are."""
    made = []
    for one in held:
        if one.ends_at <= begins or one.starts_at >= ends:
            continue
        covers = one.starts_at <= begins and one.ends_at >= ends
        begun_before = one.starts_at < begins and begins != start
        if one.shifts and begun_before and not covers:
            continue
        trouble = _trouble(tier, one, begins, ends, found)
        span = (one.starts_at, one.ends_at) if one.shifts else (max(one.starts_at, begins), min(one.ends_at, ends))
        made.append(Part(tier, *span, one.shifts, trouble, covers))
    return made


def _trouble(tier: str, one: Stretch[DutyShift], begins: datetime, ends: datetime, found: Sequence[Finding]) -> str:
    start, end = max(one.starts_at, begins), min(one.ends_at, ends) if not one.shifts else one.ends_at
    names = {shift.staff.name for shift in one.shifts}
    for finding in found:
        if tier in finding.tiers and finding.starts_at < end and finding.ends_at > start:
            nobody = finding.trouble == RosterTrouble.NOBODY
            if nobody != bool(one.shifts) and (nobody or names & set(finding.names)):
                return finding.trouble
    return ""
