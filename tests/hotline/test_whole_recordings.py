"""Whole calls are recorded where the carrier can, each once; what cannot be recorded harms no call (D6)."""

from datetime import timedelta

import pytest
from sqlalchemy import select

from app.adapters.carrier.base import ALL, Capability, CarrierError
from app.adapters.clock import now as present
from app.models import Message, Recording, Setting, TicketEntry
from app.services.call_recording import start_due, tell_unrecorded
from app.services.transaction import transaction
from tests.support.carrier import FakeCarrier
from tests.support.hotline import post_signed

BASE = "http://h.example.org"


@pytest.fixture
def carrier() -> FakeCarrier:
    return FakeCarrier()


def begin(carrier: FakeCarrier, seconds: float = 0) -> dict[str, int]:
    return start_due(transaction, carrier, BASE, present() + timedelta(seconds=seconds))


def rows(session) -> list[tuple[str, str, str]]:
    session.rollback()
    found = session.query(Recording).order_by(Recording.id)
    return [(row.provider_sid, row.step, row.status) for row in found]


def report(app, line, sid: str, status: str = "completed") -> None:
    data = {"CallSid": line.sid, "RecordingSid": sid, "RecordingStatus": status, "RecordingDuration": "12"}
    assert post_signed(app, "/hotline/recording/call", data).status_code == 204


def test_a_call_is_recorded_once_and_a_finished_one_never(session, phone, carrier, app):
    line = phone()
    phone().hang_up()
    assert begin(carrier) == {"started": 1, "failed": 0}
    assert begin(carrier) == {"started": 0, "failed": 0}
    assert carrier.recorded == [line.sid]
    report(app, line, f"RE{line.sid[2:]}")
    assert rows(session) == [(f"RE{line.sid[2:]}", "call", "completed")]
    assert line.press("1").step == "house"


def test_a_callback_that_overtakes_the_answer_is_the_same_recording(session, phone, carrier, app):
    line = phone()
    carrier.fail[line.sid] = CarrierError("no answer", unknown=True)
    begin(carrier)
    begin(carrier)
    assert (carrier.recorded, rows(session)[0][2]) == ([line.sid], "starting")
    report(app, line, "RElate")
    report(app, line, "RElate")
    assert rows(session) == [("RElate", "call", "completed")]


def test_a_temporary_refusal_is_tried_again_a_few_times_and_a_lasting_one_is_not(session, phone, carrier):
    line, other = phone(), phone()
    carrier.fail = {line.sid: CarrierError("429"), other.sid: CarrierError("cannot", permanent=True)}
    for second in range(9):
        begin(carrier, second)
    assert (carrier.recorded.count(line.sid), carrier.recorded.count(other.sid)) == (5, 1)


def tell(seconds: float = 0) -> int:
    with transaction() as session:
        return tell_unrecorded(session, present() + timedelta(seconds=seconds))


def test_the_tries_are_a_figure(session, phone, carrier):
    with transaction() as writing:
        writing.add(Setting(key="hotline.recording_tries", value="2"))
    line = phone()
    carrier.fail[line.sid] = CarrierError("429")
    for _ in range(6):
        begin(carrier)
    assert carrier.recorded == [line.sid] * 2


@pytest.mark.parametrize(
    ("error", "minutes"),
    [
        (CarrierError("429"), 0),
        (CarrierError("cannot", permanent=True), 0),
        (CarrierError("no answer", unknown=True), 16),
    ],
)
def test_a_call_that_ends_up_unrecorded_is_told_once_and_stands_on_its_ticket(
    app, session, phone, carrier, monkeypatch, error, minutes
):
    monkeypatch.setattr("app.services.outbox._alerts_go_somewhere", lambda: True)
    lines = [phone(), phone()]
    for line in lines:
        line.press("3").say("什么时候收垃圾")
        carrier.fail[line.sid] = error
    begin(carrier)
    assert tell() == 0, "it still goes on, and may be recorded yet"
    for line in lines:
        line.hang_up()
    if minutes:
        assert tell(60) == 0, "its callback may still come"
    assert tell(minutes * 60 + 1) == 2
    assert tell(minutes * 60 + 2) == 0
    session.rollback()
    notes = session.scalars(select(TicketEntry.note).where(TicketEntry.verb == "note")).all()
    assert notes.count("运营商未能对本次通话全程录音。") == 2
    (alert,) = session.scalars(select(Message.body).where(Message.purpose == "watch"))
    assert "全程录音" in alert


def test_a_call_that_ended_before_anybody_asked_for_its_recording_is_told_too(session, phone, monkeypatch):
    monkeypatch.setattr("app.services.outbox._alerts_go_somewhere", lambda: True)
    line = phone().press("3").say("什么时候收垃圾")
    line.hang_up()
    assert phone().post("/hotline/status", CallStatus="completed", CallDuration="2").status_code == 204
    assert tell(1) == 1, "who hung up at once has said nothing"
    assert tell(2) == 0
    session.rollback()
    notes = session.scalars(select(TicketEntry.note).where(TicketEntry.verb == "note")).all()
    assert notes.count("运营商未能对本次通话全程录音。") == 1
    assert session.scalars(select(Message.id).where(Message.purpose == "watch")).one()


def test_a_recording_that_the_carrier_says_is_absent_is_told_of(app, session, phone, carrier):
    line = phone().press("3").say("什么时候收垃圾")
    begin(carrier)
    report(app, line, f"RE{line.sid[2:]}", "absent")
    line.hang_up()
    assert (tell(1), tell(2)) == (1, 0)
    assert rows(session) == [(f"RE{line.sid[2:]}", "call", "unrecorded")]


def test_where_the_carrier_cannot_record_whole_calls_none_is_told_of(session, phone):
    phone().press("3").say("什么时候收垃圾").hang_up()
    with transaction() as writing:
        assert tell_unrecorded(writing, present(), can_record=False) == 0


def test_a_recorded_call_and_one_named_late_are_not_told(app, session, phone, carrier):
    good, late = phone(), phone()
    begin_one = CarrierError("no answer", unknown=True)
    carrier.fail[late.sid] = begin_one
    begin(carrier)
    for line in (good, late):
        line.hang_up()
    report(app, late, "RElate")
    report(app, good, f"RE{good.sid[2:]}")
    assert tell(3600) == 0


def test_a_carrier_that_cannot_record_whole_calls_is_not_asked(session, phone, carrier):
    phone()
    carrier.capabilities = ALL - {Capability.RECORD_CALLS}
    assert begin(carrier) == {"started": 0, "failed": 0}
    assert rows(session) == []
