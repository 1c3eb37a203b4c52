"""When somebody living alone is called next, and what follows from how a call ended (D13). Pure."""

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.rules import check_ins as rules
from app.rules.check_ins import Booked
from app.rules.codes import TargetState

SHANGHAI = ZoneInfo("Asia/Shanghai")
TWICE = Booked("1234567", (time(8, 30), time(19, 0)))
WORKDAYS = Booked("12345", (time(10, 0),))


def local(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=SHANGHAI).astimezone(UTC)


@pytest.mark.parametrize(
    ("booked", "after", "following"),
    [
        (TWICE, "2026-03-10T08:29", "2026-03-10T08:30"),
        (TWICE, "2026-03-10T08:30", "2026-03-10T19:00"),
        (TWICE, "2026-03-10T19:00", "2026-03-11T08:30"),
        (WORKDAYS, "2026-03-13T10:00", "2026-03-16T10:00"),
        (Booked("7", (time(0, 0),)), "2026-03-15T00:00", "2026-03-22T00:00"),
        (Booked("1234567", (time(8, 30),), date(2026, 3, 11), date(2026, 3, 12)), "2026-03-10T09:00", "2026-03-13T08:30"),
        (Booked("3", (time(8, 30),), date(2026, 3, 11), date(2026, 12, 31)), "2026-03-10T09:00", "2027-01-06T08:30"),
        (Booked("1234567", (time(8, 30),), date(2026, 3, 12)), "2026-03-10T09:00", "2026-03-11T08:30"),
        (Booked("1234567", (time(8, 30),), date(2026, 3, 10)), "2026-03-10T07:00", None),
        (Booked("", (time(8, 30),)), "2026-03-10T07:00", None),
    ],
)  # fmt: skip
def test_the_next_time(booked: Booked, after: str, following: str | None) -> None:
    expected = local(following) if following else None
    assert rules.next_time(booked, local(after), SHANGHAI) == expected


_times = st.lists(st.times().map(lambda t: t.replace(second=0, microsecond=0)), min_size=1, max_size=4).map(tuple)
_days = st.sets(st.sampled_from(rules.WEEKDAYS), min_size=1).map(lambda days: "".join(sorted(days)))
_moments = st.integers(0, 365 * 24 * 60).map(
    lambda minutes: datetime(2026, 1, 1, tzinfo=UTC) + timedelta(minutes=minutes)
)
_away = st.one_of(
    st.none(), st.tuples(st.dates(date(2026, 1, 1), date(2026, 12, 31)), st.integers(0, 40)).map(
        lambda pair: (pair[0], pair[0] + timedelta(days=pair[1]))
    )
)  # fmt: skip


@given(_days, _times, _away, _moments)
def test_no_booked_time_is_passed_over_and_none_is_invented(days, times, away, after) -> None:
    booked = Booked(days, times, *(away or (None, None)))
    following = rules.next_time(booked, after, SHANGHAI)
    assert following is not None
    assert following > after
    assert rules.is_booked(booked, following, SHANGHAI)
    day = after.astimezone(SHANGHAI).date()
    while day <= following.astimezone(SHANGHAI).date():
        for clock in times:
            at = datetime.combine(day, clock, SHANGHAI)
            assert not (after < at < following and rules.is_booked(booked, at, SHANGHAI)), at
        day += timedelta(days=1)


@given(_days, _times, _moments, st.integers(0, 20))
def test_what_came_due_while_nobody_looked_is_every_time_of_it(days, times, first, hours) -> None:
    booked = Booked(days, times)
    begins = rules.next_time(booked, first, SHANGHAI)
    assert begins is not None
    due = rules.due_times(booked, begins, begins + timedelta(hours=hours), SHANGHAI)
    assert due[0] == begins
    assert due == sorted(set(due))
    assert all(rules.is_booked(booked, at, SHANGHAI) for at in due)


@pytest.mark.parametrize(
    ("times", "close"),
    [
        (("08:30",), False),
        (("08:30", "09:30"), False),
        (("08:30", "09:29"), True),
        (("00:10", "23:20"), True),
        (("00:20", "12:00", "23:20"), False),
    ],
)
def test_two_times_lie_an_hour_apart_over_midnight_too(times: tuple[str, ...], close: bool) -> None:
    assert rules.too_close(tuple(time.fromisoformat(one) for one in times)) is close


@pytest.mark.parametrize(
    ("result", "tries", "step"),
    [
        *((state, 1, "again") for state in ("unclear", "machine", "no_answer", "busy", "reached")),
        *((state, 2, "alert") for state in ("unclear", "machine", "no_answer", "busy", "reached")),
        *((state, 1, "alert") for state in ("failed", "expired", "impossible", "cancelled", "unknown")),
    ],
)
def test_the_ladder_of_silence(result: str, tries: int, step: str) -> None:
    given_ = {"confirmed": False, "asked_help": False, "wanted": True, "tries": tries, "most": 2}
    assert rules.after_try(result, **given_) == step


@given(st.sampled_from([str(state) for state in TargetState]), st.booleans(), st.integers(1, 4), st.integers(1, 4))
def test_only_key_one_is_well_and_help_is_help_whatever_else(result: str, wanted: bool, tries: int, most: int) -> None:
    common = {"wanted": wanted, "tries": tries, "most": most}
    assert rules.after_try(result, confirmed=True, asked_help=False, **common) == "well"
    for confirmed in (True, False):
        assert rules.after_try(result, confirmed=confirmed, asked_help=True, **common) == "help"
    silent = rules.after_try(result, confirmed=False, asked_help=False, **common)
    assert silent == "skip" if not wanted else silent in ("again", "alert")
