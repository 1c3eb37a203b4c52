"""Calls in, calls out and text messages by three companies: each asked with its own account, each webhook with its own token."""

from dataclasses import replace

import pytest

from app.adapters.carrier import carrier_for, queue_is_shared
from app.adapters.carrier.base import Capability
from app.adapters.clock import now as present
from app.services.escalation_dial import tick
from app.services.transaction import transaction
from config import Account
from tests.support.carrier import FakeCarrier, Leg
from tests.support.hotline import ZHANG, post_signed

OUT, TEXTS = Account("AC2", "two", "http://127.0.0.1:2"), Account("AC3", "three", "http://127.0.0.1:3")


@pytest.fixture
def three(app, monkeypatch):
    """The same application with three accounts."""
    own = app.extensions["settings"]
    settings = replace(
        own,
        carrier="twilio",
        carrier_outbound="twilio",
        carrier_sms="twilio",
        twilio_account_sid="AC1",
        twilio_auth_token="one",
        twilio_outbound=OUT,
        twilio_sms=TEXTS,
        carrier_without=("record_calls",),
    )
    monkeypatch.setitem(app.extensions, "settings", settings)
    return settings


def test_each_way_has_its_account_and_states_what_it_cannot_do(three):
    found = {way: carrier_for(three, way) for way in ("inbound", "outbound", "sms")}
    assert {way: (c.account_sid, c.base_url) for way, c in found.items()} == {
        "inbound": ("AC1", ""),
        "outbound": ("AC2", "http://127.0.0.1:2"),
        "sms": ("AC3", "http://127.0.0.1:3"),
    }
    assert set(Capability) - found["outbound"].capabilities == {Capability.RECORD_CALLS}
    assert not queue_is_shared(three)
    assert queue_is_shared(replace(three, twilio_outbound=three.account("inbound")))


@pytest.mark.parametrize(("token", "status"), [("one", 204), ("two", 204), ("three", 204), ("four", 403)])
def test_a_webhook_is_known_by_the_token_of_its_account(app, community, three, token, status):
    fields = {"CallSid": "CA1", "CallStatus": "completed", "Direction": "outbound-api"}
    assert post_signed(app, "/hotline/status", fields, token=token).status_code == status


def test_a_talk_is_recorded_by_itself_where_the_whole_call_cannot_be(three, phone):
    assert phone().press("0").twiml.find("Dial").get("record") == "record-from-answer-dual"


def test_who_takes_an_emergency_rings_the_caller_back_and_the_caller_is_told(app, three, phone):
    line = phone().press("9").press("3")
    wait = line.twiml.find("Enqueue").get("waitUrl")
    carrier = FakeCarrier()
    tick(transaction, carrier, "https://h.example.org", present())
    leg = Leg(app, carrier.orders[0], carrier.sid(1)).take().press("1")
    assert leg.xml.findtext("Dial/Number") == ZHANG
    told = line.post(wait, QueueTime="5")
    assert "回拨" in told.get_data(as_text=True) or "正在拨打" in told.get_data(as_text=True)
    assert line.has("Leave")
