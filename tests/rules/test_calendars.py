"""Calendars: shifts of a week, holidays and make-up work days, an administrator's corrections (D4, I8, G5)."""

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import chinese_calendar
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from app.errors import Invalid
from app.rules.calendars import (
    AlwaysOpen,
    CalendarBook,
    WorkDays,
    WorkingHours,
    decree_known,
    decreed,
    end_of_day,
    undecreed,
)
from app.rules.shifts import ALL_WEEK, DAY_MINUTES, DESK_WEEK, Shift, Week, grouped, read_hours, read_week, write_hours

ZONE = ZoneInfo("Asia/Shanghai")
MINUTE, HOUR = timedelta(minutes=1), timedelta(hours=1)
SPLIT = "08:30-12:00, 14:00-17:30"


def desk(week: Week = DESK_WEEK, **own: bool) -> WorkingHours:
    days = {date.fromisoformat(day.replace("_", "-")[1:]): yes for day, yes in own.items()}
    return WorkingHours(ZONE, week, WorkDays(days))


def local(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=ZONE).astimezone(UTC)


def week(**lines: str) -> Week:
    return read_week(lines, follows_holidays=True)


@pytest.mark.parametrize(
    ("start", "hours", "due"),
    [
        ("2026-03-10T10:30", 2, "2026-03-10T12:30"),
        ("2026-03-10T16:30", 2, "2026-03-11T09:30"),  # the desk closes at 17:30 and opens at 08:30
        ("2026-03-13T17:00", 1, "2026-03-16T09:00"),  # over a weekend
        ("2026-03-14T12:00", 1, "2026-03-16T09:30"),  # from a Saturday
        ("2026-09-30T17:00", 1, "2026-10-08T09:00"),  # over the National Day holiday
        ("2026-10-09T17:00", 1, "2026-10-10T09:00"),  # Saturday 10 October is a make-up work day
        ("2026-03-10T07:00", 9, "2026-03-10T17:30"),  # a full day ends when the desk closes
    ],
)
def test_desk_hours_skip_nights_weekends_and_holidays(start, hours, due):
    assert desk().add(local(start), hours * HOUR) == local(due)


def test_the_administrators_own_days_come_before_the_decree():
    assert desk(d2026_03_11=False).add(local("2026-03-10T17:00"), HOUR) == local("2026-03-12T09:00")
    assert desk(d2026_03_14=True).add(local("2026-03-13T17:00"), HOUR) == local("2026-03-14T09:00")
    assert desk(d2026_10_01=True).is_open(local("2026-10-01T10:00")), "a holiday on which this company works"
    assert not desk(d2026_10_10=False).is_open(local("2026-10-10T10:00")), "a make-up day that is not worked after all"


def test_a_year_without_a_decree_has_plain_weekends_and_the_administrators_days():
    assert not decree_known(2045)
    assert [WorkDays()(date(2045, 10, day)) for day in (6, 7, 8, 9)] == [True, False, False, True]
    own = WorkDays({date(2045, 10, 2): False, date(2045, 10, 7): True})
    assert [own(date(2045, 10, day)) for day in (2, 3, 7)] == [False, True, True]


@pytest.mark.parametrize("year", [2024, 2025, 2026])
def test_work_days_are_those_of_the_decree(year):
    day, own = date(year, 1, 1), WorkDays()
    while day.year == year:
        assert own(day) == chinese_calendar.is_workday(day), day
        day += timedelta(days=1)


def test_the_desk_is_open_on_work_days_from_half_past_eight_to_half_past_five():
    assert desk().is_open(local("2026-03-10T08:30"))
    assert not desk().is_open(local("2026-03-10T08:29"))
    assert not desk().is_open(local("2026-03-10T17:30"))
    assert not desk().is_open(local("2026-10-01T10:00"))
    assert desk().is_open(local("2026-10-10T10:00"))


def test_the_same_day_ends_at_24_00_local():
    assert end_of_day(local("2026-03-10T23:59"), ZONE) == local("2026-03-11T00:00")
    assert end_of_day(local("2026-03-10T00:00"), ZONE) == local("2026-03-11T00:00")


# ---- shifts ----------------------------------------------------------------------------------------------------------
SHIFTS = week(mon=SPLIT, tue=SPLIT, wed=SPLIT, thu=SPLIT, fri=SPLIT, sat="09:00-12:00", make_up=SPLIT)


