"""An emergency rings on duty → backup → manager by separate calls until somebody presses 1 (D7), through signed webhooks."""

from dataclasses import replace
from datetime import datetime, timedelta
from urllib.parse import urlsplit

import pytest
from sqlalchemy import delete, select

from app.adapters.carrier.base import CarrierError
from app.adapters.clock import now as present
from app.models import Clock, DutyShift, EscalationAttempt, Ladder, Message, Staff, StaffCommunity, Ticket, TicketEntry
from app.services.escalation import start
from app.services.escalation_dial import tick
from app.services.transaction import transaction
from tests.support.carrier import FakeCarrier, Leg
from tests.support.hotline import HOTLINE, ON_DUTY, ZHANG, post_signed

BACKUP, MANAGER = "+8613900139002", "+8613900139003"
BASE = "https://hotline.example.org"
ROSTER = [ON_DUTY, BACKUP, MANAGER]


@pytest.fixture
def roster(session, community) -> None:
    """A backup and a manager behind the one on duty."""
    now = present()
    for tier, name, role, number in (("backup", "备班", "steward", BACKUP), ("manager", "经理", "manager", MANAGER)):
        staff = Staff(name=name, role=role, number=number)
        staff.community_links.append(StaffCommunity(community_id=community.id))
        session.add(staff)
        session.flush()
        span = {"starts_at": now - timedelta(days=400), "ends_at": now + timedelta(days=4000)}
        session.add(DutyShift(community_id=community.id, tier=tier, staff_id=staff.id, number=number, **span))
    session.commit()


@pytest.fixture
def carrier() -> FakeCarrier:
    return FakeCarrier()


class Scene:
    """An emergency under way: `at(seconds)` runs the job that long after the first ring, `leg(n)` is the n-th call made."""

    def __init__(self, app, session, carrier: FakeCarrier, line) -> None:
        self.app, self.session, self.carrier, self.line = app, session, carrier, line
        self.start: datetime = self.ladder.next_at

    def at(self, seconds: float) -> "Scene":
        instant = self.start + timedelta(seconds=seconds)
        if 0 < seconds < 30:
            # Webhooks are stamped with the present: on a slow machine this instant of ours may already be over.
            instant = max(instant, present())
        tick(transaction, self.carrier, BASE, instant)
        return self

    def leg(self, number: int) -> Leg:
        return Leg(self.app, self.carrier.orders[number - 1], self.carrier.sid(number))

    def fresh(self) -> None:
        self.session.expire_all()
        self.session.rollback()

    @property
    def ladder(self) -> Ladder:
        self.fresh()
        return self.session.scalars(select(Ladder)).one()

    @property
    def ticket(self) -> Ticket:
        self.fresh()
        return self.session.scalars(select(Ticket)).one()

    @property
    def attempts(self) -> list[tuple[str, str]]:
        self.fresh()
        rows = self.session.scalars(select(EscalationAttempt).order_by(EscalationAttempt.id))
        return [(attempt.number, attempt.state) for attempt in rows]

    @property
    def notes(self) -> list[str]:
        self.fresh()
        return list(self.session.scalars(select(TicketEntry.note).order_by(TicketEntry.id)))


@pytest.fixture
def scene(app, session, phone, roster, carrier) -> Scene:
    """张伟 presses 9 and waits in the queue."""
    line = phone().press("9").say("厨房水管爆了")
    return Scene(app, session, carrier, line)


def test_the_first_call_goes_to_the_one_on_duty_from_the_hotline_number(scene: Scene) -> None:
    scene.at(0)
    order = scene.carrier.orders[0]
    assert (order.to, order.from_) == (ON_DUTY, HOTLINE)
    assert order.timeout_seconds == 60
    assert scene.attempts == [(ON_DUTY, "dialling")]


