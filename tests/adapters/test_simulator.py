"""The simulated telephone company reads TwiML as Twilio does, and tells the application what Twilio would tell it."""

import io
import time
import wave
from collections.abc import Callable, Mapping
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from app.adapters.carrier.base import CallOrder, CarrierError, SmsOrder
from app.adapters.carrier.simulator import SimulatorCarrier
from app.adapters.carrier.simulator.markup import NotTwiml, parse
from app.adapters.carrier.simulator.store import Store
from app.adapters.carrier.simulator.web import Answer

BASE = "http://127.0.0.1:9"
HOTLINE, CALLER, STEWARD = "+862160000000", "+8613800138001", "+8613900139001"


class Application:
    """Plays the application: a document for each path, and a list of what was asked."""

    def __init__(self) -> None:
        self.documents: dict[str, str] = {}
        self.asked: list[tuple[str, dict[str, str]]] = []
        self.broken: set[str] = set()

    def __call__(self, url: str, params: Mapping[str, str]) -> Answer:
        path = urlsplit(url).path
        self.asked.append((path, dict(params)))
        if path in self.broken:
            return Answer(500, "")
        return Answer(200, f"<Response>{self.documents.get(path, '')}</Response>")

    def last(self, path: str) -> dict[str, str]:
        return next(params for where, params in reversed(self.asked) if where == path)

    def count(self, path: str) -> int:
        return sum(where == path for where, _ in self.asked)


@pytest.fixture
def application() -> Application:
    return Application()


@pytest.fixture
def company(tmp_path: Path, application: Application, monkeypatch: pytest.MonkeyPatch) -> SimulatorCarrier:
    """Works only when the test says so: `company.work_off()`."""
    carrier = SimulatorCarrier(Store(tmp_path / "simulator.db"), application, BASE)
    monkeypatch.setattr(carrier, "work", lambda: None)
    return carrier


@pytest.fixture
def later(monkeypatch: pytest.MonkeyPatch) -> Callable[[float], None]:
    """Moves the simulator's clock."""
    shift = [0.0]
    real = time.time
    monkeypatch.setattr("app.adapters.carrier.simulator.store.time.time", lambda: real() + shift[0])

    def move(seconds: float) -> None:
        shift[0] += seconds

    return move


def kinds(company: SimulatorCarrier, sid: str) -> list[str]:
    return [event.kind for event in company.store.events(sid)]


def test_a_call_asks_the_voice_webhook_and_says_what_it_is_told(company, application) -> None:
    application.documents["/hotline/voice"] = '<Say language="cmn-CN">您好</Say><Hangup/>'
    sid = company.dial(CALLER, HOTLINE)
    company.work_off()
    asked = application.last("/hotline/voice")
    assert (asked["From"], asked["To"], asked["CallStatus"], asked["Direction"]) == (
        CALLER,
        HOTLINE,
        "ringing",
        "inbound",
    )
    said = [event for event in company.store.events(sid) if event.kind == "say"]
    assert [(event.text, event.lang) for event in said] == [("您好", "cmn-CN")]
    assert application.last("/hotline/status")["CallStatus"] == "completed"


def test_a_gather_takes_one_key(company, application) -> None:
    application.documents["/hotline/voice"] = '<Gather input="dtmf" numDigits="1" action="/a"><Say>1?</Say></Gather>'
    application.documents["/a"] = '<Gather input="dtmf" numDigits="1" action="/b"/>'
    sid = company.dial(CALLER, HOTLINE)
    company.work_off()
    company.keys(sid, "1")
    company.work_off()
    assert application.last("/a")["Digits"] == "1"
    assert application.count("/b") == 0


def test_several_digits_end_with_the_hash_key_or_with_a_pause(company, application, later) -> None:
    application.documents["/hotline/voice"] = '<Gather input="dtmf" action="/a" finishOnKey="#" timeout="6"/>'
    application.documents["/a"] = '<Gather input="dtmf" action="/b" finishOnKey="#" timeout="6"/>'
    sid = company.dial(CALLER, HOTLINE)
    company.work_off()
    company.keys(sid, "2000")
    company.work_off()
    assert application.count("/a") == 0
    company.keys(sid, "0001#")
    company.work_off()
    assert application.last("/a")["Digits"] == "20000001"
    company.keys(sid, "77")
    company.work_off()
    later(7)
    company.work_off()
    assert application.last("/b")["Digits"] == "77"


