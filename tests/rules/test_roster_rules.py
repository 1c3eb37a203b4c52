"""Rotations and who is on duty (D7): by tables, and by properties over any rotation, any instant and any zone."""

from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.rules.calendars import WorkDays
from app.rules.codes import DutyDays, RosterTrouble, RotationPattern
from app.rules.roster import doubles, gaps, in_force, on_duty, stretches
from app.rules.rotations import Rotation, people_needed, turns

SHANGHAI = ZoneInfo("Asia/Shanghai")
HOUR, DAY = timedelta(hours=1), timedelta(days=1)
MONDAY = date(2026, 3, 9)
A, B, C = 1, 2, 3
NOON = datetime(2026, 3, 10, 4, 0, tzinfo=UTC)


@dataclass(frozen=True)
class Row:
    """A shift as the roster's rules see it, in hours from NOON."""

    staff_id: int
    start: float
    end: float
    is_override: bool = False
    tier: str = "on_duty"
    community_id: int = 1
    id: int = 0

    @property
    def starts_at(self) -> datetime:
        return NOON + self.start * HOUR

    @property
    def ends_at(self) -> datetime:
        return NOON + self.end * HOUR


def local(day: int, hour: int, month: int = 3) -> datetime:
    return datetime(2026, month, day, hour, tzinfo=SHANGHAI)


def made(rotation: Rotation, start: datetime, end: datetime) -> list[tuple[int, str, str]]:
    """Person, beginning, end in local time."""
    found = turns(rotation, start, end, SHANGHAI, WorkDays())
    words = [[f"{at.astimezone(SHANGHAI):%m-%d %H}" for at in (turn.starts_at, turn.ends_at)] for turn in found]
    return [(turn.person, *word) for turn, word in zip(found, words, strict=True)]


# ---- rotations by table ----------------------------------------------------------------------------------------------
def test_two_shifts_a_day_go_round_a_shift_at_a_time():
    day_and_night = Rotation((A, B, C), MONDAY, RotationPattern.EACH_SHIFT, (time(8), time(20)))
    assert made(day_and_night, local(9, 8), local(11, 8)) == [
        (A, "03-09 08", "03-09 20"),
        (B, "03-09 20", "03-10 08"),
        (C, "03-10 08", "03-10 20"),
        (A, "03-10 20", "03-11 08"),
    ]


def test_a_day_each_is_one_shift_however_many_hours_of_handover_it_has():
    daily = Rotation((A, B), MONDAY, RotationPattern.DAILY, (time(8), time(20)))
    assert made(daily, local(9, 8), local(11, 8)) == [(A, "03-09 08", "03-10 08"), (B, "03-10 08", "03-11 08")]


def test_a_week_each_is_one_shift_of_a_week_and_whole_even_when_asked_for_its_middle():
    weekly = Rotation((A, B), MONDAY, RotationPattern.WEEKLY, (time(9),))
    assert made(weekly, local(12, 0), local(17, 0)) == [(A, "03-09 09", "03-16 09"), (B, "03-16 09", "03-23 09")]


def test_two_days_on_and_four_off_need_three_people():
    rotation = Rotation((A, B, C), MONDAY, RotationPattern.ON_OFF, (time(8),), days_on=2)
    assert [turn[:2] for turn in made(rotation, local(9, 8), local(17, 8))] == [
        (A, "03-09 08"), (B, "03-11 08"), (C, "03-13 08"), (A, "03-15 08"),
    ]  # fmt: skip


@pytest.mark.parametrize(("on", "off", "people"), [(1, 1, 2), (1, 2, 3), (2, 4, 3), (2, 2, 2), (4, 2, None), (3, 0, 1)])
def test_how_many_people_days_on_and_off_need(on: int, off: int, people: int | None):
    assert people_needed(on, off) == people


def test_nights_only_end_at_their_own_hour():
    nights = Rotation((A, B), MONDAY, RotationPattern.DAILY, (time(20),), until=time(8))
    assert made(nights, local(9, 12), local(11, 12)) == [
        (A, "03-09 20", "03-10 08"), (B, "03-10 20", "03-11 08"),
    ]  # fmt: skip


