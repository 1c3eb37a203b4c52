"""The test carrier takes what Twilio's own library makes, and refuses what Twilio refuses."""

from urllib.parse import quote

import pytest
from twilio.twiml.messaging_response import MessagingResponse
from twilio.twiml.voice_response import Dial, Gather, VoiceResponse

from app.adapters.carrier.base import CallOrder, CarrierError, SmsOrder
from app.adapters.carrier.simulator.grammar import RULES, VERBS, NotTwiml
from app.adapters.carrier.simulator.markup import parse
from app.adapters.carrier.simulator.requests import check_call, check_sms
from app.hotline.twiml import in_breaths


def _say(r: VoiceResponse) -> None:
    r.say("您好 & <再见>", language="cmn-CN", voice="Polly.Zhiyu", loop=2)
    r.say("Hello", language="en-US")
    said = r.say("", voice="Polly.Joanna")
    said.break_(strength="weak", time="100ms")
    said.emphasis("now", level="strong")


def _gather(r: VoiceResponse) -> None:
    gather = Gather(
        input="speech dtmf",
        action="/hotline/voice/3/describe",
        method="POST",
        timeout=6,
        speech_timeout="auto",
        max_speech_time=30,
        finish_on_key="#",
        num_digits=4,
        language="cmn-Hans-CN",
        hints="漏水,停电,一号楼",
        speech_model="phone_call",
        enhanced=True,
        profanity_filter=False,
        barge_in=True,
        action_on_empty_result=True,
        partial_result_callback="https://h.example.org/p",
        partial_result_callback_method="POST",
    )
    gather.say("1?")
    gather.pause(length=1)
    gather.play("https://h.example.org/a.mp3", loop=2)
    r.append(gather)
    r.append(Gather(finish_on_key="", input="dtmf"))


def _record(r: VoiceResponse) -> None:
    r.record(
        action="/a",
        method="POST",
        timeout=6,
        finish_on_key="#*",
        max_length=180,
        play_beep=True,
        trim="trim-silence",
        recording_status_callback="https://h.example.org/r#rc=5&rp=ct,rt,5xx",
        recording_status_callback_method="POST",
        recording_status_callback_event="completed absent",
        transcribe=False,
    )


def _dial(r: VoiceResponse) -> None:
    dial = Dial(
        action="/a",
        timeout=30,
        time_limit=3600,
        caller_id="+862160000000",
        record="record-from-answer-dual",
        answer_on_bridge=True,
        hangup_on_star=True,
        ring_tone="hk",
        recording_status_callback_event="in-progress completed",
    )
    dial.number("+8613900139001", url="/say", method="POST", send_digits="wwww1", status_callback_event="answered")
    dial.number("+8613900139002", status_callback="/s", status_callback_method="GET")
    r.append(dial)
    r.dial("+8613900139003")
    queue = Dial(timeout=60)
    queue.queue("ticket-20000001", url="/bridge", method="POST")
    r.append(queue)


def _rest(r: VoiceResponse) -> None:
    r.play(digits="ww1234#")
    r.pause(length=2)
    r.enqueue("ticket-20000001", action="/q", method="POST", wait_url="/wait", wait_url_method="POST")
    r.redirect("/next?x=1&y=2", method="POST")
    r.reject(reason="busy")
    r.hangup()


@pytest.mark.parametrize("make", [_say, _gather, _record, _dial, _rest], ids=lambda make: make.__name__)
def test_what_the_official_library_makes_is_taken(make) -> None:
    response = VoiceResponse()
    make(response)
    assert parse(str(response))


def test_a_text_of_the_official_library_is_read_as_it_was_written() -> None:
    response = VoiceResponse()
    response.say("漏水 & <停电> \"3幢\" 'A'", language="cmn-CN")
    (verb,) = parse(str(response))
    assert (verb["text"], verb["attrs"]) == ("漏水 & <停电> \"3幢\" 'A'", {"language": "cmn-CN"})


def test_a_message_is_a_document_of_its_own() -> None:
    response = MessagingResponse()
    response.message("已受理", to="+8613800138001")
    assert parse(str(response), "message")[0]["text"] == "已受理"
    with pytest.raises(NotTwiml):
        parse(str(response))


def test_every_verb_the_carrier_knows_is_one_of_the_library() -> None:
    response, gather = VoiceResponse(), Gather()
    known = {name.lower() for name in VERBS - {"Message"}}
    assert known <= {name for name in dir(response) if not name.startswith("_")}
    assert {name.lower() for name in RULES["Gather"].children} <= set(dir(gather))