def test_words_reach_a_gather_that_listens_and_no_other(company, application) -> None:
    application.documents["/hotline/voice"] = '<Gather input="dtmf" numDigits="1" action="/a"/>'
    application.documents["/a"] = '<Gather input="speech dtmf" action="/b"/>'
    sid = company.dial(CALLER, HOTLINE)
    company.work_off()
    company.words(sid, "厨房漏水")
    company.work_off()
    assert application.count("/a") == 0
    assert kinds(company, sid)[-1] == "deaf"
    company.keys(sid, "1")
    company.work_off()
    company.words(sid, "厨房漏水")
    company.work_off()
    assert application.last("/b")["SpeechResult"] == "厨房漏水"


@pytest.mark.parametrize(("attribute", "asked"), [('actionOnEmptyResult="true"', "/a"), ("", "/next")])
def test_silence_asks_the_action_only_when_the_gather_wants_it(company, application, attribute, asked) -> None:
    application.documents["/hotline/voice"] = (
        f'<Gather input="dtmf" action="/a" {attribute}/><Redirect>/next</Redirect>'
    )
    sid = company.dial(CALLER, HOTLINE)
    company.work_off()
    company.silence(sid)
    company.work_off()
    assert [path for path, _ in application.asked if path in ("/a", "/next")] == [asked]


def test_a_record_keeps_a_sound_and_reports_it(company, application) -> None:
    application.documents["/hotline/voice"] = (
        '<Record action="/done" recordingStatusCallback="/recording"/><Say>silent</Say>'
    )
    sid = company.dial(CALLER, HOTLINE)
    company.work_off()
    company.words(sid, "家里没有水了")
    company.work_off()
    done, report = application.last("/done"), application.last("/recording")
    assert report["RecordingStatus"] == "completed"
    assert report["RecordingSid"] == done["RecordingSid"]
    with wave.open(io.BytesIO(company.fetch_recording(done["RecordingSid"]))) as sound:
        assert sound.getnframes() > 0
    assert "say" not in kinds(company, sid)
    company.delete_recording(done["RecordingSid"])
    with pytest.raises(CarrierError):
        company.fetch_recording(done["RecordingSid"])


def words_of(company, sid: str) -> str:
    return company.store._connection().execute("SELECT words FROM recording WHERE sid = ?", (sid,)).fetchone()[0]


def test_what_is_keyed_while_the_recording_is_paused_is_not_in_it(company, application) -> None:
    application.documents["/hotline/voice"] = '<Gather action="/next" numDigits="2"><Say>menu</Say></Gather>'
    application.documents["/next"] = '<Gather action="/next" numDigits="2"><Say>more</Say></Gather>'
    sid = company.dial(CALLER, HOTLINE)
    company.work_off()
    recording = company.start_recording(sid, f"{BASE}/recording")
    for keys, then in (("11", company.pause_recording), ("22", company.resume_recording), ("33", None)):
        company.keys(sid, keys)
        if then is not None:
            then(sid, recording)
        company.work_off()
    company.put_down(sid)
    company.work_off()
    kept = words_of(company, recording)
    assert ("11" in kept, "22" in kept, "33" in kept) == (True, False, True)
    assert application.last("/recording")["RecordingStatus"] == "completed"


def test_a_call_is_recorded_only_while_it_is_in_progress(company, application) -> None:
    application.documents["/hotline/voice"] = '<Gather action="/next"><Say>menu</Say></Gather>'
    sid = company.dial(CALLER, HOTLINE)
    with pytest.raises(CarrierError, match="21220") as early:
        company.start_recording(sid, f"{BASE}/recording")
    assert early.value.failure == "temporary"
    company.work_off()
    assert company.start_recording(sid, f"{BASE}/recording").startswith("RE")


def test_no_recording_is_paused_that_is_not_of_this_call_or_over(company, application) -> None:
    application.documents["/hotline/voice"] = '<Gather action="/next"><Say>menu</Say></Gather>'
    sid = company.dial(CALLER, HOTLINE)
    company.work_off()
    recording = company.start_recording(sid, f"{BASE}/recording")
    company.work_off()
    for call, wrong in ((sid, "RE" + "0" * 32), ("CA" + "0" * 32, recording)):
        with pytest.raises(CarrierError) as error:
            company.pause_recording(call, wrong)
        assert error.value.permanent
    company.put_down(sid)
    company.work_off()
    with pytest.raises(CarrierError) as error:
        company.resume_recording(sid, recording)
    assert error.value.permanent


