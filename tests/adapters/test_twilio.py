"""Twilio's REST interface, against a server on this machine that speaks it: what was asked, and what every failure means."""

from collections.abc import Iterator
from datetime import timedelta

import pytest

from app.adapters.carrier.base import CallOrder, CarrierError
from app.adapters.carrier.twilio import TwilioCarrier
from app.adapters.outgoing import SmsChannel
from app.rules.outbox import Envelope
from tests.support.twilio_company import ACCOUNT, CREATED, Company, running

STEWARD, HOTLINE = "+8613900139001", "+862160000000"


@pytest.fixture
def company() -> Iterator[Company]:
    with running() as state:
        yield state


@pytest.fixture
def carrier(company: Company) -> Iterator[TwilioCarrier]:
    made = TwilioCarrier(ACCOUNT, "token", company.url, timeout=0.5)
    yield made
    made.client.http_client.session.close()


def order() -> CallOrder:
    return CallOrder(
        STEWARD, HOTLINE, "https://h.example.org/say", "https://h.example.org/status", 55, detect_machine=True
    )


def test_a_call_is_ordered_with_its_callbacks(company: Company, carrier: TwilioCarrier) -> None:
    sid = carrier.create_call(order())
    method, path, fields = company.asked[0]
    assert (method, path) == ("POST", f"/2010-04-01/Accounts/{ACCOUNT}/Calls.json")
    assert (fields["To"], fields["From"], fields["Timeout"]) == ([STEWARD], [HOTLINE], ["55"])
    assert fields["StatusCallbackEvent"] == ["initiated", "ringing", "answered", "completed"]
    assert fields["StatusCallback"] == ["https://h.example.org/status#rc=5&rp=ct,rt,5xx"]
    assert fields["MachineDetection"] == ["Enable"]
    assert carrier.look_up_call(sid).status == "queued"
    assert carrier.look_up_call("CA" + "f" * 32) is None


def test_a_request_without_an_answer_is_unknown_and_can_be_looked_up(company: Company, carrier: TwilioCarrier) -> None:
    company.silent.set()
    with pytest.raises(CarrierError) as failure:
        carrier.create_call(order())
    assert (failure.value.unknown, failure.value.permanent) == (True, False)
    assert [call.to_number for call in carrier.find_calls(to=STEWARD, since=CREATED)] == [STEWARD]
    assert carrier.find_calls(to=STEWARD, since=CREATED + timedelta(minutes=1)) == []


@pytest.mark.parametrize(
    ("status", "permanent", "unknown"),
    [(400, True, False), (429, False, False), (500, False, True), (503, False, False)],
)
def test_each_refusal_says_what_is_known(company, carrier, status: int, permanent: bool, unknown: bool) -> None:
    company.status = status
    with pytest.raises(CarrierError) as failure:
        carrier.create_call(order())
    assert (failure.value.permanent, failure.value.unknown) == (permanent, unknown)


def test_a_company_that_is_not_reached_has_done_nothing() -> None:
    carrier = TwilioCarrier(ACCOUNT, "token", "http://127.0.0.1:9", timeout=0.5)
    with pytest.raises(CarrierError) as failure:
        carrier.create_call(order())
    assert (failure.value.permanent, failure.value.unknown) == (False, False)
    carrier.client.http_client.session.close()


def test_hanging_up_a_call_that_is_gone_is_no_error(carrier: TwilioCarrier) -> None:
    carrier.hang_up("CA" + "e" * 32)


def test_a_whole_call_is_recorded_and_its_callback_named(company: Company, carrier: TwilioCarrier) -> None:
    sid = carrier.start_recording("CA" + "1" * 32, "https://h.example.org/hotline/recording/call")
    method, path, fields = company.asked[0]
    assert (method, path) == ("POST", f"/2010-04-01/Accounts/{ACCOUNT}/Calls/CA{'1' * 32}/Recordings.json")
    assert fields["RecordingStatusCallback"][0].startswith("https://h.example.org/hotline/recording/call#rc=5")
    assert sid.startswith("RE")


