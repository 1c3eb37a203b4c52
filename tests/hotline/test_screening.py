"""Key 0: who answers presses 1; a voicemail that answers is nobody, and the caller leaves a message (I4, G3)."""

import pytest

from tests.support.hotline import post_signed

CHILD = "CAchildofthecall"


def screened(app, line, step: str, **fields: str) -> str:
    data = {"CallSid": CHILD, "ParentCallSid": line.sid, "From": line.from_number, "To": "+862160001000", **fields}
    answer = post_signed(app, f"/hotline/person/{step}", {**data, "Direction": "outbound-dial"})
    assert answer.status_code == 200
    return answer.get_data(as_text=True)


@pytest.fixture
def line(phone):
    dialled = phone().press("0")
    assert dialled.twiml.find("Dial/Number").get("url") == "/hotline/person/say"
    return dialled


def test_who_answers_hears_whose_call_it_is_and_is_put_through_with_one(app, line, call_of):
    assert "阳光花园" in screened(app, line, "say")
    assert "<Gather" not in screened(app, line, "key", Digits="1")
    line.send(DialCallStatus="completed", DialBridged="true").hang_up()
    assert call_of(line).outcome == "connected"


def test_a_caller_who_talked_and_hung_up_first_is_connected(app, line, call_of, ticket_of):
    screened(app, line, "say")
    screened(app, line, "key", Digits="1")
    line.hang_up()
    assert call_of(line).outcome == "connected"
    assert not ticket_of(line).callback_due


def test_a_caller_who_hung_up_before_anybody_answered_is_rung_back_and_it_is_said_why(line, call_of, ticket_of):
    line.hang_up()
    assert call_of(line).outcome == "abandoned"
    assert ticket_of(line).callback_due
    assert "转人工" in ticket_of(line).description


@pytest.mark.parametrize("key", ["", "2"])
def test_who_presses_nothing_or_something_else_has_not_taken_it(app, line, call_of, ticket_of, key):
    screened(app, line, "say")
    if key:
        assert "<Hangup" in screened(app, line, "key", Digits=key)
    line.send(DialCallStatus="completed", DialBridged="false")
    assert line.has("Record")
    line.record().hang_up()
    assert call_of(line).outcome != "connected"
    assert ticket_of(line).callback_due


def test_a_report_that_overtakes_another_takes_nothing_back(app, line, call_of):
    screened(app, line, "key", Digits="1")
    screened(app, line, "say")
    line.send(DialCallStatus="completed").hang_up()
    assert call_of(line).outcome == "connected"


def test_a_leg_of_nobody_knows_which_call_is_asked_all_the_same(app, community):
    data = {"CallSid": CHILD, "From": "+8613800138001", "To": "+862160001000"}
    assert "<Gather" in post_signed(app, "/hotline/person/say", data).get_data(as_text=True)
    assert post_signed(app, "/hotline/person/other", data).status_code == 404
    assert app.test_client().post("/hotline/person/key", data={**data, "Digits": "1"}).status_code == 403
