"""Who accepts work, and when it may be called done (D3)."""

from dataclasses import replace

import pytest

from app.errors import Forbidden, Refused
from app.rules import work_verbs as rules
from app.rules.ticket_states import STATE_LABELS, TicketFacts, decide
from app.rules.work_verbs import WorkFacts, decide_work

TECHNICIAN, STEWARD, SUPERVISOR = frozenset({"technician"}), frozenset({"steward"}), frozenset({"supervisor"})
OWED = WorkFacts("in_progress", TECHNICIAN, staff_id=1, needs_acceptance=True, assignee_id=1)
"""The technician has work in hand that must be accepted."""
ASKED = replace(OWED, asked_of=2, asked_name="刘管家")
FREE = replace(OWED, needs_acceptance=False)

TABLE = [
    # verb, facts, who acts (roles, staff id), what hinders
    ("submit", OWED, TECHNICIAN, 1, None),
    ("submit", FREE, TECHNICIAN, 1, rules.NOT_NEEDED),
    ("submit", ASKED, TECHNICIAN, 1, rules.WAITS),
    ("submit", replace(OWED, accepted=True), TECHNICIAN, 1, rules.ACCEPTED_ALREADY),
    ("submit", OWED, frozenset({"finance"}), 7, rules.NOT_YOURS),
    ("approve", ASKED, STEWARD, 2, None),
    ("return", ASKED, STEWARD, 2, None),
    ("approve", ASKED, SUPERVISOR, 3, None),
    ("approve", ASKED, frozenset({"assistant"}), 4, rules.OF_ANOTHER),
    ("approve", ASKED, TECHNICIAN, 5, rules.NOT_YOURS),
    ("approve", replace(ASKED, actor_worked=True), STEWARD, 2, rules.OWN_WORK),
    ("approve", replace(ASKED, assignee_id=2), STEWARD, 2, rules.OWN_WORK),
    ("approve", OWED, STEWARD, 2, rules.NOT_ASKED),
    ("return", replace(OWED, accepted=True), STEWARD, 2, rules.ACCEPTED_ALREADY),
]


@pytest.mark.parametrize(("verb", "facts", "roles", "staff_id", "hindrance"), TABLE)
def test_who_hands_in_and_who_answers(verb, facts, roles, staff_id, hindrance):
    facts = replace(facts, roles=roles, staff_id=staff_id)
    if hindrance is None:
        decide_work(verb, facts, {"note": "看过了"}, "")
        return
    with pytest.raises((Refused, Forbidden)) as refused:
        decide_work(verb, facts, {"note": "看过了"}, "")
    assert refused.value.msgid == hindrance


@pytest.mark.parametrize("verb", ["submit", "return"])
def test_what_was_done_and_what_is_lacking_is_said(verb):
    facts = OWED if verb == "submit" else replace(ASKED, roles=STEWARD, staff_id=2)
    with pytest.raises(Refused):
        decide_work(verb, facts, {"note": ""}, "")


@pytest.mark.parametrize("state", [state for state in STATE_LABELS if state != "in_progress"])
@pytest.mark.parametrize("verb", ["submit", "approve", "return"])
def test_only_work_in_progress_is_accepted(verb, state):
    with pytest.raises(Refused):
        decide_work(verb, replace(ASKED, state=state, roles=SUPERVISOR, staff_id=3), {"note": "x"}, "done")


FINISH = [
    # facts, roles, staff id, tick, what hinders, whether finishing is the acceptance
    (FREE, TECHNICIAN, 1, None, None, False),
    (OWED, TECHNICIAN, 1, None, rules.HAND_IN, False),
    (ASKED, TECHNICIAN, 1, None, rules.WAITS, False),
    (ASKED, SUPERVISOR, 3, None, rules.WAITS, False),
    (replace(OWED, accepted=True), TECHNICIAN, 1, None, None, False),
    (OWED, STEWARD, 2, True, None, True),
    (OWED, STEWARD, 2, None, None, True),
    (OWED, STEWARD, 2, False, rules.LOOK_FIRST, False),
    (replace(OWED, assignee_id=2), STEWARD, 2, True, rules.HAND_IN, False),
    (replace(OWED, actor_worked=True), STEWARD, 2, True, rules.HAND_IN, False),
    (OWED, SUPERVISOR, None, True, rules.HAND_IN, False),
]


