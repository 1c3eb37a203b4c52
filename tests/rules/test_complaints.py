"""What a complaint needs before it may be closed (D5): each form of reply, each part, each word of the refusal."""

from dataclasses import replace
from itertools import combinations
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.errors import Forbidden, Incomplete, Refused
from app.rules.codes import Cause, TicketState
from app.rules.complaint_verbs import COMPLAINT_VERBS, decide_complaint
from app.rules.complaints import MEASURES, ComplaintFacts, Part, checklist, missing, needed_reply_ways, read_cause
from app.rules.ticket_states import VERB_TABLE, TicketFacts, allowed_verbs, decide

EVERYTHING = ComplaintFacts(measures=frozenset(MEASURES), worded=frozenset({"phone"}))
READY = TicketFacts(
    state="visited",
    kind="complaint",
    validity="valid",
    reply_ways=frozenset({"phone"}),
    actor_roles=frozenset({"supervisor"}),
    complaint=EVERYTHING,
)
BROUGHT = {"root_cause": "交接遗漏", "correction": "补登", "prevention": "改交接表"}


def of(**more: Any) -> TicketFacts:
    """A complaint that may be closed, but for what is told."""
    own = {name: more.pop(name) for name in list(more) if name in ComplaintFacts.__dataclass_fields__}
    return replace(READY, complaint=replace(EVERYTHING, **own), **more)


def lacking(facts: TicketFacts, **brought: Any) -> list[str]:
    return [str(part) for part, _alone, _short in missing(facts, brought)]


# ---- the form of the reply -------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("more", "ways"),
    [
        ({"channel": "letter"}, {"written"}),
        ({"channel": "email"}, {"written"}),
        ({"channel": "desk", "written": True}, {"written"}),
        ({"channel": "letter", "collective": True}, {"written"}),
        ({"collective": True}, {"in_person"}),
        ({"handled_by_supervisor": True}, {"in_person", "phone"}),
        ({"handled_by_supervisor": True, "validity": "invalid"}, {"written", "in_person", "phone", "word"}),
        ({"channel": "wechat"}, {"written", "in_person", "phone", "word"}),
    ],
)
def test_each_complaint_has_its_form_of_reply(more, ways):
    assert needed_reply_ways(of(**more)) == ways


@pytest.mark.parametrize(
    ("more", "brought", "found"),
    [
        ({"reply_ways": frozenset()}, {}, ["reply"]),
        ({"written": True}, {}, ["reply"]),
        ({"written": True, "reply_ways": frozenset({"written"})}, {}, []),
        ({"written": True}, {"answer": "尊敬的业主"}, []),
        ({"reply_ways": frozenset()}, {"answer": "尊敬的业主"}, []),
        ({"collective": True}, {}, ["reply"]),
        ({"collective": True, "reply_ways": frozenset({"in_person"}), "unvisited": 2}, {}, ["households"]),
        ({"collective": True, "reply_ways": frozenset({"in_person"}), "unvisited": 0}, {}, []),
        ({"handled_by_supervisor": True, "worded": frozenset()}, {}, ["words"]),
        ({"handled_by_supervisor": True, "worded": frozenset()}, {"words": "已说明"}, []),
        ({"handled_by_supervisor": True}, {}, []),
        ({"handled_by_supervisor": True, "reply_ways": frozenset({"word"})}, {}, ["reply"]),
        ({"handled_by_supervisor": True, "reply_ways": frozenset({"in_person"}), "worded": frozenset()}, {}, []),
        ({"handled_by_supervisor": False, "worded": frozenset()}, {}, []),
    ],
)
def test_the_reply_is_there_in_the_form_it_needs(more, brought, found):
    assert lacking(of(**more), **brought) == found


# ---- the parts -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("more", "found"),
    [
        ({}, []),
        ({"validity": None}, ["finding"]),
        ({"objected": True}, ["objection"]),
        ({"waiting": True}, []),
        ({"waiting": True, "second_first": True}, ["second"]),
        ({"unread": True}, ["read"]),
        ({"outside_open": 1}, ["outside"]),
        ({"state": "done"}, ["return_visit"]),
        ({"measures": frozenset()}, ["root_cause", "correction", "prevention"]),
        ({"measures": frozenset({"root_cause", "prevention"})}, ["correction"]),
    ],
)
def test_what_is_missing_is_named(more, found):
    assert lacking(of(**more)) == found


