"""A webhook that meets another writer of the same rows is taken once more before anybody hears of any trouble, and so is what a job writes
of a dial."""

from collections.abc import Callable
from typing import Any

import pytest
from sqlalchemy import select
from sqlalchemy.exc import OperationalError
from sqlalchemy.orm.exc import StaleDataError

from app.models import HotlineEvent, Ticket
from app.services import calls, escalation, escalation_dial, journal, outbound_calls, outbound_dial, screening, sms
from tests.support.hotline import HOTLINE, ON_DUTY, ZHANG, post_signed
from tests.support.ladder import Scene
from tests.support.outbound import Scene as Outreach


class Deadlock(Exception):
    """What PostgreSQL says to one of two that wait for each other."""

    sqlstate = "40P01"


@pytest.mark.parametrize("error", [StaleDataError("x"), OperationalError("UPDATE ticket", {}, Deadlock())])
def test_a_step_that_met_another_writer_is_taken_once_more(app, phone, monkeypatch, ticket_of, session, error):
    line = phone().press("1").press("1")
    take_step, tries = calls.take_step, []

    def meets(*args):
        tries.append(1)
        answer = take_step(*args)
        if len(tries) == 1:
            raise error
        return answer

    monkeypatch.setattr(calls, "take_step", meets)
    line.say("厨房漏水")
    assert len(tries) == 2
    assert "系统繁忙" not in line.said
    session.rollback()
    assert ticket_of(line).description == "厨房漏水"
    assert session.query(Ticket).count() == 1
    with app.app_context():
        assert journal.waiting_entries() == 0


def test_a_step_that_meets_another_writer_again_goes_to_the_journal(app, phone, monkeypatch):
    line = phone().press("1").press("1")
    tries = []

    def meets(*args, **kwargs):
        tries.append(1)
        raise StaleDataError("x")

    monkeypatch.setattr(calls, "take_step", meets)
    line.say("厨房漏水")
    assert len(tries) == 2
    assert line.has("Record")
    with app.app_context():
        assert journal.waiting_entries() == 1


@pytest.fixture
def meets(monkeypatch) -> Callable[[Any, str], list[int]]:
    """meets(module, "name"): what it does is undone once by another writer. The list counts its tries."""

    def arrange(module: Any, name: str) -> list[int]:
        does, tries = getattr(module, name), []

        def once(*args: Any, **kwargs: Any) -> Any:
            tries.append(1)
            answer = does(*args, **kwargs)
            if len(tries) == 1:
                raise OperationalError("UPDATE ticket", {}, Deadlock())
            return answer

        monkeypatch.setattr(module, name, once)
        return tries

    return arrange


def test_key_one_that_met_another_writer_takes_it_all_the_same(scene: Scene, meets) -> None:
    leg = scene.at(0).leg(1).take()
    tries = meets(escalation, "accept")
    leg.press("1")
    assert len(tries) == 2
    assert leg.xml.find("Dial/Queue") is not None
    assert sum("已接单" in note for note in scene.notes) == 1


def test_what_came_of_a_dial_is_written_although_another_wrote_too(scene: Scene, meets) -> None:
    tries = meets(escalation_dial, "_record")
    scene.at(0).at(1)
    assert len(tries) == 2
    assert (scene.attempts, scene.carrier.looked_up) == ([(ON_DUTY, "dialling")], [])


def test_a_text_message_that_met_another_writer_is_taken_in_at_once(app, session, community, meets) -> None:
    tries = meets(sms, "receive")
    answer = post_signed(
        app, "/hotline/sms", {"MessageSid": "SMtwice", "From": ZHANG, "To": HOTLINE, "Body": "楼道灯不亮"}
    )
    assert (answer.status_code, len(tries)) == (200, 2)
    session.rollback()
    assert session.query(Ticket).count() == 1
    with app.app_context():
        assert journal.waiting_entries() == 0


def test_an_automatic_call_that_met_another_writer_goes_on(app, session, community, meets) -> None:
    outreach = Outreach(app, session, community)
    outreach.plan(ZHANG, purpose="alert")
    dialled = meets(outbound_dial, "_record")
    leg = outreach.at(0).leg(1)
    assert (len(dialled), outreach.states) == (2, ["dialling"])
    tries = meets(outbound_calls, "said")
    leg.take()
    assert len(tries) == 2
    assert leg.xml.find("Redirect") is None
    assert "停水" in leg.said


def test_the_screening_of_a_call_is_noted_although_another_wrote_too(app, session, phone, meets) -> None:
    line = phone().press("0")
    tries = meets(screening, "note")
    fields = {"CallSid": "CAchild", "ParentCallSid": line.sid, "From": ZHANG, "To": "+862160001000", "Digits": "1"}
    assert post_signed(app, "/hotline/person/key", {**fields, "Direction": "outbound-dial"}).status_code == 200
    assert len(tries) == 2
    session.rollback()
    assert session.scalars(select(HotlineEvent.id).where(HotlineEvent.call_sid == "CAchild")).first() is not None
