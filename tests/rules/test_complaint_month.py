"""What a month of complaints may lack before it is signed (D5), a row each."""

from dataclasses import replace
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.rules.complaint_month import GAP_WORDS, MONTH_WORDS, CaseFacts, Gap, MonthGap, RecordFacts, gaps_of, month_gaps

WHOLE = RecordFacts(
    closed=True, has_record=True, validity=True, replied=True, cause=True, correction=True, prevention=True, reviewed=True
)  # fmt: skip


def test_a_whole_one_lacks_nothing():
    assert gaps_of(WHOLE) == []


@pytest.mark.parametrize(
    ("given_facts", "gap"),
    [
        ({"has_record": False}, Gap.RECORD),
        ({"has_record": False, "on_the_spot": True}, Gap.OPINION),
        ({"validity": False}, Gap.FINDING),
        ({"objected": True}, Gap.OBJECTED),
        ({"replied": False}, Gap.REPLY),
        ({"cause": False}, Gap.CAUSE),
        ({"correction": False}, Gap.CORRECTION),
        ({"prevention": False}, Gap.PREVENTION),
        ({"reviewed": False}, Gap.UNREVIEWED),
        ({"changed": True}, Gap.CHANGED),
    ],
)
def test_each_gap_by_itself(given_facts, gap):
    assert gaps_of(replace(WHOLE, **given_facts)) == [gap]


def test_an_open_one_owes_no_measures_yet():
    running = replace(WHOLE, closed=False, replied=False, cause=False, correction=False, prevention=False)
    assert gaps_of(running) == []


def test_settled_on_the_spot_needs_the_opinion_instead_of_a_record():
    assert gaps_of(replace(WHOLE, on_the_spot=True, has_record=False, opinion=True)) == []


@given(st.builds(RecordFacts, **{name: st.booleans() for name in RecordFacts.__dataclass_fields__}))
def test_every_gap_has_words_and_stands_once(facts):
    found = gaps_of(facts)
    assert len(found) == len(set(found))
    assert set(found) <= set(GAP_WORDS)
    assert not {Gap.UNREVIEWED, Gap.CHANGED} <= set(found)


TODAY = date(2026, 4, 3)
MONTH = {"over": True, "summary": True, "complaints": 3, "valid": 1, "cases": [CaseFacts(TODAY, True)], "today": TODAY}


@pytest.mark.parametrize(
    ("told", "expected"),
    [
        ({}, []),
        ({"over": False}, [MonthGap.RUNNING]),
        ({"summary": False}, [MonthGap.SUMMARY]),
        ({"summary": False, "complaints": 0, "valid": 0, "cases": []}, []),
        ({"cases": []}, [MonthGap.CASE]),
        ({"cases": [], "valid": 0}, []),
        ({"cases": [CaseFacts(None, False)]}, [MonthGap.TRAINING]),
        ({"cases": [CaseFacts(TODAY, False)]}, [MonthGap.ATTENDED]),
        ({"cases": [CaseFacts(date(2026, 4, 4), False)]}, []),
    ],
)
def test_what_the_summary_lacks(told, expected):
    assert month_gaps(**{**MONTH, **told}) == expected
    assert set(expected) <= set(MONTH_WORDS)
