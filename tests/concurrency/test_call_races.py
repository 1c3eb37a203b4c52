"""The same webhook from several sides at once, and many calls at once: one call, one ticket, one answer each (G3, G4)."""

from concurrent.futures import ThreadPoolExecutor

import pytest

from app.adapters.clock import now as present
from app.models import Call, HotlineEvent, Message, Ticket
from tests.support.hotline import HOTLINE, ZHANG, Line, build_estate, post_signed

SIDES = 6


@pytest.fixture
def community(session):
    return build_estate(session, present())


def at_once(app, jobs):
    with ThreadPoolExecutor(len(jobs)) as pool:
        return [future.result() for future in [pool.submit(post_signed, app, *job) for job in jobs]]


def fields(sid: str, **more: str) -> dict[str, str]:
    return {"CallSid": sid, "From": ZHANG, "To": HOTLINE, "Direction": "inbound", "CallStatus": "in-progress", **more}


def test_the_first_webhook_from_many_sides_is_one_call(app, community, session):
    answers = at_once(app, [("/hotline/voice", fields("CArace", CallStatus="ringing"))] * SIDES)
    assert {answer.status_code for answer in answers} == {200}
    assert len({answer.get_data() for answer in answers}) == 1
    assert session.query(Call).count() == session.query(HotlineEvent).count() == 1


def test_one_step_from_many_sides_is_one_ticket_and_one_receipt(app, community, session):
    line = Line(app).dial().press("1").press("1")
    describe = (line.action, fields(line.sid, SpeechResult="厨房漏水"))
    answers = at_once(app, [describe] * SIDES)
    assert len({answer.get_data() for answer in answers}) == 1
    at_once(app, [("/hotline/status", fields(line.sid, CallStatus="completed"))] * SIDES)
    session.expire_all()
    session.rollback()
    assert session.query(Ticket).count() == 1
    assert session.query(Message).filter_by(purpose="receipt").count() == 1


def test_first_webhook_step_and_end_of_one_call_at_once_are_one_call(app, community, session):
    sid = "CAstorm"
    jobs = [
        ("/hotline/voice", fields(sid, CallStatus="ringing")),
        ("/hotline/voice/1/menu", fields(sid, Digits="1")),
        ("/hotline/status", fields(sid, CallStatus="completed")),
        ("/hotline/recording", fields(sid, RecordingSid="RE1", RecordingStatus="completed")),
    ]
    assert {answer.status_code for answer in at_once(app, jobs)} <= {200, 204}
    session.rollback()
    call = session.query(Call).one()
    assert call.status == "completed"
    assert len(call.tickets) == 1


def test_many_calls_at_once_have_numbers_of_their_own(app, community, session):
    at_once(app, [("/hotline/voice", fields(f"CA{index}", CallStatus="ringing")) for index in range(16)])
    session.rollback()
    assert len({number for (number,) in session.query(Call.ticket_number)}) == 16
