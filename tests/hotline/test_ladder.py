"""An emergency rings on duty → backup → manager by separate calls until somebody presses 1 (D7), through signed webhooks."""

from dataclasses import replace

import pytest
from sqlalchemy import delete, select

from app.adapters.carrier.base import CarrierError
from app.models import DutyShift, Ladder, Message, StaffCommunity, Ticket
from app.services.escalation import start
from app.services.transaction import transaction
from tests.support.carrier import FakeCarrier
from tests.support.hotline import HOTLINE, ON_DUTY, post_signed
from tests.support.ladder import BACKUP, ROSTER, Scene


def test_the_first_call_goes_to_the_one_on_duty_from_the_hotline_number(scene: Scene) -> None:
    scene.at(0)
    order = scene.carrier.orders[0]
    assert (order.to, order.from_) == (ON_DUTY, HOTLINE)
    assert order.timeout_seconds == 60
    assert scene.attempts == [(ON_DUTY, "dialling")]


def test_each_has_sixty_seconds_and_then_it_starts_again_with_a_text_message_to_all(scene: Scene) -> None:
    rung = []
    for second in (0, 59, 60, 119, 120, 179, 180, 239, 240):
        scene.at(second)
        rung.append(len(scene.carrier.rung))
    assert rung == [1, 1, 2, 2, 3, 3, 4, 4, 5]
    assert scene.carrier.rung == [*ROSTER, ON_DUTY, BACKUP]
    assert [state for _, state in scene.attempts][:4] == ["no_answer"] * 4
    texts = scene.session.scalars(select(Message).where(Message.purpose == "ladder")).all()
    assert sorted(text.to for text in texts) == ROSTER
    assert scene.ticket.number in texts[0].body


def test_one_ring_after_the_other_never_two_at_once(scene: Scene) -> None:
    for second in range(0, 400, 7):
        scene.at(second)
        live = [state for _, state in scene.attempts if state in ("pending", "dialling", "ringing", "answered")]
        assert len(live) == 1


@pytest.mark.parametrize("status", ["busy", "no-answer", "failed", "canceled"])
def test_who_cannot_be_reached_makes_way_at_once(scene: Scene, status: str) -> None:
    scene.at(0).leg(1).progress(status)
    scene.at(1)
    assert scene.carrier.rung == [ON_DUTY, BACKUP]


def test_a_machine_has_not_accepted_whatever_it_answers(scene: Scene) -> None:
    leg = scene.at(0).leg(1).take(AnsweredBy="machine_start")
    assert leg.xml.find("Gather") is None
    scene.at(1)
    assert scene.carrier.rung == [ON_DUTY, BACKUP]
    assert scene.attempts[0] == (ON_DUTY, "no_answer")


def test_a_machine_found_later_is_hung_up(scene: Scene) -> None:
    leg = scene.at(0).leg(1).take()
    leg.progress("in-progress", AnsweredBy="machine_end_beep")
    scene.at(1)
    assert scene.carrier.hung_up == [leg.sid]
    assert scene.carrier.rung == [ON_DUTY, BACKUP]


def test_a_carrier_that_refuses_everything_does_not_spin(scene: Scene, carrier: FakeCarrier) -> None:
    carrier.fail = dict.fromkeys(ROSTER, CarrierError("no credit", permanent=True))
    scene.at(0).at(1).at(2)
    assert carrier.rung == ROSTER
    scene.at(21)
    assert len(carrier.rung) == 6
    for second in range(22, 600, 3):
        scene.at(second)
    scene.fresh()
    texts = scene.session.scalars(select(Message).where(Message.purpose == "ladder", Message.to == ON_DUTY)).all()
    # Rounds of five seconds, but no more than a text a minute.
    assert 9 <= len(texts) <= 10


def test_where_nobody_is_on_any_list_the_staff_alerts_go_on(scene: Scene, app, monkeypatch) -> None:

    settings = replace(app.extensions["settings"], staff_alert_urls=("json://127.0.0.1",))
    monkeypatch.setitem(app.extensions, "settings", settings)
    scene.session.execute(delete(DutyShift))
    scene.session.execute(delete(StaffCommunity))
    scene.session.commit()
    for second in range(0, 200, 5):
        scene.at(second)
    scene.fresh()
    alerts = scene.session.scalars(select(Message).where(Message.purpose == "ladder", Message.channel == "alert")).all()
    assert len(alerts) == 4


def test_a_ticket_that_is_cancelled_stops_the_ringing(scene: Scene) -> None:
    scene.at(0)
    with transaction() as writing:
        writing.get_one(Ticket, scene.ticket.id).state = "cancelled"
    scene.at(60)
    assert (scene.ladder.state, scene.carrier.rung) == ("cancelled", [ON_DUTY])


def test_one_emergency_has_one_ladder(scene: Scene) -> None:
    with transaction() as writing:
        ticket = writing.get_one(Ticket, scene.ticket.id)
        assert start(writing, ticket, None, scene.start).id == scene.ladder.id
    assert scene.session.query(Ladder).count() == 1


@pytest.mark.parametrize("minutes", [2, 60, 60 * 24])
def test_a_clock_set_back_holds_the_ladder_up_for_one_ring_at_most(scene: Scene, minutes: int) -> None:
    scene.at(0).leg(1).progress("ringing")
    back = -60.0 * minutes
    for second in (1, 30, 62, 63):
        scene.at(back + second)
    assert scene.carrier.rung == [ON_DUTY, BACKUP]
    scene.at(back + 130)
    assert scene.carrier.rung == ROSTER
    assert len({order.url for order in scene.carrier.orders}) == 3


@pytest.mark.parametrize("path", ["/hotline/ladder/1/key", "/hotline/ladder/1/status", "/hotline/ladder/1/say"])
def test_unsigned_requests_take_nothing(scene: Scene, path: str) -> None:
    scene.at(0)
    answer = scene.app.test_client().post(path, data={"CallSid": "CA1", "Digits": "1"})
    assert answer.status_code == 403
    assert scene.ladder.state == "running"


@pytest.mark.parametrize(
    "path", ["/hotline/ladder/99/key", "/hotline/ladder/1/nothing", "/hotline/ladder/99999999999/say"]
)
def test_what_is_not_there_is_404(scene: Scene, path: str) -> None:
    scene.at(0)
    assert post_signed(scene.app, path, {"CallSid": "CA1"}).status_code == 404
