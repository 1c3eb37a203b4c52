"""The pure rules of outbox, ladder and text messages, by table."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.rules import escalation, outbox, texts
from app.rules.classify import Finding
from app.rules.codes import AttemptState, MessageState
from app.rules.outbox import Outcome

NOW = datetime(2026, 3, 10, 2, 30, tzinfo=UTC)


@pytest.mark.parametrize(
    ("outcome", "tries", "state"),
    [
        (Outcome(ok=True), 1, "sent"),
        (Outcome(ok=True, delivered=True), 1, "delivered"),
        (Outcome(ok=False), 1, "failed_temporary"),
        (Outcome(ok=False), outbox.MAX_TRIES, "failed_permanent"),
        (Outcome(ok=False, permanent=True), 1, "failed_permanent"),
        (Outcome(ok=False, unknown=True), outbox.MAX_TRIES, "unknown"),
    ],
)
def test_what_a_try_comes_to(outcome: Outcome, tries: int, state: str) -> None:
    assert outbox.state_after(outcome, tries) == state


@given(st.integers(1, 200))
def test_waiting_grows_and_stays_within_an_hour(tries: int) -> None:
    assert outbox.FIRST_WAIT <= outbox.wait_after(tries) <= outbox.wait_after(tries + 1) <= timedelta(hours=1)


@given(st.sampled_from(MessageState), st.lists(st.sampled_from(MessageState), max_size=12))
def test_reports_never_lead_in_a_circle(start: MessageState, reports: list[MessageState]) -> None:
    state, seen = start, [start]
    for report in reports:
        if outbox.may_become(state, report):
            assert report not in seen
            state = report
            seen.append(state)


@pytest.mark.parametrize(
    ("state", "status", "after"),
    [
        ("pending", "ringing", "ringing"),
        ("dialling", "initiated", None),
        ("ringing", "initiated", None),
        ("ringing", "answered", "answered"),
        ("answered", "ringing", None),
        ("answered", "completed", "no_answer"),
        ("ringing", "busy", "busy"),
        ("unknown", "ringing", "ringing"),
        ("accepted", "completed", None),
        ("declined", "busy", None),
        ("ringing", "nonsense", None),
    ],
)
def test_a_leg_only_moves_forward(state: str, status: str, after: str | None) -> None:
    assert escalation.state_after(state, status) == after


@given(st.lists(st.sampled_from(["initiated", "ringing", "in-progress", "busy", "no-answer", "failed", "completed"])))
def test_reports_in_any_order_end_a_leg_at_most_once(reports: list[str]) -> None:
    state, ended = AttemptState.PENDING, 0
    for report in reports:
        after = escalation.state_after(state, report)
        if after is not None:
            state = after
            ended += after not in escalation.LIVE
    assert ended <= 1


def test_past_the_last_rung_it_starts_again() -> None:
    assert [escalation.place(1, rung, 3).round for rung in range(4)] == [1, 1, 1, 2]
    assert escalation.place(1, 3, 3) == escalation.Place(2, 0, again=True)


@pytest.mark.parametrize(("accept", "ring"), [(60, 60), (10, 10), (1, 5), (900, 600)])
def test_a_telephone_rings_as_long_as_there_is_to_accept(accept: int, ring: int) -> None:
    assert escalation.ring_seconds(accept) == ring


@pytest.mark.parametrize("word", ["machine_start", "machine_end_beep", "machine_end_silence", "fax"])
def test_machines_are_machines(word: str) -> None:
    assert escalation.is_machine(word)


@pytest.mark.parametrize("word", ["human", "unknown", "", None])
def test_what_may_be_a_person_is_treated_as_one(word: str | None) -> None:
    assert not escalation.is_machine(word)


@pytest.mark.parametrize(
    ("text", "score"),
    [
        ("5", (5, "")),
        ("5。", (5, "")),
        ("3分 还行", (3, "还行")),
        ("１", (1, "")),
        ("五", (5, "")),
        ("4!thanks", (4, "thanks")),
    ],
)
def test_answers_to_our_question(text: str, score: tuple[int, str]) -> None:
    assert texts.score(text) == score


@pytest.mark.parametrize("text", ["", "0", "6", "12", "5幢漏水", "3号楼灯坏了", "55", "好", "5" * 400])
def test_what_is_no_answer(text: str) -> None:
    assert texts.score(text) is None


@pytest.mark.parametrize(
    ("text", "finding", "kind"),
    [
        ("家里着火了", Finding("security", "emergency"), "emergency"),
        ("我要投诉保安", Finding("attitude"), "complaint"),
        ("建议加一盏灯", Finding("lighting"), "suggestion"),
        ("感谢张师傅", Finding("other"), "praise"),
        ("物业费多少", Finding("fee"), "consultation"),
        ("电梯什么时候修好？", Finding("lift"), "consultation"),
        ("电梯坏了", Finding("lift"), "repair"),
        ("在吗", Finding("other"), "consultation"),
    ],
)
def test_what_a_message_is_about(text: str, finding: Finding, kind: str) -> None:
    assert texts.kind_of(text, finding) == kind


@given(st.text(max_size=300))
def test_any_text_is_taken(text: str) -> None:
    texts.score(text)
    texts.is_stop(text)
    assert texts.kind_of(text, Finding("other"))
