"""The whole product with CARRIER=twilio, against a company on this machine: an emergency rings the roster within seconds."""

import time
import urllib.parse
import urllib.request
from collections.abc import Callable, Iterator
from xml.etree import ElementTree

import pytest
from sqlalchemy import select
from twilio.request_validator import RequestValidator

from app.models import EscalationAttempt, Message
from tests.support.hotline import HOTLINE, ON_DUTY, ZHANG
from tests.support.server import Server
from tests.support.twilio_company import ACCOUNT, Company, running

TOKEN = "a-token-of-this-test"
CALL = "CA" + "1" * 32


@pytest.fixture
def company() -> Iterator[Company]:
    with running() as state:
        state.created = None
        yield state


@pytest.fixture
def product(app, community, start_server, company: Company) -> Server:
    return start_server(
        "", CARRIER="twilio", TWILIO_ACCOUNT_SID=ACCOUNT, TWILIO_AUTH_TOKEN=TOKEN, TWILIO_API_BASE_URL=company.url
    )


def post(server: Server, url: str, **fields: str) -> str:
    """One signed webhook, over the wire; what stands behind a # is signed but not sent, as some carriers do."""
    url = urllib.parse.urljoin(server.url + "/", url)
    signature = RequestValidator(TOKEN).compute_signature(url, fields)
    data = urllib.parse.urlencode(fields).encode()
    request = urllib.request.Request(urllib.parse.urldefrag(url).url, data, {"X-Twilio-Signature": signature})
    with urllib.request.urlopen(request, timeout=20) as answer:
        return answer.read().decode()


def until(found: Callable[[], object], seconds: float = 180) -> float:
    started = time.monotonic()
    while not found():
        assert time.monotonic() - started < seconds, "it never came"
        time.sleep(0.1)
    return time.monotonic() - started


def test_an_emergency_from_key_nine_to_the_taker(product: Server, company: Company, session) -> None:
    caller = {"CallSid": CALL, "From": ZHANG, "To": HOTLINE, "Direction": "inbound"}
    menu = ElementTree.fromstring(post(product, "/hotline/voice", **caller, CallStatus="ringing"))
    post(product, menu.find("Gather").get("action"), **caller, CallStatus="in-progress", Digits="9")
    until(lambda: company.calls)
    _, _, order = next(asked for asked in company.asked if asked[0] == "POST" and asked[1].endswith("/Calls.json"))
    assert (order["To"], order["From"]) == ([ON_DUTY], [HOTLINE])

    leg = {"CallSid": str(company.calls[0]["sid"]), "From": HOTLINE, "To": ON_DUTY, "Direction": "outbound-api"}
    post(product, order["StatusCallback"][0], **leg, CallStatus="in-progress")
    said = ElementTree.fromstring(post(product, order["Url"][0], **leg, CallStatus="in-progress"))
    taken = post(product, said.find("Gather").get("action"), **leg, CallStatus="in-progress", Digits="1")
    assert ElementTree.fromstring(taken).find("Dial/Queue") is not None
    session.rollback()
    assert session.scalars(select(EscalationAttempt.state)).all() == ["accepted"]

    until(lambda: any(row["to"] == ZHANG for row in company.messages))
    session.expire_all()
    until(
        lambda: session.rollback() or "sent" in session.scalars(select(Message.state).where(Message.to == ZHANG)).all()
    )
