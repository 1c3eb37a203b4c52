"""Deadlines follow from events alone, in whichever order these arrive; pauses and calendars count alike (D4)."""

from dataclasses import replace
from datetime import date, timedelta

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from app.rules.calendars import AlwaysOpen, WorkDays, WorkingHours
from app.rules.clock_events import Event, Terms, after, fold, missed, recounted
from app.rules.shifts import DESK_WEEK
from tests.rules.test_calendars import FIRST, HOUR, MINUTE, ZONE, calendars, desk, instants, local, spans, weeks

START = local("2026-03-10T10:30")
TWO_HOURS = Terms("done", 2 * HOUR, 75)
ALWAYS = AlwaysOpen()


def history(*steps: tuple[str, int]) -> list[Event]:
    """A start, then (kind, minutes after it)."""
    begun = Event("started", START)
    return [begun, *(Event(kind, START + at * MINUTE, place) for place, (kind, at) in enumerate(steps, 1))]


def test_a_deadline_is_the_start_and_the_time_allowed():
    clock = fold(TWO_HOURS, history(), ALWAYS)
    assert (clock.state, clock.span.warn_at, clock.span.due_at) == ("running", START + 90 * MINUTE, START + 2 * HOUR)


def test_a_pause_is_given_back():
    clock = fold(TWO_HOURS, history(("paused", 60), ("resumed", 300)), ALWAYS)
    assert (clock.state, clock.span.due_at) == ("running", START + 6 * HOUR)
    assert clock.paused_seconds == 4 * 3600


def test_a_pause_over_a_weekend_gives_back_desk_hours_only():
    begun = Event("started", local("2026-03-13T15:30"))  # Friday: two hours are left until 17:30
    paused = Event("paused", local("2026-03-13T16:30"))
    resumed = Event("resumed", local("2026-03-16T10:30"))
    clock = fold(TWO_HOURS, [begun, paused, resumed], desk())
    assert clock.span.due_at == local("2026-03-16T11:30")
    assert clock.paused_seconds == 3 * 3600  # an hour on Friday, two on Monday


def test_only_what_happened_in_time_is_in_time():
    assert fold(TWO_HOURS, history(("met", 120)), ALWAYS).state == "met"
    late = fold(TWO_HOURS, history(("met", 121)), ALWAYS)
    assert (late.state, late.met_at) == ("breached", START + 121 * MINUTE)


def test_on_the_very_minute_nothing_is_missed_yet():
    clock = fold(TWO_HOURS, history(), ALWAYS)
    assert missed(clock, START + 2 * HOUR) == clock
    assert missed(clock, START + 2 * HOUR + timedelta(seconds=1)).state == "breached"
    waiting = fold(TWO_HOURS, history(("paused", 60)), ALWAYS)
    assert missed(waiting, START + 99 * HOUR).state == "paused"


def test_what_arrives_late_counts_when_it_happened():
    """The sweep has noted the breach; then the journal brings the call that was made in time."""
    assert fold(TWO_HOURS, history(("met", 500), ("met", 30)), ALWAYS).state == "met"


def test_a_promise_is_due_when_it_was_promised_whatever_the_calendar():
    at = START + 30 * HOUR
    clock = fold(Terms("promise", timedelta(0), 75), [Event("started", START, 0, at, at - HOUR)], desk())
    assert (clock.span.warn_at, clock.span.due_at) == (at - HOUR, at)


def test_a_clock_without_a_start_is_none():
    with pytest.raises(ValueError, match="start"):
        fold(TWO_HOURS, [Event("met", START)], ALWAYS)


# ---- a calendar that changes -----------------------------------------------------------------------------------------
def test_a_day_off_more_gives_a_running_clock_its_time():
    begun = [Event("started", local("2026-03-10T16:30"))]
    clock, anew = (fold(TWO_HOURS, begun, calendar) for calendar in (desk(), desk(d2026_03_11=False)))
    moved = recounted(clock, anew)
    assert moved is not None
    assert moved.due_at == local("2026-03-12T09:30")


def test_a_work_day_more_takes_no_time_from_a_running_clock():
    begun = [Event("started", local("2026-03-13T17:00"))]  # Friday
    clock, anew = (fold(TWO_HOURS, begun, calendar) for calendar in (desk(), desk(d2026_03_14=True)))
    assert anew.span.due_at < clock.span.due_at
    kept = recounted(clock, anew)
    assert kept == clock.span
    told = Event("recounted", local("2026-03-13T17:10"), 1, kept.due_at, kept.warn_at)
    assert fold(TWO_HOURS, [*begun, told], desk(d2026_03_14=True)).span == clock.span