@pytest.mark.parametrize(
    ("start", "hours", "due"),
    [
        ("2026-03-10T11:30", 1, "2026-03-10T14:30"),  # over the noon break
        ("2026-03-10T12:30", 1, "2026-03-10T15:00"),  # from within it
        ("2026-03-10T08:30", 7, "2026-03-10T17:30"),  # a whole day is seven hours
        ("2026-03-13T17:00", 1, "2026-03-14T09:30"),  # into Saturday morning
        ("2026-03-14T11:30", 1, "2026-03-16T09:00"),  # out of it, over Sunday
        ("2026-10-10T11:30", 1, "2026-10-10T14:30"),  # a make-up Saturday has a work day's hours, not a Saturday's
    ],
)
def test_split_shifts_count_what_lies_between_them_nowhere(start, hours, due):
    assert desk(SHIFTS).add(local(start), hours * HOUR) == local(due)


def test_a_make_up_day_without_hours_of_its_own_has_its_weekdays():
    plain = week(mon=SPLIT, sat="09:00-12:00")
    assert desk(plain).hours_on(date(2026, 10, 10)) == (Shift(540, 720),)
    assert desk(week(mon=SPLIT)).hours_on(date(2026, 10, 10)) == ()


def test_a_week_that_minds_no_holiday_is_every_week_alike():
    guards = read_week({"thu": "00:00-24:00"}, follows_holidays=False)
    assert desk(guards, d2026_10_08=False).hours_on(date(2026, 10, 8)) == (Shift(0, DAY_MINUTES),)
    assert desk(guards).is_open(local("2026-10-01T23:59"))


def test_a_shift_until_24_00_goes_on_at_00_00():
    night = week(mon="20:00-24:00", tue="00:00-08:00")
    assert desk(night).add(local("2026-03-09T23:00"), 2 * HOUR) == local("2026-03-10T01:00")


@pytest.mark.parametrize(
    ("text", "kept"),
    [
        ("08:30-12:00, 14:00-17:30", SPLIT),
        ("14:00—17:30；8:30～12:00", SPLIT),
        ("8：30 至 12：00 14：00到17：30", SPLIT),
        ("08:30-12:00,12:00-17:30", "08:30-12:00, 12:00-17:30"),
        ("0:00-24:00", "00:00-24:00"),
        ("", ""),
        ("休息", ""),
        ("—", ""),
        ("closed", ""),
    ],
)
def test_hours_are_read_as_people_write_them(text, kept):
    assert write_hours(read_hours(text, "mon")) == kept


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("08:30-12:00, 11:00-17:30", "overlap"),
        ("08:30-12:00, 08:30-12:00", "overlap"),
        ("08:30-17:30, 09:00-10:00", "overlap"),
        ("17:30-08:30", "ends after it begins"),
        ("08:30-08:30", "ends after it begins"),
        ("25:00-26:00", "no such time"),
        ("08:30-24:01", "no such time"),
        ("08:75-12:00", "no such time"),
        ("24:00-24:00", "no such time"),
        ("108:30-12:00", "write the hours like"),
        ("08:30", "write the hours like"),
        ("08:30-12:00 休", "write the hours like"),
        ("whenever", "write the hours like"),
        ("08:30-12:00-14:00", "write the hours like"),
        (", ".join(f"{hour:02d}:00-{hour:02d}:30" for hour in range(7)), "at most 6 shifts"),
    ],
)
def test_hours_that_cannot_be_are_refused_with_the_day_and_the_reason(text, why):
    with pytest.raises(Invalid) as refused:
        read_hours(text, "tue")
    assert why in str(refused.value)
    assert "Tuesday" in str(refused.value)


@pytest.mark.parametrize("lines", [{}, {"mon": "", "make_up": SPLIT}, {"sun": "休"}])
def test_a_calendar_without_working_days_is_refused(lines):
    with pytest.raises(Invalid, match="at least one day"):
        read_week(lines, follows_holidays=True)


def test_a_week_is_told_in_runs_of_days():
    assert [(days, write_hours(hours)) for days, hours in grouped(SHIFTS)] == [
        (["mon", "tue", "wed", "thu", "fri"], SPLIT),
        (["sat"], "09:00-12:00"),
    ]
    assert len(grouped(ALL_WEEK)) == 1