def test_each_has_sixty_seconds_and_then_it_starts_again_with_a_text_message_to_all(scene: Scene) -> None:
    rung = []
    for second in (0, 59, 60, 119, 120, 179, 180, 239, 240):
        scene.at(second)
        rung.append(len(scene.carrier.rung))
    assert rung == [1, 1, 2, 2, 3, 3, 4, 4, 5]
    assert scene.carrier.rung == [*ROSTER, ON_DUTY, BACKUP]
    assert [state for _, state in scene.attempts][:4] == ["no_answer"] * 4
    texts = scene.session.scalars(select(Message).where(Message.purpose == "ladder")).all()
    assert sorted(text.to for text in texts) == ROSTER
    assert scene.ticket.number in texts[0].body


def test_one_ring_after_the_other_never_two_at_once(scene: Scene) -> None:
    for second in range(0, 400, 7):
        scene.at(second)
        live = [state for _, state in scene.attempts if state in ("pending", "dialling", "ringing", "answered")]
        assert len(live) == 1


@pytest.mark.parametrize("status", ["busy", "no-answer", "failed", "canceled"])
def test_who_cannot_be_reached_makes_way_at_once(scene: Scene, status: str) -> None:
    scene.at(0).leg(1).progress(status)
    scene.at(1)
    assert scene.carrier.rung == [ON_DUTY, BACKUP]


def test_a_machine_has_not_accepted_whatever_it_answers(scene: Scene) -> None:
    leg = scene.at(0).leg(1).take(AnsweredBy="machine_start")
    assert leg.xml.find("Gather") is None
    scene.at(1)
    assert scene.carrier.rung == [ON_DUTY, BACKUP]
    assert scene.attempts[0] == (ON_DUTY, "no_answer")


def test_a_machine_found_later_is_hung_up(scene: Scene) -> None:
    leg = scene.at(0).leg(1).take()
    leg.progress("in-progress", AnsweredBy="machine_end_beep")
    scene.at(1)
    assert scene.carrier.hung_up == [leg.sid]
    assert scene.carrier.rung == [ON_DUTY, BACKUP]


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


@pytest.mark.parametrize("status", ["ringing", "in-progress", "busy", "no-answer", "initiated", "nonsense"])
def test_late_reports_change_nothing_after_acceptance(scene: Scene, status: str) -> None:
    leg = scene.at(0).leg(1).take().press("1")
    before = scene.attempts
    assert leg.progress(status) == 204
    assert scene.attempts == before
    assert scene.ladder.state == "accepted"


def test_an_early_report_may_overtake_the_answer_to_the_dial(scene: Scene, carrier: FakeCarrier) -> None:
    carrier.fail[ON_DUTY] = CarrierError("no answer", unknown=True)
    carrier.blind = True
    scene.at(0)
    assert scene.attempts == [(ON_DUTY, "unknown")]
    scene.leg(1).progress("ringing")
    assert scene.attempts == [(ON_DUTY, "ringing")]
    scene.at(30)
    assert carrier.rung == [ON_DUTY]


def test_a_dial_without_an_answer_is_looked_up_before_another(scene: Scene, carrier: FakeCarrier) -> None:
    carrier.fail[ON_DUTY] = CarrierError("no answer", unknown=True)
    carrier.took.append(ON_DUTY)
    scene.at(0).at(6)
    assert carrier.looked_up == [ON_DUTY]
    assert (carrier.rung, scene.attempts) == ([ON_DUTY], [(ON_DUTY, "dialling")])


def test_a_dial_that_the_carrier_never_saw_makes_way(scene: Scene, carrier: FakeCarrier) -> None:
    carrier.fail[ON_DUTY] = CarrierError("no answer", unknown=True)
    scene.at(0).at(6)
    assert carrier.rung == [ON_DUTY, BACKUP]


def test_a_process_that_died_while_dialling_is_looked_into(scene: Scene, carrier: FakeCarrier) -> None:
    from app.services.escalation_dial import advance

    with transaction() as writing:
        assert advance(writing, scene.ladder.id, scene.start) is not None
    scene.at(5)
    assert carrier.orders == []
    carrier.took.append(ON_DUTY)
    scene.at(16)
    assert (carrier.looked_up, carrier.orders) == ([ON_DUTY], [])
    assert scene.attempts == [(ON_DUTY, "dialling")]


