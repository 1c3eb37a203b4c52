"""What the carrier knows and we do not (G4): missing calls are made, missing ends are ended, recordings are fetched once."""

import hashlib
from datetime import timedelta

import pytest

from app.adapters.carrier.base import CallRecord, CarrierError
from app.adapters.clock import now as present
from app.models import Call, Recording, Ticket
from app.services.reconciler import reconcile_with
from app.services.recordings import MAX_TRIES, fetch_due
from app.services.transaction import transaction
from tests.support.hotline import HOTLINE, ZHANG


class Company:
    """A carrier with a list of calls and some recordings."""

    def __init__(self, *records: CallRecord, sounds: dict[str, bytes] | None = None) -> None:
        self.records, self.sounds = list(records), sounds or {}
        self.asked: list[str] = []

    def list_calls(self, since, until):
        return self.records

    def fetch_recording(self, sid):
        self.asked.append(sid)
        if sid not in self.sounds:
            raise CarrierError("not yet")
        return self.sounds[sid]


def record(sid: str, status: str = "completed", direction: str = "inbound") -> CallRecord:
    start = present() - timedelta(hours=2)
    return CallRecord(sid, ZHANG, HOTLINE, direction, status, start, start, start + timedelta(minutes=1), 60)


def test_a_call_we_never_heard_of_gets_its_record_and_its_ticket(app, community, session):
    company = Company(record("CAmissing"), record("CAours", direction="outbound-api"))
    assert reconcile_with(transaction, company, present())["made"] == 1
    session.expire_all()
    call = session.query(Call).one()
    assert (call.provider_sid, call.status, call.outcome, call.from_number) == (
        "CAmissing",
        "completed",
        "abandoned",
        ZHANG,
    )
    assert call.ended_at - call.started_at == timedelta(minutes=1)
    assert call.tickets[0].callback_due
    assert call.tickets[0].created_at == call.ended_at
    assert reconcile_with(transaction, company, present()) == {"made": 0, "ended": 0, "failed": 0}
    assert session.query(Ticket).count() == 1


def test_an_end_we_never_heard_of_is_noted(phone, call_of, ticket_of):
    line = phone().press("1")
    assert reconcile_with(transaction, Company(record(line.sid)), present())["ended"] == 1
    assert (call_of(line).status, call_of(line).outcome) == ("completed", "abandoned")
    assert ticket_of(line)


def test_a_running_call_is_left_alone_and_a_forgotten_one_is_ended(phone, call_of, session):
    line = phone().press("1")
    assert reconcile_with(transaction, Company(record(line.sid, "in-progress")), present())["ended"] == 0
    assert call_of(line).status == "in-progress"
    assert reconcile_with(transaction, Company(), present() + timedelta(hours=7))["ended"] == 1
    assert call_of(line).status == "completed"


def test_a_carrier_that_does_not_answer_changes_nothing(app, community):
    class Deaf:
        def list_calls(self, since, until):
            raise CarrierError("no answer", unknown=True)

    assert reconcile_with(transaction, Deaf(), present()) == {"unread": 1}


@pytest.fixture
def recorded(phone):
    line = phone().press("1").press("1").press("1").record()
    line.post("/hotline/recording", RecordingSid=f"RE{line.sid[2:]}", RecordingStatus="completed")
    return line


def test_a_recording_is_fetched_once_and_hashed(recorded, data_dir, session):
    sid = f"RE{recorded.sid[2:]}"
    company = Company(sounds={sid: b"RIFF-sound"})
    assert fetch_due(transaction, company, data_dir, present()) == {"fetched": 1, "deferred": 0}
    assert fetch_due(transaction, company, data_dir, present()) == {"fetched": 0, "deferred": 0}
    session.expire_all()
    stored = session.query(Recording).one()
    assert (data_dir / stored.file_path).read_bytes() == b"RIFF-sound"
    assert (stored.size_bytes, stored.sha256) == (10, hashlib.sha256(b"RIFF-sound").hexdigest())
    assert company.asked == [sid]


def test_a_recording_that_cannot_be_fetched_is_tried_less_and_less_often(recorded, data_dir, session):
    company, now = Company(), present()
    for _ in range(MAX_TRIES + 5):
        fetch_due(transaction, company, data_dir, now)
        fetch_due(transaction, company, data_dir, now)
        now += timedelta(days=1)
    session.expire_all()
    assert len(company.asked) == session.query(Recording).one().fetch_tries == MAX_TRIES
