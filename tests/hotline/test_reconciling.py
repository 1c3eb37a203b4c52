"""What the carrier knows and we do not (G4): missing calls are made, missing ends are ended, recordings are fetched once."""

import hashlib
import io
import wave
from datetime import timedelta

import pytest

from app.adapters.carrier.base import CallRecord, CarrierError, RecordingRecord
from app.adapters.clock import now as present
from app.models import AccessEntry, Call, HotlineEvent, Recording, Ticket
from app.services import retention
from app.services.reconciler import reconcile_with
from app.services.recordings import TROUBLED, delete_at_carrier, fetch_due, troubled
from app.services.retention import blank_recordings, forget_webhooks
from app.services.transaction import transaction
from tests.support.hotline import HOTLINE, STRANGER, ZHANG


class Company:
    """A carrier with a list of calls and some recordings."""

    def __init__(self, *records: CallRecord, sounds: dict[str, bytes] | None = None) -> None:
        self.records, self.sounds = list(records), sounds or {}
        self.asked: list[str] = []
        self.deleted: list[str] = []
        self.refuses = False
        self.left: dict[str, list[RecordingRecord]] = {}

    def list_recordings(self, call_sid):
        if self.refuses:
            raise CarrierError("not now")
        return self.left.get(call_sid, [])

    def list_calls(self, since, until):
        return self.records

    def fetch_recording(self, sid):
        self.asked.append(sid)
        if sid not in self.sounds:
            raise CarrierError("not yet")
        return self.sounds[sid]

    def delete_recording(self, sid):
        if self.refuses:
            raise CarrierError("not now")
        self.deleted.append(sid)


def sound(seconds: float = 0.1) -> bytes:
    """A WAV file of silence."""
    file = io.BytesIO()
    with wave.open(file, "wb") as out:
        out.setparams((1, 2, 8000, 0, "NONE", ""))
        out.writeframes(b"\0\0" * int(8000 * seconds))
    return file.getvalue()


def record(sid: str, status: str = "completed", direction: str = "inbound") -> CallRecord:
    start = present() - timedelta(hours=2)
    return CallRecord(sid, ZHANG, HOTLINE, direction, status, start, start, start + timedelta(minutes=1), 60)


def test_a_message_whose_callbacks_were_lost_is_found_in_the_carriers_list(app, community, session):
    company = Company(record("CAmissing"))
    company.left = {
        "CAmissing": [RecordingRecord("RElost", "completed", 12), RecordingRecord("REall", "completed", 60, True)]
    }
    company.refuses = True
    reconcile_with(transaction, company, present())
    assert session.query(Recording).count() == 0, "the list could not be read: asked again with the next cycle"
    company.refuses = False
    for _ in range(2):
        reconcile_with(transaction, company, present())
    session.rollback()
    rows = session.query(Recording).order_by(Recording.provider_sid)
    kept = [(row.provider_sid, row.step, row.status, row.duration_seconds) for row in rows]
    assert kept == [("REall", "call", "completed", 60), ("RElost", "record", "completed", 12)]


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
    company = Company(sounds={sid: sound()})
    assert fetch_due(transaction, company, data_dir, present()) == {"fetched": 1, "deferred": 0}
    assert fetch_due(transaction, company, data_dir, present()) == {"fetched": 0, "deferred": 0}
    session.expire_all()
    stored = session.query(Recording).one()
    assert (data_dir / stored.file_path).read_bytes() == sound()
    assert (stored.size_bytes, stored.sha256) == (len(sound()), hashlib.sha256(sound()).hexdigest())
    assert company.asked == [sid]


def test_a_recording_that_cannot_be_fetched_is_tried_less_and_less_often(recorded, data_dir, session):
    company, now = Company(), present()
    for day in range(1, TROUBLED + 5):
        fetch_due(transaction, company, data_dir, now)
        fetch_due(transaction, company, data_dir, now)
        now += timedelta(days=1)
        session.rollback()
        assert troubled(session) == (day >= TROUBLED), "it is told, and tried on"
    session.expire_all()
    assert len(company.asked) == session.query(Recording).one().fetch_tries == TROUBLED + 4
    company.sounds[company.asked[0]] = sound()
    assert fetch_due(transaction, company, data_dir, now)["fetched"] == 1
    session.rollback()
    assert troubled(session) == 0


@pytest.mark.parametrize(
    "content", [b"", b"<html>sorry</html>" * 9, b"RIFF", sound()[:200], b"RIFF" + b"\0" * 200, b"\0" * 400]
)
def test_what_is_no_recording_is_not_kept_as_one(recorded, data_dir, session, content):
    company = Company(sounds={f"RE{recorded.sid[2:]}": content})
    assert fetch_due(transaction, company, data_dir, present()) == {"fetched": 0, "deferred": 1}
    session.expire_all()
    assert session.query(Recording).one().file_path is None


@pytest.fixture
def kept(recorded, data_dir):
    """A recording that is here and still at the carrier, and the carrier."""
    company = Company(sounds={f"RE{recorded.sid[2:]}": sound()})
    fetch_due(transaction, company, data_dir, present())
    return company


