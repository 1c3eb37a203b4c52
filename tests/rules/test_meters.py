"""What was used by what a meter shows: what cannot be is refused, what is doubtful is asked again, nothing is lost."""

from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.errors import Invalid
from app.rules.meters import Doubt, Last, check, judge, span_of, used_in_a_day, value_of

FIRST = date(2026, 1, 1)
TODAY = date(2026, 3, 10)
LAST = Last(Decimal(100), date(2026, 2, 10))


@pytest.mark.parametrize(
    "given_value", ["-1", "x", "", "NaN", "Infinity", "1.2345", "1E30", "1" * 26, "1E999999", "9" * 5000, None]
)
def test_what_is_no_reading_is_refused(given_value: Any) -> None:
    with pytest.raises(Invalid):
        value_of(given_value)


@pytest.mark.parametrize(
    ("value", "day", "says"),
    [("100000", "2026-03-10", "5 digits"), ("101", "2026-03-11", "not come yet"), ("101", "2026-02-10", "later day"),
     ("101", "2026-02-01", "later day")],
)  # fmt: skip
def test_what_no_meter_shows_and_no_calendar_has_is_refused(value: str, day: str, says: str) -> None:
    with pytest.raises(Invalid, match=says):
        check(Decimal(value), date.fromisoformat(day), LAST, 5, TODAY)


@pytest.mark.parametrize(
    ("last", "value", "per_day", "usage", "doubt"),
    [
        ("100", "110", "0.5", "10", None),
        ("100", "100", "0.5", "0", None),
        ("100", "142", "0.5", "42", None),
        ("100", "143", "0.5", "43", Doubt.JUMP),
        ("100", "900", None, "800", None),
        ("100", "119", "0.01", "19", None),
        ("99990", "5", "0.5", "15", Doubt.ROLLED),
        ("90000", "10000", "0.5", "20000", Doubt.ROLLED),
    ],
)
def test_jumps_and_counters_that_start_again_are_asked_back(
    last: str, value: str, per_day: str | None, usage: str, doubt: Doubt | None
) -> None:
    usual = Decimal(per_day) if per_day else None
    found = judge(Decimal(value), TODAY, Last(Decimal(last), date(2026, 2, 10)), 5, usual, 300, 20)
    assert (found.usage, found.doubt) == (Decimal(usage), doubt)


@pytest.mark.parametrize(("last", "value"), [("100", "99"), ("89999", "5"), ("99990", "10001")])
def test_a_counter_that_goes_backwards_is_refused(last: str, value: str) -> None:
    with pytest.raises(Invalid, match="cannot show less"):
        judge(Decimal(value), TODAY, Last(Decimal(last), FIRST), 5, None, 300, 20)


def test_what_is_used_in_a_day_is_known_after_some_weeks() -> None:
    assert used_in_a_day(Decimal(10), FIRST, FIRST + timedelta(days=19)) is None
    assert used_in_a_day(Decimal(10), FIRST, FIRST + timedelta(days=20)) == Decimal("0.5")


@given(
    st.integers(3, 9),
    st.decimals(0, 1, places=3),
    st.lists(st.tuples(st.decimals(0, 1, places=3), st.integers(1, 60)), max_size=40),
)
def test_what_is_read_adds_up_to_what_ran_through_however_often_the_counter_starts_again(
    digits: int, begin: Decimal, steps: list[tuple[Decimal, int]]
) -> None:
    """Steps of less than a tenth of the counter: whatever ran through is charged, no more and no less."""
    span = span_of(digits)
    true = (begin * (span - 1)).quantize(Decimal("0.001"))
    started, last, day, charged = true, Last(true, FIRST), FIRST, Decimal(0)
    for share, days in steps:
        true += (share * span / 11).quantize(Decimal("0.001"))
        day += timedelta(days=days)
        found = judge(true % span, day, last, digits, None, 300, 20)
        assert found.usage >= 0
        charged += found.usage
        last = Last(true % span, day)
    assert charged == true - started
