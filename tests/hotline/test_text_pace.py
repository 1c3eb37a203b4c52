"""Campaign texts keep the carrier's rate, and whatever is urgent overtakes them (D13)."""

from datetime import timedelta
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import delete, select

from app.models import Campaign, CampaignTarget, Heartbeat, Message, Setting
from app.rules.codes import Outreach
from app.rules.outbox import Outcome
from app.services import outbound_texts
from app.services.outbox import enqueue
from app.services.outbox_delivery import deliver_due
from app.services.transaction import transaction
from tests.support.outbound import Scene

RATE, RESERVE = 60, 12


@pytest.fixture
def scene(app, session, community) -> Scene:
    for key, value in (("outbound.from_hour", "0"), ("outbound.until_hour", "24")):
        session.add(Setting(key=key, value=value))
    session.commit()
    return Scene(app, session, community)


class Company:
    """A carrier that takes texts one after the other and remembers when; `down`: it takes none."""

    def __init__(self) -> None:
        self.taken: list[str] = []
        self.down = False

    def send(self, envelope: Any) -> Outcome:
        if self.down:
            return Outcome(ok=False, error="HTTP 503")
        self.taken.append(envelope.purpose)
        return Outcome(ok=True, provider_sid=f"SM{len(self.taken)}")

    def look_up(self, envelope: Any) -> None:
        return None


def numbers(count: int, first: int = 0) -> list[str]:
    return [f"+86138{place:08d}" for place in range(first, first + count)]


def hand_over(scene: Scene, second: float) -> int:
    with transaction() as session:
        return outbound_texts.send_due(session, scene.start + timedelta(seconds=second))


def deliver(scene: Scene, company: Company, second: float) -> None:
    deliver_due(transaction, {"sms": company}, scene.start + timedelta(seconds=second))


def test_a_big_campaign_leaves_at_the_carriers_rate_less_what_is_kept_free(scene: Scene) -> None:
    scene.plan(*numbers(100), way="sms")
    company, taken = Company(), []
    for second in range(0, 61):
        hand_over(scene, second)
        deliver(scene, company, second)
        taken.append(len(company.taken))
    assert taken[0] == 1, "never a burst"
    assert max(later - earlier for earlier, later in zip(taken, taken[1:], strict=False)) == 1
    assert taken[59] == RATE - RESERVE
    for second in range(61, 140):
        hand_over(scene, second)
        deliver(scene, company, second)
    assert len(company.taken) == 100, "and nobody is forgotten"


def test_an_urgent_text_overtakes_whatever_a_campaign_has_handed_over_before(scene: Scene) -> None:
    scene.plan(*numbers(100), way="sms")
    company = Company()
    company.down = True
    for second in range(120):
        hand_over(scene, second)
    waiting = len(scene.session.scalars(select(Message.id)).all())
    assert waiting == RATE - RESERVE, "what the carrier does not take piles up here for a minute's worth at most"
    with transaction() as session:
        enqueue(session, channel="sms", to=numbers(1, 900)[0], purpose="ladder", body="x", key="l", now=scene.start)
    company.down = False
    deliver(scene, company, 121)
    assert company.taken[0] == "ladder"
    assert len(company.taken) == waiting + 1


def test_numbers_that_take_no_text_for_the_time_being_hold_up_no_campaign(scene: Scene) -> None:
    bad, good = numbers(RATE), numbers(30, 500)
    scene.plan(*bad, *good, way="sms")
    company, send = Company(), Company.send

    def refuses(envelope: Any) -> Outcome:
        return Outcome(ok=False, error="30003: unreachable") if envelope.to in bad else send(company, envelope)

    company.send = refuses  # type: ignore[method-assign]
    for second in range(0, 1200, 2):
        hand_over(scene, second)
        deliver(scene, company, second)
    assert len(company.taken) == len(good)


def test_a_carrier_that_takes_no_text_at_all_is_handed_few(scene: Scene) -> None:
    scene.plan(*numbers(100), way="sms")
    company = Company()
    company.down = True
    for second in range(0, 1200, 2):
        hand_over(scene, second)
        deliver(scene, company, second)
    handed = len(scene.session.scalars(select(Message.id)).all())
    assert handed <= RATE - RESERVE + 1200 / 60, "a minute's worth, and one a minute to find out"


def test_an_alert_to_residents_is_not_held_back_by_a_campaign_nor_by_its_rate(scene: Scene) -> None:
    scene.plan(*numbers(100), way="sms")
    hand_over(scene, 0)
    scene.plan(*numbers(30, 200), purpose=Outreach.ALERT, key="alert", way="sms")
    assert hand_over(scene, 1) == 30
    company = Company()
    deliver(scene, company, 1)
    assert company.taken == ["alert"] * 30 + ["notice"]


def test_the_alert_counts_towards_the_rate_that_is_left_for_others(scene: Scene) -> None:
    scene.plan(*numbers(10), way="sms")
    scene.plan(*numbers(RATE, 200), purpose=Outreach.ALERT, key="alert", way="sms")
    assert hand_over(scene, 0) == RATE
    assert [hand_over(scene, second) for second in (1, 30, 59)] == [0, 0, 0]
    assert hand_over(scene, 61) == 1


@settings(max_examples=20, suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(st.lists(st.floats(0, 20), min_size=1, max_size=25), st.integers(2, 300))
def test_whenever_the_job_runs_no_window_is_overfilled(scene: Scene, waits: list[float], rate: int) -> None:
    with transaction() as session:
        for model in (CampaignTarget, Message, Campaign, Heartbeat):
            session.execute(delete(model))
        session.execute(delete(Setting).where(Setting.key == "outbound.texts_per_minute"))
        session.add(Setting(key="outbound.texts_per_minute", value=str(rate)))
    scene.plan(*numbers(60), way="sms")
    share, at, handed = max(1, rate - RESERVE), 0.0, []
    company = Company()
    for wait in waits:
        at += wait
        handed += [at] * hand_over(scene, at)
        deliver(scene, company, at)
    for start in handed:
        assert sum(start <= one < start + 60 for one in handed) <= share
        assert sum(start <= one < start + 1 for one in handed) <= -(-share // 60)