REFUSED = [
    ("<Say>", "12100"),
    ("<Speak>hello</Speak>", "12200"),
    ("<Connect><Stream url='wss://x'/></Connect>", "12200"),
    ("<Say>hello</Say> and on", "12200"),
    ("<Say/>", "13520"),
    ("<Say language='chinese!'>x</Say>", "12200"),
    ("<Say lang='en'>x</Say>", "12200"),
    (f"<Say>{'x' * 4097}</Say>", "13521"),
    (f"<Say>{'水' * 501}</Say>", "13521"),
    ("<Gather><Dial>+8613900139001</Dial></Gather>", "13320"),
    ("<Gather><Gather/></Gather>", "13320"),
    ("<Gather numDigits='0'/>", "12200"),
    ("<Gather input='voice'/>", "12200"),
    ("<Gather finishOnKey='12'/>", "12200"),
    ("<Gather finish_on_key='#'/>", "12200"),
    ("<Gather action='javascript:1'/>", "12200"),
    ("<Gather method='PUT'/>", "12200"),
    ("<Record maxLength='0'/>", "12200"),
    ("<Record recordingStatusCallbackEvent='done'/>", "12200"),
    ("<Record><Say>x</Say></Record>", "12200"),
    ("<Dial/>", "12200"),
    ("<Dial>nobody</Dial>", "13223"),
    ("<Dial><Say>x</Say></Dial>", "13215"),
    ("<Dial><Queue>a</Queue><Number>+8613900139001</Number></Dial>", "13215"),
    (f"<Dial>{'<Number>+8613900139001</Number>' * 11}</Dial>", "13215"),
    ("<Dial record='yes'>+8613900139001</Dial>", "12200"),
    ("<Dial callerId='anonymous'>+8613900139001</Dial>", "12200"),
    ("<Number>+8613900139001</Number>", "12200"),
    ("<Enqueue/>", "12200"),
    (f"<Enqueue>{'q' * 65}</Enqueue>", "12200"),
    ("<Enqueue>a</Enqueue><Leave/>", "12200"),
    ("<Redirect/>", "12200"),
    ("<Hangup reason='busy'/>", "12200"),
    ("<Reject reason='tired'/>", "12200"),
    ("<Play/>", "12200"),
    (f"<!-- {'x' * 65536} --><Hangup/>", "11750"),
]


@pytest.mark.parametrize(("inside", "code"), REFUSED, ids=range(len(REFUSED)))
def test_what_twilio_refuses_is_refused_with_its_number(inside: str, code: str) -> None:
    with pytest.raises(NotTwiml) as refusal:
        parse(f"<Response>{inside}</Response>")
    assert refusal.value.code == code


@pytest.mark.parametrize(
    ("place", "allowed", "refused"),
    [
        (
            "wait",
            ("<Leave/>", "<Gather/>", "<Hangup/>"),
            ("<Dial>+8613900139001</Dial>", "<Record/>", "<Enqueue>a</Enqueue>"),
        ),
        ("screen", ("<Gather/>", "<Hangup/>"), ("<Dial>+8613900139001</Dial>", "<Enqueue>a</Enqueue>", "<Leave/>")),
        ("dequeue", ("<Say>x</Say>", "<Pause/>"), ("<Gather/>", "<Hangup/>", "<Record/>")),
    ],
)
def test_a_place_takes_only_its_own_verbs(place: str, allowed, refused) -> None:
    for inside in allowed:
        assert parse(f"<Response>{inside}</Response>", place)
    for inside in refused:
        with pytest.raises(NotTwiml):
            parse(f"<Response>{inside}</Response>", place)


CALL = {"to": "+8613900139001", "from_": "+862160000000", "url": "https://h/s", "status_callback": "https://h/c"}


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"to": "13900139001"}, "21211"),
        ({"from_": "hotline"}, "21212"),
        ({"url": "/say"}, "21205"),
        ({"timeout_seconds": 601}, "21217"),
    ],
)
def test_a_call_that_twilio_refuses(change, code: str) -> None:
    check_call(CallOrder(**CALL))
    with pytest.raises(CarrierError, match=code) as refusal:
        check_call(CallOrder(**(CALL | change)))
    assert refusal.value.failure == "permanent"


@pytest.mark.parametrize(
    ("to", "body", "code"),
    [
        ("+86139", "x", "21211"),
        ("+8613900139001", " ", "21602"),
        ("+8613900139001", "水" * 1601, "21617"),
        ("+862160000000", "x", "21266"),
    ],
)
def test_a_text_message_that_twilio_refuses(to: str, body: str, code: str) -> None:
    with pytest.raises(CarrierError, match=code):
        check_sms(SmsOrder(to, "+862160000000", body, ""))


@pytest.mark.parametrize("text", ["水" * 1200, "a" * 9000, ("漏水了，请快来。" * 200), "短", ""])
def test_a_long_text_is_said_in_parts_that_one_say_holds(text: str) -> None:
    parts = list(in_breaths(text))
    assert "".join(parts).replace(" ", "") == text
    assert all(len(quote(part)) <= 4500 and part for part in parts)