def test_a_change_elsewhere_moves_nothing():
    begun = [Event("started", local("2026-03-10T10:30"))]
    clock, anew = (fold(TWO_HOURS, begun, calendar) for calendar in (desk(), desk(d2026_05_11=False)))
    assert recounted(clock, anew) is None


# ---- whatever happens ------------------------------------------------------------------------------------------------
_kinds = st.sampled_from(["paused", "resumed", "met", "cancelled"])
_steps = st.lists(st.tuples(_kinds, st.integers(1, 20_000)), max_size=8, unique_by=lambda step: step[1])
_terms = st.builds(Terms, st.sampled_from(["done", "reply", "promise"]), spans, st.sampled_from([50, 75, 100]))


@given(_terms, _steps, calendars, st.randoms(use_true_random=False))
def test_the_order_in_which_events_arrive_is_irrelevant(terms, steps, calendar, chance):
    told = history(*steps)
    shuffled = told.copy()
    chance.shuffle(shuffled)
    assert fold(terms, shuffled, calendar) == fold(terms, told, calendar)


@given(_terms, _steps, calendars)
def test_events_taken_one_by_one_come_to_the_same(terms, steps, calendar):
    first, *rest = sorted(history(*steps), key=lambda event: event.at)
    clock = fold(terms, [first], calendar)
    for event in rest:
        clock = after(clock, event, calendar)
    assert clock == fold(terms, [first, *rest], calendar)


@given(calendars, instants, st.integers(1, 5000), st.floats(0, 0.99), spans)
def test_a_pause_shifts_the_due_moment_by_exactly_the_open_time_paused(calendar, start, minutes, share, pause):
    terms, begun = Terms("done", minutes * MINUTE, 75), Event("started", start)
    due_at = fold(terms, [begun], calendar).span.due_at
    pause_at = start + (due_at - start) * share
    back_at = pause_at + pause
    again = fold(terms, [begun, Event("paused", pause_at), Event("resumed", back_at)], calendar)
    assert again.state == "running"
    assert calendar.between(start, pause_at) + calendar.between(back_at, again.span.due_at) == minutes * MINUTE
    assert calendar.between(due_at, again.span.due_at) == calendar.between(pause_at, back_at)
    assert again.span.due_at >= due_at
    if isinstance(calendar, AlwaysOpen):
        assert again.span.due_at - due_at == pause


@given(_terms, _steps, weeks, st.sets(st.dates(date(2026, 1, 1), date(2026, 6, 1)), max_size=12))
def test_a_longer_holiday_never_shortens_a_deadline_whatever_happened_to_it(terms, steps, week, closed):
    usual = WorkingHours(ZONE, week)
    longer = WorkingHours(ZONE, week, WorkDays(dict.fromkeys(closed, False)))
    told = [event for event in history(*steps) if event.kind in ("started", "paused", "resumed")]
    assert fold(terms, told, longer).span.due_at >= fold(terms, told, usual).span.due_at


@given(spans, spans, _steps, calendars)
def test_more_time_allowed_is_never_due_earlier_whatever_happened(one, other, steps, calendar):
    assume(one <= other)
    told = [event for event in history(*steps) if event.kind in ("started", "paused", "resumed")]
    less, more = (fold(Terms("done", allowed, 75), told, calendar) for allowed in (one, other))
    assert less.span.due_at <= more.span.due_at


@given(st.sets(st.dates(date(2026, 3, 1), date(2026, 4, 30)), max_size=6), _steps, st.booleans())
def test_no_change_of_the_days_ever_takes_time_from_what_runs(days, steps, worked):
    told = [event for event in history(*steps) if event.kind in ("started", "paused", "resumed")]
    changed = WorkingHours(ZONE, DESK_WEEK, WorkDays(dict.fromkeys(days, worked)))
    clock, anew = fold(TWO_HOURS, told, desk()), fold(TWO_HOURS, told, changed)
    span = recounted(clock, anew)
    if span is None:
        assert anew.span == clock.span
    else:
        assert span.due_at >= clock.span.due_at
        late = Event("recounted", FIRST + timedelta(days=3000), 99, span.due_at, span.warn_at)
        assert fold(TWO_HOURS, [*told, late], changed).span == replace(span)
