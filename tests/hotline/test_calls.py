"""Calls through signed webhooks on the real database: every one is kept, whatever the caller does (D6, I4, I8)."""

import pytest

from app.models import Call, EscalationAttempt, HotlineEvent, Ladder, Message, Ticket
from app.rules import spoken
from tests.support.hotline import LI, SHARED, STRANGER, ZHANG


def test_event_call_and_number_are_stored_before_the_first_answer(phone, call_of, session):
    line = phone()
    call = call_of(line)
    assert (call.from_number, call.status, call.step) == (ZHANG, "ringing", "menu")
    assert len(call.ticket_number) == 8
    assert session.query(HotlineEvent).filter_by(call_sid=line.sid).count() == 1
    assert line.step == "menu"
    assert "欢迎致电阳光花园物业服务中心" in line.said
    assert "录音" in line.said
    assert session.query(Ticket).count() == 0


def test_a_repair_from_menu_to_number(phone, call_of, ticket_of, session):
    line = phone().press("1")
    assert "3幢2单元幺二零幺" in line.said
    assert "张伟" not in line.answer
    line.press("1").say("厨房水管漏水")
    ticket = ticket_of(line)
    assert (ticket.kind, ticket.category.code, ticket.priority) == ("repair", "water", "urgent")
    assert (ticket.house.name, ticket.description, ticket.reporter.name) == ("3幢2单元1201", "厨房水管漏水", "张伟")
    line.press("1")
    assert "厨房水管漏水" in line.said
    line.press("1")
    assert line.has("Hangup")
    call = call_of(line)
    assert ticket.number == call.ticket_number
    assert spoken.digits(ticket.number, "zh") in line.said
    line.hang_up()
    assert (call_of(line).outcome, call_of(line).status) == ("ticket", "completed")
    receipt = session.query(Message).filter_by(purpose="receipt").one()
    assert (receipt.to, receipt.ticket_id, receipt.channel) == (ZHANG, ticket.id, "sms")
    assert ticket.number in receipt.body
    assert receipt.body.startswith("【阳光花园】您的来电")
    assert "报修" in receipt.body
    assert ticket_of(line).place == "室内"


def test_the_english_flow(phone, ticket_of, session):
    line = phone().press("8").press("1")
    assert "building 3, unit 2, room one two zero one" in line.said
    assert {say.get("language") for say in line.twiml.iter("Say")} == {"en-US"}
    assert line.said.isascii()
    line.press("1").say("no water in the bathroom").press("1").press("1").hang_up()
    ticket = ticket_of(line)
    assert spoken.digits(ticket.number, "en") in line.said
    assert ticket.reporter_locale == "en"
    assert session.query(Message).filter_by(purpose="receipt").one().body.startswith("[Sunshine Garden]")


@pytest.mark.parametrize("questions", range(6))
@pytest.mark.parametrize("key", "1234")
def test_a_hang_up_at_any_question_leaves_a_ticket(phone, call_of, ticket_of, questions, key):
    line = phone()
    steps = [lambda: line.press(key), lambda: line.press("1"), lambda: line.say("楼道噪音"), lambda: line.press("1")]
    steps.append(lambda: line.press("1"))
    for step in steps[:questions]:
        if line.has("Hangup"):
            break
        step()
    line.hang_up()
    ticket = ticket_of(line)
    call = call_of(line)
    assert ticket.number == call.ticket_number
    if questions < 3:
        assert (call.outcome, ticket.callback_due) == ("abandoned", True)
    else:
        assert (call.outcome, ticket.description) == ("ticket", "楼道噪音")
    if questions >= 2:
        assert ticket.house.name == "3幢2单元1201"


def test_silence_ends_with_a_recording_and_a_ticket(phone, call_of, ticket_of):
    line = phone()
    for _ in range(3):
        line.press("")
    assert line.has("Record")
    assert line.step == "message"
    line.record().hang_up()
    call = call_of(line)
    assert call.outcome == "silent"
    assert ticket_of(line).callback_due
    assert [recording.provider_sid for recording in call.recordings] == [f"RE{line.sid[2:]}"]


def test_silence_during_the_recording_too(phone, call_of, ticket_of):
    line = phone().press("").press("").press("")
    line.send()  # the Redirect after the Record
    assert line.has("Hangup")
    line.hang_up()
    assert call_of(line).outcome == "silent"
    assert ticket_of(line).callback_due


