"""What the carrier may send, and in what order (G3, G4, I3): unsigned, malformed, twice, late, early, and without a database."""

import itertools
from datetime import timedelta

import pytest
from sqlalchemy.exc import OperationalError
from twilio.request_validator import RequestValidator

from app.models import Call, Community, HotlineEvent, Recording, Ticket, TicketNumber
from app.services import calls, journal
from tests.support.hotline import HOTLINE, STRANGER, ZHANG, Line, build_estate, post_signed

FIELDS = {"CallSid": "CA1", "From": ZHANG, "To": HOTLINE, "CallStatus": "ringing"}
PATHS = ["/hotline/voice", "/hotline/status", "/hotline/fallback", "/hotline/recording", "/hotline/voice/1/menu"]


def nothing_stored(session):
    session.rollback()
    return not any(session.query(table).count() for table in (HotlineEvent, Call, Ticket, TicketNumber))


@pytest.mark.parametrize("path", PATHS)
@pytest.mark.parametrize("signature", [None, "", "wrong", "x" * 5000, "签名", "AAAAAAAAAAAAAAAAAAAAAAAAAAA="])
def test_the_unsigned_is_403_and_leaves_no_trace(app, community, session, path, signature):
    headers = {} if signature is None else {"X-Twilio-Signature": signature.encode().decode("latin-1")}
    answer = app.test_client().post(path, data=FIELDS, headers=headers)
    assert answer.status_code == 403
    assert nothing_stored(session)


def test_a_signature_with_another_token_is_403(app, community, session):
    assert post_signed(app, "/hotline/voice", FIELDS, token="not-ours").status_code == 403
    assert nothing_stored(session)


def test_two_signature_headers_are_403(app, community):
    url = "http://127.0.0.1:8080/hotline/voice"
    good = RequestValidator(app.extensions["settings"].webhook_tokens[0]).compute_signature(url, FIELDS)
    headers = [("X-Twilio-Signature", good), ("X-Twilio-Signature", good)]
    assert app.test_client().post("/hotline/voice", data=FIELDS, headers=headers).status_code == 403


def test_a_changed_field_is_403_and_a_blank_one_counts(app, community):
    token = app.extensions["settings"].webhook_tokens[0]
    url = app.extensions["settings"].public_base_url + "/hotline/voice"
    blank = {**FIELDS, "CallerName": "", "FromCity": ""}
    signature = RequestValidator(token).compute_signature(url, blank)
    for fields, status in ((blank, 200), ({**blank, "From": STRANGER}, 403), (FIELDS | {"More": "1"}, 403)):
        answer = app.test_client().post("/hotline/voice", data=fields, headers={"X-Twilio-Signature": signature})
        assert answer.status_code == status


def test_percent_escapes_in_the_address_are_signed_as_they_were_sent(app, community):
    assert post_signed(app, "/hotline/voice?x=%E6%BC%8F%E6%B0%B4&y=a%20b+c", FIELDS).status_code == 200
    assert post_signed(app, "/hotline/voice?x=%e6", FIELDS).status_code == 200


def test_the_old_token_is_taken_during_rotation(app, community, monkeypatch):
    from dataclasses import replace

    settings = replace(
        app.extensions["settings"],
        carrier="twilio",
        carrier_outbound="twilio",
        carrier_sms="twilio",
        twilio_auth_token="new",
        twilio_auth_token_secondary="old",
    )
    monkeypatch.setitem(app.extensions, "settings", settings)
    for token, status in (("new", 200), ("old", 200), ("older", 403)):
        assert post_signed(app, "/hotline/voice", FIELDS, token=token).status_code == status


@pytest.mark.parametrize("sid", [None, "", " ", "CA 1", "x" * 65, "CA\x00", "漏水", "CA'; DROP TABLE call"])
@pytest.mark.parametrize("path", PATHS)
def test_a_missing_or_malformed_callsid_is_400(app, community, session, path, sid):
    fields = {key: value for key, value in FIELDS.items() if key != "CallSid"}
    assert post_signed(app, path, fields if sid is None else {**fields, "CallSid": sid}).status_code == 400
    assert nothing_stored(session)