@pytest.mark.parametrize(("own", "found"), [(False, []), (True, ["second"])])
def test_whoever_closes_it_is_the_second_person_only_of_a_finding_that_is_not_theirs(own, found):
    assert lacking(of(waiting=True, second_first=True, own_finding=own), confirm=True) == found


def test_a_cause_is_told_by_its_code_or_in_words():
    bare = of(measures=frozenset({"correction", "prevention"}))
    assert lacking(bare, cause="material") == []
    assert lacking(bare, root_cause="配件老化") == []


def test_a_signature_and_a_second_person_are_owed_without_the_closing_waiting_for_them():
    facts = of(handled_by_supervisor=True, reply_ways=frozenset({"in_person"}), waiting=True)
    owed = [item.part for item in checklist(facts) if not item.met and not item.blocks]
    assert owed == [Part.SECOND, Part.SIGNATURE]
    assert decide("close", facts, {}).after == "closed"


def test_one_missing_part_is_a_sentence_of_its_own_and_several_are_a_list():
    with pytest.raises(Incomplete, match="^A complaint is closed when the correction is recorded") as one:
        decide("close", of(measures=frozenset({"root_cause", "prevention"})), {})
    assert one.value.missing == ("correction",)
    with pytest.raises(Incomplete, match="root cause; the correction; the prevention") as several:
        decide("close", of(measures=frozenset()), {})
    assert several.value.missing == MEASURES
    with pytest.raises(Refused, match="answered in writing"):
        decide("close", of(channel="letter"), {})
    with pytest.raises(Refused, match="answered in person"):
        decide("close", of(collective=True, unvisited=0), {})


def test_the_button_of_the_closing_is_there_when_the_form_can_bring_the_rest():
    assert "close" in allowed_verbs(of(measures=frozenset()))
    assert "close" in allowed_verbs(of(channel="letter"))
    assert "close" not in allowed_verbs(of(validity=None))
    assert "close" not in allowed_verbs(of(collective=True, reply_ways=frozenset({"in_person"}), unvisited=1))


def test_other_kinds_are_closed_without_any_of_it():
    assert (
        decide("close", TicketFacts(state="done", kind="repair", actor_roles=READY.actor_roles), {}).after == "closed"
    )


@given(
    validity=st.sampled_from([None, "valid", "assistance", "invalid"]),
    ways=st.sets(st.sampled_from(["written", "in_person", "phone", "word"])),
    state=st.sampled_from(["done", "visited"]),
    flags=st.fixed_dictionaries(
        {
            name: st.booleans()
            for name in ("written", "collective", "handled_by_supervisor", "waiting", "objected", "unread")
        }
    ),
    known=st.sampled_from([frozenset(c) for n in range(4) for c in combinations(MEASURES, n)]),
    unvisited=st.integers(0, 2),
    brought=st.fixed_dictionaries({}, optional=dict.fromkeys((*MEASURES, "answer", "words"), st.just("x"))),
)
def test_it_closes_exactly_when_nothing_on_the_list_is_missing(validity, ways, state, flags, known, unvisited, brought):
    facts = of(validity=validity, reply_ways=frozenset(ways), state=state, measures=known, unvisited=unvisited, **flags)
    needed = [item.part for item in checklist(facts, brought) if item.blocks and not item.met]
    assert [part for part, _a, _s in missing(facts, brought)] == needed
    if needed:
        with pytest.raises(Incomplete) as refusal:
            decide("close", facts, brought)
        assert refusal.value.missing == tuple(needed)
    else:
        assert decide("close", facts, brought).after == "closed"
    # What a form brings besides never makes anything missing.
    more = {**brought, **dict.fromkeys((*MEASURES, "answer", "words"), "x")}
    assert {part for part, _a, _s in missing(facts, more)} <= set(needed)


@pytest.mark.parametrize(
    ("code", "words", "found"),
    [
        (None, "process_gap", ("process_gap", "")),
        (None, "Human error", ("human_error", "")),
        (None, "流程缺口：交接时未登记", ("process_gap", "流程缺口：交接时未登记")),
        (None, "当班人员疏忽漏检", ("human_error", "当班人员疏忽漏检")),
        (None, "配件老化", ("material", "配件老化")),
        (None, "第三方施工", ("outside", "第三方施工")),
        (None, "说不清", (None, "说不清")),
        ("outside", "市政停水", ("outside", "市政停水")),
        ("material", "", ("material", "")),
        (None, "", (None, "")),
    ],
)
def test_a_cause_in_words_names_its_kind(code, words, found):
    assert read_cause(code, words) == found
    assert found[0] is None or found[0] in set(Cause)