def test_what_follows_a_record_is_reached_only_on_silence(company, application) -> None:
    application.documents["/hotline/voice"] = '<Record action="/done"/><Redirect>/silent</Redirect>'
    sid = company.dial(CALLER, HOTLINE)
    company.work_off()
    company.silence(sid)
    company.work_off()
    assert (application.count("/done"), application.count("/silent")) == (0, 1)


def test_hanging_up_while_recording_says_so_and_then_the_status(company, application) -> None:
    application.documents["/hotline/voice"] = '<Record action="/done"/>'
    sid = company.dial(CALLER, HOTLINE)
    company.work_off()
    company.put_down(sid)
    company.work_off()
    assert application.last("/done")["Digits"] == "hangup"
    assert [path for path, _ in application.asked][-2:] == ["/done", "/hotline/status"]


def test_hanging_up_during_a_gather_brings_only_the_status(company, application) -> None:
    application.documents["/hotline/voice"] = '<Gather input="dtmf" action="/a" actionOnEmptyResult="true"/>'
    sid = company.dial(CALLER, HOTLINE)
    company.work_off()
    company.put_down(sid)
    company.work_off()
    assert [path for path, _ in application.asked] == ["/hotline/voice", "/hotline/status"]


def test_a_broken_answer_falls_back_once(company, application) -> None:
    application.broken.add("/hotline/voice")
    application.documents["/hotline/fallback"] = "<Say>recorded all the same</Say>"
    sid = company.dial(CALLER, HOTLINE)
    company.work_off()
    assert application.last("/hotline/fallback")["ErrorUrl"] == f"{BASE}/hotline/voice"
    assert "say" in kinds(company, sid)


def order(**changes) -> CallOrder:
    values = {"to": STEWARD, "from_": HOTLINE, "url": f"{BASE}/say", "status_callback": f"{BASE}/status"}
    return CallOrder(**(values | {"timeout_seconds": 55, "detect_machine": True} | changes))


def test_an_outgoing_call_rings_is_answered_and_reports_each_step(company, application) -> None:
    application.documents["/say"] = '<Gather input="dtmf" numDigits="1" action="/key"/>'
    sid = company.create_call(order())
    company.work_off()
    company.answer(sid)
    company.work_off()
    company.keys(sid, "1")
    company.work_off()
    words = [
        params["CallStatus"] for path, params in application.asked if path == "/status" and "AnsweredBy" not in params
    ]
    assert words == ["initiated", "ringing", "in-progress", "completed"]
    assert application.last("/key")["Digits"] == "1"


@pytest.mark.parametrize(("act", "status"), [("decline", "busy"), ("wait", "no-answer"), ("hang_up", "canceled")])
def test_a_call_that_nobody_takes_says_why(company, application, later, act, status) -> None:
    sid = company.create_call(order())
    company.work_off()
    if act == "wait":
        later(56)
    elif act == "decline":
        company.decline(sid)
    else:
        company.hang_up(sid)
    company.work_off()
    company.work_off()
    assert application.last("/status")["CallStatus"] == status
    assert application.count("/say") == 0


def test_a_machine_that_answers_is_named(company, application) -> None:
    sid = company.create_call(order())
    company.work_off()
    company.answer(sid, machine=True)
    company.work_off()
    assert any(params.get("AnsweredBy") == "machine_start" for _, params in application.asked)


def test_two_legs_meet_through_a_queue_and_part(company, application) -> None:
    application.documents["/hotline/voice"] = '<Enqueue action="/queued" waitUrl="/wait">ticket-1</Enqueue>'
    application.documents["/wait"] = (
        '<Gather input="dtmf" numDigits="1" action="/wait-key"><Say>please wait</Say></Gather>'
    )
    application.documents["/bridge"] = "<Say>here they are</Say>"
    application.documents["/say"] = '<Dial action="/joined"><Queue url="/bridge">ticket-1</Queue></Dial>'
    caller = company.dial(CALLER, HOTLINE)
    company.work_off()
    taker = company.create_call(order())
    company.work_off()
    company.answer(taker)
    company.work_off()
    company.words(caller, "水从楼上下来")
    company.work_off()
    assert company.store.events(taker)[-1].text == "水从楼上下来"
    assert application.count("/bridge") == 1
    company.put_down(taker)
    company.work_off()
    assert application.last("/queued")["QueueResult"] == "bridged"
    assert application.last("/hotline/status")["CallStatus"] == "completed"