def test_a_huge_body_is_413(app, community, session):
    assert post_signed(app, "/hotline/voice", {**FIELDS, "SpeechResult": "水" * 120_000}).status_code == 413
    assert nothing_stored(session)


@pytest.mark.parametrize("path", ["/hotline/voice/1/nonsense", "/hotline/voice/1/end", "/hotline/voice/99999999/menu"])
def test_a_step_that_does_not_exist_is_404(app, community, path):
    assert post_signed(app, path, FIELDS).status_code == 404


def test_get_is_refused(app, community):
    assert app.test_client().get("/hotline/voice").status_code == 405


def test_control_characters_and_long_words_do_no_harm(phone, ticket_of):
    line = (
        phone()
        .press("1")
        .press("1")
        .say("漏水\x00\x08\x1b[31m<Say>&'\ud83d".encode("utf-8", "replace").decode() + "很" * 5000)
    )
    line.press("1")
    assert "\x1b" not in line.answer
    ticket = ticket_of(line)
    assert ticket.description.startswith("漏水")
    assert len(ticket.description) <= 1000


def test_the_first_webhook_twice_is_one_call_and_one_answer(app, community, session):
    first, second = (post_signed(app, "/hotline/voice", FIELDS) for _ in range(2))
    assert first.get_data() == second.get_data()
    assert session.query(Call).count() == session.query(HotlineEvent).count() == 1


def test_every_webhook_of_a_call_twice_changes_nothing(phone, ticket_of, session, call_of):
    line = phone()
    for fields in ({"Digits": "1"}, {"Digits": "1"}, {"SpeechResult": "漏水"}, {"Digits": "1"}, {"Digits": "1"}):
        action = line.action
        line.post(action, **fields)
        answer = line.answer
        line.post(action, **fields)
        assert line.answer == answer
    line.hang_up().hang_up()
    ticket = ticket_of(line)
    assert [entry.verb for entry in ticket.entries] == ["register"]
    assert session.query(Ticket).count() == 1


def test_a_stale_question_is_answered_with_the_stored_answer_and_moves_nothing(phone, call_of):
    line = phone()
    menu = line.action
    line.press("1")
    house = line.answer
    line.press("1").post(menu, Digits="1")
    assert line.answer == house
    assert call_of(line).step == "describe"


def test_late_and_early_statuses_only_move_forward(phone, call_of, ticket_of):
    line = phone().press("1").hang_up()
    for status in ("ringing", "in-progress", "busy", "queued", "nonsense", ""):
        line.post("/hotline/status", CallStatus=status)
    line.post("/hotline/voice", CallStatus="ringing")
    assert (call_of(line).status, call_of(line).outcome) == ("completed", "abandoned")
    assert ticket_of(line)


def test_a_step_after_the_end_changes_nothing_but_keeps_the_words(phone, call_of, ticket_of):
    line = phone().press("1").press("1")
    describe = line.action
    line.hang_up()
    line.post(describe, SpeechResult="厨房漏水")
    assert line.has("Hangup")
    ticket = ticket_of(line)
    assert (call_of(line).outcome, ticket.category) == ("abandoned", None)
    assert any("厨房漏水" in entry.note for entry in ticket.entries)


def test_a_step_that_overtakes_the_first_webhook_is_taken(app, community, call_of, ticket_of):
    line = Line(app)
    line.post("/hotline/voice/3/describe", SpeechResult="漏水")
    assert line.step == "confirm"
    line.post("/hotline/voice", CallStatus="ringing")
    line.hang_up()
    assert ticket_of(line).description == "漏水"


@pytest.mark.parametrize("order", list(itertools.permutations(["voice", "menu", "status"])))
def test_the_webhooks_of_a_short_call_in_any_order_end_in_one_ticket(app, community, call_of, ticket_of, order):
    line = Line(app)
    for kind in order:
        path, fields = {
            "voice": ("/hotline/voice", {"CallStatus": "ringing"}),
            "menu": ("/hotline/voice/1/menu", {"Digits": "1"}),
            "status": ("/hotline/status", {"CallStatus": "completed"}),
        }[kind]
        assert line.post(path, **fields).status_code in (200, 204)
    call = call_of(line)
    assert (call.status, call.community.code, call.from_number) == ("completed", "sunshine", ZHANG)
    assert ticket_of(line)


