"""The points of an appraisal by table (D16): target, floor, in between, nothing to judge; weights that make a hundred."""

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.errors import Invalid
from app.rules.appraisal import DEFAULTS, OWN, Weight, check, good_of, points, total


@pytest.mark.parametrize(
    ("value", "target", "floor", "good", "earned"),
    [
        ("0.9000", "0.9", "0.7", "up", "100"),
        ("0.9500", "0.9", "0.7", "up", "100"),
        ("0.8000", "0.9", "0.7", "up", "50.0"),
        ("0.7000", "0.9", "0.7", "up", "0.0"),
        ("0.1000", "0.9", "0.7", "up", "0.0"),
        ("30", "30", "120", "down", "100"),
        ("75", "30", "120", "down", "50.0"),
        ("120", "30", "120", "down", "0.0"),
        ("500", "30", "120", "down", "0.0"),
        ("0.8999", "0.9", "0.7", "up", "100.0"),
    ],
)
def test_points(value: str, target: str, floor: str, good: str, earned: str) -> None:
    assert points(Decimal(value), Decimal(target), Decimal(floor), good) == Decimal(earned)
    assert points(None, Decimal(target), Decimal(floor), good) is None


def test_what_had_no_case_leaves_its_weight_to_the_others() -> None:
    assert total([(40, Decimal(100)), (60, Decimal(50))]) == Decimal("70.0")
    assert total([(40, Decimal(100)), (60, None)]) == Decimal("100.0")
    assert total([(40, None)]) is None
    assert total([]) is None


@given(st.lists(st.tuples(st.integers(1, 100), st.none() | st.integers(0, 100).map(Decimal)), max_size=8))
def test_a_total_is_between_nothing_and_a_hundred(earned: list[tuple[int, Decimal | None]]) -> None:
    found = total(earned)
    judged = [value for _weight, value in earned if value is not None]
    assert (found is None) == (not judged)
    if found is not None:
        assert min(judged) - Decimal("0.1") <= found <= max(judged) + Decimal("0.1")


@given(st.decimals(0, 1, places=4), st.decimals(0, 1, places=4))
def test_better_never_earns_less(one: Decimal, other: Decimal) -> None:
    low, high = sorted((one, other))
    target, floor = Decimal("0.9"), Decimal("0.7")
    assert points(low, target, floor, "up") <= points(high, target, floor, "up")  # type: ignore[operator]


@pytest.mark.parametrize("role", list(DEFAULTS))
def test_the_defaults_come_to_a_hundred(role: str) -> None:
    check(DEFAULTS[role])
    assert all(good_of(one.figure) for one in DEFAULTS[role])


def weight(figure: str = "in_time", weight: int = 100, target: str = "0.9", floor: str = "0.7") -> Weight:
    return Weight(figure, OWN, weight, Decimal(target), Decimal(floor))


@pytest.mark.parametrize(
    "weights",
    [
        [],
        [weight(weight=99)],
        [weight(weight=60), weight("satisfaction", 41)],
        [weight(weight=50), weight(weight=50)],
        [weight(weight=0), weight("satisfaction", 100)],
        [weight(target="0.7", floor="0.9")],
        [weight(target="0.9", floor="0.9")],
        [weight(target="90", floor="70")],
        [weight("requests")],
        [weight("urgent_repair_mean", target="90", floor="60")],
    ],
)
def test_weights_that_make_no_sense_are_refused(weights: list[Weight]) -> None:
    with pytest.raises(Invalid):
        check(weights)
