"""How long work waits to be accepted, and whom it is passed on to."""

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.rules.acceptance_clock import RANKS, Head, below, moments, next_up
from app.rules.codes import Role

AT = datetime(2026, 3, 10, 2, tzinfo=UTC)
HEADS = st.builds(
    Head,
    st.integers(1, 9),
    st.sampled_from(sorted(RANKS)),
    st.sampled_from([None, 1, 2]),
    st.booleans(),
)


def test_warned_at_three_quarters_of_four_hours():
    found = moments(AT, 240, 75)
    assert (found.warn_at.hour, found.due_at.hour) == (5, 6)


@pytest.mark.parametrize(
    ("asked", "able", "wanted"),
    [
        (Head(1, Role.STEWARD, 1), [Head(2, Role.ASSISTANT, 1, True), Head(3, Role.SUPERVISOR, 2)], 2),
        (Head(1, Role.STEWARD, 1), [Head(2, Role.ASSISTANT, 2, True), Head(3, Role.SUPERVISOR, 1, True)], 3),
        (Head(1, Role.STEWARD, 1), [Head(2, Role.ASSISTANT, 1), Head(3, Role.SUPERVISOR, 1), Head(4, Role.MANAGER)], 3),
        (Head(1, Role.SUPERVISOR, 1, True), [Head(2, Role.ASSISTANT, 1, True), Head(4, Role.MANAGER)], 4),
        (Head(1, Role.SUPERVISOR, 1), [Head(5, Role.MANAGER), Head(4, Role.DEPUTY)], 4),
        (Head(1, Role.MANAGER), [Head(1, Role.MANAGER), Head(2, Role.SUPERVISOR)], None),
        (Head(1, Role.STEWARD), [], None),
    ],
)
def test_it_goes_to_the_head_of_the_department_else_one_step_up(asked, able, wanted):
    found = next_up(asked, able)
    assert (found and found.staff_id) == wanted


@given(HEADS, st.lists(HEADS, max_size=8))
def test_it_always_goes_up_and_so_comes_to_an_end(asked, able):
    steps, at = 0, asked
    while (found := next_up(at, able)) is not None:
        assert found.height > at.height
        at, steps = found, steps + 1
    assert steps <= 2 * len(set(RANKS.values()))


def test_who_answers_for_whom():
    assert below(Role.SUPERVISOR) == {Role.STEWARD, Role.ASSISTANT}
    assert below(Role.MANAGER) == {Role.STEWARD, Role.ASSISTANT, Role.SUPERVISOR, Role.DEPUTY}
    assert below(Role.TECHNICIAN) == below("someone") == frozenset()
