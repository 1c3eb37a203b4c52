"""Dials and reports of the ladder that come late, out of order or not at all: nobody is rung twice for one attempt (G3)."""

from datetime import timedelta

import pytest
from sqlalchemy import select

from app.adapters.carrier.base import CarrierError
from app.models import EscalationAttempt, Ladder
from app.services.transaction import transaction
from tests.support.carrier import FakeCarrier
from tests.support.hotline import ON_DUTY
from tests.support.ladder import BACKUP, Scene


@pytest.mark.parametrize("status", ["ringing", "in-progress", "busy", "no-answer", "initiated", "nonsense"])
def test_late_reports_change_nothing_after_acceptance(scene: Scene, status: str) -> None:
    leg = scene.at(0).leg(1).take().press("1")
    before = scene.attempts
    assert leg.progress(status) == 204
    assert scene.attempts == before
    assert scene.ladder.state == "accepted"


def test_an_early_report_may_overtake_the_answer_to_the_dial(scene: Scene, carrier: FakeCarrier) -> None:
    carrier.fail[ON_DUTY] = CarrierError("no answer", unknown=True)
    carrier.blind = True
    scene.at(0)
    assert scene.attempts == [(ON_DUTY, "unknown")]
    scene.leg(1).progress("ringing")
    assert scene.attempts == [(ON_DUTY, "ringing")]
    scene.at(30)
    assert carrier.rung == [ON_DUTY]


def test_a_dial_without_an_answer_is_looked_up_before_another(scene: Scene, carrier: FakeCarrier) -> None:
    carrier.fail[ON_DUTY] = CarrierError("no answer", unknown=True)
    carrier.took.append(ON_DUTY)
    scene.at(0).at(6)
    assert carrier.looked_up == [ON_DUTY]
    assert (carrier.rung, scene.attempts) == ([ON_DUTY], [(ON_DUTY, "dialling")])


def test_a_dial_that_the_carrier_never_saw_makes_way(scene: Scene, carrier: FakeCarrier) -> None:
    carrier.fail[ON_DUTY] = CarrierError("no answer", unknown=True)
    scene.at(0).at(6)
    assert carrier.rung == [ON_DUTY, BACKUP]


def test_a_process_that_died_while_dialling_is_looked_into(scene: Scene, carrier: FakeCarrier) -> None:
    from app.services.escalation_dial import advance

    with transaction() as writing:
        assert advance(writing, scene.ladder.id, scene.start) is not None
    scene.at(5)
    assert carrier.orders == []
    carrier.took.append(ON_DUTY)
    scene.at(16)
    assert (carrier.looked_up, carrier.orders) == ([ON_DUTY], [])
    assert scene.attempts == [(ON_DUTY, "dialling")]


def test_a_ring_found_at_the_carrier_is_never_that_of_another_attempt(scene: Scene, carrier: FakeCarrier) -> None:
    carrier.fail[BACKUP] = CarrierError("no answer", unknown=True)
    carrier.took.append(BACKUP)
    scene.at(0).leg(1).progress("busy")
    scene.at(1).at(7)
    assert scene.attempts[1] == (BACKUP, "dialling")
    with transaction() as writing:
        writing.scalars(select(EscalationAttempt).where(EscalationAttempt.number == BACKUP)).one().state = "busy"
        ladder = writing.get_one(Ladder, scene.ladder.id)
        ladder.round, ladder.rung, ladder.next_at = 2, 1, scene.start + timedelta(seconds=20)
    scene.at(31).at(40)
    assert scene.attempts[2][0] == BACKUP
    assert scene.attempts[2][1] == "failed"
