"""Automatic calls: who goes first, how fast, at which hours, and what their keys mean. Pure."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.rules import outbound as rules
from app.rules.codes import Outreach, TargetState
from app.rules.outbound_flow import Facts, Flow, Outcome, begin, key

SHANGHAI = ZoneInfo("Asia/Shanghai")
NOON = datetime(2026, 3, 10, 4, 0, tzinfo=UTC)
FACTS = Facts("阳光花园", text="明天停水", matter="给排水", number="20260001")


def local(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=SHANGHAI).astimezone(UTC)


# ---- pace ------------------------------------------------------------------------------------------------------------
@given(st.integers(1, 240), st.integers(1, 240))
def test_no_minute_and_no_second_gets_more_than_the_share_however_long_the_list(rate: int, seconds: int) -> None:
    dialled: list[datetime] = []
    for second in range(seconds):
        now = NOON + timedelta(seconds=second)
        dialled += [now] * rules.room(rate, dialled, now)
        assert sum(at > now - timedelta(minutes=1) for at in dialled) <= rate
        assert sum(at == now for at in dialled) <= -(-rate // 60)


def test_a_list_is_worked_off_at_the_rate() -> None:
    dialled: list[datetime] = []
    for second in range(600):
        now = NOON + timedelta(seconds=second)
        dialled += [now] * rules.room(48, dialled, now)
    assert 450 <= len(dialled) <= 480


@pytest.mark.parametrize(("rate", "reserve", "share"), [(60, 12, 48), (10, 12, 1), (600, 12, 588)])
def test_what_is_kept_for_emergencies_is_no_campaigns(rate: int, reserve: int, share: int) -> None:
    assert rules.campaign_share(rate, reserve) == share


# ---- hours -----------------------------------------------------------------------------------------------------------
@pytest.mark.parametrize(
    ("purpose", "at", "earliest"),
    [
        ("notice", "2026-03-10T08:59", "2026-03-10T09:00"),
        ("notice", "2026-03-10T09:00", "2026-03-10T09:00"),
        ("return_visit", "2026-03-10T19:59", "2026-03-10T19:59"),
        ("return_visit", "2026-03-10T20:00", "2026-03-11T09:00"),
        ("reminder", "2026-03-31T23:30", "2026-04-01T09:00"),
        ("alert", "2026-03-10T03:00", "2026-03-10T03:00"),
        ("wake_up", "2026-03-10T05:30", "2026-03-10T05:30"),
        ("check_in", "2026-03-10T07:30", "2026-03-10T07:30"),
        ("check_in", "2026-03-10T22:00", "2026-03-10T22:00"),
        ("check_in_contact", "2026-03-10T03:00", "2026-03-10T03:00"),
    ],
)
def test_quiet_hours_hold_for_what_can_wait(purpose: str, at: str, earliest: str) -> None:
    assert rules.earliest(purpose, local(at), SHANGHAI, 9, 20) == local(earliest)


def test_an_alert_goes_before_everything_and_knows_neither_hours_nor_share_nor_refusal() -> None:
    alert = rules.PURPOSES[Outreach.ALERT]
    assert all(alert.rank < other.rank for purpose, other in rules.PURPOSES.items() if purpose != Outreach.ALERT)
    assert not (alert.quiet or alert.capped or alert.may_refuse)


# ---- progress --------------------------------------------------------------------------------------------------------
@pytest.mark.parametrize(
    ("state", "status", "new"),
    [
        ("dialling", "ringing", "ringing"),
        ("unknown", "initiated", None),
        ("ringing", "in-progress", "answered"),
        ("answered", "ringing", None),
        ("answered", "completed", "unclear"),
        ("ringing", "completed", "no_answer"),
        ("dialling", "busy", "busy"),
        ("ringing", "no-answer", "no_answer"),
        ("dialling", "failed", "failed"),
        ("reached", "completed", None),
        ("machine", "completed", None),
        ("answered", "nonsense", None),
    ],
)
def test_states_only_move_forward(state: str, status: str, new: str | None) -> None:
    assert rules.state_after(TargetState(state), status) == new


# ---- the conversation ------------------------------------------------------------------------------------------------
def talk(purpose: str, *keys: str) -> list[Outcome | None]:
    """What each turn settled, the taking of the telephone first."""
    reply = begin(Flow(purpose), FACTS)
    outcomes = [reply.outcome]
    for digit in keys:
        reply = key(reply.flow, digit, FACTS)
        outcomes.append(reply.outcome)
    return outcomes


@pytest.mark.parametrize(
    ("purpose", "keys", "outcome"),
    [
        *(("return_visit", [str(score)], "score") for score in range(1, 6)),
        ("return_visit", ["7", "7"], "unclear"),
        ("return_visit", ["0", "#"], "unclear"),
        ("return_visit", ["", ""], "unclear"),
        ("return_visit", ["6", "4"], "score"),
        ("return_visit", ["*", "8", "5"], "score"),
        ("return_visit", ["9"], "opted_out"),
        ("check_in", ["1"], "confirmed"),
        *(("check_in", [key], "help") for key in "029"),
        ("check_in", ["5", "9"], "help"),
        ("check_in", ["*", "8", "1"], "confirmed"),
        ("check_in", ["", ""], "unclear"),
        *(("check_in", [key, key], "unclear") for key in "34567#"),
        ("check_in_contact", ["1"], "confirmed"),
        ("check_in_contact", ["9", "9"], "unclear"),
        ("notice", ["1"], "confirmed"),
        ("notice", ["9"], "opted_out"),
        ("alert", ["1"], "confirmed"),
        ("alert", ["9", "9"], "unclear"),
    ],
)
def test_what_the_keys_mean(purpose: str, keys: list[str], outcome: str) -> None:
    assert talk(purpose, *keys)[-1] == outcome


@pytest.mark.parametrize("purpose", list(Outreach))
@given(keys=st.lists(st.sampled_from([*"0123456789*#", ""]), max_size=30))
def test_every_conversation_comes_to_an_end(purpose: str, keys: list[str]) -> None:
    reply = begin(Flow(purpose), FACTS)
    for digit in keys:
        if not reply.asks:
            break
        reply = key(reply.flow, digit, FACTS)
        assert reply.lines
    assert not reply.asks or reply.flow.turn <= 8
    assert reply.asks or reply.flow.over


def test_a_wake_up_call_asks_nothing_and_says_the_time_twice() -> None:
    reply = begin(Flow("wake_up"), Facts("阳光花园", hour=7, minute=5))
    assert not reply.asks
    assert [line.params["minute"] for line in reply.lines if "minute" in line.params] == ["05", "05"]
