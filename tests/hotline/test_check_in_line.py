"""Whoever asks for help at a check-in call waits in the queue on that very line, and the taker of the emergency fetches them (D13, D7)."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import select

from app.adapters.carrier.base import CallRecord
from app.models import CampaignTarget, EscalationAttempt, Ladder, Staff, Ticket, TicketEntry
from app.services import alarms
from app.services.actors import Actor
from app.services.escalation_dial import tick
from app.services.transaction import transaction
from tests.support.carrier import Leg
from tests.support.check_ins import Register
from tests.support.hotline import HOTLINE, ON_DUTY, ZHANG
from tests.support.outbound import BASE


@pytest.fixture
def scene(app, session, community, monkeypatch) -> Register:
    made = Register(app, session, community)
    for webhooks in ("outbound", "ladder"):
        monkeypatch.setattr(f"app.hotline.{webhooks}.now", lambda: made.present)
    return made


@pytest.fixture
def line(scene: Register) -> Leg:
    """张伟 has pressed 9 at half past eight and waits."""
    return scene.minute(0).take().press("9")


def ring(scene: Register, seconds: float = 0) -> Leg:
    """The ladder's job runs; the telephone of the one on duty."""
    tick(transaction, scene.carrier, BASE, scene.present + timedelta(seconds=seconds))
    return scene.leg(scene.legs(ON_DUTY)[-1])


def waits(line: Leg, **fields: str) -> str:
    """What is heard in the queue; the next address to be asked."""
    enqueue = line.xml.find("Enqueue")
    assert enqueue is not None, line.answer
    line.post(str(enqueue.get("waitUrl")), CallStatus="in-progress", QueueTime="0", **fields)
    return str(enqueue.get("action"))


def one(scene: Register, model: Any) -> Any:
    scene.session.expire_all()
    scene.session.rollback()
    return scene.session.scalars(select(model)).one()


def test_the_line_waits_in_the_queue_of_its_emergency_and_is_told_what_happens(scene: Register, line: Leg) -> None:
    ticket = one(scene, Ticket)
    enqueue = line.xml.find("Enqueue")
    assert enqueue.text == f"ticket-{ticket.number}"
    assert "不要挂机" in line.said
    assert line.xml.find("Hangup") is None
    waits(line)
    assert "正在呼叫值班人员" in line.said
    assert "按1" in line.said


def test_the_taker_fetches_them_and_they_speak(scene: Register, line: Leg) -> None:
    action = waits(line)
    taker = ring(scene).take().press("1")
    ticket = one(scene, Ticket)
    queue = taker.xml.find("Dial/Queue")
    assert queue is not None and queue.text == f"ticket-{ticket.number}"
    taker.post(str(queue.get("url")), CallStatus="in-progress")
    assert one(scene, Ladder).connected_at == scene.present
    line.post(action, CallStatus="in-progress", QueueResult="bridged")
    assert "回电" not in line.said
    line.progress("completed")
    assert one(scene, Ticket).callback_due is False
    notes = scene.session.scalars(select(TicketEntry.note).where(TicketEntry.verb == "callback_due")).all()
    assert not [note for note in notes if "挂机" in note or "挂断" in note]


@pytest.mark.parametrize("how", ["hung up", "key 1", "queue failed"])
def test_who_does_not_stay_is_called_back_from_the_hotlines_number(scene: Register, line: Leg, how: str) -> None:
    action = waits(line)
    if how == "hung up":
        line.progress("completed")
    elif how == "key 1":
        line.press("1")
        assert line.xml.find("Leave") is not None
        line.post(action, CallStatus="in-progress", QueueResult="leave")
        assert "回电" in line.said
    else:
        line.post(action, CallStatus="in-progress", QueueResult="system-error")
        assert "回电" in line.said
    assert one(scene, Ticket).callback_due
    taker = ring(scene).take().press("1")
    dial = taker.xml.find("Dial")
    assert (dial.findtext("Number"), dial.get("callerId")) == (ZHANG, HOTLINE)


def test_hanging_up_while_waiting_is_noted_once(scene: Register, line: Leg) -> None:
    waits(line)
    for _ in range(2):
        line.progress("completed")
    scene.session.rollback()
    notes = scene.session.scalars(select(TicketEntry.note).where(TicketEntry.verb == "callback_due")).all()
    assert len(notes) == 1


def test_taken_on_a_page_the_takers_telephone_rings_and_fetches_them(scene: Register, line: Leg) -> None:
    waits(line)
    with transaction() as session:
        staff = session.scalars(select(Staff).where(Staff.number == ON_DUTY)).one()
        ladder = session.scalars(select(Ladder)).one()
        actor = Actor(
            user_id=None, username="x", display_name=staff.name, roles=frozenset({"manager"}), staff_id=staff.id,
            community_ids=frozenset({scene.community_id}),
        )  # fmt: skip
        accepted, _ticket = alarms.take(session, ladder.id, actor, scene.present)
        assert accepted.yours
    taker = ring(scene, 1).take()
    taker.press("1")
    assert taker.xml.find("Dial/Queue") is not None


def test_a_line_that_breaks_before_they_speak_rings_again(scene: Register, line: Leg) -> None:
    waits(line)
    taker = ring(scene).take().press("1")
    taker.progress("completed")
    ring(scene, 30)
    scene.session.rollback()
    assert len(scene.session.scalars(select(EscalationAttempt.id)).all()) == 2
    assert one(scene, Ladder).state == "running"


def test_an_end_that_was_never_reported_is_looked_up(scene: Register, line: Leg, monkeypatch) -> None:
    waits(line)
    known: Callable[[str], CallRecord] = lambda sid: CallRecord(sid, HOTLINE, ZHANG, "outbound-api", "completed")  # noqa: E731
    monkeypatch.setattr(scene.carrier, "look_up_call", known, raising=False)
    scene.minute(4)
    assert one(scene, CampaignTarget).ended_at is None
    scene.minute(6)
    assert one(scene, CampaignTarget).ended_at is not None
    assert one(scene, Ladder).caller_wants_callback


def test_a_call_the_carrier_knows_no_more_is_over(scene: Register, line: Leg) -> None:
    waits(line)
    scene.minute(6)
    assert one(scene, CampaignTarget).ended_at is not None
    assert one(scene, Ladder).caller_wants_callback


def test_help_at_a_second_call_waits_on_that_line(scene: Register) -> None:
    first = scene.minute(0).take()
    first.progress("completed")
    second = scene.minute(10).take().press("9")
    waits(second)
    taker = ring(scene).take().press("1")
    assert taker.xml.find("Dial/Queue") is not None


def test_an_emergency_that_was_ended_holds_nobody_in_the_queue(scene: Register, line: Leg) -> None:
    with transaction() as session:
        session.scalars(select(Ladder)).one().state = "cancelled"
    waits(line)
    assert line.xml.find("Leave") is not None
