"""The database goes away under a running server (G4): callers are recorded, nothing is lost, the times stay true."""

from datetime import UTC, datetime
from urllib.request import urlopen

from app.adapters.clock import now as present
from app.jobs.runs import run_job
from app.models import Call, Ladder, Ticket
from app.rules.call_flow import FINAL
from app.services import journal
from app.services.reconciler import reconcile
from app.services.transaction import transaction
from tests.faults.conftest import until
from tests.support.books import balanced, carrier_says_over
from tests.support.hotline import HOTLINE, ZHANG, build_estate

CARRIER_WAITS = 15.0


def test_a_call_without_the_database_is_recorded_and_replayed(server, post, wire, session):
    status, body, _ = post("/hotline/voice", "CAbefore", CallStatus="ringing")
    assert (status, "Gather" in body) == (200, True)
    wire.cut()
    lost_at = datetime.now(UTC)
    status, body, seconds = post("/hotline/voice/1/menu", "CAbefore", Digits="1")
    assert (status, "<Record" in body) == (200, True)
    assert seconds < CARRIER_WAITS
    status, body, seconds = post("/hotline/voice", "CAwithout", CallStatus="ringing")
    assert (status, "<Record" in body, "119" in body) == (200, True, True)
    assert seconds < CARRIER_WAITS
    assert post("/hotline/status", "CAwithout", CallStatus="completed")[0] == 204
    with urlopen(f"{server.url}/metrics", timeout=30) as answer:
        assert {"linli_up 0.0", "linli_journal_waiting 3.0"} <= set(answer.read().decode().splitlines())
    back_at = datetime.now(UTC)
    wire.mend()
    assert run_job("journal", present())["replayed"] == 3
    assert run_job("journal", present())["replayed"] == 0
    session.expire_all()
    call = session.query(Call).filter_by(provider_sid="CAwithout").one()
    assert lost_at <= call.started_at <= call.ended_at <= back_at
    assert len(call.tickets) == 1
    assert session.query(Call).filter_by(provider_sid="CAbefore").one().step == "house"
    assert "Gather" in post("/hotline/voice", "CAafter", CallStatus="ringing")[1]
    carrier_says_over("CAbefore", "CAafter")
    balanced(session, ["CAbefore", "CAwithout", "CAafter"])


def test_a_database_that_keeps_its_connections_and_never_answers_is_noticed_in_time(post, wire, session):
    assert "Gather" in post("/hotline/voice", "CAbefore", CallStatus="ringing")[1]
    wire.mute()
    lost_at = datetime.now(UTC)
    status, body, seconds = post("/hotline/voice/1/menu", "CAbefore", Digits="9")
    assert (status, "<Record" in body, "119" in body) == (200, True, True)
    assert seconds < CARRIER_WAITS
    # The next callers do not wait for it again.
    status, body, seconds = post("/hotline/voice", "CAwithout", CallStatus="ringing")
    assert (status, "<Record" in body) == (200, True)
    assert seconds < CARRIER_WAITS / 2
    assert post("/hotline/status", "CAwithout", CallStatus="completed")[0] == 204
    wire.mend()
    assert run_job("journal", present())["replayed"] == 3
    assert until(lambda: "Gather" in post("/hotline/voice", "CAafter", CallStatus="ringing")[1])
    session.expire_all()
    call = session.query(Call).filter_by(provider_sid="CAwithout").one()
    assert call.started_at >= lost_at
    assert session.query(Ladder).count() == 1
    run_job("journal", present())
    carrier_says_over("CAbefore", "CAafter")
    balanced(session, ["CAbefore", "CAwithout", "CAafter"])


def test_a_process_killed_between_commit_and_answer_has_done_it_once(server, post, wire, session):
    assert "Gather" in post("/hotline/voice", "CAkilled", CallStatus="ringing")[1]
    wire.at_commit = server.kill
    assert post("/hotline/voice/1/menu", "CAkilled", Digits="9")[0] == 0
    assert session.query(Ticket).count() == 1, "it was committed"
    server.start()
    status, body, _ = post("/hotline/voice/1/menu", "CAkilled", Digits="9")
    assert (status, "<Gather" in body, "119" in body) == (200, True, True)
    assert post("/hotline/status", "CAkilled", CallStatus="completed")[0] == 204
    session.rollback()
    assert (session.query(Ladder).count(), session.query(Ticket).count()) == (1, 1)
    balanced(session, ["CAkilled"])