@pytest.mark.parametrize("status", ["completed", "busy", "failed", "no-answer", "canceled"])
def test_a_call_known_only_by_its_end_has_a_ticket(app, community, ticket_of, call_of, status):
    line = Line(app).hang_up(status)
    assert ticket_of(line).callback_due
    assert call_of(line).outcome == "abandoned"


def test_the_status_of_a_call_of_ours_is_no_inbound_call(app, community, session):
    line = Line(app)
    line.post("/hotline/status", CallStatus="completed", Direction="outbound-api")
    assert session.query(Call).count() == 0


def test_a_number_nobody_knows_is_refused_clearly_when_there_are_several_communities(app, session, now, call_of):
    build_estate(session, now, several=True)
    line = Line(app, to_number="+862100000000").dial()
    assert line.has("Hangup")
    assert "未在本系统启用" in line.said
    assert call_of(line).community_id is None
    line.hang_up()
    assert call_of(line).outcome == "abandoned"
    assert Line(app).dial().step == "menu"


def test_no_community_at_all_refuses(app, session):
    assert session.query(Community).count() == 0
    assert Line(app).dial().has("Hangup")


def test_the_fallback_records_the_caller(phone, call_of, ticket_of):
    line = phone().press("1")
    line.post("/hotline/fallback", ErrorCode="11200", ErrorUrl="https://x.invalid")
    assert line.has("Record")
    assert line.step == "message"
    line.record().hang_up()
    assert call_of(line).outcome == "fallback"
    assert ticket_of(line).callback_due


def test_the_fallback_of_a_call_never_seen(app, community, ticket_of, call_of):
    line = Line(app)
    line.post("/hotline/fallback", ErrorCode="11205")
    assert line.has("Record")
    line.hang_up()
    assert call_of(line).outcome == "fallback"
    assert ticket_of(line)


def test_a_recording_callback_of_a_call_never_seen(app, community, session):
    line = Line(app)
    fields = {"RecordingSid": "RE1", "RecordingStatus": "completed", "RecordingUrl": "https://x.invalid/RE1"}
    assert line.post("/hotline/recording", **fields).status_code == 204
    assert session.query(Recording).one().url == "https://x.invalid/RE1"
    late = {**fields, "RecordingStatus": "in-progress"}
    line.post("/hotline/recording", **late)
    session.rollback()
    assert session.query(Recording).one().status == "completed"


def test_without_its_database_the_hotline_records_and_the_journal_is_replayed(
    app, data_dir, community, session, monkeypatch, call_of, ticket_of
):
    line = Line(app)

    def gone(*args, **kwargs):
        raise OperationalError("select", {}, Exception("the database is gone"))

    with monkeypatch.context() as broken:
        for name in ("receive_call", "take_step", "take_status", "take_recording", "take_fallback"):
            broken.setattr(calls, name, gone)
        assert line.post("/hotline/voice", CallStatus="ringing").status_code == 200
        assert line.has("Record")
        assert "系统繁忙" in line.said
        line.record(RecordingSid="RE77")
        assert line.has("Hangup")
        line.hang_up()
    with app.app_context():
        assert journal.waiting_entries() == 3
    assert nothing_stored(session)
    came_at = sorted(path for path in (data_dir / "journal").glob("*.jsonl"))
    assert [path.name for path in came_at] == ["pending.jsonl"]

    from app.adapters.clock import now as present

    assert journal.replay_journal(session, present()) == {"replayed": 3, "failed": 0}
    session.commit()
    call = call_of(line)
    assert (call.status, call.outcome) == ("completed", "silent")
    assert call.started_at < call.ended_at
    assert [recording.provider_sid for recording in call.recordings] == ["RE77"]
    number = ticket_of(line).number
    assert journal.replay_journal(session, present()) == {"replayed": 0, "failed": 0}
    session.commit()
    assert ticket_of(line).number == number
    with app.app_context():
        assert journal.waiting_entries() == 0