def test_work_days_only_keep_the_turn_over_the_week_end():
    desk = Rotation((A, B), date(2026, 3, 13), RotationPattern.DAILY, (time(8),), time(18), days=DutyDays.WORK_DAYS)
    assert made(desk, local(13, 0), local(18, 0)) == [
        (A, "03-13 08", "03-13 18"), (B, "03-16 08", "03-16 18"), (A, "03-17 08", "03-17 18"),
    ]  # fmt: skip


def test_days_off_are_the_calendars_holidays_and_not_its_make_up_days():
    """Labour Day 2026: off from May 1 to 5, the Saturday of May 9 is worked."""
    off = Rotation((A, B), date(2026, 4, 30), RotationPattern.DAILY, (time(8),), days=DutyDays.DAYS_OFF)
    assert [turn[1] for turn in made(off, local(30, 0, 4), local(11, 0, 5))] == [
        f"05-{day:02d} 08" for day in (1, 2, 3, 4, 5, 10)
    ]


def test_the_administrators_own_day_wins_over_the_calendar():
    off = Rotation((A,), MONDAY, RotationPattern.DAILY, (time(8),), days=DutyDays.DAYS_OFF)
    found = turns(off, local(9, 0), local(13, 0), SHANGHAI, WorkDays({date(2026, 3, 11): False}))
    assert [turn.starts_at.astimezone(SHANGHAI).day for turn in found] == [11]


def test_an_ended_rotation_begins_no_shift_after_its_last_day():
    rotation = Rotation((A, B), MONDAY, RotationPattern.DAILY, (time(8),), ends_on=date(2026, 3, 10))
    assert [turn[:2] for turn in made(rotation, local(9, 0), local(20, 0))] == [(A, "03-09 08"), (B, "03-10 08")]


