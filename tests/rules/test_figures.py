"""The figures' definitions by table (D4, D8, D10, D16, I8)."""

from collections import Counter
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.rules import figures
from app.rules.figures import Group


@pytest.mark.parametrize(
    ("requests", "judged", "in_time", "ended", "met"),
    [
        ([], 0, 0, 0, 0),
        ([["met", "met"]], 1, 1, 2, 2),
        ([["met", "breached"]], 1, 0, 2, 1),
        ([["met", "running"]], 0, 0, 1, 1),  # not all ended: its clock counts, the request does not yet
        ([["breached", "paused"]], 0, 0, 1, 0),
        ([["cancelled", "met"]], 1, 1, 1, 1),
        ([["cancelled"]], 0, 0, 0, 0),  # nothing ended: never judged
        ([[]], 0, 0, 0, 0),
        ([["met"], ["met"], ["breached"], ["met", "met", "running"]], 3, 2, 5, 4),
    ],
)
def test_in_time(requests: list[list[str]], judged: int, in_time: int, ended: int, met: int) -> None:
    found = figures.in_time(requests)
    assert (found.requests_judged, found.requests_in_time, found.clocks_ended, found.clocks_met) == (
        judged,
        in_time,
        ended,
        met,
    )


def test_ninety_of_a_hundred_is_the_target_of_d4() -> None:
    requests = [["met", "met"]] * 90 + [["met", "breached"]] * 10
    assert figures.in_time(requests).rate == Decimal("0.9000")
    assert figures.in_time(requests).clock_rate == Decimal("0.9500")
    assert figures.in_time([["running"]]).rate is None


@pytest.mark.parametrize(
    ("scores", "rate"),
    [([], None), ([4, 5], "1.0000"), ([3], "0.0000"), ([1, 2, 3, 4, 5], "0.4000"), ([5, 5, 1], "0.6667")],
)
def test_satisfaction_is_answers_of_4_or_5(scores: list[int], rate: str | None) -> None:
    assert figures.satisfaction(scores) == (None if rate is None else Decimal(rate))


def test_rates_of_complaints_and_collection() -> None:
    assert figures.complaint_rate(14, 731) == Decimal("0.0192")
    assert figures.complaint_rate(3, 0) is None
    assert figures.collection_rate(Decimal("249247.00"), Decimal("273120.00")) == Decimal("0.9126")
    assert figures.collection_rate(Decimal(0), Decimal(0)) is None


@pytest.mark.parametrize(("values", "mean"), [([], None), ([90], 90), ([1, 2], 2), ([1, 1, 2], 1), ([60, 120, 91], 90)])
def test_mean_rounds_half_up(values: list[int], mean: int | None) -> None:
    assert figures.mean(values) == mean


@pytest.mark.parametrize(
    ("values", "percent", "result"),
    [
        ([], 90, None),
        ([7], 90, 7),
        (list(range(1, 11)), 90, 9),
        (list(range(1, 101)), 90, 90),
        ([5, 1, 9], 50, 5),
        ([1, 2], 1, 1),
    ],
)
def test_percentile_is_the_nearest_rank(values: list[int], percent: int, result: int | None) -> None:
    assert figures.percentile(values, percent) == result


def group(code: str, *households: int, count: int = 0) -> Group:
    return Group(code, count or len(households), frozenset(households))


def test_groups_under_five_households_are_merged() -> None:
    groups = [group("a", 1, 2, 3, 4, 5), group("b", 1, 2, 3), group("c", 6, 7)]
    merged = figures.merge_small(groups)
    assert [(found.code, found.count) for found in merged] == [("a", 5), ("rest", 5)]


def test_one_household_often_is_still_one_household() -> None:
    merged = figures.merge_small([group("a", *range(10)), group("b", *range(20, 29)), group("c", 1, count=40)])
    assert [(found.code, found.count) for found in merged] == [("a", 10), ("rest", 49)]


def test_a_rest_that_is_too_small_takes_the_next_group() -> None:
    """Else the one small group could be told by subtracting the others from the total."""
    merged = figures.merge_small([group("a", *range(9)), group("b", *range(20, 26)), group("c", 50)])
    assert [found.code for found in merged] == ["a", "rest"]
    assert merged[-1].households == {20, 21, 22, 23, 24, 25, 50}


households = st.frozensets(st.integers(1, 40), max_size=12)


@given(st.lists(households, max_size=9))
def test_nothing_is_lost_and_no_small_group_is_shown(found: list[frozenset[int]]) -> None:
    groups = [Group(f"g{number}", len(homes), homes) for number, homes in enumerate(found)]
    merged = figures.merge_small(groups)
    assert sum(one.count for one in merged) == sum(one.count for one in groups)
    everybody = frozenset[int]().union(*found)
    for one in merged:
        assert len(one.households) >= 5 or (one.code == "rest" and len(merged) == 1 and one.households == everybody)


@pytest.mark.parametrize(
    ("due", "paid", "shown"),
    [
        ("0", "0", "—"),
        ("100", "0", "0.0%"),
        ("300", "299.99", "100.0%"),
        ("3000", "2998", "99.9%"),
        ("300", "300", "100.0%"),
    ],
)
def test_the_collection_rate_as_it_is_shown(due: str, paid: str, shown: str) -> None:
    assert figures.rate_text(figures.collection_rate(Decimal(paid), Decimal(due))) == shown


@pytest.mark.parametrize(("rate", "shown"), [("0.9996", "99.9%"), ("1", "100.0%"), ("0.9333", "93.3%"), (None, "—")])
def test_short_of_all_is_never_shown_as_all(rate: str | None, shown: str) -> None:
    assert figures.rate_text(rate) == shown


@given(st.lists(st.integers(0, 500)), st.integers(1, 100))
def test_counted_values_give_what_the_values_give(values: list[int], percent: int) -> None:
    counted = Counter(values)
    assert figures.mean_of(counted) == figures.mean(values)
    found = figures.percentile_of(counted, percent)
    if values:
        assert found == sorted(values)[max(-(-percent * len(values) // 100), 1) - 1]
    else:
        assert found is None