def test_without_database_and_with_a_full_disk_the_caller_is_heard_and_the_call_found_again(
    post, wire, data_dir, session
):
    folder = data_dir / "journal"
    folder.mkdir(exist_ok=True)
    (folder / "pending.jsonl").symlink_to("/dev/full")
    wire.cut()
    status, body, _ = post("/hotline/voice", "CAfull", CallStatus="ringing")
    assert (status, "<Record" in body) == (200, True)
    assert post("/hotline/status", "CAfull", CallStatus="completed")[0] == 503, "the carrier is to bring it again"
    assert post("/hotline/recording", "CAfull", RecordingSid="RE1", RecordingStatus="completed")[0] == 503
    wire.mend()
    (folder / "pending.jsonl").unlink()
    from app.adapters.carrier.base import CallRecord

    at = present()
    record = CallRecord("CAfull", ZHANG, HOTLINE, "inbound", "completed", at, at, at, 30)
    with transaction() as writing:
        assert reconcile(writing, [record], at)["made"] == 1
    for _ in range(2):
        assert post("/hotline/status", "CAfull", CallStatus="completed")[0] == 204
        assert post("/hotline/recording", "CAfull", RecordingSid="RE1", RecordingStatus="completed")[0] == 204
    session.rollback()
    call = session.query(Call).filter_by(provider_sid="CAfull").one()
    assert call.status in FINAL
    assert len(call.recordings) == 1
    balanced(session, ["CAfull"])


def test_a_replay_that_hangs_keeps_no_webhook_from_the_journal(app, data_dir, session, monkeypatch):
    """The database falls silent again in the middle of the replay: callers are still taken down."""
    from app.services.call_store import Webhook, answer_of

    build_estate(session, present())

    def hook(sid: str) -> Webhook:
        return Webhook(sid, {"CallSid": sid, "From": ZHANG, "To": HOTLINE, "CallStatus": "ringing"}, present())

    kept = []

    def hangs(session, marker):
        journal.append("voice", hook("CAmeanwhile"))
        kept.append(marker)
        return answer_of(session, marker)

    journal.append("voice", hook("CAfirst"))
    with monkeypatch.context() as slow:
        slow.setattr("app.services.journal.answer_of", hangs)
        with transaction() as writing:
            assert journal.replay_journal(writing, present())["replayed"] == 1
    assert len(kept) == 1
    assert journal.waiting_entries() == 2, (
        "the one that came meanwhile, and the first until a later run finds it entered"
    )
    for _ in range(2):
        with transaction() as writing:
            journal.replay_journal(writing, present())
    carrier_says_over("CAfirst", "CAmeanwhile")
    balanced(session, ["CAfirst", "CAmeanwhile"])


def test_a_torn_line_of_the_journal_spoils_no_other(app, data_dir, session, monkeypatch):
    from app.services.call_store import Webhook

    build_estate(session, present())

    def hook(sid: str) -> Webhook:
        return Webhook(sid, {"CallSid": sid, "From": ZHANG, "To": HOTLINE, "CallStatus": "ringing"}, present())

    def full(_descriptor: int) -> None:
        raise OSError(28, "No space left on device")

    journal.append("voice", hook("CAone"))
    with monkeypatch.context() as broken:
        broken.setattr("app.services.journal.os.fsync", full)
        for _ in range(2):
            try:
                journal.append("voice", hook("CAlost"))
            except OSError:
                continue
            raise AssertionError("a full disk must be told")
    with (data_dir / "journal/pending.jsonl").open("a") as file:
        file.write('{"id": "torn')
    journal.append("voice", hook("CAtwo"))
    assert journal.waiting_entries() == 2
    with transaction() as writing:
        assert journal.replay_journal(writing, present()) == {"replayed": 2, "failed": 0}
    carrier_says_over("CAone", "CAtwo")
    balanced(session, ["CAone", "CAtwo"])


def test_a_killed_worker_loses_nothing_it_has_answered(server, post, session):
    assert post("/hotline/voice", "CAkilled", CallStatus="ringing")[0] == 200
    server.kill()
    session.expire_all()
    assert session.query(Call).filter_by(provider_sid="CAkilled").one().ticket_number
    carrier_says_over("CAkilled")
    balanced(session, ["CAkilled"])
