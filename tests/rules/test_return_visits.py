"""Who is asked after, what a try comes to, who may make and check a visit (D8)."""

import pytest

from app.errors import Forbidden, Refused
from app.rules.codes import Kind, VisitResult
from app.rules.return_visits import IN_VAIN, is_given_up, may_check, reason_to_visit, result_of, share_of
from app.rules.ticket_states import TicketFacts, decide, visit_hindrance

YES, NO = (lambda: True), (lambda: False)


@pytest.mark.parametrize(
    ("kind", "breached", "repeat", "drawn", "reason"),
    [
        ("complaint", False, False, NO, "complaint"),
        ("complaint", True, True, NO, "complaint"),
        ("repair", False, False, YES, "sample"),
        ("repair", False, False, NO, None),
        ("repair", True, False, NO, "breached"),
        ("repair", False, True, NO, "repeat"),
        ("emergency", False, False, YES, "sample"),
        ("consultation", False, False, NO, None),
        ("praise", True, True, YES, None),
    ],
)
def test_complaints_all_repairs_by_sample_and_what_was_breached_all(kind, breached, repeat, drawn, reason) -> None:
    assert reason_to_visit(kind, breached=breached, repeat=repeat, drawn=drawn) == reason


def test_the_sample_is_asked_only_where_it_decides() -> None:
    def never() -> bool:
        raise AssertionError

    assert reason_to_visit("complaint", breached=False, drawn=never) == "complaint"
    assert reason_to_visit("repair", breached=True, drawn=never) == "breached"


def test_repairs_have_one_share_questions_another() -> None:
    shares = {kind: share_of(kind, 30, 5) for kind in Kind}
    assert {kind for kind, share in shares.items() if share == 30} == {"repair", "emergency", "service"}


@pytest.mark.parametrize(
    ("way", "unreachable", "said", "result"),
    [
        ("phone", False, None, "answered"),
        ("phone", False, "declined", "declined"),
        ("phone", True, None, "no_answer"),
        ("phone", True, "busy", "busy"),
        ("call", True, "machine", "machine"),
        ("in_person", True, None, "not_at_home"),
        ("sms", True, None, "no_reply"),
        ("phone", True, "answered", "no_answer"),
        ("phone", False, "busy", "answered"),
    ],
)
def test_what_a_try_came_to(way, unreachable, said, result) -> None:
    assert result_of(way, unreachable=unreachable, said=said) == result


def test_every_result_is_in_vain_or_an_end_or_a_question() -> None:
    assert set(VisitResult) - IN_VAIN == {"answered", "declined", "sent"}


def test_the_third_try_in_vain_gives_up() -> None:
    assert [is_given_up(tries, 3) for tries in (1, 2, 3, 4)] == [False, False, True, True]


def facts(role: str, *, me: int = 1, worker: int | None = 2, supervisors: bool = False) -> TicketFacts:
    return TicketFacts(
        "done",
        "repair",
        worker_id=worker,
        actor_staff_id=me,
        actor_roles=frozenset({role}),
        handled_by_supervisor=supervisors,
    )


@pytest.mark.parametrize("role", ["assistant", "steward", "supervisor", "manager", "deputy"])
def test_the_desk_and_the_steward_ask_but_not_after_their_own_work(role: str) -> None:
    assert visit_hindrance(facts(role)) is None
    assert decide("visit", facts(role), {"score": 5}).after == "visited"
    own = facts(role, worker=1)
    assert visit_hindrance(own) == "A return visit is not made by the one who did the work."
    with pytest.raises(Refused, match="the one who did the work"):
        decide("visit", own, {"score": 5})


@pytest.mark.parametrize(("role", "may"), [("assistant", False), ("steward", False), ("supervisor", True)])
def test_what_the_supervisor_handled_the_supervisor_asks_after(role: str, may: bool) -> None:
    found = visit_hindrance(facts(role, worker=1, supervisors=True))
    assert found == (None if may else "What the supervisor handled is visited by the supervisor.")


@pytest.mark.parametrize("score", [1, 2])
def test_a_low_score_is_a_repeat_for_the_supervisor_also_after_it_was_settled(score: int) -> None:
    for verb, state in (("visit", "done"), ("reopen", "visited"), ("reopen", "closed")):
        found = decide(verb, TicketFacts(state, "repair", actor_is_system=True), {"score": score})
        assert (found.after, found.repeat, found.to_supervisor) == ("reopened", True, True)


def test_reopened_without_a_score_a_repair_is_no_repeat() -> None:
    found = decide("reopen", TicketFacts("closed", "repair", actor_is_system=True), {})
    assert (found.repeat, found.to_supervisor) == (False, False)


@pytest.mark.parametrize("role", ["supervisor", "quality", "manager", "deputy"])
def test_the_check_is_never_of_ones_own_visit_or_work(role: str) -> None:
    may_check(frozenset({role}), 1, 2, False)
    for me, visitor, mine in ((1, 1, False), (1, 2, True)):
        with pytest.raises(Refused):
            may_check(frozenset({role}), me, visitor, mine)


@pytest.mark.parametrize("role", ["assistant", "steward", "technician", "admin"])
def test_who_does_not_supervise_does_not_check(role: str) -> None:
    with pytest.raises(Forbidden):
        may_check(frozenset({role}), 1, 2, False)