def test_the_taker_hears_that_the_caller_hung_up(company, application) -> None:
    application.documents["/hotline/voice"] = '<Enqueue action="/queued">ticket-1</Enqueue>'
    application.documents["/say"] = '<Dial action="/joined"><Queue>ticket-1</Queue></Dial>'
    caller = company.dial(CALLER, HOTLINE)
    company.work_off()
    taker = company.create_call(order())
    company.work_off()
    company.answer(taker)
    company.work_off()
    company.put_down(caller)
    company.work_off()
    assert application.last("/joined")["DialCallStatus"] == "completed"
    assert application.last("/joined")["DequeueResult"] == "bridged"


def test_a_taker_who_comes_first_waits_for_the_caller(company, application) -> None:
    application.documents["/hotline/voice"] = '<Gather input="dtmf" numDigits="1" action="/enqueue"/>'
    application.documents["/enqueue"] = '<Enqueue action="/queued">ticket-1</Enqueue>'
    application.documents["/say"] = '<Dial action="/joined"><Queue>ticket-1</Queue></Dial>'
    caller = company.dial(CALLER, HOTLINE)
    taker = company.create_call(order())
    company.work_off()
    company.answer(taker)
    company.work_off()
    company.keys(caller, "3")
    company.work_off()
    assert (kinds(company, caller)[-1], kinds(company, taker)[-1]) == ("connect", "connect")


def test_an_empty_queue_ends_the_dial(company, application, later) -> None:
    application.documents["/say"] = '<Dial action="/joined" timeout="20"><Queue>ticket-1</Queue></Dial>'
    taker = company.create_call(order())
    company.work_off()
    company.answer(taker)
    company.work_off()
    later(21)
    company.work_off()
    assert application.last("/joined")["DialCallStatus"] == "no-answer"


def test_leave_goes_on_with_the_action_of_the_queue(company, application) -> None:
    application.documents["/hotline/voice"] = '<Enqueue action="/queued" waitUrl="/wait">ticket-1</Enqueue>'
    application.documents["/wait"] = '<Gather input="dtmf" numDigits="1" action="/wait-key"/>'
    application.documents["/wait-key"] = "<Leave/>"
    caller = company.dial(CALLER, HOTLINE)
    company.work_off()
    company.keys(caller, "1")
    company.work_off()
    assert application.last("/queued")["QueueResult"] == "leave"


def test_a_dialled_number_rings_and_is_connected(company, application) -> None:
    application.documents["/hotline/voice"] = f'<Dial action="/person" timeout="30"><Number>{STEWARD}</Number></Dial>'
    caller = company.dial(CALLER, HOTLINE)
    company.work_off()
    (child,) = [leg for leg in company.store.live_legs() if leg.parent == caller]
    company.answer(child.sid)
    company.work_off()
    company.words(caller, "您好")
    company.work_off()
    assert company.store.events(child.sid)[-1].text == "您好"
    company.put_down(child.sid)
    company.work_off()
    assert application.last("/person")["DialCallStatus"] == "completed"


def test_a_dialled_number_that_does_not_answer(company, application, later) -> None:
    application.documents["/hotline/voice"] = f'<Dial action="/person" timeout="30"><Number>{STEWARD}</Number></Dial>'
    company.dial(CALLER, HOTLINE)
    company.work_off()
    later(31)
    company.work_off()
    company.work_off()
    assert application.last("/person")["DialCallStatus"] == "no-answer"


def test_a_text_message_is_delivered_and_reported(company, application) -> None:
    sid = company.send_sms(SmsOrder(CALLER, HOTLINE, "工单 20000001", f"{BASE}/sms-status"))
    company.work_off()
    company.work_off()
    assert [params["MessageStatus"] for path, params in application.asked if path == "/sms-status"] == [
        "sent",
        "delivered",
    ]
    assert company.store.sms()[0].sid == sid


def test_work_survives_the_process(company, application, tmp_path) -> None:
    application.documents["/hotline/voice"] = "<Say>still here</Say>"
    sid = company.dial(CALLER, HOTLINE)
    other = SimulatorCarrier(Store(tmp_path / "simulator.db"), application, BASE)
    other.work_off()
    assert "say" in kinds(company, sid)


@pytest.mark.parametrize("text", ["", "no", "<Other/>", "<Response>", '<!DOCTYPE x [<!ENTITY a "b">]><Response/>'])
def test_what_is_no_twiml_is_refused(text: str) -> None:
    with pytest.raises(NotTwiml):
        parse(text)
