"""Clocks by the exact figures of D4 and I8, and what must hold of them whatever the figures are."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from app.rules.calendars import AlwaysOpen, CalendarBook, WorkingHours
from app.rules.clock_defaults import CLOCK_POLICIES
from app.rules.clock_policies import CONDITIONS, STARTS, Matter, Policy, missing, starting, weight
from app.rules.clocks import (
    ClockFacts,
    Span,
    cancelled,
    earliest_due,
    met,
    names_cancelled,
    names_met,
    owed_at_close,
    paused,
    span,
    span_until,
)

ZONE = ZoneInfo("Asia/Shanghai")
BOOK = CalendarBook(ZONE)
NOW = datetime(2026, 3, 10, 2, 30, tzinfo=UTC)  # Tuesday, 10:30 in Shanghai
MINUTE, HOUR, DAY = timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)


def due_after(moment: str, **matter: str | None) -> dict[str, timedelta]:
    """The clocks that start, by name, with the time they allow at NOW."""
    facts = {"kind": "repair", "channel": "hotline", "priority": "normal", **matter}
    policies = starting(CLOCK_POLICIES, (moment,), Matter(**facts))
    return {policy.name: span(policy, NOW, BOOK).due_at - NOW for policy in policies}


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


def test_an_assistance_complaint_is_told_at_each_change():
    """D4 gives no time for it: a day †."""
    for moment in ("found", "changed"):
        assert due_after(moment, kind="complaint", validity="assistance")["progress"] == 24 * HOUR
        assert "progress" not in due_after(moment, kind="complaint", validity="valid")


def test_no_row_of_the_table_is_without_a_test_of_its_figure():
    """The rows of D4 and I8 as they are seeded, whole: clock, moment, minutes (None: the same day), conditions."""
    rows = {
        (p.name, p.starts_when, p.minutes, *sorted(f"{c}={getattr(p, c)}" for c in CONDITIONS if getattr(p, c)))
        for p in CLOCK_POLICIES
    }
    assert rows == {
        ("first_response", "registered", 30),
        ("contact", "registered", 120, "kind=complaint"),
        ("contact", "reopened", 120, "kind=complaint"),
        ("first_reply", "registered", 1440, "kind=complaint"),
        ("management_report", "found", 0, "grade=major", "kind=complaint"),
        ("plan", "found", 1440, "grade=major", "kind=complaint"),
        ("reply", "done", 120, "kind=complaint"),
        ("reply", "found", None, "kind=complaint", "validity=valid"),
        ("reply", "found", 120, "kind=complaint", "validity=invalid"),
        ("progress", "found", 1440, "kind=complaint", "validity=assistance"),
        ("progress", "changed", 1440, "kind=complaint", "validity=assistance"),
        ("report_back", "done", 720, "channel=transfer"),
        ("investigate", "registered", 120, "kind=repair", "priority=urgent"),
        ("plan", "registered", 4320, "channel=patrol"),
        *((("done", moment, hours * 60, f"priority={priority}"))
          for moment in ("registered", "reopened")
          for priority, hours in (("emergency", 2), ("urgent", 4), ("normal", 24), ("low", 72))),
    }  # fmt: skip
    assert all(p.calendar == "always" for p in CLOCK_POLICIES), "clocks run 24x7 by default (I8)"


def test_every_default_warns_at_75_percent():
    for policy in CLOCK_POLICIES:
        moments = span(policy, NOW, BOOK)
        assert moments.warn_at - NOW == (moments.due_at - NOW) * 0.75


def test_of_two_rows_the_more_particular_wins():
    rows = [Policy("done", "registered", 60), Policy("done", "registered", 15, kind="repair", category_code="lift")]
    matter = Matter("repair", "hotline", "normal", category_code="lift")
    assert [row.minutes for row in starting(rows, ("registered",), matter)] == [15]
    assert [row.minutes for row in starting(rows, ("registered",), replace(matter, category_code="door"))] == [60]


def test_of_as_many_conditions_the_more_telling_wins_whatever_the_order_of_the_rows():
    rows = [
        Policy("done", "registered", 1, channel="web"),
        Policy("done", "registered", 2, kind="repair"),
        Policy("done", "registered", 3, priority="urgent"),
        Policy("done", "registered", 4, category_code="lift"),
    ]
    matter = Matter("repair", "web", "urgent", category_code="lift")
    for order in (rows, rows[::-1]):
        assert [row.minutes for row in starting(order, ("registered",), matter)] == [4]
    assert sorted(rows, key=weight) == rows
    twins = [Policy("done", "registered", 7), Policy("done", "registered", 8)]
    assert starting(twins, ("registered",), matter) == twins[:1], "of two alike the earlier"


def test_a_matter_no_row_speaks_of_is_owed_a_first_response_and_an_end_all_the_same():
    assert missing([], ("registered",)) == [("first_response", "registered"), ("done", "registered")]
    assert missing([], ("reopened",)) == [("done", "reopened")]
    assert missing([Policy("done", "registered", 5)], ("registered",)) == [("first_response", "registered")]
    for moment in set(STARTS) - {"registered", "reopened"}:
        assert missing([], (moment,)) == []


# ---- steps -----------------------------------------------------------------------------------------------------------
def running(name: str = "done", minutes: int = 120) -> ClockFacts:
    return ClockFacts(name, "running", span(Policy(name, "registered", minutes), NOW, BOOK))


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


def test_only_a_live_clock_is_cancelled_and_what_was_missed_stays_missed():
    gone = cancelled(running(), NOW, "closed")
    assert (gone.state, gone.end) == ("cancelled", "closed")
    assert cancelled(met(running(), NOW), NOW, "closed").state == "met"
    assert cancelled(running(), NOW + 2 * HOUR, "closed").state == "cancelled"
    assert cancelled(running(), NOW + 2 * HOUR + MINUTE, "closed").state == "breached"
    assert cancelled(paused(running(), NOW), NOW + 9 * HOUR, "closed").state == "cancelled"


def test_due_at_is_the_earliest_running_clock():
    clocks = [running("done", 240), running("contact", 120), paused(running("reply", 30), NOW)]
    assert earliest_due(clocks) == NOW + 2 * HOUR
    assert earliest_due([met(c, NOW) for c in clocks]) is None


def test_a_promise_is_due_when_it_was_promised_and_replaces_reply_and_done_only():
    assert span_until(NOW, NOW + 4 * HOUR) == Span(NOW, NOW + 3 * HOUR, NOW + 4 * HOUR)
    assert names_cancelled("promise") == {"promised": {"reply", "done"}, "new_promise": {"promise"}}


@pytest.mark.parametrize(
    ("verb", "names"),
    [
        ("contact", {"first_response", "contact", "progress"}),
        ("visit", {"progress"}),
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
    assert isinstance(BOOK.of("lunar"), AlwaysOpen)
    assert isinstance(BOOK.of("desk"), WorkingHours)


def test_a_clock_that_ends_with_the_day_ends_at_midnight_whoever_is_at_the_desk():
    policy = Policy("reply", "found", None, ends_same_day=True, calendar="desk")
    assert span(policy, NOW, BOOK).due_at == datetime(2026, 3, 10, 16, tzinfo=UTC)


def test_closing_loses_what_lost_its_object_and_minds_what_is_owed_to_somebody():
    names = [
        "first_response", "contact", "first_reply", "plan", "management_report", "reply", "progress", "report_back",
        "investigate", "done", "promise",
    ]  # fmt: skip
    owed = {"contact", "first_reply", "plan", "reply", "progress", "report_back", "promise"}
    assert set(owed_at_close([running(name) for name in names])) == owed
    assert owed_at_close([met(running("promise"), NOW), cancelled(running("reply"), NOW, "promised")]) == []
    assert owed_at_close([paused(running("report_back"), NOW)]) == ["report_back"]
    assert names_cancelled("close") == {"closed": None}
