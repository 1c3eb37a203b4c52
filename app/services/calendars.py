"""The calendars of the trade out of the database: an administrator's weeks and days, and which desk keeps which (D4, I8)."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any

from babel.dates import get_day_names
from sqlalchemy import Select, case, or_, select
from sqlalchemy.orm import Session

from app.errors import Invalid
from app.models import Community, WorkCalendar
from app.rules.calendars import CalendarBook, WorkDays, WorkingHours
from app.rules.codes import CalendarName
from app.rules.shifts import DESK_WEEK, LINES, WEEKDAYS, Week, grouped, read_week, write_hours
from app.services.local_time import local_zone, own_days


def week_of(row: WorkCalendar) -> Week:
    """The hours of a kept calendar. A row that somebody spoilt by hand counts as the usual desk's week."""
    lines: Mapping[str, str] = {line: getattr(row, line) for line in LINES}
    try:
        return read_week(lines, follows_holidays=row.follows_holidays)
    except Invalid:
        return DESK_WEEK


def calendar_row(code: str, name: str, name_en: str, week: Week) -> WorkCalendar:
    """A week as a row to be kept."""
    lines = {line: write_hours(hours) for line, hours in zip(LINES, (*week.days, week.make_up), strict=True)}
    return WorkCalendar(code=code, name=name, name_en=name_en, follows_holidays=week.follows_holidays, **lines)


def read_book(session: Session) -> CalendarBook:
    """Every calendar with the declared days and the desks' own: two statements."""
    weeks: dict[str, Week] = {}
    desks: dict[int, str] = {}
    statement = select(WorkCalendar, Community.id).outerjoin(Community, Community.calendar_id == WorkCalendar.id)
    for row, community_id in session.execute(statement):
        if row.code not in weeks:
            weeks[row.code] = week_of(row)
        if community_id is not None:
            desks[community_id] = row.code
    return CalendarBook(local_zone(), WorkDays(own_days(session)), weeks, desks)


def book_for(session: Session, codes: Iterable[str]) -> CalendarBook:
    """The calendars these codes need: nothing is read as long as all of them count round the clock."""
    if all(code == CalendarName.ALWAYS for code in codes):
        return CalendarBook(local_zone())
    return read_book(session)


def desk_week(session: Session, community_id: int | None) -> Week:
    """The hours of a community's desk. One statement."""
    row = session.scalars(_desk_of(community_id)).first()
    return DESK_WEEK if row is None else week_of(row)


def desk_runs(session: Session, community_id: int | None) -> list[list[str]]:
    """A community's desk hours as plain data: first day, last day (`mon` … `sun`), their hours."""
    return [[days[0], days[-1], write_hours(hours)] for days, hours in grouped(desk_week(session, community_id))]


def runs_words(runs: Iterable[Sequence[str]], locale: str) -> str:
    """Hours of a week as people write them: 周一至周五 08:30–12:00、14:00–17:30；周六 09:00–12:00."""
    chinese = not locale.startswith("en")
    names = get_day_names("abbreviated", locale="zh" if chinese else "en")
    said = []
    for first, last, hours in runs:
        ends = names[WEEKDAYS.index(first)], names[WEEKDAYS.index(last)]
        days = ends[0] if first == last else f"{ends[0]}{'至' if chinese else '–'}{ends[1]}"
        said.append(f"{days} {hours.replace('-', '–').replace(', ', '、' if chinese else ', ')}")
    return ("；" if chinese else "; ").join(said)


def desk_words(session: Session, community_id: int | None, locale: str) -> str:
    """A community's desk hours as people write them. One statement."""
    return runs_words(desk_runs(session, community_id), locale)


def desk_is_open(session: Session, community_id: int | None, now: datetime) -> bool:
    """Whether the desk of a community is staffed at this instant (key 0 of the hotline, I4)."""
    return WorkingHours(local_zone(), desk_week(session, community_id), WorkDays(own_days(session))).is_open(now)


def _desk_of(community_id: int | None) -> Select[Any]:
    is_common = WorkCalendar.code == CalendarName.DESK
    own = select(Community.calendar_id).where(Community.id == community_id).scalar_subquery()
    return (
        select(WorkCalendar)
        .where(or_(is_common, WorkCalendar.id == own))
        .order_by(case((WorkCalendar.id == own, 0), else_=1))
        .limit(1)
    )
