"""Callbacks get lost, come twice or late: the reconciler puts every call right within one cycle (G4)."""

from collections.abc import Mapping
from datetime import timedelta
from urllib.parse import urlsplit

import pytest

from app.adapters.carrier.simulator import SimulatorCarrier
from app.adapters.carrier.simulator.faults import Faults
from app.adapters.carrier.simulator.store import Store
from app.adapters.carrier.simulator.web import Answer
from app.adapters.clock import now as present
from app.models import Call, Recording
from app.services.reconciler import reconcile_with
from app.services.transaction import transaction
from tests.support.books import balanced
from tests.support.hotline import HOTLINE, ZHANG, build_estate, post_signed

CALLS = 6
CYCLE = timedelta(seconds=300)


@pytest.fixture
def company(app, session, tmp_path, monkeypatch):
    """The test carrier, calling this very application."""
    build_estate(session, present())

    def post(url: str, params: Mapping[str, str]) -> Answer:
        answer = post_signed(app, urlsplit(url).path, dict(params))
        return Answer(answer.status_code, answer.get_data(as_text=True), answer.content_type or "")

    def make(**faults) -> SimulatorCarrier:
        base = app.extensions["settings"].public_base_url
        carrier = SimulatorCarrier(Store(tmp_path / "simulator.db"), post, base, faults=Faults(**faults))
        monkeypatch.setattr(carrier, "work", lambda: None)
        return carrier

    return make


def place(carrier: SimulatorCarrier) -> list[str]:
    """Calls of several kinds, each hung up in the middle of something."""
    sids = []
    for number, keys in enumerate((("1", "1"), ("2",), ("5",), ("9", "3"), (), ("0",))[:CALLS]):
        sid = carrier.dial(ZHANG if number % 2 else "+8613712345678", HOTLINE)
        carrier.work_off()
        for key in keys:
            carrier.keys(sid, key)
            carrier.work_off()
        carrier.put_down(sid)
        carrier.work_off()
        sids.append(sid)
    return sids


def test_lost_callbacks_are_made_good_within_one_cycle(company, session):
    carrier = company(drop=1.0)
    placed = place(carrier)
    session.rollback()
    assert session.query(Call).filter(Call.ended_at.is_(None)).count() == len(placed)
    assert reconcile_with(transaction, carrier, present() + CYCLE)["ended"] == len(placed)
    assert not any(reconcile_with(transaction, carrier, present() + CYCLE).values())
    balanced(session, placed)


def test_calls_the_webhooks_never_told_of_are_made(company, session, monkeypatch):
    carrier = company()
    monkeypatch.setattr(carrier.exchange, "post", lambda url, params: Answer(0, "nobody there"))
    placed = [carrier.dial(ZHANG, HOTLINE) for _ in range(3)]
    carrier.work_off()
    assert reconcile_with(transaction, carrier, present() + CYCLE)["made"] == len(placed)
    balanced(session, placed)


def test_a_message_left_while_nobody_was_there_to_hear_of_it_is_fetched(company, session, monkeypatch):
    carrier = company()
    sid = carrier.dial(ZHANG, HOTLINE)
    carrier.work_off()
    for _ in range(3):
        carrier.silence(sid)
        carrier.work_off()
    monkeypatch.setattr(carrier.exchange, "post", lambda url, params: Answer(0, "nobody there"))
    carrier.words(sid, "三楼漏水")
    carrier.work_off()
    assert reconcile_with(transaction, carrier, present() + CYCLE)["recordings"] == 1
    session.rollback()
    kept = session.query(Recording).one()
    assert (kept.call.provider_sid, kept.status) == (sid, "completed")
    assert carrier.fetch_recording(kept.provider_sid)
    balanced(session, [sid])


def test_callbacks_twice_late_and_out_of_order_change_nothing(company, session):
    carrier = company(repeat=0.5, reorder=0.5, seed=11)
    placed = place(carrier)
    for _ in range(3):
        carrier.work_off()
    reconcile_with(transaction, carrier, present() + CYCLE)
    balanced(session, placed)
