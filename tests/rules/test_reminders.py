"""Who is reminded now, by which step, and why the others are not: the table of pauses and the order of the steps. Pure."""

from datetime import date, timedelta
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.rules.reminders import PAUSES, Case, Decision, Figures, Made, Step, Why, decide, paused

SMS, CALL, LETTER = Step(1, 10, "sms"), Step(2, 20, "call", 5), Step(3, 30, "letter", 7)
STEPS = (SMS, CALL, LETTER)
FIGURES = Figures(day=5, grace_days=5, least_yuan=1)
OLD = date(2026, 1, 25)
OWES = Case(Decimal("250.60"), OLD)
FIFTH, TENTH, SEVENTEENTH = date(2026, 3, 5), date(2026, 3, 10), date(2026, 3, 17)


def made(step: Step, on: date, *, reached_out: bool = True) -> Made:
    return Made(step.order, on, reached_out)


# ---- pauses ----------------------------------------------------------------------------------------------------------
@pytest.mark.parametrize(
    ("case", "why"),
    [
        (OWES, None),
        (Case(OWES.total, OLD, tied=False), Why.MOVED),
        (Case(OWES.total, OLD, complaint=True), Why.COMPLAINT),
        (Case(OWES.total, OLD, hold="hardship"), Why.HARDSHIP),
        (Case(OWES.total, OLD, hold="agreement"), Why.AGREEMENT),
        (Case(OWES.total, OLD, hold="legal"), Why.LEGAL),
        (Case(OWES.total, OLD, complaint=True, hold="hardship"), Why.HARDSHIP),
        (Case(Decimal("0.99"), OLD), Why.SMALL),
        (Case(Decimal("1.00"), OLD), None),
        (Case(OWES.total, date(2026, 3, 5)), Why.GRACE),
        (Case(OWES.total, date(2026, 3, 6)), Why.GRACE),
    ],
)
def test_what_pauses_a_reminder(case: Case, why: Why | None) -> None:
    found = decide(case, (), STEPS, FIGURES, TENTH if why != Why.GRACE else date(2026, 3, 9))
    assert (found.why, found.step) == (why, None if why else SMS)
    assert paused(case) == (why if why in PAUSES else None)


@given(
    st.builds(
        Case,
        st.integers(0, 10**7).map(lambda fen: Decimal(fen).scaleb(-2)),
        st.integers(-40, 800).map(lambda days: TENTH - timedelta(days=days)),
        st.booleans(),
        st.booleans(),
        st.sampled_from([None, "hardship", "agreement", "legal"]),
    ),
    st.integers(1, 28),
)
def test_whoever_is_paused_is_never_reminded_and_everybody_else_hears_why_or_what(case: Case, day: int) -> None:
    found = decide(case, (), STEPS, Figures(day, 5, 1), TENTH)
    assert (found.step is None) != (found.why is None)
    assert paused(case) is None or found.step is None


# ---- the month's steps -----------------------------------------------------------------------------------------------
@pytest.mark.parametrize(
    ("today", "before", "step", "why", "on"),
    [
        (date(2026, 3, 1), (), None, Why.EARLY, FIFTH),
        (date(2026, 3, 4), (), None, Why.EARLY, FIFTH),
        (FIFTH, (), SMS, None, None),
        (date(2026, 3, 31), (), SMS, None, None),
        (FIFTH, (made(SMS, FIFTH),), None, Why.LATER, TENTH),
        (date(2026, 3, 9), (made(SMS, FIFTH),), None, Why.LATER, TENTH),
        (TENTH, (made(SMS, FIFTH),), CALL, None, None),
        (date(2026, 3, 29), (made(SMS, FIFTH),), CALL, None, None),
        (date(2026, 3, 16), (made(SMS, FIFTH), made(CALL, TENTH)), None, Why.LATER, SEVENTEENTH),
        (SEVENTEENTH, (made(CALL, TENTH), made(SMS, FIFTH)), LETTER, None, None),
        (SEVENTEENTH, tuple(made(step, FIFTH) for step in STEPS), None, Why.DONE, None),
        (date(2026, 3, 30), (made(SMS, date(2026, 3, 28)),), None, Why.DONE, None),
    ],
)
def test_step_by_step_through_a_month(
    today: date, before: tuple[Made, ...], step: Step | None, why: Why | None, on: date | None
) -> None:
    assert decide(OWES, before, STEPS, FIGURES, today) == Decision(step, why, on)


def test_what_could_not_be_done_keeps_nobody_waiting() -> None:
    assert decide(OWES, (made(SMS, FIFTH, reached_out=False),), STEPS, FIGURES, FIFTH).step == CALL
    both = (made(SMS, FIFTH, reached_out=False), made(CALL, FIFTH, reached_out=False))
    assert decide(OWES, both, STEPS, FIGURES, FIFTH).step == LETTER


def test_the_table_decides_order_ways_and_days() -> None:
    own = (Step(9, 1, "letter"), Step(4, 2, "call", 3), Step(5, 2, "call", 3))
    assert decide(OWES, (), own, FIGURES, FIFTH).step == own[0]
    assert decide(OWES, (made(own[0], FIFTH),), own, FIGURES, date(2026, 3, 8)).step == own[1]
    twice = (made(own[0], FIFTH), made(own[1], date(2026, 3, 8)))
    assert decide(OWES, twice, own, FIGURES, date(2026, 3, 11)).step == own[2]
    assert decide(OWES, (), (), FIGURES, FIFTH).why == Why.NO_STEPS


def test_a_step_put_in_before_the_made_ones_waits_for_the_next_month() -> None:
    first = Step(7, 5, "letter")
    assert decide(OWES, (made(SMS, FIFTH),), (first, *STEPS), FIGURES, TENTH).step == CALL
    assert decide(OWES, (), (first, *STEPS), FIGURES, date(2026, 4, 5)).step == first


@given(st.lists(st.sampled_from([0, 1, 2, 5, 30]), min_size=1, max_size=5), st.integers(1, 28), st.booleans())
def test_no_step_comes_twice_in_a_month_and_they_keep_their_order(waits: list[int], day: int, reached: bool) -> None:
    steps = [Step(order, order, "sms", wait) for order, wait in enumerate(waits, 1)]
    done: list[Made] = []
    for ahead in range(31):
        today = date(2026, 3, 1) + timedelta(days=ahead)
        while (found := decide(OWES, done, steps, Figures(day, 5, 1), today)).step is not None:
            done.append(Made(found.step.order, today, reached))
            assert len(done) <= len(steps)
    orders = [one.order for one in done]
    assert orders == sorted(set(orders))
    assert all(one.on.day >= day for one in done)