# ---- steps that only complaints have ---------------------------------------------------------------------------------

UNSETTLED = {"registered", "dispatched", "in_progress", "waiting", "reopened", "done", "visited"}
STATES = {
    "confirm": UNSETTLED | {"closed"},
    "object": UNSETTLED,
    "settle": {"registered", "dispatched"},
    "escalate": UNSETTLED,
    "decide": UNSETTLED,
    "causes": UNSETTLED,
    "dispute": UNSETTLED,
    "mark": UNSETTLED,
    "refer": UNSETTLED,
    "forward": UNSETTLED,
    "answered": UNSETTLED,
}
FRONT = {"admin", "manager", "deputy", "supervisor", "assistant", "steward"}
SECOND = {"admin", "manager", "deputy", "supervisor", "quality"}
ROLES = {
    "confirm": SECOND,
    "object": SECOND,
    "settle": FRONT,
    "escalate": FRONT,
    "decide": SECOND,
    "causes": FRONT,
    "dispute": FRONT,
    "mark": FRONT - {"steward"},
    "refer": FRONT - {"steward"},
    "forward": SECOND - {"quality"},
    "answered": FRONT - {"steward"},
}
GOOD = {"note": "x", "opinion": "x", "written": True}
EVERYBODY = FRONT | {"technician", "finance", "quality", "owner", "resident"}


def test_no_step_has_a_name_twice_and_each_is_in_the_tables():
    assert set(COMPLAINT_VERBS).isdisjoint(VERB_TABLE)
    assert set(COMPLAINT_VERBS) == set(STATES) == set(ROLES)


@pytest.mark.parametrize("verb", STATES)
@pytest.mark.parametrize("state", [str(state) for state in TicketState])
def test_each_step_has_its_states(verb, state):
    facts = of(state=state, waiting=True, actor_roles=frozenset({"manager"}))
    if state in STATES[verb]:
        decide_complaint(verb, facts, GOOD)
    else:
        with pytest.raises(Refused):
            decide_complaint(verb, facts, GOOD)


@pytest.mark.parametrize("verb", ROLES)
@pytest.mark.parametrize("role", sorted(EVERYBODY))
def test_each_step_has_its_roles(verb, role):
    facts = of(state=next(iter(STATES[verb])), waiting=True, actor_roles=frozenset({role}))
    if role in ROLES[verb]:
        decide_complaint(verb, facts, GOOD)
    else:
        with pytest.raises(Forbidden):
            decide_complaint(verb, facts, GOOD)


@pytest.mark.parametrize("verb", STATES)
def test_only_a_complaint_has_these_steps(verb):
    with pytest.raises(Refused, match="Only a complaint"):
        decide_complaint(verb, replace(of(waiting=True), kind="repair", state=next(iter(STATES[verb]))), GOOD)


@pytest.mark.parametrize("verb", ["object", "settle", "escalate", "decide", "forward", "answered"])
def test_what_a_step_needs_is_asked_for(verb):
    with pytest.raises(Refused):
        decide_complaint(verb, of(state=next(iter(STATES[verb])), waiting=True), {})


@pytest.mark.parametrize("verb", ["confirm", "object"])
@pytest.mark.parametrize(
    ("more", "words"),
    [
        ({"validity": None}, "no finding yet"),
        ({"waiting": False}, "does not wait"),
        ({"waiting": True, "own_finding": True}, "finding of their own"),
    ],
)
def test_the_second_person_is_another_one_and_comes_once(verb, more, words):
    with pytest.raises(Refused, match=words):
        decide_complaint(verb, of(**more), GOOD)


# ---- the repeat ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("verb", ["start", "dispatch"])
def test_a_repeat_begins_anew_when_the_supervisor_has_read_what_was_done(verb):
    unread = of(state="reopened", unread=True)
    with pytest.raises(Refused, match="supervisor first reads"):
        decide(verb, replace(unread, actor_roles=frozenset({"assistant"})), {})
    with pytest.raises(Refused, match="Read first what was done"):
        decide(verb, unread, {"read": False})
    for data in ({"read": True}, {"read": None}, {}):
        assert decide(verb, unread, data).after == VERB_TABLE[verb].target
    assert decide(verb, of(state="reopened", actor_roles=frozenset({"assistant"})), {}).after == VERB_TABLE[verb].target