def test_a_fault_of_ours_is_no_500(app, data_dir, phone, monkeypatch, ticket_of, session):
    line = phone().press("1").press("1")
    describe = line.action

    def broken(*args, **kwargs):
        raise RuntimeError("a fault of ours")

    with monkeypatch.context() as faulty:
        faulty.setattr(calls, "gather", broken)
        assert line.post(describe, SpeechResult="厨房漏水").status_code == 200
        assert line.has("Record")
    from app.adapters.clock import now as present

    assert journal.replay_journal(session, present())["replayed"] == 1
    session.commit()
    assert ticket_of(line).description == "厨房漏水"


def test_what_the_database_could_not_do_just_now_is_replayed_by_the_next_run(
    app, data_dir, phone, monkeypatch, session
):
    line = phone().press("1").press("1")
    from app.adapters.clock import now as present

    with app.app_context():
        hook = calls.Webhook(line.sid, {"CallSid": line.sid, "CallStatus": "completed", "To": HOTLINE}, present())
        journal.append("status", hook)

    def deadlock(*args):
        raise OperationalError("UPDATE call", {}, Exception("deadlock detected"))

    with monkeypatch.context() as busy:
        busy.setitem(journal._HANDLERS, "status", deadlock)
        with pytest.raises(OperationalError):
            journal.replay_journal(session, present())
    session.rollback()
    assert journal.waiting_entries() == 1
    assert journal.replay_journal(session, present()) == {"replayed": 1, "failed": 0}


@pytest.mark.parametrize("faulty", [True, False])
def test_a_journal_put_aside_says_whether_it_was_entered_and_goes_after_its_time(
    app, data_dir, phone, monkeypatch, session, faulty
):
    line = phone().press("1").press("1")
    from app.adapters.clock import now as present

    at = present()
    journal.append(
        "status", calls.Webhook(line.sid, {"CallSid": line.sid, "CallStatus": "completed", "To": HOTLINE}, at)
    )
    with monkeypatch.context() as patch:
        if faulty:
            patch.setitem(journal._HANDLERS, "status", lambda *args: 1 / 0)
        assert journal.replay_journal(session, at)["failed"] == faulty
    assert journal.replay_journal(session, at) == {"replayed": 0, "failed": 0}
    session.commit()
    kept = sorted(path.name.partition("-")[0] for path in (data_dir / "journal").glob("*.jsonl"))
    assert kept == ["failed" if faulty else "done"]
    assert journal.failed_files() == faulty
    assert journal.forget_done(at) == 0
    assert journal.forget_done(at + timedelta(seconds=1)) == 1
    assert list((data_dir / "journal").glob("*.jsonl")) == []


def test_a_journal_line_cut_short_does_not_block_the_rest(app, data_dir, community, session, ticket_of):
    folder = data_dir / "journal"
    folder.mkdir(exist_ok=True)
    (folder / "pending.jsonl").write_text('{"id": "1", "kind"\nnonsense\n[]\n', encoding="ascii")
    from app.adapters.clock import now as present

    with app.app_context():
        line = Line(app)
        hook = calls.Webhook(line.sid, {"CallSid": line.sid, "CallStatus": "completed", "To": HOTLINE}, present())
        journal.append("status", hook)
    assert journal.replay_journal(session, present()) == {"replayed": 1, "failed": 0}
    session.commit()
    assert ticket_of(line)


def test_a_length_in_odd_figures_ends_the_call_all_the_same(app, phone, call_of, session):
    line = phone().press("3").say("什么时候收垃圾")
    data = {"CallSid": line.sid, "RecordingSid": "REodd", "RecordingStatus": "completed", "RecordingDuration": "1²"}
    assert post_signed(app, "/hotline/recording/call", data).status_code == 204
    assert line.post("/hotline/status", CallStatus="completed", CallDuration="²").status_code == 204
    call = call_of(line)
    assert (call.status, call.duration_seconds) == ("completed", None)
    assert [recording.duration_seconds for recording in call.recordings] == [None]
    with app.app_context():
        assert journal.waiting_entries() == 0
