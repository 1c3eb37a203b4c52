"""Clocks by the exact figures of D4 and I8, and what must hold of them whatever the figures are."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from app.rules.calendars import AlwaysOpen, DeskHours, WorkDays, calendar_for, decree_known, desk_is_open, end_of_day
from app.rules.clock_defaults import CLOCK_POLICIES
from app.rules.clocks import (
    ClockFacts,
    Matter,
    Policy,
    Span,
    cancelled,
    earliest_due,
    met,
    names_cancelled,
    names_met,
    paused,
    resumed,
    span,
    span_until,
    starting,
)

settings.register_profile("patient", deadline=None)  # what holds, not how fast
settings.load_profile("patient")

ZONE = ZoneInfo("Asia/Shanghai")
NOW = datetime(2026, 3, 10, 2, 30, tzinfo=UTC)  # Tuesday, 10:30 in Shanghai
MINUTE, HOUR, DAY = timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)


def due_after(moment: str, **matter: str | None) -> dict[str, timedelta]:
    """The clocks that start, by name, with the time they allow at NOW."""
    facts = {"kind": "repair", "channel": "hotline", "priority": "normal", **matter}
    policies = starting(CLOCK_POLICIES, moment, Matter(**facts))
    return {policy.name: span(policy, NOW, ZONE).due_at - NOW for policy in policies}


@pytest.mark.parametrize(
    "kind", ["consultation", "repair", "complaint", "suggestion", "service", "emergency", "praise"]
)
@pytest.mark.parametrize("channel", ["hotline", "desk", "web", "sms"])
def test_any_contact_gets_a_first_response_within_30_minutes(kind, channel):
    assert due_after("registered", kind=kind, channel=channel)["first_response"] == 30 * MINUTE


def test_a_complaint_is_contacted_within_2_hours_and_first_replied_within_24():
    clocks = due_after("registered", kind="complaint")
    assert clocks["contact"] == 2 * HOUR
    assert clocks["first_reply"] == 24 * HOUR
    assert "contact" not in due_after("registered", kind="repair")


@pytest.mark.parametrize(("priority", "hours"), [("emergency", 2), ("urgent", 4), ("normal", 24), ("low", 72)])
def test_done_by_urgency(priority, hours):
    for moment in ("registered", "reopened"):
        assert due_after(moment, priority=priority)["done"] == hours * HOUR


def test_a_major_complaint_is_reported_at_once_and_has_a_plan_within_24_hours():
    clocks = due_after("found", kind="complaint", grade="major", validity="valid")
    assert clocks["management_report"] == timedelta(0)
    assert clocks["plan"] == 24 * HOUR
    assert "plan" not in due_after("found", kind="complaint", grade="ordinary", validity="valid")


def test_a_valid_complaint_is_replied_to_the_same_day():
    clocks = due_after("found", kind="complaint", validity="valid")
    assert NOW + clocks["reply"] == datetime(2026, 3, 10, 16, 0, tzinfo=UTC)  # 24:00 in Shanghai


def test_an_invalid_complaint_is_explained_within_2_hours():
    assert due_after("found", kind="complaint", validity="invalid")["reply"] == 2 * HOUR


def test_a_complaint_solved_on_the_spot_is_replied_to_within_2_hours_after_done():
    assert due_after("done", kind="complaint") == {"reply": 2 * HOUR}
    assert due_after("done", kind="repair") == {}


def test_what_the_developers_centre_transferred_is_reported_back_within_12_hours_after_done():
    assert due_after("done", channel="transfer") == {"report_back": 12 * HOUR}


def test_equipment_failure_is_investigated_within_2_hours():
    assert due_after("registered", priority="urgent")["investigate"] == 2 * HOUR
    assert "investigate" not in due_after("registered", priority="normal")


def test_a_patrol_finding_has_a_plan_within_3_days():
    assert due_after("registered", channel="patrol")["plan"] == 3 * DAY


def test_every_default_warns_at_75_percent():
    for policy in CLOCK_POLICIES:
        moments = span(policy, NOW, ZONE)
        assert moments.warn_at - NOW == (moments.due_at - NOW) * 0.75


def test_of_two_rows_the_more_particular_wins():
    rows = [Policy("done", "registered", 60), Policy("done", "registered", 15, kind="repair", category_code="lift")]
    matter = Matter("repair", "hotline", "normal", category_code="lift")
    assert [row.minutes for row in starting(rows, "registered", matter)] == [15]
    assert [row.minutes for row in starting(rows, "registered", replace(matter, category_code="door"))] == [60]


# ---- calendars -------------------------------------------------------------------------------------------------------
def desk(**own: bool) -> DeskHours:
    return DeskHours(ZONE, WorkDays({date.fromisoformat(day.replace("_", "-")[1:]): yes for day, yes in own.items()}))


def local(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=ZONE).astimezone(UTC)


@pytest.mark.parametrize(
    ("start", "hours", "due"),
    [
        ("2026-03-10T10:30", 2, "2026-03-10T12:30"),
        ("2026-03-10T16:30", 2, "2026-03-11T09:30"),  # the desk closes at 17:30 and opens at 08:30
        ("2026-03-13T17:00", 1, "2026-03-16T09:00"),  # over a weekend
        ("2026-03-14T12:00", 1, "2026-03-16T09:30"),  # from a Saturday
        ("2026-09-30T17:00", 1, "2026-10-08T09:00"),  # over the National Day holiday
        ("2026-10-09T17:00", 1, "2026-10-10T09:00"),  # Saturday 10 October is a make-up work day
        ("2026-03-10T07:00", 9, "2026-03-10T17:30"),  # a full day ends when the desk closes
    ],
)
def test_desk_hours_skip_nights_weekends_and_holidays(start, hours, due):
    assert desk().add(local(start), hours * HOUR) == local(due)


def test_the_administrators_own_days_come_before_the_decree():
    assert desk(d2026_03_11=False).add(local("2026-03-10T17:00"), HOUR) == local("2026-03-12T09:00")
    assert desk(d2026_03_14=True).add(local("2026-03-13T17:00"), HOUR) == local("2026-03-14T09:00")


def test_a_year_without_a_decree_has_plain_weekends():
    assert not decree_known(2045)
    assert [WorkDays()(date(2045, 10, day)) for day in (6, 7, 8, 9)] == [True, False, False, True]


def test_the_desk_is_open_on_work_days_from_half_past_eight_to_half_past_five():
    assert desk_is_open(local("2026-03-10T08:30"), ZONE)
    assert not desk_is_open(local("2026-03-10T08:29"), ZONE)
    assert not desk_is_open(local("2026-03-10T17:30"), ZONE)
    assert not desk_is_open(local("2026-10-01T10:00"), ZONE)
    assert desk_is_open(local("2026-10-10T10:00"), ZONE)


def test_the_same_day_ends_at_24_00_local():
    assert end_of_day(local("2026-03-10T23:59"), ZONE) == local("2026-03-11T00:00")
    assert end_of_day(local("2026-03-10T00:00"), ZONE) == local("2026-03-11T00:00")


FIRST = datetime(2024, 1, 1, tzinfo=UTC)
instants = st.integers(0, 7 * 365 * 24 * 60).map(lambda minutes: FIRST + minutes * MINUTE)
spans = st.integers(0, 60 * 24 * 20).map(lambda minutes: minutes * MINUTE)
calendars = st.sampled_from([AlwaysOpen(), desk()])


@given(calendars, instants, spans, spans)
def test_more_time_allowed_is_never_due_earlier(calendar, start, one, other):
    assume(one <= other)
    assert calendar.add(start, one) <= calendar.add(start, other)


@given(calendars, instants, instants, spans)
def test_what_starts_later_is_never_due_earlier(calendar, one, other, allowed):
    assume(one <= other)
    assert calendar.add(one, allowed) <= calendar.add(other, allowed)


@given(calendars, instants, spans)
def test_the_open_time_until_due_is_what_was_allowed(calendar, start, allowed):
    assert calendar.between(start, calendar.add(start, allowed)) == allowed


@given(instants, spans, st.sets(st.dates(date(2024, 1, 1), date(2031, 6, 1)), max_size=12))
def test_a_longer_holiday_never_shortens(start, allowed, closed):
    longer = DeskHours(ZONE, WorkDays(dict.fromkeys(closed, False)))
    assert longer.add(start, allowed) >= desk().add(start, allowed)


@given(calendars, instants, st.integers(1, 5000), st.floats(0, 0.99), spans)
def test_a_pause_shifts_the_due_moment_by_exactly_the_open_time_paused(calendar, start, minutes, share, pause):
    due_at = calendar.add(start, minutes * MINUTE)
    clock = ClockFacts("done", "running", Span(start, calendar.add(start, minutes * MINUTE * 0.75), due_at))
    pause_at = start + (due_at - start) * share
    back_at = pause_at + pause
    again = resumed(paused(clock, pause_at), back_at, calendar)
    assert again.state == "running"
    used = calendar.between(start, pause_at)
    assert used + calendar.between(back_at, again.span.due_at) == minutes * MINUTE
    assert again.span.due_at >= due_at
    if isinstance(calendar, AlwaysOpen):
        assert again.span.due_at - due_at == pause


# ---- steps -----------------------------------------------------------------------------------------------------------
def running(name: str = "done", minutes: int = 120) -> ClockFacts:
    return ClockFacts(name, "running", span(Policy(name, "registered", minutes), NOW, ZONE))


def test_in_time_is_met_and_late_is_breached_with_the_moment_it_happened():
    assert met(running(), NOW + 2 * HOUR).state == "met"
    late = met(running(), NOW + 2 * HOUR + timedelta(seconds=1))
    assert (late.state, late.met_at) == ("breached", NOW + 2 * HOUR + timedelta(seconds=1))
    assert met(late, NOW + 5 * HOUR) == late


def test_a_paused_clock_is_met_whenever_it_happens():
    assert met(paused(running(), NOW + HOUR), NOW + 9 * HOUR).state == "met"


def test_what_is_overdue_is_not_paused_any_more():
    assert paused(running(), NOW + 2 * HOUR).state == "running"


@pytest.mark.parametrize("name", ["first_response", "contact", "promise", "management_report"])
def test_waiting_does_not_stop_the_clocks_of_a_word_to_the_household(name):
    assert paused(running(name), NOW).state == "running"


def test_only_a_live_clock_is_cancelled():
    assert cancelled(running()).state == "cancelled"
    assert cancelled(met(running(), NOW)).state == "met"


def test_due_at_is_the_earliest_running_clock():
    clocks = [running("done", 240), running("contact", 120), paused(running("reply", 30), NOW)]
    assert earliest_due(clocks) == NOW + 2 * HOUR
    assert earliest_due([met(c, NOW) for c in clocks]) is None


def test_a_promise_is_due_when_it_was_promised_and_replaces_reply_and_done_only():
    assert span_until(NOW, NOW + 4 * HOUR) == Span(NOW, NOW + 3 * HOUR, NOW + 4 * HOUR)
    assert names_cancelled("promise") == {"reply", "done", "promise"}


@pytest.mark.parametrize(
    ("verb", "names"),
    [
        ("contact", {"first_response", "contact"}),
        ("promise", {"first_response", "contact"}),
        ("start", {"investigate"}),
        ("dispatch", set()),
        ("wait", set()),
        ("finish", {"first_response", "done", "investigate", "promise"}),
        ("reply", {"first_response", "contact", "first_reply", "reply", "progress"}),
    ],
)
def test_which_clock_each_step_answers(verb, names):
    told = verb == "finish"
    assert names_met(verb, kind="repair", by_person=True, reporter_told=told, after_done=False) == names


def test_what_the_machine_says_answers_no_first_response():
    for verb in ("contact", "reply", "finish"):
        names = names_met(verb, kind="repair", by_person=False, reporter_told=False, after_done=False)
        assert "first_response" not in names


def test_a_reply_keeps_the_promise_made_on_a_complaint_but_not_on_a_repair():
    for kind, kept in (("complaint", True), ("consultation", True), ("repair", False)):
        names = names_met("reply", kind=kind, by_person=True, reporter_told=False, after_done=True)
        assert ("promise" in names) is kept
        assert "report_back" in names


def test_an_unknown_calendar_counts_round_the_clock():
    assert isinstance(calendar_for("lunar", ZONE), AlwaysOpen)
    assert isinstance(calendar_for("desk", ZONE), DeskHours)
