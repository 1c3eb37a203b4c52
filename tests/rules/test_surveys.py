"""Opinion surveys (D8): who makes which, periods, what an answer must be."""

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.errors import Forbidden, Invalid
from app.rules.codes import Role, SurveyCycle
from app.rules.surveys import (
    CONDUCTORS,
    Answer,
    Question,
    check_answers,
    check_question,
    may_conduct,
    period_code,
    period_end,
    period_of,
)

SCORE = Question(1, "score", required=True)
CHOICE = Question(2, "choice", required=False, options=3)
CHOICES = Question(3, "choices", required=False, options=4)
TEXT = Question(4, "text", required=False)
ALL = [SCORE, CHOICE, CHOICES, TEXT]


@pytest.mark.parametrize(
    ("cycle", "day", "first", "after", "code"),
    [
        ("monthly", date(2026, 12, 31), date(2026, 12, 1), date(2027, 1, 1), "2026-12"),
        ("quarterly", date(2026, 2, 28), date(2026, 1, 1), date(2026, 4, 1), "2026-Q1"),
        ("quarterly", date(2026, 11, 9), date(2026, 10, 1), date(2027, 1, 1), "2026-Q4"),
        ("half_yearly", date(2026, 6, 30), date(2026, 1, 1), date(2026, 7, 1), "2026-H1"),
        ("half_yearly", date(2026, 7, 1), date(2026, 7, 1), date(2027, 1, 1), "2026-H2"),
        ("yearly", date(2026, 5, 5), date(2026, 1, 1), date(2027, 1, 1), "2026"),
    ],
)
def test_the_periods_of_the_cycles(cycle: str, day: date, first: date, after: date, code: str) -> None:
    assert (period_of(cycle, day), period_end(cycle, first), period_code(cycle, first)) == (first, after, code)


@given(st.sampled_from(list(SurveyCycle)), st.dates(date(2000, 1, 1), date(2100, 12, 31)))
def test_every_day_lies_in_exactly_its_period(cycle: SurveyCycle, day: date) -> None:
    first = period_of(cycle, day)
    assert first <= day < period_end(cycle, first)
    assert period_of(cycle, first) == first


def test_monthly_to_half_yearly_by_the_steward_yearly_by_the_manager() -> None:
    for cycle in ("monthly", "quarterly", "half_yearly"):
        may_conduct(cycle, frozenset({Role.STEWARD}), frozenset({1, 2}), frozenset({1, 2, 3}))
        may_conduct(cycle, frozenset({Role.MANAGER}), frozenset({9}), frozenset())
    may_conduct("yearly", frozenset({Role.MANAGER}), frozenset({9}), frozenset())
    with pytest.raises(Forbidden, match="yearly"):
        may_conduct("yearly", frozenset({Role.STEWARD}), frozenset({1}), frozenset({1}))
    with pytest.raises(Forbidden, match="own buildings"):
        may_conduct("monthly", frozenset({Role.STEWARD}), frozenset({1, 2}), frozenset({1}))
    for role in set(Role) - {Role.STEWARD, Role.MANAGER}:
        for cycle in CONDUCTORS:
            with pytest.raises(Forbidden):
                may_conduct(cycle, frozenset({role}), frozenset({1}), frozenset({1}))


def test_answers_of_every_kind() -> None:
    sent = {1: ["4"], 2: ["2"], 3: ["3", "0", "3"], 4: [" 很好\r\n谢谢 "]}
    assert check_answers(ALL, sent) == [
        Answer(1, score=4),
        Answer(2, chosen=(2,)),
        Answer(3, chosen=(0, 3)),
        Answer(4, words="很好\n谢谢"),
    ]
    assert check_answers(ALL, {1: ["5"], 4: ["  "], 99: ["1"]}) == [Answer(1, score=5)]


@pytest.mark.parametrize(
    ("sent", "said"),
    [
        ({}, "Please answer question 1."),
        ({1: [""]}, "Please answer question 1."),
        ({1: ["0"]}, "question 1 is none of those offered"),
        ({1: ["6"]}, "question 1 is none of those offered"),
        ({1: ["４"]}, "question 1 is none of those offered"),
        ({1: ["4.5"]}, "question 1 is none of those offered"),
        ({1: ["4", "5"]}, "Question 1 has one answer only."),
        ({1: ["4"], 2: ["3"]}, "question 2 is none of those offered"),
        ({1: ["4"], 2: ["-1"]}, "question 2 is none of those offered"),
        ({1: ["4"], 2: ["0", "1"]}, "Question 2 has one answer only."),
        ({1: ["4"], 3: ["4"]}, "question 3 is none of those offered"),
        ({1: ["4"], 4: ["x" * 1001]}, "question 4 is too long"),
    ],
)
def test_what_is_no_answer_is_a_sentence_with_its_number(sent, said: str) -> None:
    with pytest.raises(Invalid, match=said):
        check_answers(ALL, sent)


def test_nothing_answered_at_all_is_none() -> None:
    with pytest.raises(Invalid, match="at least one"):
        check_answers([TEXT, CHOICE], {4: [" "]})


@pytest.mark.parametrize(("kind", "options", "good"), [("score", 0, True), ("text", 0, True), ("choice", 1, False),
                                                       ("choice", 2, True), ("choices", 12, True), ("choices", 13, False)])  # fmt: skip
def test_a_question_to_choose_from_has_something_to_choose(kind: str, options: int, good: bool) -> None:
    if good:
        check_question(kind, ["x"] * options)
        return
    with pytest.raises(Invalid, match="2 to 12"):
        check_question(kind, ["x"] * options)
