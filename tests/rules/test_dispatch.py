"""Who gets a ticket by the rule: skill, duty, place, load, and who keeps it when nobody fits (D3)."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.rules import dispatch as rules
from app.rules.dispatch import Candidate, choose, rank

HEAD = 99


def person(number: int, *positions: int, on_duty: bool = True, load: int = 0, skilled: bool = True) -> Candidate:
    return Candidate(number, on_duty, load, frozenset(positions), skilled)


@pytest.mark.parametrize(
    ("people", "head", "chosen", "reason"),
    [
        # The skill goes before duty and place.
        ([person(1, 3, skilled=False), person(2, 9, load=9)], HEAD, 2, rules.ON_DUTY),
        ([person(1, 3, skilled=False), person(2, 4)], None, 2, rules.NEIGHBOUR),
        # Nobody fits: the head keeps it, with the reason.
        ([], HEAD, HEAD, rules.NOBODY),
        ([person(1, 3, on_duty=False)], HEAD, HEAD, rules.NO_DUTY),
        ([person(1, 3, skilled=False), person(2, skilled=False, on_duty=False)], HEAD, HEAD, rules.NO_SKILL),
        ([person(1, 3, skilled=False), person(2, on_duty=False)], HEAD, HEAD, rules.NO_SKILL_ON_DUTY),
        # Without a head: who could do it and has least to do; never one without the skill.
        ([person(1, 3, skilled=False), person(2, on_duty=False, load=7)], None, 2, rules.OFF_DUTY),
        ([person(1, 3, skilled=False)], None, None, rules.NO_SKILL_DEPARTMENT),
        ([], None, None, rules.DEPARTMENT),
    ],
)
def test_skill_then_duty_then_place_and_the_head_where_nobody_fits(people, head, chosen, reason):
    choice = choose(people, 3, head)
    assert (choice.staff_id, choice.reason) == (chosen, reason)


def test_the_ranking_names_everybody_with_a_reason_the_best_first():
    people = [
        person(1, 3, skilled=False),
        person(2, 3, on_duty=False),
        person(3, 9),
        person(4, 4, load=5),
        person(5, 3, load=2),
        person(6, 3, load=1),
    ]
    found = [(one.candidate.staff_id, one.fits, one.reason) for one in rank(people, 3)]
    assert found == [
        (6, True, rules.SAME_BUILDING),
        (5, True, rules.SAME_BUILDING),
        (4, True, rules.NEIGHBOUR),
        (3, True, rules.ON_DUTY),
        (2, False, rules.OFF),
        (1, False, rules.UNSKILLED),
    ]


CANDIDATES = st.lists(
    st.builds(
        Candidate,
        staff_id=st.integers(1, 50),
        on_duty=st.booleans(),
        open_tickets=st.integers(0, 9),
        positions=st.frozensets(st.integers(1, 9), max_size=3),
        skilled=st.booleans(),
    ),
    max_size=8,
    unique_by=lambda one: one.staff_id,
)


@given(CANDIDATES, st.none() | st.integers(1, 9), st.none() | st.just(HEAD), st.randoms())
def test_the_choice_is_fit_and_none_better_whatever_the_order_they_come_in(people, position, head, random):
    choice = choose(people, position, head)
    shuffled = list(people)
    random.shuffle(shuffled)
    assert choose(shuffled, position, head) == choice
    assert {one.candidate.staff_id for one in choice.ranking} == {one.staff_id for one in people}
    fit = {one.staff_id for one in people if one.on_duty and one.skilled}
    if fit:
        assert choice.staff_id in fit
    elif head:
        assert choice.staff_id == head
    else:
        able = {one.staff_id for one in people if one.skilled}
        assert choice.staff_id in able if able else choice.staff_id is None
