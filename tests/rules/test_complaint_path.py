"""The path of a complaint upward (D5): assistant → supervisor → manager → quality department; the steps are data."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.rules.codes import Role
from app.rules.complaint_path import DEFAULT_RUNGS, Rung, above, level_of, may_raise, rises_by_itself

NOW = datetime(2026, 3, 10, 2, 30, tzinfo=UTC)
PATH = [Rung("assistant", 10), Rung("supervisor", 30), Rung("manager", 40), Rung("quality", 50)]
WITH_DEPUTY = [*PATH, Rung("deputy", 20)]


def test_the_steps_are_those_of_d5_and_a_deputy_waits_for_a_centre_that_has_one():
    assert [role for role, active in DEFAULT_RUNGS if active] == ["assistant", "supervisor", "manager", "quality"]
    assert DEFAULT_RUNGS[1] == ("deputy", False)


@pytest.mark.parametrize(
    ("kept", "holder", "found"),
    [
        (None, None, "assistant"),
        (None, "technician", "assistant"),
        (None, "steward", "assistant"),
        (None, "supervisor", "supervisor"),
        ("supervisor", "technician", "supervisor"),
        ("supervisor", "manager", "manager"),
        ("manager", "assistant", "manager"),
        ("quality", "supervisor", "quality"),
    ],
)
def test_a_complaint_stands_where_it_was_brought_or_higher_where_its_holder_is(kept, holder, found):
    assert level_of(PATH, kept, holder).role == found


@pytest.mark.parametrize(
    ("level", "roles", "may"),
    [
        ("assistant", {"assistant"}, True),
        ("assistant", {"steward"}, True),
        ("supervisor", {"assistant"}, False),
        ("supervisor", {"steward"}, False),
        ("supervisor", {"supervisor"}, True),
        ("supervisor", {"assistant", "manager"}, True),
        ("quality", {"manager"}, False),
    ],
)
def test_nobody_passes_over_the_one_who_decides(level, roles, may):
    assert may_raise(PATH, level_of(PATH, level), roles) is may


def test_the_next_step_is_the_nearest_above_whatever_the_order_of_the_rows():
    assert [rung.role for rung in above(WITH_DEPUTY, level_of(WITH_DEPUTY, None, None))] == [
        "deputy", "supervisor", "manager", "quality",
    ]  # fmt: skip
    assert [rung.role for rung in above(PATH, Rung("manager", 40))] == ["quality"]
    assert above(PATH, Rung("quality", 50)) == []
    assert level_of([], "manager", None) is None
    assert above([], None) == []


def test_a_clock_sends_it_up_once_for_each_step():
    registered = NOW
    contact, first_reply = NOW + timedelta(hours=2), NOW + timedelta(hours=24)
    assert rises_by_itself(contact, registered)
    # Both ran out before anybody looked: only the first is on the present decider's watch.
    came_up = first_reply + timedelta(hours=1)
    assert not rises_by_itself(first_reply, came_up)
    assert rises_by_itself(first_reply, contact)
    assert not rises_by_itself(contact, contact), "the step that has just been reached has its own time"


@given(
    st.lists(st.tuples(st.sampled_from(sorted(Role)), st.integers(1, 99)), unique_by=(lambda p: p[0], lambda p: p[1])),
    st.sampled_from([None, *sorted(Role)]),
    st.sampled_from([None, *sorted(Role)]),
)
def test_going_up_always_ends(pairs, kept, holder):
    rungs = [Rung(role, position) for role, position in pairs]
    level, climbed = level_of(rungs, kept, holder), 0
    while level is not None and (higher := above(rungs, level)):
        assert higher[0].position > level.position
        assert all(rung.position >= higher[0].position for rung in higher)
        level, climbed = level_of(rungs, higher[0].role, holder), climbed + 1
        assert climbed <= len(rungs)
    assert level is None or level.position == max(rung.position for rung in rungs)