def test_it_is_deleted_at_the_carrier_once_it_is_here_whole(kept, recorded, data_dir, session):
    now = present()
    assert delete_at_carrier(transaction, kept, data_dir, now) == {"deleted": 1, "kept": 0}
    assert delete_at_carrier(transaction, kept, data_dir, now) == {"deleted": 0, "kept": 0}
    assert kept.deleted == [f"RE{recorded.sid[2:]}"]
    session.expire_all()
    assert session.query(Recording).one().carrier_deleted_at is not None


@pytest.mark.parametrize("harm", ["changed", "gone", "refused"])
def test_it_stays_at_the_carrier_while_ours_is_in_doubt(kept, data_dir, session, harm):
    path = data_dir / session.query(Recording).one().file_path
    session.rollback()
    if harm == "changed":
        path.write_bytes(sound(0.2))
    elif harm == "gone":
        path.unlink()
    else:
        kept.refuses = True
    now = present()
    assert delete_at_carrier(transaction, kept, data_dir, now) == {"deleted": 0, "kept": 1}
    assert delete_at_carrier(transaction, kept, data_dir, now) == {"deleted": 0, "kept": 0}, "later, not at once"
    assert kept.deleted == []


@pytest.mark.parametrize(("days", "settled", "blanked"), [(179, True, 0), (181, True, 1), (181, False, 0)])
def test_the_sound_goes_after_its_time_and_the_row_stays(kept, recorded, data_dir, session, days, settled, blanked):
    recorded.hang_up()
    stored = session.query(Recording).one()
    path = data_dir / stored.file_path
    if settled:
        session.query(Ticket).update({"state": "closed"})
    session.commit()
    later = present() + timedelta(days=days)
    assert blank_recordings(transaction, data_dir, later) == blanked
    assert blank_recordings(transaction, data_dir, later) == 0
    session.expire_all()
    stored = session.query(Recording).one()
    assert path.exists() == (not blanked)
    assert (stored.file_path is None, stored.status == "expired") == (bool(blanked), bool(blanked))
    assert stored.sha256 is not None
    trail = session.query(AccessEntry).filter_by(action="recording_blanked").count()
    assert trail == blanked
    assert fetch_due(transaction, kept, data_dir, later) == {"fetched": 0, "deferred": 0}


@pytest.mark.parametrize("fetched", [True, False])
def test_what_has_expired_here_does_not_stay_with_the_carrier(recorded, data_dir, session, fetched):
    sid = f"RE{recorded.sid[2:]}"
    company = Company(sounds={sid: sound()} if fetched else {})
    fetch_due(transaction, company, data_dir, present())
    recorded.hang_up()
    session.query(Ticket).update({"state": "closed"})
    session.commit()
    later = present() + timedelta(days=181)
    assert blank_recordings(transaction, data_dir, later) == 1
    assert delete_at_carrier(transaction, company, data_dir, later) == {"deleted": 1, "kept": 0}
    assert delete_at_carrier(transaction, company, data_dir, later) == {"deleted": 0, "kept": 0}
    assert company.deleted == [sid]


def test_a_recording_the_carrier_never_named_is_not_asked_for_there(recorded, data_dir, session):
    session.query(Recording).update({"provider_sid": "call-7", "status": "wanted"})
    session.query(Ticket).update({"state": "closed"})
    session.commit()
    later = present() + timedelta(days=181)
    assert blank_recordings(transaction, data_dir, later) == 1
    assert delete_at_carrier(transaction, Company(), data_dir, later) == {"deleted": 0, "kept": 0}


@pytest.mark.parametrize(("days", "settled", "gone"), [(179, True, False), (181, True, True), (181, False, False)])
def test_raw_webhooks_go_after_their_time_and_the_call_stays(phone, session, monkeypatch, days, settled, gone):
    monkeypatch.setattr(retention, "WEBHOOKS", 2)
    line = phone(ZHANG)
    line.press("3").say("什么时候收垃圾")
    line.hang_up()
    stored = session.query(HotlineEvent).count()
    assert stored >= 4
    if settled:
        session.query(Ticket).update({"state": "closed"})
    session.commit()
    later = present() + timedelta(days=days)
    assert forget_webhooks(transaction, later) == (stored if gone else 0)
    assert forget_webhooks(transaction, later) == 0
    session.expire_all()
    assert session.query(HotlineEvent).count() == (0 if gone else stored)
    assert (session.query(Call).count(), session.query(Ticket).count()) == (1, 1)
    trail = [entry.subject for entry in session.query(AccessEntry).filter_by(action="webhooks_forgotten")]
    assert trail == ([f"{stored} · {later - timedelta(days=180):%Y-%m-%d}"] if gone else [])


def test_an_open_matter_keeps_its_own_webhooks_and_no_others(phone, session):
    for number in (ZHANG, STRANGER):
        line = phone(number)
        line.press("3").say("什么时候收垃圾")
        line.hang_up()
    kept = session.query(Call).order_by(Call.id).first().provider_sid
    session.query(Ticket).filter(Ticket.reporter_phone != ZHANG).update({"state": "closed"})
    session.commit()
    forget_webhooks(transaction, present() + timedelta(days=181))
    session.expire_all()
    assert {event.call_sid for event in session.query(HotlineEvent)} == {kept}