def test_closed_for_longer_than_a_year_is_no_calendar_and_loses_no_deadline():
    days = WorkDays({date(2026, 1, 1) + timedelta(days=n): False for n in range(900)})
    start = local("2026-03-10T10:00")
    due = WorkingHours(ZONE, DESK_WEEK, days).add(start, HOUR)
    assert start + timedelta(days=400) <= due <= start + timedelta(days=402)


# ---- the book --------------------------------------------------------------------------------------------------------
def test_the_desk_is_that_of_the_tickets_community():
    book = CalendarBook(ZONE, weeks={"desk": DESK_WEEK, "south": SHIFTS}, desks={7: "south"})
    noon = local("2026-03-10T13:00")
    assert book.of("desk").is_open(noon)
    assert book.of("desk", 8).is_open(noon)
    assert not book.of("desk", 7).is_open(noon)
    assert not book.of("south").is_open(noon)
    assert isinstance(book.of("always", 7), AlwaysOpen)


# ---- whatever the hours are ------------------------------------------------------------------------------------------
FIRST = datetime(2024, 1, 1, tzinfo=UTC)
instants = st.integers(0, 7 * 365 * 24 * 60).map(lambda minutes: FIRST + minutes * MINUTE)
spans = st.integers(0, 60 * 24 * 20).map(lambda minutes: minutes * MINUTE)
_edges = st.lists(st.integers(0, DAY_MINUTES), min_size=2, max_size=8, unique=True).map(sorted)
hours = _edges.map(lambda edges: tuple(Shift(*pair) for pair in zip(edges[::2], edges[1::2], strict=False)))
closed_or_hours = st.one_of(st.just(()), hours)
weeks = st.builds(
    Week,
    st.tuples(hours, *([closed_or_hours] * 6)),
    closed_or_hours,
    st.booleans(),
)
calendars = st.one_of(
    st.just(AlwaysOpen()), st.just(desk()), st.just(desk(SHIFTS)), weeks.map(lambda week: WorkingHours(ZONE, week))
)


@given(calendars, instants, spans, spans)
def test_more_time_allowed_is_never_due_earlier(calendar, start, one, other):
    assume(one <= other)
    assert calendar.add(start, one) <= calendar.add(start, other)


@given(calendars, instants, instants, spans)
def test_what_starts_later_is_never_due_earlier(calendar, one, other, allowed):
    assume(one <= other)
    assert calendar.add(one, allowed) <= calendar.add(other, allowed)


@given(calendars, instants, spans)
def test_the_open_time_until_due_is_what_was_allowed(calendar, start, allowed):
    assert calendar.between(start, calendar.add(start, allowed)) == allowed


@given(calendars, instants, spans, spans)
def test_open_time_adds_up(calendar, start, one, other):
    middle, end = start + one, start + one + other
    assert calendar.between(start, middle) + calendar.between(middle, end) == calendar.between(start, end)


@given(weeks, instants, spans, st.sets(st.dates(date(2024, 1, 1), date(2031, 6, 1)), max_size=12))
def test_a_longer_holiday_never_shortens(week, start, allowed, closed):
    longer = WorkingHours(ZONE, week, WorkDays(dict.fromkeys(closed, False)))
    assert longer.add(start, allowed) >= WorkingHours(ZONE, week).add(start, allowed)


@given(hours)
def test_hours_written_are_the_hours_read(shifts):
    assert read_hours(write_hours(shifts), "fri") == shifts


# ---- what the state has decreed --------------------------------------------------------------------------------------
@pytest.mark.parametrize(
    ("day", "kind", "name"),
    [
        (date(2026, 10, 1), "off", "National Day"),
        (date(2026, 10, 10), "work", "National Day"),
        (date(2026, 10, 12), "ordinary", ""),
        (date(2026, 10, 17), "ordinary", ""),
        (date(2045, 10, 1), "ordinary", ""),
    ],
)
def test_a_holiday_is_told_with_what_it_is_for(day, kind, name):
    assert decreed(day) == (kind, name)


@pytest.mark.parametrize(
    ("when", "missing"),
    [
        ("2026-03-10T10:30", []),
        ("2045-03-10T10:30", [2045]),
        ("2026-11-30T23:59", []),
        ("2026-12-01T00:00", [2027]),  # deadlines of the coming year begin to run
        ("2025-12-31T10:00", []),
    ],
)
def test_the_years_whose_decree_is_missing_are_warned_of(when, missing):
    assert undecreed(local(when), ZONE) == missing
