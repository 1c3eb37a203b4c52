"""Keys of a rung telephone: the first press takes the emergency, the others are told, and the caller is brought to the taker (D7)."""

from datetime import timedelta
from urllib.parse import urlsplit

from sqlalchemy import select

from app.adapters.carrier.base import CarrierError
from app.adapters.clock import now as present
from app.models import Clock, Ladder
from app.services.transaction import transaction
from tests.support.hotline import HOTLINE, ON_DUTY, ZHANG, post_signed
from tests.support.ladder import BACKUP, Scene


def test_what_the_taker_hears(scene: Scene) -> None:
    leg = scene.at(0).leg(1).take()
    assert "阳光花园" in leg.said
    assert "3幢2单元幺二零幺" in leg.said
    assert "厨房水管爆了" in leg.said
    assert ZHANG not in leg.answer
    assert "张伟" not in leg.answer


def test_one_press_takes_it_and_the_caller_is_fetched_from_the_queue(scene: Scene) -> None:
    leg = scene.at(0).leg(1).take().press("1")
    queue = leg.xml.find("Dial/Queue")
    assert queue.text == scene.line.twiml.find("Enqueue").text == f"ticket-{scene.ticket.number}"
    assert scene.ladder.state == "accepted"
    ticket = scene.ticket
    assert (ticket.assignee.name, ticket.responsible, ticket.state) == ("值班管家", "值班管家", "in_progress")
    scene.at(600)
    assert scene.carrier.rung == [ON_DUTY]


def test_a_caller_who_still_answers_questions_is_waited_for(app, session, phone, roster, carrier) -> None:
    line = phone().press("9")
    assert line.twiml.find("Enqueue") is None, "the hotline still asks what has happened"
    scene = Scene(app, session, carrier, line)
    leg = scene.at(0).leg(1).take().press("1")
    for _ in range(2):
        assert leg.post(leg.xml.find("Dial").get("action"), DialCallStatus="failed", DequeueResult="error") == 200
        assert leg.xml.find("Dial") is None, "nobody is in the queue yet, and the caller's own line is taken"
        assert "请不要挂机" in leg.said
        assert leg.post(leg.xml.find("Redirect").text) == 200
    line.say("厨房水管爆了")
    assert leg.xml.find("Dial/Queue").text == line.twiml.find("Enqueue").text


def test_a_queue_that_is_not_there_yet_is_asked_for_again(scene: Scene) -> None:
    leg = scene.at(0).leg(1).take().press("1")
    assert leg.post(leg.xml.find("Dial").get("action"), DialCallStatus="failed", DequeueResult="error") == 200
    assert leg.xml.find("Dial") is None
    assert leg.post(leg.xml.find("Redirect").text) == 200
    assert leg.xml.find("Dial/Queue") is not None
    scene.line.hang_up()
    assert leg.post(leg.xml.find("Dial").get("action"), DialCallStatus="failed", DequeueResult="error") == 200
    assert leg.xml.find("Dial/Number").text == ZHANG


def test_a_queue_that_never_comes_ends_with_the_caller_rung(scene: Scene) -> None:
    leg = scene.at(0).leg(1).take().press("1")
    with transaction() as writing:
        writing.get_one(Ladder, scene.ladder.id).ended_at = present() - timedelta(minutes=4)
    assert leg.post(leg.xml.find("Dial").get("action"), DialCallStatus="failed", DequeueResult="error") == 200
    assert leg.xml.find("Dial/Number").text == ZHANG


def test_speaking_with_the_caller_answers_the_first_response(scene: Scene) -> None:
    leg = scene.at(0).leg(1).take().press("1")
    clock = select(Clock.state).where(Clock.name == "first_response")
    scene.fresh()
    assert scene.session.scalars(clock).all() == ["running"]
    bridge = urlsplit(leg.xml.find("Dial/Queue").get("url")).path
    assert post_signed(scene.app, bridge, {"CallSid": scene.line.sid}).status_code == 200
    scene.fresh()
    assert scene.session.scalars(clock).all() == ["met"]
    assert scene.ladder.connected_at is not None
    assert any("与来电人通话" in note for note in scene.notes)


def test_two_passes_it_on_at_once(scene: Scene) -> None:
    scene.at(0).leg(1).take().press("2")
    scene.at(1)
    assert scene.attempts == [(ON_DUTY, "declined"), (BACKUP, "dialling")]


def test_any_other_key_says_it_again(scene: Scene) -> None:
    leg = scene.at(0).leg(1).take().press("7")
    assert "厨房水管爆了" in leg.said
    assert scene.ladder.state == "running"


def test_who_presses_late_may_still_win_and_the_next_stops_ringing(scene: Scene) -> None:
    first = scene.at(0).leg(1).take()
    scene.at(60)
    assert scene.carrier.rung == [ON_DUTY, BACKUP]
    first.press("1")
    assert scene.ticket.assignee.name == "值班管家"
    scene.at(61)
    assert scene.carrier.hung_up == [scene.carrier.sid(2)]
    assert scene.attempts == [(ON_DUTY, "accepted"), (BACKUP, "cancelled")]


