"""No PIN stands in a recording (D15): it is asked only once the recording is paused, and the job, never a webhook, pauses it."""

# ruff: noqa: F811  (fixtures of a neighbour)

from collections.abc import Mapping
from dataclasses import replace
from urllib.parse import urlsplit

import pytest

from app.adapters.carrier.base import CarrierError
from app.adapters.carrier.simulator import SimulatorCarrier
from app.adapters.carrier.simulator.store import Store
from app.adapters.carrier.simulator.web import Answer
from app.adapters.clock import now as present
from app.models import Recording
from app.services.call_recording import start_due
from app.services.recording_pause import pause_due
from app.services.transaction import transaction
from tests.hotline.test_callers import PIN, WRONG, with_pin  # noqa: F401
from tests.support.carrier import FakeCarrier
from tests.support.hotline import HOTLINE, ZHANG, post_signed

BASE = "http://h.example.org"


@pytest.fixture
def carrier() -> FakeCarrier:
    return FakeCarrier()


@pytest.fixture
def recorded(phone, with_pin, carrier):
    """An owner's call, recorded as a whole."""
    with_pin()
    line = phone()
    start_due(transaction, carrier, BASE, present())
    return line


def tick(carrier) -> dict[str, int]:
    return pause_due(transaction, carrier, present())


def recording_of(line) -> str:
    return f"RE{line.sid[2:]}"


def pauses(session) -> list[str | None]:
    session.rollback()
    return [row.pause for row in session.query(Recording).order_by(Recording.id)]


def test_the_pin_is_asked_once_the_recording_is_paused_and_then_it_goes_on(recorded, carrier, session):
    line = recorded.press("6")
    assert line.has("Redirect")
    assert not line.has("Gather")
    assert "暂停录音" in line.said
    line.follow()
    assert not line.has("Gather"), "not paused yet"
    assert tick(carrier) == {"paused": 1, "resumed": 0, "failed": 0}
    assert tick(carrier) == {"paused": 0, "resumed": 0, "failed": 0}
    assert line.follow().step == "fees-pin"
    assert "录音已暂停" in line.said
    assert tick(carrier)["resumed"] == 0, "while the PIN is keyed it stays silent"
    line.press(WRONG)
    assert tick(carrier)["resumed"] == 0
    assert "504.00" in line.press(PIN).said
    assert tick(carrier)["resumed"] == 1
    sid = (line.sid, recording_of(line))
    assert carrier.paused == [("paused", *sid), ("in-progress", *sid)]
    assert pauses(session) == [None]


def test_a_webhook_calls_nobody(recorded, carrier):
    recorded.press("6").follow().follow()
    assert carrier.paused == []


def test_a_call_that_is_not_recorded_yet_is_asked_at_once_and_recorded_afterwards(phone, with_pin, carrier, session):
    with_pin()
    line = phone().press("6")
    assert line.step == "fees-pin"
    assert start_due(transaction, carrier, BASE, present())["started"] == 0, "a recording would hear the PIN"
    line.press(PIN)
    assert start_due(transaction, carrier, BASE, present())["started"] == 1


def test_a_carrier_that_cannot_pause_is_never_trusted_with_a_pin(app, recorded, carrier, monkeypatch):
    settings = replace(app.extensions["settings"], carrier_without=("pause_recording",))
    monkeypatch.setitem(app.extensions, "settings", settings)
    line = recorded.press("6")
    assert line.step == "fees"
    assert "无法暂停" in line.said
    assert tick(replace(carrier, capabilities=frozenset())) == {"paused": 0, "resumed": 0, "failed": 0}


def test_where_whole_calls_are_not_recorded_the_pin_is_asked(app, phone, with_pin, monkeypatch):
    with_pin()
    settings = replace(app.extensions["settings"], carrier_without=("record_calls", "pause_recording"))
    monkeypatch.setitem(app.extensions, "settings", settings)
    assert phone().press("6").step == "fees-pin"


