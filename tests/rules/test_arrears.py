"""Arrears and their age: parts add up to the whole, days fall where the figures say. Pure."""

from datetime import date, timedelta
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.rules.arrears import NOTHING, Age, Rest, age_of, ageing, ages, days_late

TODAY = date(2026, 3, 10)
KNOWN = ages((30, 90, 180, 365))

last_days = st.lists(st.integers(-5, 4000), max_size=6)
rests = st.lists(
    st.builds(
        Rest,
        st.integers(1, 10**9).map(lambda fen: Decimal(fen).scaleb(-2)),
        st.integers(-60, 5000).map(lambda days: TODAY - timedelta(days=days)),
    ),
    max_size=60,
)


@given(last_days, rests)
def test_the_ages_together_are_all_there_is_in_arrears(ends: list[int], owed: list[Rest]) -> None:
    known = ages(ends)
    parts = ageing(owed, TODAY, known)
    assert len(parts) == len(known)
    assert sum(parts, NOTHING) == sum((rest.yuan for rest in owed if rest.due_on < TODAY), NOTHING)


@given(last_days, st.integers(-400, 5000))
def test_every_day_in_arrears_has_one_age_and_no_other_day_has_any(ends: list[int], days: int) -> None:
    due_on = TODAY - timedelta(days=days)
    fitting = []
    for age in ages(ends):
        earliest, latest = age.due_between(TODAY)
        if due_on <= latest and (earliest is None or due_on >= earliest):
            fitting.append(age)
    assert len(fitting) == (days > 0)
    assert age_of(due_on, TODAY, ages(ends)) == (fitting[0] if fitting else None)


@pytest.mark.parametrize(
    ("due_on", "late", "low"),
    [
        (date(2026, 3, 11), 0, None),
        (date(2026, 3, 10), 0, None),
        (date(2026, 3, 9), 1, 1),
        (date(2026, 2, 8), 30, 1),
        (date(2026, 2, 7), 31, 31),
        (date(2025, 12, 10), 90, 31),
        (date(2025, 12, 9), 91, 91),
        (date(2025, 9, 11), 180, 91),
        (date(2025, 9, 10), 181, 181),
        (date(2025, 3, 10), 365, 181),
        (date(2025, 3, 9), 366, 366),
        (date(2020, 1, 1), 2260, 366),
    ],
)
def test_where_one_age_ends_and_the_next_begins(due_on: date, late: int, low: int | None) -> None:
    age = age_of(due_on, TODAY, KNOWN)
    assert (days_late(due_on, TODAY), age.low if age else None) == (late, low)


def test_the_same_figure_twice_and_in_any_order_makes_one_border() -> None:
    assert ages((90, 30, 90)) == (Age(1, 30), Age(31, 90), Age(91, None))
    assert ages(()) == (Age(1, None),)
