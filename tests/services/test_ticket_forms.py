"""What comes from outside into a ticket's step is read or refused with a sentence, whatever it is."""

import json
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.errors import Invalid
from app.rules.ticket_states import VERB_TABLE
from app.services.ticket_forms import read
from app.services.ticket_input import clean_text, future_instant, past_instant, phone_number, whole_number

NOW = datetime(2026, 3, 10, 2, 30, tzinfo=UTC)
ZONE = ZoneInfo("Asia/Shanghai")

FIELDS = (
    "note", "reason", "until", "date", "score", "way", "validity", "grade", "assignee_id", "department",
    "department_id", "due_at", "plan", "revision", "root_cause", "unreachable", "promise_at", "text",
)  # fmt: skip
anything = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=30) | st.dates().map(str),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=4,
)


@settings(deadline=None, max_examples=300)
@given(st.sampled_from(sorted(VERB_TABLE)), st.dictionaries(st.sampled_from(FIELDS), anything, max_size=6))
def test_any_json_is_read_or_refused_and_what_is_read_can_be_stored(verb, raw):
    try:
        clean = read(verb, raw, NOW, ZONE)
    except Invalid:
        return
    for value in clean.values():
        if isinstance(value, datetime):
            assert value.tzinfo is not None
            assert value > NOW
        else:
            json.dumps(value, allow_nan=False).encode()


@pytest.mark.parametrize(
    ("text", "instant"),
    [
        ("2026-03-12", "2026-03-13T00:00:00+08:00"),  # the end of that day
        ("2026-03-10", "2026-03-11T00:00:00+08:00"),
        ("2026-03-12T09:00", "2026-03-12T09:00:00+08:00"),
        ("2026-03-12 09:00", "2026-03-12T09:00:00+08:00"),
        ("2026-03-12T09:00:00Z", "2026-03-12T09:00:00+00:00"),
        ("2026-03-12T09:00:00-05:00", "2026-03-12T09:00:00-05:00"),
    ],
)
def test_dates_are_local_and_a_bare_date_is_its_whole_day(text, instant):
    assert future_instant(text, NOW, ZONE) == datetime.fromisoformat(instant)


@pytest.mark.parametrize(
    "text", ["2026-03-09", "2026-03-10T10:30", "2029-06-01", "9999-12-31", "0001-01-01", "31.3.2026"]
)
def test_past_far_and_unreadable_dates_are_refused(text):
    with pytest.raises(Invalid):
        future_instant(text, NOW, ZONE)


@pytest.mark.parametrize(
    ("text", "instant"),
    [
        ("2026-03-09", "2026-03-09T00:00:00+08:00"),  # the beginning of that day
        ("2026-03-10 10:29", "2026-03-10T10:29:00+08:00"),
        ("2026-03-09T09:00:00Z", "2026-03-09T09:00:00+00:00"),
        ("", "2026-03-10T02:30:00+00:00"),
        (None, "2026-03-10T02:30:00+00:00"),
    ],
)
def test_what_was_is_local_and_a_bare_date_is_its_beginning(text, instant):
    assert past_instant(text, NOW, ZONE) == datetime.fromisoformat(instant)


@pytest.mark.parametrize("text", ["2026-03-11", "9999-12-31T23:59:59-12:00", "0001-01-01", "31.3.2026x", 5])
def test_what_was_is_neither_to_come_nor_unreadable(text):
    with pytest.raises(Invalid):
        past_instant(text, NOW, ZONE)


@pytest.mark.parametrize(
    ("text", "number"),
    [("138 0013 8001", "+8613800138001"), ("+8613800138001", "+8613800138001"), ("021-6000 0000", "+862160000000")],
)
def test_numbers_are_kept_in_e164(text, number):
    assert phone_number(text) == number


@pytest.mark.parametrize("text", ["12", "call me", "+0000", "1" * 60, "+86138\x0000138001", 13800138001])
def test_impossible_numbers_are_refused(text):
    with pytest.raises(Invalid):
        phone_number(text)


def test_texts_keep_their_lines_and_emoji_and_nothing_unreadable():
    assert clean_text(" 漏水\r\n很急👨‍👩‍👧 ", 20) == "漏水\n很急👨‍👩‍👧"
    assert clean_text("\u202a138 0013 8001\u202c", 20) == "138 0013 8001", "as copied from a contact"
    assert clean_text("\u202e水漏\u2069", 20) == "水漏", "nothing reads backwards"
    for text in ("a\x00b", "a\x1bb", "a\ud800b"):
        with pytest.raises(Invalid):
            clean_text(text, 20)
    with pytest.raises(Invalid):
        clean_text("a\nb", 20, lines=False)


def test_whole_numbers_have_bounds():
    assert [whole_number(v, 1, 5) for v in (3, "3", " 3 ", None, "")] == [3, 3, 3, None, None]
    assert whole_number("-5", -9, 9) == -5
    for value in (0, 6, "3.0", 3.0, True, "three", [3], 10**30, "--5", "-", "5-", "³", "３"):
        with pytest.raises(Invalid):
            whole_number(value, 1, 5)


def test_a_future_instant_is_measured_at_the_entry():
    assert future_instant((NOW + timedelta(seconds=1)).isoformat(), NOW, ZONE) == NOW + timedelta(seconds=1)