@pytest.mark.parametrize(
    ("error", "asked"),
    [
        (CarrierError("gone", permanent=True), 1),
        (CarrierError("429"), 5),
        (CarrierError("no answer", unknown=True), 5),
    ],
)
def test_when_it_cannot_be_paused_the_pin_is_given_up(recorded, carrier, error, asked):
    carrier.fail[recording_of(recorded)] = error
    line = recorded.press("6")
    for _ in range(5):
        assert tick(carrier)["paused"] == 0
        if not line.has("Redirect"):
            break
        line.follow()
    assert line.step == "fees"
    assert "无法暂停" in line.said
    assert "元" not in line.said
    assert [status for status, _, _ in carrier.paused] == ["paused"] * asked


def test_a_recording_whose_start_was_never_answered_may_run(phone, with_pin, carrier):
    with_pin()
    line = phone()
    carrier.fail[line.sid] = CarrierError("no answer", unknown=True)
    start_due(transaction, carrier, BASE, present())
    line.press("6")
    assert line.has("Redirect")


def test_what_could_not_be_resumed_is_tried_until_it_is(recorded, carrier, session):
    line = recorded.press("6")
    tick(carrier)
    line.follow().press(PIN)
    carrier.fail[recording_of(line)] = CarrierError("no answer", unknown=True)
    assert tick(carrier)["failed"] == 1
    assert pauses(session) == ["resuming"]
    carrier.fail.clear()
    assert tick(carrier)["resumed"] == 1
    assert pauses(session) == [None]


def test_who_asks_for_fees_again_while_it_goes_on_is_held_anew(recorded, carrier, session):
    """Between our asking the carrier to go on and its answer the caller is back at key 6: the old pause is not trusted."""
    line = recorded.press("6")
    tick(carrier)
    line.follow().press(PIN)

    def resume(call_sid: str, recording_sid: str) -> None:
        line.press("2").press("6")
        assert not line.has("Gather")

    carrier.resume_recording = resume
    tick(carrier)
    assert not line.follow().has("Gather")
    assert tick(carrier)["paused"] == 1
    assert line.follow().step == "fees-pin"


def test_a_call_that_ended_is_left_alone(recorded, carrier):
    recorded.press("6").hang_up()
    assert tick(carrier) == {"paused": 0, "resumed": 0, "failed": 0}


def test_the_emergency_is_recorded_again(recorded, carrier):
    line = recorded.press("6")
    tick(carrier)
    line.follow().press("9")
    assert "119" in line.said
    assert tick(carrier)["resumed"] == 1


@pytest.mark.parametrize("keyed", [PIN, WRONG])
def test_at_the_test_carrier_the_digits_are_not_in_the_sound(
    app, community, with_pin, tmp_path, monkeypatch, session, keyed
):
    with_pin()

    def post(url: str, params: Mapping[str, str]) -> Answer:
        answer = post_signed(app, urlsplit(url).path, dict(params))
        return Answer(answer.status_code, answer.get_data(as_text=True), answer.content_type or "")

    base = app.extensions["settings"].public_base_url
    company = SimulatorCarrier(Store(tmp_path / "simulator.db"), post, base)
    monkeypatch.setattr(company, "work", lambda: None)
    sid = company.dial(ZHANG, HOTLINE)
    company.work_off()
    start_due(transaction, company, base, present())
    company.work_off()
    company.keys(sid, "6")
    company.work_off()
    tick(company)
    hold = company.store.leg(sid).state["wait"]["token"]
    company.store.add_task(sid, "resume", token=hold)
    company.work_off()
    company.keys(sid, f"{keyed}#")
    company.work_off()
    tick(company)
    company.work_off()
    company.put_down(sid)
    company.work_off()
    session.rollback()
    (kept,) = session.query(Recording)
    assert (kept.status, kept.step) == ("completed", "call")
    reading = company.store._connection()
    words = reading.execute("SELECT words FROM recording").fetchone()[0]
    assert "6" in words
    assert keyed not in words
    heard = reading.execute("SELECT text FROM event WHERE kind = 'keys' ORDER BY id").fetchall()
    assert heard == [("6",), (f"{keyed}#",)], "the caller did key it"