# ---- rotations by properties -----------------------------------------------------------------------------------------
ZONES = st.sampled_from(
    ["Asia/Shanghai", "Asia/Urumqi", "UTC", "Europe/Berlin", "America/New_York", "Australia/Lord_Howe", "Pacific/Apia",
     "Asia/Kathmandu", "America/Sao_Paulo"]
).map(ZoneInfo)  # fmt: skip
TIMES = st.integers(0, 24 * 60 - 1).map(lambda minute: time(minute // 60, minute % 60))
WHOLE_DAY = st.builds(
    Rotation,
    people=st.lists(st.integers(1, 9), min_size=1, max_size=6).map(tuple),
    starts_on=st.dates(date(2025, 9, 1), date(2026, 12, 1)),
    pattern=st.sampled_from(RotationPattern),
    handoffs=st.sets(TIMES, min_size=1, max_size=4).map(lambda found: tuple(sorted(found))),
    days_on=st.integers(1, 5),
)


@given(WHOLE_DAY, ZONES, st.integers(0, 40 * 24), st.integers(1, 20 * 24))
def test_a_rotation_of_every_day_covers_every_instant_with_exactly_one_person(rotation, zone, after, length):
    first = datetime.combine(rotation.starts_on, rotation.handoffs[0], zone).astimezone(UTC)
    start = first + after * HOUR
    end = start + length * HOUR
    found = turns(rotation, start, end, zone, WorkDays())
    assert gaps([(turn.starts_at, turn.ends_at) for turn in found], start, end) == []
    assert all(one.ends_at == other.starts_at for one, other in pairwise(found))
    assert {turn.person for turn in found} <= set(rotation.people)


@given(WHOLE_DAY, ZONES, st.integers(0, 40 * 24), st.integers(1, 10 * 24), st.integers(1, 10 * 24))
def test_the_same_shift_comes_out_whatever_stretch_is_asked_for(rotation, zone, after, one, other):
    """What is filled in today and again next week must agree: nobody's shift moves because time has passed."""
    start = datetime.combine(rotation.starts_on, time(), zone).astimezone(UTC) + after * HOUR
    middle, end = start + one * HOUR, start + (one + other) * HOUR
    whole = turns(rotation, start, end, zone, WorkDays())
    assert [turn for turn in whole if turn.ends_at > middle] == turns(rotation, middle, end, zone, WorkDays())


@given(st.lists(st.integers(1, 9), min_size=1, max_size=6, unique=True), st.integers(1, 4), ZONES)
def test_everybody_has_as_many_turns_as_the_others(people, rounds, zone):
    rotation = Rotation(tuple(people), MONDAY, RotationPattern.DAILY, (time(8),))
    start = datetime.combine(MONDAY, time(8), zone).astimezone(UTC)
    end = datetime.combine(MONDAY + rounds * len(people) * DAY, time(8), zone).astimezone(UTC)
    had = [turn.person for turn in turns(rotation, start, end, zone, WorkDays())]
    assert {person: had.count(person) for person in people} == dict.fromkeys(people, rounds)


# ---- who is on duty --------------------------------------------------------------------------------------------------
def test_an_override_wins_as_long_as_it_lasts():
    planned, other = Row(A, 0, 12, id=1), Row(B, 3, 5, is_override=True, id=2)
    assert [in_force([planned, other], NOON + hours * HOUR) for hours in (2.9, 3, 4.9, 5)] == [
        [planned], [other], [other], [planned],
    ]  # fmt: skip
    assert [(part.starts_at, part.shifts) for part in stretches([planned, other], NOON, NOON + 12 * HOUR)] == [
        (NOON, (planned,)), (NOON + 3 * HOUR, (other,)), (NOON + 5 * HOUR, (planned,)),
    ]  # fmt: skip


def test_two_people_on_one_duty_are_found_and_an_override_is_none():
    assert doubles([Row(A, 0, 8), Row(B, 6, 12), Row(C, 9, 10, is_override=True)], NOON, NOON + DAY) == [
        _double(RosterTrouble.SAME_DUTY, 6, 8, [(1, "on_duty")], (A, B))
    ]


@pytest.mark.parametrize("other", [Row(A, 2, 6, tier="backup"), Row(A, 2, 6, community_id=2, tier="manager")])
def test_one_person_on_two_duties_is_found_also_in_two_communities(other: Row):
    posts = [(1, "on_duty"), (other.community_id, other.tier)]
    assert doubles([Row(A, 0, 4), other], NOON, NOON + DAY) == [
        _double(RosterTrouble.SAME_PERSON, 2, 4, sorted(posts), (A,))
    ]


def test_a_double_booking_is_cut_at_the_ends_of_what_is_asked():
    found = doubles([Row(A, -5, 50), Row(B, -5, 50)], NOON, NOON + DAY)
    assert [(one.starts_at, one.ends_at) for one in found] == [(NOON, NOON + DAY)]


def _double(trouble, start, end, posts, staff):
    from app.rules.roster import Double

    return Double(trouble, NOON + start * HOUR, NOON + end * HOUR, tuple(posts), tuple(staff))


SPANS = st.tuples(st.integers(0, 47), st.integers(1, 24))
ROWS = st.lists(
    st.builds(
        lambda staff, span, wins, tier, id_: Row(staff, span[0], span[0] + span[1], wins, tier, id=id_),
        st.integers(1, 4), SPANS, st.booleans(), st.sampled_from(("on_duty", "backup")), st.integers(1, 99),
    ),
    max_size=8, unique_by=lambda row: row.id,
)  # fmt: skip


@given(ROWS)
def test_stretches_say_for_each_instant_what_is_in_force_then(rows):
    duty = [row for row in rows if row.tier == "on_duty"]
    parts = stretches(duty, NOON, NOON + 48 * HOUR)
    assert parts[0].starts_at == NOON
    assert parts[-1].ends_at == NOON + 48 * HOUR
    assert all(one.ends_at == other.starts_at for one, other in pairwise(parts))
    for hour in range(48):
        at = NOON + hour * HOUR
        part = next(part for part in parts if part.starts_at <= at < part.ends_at)
        assert list(part.shifts) == in_force(duty, at)


@given(ROWS)
def test_between_the_double_bookings_nobody_is_booked_twice(rows):
    found = doubles(rows, NOON, NOON + 48 * HOUR)
    for hour in range(48):
        at = NOON + hour * HOUR
        held = [(row.tier, row.staff_id) for row in on_duty(rows, at)]
        crowded = any(len({who for tier, who in held if tier == one}) > 1 for one in ("on_duty", "backup"))
        torn = any(len({tier for tier, who in held if who == one}) > 1 for _tier, one in held)
        told = {one.trouble for one in found if one.starts_at <= at < one.ends_at}
        assert told == ({RosterTrouble.SAME_DUTY} if crowded else set()) | (
            {RosterTrouble.SAME_PERSON} if torn else set()
        )
