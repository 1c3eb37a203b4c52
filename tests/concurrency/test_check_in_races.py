"""Two jobs at one booked minute, a key and a clock in the same instant: one call, one outcome (D13)."""

import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import func, select

from app.adapters.clock import now as present
from app.errors import Refused
from app.models import CampaignTarget, CheckIn, CheckInStep, Message, Ticket
from app.services import check_in_register, outbound_calls, outbound_dial
from app.services.actors import Actor
from app.services.transaction import transaction
from tests.support.check_ins import DAUGHTER, Register
from tests.support.hotline import ZHANG, build_estate
from tests.support.outbound import BASE

STAFF = Actor(user_id=None, username="steward", display_name="刘管家", roles=frozenset({"steward"}))


@pytest.fixture
def scene(app, session) -> Register:
    return Register(app, session, build_estate(session, present()))


def together(app, jobs: list[Callable[[], Any]]) -> list[Any]:
    barrier = threading.Barrier(len(jobs), timeout=30)

    def run(job: Callable[[], Any]) -> Any:
        with app.app_context():
            barrier.wait()
            return job()

    with ThreadPoolExecutor(len(jobs)) as pool:
        return [future.result(60) for future in [pool.submit(run, job) for job in jobs]]


def tick(scene: Register, minutes: float) -> Callable[[], Any]:
    at = scene.start + timedelta(minutes=minutes)
    return lambda: outbound_dial.tick(transaction, scene.carrier, BASE, at)


def silent(scene: Register, minutes: float) -> None:
    """The present try ends without an answer."""
    with transaction() as session:
        newest = select(CampaignTarget.id).order_by(CampaignTarget.id.desc()).limit(1)
        target = outbound_calls.locked(session, session.scalars(newest).one())
        outbound_calls.settle(session, target, "busy", scene.start + timedelta(minutes=minutes))


@pytest.mark.parametrize("_", range(3))
def test_four_jobs_at_the_booked_minute_are_one_call(app, scene: Register, _) -> None:
    together(app, [tick(scene, 0)] * 4)
    assert scene.carrier.rung == [ZHANG]
    assert len(scene.calls) == 1


def test_four_jobs_at_every_rung_of_the_ladder_are_one_step_each(app, scene: Register) -> None:
    together(app, [tick(scene, 0)] * 4)
    silent(scene, 1)
    together(app, [tick(scene, 11)] * 4)
    assert scene.legs() == [1, 2]
    silent(scene, 12)
    together(app, [tick(scene, 43)] * 4)
    tick(scene, 43.1)()
    assert len(scene.legs(DAUGHTER)) == 1
    verbs = scene.verbs
    assert (verbs.count("try"), verbs.count("alert"), verbs.count("contact")) == (2, 1, 2), "two contacts"
    scene.session.rollback()
    keys = select(func.count(), func.count(func.distinct(Message.key))).where(Message.purpose == "check_in")
    assert len(set(scene.session.execute(keys).one())) == 1


@pytest.mark.parametrize("key", ["1", "9"])
@pytest.mark.parametrize("_", range(3))
def test_a_key_in_the_instant_in_which_the_steward_would_be_sent(app, scene: Register, key: str, _) -> None:
    """Whichever comes first, the key counts: well or help, and never both a lost key and a contact alarmed."""
    tick(scene, 0)()
    scene.session.rollback()
    leg = scene.leg(1).take()
    together(app, [lambda: leg.press(key), tick(scene, 26), tick(scene, 26)])
    tick(scene, 90)()
    call = scene.call
    if key == "9":
        assert call.state == "help"
        assert len(scene.session.scalars(select(Ticket)).all()) == 1
    else:
        assert call.state == "well" or (call.state == "alerted" and "answered" in scene.verbs)
    assert scene.legs(DAUGHTER) == []


@pytest.mark.parametrize("_", range(3))
def test_a_finding_in_the_instant_in_which_the_contact_would_be_told(app, scene: Register, _) -> None:
    tick(scene, 0)()
    silent(scene, 1)
    tick(scene, 11)()
    silent(scene, 12)
    call_id = scene.call.id
    scene.session.rollback()

    def say() -> bool:
        try:
            with transaction() as session:
                check_in_register.found(
                    session, STAFF, call_id, {"finding": "well"}, scene.start + timedelta(minutes=43)
                )
        except Refused:
            return False
        return True

    assert sorted(together(app, [say, say, tick(scene, 43)])[:2]) == [False, True], "only one of two says it"
    tick(scene, 60)()
    scene.session.expire_all()
    scene.session.rollback()
    assert scene.session.scalars(select(CheckIn.state)).one() == "found"
    told = scene.session.scalars(select(Message.key).where(Message.to == DAUGHTER)).all()
    assert len(told) in (0, 2), "alarmed and put at ease, or neither"
    assert scene.session.scalar(select(func.count()).where(CheckInStep.verb == "found")) == 1