def test_the_second_to_press_is_told_and_changes_nothing(scene: Scene) -> None:
    first = scene.at(0).leg(1).take()
    second = scene.at(60).leg(2).take()
    second.press("1")
    first.press("1")
    assert "备班" in first.said
    assert first.xml.find("Dial") is None
    assert scene.ticket.assignee.name == "备班"


def test_the_same_press_twice_is_the_same_answer(scene: Scene) -> None:
    leg = scene.at(0).leg(1).take()
    gather = leg.answer
    once = leg.press("1").answer
    leg.answer = gather
    assert leg.press("1").answer == once
    assert sum("已接单" in note for note in scene.notes) == 1


def test_a_caller_who_hung_up_is_rung_back_from_the_hotline_number(scene: Scene) -> None:
    scene.line.hang_up()
    leg = scene.at(0).leg(1).take().press("1")
    dial = leg.xml.find("Dial")
    assert (dial.get("callerId"), dial.find("Number").text) == (HOTLINE, ZHANG)
    assert leg.post(dial.get("action"), DialCallStatus="no-answer") == 200
    assert scene.ticket.callback_due
    leg.press("1")
    assert leg.post(leg.xml.find("Dial").get("action"), DialCallStatus="completed") == 200
    assert scene.ladder.connected_at is not None
    assert not scene.ticket.callback_due


def test_a_caller_without_a_number_cannot_be_rung_back(app, session, phone, roster, carrier) -> None:
    line = phone("+266696687").press("9").say("煤气味")
    line.hang_up()
    scene = Scene(app, session, carrier, line)
    leg = scene.at(0).leg(1).take().press("1")
    assert leg.xml.find("Dial") is None
    assert leg.xml.find("Hangup") is not None


def test_a_line_that_breaks_before_they_speak_rings_again(scene: Scene) -> None:
    leg = scene.at(0).leg(1).take().press("1")
    assert leg.progress("completed") == 204
    scene.at((scene.ladder.next_at - scene.start).total_seconds())
    assert scene.ladder.state == "running"
    assert scene.carrier.rung == [ON_DUTY, BACKUP]
    second = scene.leg(2).take().press("1")
    assert second.xml.find("Dial/Queue") is not None


def test_after_they_spoke_the_end_of_the_line_is_the_end(scene: Scene) -> None:
    leg = scene.at(0).leg(1).take().press("1")
    assert leg.post(leg.xml.find("Dial").get("action"), DialCallStatus="completed", DequeueResult="bridged") == 200
    leg.progress("completed")
    scene.at(600)
    assert scene.carrier.rung == [ON_DUTY]


def test_a_key_that_comes_after_its_line_has_ended_takes_nothing(scene: Scene) -> None:
    leg = scene.at(0).leg(1).take()
    gather = leg.answer
    leg.progress("completed")
    for _ in range(2):
        leg.answer = gather
        leg.press("1")
        assert leg.xml.find("Dial") is None
    assert scene.ladder.state == "running"
    assert scene.ticket.assignee is None
    assert len([note for note in scene.notes if "电话已断" in note]) == 1
    scene.at(1)
    assert scene.attempts == [(ON_DUTY, "no_answer"), (BACKUP, "dialling")]


def test_a_telephone_that_could_not_be_hung_up_may_still_take_it(scene: Scene) -> None:
    leg = scene.at(0).leg(1)
    leg.progress("ringing")
    scene.carrier.fail[leg.sid] = CarrierError("429")
    scene.at(60).at(61)
    assert scene.carrier.hung_up == [leg.sid]
    leg.take().press("1")
    assert leg.xml.find("Dial/Queue") is not None
    assert scene.attempts == [(ON_DUTY, "accepted"), (BACKUP, "cancelled")]


def test_an_accepted_line_whose_end_is_never_reported_is_looked_up(scene: Scene) -> None:
    leg = scene.at(0).leg(1).take().press("1")
    scene.due()
    assert scene.ladder.state == "accepted", "the carrier says that it goes on"
    scene.carrier.blind = True
    scene.due().due()
    assert scene.ladder.state == "accepted", "nothing is known while the carrier does not answer"
    scene.carrier.blind = False
    scene.carrier.statuses[leg.sid] = "completed"
    scene.due()
    assert scene.carrier.rung == [ON_DUTY], "the report that they spoke may still come"
    scene.due()
    assert scene.carrier.rung == [ON_DUTY, BACKUP]
    assert scene.leg(2).take().press("1").xml.find("Dial/Queue") is not None


def test_an_accepted_line_that_the_carrier_does_not_know_is_over(scene: Scene) -> None:
    leg = scene.at(0).leg(1).take().press("1")
    del scene.carrier.statuses[leg.sid]
    scene.due().due()
    assert scene.carrier.rung == [ON_DUTY, BACKUP]


def test_a_line_that_ends_after_the_caller_hung_up_leaves_a_call_back(scene: Scene) -> None:
    leg = scene.at(0).leg(1).take().press("1")
    scene.line.hang_up()
    scene.carrier.statuses[leg.sid] = "completed"
    scene.due().due()
    assert (scene.ladder.state, scene.carrier.rung) == ("accepted", [ON_DUTY])
    assert scene.ticket.callback_due
    assert scene.ladder.next_at is None
