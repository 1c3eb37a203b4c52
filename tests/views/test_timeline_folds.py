"""A ticket's timeline groups what belongs together: the rings of a ladder, clocks in a row, and what a call consists of."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from flask import Flask

from app.views.ticket_timeline import folded
from app.views.timeline_words import Line

NOON = datetime(2026, 3, 10, 4, tzinfo=UTC)


def at(minute: float, source: str, code: str = "", **more: Any) -> Line:
    """A line of `minute` minutes after noon."""
    words = {"icon": "phone", "tone": "info", "title": f"{source} {code}", "who": "", "text": "", "state": None}
    return Line(at=NOON + timedelta(minutes=minute), **{**words, **more}, source=source, code=code)


def newest_first(*lines: Line) -> list[Line]:
    return sorted(lines, key=lambda one: one.at, reverse=True)


@pytest.fixture(autouse=True)
def english(app: Flask) -> Any:
    with app.test_request_context(headers={"Accept-Language": "en"}):
        yield


def test_the_calls_of_a_ladder_are_one_line_that_says_who_took_it() -> None:
    rings = [
        at(0, "ring", "no_answer", who="王"),
        at(1, "ring", "no_answer", who="李"),
        at(2, "ring", "accepted", who="周"),
    ]
    steps = [at(0, "entry", "ladder_started", by="ladder"), at(2, "entry", "accept", by="ladder")]
    (block,) = folded(newest_first(*rings, *steps))
    assert block.title == "Emergency ladder: 3 calls"
    assert block.text == "accepted by 周"
    assert (block.tone, len(block.parts)) == ("good", 5)


def test_a_ladder_that_nobody_took_says_so() -> None:
    (block,) = folded(newest_first(at(0, "ring", "no_answer"), at(1, "ring", "busy")))
    assert (block.text, block.tone) == ("nobody accepted yet", "warn")


def test_what_happens_between_the_rings_stays_a_line_of_its_own() -> None:
    lines = folded(newest_first(at(0, "ring", "no_answer"), at(1, "message", "alert"), at(2, "ring", "accepted")))
    assert sorted(one.source for one in lines) == ["message", "ring"]
    assert len(next(one for one in lines if one.source == "ring").parts) == 2


def test_a_round_half_an_hour_later_is_another() -> None:
    first, second = (
        [at(0, "ring", "no_answer"), at(1, "ring", "busy")],
        [at(40, "ring", "no_answer"), at(41, "ring", "busy")],
    )
    assert [len(one.parts) for one in folded(newest_first(*first, *second))] == [2, 2]


def test_recording_and_words_go_into_their_own_call_and_no_other() -> None:
    mine, other = at(0, "call", "ticket", call_id="A"), at(10, "call", "ticket", call_id="B")
    recording = at(2, "recording", call_id="A", recording_id=7)
    heard = at(1, "heard", call_id="A", heard=[("What?", "漏水")])
    stray = at(3, "recording", call_id="C")
    lines = folded(newest_first(mine, other, recording, heard, stray))
    assert [one.call_id for one in lines] == ["B", "C", "A"]
    assert [one.recording_id for one in mine.parts] == [7]
    assert mine.heard == [("What?", "漏水")]
    assert not other.parts
    assert not other.heard


def test_clocks_in_a_row_are_one_line_and_a_step_parts_them() -> None:
    warned, breached = at(0, "entry", "warn"), at(5, "entry", "breach")
    (block,) = folded(newest_first(warned, breached))
    assert (block.title, block.text, block.tone) == ("Clocks: 2 events", "1 ran out", "bad")
    lines = folded(newest_first(at(0, "entry", "warn"), at(1, "entry", "start"), at(2, "entry", "warn")))
    assert [one.code for one in lines] == ["warn", "start", "warn"]