@pytest.mark.parametrize("key", ["7", "#", "77", "abc", "1#1"])
def test_meaningless_keys_at_every_question_still_end_in_a_ticket(phone, ticket_of, key):
    line = phone()
    for _ in range(20):
        if line.has("Hangup"):
            break
        if line.has("Record"):
            line.send(Digits="hangup")
        else:
            line.press(key)
    line.hang_up()
    assert ticket_of(line)


def test_several_houses_are_offered_by_number_only(phone, ticket_of):
    line = phone(LI).press("1")
    assert "1幢1单元幺零幺" in line.said
    assert "5幢1单元三零二" in line.said
    line.press("2").say("停电了").hang_up()
    assert ticket_of(line).house.name == "5幢1单元302"
    assert ticket_of(line).reporter.name == "李娜"


def test_a_shared_number_speaks_no_names_and_finds_the_person_by_the_house(phone, ticket_of):
    line = phone(SHARED).press("1")
    assert "王" not in line.said
    line.press("2").say("停电了").hang_up()
    assert (ticket_of(line).house.name, ticket_of(line).reporter.name) == ("2幢1单元602", "王强")


@pytest.mark.parametrize("withheld", ["+266696687", "+7378742833", "anonymous", "", "Restricted", "+86282452253"])
def test_a_withheld_number_is_asked_and_gets_no_sms(phone, call_of, ticket_of, session, withheld):
    line = phone(withheld).press("1")
    assert line.step == "which-house"
    line.say("三幢二单元十二零一").say("停电了").press("1").press("1").hang_up()
    assert call_of(line).from_number is None
    ticket = ticket_of(line)
    assert (ticket.house.name, ticket.reporter_phone, ticket.reporter) == ("3幢2单元1201", None, None)
    assert session.query(Message).count() == 0


@pytest.mark.parametrize("caller", ["sip:bob@example.org", "+862160000001;ext=12", "1" * 90, "张三", "+86\x00138"])
def test_odd_callers_are_served(phone, ticket_of, caller):
    line = phone(caller).press("1").press("3*2*1201").say("漏水").hang_up()
    assert ticket_of(line).house.name == "3幢2单元1201"


def test_doubt_about_the_house_is_asked_back(phone, ticket_of):
    line = phone(STRANGER).press("1").say("三幢一二零一")
    assert line.step == "house-check"
    assert "按2" in line.said
    line.press("2").say("漏水").hang_up()
    assert ticket_of(line).house.name == "3幢2单元1201"


def test_a_house_that_does_not_exist_goes_on_without_after_some_tries(phone, ticket_of):
    line = phone(STRANGER).press("1").say("九幢九单元九九九")
    assert "没有这套房屋" in line.said
    line.say("九幢九单元九九九").say("九幢九单元九九九")
    assert line.step == "describe"
    line.say("漏水").hang_up()
    assert ticket_of(line).house is None


def test_a_recording_is_the_second_way(phone, call_of, ticket_of, session):
    line = phone().press("1").press("1").press("1")
    assert line.has("Record")
    record = line.twiml.find("Record")
    assert record.get("recordingStatusCallback").endswith("/hotline/recording#rc=5&rp=ct,rt,5xx")
    line.record()
    assert line.step == "place"
    ticket = ticket_of(line)
    assert "录音" in ticket.description
    post = {"RecordingSid": f"RE{line.sid[2:]}", "RecordingStatus": "completed", "RecordingDuration": "7"}
    assert line.post("/hotline/recording", **post).status_code == 204
    assert line.post("/hotline/recording", **post).status_code == 204
    stored = call_of(line).recordings[0]
    assert (stored.status, stored.duration_seconds) == ("completed", 7)


def test_a_caller_who_hangs_up_while_recording(phone, call_of, ticket_of):
    line = phone().press("1").press("1").press("1").record(Digits="hangup").hang_up()
    assert call_of(line).outcome == "ticket"
    assert "录音" in ticket_of(line).description