def test_a_recording_of_a_call_that_is_not_yet_in_progress_may_be_asked_for_again(company, carrier) -> None:
    company.status = 400
    with pytest.raises(CarrierError, match="21220") as failure:
        carrier.start_recording("CA" + "1" * 32, "https://h.example.org/hotline/recording/call")
    assert failure.value.failure == "temporary"


def test_the_recordings_of_a_call_are_listed_with_what_made_them(company: Company, carrier: TwilioCarrier) -> None:
    made = (("RecordVerb", "12"), ("StartCallRecordingAPI", "60"), ("DialVerb", "30"))
    company.recordings = [
        {"sid": f"RE{place:032x}", "status": "completed", "duration": seconds, "source": source}
        for place, (source, seconds) in enumerate(made)
    ]
    found = carrier.list_recordings("CA" + "1" * 32)
    assert company.asked[0][1].endswith(f"/Calls/CA{'1' * 32}/Recordings.json")
    assert [(one.duration_seconds, one.whole, one.status) for one in found] == [
        (12, False, "completed"),
        (60, True, "completed"),
    ]


def test_a_recording_is_paused_with_silence_and_goes_on(company: Company, carrier: TwilioCarrier) -> None:
    call, recording = "CA" + "1" * 32, "RE" + "2" * 32
    carrier.pause_recording(call, recording)
    carrier.resume_recording(call, recording)
    path = f"/2010-04-01/Accounts/{ACCOUNT}/Calls/{call}/Recordings/{recording}.json"
    assert company.asked == [
        ("POST", path, {"Status": ["paused"], "PauseBehavior": ["silence"]}),
        ("POST", path, {"Status": ["in-progress"]}),
    ]


@pytest.mark.parametrize(
    ("status", "failure"), [(404, "permanent"), (400, "permanent"), (429, "temporary"), (500, "unknown")]
)
def test_a_recording_that_cannot_be_paused_says_what_is_known(company, carrier, status: int, failure: str) -> None:
    company.status = status
    with pytest.raises(CarrierError) as error:
        carrier.pause_recording("CA" + "1" * 32, "RE" + "2" * 32)
    assert error.value.failure == failure


@pytest.mark.parametrize(
    ("given", "failure"), [({}, "temporary"), ({"permanent": True}, "permanent"), ({"unknown": True}, "unknown")]
)
def test_every_failure_is_one_of_three(given: dict[str, bool], failure: str) -> None:
    assert CarrierError("x", **given).failure == failure


def test_recordings_are_fetched_and_deleted(company: Company, carrier: TwilioCarrier) -> None:
    assert carrier.fetch_recording("RE1") == b"RIFF"
    carrier.delete_recording("RE1")
    assert [method for method, _, _ in company.asked] == ["GET", "DELETE"]


def test_pictures_are_fetched_up_to_a_limit_and_deleted(company: Company, carrier: TwilioCarrier) -> None:
    assert carrier.fetch_picture("MM1", "ME1", 100) == b"picture"
    assert carrier.fetch_picture("MM1", "ME1", 4) == b"pict"
    carrier.delete_picture("MM1", "ME1")
    asked = [(method, path.partition("/Messages/")[2]) for method, path, _ in company.asked]
    assert asked == [("GET", "MM1/Media/ME1")] * 2 + [("DELETE", "MM1/Media/ME1.json")]


def envelope(body: str) -> Envelope:
    return Envelope(3, "done:1", "sms", "+8613800138001", None, body, None, 1, CREATED, "done")


def test_a_text_message_carries_its_own_report_address(company: Company, carrier: TwilioCarrier) -> None:
    outcome = SmsChannel(carrier, HOTLINE, "https://h.example.org").send(envelope("已修好"))
    assert (outcome.ok, outcome.provider_sid) == (True, company.messages[0]["sid"])
    assert company.asked[0][2]["StatusCallback"][0].startswith("https://h.example.org/hotline/sms/status/3")


def test_a_text_message_without_an_answer_is_found_by_its_words(company: Company, carrier: TwilioCarrier) -> None:
    channel = SmsChannel(carrier, HOTLINE, "https://h.example.org")
    company.silent.set()
    assert channel.send(envelope("已修好")).unknown
    assert channel.look_up(envelope("已修好")).ok
    assert not channel.look_up(envelope("另一条")).ok
