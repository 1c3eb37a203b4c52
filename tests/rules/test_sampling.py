"""The draw of a sample (D8): deterministic by its seed, every member equally likely, the share within rounding."""

from collections import Counter

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.rules.sampling import BLOCK, is_taken, sample

PERCENTS = st.integers(0, 100)
SEEDS = st.text(max_size=12)


@given(SEEDS, PERCENTS, st.integers(0, 450))
def test_after_every_member_the_share_is_the_percentage_rounded_up_or_down(seed: str, percent: int, most: int) -> None:
    taken = 0
    for place in range(most):
        taken += is_taken(seed, place, percent)
        exact = percent * (place + 1)
        assert exact // 100 <= taken <= -(-exact // 100), place


@given(SEEDS, PERCENTS, st.lists(st.integers(), max_size=250))
def test_the_same_seed_draws_the_same_members_and_keeps_their_order(
    seed: str, percent: int, members: list[int]
) -> None:
    drawn = sample(members, percent, seed)
    assert drawn == sample(list(members), percent, seed)
    assert drawn == [member for place, member in enumerate(members) if is_taken(seed, place, percent)]
    longer = sample([*members, 1, 2, 3], percent, seed)
    assert longer[: len(drawn)] == drawn, "who came earlier is drawn whatever comes later"


@pytest.mark.parametrize("percent", [1, 10, 30, 37, 50, 90])
def test_every_member_is_equally_likely(percent: int) -> None:
    draws = 4000
    counted: Counter[int] = Counter()
    for number in range(draws):
        counted.update(place for place in range(BLOCK) if is_taken(f"seed {number}", place, percent))
    expected = draws * percent / 100
    spread = (draws * percent / 100 * (1 - percent / 100)) ** 0.5
    assert sum(counted.values()) == draws * percent
    assert all(abs(counted[place] - expected) < 4.5 * spread for place in range(BLOCK)), percent


def test_another_seed_is_another_draw_and_no_pattern() -> None:
    thirty = [[place for place in range(100) if is_taken(seed, place, 30)] for seed in ("2026-03", "2026-04")]
    assert thirty[0] != thirty[1]
    for drawn in thirty:
        assert len(drawn) == 30
        assert len({b - a for a, b in zip(drawn, drawn[1:], strict=False)}) > 3, "the gaps differ"


def test_nobody_of_nothing_and_everybody_of_all() -> None:
    assert sample(list(range(250)), 0, "x") == []
    assert sample(list(range(250)), 100, "x") == list(range(250))
    with pytest.raises(ValueError, match="percentage"):
        is_taken("x", 0, 101)