def test_a_carrier_that_refuses_everything_does_not_spin(scene: Scene, carrier: FakeCarrier) -> None:
    carrier.fail = dict.fromkeys(ROSTER, CarrierError("no credit", permanent=True))
    scene.at(0).at(1).at(2)
    assert carrier.rung == ROSTER
    scene.at(21)
    assert len(carrier.rung) == 6
    for second in range(22, 600, 3):
        scene.at(second)
    scene.fresh()
    texts = scene.session.scalars(select(Message).where(Message.purpose == "ladder", Message.to == ON_DUTY)).all()
    # Rounds of five seconds, but no more than a text a minute.
    assert 9 <= len(texts) <= 10


def test_where_nobody_is_on_any_list_the_staff_alerts_go_on(scene: Scene, app, monkeypatch) -> None:
    from app.models import DutyShift, StaffCommunity

    settings = replace(app.extensions["settings"], staff_alert_urls=("json://127.0.0.1",))
    monkeypatch.setitem(app.extensions, "settings", settings)
    scene.session.execute(delete(DutyShift))
    scene.session.execute(delete(StaffCommunity))
    scene.session.commit()
    for second in range(0, 200, 5):
        scene.at(second)
    scene.fresh()
    alerts = scene.session.scalars(select(Message).where(Message.purpose == "ladder", Message.channel == "alert")).all()
    assert len(alerts) == 4


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


def test_a_ticket_that_is_cancelled_stops_the_ringing(scene: Scene) -> None:
    scene.at(0)
    with transaction() as writing:
        writing.get_one(Ticket, scene.ticket.id).state = "cancelled"
    scene.at(60)
    assert (scene.ladder.state, scene.carrier.rung) == ("cancelled", [ON_DUTY])


@pytest.mark.parametrize("path", ["/hotline/ladder/1/key", "/hotline/ladder/1/status", "/hotline/ladder/1/say"])
def test_unsigned_requests_take_nothing(scene: Scene, path: str) -> None:
    scene.at(0)
    answer = scene.app.test_client().post(path, data={"CallSid": "CA1", "Digits": "1"})
    assert answer.status_code == 403
    assert scene.ladder.state == "running"


@pytest.mark.parametrize(
    "path", ["/hotline/ladder/99/key", "/hotline/ladder/1/nothing", "/hotline/ladder/99999999999/say"]
)
def test_what_is_not_there_is_404(scene: Scene, path: str) -> None:
    scene.at(0)
    assert post_signed(scene.app, path, {"CallSid": "CA1"}).status_code == 404


def test_one_emergency_has_one_ladder(scene: Scene) -> None:
    with transaction() as writing:
        ticket = writing.get_one(Ticket, scene.ticket.id)
        assert start(writing, ticket, None, scene.start).id == scene.ladder.id
    assert scene.session.query(Ladder).count() == 1


@pytest.mark.parametrize("minutes", [2, 60, 60 * 24])
def test_a_clock_set_back_holds_the_ladder_up_for_one_ring_at_most(scene: Scene, minutes: int) -> None:
    scene.at(0).leg(1).progress("ringing")
    back = -60.0 * minutes
    for second in (1, 30, 62, 63):
        scene.at(back + second)
    assert scene.carrier.rung == [ON_DUTY, BACKUP]
    scene.at(back + 130)
    assert scene.carrier.rung == ROSTER
    assert len({order.url for order in scene.carrier.orders}) == 3


def test_a_ring_found_at_the_carrier_is_never_that_of_another_attempt(scene: Scene, carrier: FakeCarrier) -> None:
    carrier.fail[BACKUP] = CarrierError("no answer", unknown=True)
    carrier.took.append(BACKUP)
    scene.at(0).leg(1).progress("busy")
    scene.at(1).at(7)
    assert scene.attempts[1] == (BACKUP, "dialling")
    with transaction() as writing:
        writing.scalars(select(EscalationAttempt).where(EscalationAttempt.number == BACKUP)).one().state = "busy"
        ladder = writing.get_one(Ladder, scene.ladder.id)
        ladder.round, ladder.rung, ladder.next_at = 2, 1, scene.start + timedelta(seconds=20)
    scene.at(31).at(40)
    assert scene.attempts[2][0] == BACKUP
    assert scene.attempts[2][1] == "failed"
