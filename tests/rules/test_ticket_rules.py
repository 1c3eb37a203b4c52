"""The states of D3 as a full table; dispatch, roster and the draw of return visits by their figures."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.errors import Forbidden, Refused, Word
from app.rules.codes import TicketState
from app.rules.dispatch import DEPARTMENT, NEIGHBOUR, OFF_DUTY, ON_DUTY, SAME_BUILDING, Candidate, choose
from app.rules.return_visits import due_on, is_settled
from app.rules.roster import Gap, gaps
from app.rules.ticket_states import VERB_TABLE, TicketFacts, allowed_verbs, decide, needed_reply_ways

NOW = datetime(2026, 3, 10, 2, 30, tzinfo=UTC)
HOUR = timedelta(hours=1)
MANAGER = frozenset({"manager"})
MEASURES = {"root_cause": "process_gap", "correction": "补登", "prevention": "改表"}
GOOD = {"reason": "x", "until": NOW, "due_at": NOW, "validity": "valid", "score": 5}

# For every state the verbs that lead somewhere and where (D3); all others are refused.
ALLOWED = {
    "registered": {"dispatch": "dispatched", "cancel": "cancelled"},
    "dispatched": {"dispatch": "dispatched", "start": "in_progress", "cancel": "cancelled"},
    "in_progress": {"dispatch": "dispatched", "wait": "waiting", "finish": "done", "cancel": "cancelled"},
    "waiting": {"resume": "in_progress", "cancel": "cancelled"},
    "done": {"visit": "visited", "close": "closed", "reopen": "reopened"},
    "visited": {"close": "closed", "reopen": "reopened"},
    "closed": {"reopen": "reopened"},
    "cancelled": {},
    "reopened": {"dispatch": "dispatched", "start": "in_progress", "cancel": "cancelled"},
}
for _state in ("registered", "dispatched", "in_progress", "waiting", "reopened"):
    ALLOWED[_state]["urge"] = _state  # while it is open, and nothing else changes
TALK = {"contact", "reply", "promise", "find"}


def facts(state: str, **more) -> TicketFacts:
    return replace(TicketFacts(state=state, kind="repair", actor_roles=MANAGER), **more)


@pytest.mark.parametrize("state", [str(state) for state in TicketState])
@pytest.mark.parametrize("verb", sorted(set(VERB_TABLE) - TALK))
def test_each_verb_leads_from_each_state_where_d3_says_or_is_refused(state, verb):
    target = ALLOWED[state].get(verb)
    if target is None:
        with pytest.raises(Refused) as refusal:
            decide(verb, facts(state), GOOD)
        assert isinstance(refusal.value.params["state"], Word)
    else:
        assert decide(verb, facts(state), GOOD).after == target


@pytest.mark.parametrize("state", [str(state) for state in TicketState])
def test_talking_keeps_the_state_and_a_cancelled_or_closed_ticket_takes_none(state):
    for verb in TALK:
        matter = facts(state, kind="complaint")
        if state in ("closed", "cancelled"):
            with pytest.raises(Refused):
                decide(verb, matter, GOOD)
        elif state in VERB_TABLE[verb].sources:
            assert decide(verb, matter, GOOD).after == state


@pytest.mark.parametrize(
    ("verb", "allowed"),
    [
        ("dispatch", {"admin", "manager", "deputy", "supervisor", "assistant", "steward"}),
        ("start", {"admin", "manager", "deputy", "supervisor", "assistant", "steward", "technician"}),
        ("finish", {"admin", "manager", "deputy", "supervisor", "assistant", "steward", "technician"}),
        ("visit", {"admin", "manager", "deputy", "supervisor", "assistant", "steward"}),
        ("cancel", {"admin", "manager", "deputy", "supervisor", "assistant"}),
        ("find", {"admin", "manager", "deputy", "supervisor", "assistant"}),
    ],
)
def test_each_verb_has_its_roles_and_no_others(verb, allowed):
    everybody = {
        "admin", "manager", "deputy", "supervisor", "assistant", "steward", "technician", "finance", "quality",
        "owner", "resident",
    }  # fmt: skip
    state = next(iter(VERB_TABLE[verb].sources))
    for role in everybody:
        actor = facts(state, kind="complaint", actor_roles=frozenset({role}))
        if role in allowed:
            decide(verb, actor, GOOD)
        else:
            with pytest.raises(Forbidden):
                decide(verb, actor, GOOD)


def test_buttons_are_shown_only_where_they_lead_somewhere():
    assert "find" not in allowed_verbs(facts("registered"))
    assert "find" in allowed_verbs(facts("registered", kind="complaint"))
    assert "close" not in allowed_verbs(facts("done", visit_due=True))
    assert "close" in allowed_verbs(facts("done"))


@pytest.mark.parametrize(
    ("more", "ways"),
    [
        ({"channel": "letter"}, {"written"}),
        ({"channel": "email"}, {"written"}),
        ({"collective": True}, {"in_person"}),
        ({"validity": "valid", "handled_by_supervisor": True}, {"in_person", "phone"}),
        ({"validity": "invalid"}, {"written", "in_person", "phone", "word"}),
    ],
)
def test_the_form_of_a_reply(more, ways):
    assert needed_reply_ways(facts("done", kind="complaint", **more)) == ways


def test_a_complaint_is_never_closed_unvisited_even_when_no_visit_is_noted_as_due():
    answered = {"validity": "valid", "reply_ways": frozenset({"phone"})}
    with pytest.raises(Refused, match="only after"):
        decide("close", facts("done", kind="complaint", **answered), MEASURES)
    assert decide("close", facts("visited", kind="complaint", **answered), MEASURES).after == "closed"


def test_a_major_complaint_goes_to_the_management_once():
    found = {"validity": "valid", "grade": "major"}
    assert decide("find", facts("registered", kind="complaint"), found).tell_management
    assert not decide("find", facts("registered", kind="complaint", grade="major"), found).tell_management


# ---- dispatch --------------------------------------------------------------------------------------------------------
def person(number: int, *positions: int, on_duty: bool = True, load: int = 0) -> Candidate:
    return Candidate(number, on_duty, load, frozenset(positions))


@pytest.mark.parametrize(
    ("people", "chosen", "reason"),
    [
        ([person(1, 5), person(2, 3, load=9)], 2, SAME_BUILDING),
        ([person(1, 1), person(2, 4, load=9)], 2, NEIGHBOUR),
        ([person(1, 8, load=2), person(2, 9, load=1)], 2, ON_DUTY),
        ([person(1, 3, load=2), person(2, 3, load=1)], 2, SAME_BUILDING),
        ([person(2), person(1)], 1, ON_DUTY),
        ([person(1, 3, on_duty=False), person(2, 9)], 2, ON_DUTY),
        ([person(1, 3, on_duty=False, load=2), person(2, on_duty=False)], 2, OFF_DUTY),
        ([], None, DEPARTMENT),
    ],
)
def test_the_nearest_on_duty_gets_it_and_fewest_tickets_break_a_tie(people, chosen, reason):
    choice = choose(people, 3)
    assert (choice.staff_id, choice.reason) == (chosen, reason)


# ---- return visits ---------------------------------------------------------------------------------------------------
def test_settled_is_72_hours_after_done():
    assert not is_settled(NOW, NOW + 72 * HOUR - timedelta(seconds=1))
    assert is_settled(NOW, NOW + 72 * HOUR)


def test_a_visit_is_due_within_three_local_days():
    late = datetime(2026, 3, 10, 17, 0, tzinfo=UTC)  # already the 11th in Shanghai
    assert due_on(late, ZoneInfo("Asia/Shanghai")) == date(2026, 3, 14)


# ---- roster ----------------------------------------------------------------------------------------------------------
def test_gaps_of_a_roster():
    week = NOW + timedelta(days=7)
    assert gaps([], NOW, week) == [Gap(NOW, week)]
    assert gaps([(NOW - HOUR, week + HOUR)], NOW, week) == []
    shifts = [(NOW + 3 * HOUR, NOW + 5 * HOUR), (NOW - HOUR, NOW + HOUR), (NOW + 4 * HOUR, week)]
    assert gaps(shifts, NOW, week) == [Gap(NOW + HOUR, NOW + 3 * HOUR)]


@given(st.lists(st.tuples(st.integers(-50, 200), st.integers(1, 40)), max_size=12))
def test_shifts_and_gaps_cover_every_hour_once(pairs):
    shifts = [(NOW + start * HOUR, NOW + (start + length) * HOUR) for start, length in pairs]
    holes = gaps(shifts, NOW, NOW + 168 * HOUR)
    for hour in range(168):
        moment = NOW + hour * HOUR + timedelta(minutes=30)
        covered = any(a <= moment < b for a, b in shifts)
        assert covered != any(hole.starts_at <= moment < hole.ends_at for hole in holes)