@pytest.mark.parametrize(("work", "roles", "staff_id", "ticked", "hindrance", "accepts"), FINISH)
def test_work_that_needs_acceptance_is_not_done_before(work, roles, staff_id, ticked, hindrance, accepts):
    work = replace(work, roles=roles, staff_id=staff_id)
    facts = TicketFacts("in_progress", "repair", actor_roles=roles, actor_staff_id=staff_id, work=work)
    data = {"note": "已修好", "accepts": ticked}
    if hindrance is None:
        assert decide("finish", facts, data).accepts is accepts
        return
    with pytest.raises(Refused) as refused:
        decide("finish", facts, data)
    assert refused.value.msgid == hindrance


def test_the_house_itself_finishes_without_anybody_s_name():
    facts = TicketFacts("in_progress", "repair", actor_is_system=True, work=OWED)
    assert not decide("finish", facts, {}).accepts


HAND = WorkFacts("dispatched", TECHNICIAN, staff_id=1, assignee_id=1)
OFFERED = replace(HAND, offered_to="赵快手")
OFFERS = [
    ("offer", HAND, None),
    ("offer", replace(HAND, state="in_progress"), None),
    ("offer", replace(HAND, staff_id=2), rules.NOT_IN_HAND),
    ("offer", replace(HAND, staff_id=None, assignee_id=None), rules.NOT_IN_HAND),
    ("offer", OFFERED, rules.OFFERED),
    ("offer", replace(HAND, state="in_progress", asked_of=2, asked_name="刘管家"), rules.WAITS),
    ("offer", replace(HAND, state="waiting"), rules.NOT_IN_THIS_STATE),
    ("offer", replace(HAND, state="done"), rules.NOT_IN_THIS_STATE),
    ("offer", replace(HAND, roles=frozenset({"finance"})), rules.NOT_YOURS),
    ("recall", OFFERED, None),
    ("recall", HAND, rules.NOT_OFFERED),
    ("recall", replace(OFFERED, staff_id=2), rules.NOT_IN_HAND),
]


@pytest.mark.parametrize(("verb", "facts", "hindrance"), OFFERS)
def test_only_whoever_has_the_work_offers_it_and_to_one_at_a_time(verb, facts, hindrance):
    if hindrance is None:
        decide_work(verb, facts, {"note": "手上有急单"}, "")
        return
    with pytest.raises((Refused, Forbidden)) as refused:
        decide_work(verb, facts, {"note": "手上有急单"}, "")
    assert refused.value.msgid == hindrance


def test_an_offer_has_its_reason():
    with pytest.raises(Refused):
        decide_work("offer", HAND, {"note": ""}, "")


WAY = [
    ("depart", HAND, None),
    ("depart", replace(HAND, state="reopened"), None),
    ("depart", replace(HAND, on_the_way=True), rules.ON_THE_WAY),
    ("depart", replace(HAND, staff_id=2), rules.NOT_GOING),
    ("depart", replace(HAND, state="waiting"), rules.NOT_IN_THIS_STATE),
    ("arrive", replace(HAND, on_the_way=True), None),
    ("arrive", HAND, None),
    ("arrive", replace(HAND, staff_id=2), rules.NOT_GOING),
    ("arrive", replace(HAND, state="done"), rules.NOT_IN_THIS_STATE),
]


@pytest.mark.parametrize(("verb", "facts", "hindrance"), WAY)
def test_only_whoever_has_the_work_is_on_the_way(verb, facts, hindrance):
    if hindrance is None:
        decide_work(verb, facts, {}, "")
        return
    with pytest.raises((Refused, Forbidden)) as refused:
        decide_work(verb, facts, {}, "")
    assert refused.value.msgid == hindrance
