"""Wake-up calls (D9): one call at that time; not answered, busy or wrong it counts as do not disturb and is not repeated."""

from datetime import datetime, timedelta

import pytest
from sqlalchemy import select

from app.adapters.carrier.base import CarrierError
from app.models import House, ServiceItem, ServiceOrder, WakeUp
from app.services import service_orders, wake_ups
from app.services.tickets import open_ticket
from app.services.transaction import transaction
from tests.support.hotline import ZHANG
from tests.support.outbound import ROBOT, Scene

NIGHT = datetime.fromisoformat("2026-03-10T22:00+08:00")
SEVEN = datetime.fromisoformat("2026-03-11T07:05+08:00")
TO_SEVEN = (SEVEN - NIGHT).total_seconds()


@pytest.fixture
def scene(app, session, community) -> Scene:
    """张伟 has booked five past seven of the next morning."""
    made = Scene(app, session, community)
    made.start = NIGHT
    book(SEVEN)
    return made


def book(at: datetime, number: str = ZHANG) -> None:
    with transaction() as session:
        house = session.scalars(select(House).where(House.name == "3幢2单元1201")).one()
        item = session.scalars(select(ServiceItem).where(ServiceItem.code == "wake_up")).one()
        ticket = open_ticket(
            session, community=house.community, kind="service", channel="hotline", title="叫醒服务", house=house,
            actor=ROBOT, now=NIGHT,
        )  # fmt: skip
        order = service_orders.request(session, ticket, item, None, price_accepted=True, actor=ROBOT, now=NIGHT)
        wake_ups.book(session, order, number, at, "zh", ROBOT, NIGHT)


def wake(scene: Scene) -> WakeUp:
    scene.session.expire_all()
    scene.session.rollback()
    return scene.session.scalars(select(WakeUp)).one()


def test_nobody_is_woken_before_the_minute_and_then_once(scene: Scene) -> None:
    scene.at(0).at(TO_SEVEN - 1)
    assert scene.carrier.rung == []
    scene.at(TO_SEVEN)
    assert scene.carrier.rung == [ZHANG]
    leg = scene.leg(1).take()
    assert "叫醒" in leg.said
    assert leg.xml.find("Gather") is None
    leg.progress("completed")
    for later in (1, 60, 3600, 86400):
        scene.at(TO_SEVEN + later)
    assert scene.carrier.rung == [ZHANG]
    assert (wake(scene).state, wake(scene).order.state) == ("answered", "done")


@pytest.mark.parametrize("status", ["no-answer", "busy", "failed", "canceled"])
def test_who_does_not_answer_is_not_disturbed_again(scene: Scene, status: str) -> None:
    scene.at(TO_SEVEN).leg(1).progress(status)
    for later in (1, 60, 3600, 86400):
        scene.at(TO_SEVEN + later)
    assert scene.carrier.rung == [ZHANG]
    assert (wake(scene).state, wake(scene).order.state) == ("undisturbed", "done")


def test_a_wrong_number_is_not_repeated(scene: Scene) -> None:
    scene.carrier.fail[ZHANG] = CarrierError("21211: no such number", permanent=True)
    scene.at(TO_SEVEN).at(TO_SEVEN + 300)
    assert scene.carrier.rung == [ZHANG]
    assert wake(scene).state == "undisturbed"


def test_a_voicemail_was_not_woken(scene: Scene) -> None:
    scene.at(TO_SEVEN).leg(1).take(AnsweredBy="machine_start")
    assert wake(scene).state == "undisturbed"


def test_ten_minutes_late_is_not_called_any_more(scene: Scene) -> None:
    scene.at(TO_SEVEN + 600)
    assert scene.carrier.rung == []
    assert (wake(scene).state, scene.states) == ("undisturbed", ["expired"])


def test_a_carrier_that_is_busy_is_asked_again_within_the_ten_minutes(scene: Scene) -> None:
    scene.carrier.fail[ZHANG] = CarrierError("429: slow down")
    scene.at(TO_SEVEN)
    scene.carrier.fail.clear()
    scene.at(TO_SEVEN + 61)
    assert scene.carrier.rung == [ZHANG, ZHANG]
    assert scene.states == ["dialling"]


def test_what_was_cancelled_before_is_not_called(scene: Scene) -> None:
    with transaction() as session:
        order = session.scalars(select(ServiceOrder)).one()
        service_orders.perform(session, order, "cancel", ROBOT, NIGHT, {"note": "不用了"})
    scene.at(TO_SEVEN)
    assert scene.carrier.rung == []
    assert wake(scene).state == "cancelled"


def test_two_bookings_are_two_calls_each_at_its_minute(scene: Scene) -> None:
    book(SEVEN + timedelta(minutes=5))
    scene.at(TO_SEVEN).leg(1).progress("no-answer")
    scene.at(TO_SEVEN + 299)
    assert len(scene.carrier.rung) == 1
    scene.at(TO_SEVEN + 300)
    assert len(scene.carrier.rung) == 2