def test_no_at_the_read_back_amends_the_ticket(phone, ticket_of):
    line = phone().press("1").press("1").say("漏水").press("1").press("2")
    assert line.step == "describe"
    line.say("停电了").press("2").say("三楼走廊").press("1").hang_up()
    ticket = ticket_of(line)
    assert ticket.place == "三楼走廊"
    assert (ticket.description, ticket.category.code) == ("停电了", "power")
    assert any("漏水" in entry.data.get("description_before", "") for entry in ticket.entries)


def test_a_further_contact_joins_the_open_ticket(phone, call_of, ticket_of, session):
    first = phone().press("1").press("1").say("厨房漏水").press("1").press("1").hang_up()
    second = phone().press("1").press("1").say("还在漏水")
    assert second.step == "same-matter"
    second.press("2")
    assert spoken.digits(ticket_of(first).number, "zh") in second.said
    second.hang_up()
    assert call_of(second).outcome == "contact_on_ticket"
    assert ticket_of(second).id == ticket_of(first).id
    third = phone().press("1").press("1").say("还在漏水").press("1").hang_up()
    assert ticket_of(third).id != ticket_of(first).id
    assert session.query(Ticket).count() == 2


def test_progress_and_fees_make_a_closed_consultation_outside_the_figures(phone, call_of, ticket_of):
    first = phone().press("1").press("1").say("漏水").press("1").press("1").hang_up()
    line = phone().press("5")
    assert f"工单{spoken.digits(ticket_of(first).number, 'zh')}" in line.said
    assert "已受理" in line.said
    line.hang_up()
    ticket = ticket_of(line)
    assert call_of(line).outcome == "no_matter"
    assert (ticket.kind, ticket.state, ticket.counts_in_figures) == ("consultation", "closed", False)
    fees = phone().press("6").hang_up()
    assert (call_of(fees).outcome, ticket_of(fees).state) == ("no_matter", "closed")


def test_finance_calls_back(phone, call_of, ticket_of):
    line = phone().press("6").press("1").hang_up()
    ticket = ticket_of(line)
    assert (ticket.kind, ticket.category.code, ticket.callback_due) == ("consultation", "fee", True)
    assert call_of(line).outcome == "ticket"


def test_a_person_is_dialled_then_recorded(phone, call_of, ticket_of):
    line = phone().press("0")
    dial = line.twiml.find("Dial")
    assert (dial.get("timeout"), dial.findtext("Number")) in (("30", "+862160001000"), ("30", "+8613900139001"))
    line.send(DialCallStatus="no-answer")
    assert line.has("Record")
    line.record().hang_up()
    assert ticket_of(line).callback_due
    talked = phone().press("0").send(DialCallStatus="completed", DialCallDuration="40").hang_up()
    assert call_of(talked).outcome == "connected"
    assert ticket_of(talked)


def test_an_emergency_rings_the_roster_at_once_and_the_caller_waits(phone, call_of, ticket_of, session):
    line = phone().press("9")
    assert "119" in line.said
    ticket = ticket_of(line)
    assert (ticket.kind, ticket.priority, ticket.house.name) == ("emergency", "emergency", "3幢2单元1201")
    assert session.query(Ladder).filter_by(ticket_id=ticket.id).one().state == "running"
    line.press("2")
    queue = line.twiml.find("Enqueue")
    assert queue.text == f"ticket-{ticket.number}"
    assert (ticket_of(line).category.code, ticket_of(line).description) == ("lift", "电梯困人。")
    wait = line.post(queue.get("waitUrl"), QueueTime="0")
    assert "正在呼叫值班人员" in wait.get_data(as_text=True)
    assert line.step == "wait-key"


def test_a_waiting_caller_hears_what_is_happening(phone, ticket_of, session):
    line = phone().press("9").press("1")
    ladder = session.query(Ladder).one()
    for rung in (0, 1):
        attempt = {"ladder_id": ladder.id, "ticket_id": ladder.ticket_id, "round": 1, "rung": rung, "tier": "on_duty"}
        times = {"started_at": ladder.started_at, "deadline_at": ladder.started_at}
        session.add(EscalationAttempt(**attempt, **times, number="+8613900139001"))
    session.commit()
    line.post("/hotline/voice/wait", QueueTime="70")
    assert "已呼叫2次" in line.said
    ladder.state = "accepted"
    session.commit()
    line.post("/hotline/voice/wait", QueueTime="80")
    assert "接通" in line.said


