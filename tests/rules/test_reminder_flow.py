"""What a fee reminder's keys mean, and that no sum is said before a PIN was right. Pure."""

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.rules import reminder_flow
from app.rules.arrears import Owed
from app.rules.call_flow.world import PinCheck
from app.rules.outbound_flow import Facts, Flow, Outcome, Reply
from app.rules.reminder_flow import LATE, SUMS, begin, key
from app.rules.voice_pin import PinState, is_pin

PIN = "482917"
OWED = Owed(2, Decimal("504.00"), Decimal("252.00"))


def facts(flow: Flow, digits: str, state: PinState, left: int = 2) -> Facts:
    """What the service would put in: a check only of what can be a PIN, a sum only for the right one."""
    if not reminder_flow.awaits_pin(flow.step):
        return Facts("阳光花园", text="有费用到期", pin=state)
    if not is_pin(digits):
        return Facts("阳光花园", text="有费用到期")
    right = digits == PIN
    check = PinCheck(7 if right else None, left)
    return Facts("阳光花园", text="有费用到期", check=check, owed=OWED if right else None)


def talk(*keys: str, state: PinState = PinState.SET, left: int = 2) -> list[Reply]:
    """Each turn's answer, the taking of the telephone first."""
    replies = [begin(Flow("reminder"), facts(Flow("reminder"), "", state))]
    for digits in keys:
        flow = replies[-1].flow
        replies.append(key(flow, digits, facts(flow, digits, state, left)))
    return replies


@pytest.mark.parametrize(
    ("keys", "outcome", "step", "asks"),
    [
        ([], "heard", "", True),
        (["1"], None, "pin", True),
        (["1", PIN], "amount", "told", True),
        (["1", PIN, "2"], "call_back", "told", False),
        (["1", "111222", PIN], "amount", "told", True),
        (["1", "12", "12"], "unclear", "pin", False),
        (["1", "", ""], "unclear", "pin", False),
        (["2"], "call_back", "", False),
        (["9"], "opted_out", "", False),
        (["8", "9"], "opted_out", "", False),
        (["7", "7"], "unclear", "", False),
        (["", ""], "unclear", "", False),
        (["7", "1", "12", PIN], "amount", "told", True),
        (["*", "*", "2"], "call_back", "", False),
        (["1", PIN, "1"], None, "told", True),
    ],
)
def test_what_the_keys_mean(keys: list[str], outcome: str | None, step: str, asks: bool) -> None:
    last = talk(*keys)[-1]
    assert (last.outcome, last.flow.step, last.asks) == (outcome, step, asks)


@pytest.mark.parametrize(("state", "step"), [(PinState.SET, "pin"), (PinState.NONE, "told"), (PinState.LOCKED, "told")])
def test_a_pin_is_asked_of_who_has_one(state: PinState, step: str) -> None:
    reply = talk("1", state=state)[-1]
    assert (reply.flow.step, reply.digits) == (step, 6 if step == "pin" else 1)


def test_the_last_wrong_try_locks_and_asks_no_more() -> None:
    reply = talk("1", "111222", left=0)[-1]
    assert (reply.flow.step, reply.asks, reply.outcome) == ("told", True, None)


@given(
    st.lists(st.sampled_from([*"0123456789*#", "", PIN, "111222", "12345"]), max_size=30),
    st.sampled_from(list(PinState)),
    st.integers(0, 2),
)
def test_every_talk_ends_and_says_a_sum_only_for_the_right_pin(keys: list[str], state: PinState, left: int) -> None:
    reply = begin(Flow("reminder"), facts(Flow("reminder"), "", state))
    for digits in keys:
        if not reply.asks:
            break
        asked_pin = reply.flow.step == "pin"
        reply = key(reply.flow, digits, facts(reply.flow, digits, state, left))
        told = any(line.msgid in (SUMS, LATE) for line in reply.lines)
        assert told == (asked_pin and digits == PIN and reply.outcome == Outcome.AMOUNT)
        assert reply.lines
    assert reply.flow.turn <= 8
    assert reply.asks or reply.flow.over