def test_an_emergency_caller_may_leave_the_queue_and_is_called_back(phone, call_of, ticket_of, session):
    line = phone().press("9").say("厨房着火了")
    queue = line.action
    line.post("/hotline/voice/wait", QueueTime="3")
    line.press("1")
    assert line.has("Leave")
    line.post(queue, QueueResult="leave")
    assert line.has("Hangup")
    line.hang_up()
    ticket = ticket_of(line)
    assert ticket.callback_due
    assert "着火" in ticket.description
    assert session.query(Ladder).one().caller_wants_callback


def test_an_emergency_caller_who_hangs_up_changes_nothing_for_the_ladder(phone, call_of, ticket_of, session):
    line = phone().press("9").press("1").hang_up()
    assert session.query(Ladder).one().state == "running"
    assert ticket_of(line).callback_due
    assert call_of(line).outcome == "ticket"


def test_a_bridged_emergency_is_connected(phone, call_of, ticket_of):
    line = phone().press("9").press("1")
    line.send(QueueResult="bridged", QueueTime="20").hang_up()
    assert call_of(line).outcome == "connected"
    assert not ticket_of(line).callback_due


def test_a_caller_who_spoke_with_the_taker_and_hung_up_first_is_connected(phone, call_of, ticket_of, session):
    line = phone().press("9").press("1")
    queue = line.action
    ladder = session.query(Ladder).one()
    ladder.connected_at = ladder.started_at
    session.commit()
    line.hang_up()
    line.post(queue, QueueResult="bridged")
    assert call_of(line).outcome == "connected"
    assert not ticket_of(line).callback_due


def test_a_long_place_does_not_stand_in_the_way_of_an_emergency(phone, call_of):
    line = phone().press("1").press("1").say("漏水").press("2").say("走廊" * 400).press("9")
    assert "119" in line.said
    assert [ticket.kind for ticket in call_of(line).tickets] == ["repair", "emergency"]


@pytest.mark.parametrize("before", [[], ["1"], ["1", "1"], ["6"], ["5"]])
def test_9_reaches_the_emergency_from_every_question(phone, call_of, before):
    line = phone()
    for key in before:
        line.press(key)
    line.press("9")
    assert "119" in line.said
    assert [ticket.kind for ticket in call_of(line).tickets] == ["emergency"]


def test_words_of_danger_in_a_repair_ring_the_roster(phone, ticket_of, session):
    line = phone().press("1").press("1").say("厨房水管爆了,水管爆")
    assert "119" in line.said
    ticket = ticket_of(line)
    assert (ticket.kind, ticket.priority) == ("repair", "emergency")
    assert session.query(Ladder).one().ticket_id == ticket.id
    line.press("9")
    assert ticket_of(line).id == ticket.id


def test_a_call_to_a_number_nobody_knows_falls_to_the_only_community(phone, call_of):
    line = phone(to_number="+862199999999")
    assert call_of(line).community.code == "sunshine"


def test_every_call_of_the_tests_above_has_its_words_in_twilio_s_tongue(phone, call_of):
    line = phone().press("1")
    assert call_of(line).status == "in-progress"
    line.hang_up("failed")
    assert isinstance(call_of(line), Call)
    assert call_of(line).status == "failed"


def test_a_caller_who_pressed_only_meaningless_keys_was_not_silent(phone, call_of, ticket_of):
    line = phone().press("7")
    line.hang_up()
    assert call_of(line).outcome == "abandoned"
    assert ticket_of(line).callback_due


def test_a_recording_heard_of_after_the_end_is_told_on_the_ticket_once(phone, call_of, ticket_of):
    line = phone().press("1").press("1").press("1")
    assert line.has("Record")
    line.hang_up()
    assert call_of(line).outcome == "abandoned"
    done = {"RecordingSid": "RElate", "RecordingUrl": "https://carrier.invalid/r", "RecordingDuration": "9"}
    for _ in range(2):
        line.post("/hotline/recording", RecordingStatus="completed", **done)
    assert call_of(line).outcome == "abandoned"
    assert [entry.note for entry in ticket_of(line).entries].count("来电人留下了录音，请收听。") == 1


def test_a_very_long_speech_is_kept_as_far_as_it_can_be(phone, ticket_of):
    line = phone().press("1").press("1").say("漏水" * 10_000)
    assert ticket_of(line).description.startswith("漏水漏水")
