"""Automatic calls from plan to result, through the job and signed webhooks: nobody twice, emergencies first, D8's return visits."""

import contextlib
from datetime import datetime, timedelta
from urllib.parse import urlsplit

import pytest
from sqlalchemy import select

from app.adapters.carrier.base import Capability, CarrierError
from app.models import CallWish, Campaign, CampaignTarget, House, Ladder, ReturnVisit, Setting, Ticket, WishEntry
from app.rules.codes import Outreach
from app.services import campaigns, outbound_dial
from app.services.escalation import start
from app.services.ticket_verbs import perform
from app.services.tickets import open_ticket
from app.services.transaction import transaction
from tests.support.carrier import FakeCarrier
from tests.support.hotline import HOTLINE, LI, ZHANG, post_signed
from tests.support.outbound import ROBOT, Scene


@pytest.fixture(autouse=True)
def all_day(session) -> None:
    """These tests run at any hour; the hours have tests of their own."""
    for key, value in (("outbound.from_hour", "0"), ("outbound.until_hour", "24")):
        session.add(Setting(key=key, value=value))
    session.commit()


@pytest.fixture
def scene(app, session, community) -> Scene:
    return Scene(app, session, community)


# ---- nobody twice ----------------------------------------------------------------------------------------------------
def test_the_row_is_written_before_the_carrier_hears_of_it(scene: Scene) -> None:
    scene.plan(ZHANG)
    seen: list[tuple[str, datetime | None]] = []

    class Asking(FakeCarrier):
        def create_call(self, order) -> str:
            with scene.app.app_context(), transaction() as session:
                target = session.scalars(select(CampaignTarget)).one()
                seen.append((target.state, target.dialled_at))
            return super().create_call(order)

    scene.at(0, Asking())
    assert seen == [("dialling", scene.start)]


def test_two_who_claim_at_once_are_one_call(scene: Scene) -> None:
    scene.plan(ZHANG)
    target_id = scene.session.scalars(select(CampaignTarget.id)).one()
    with transaction() as session:
        assert outbound_dial.claim(session, target_id, scene.start)
        assert not outbound_dial.claim(session, target_id, scene.start)


def test_planned_twice_is_called_once(scene: Scene) -> None:
    scene.plan(ZHANG)
    with transaction() as session:
        campaign = session.scalars(select(Campaign)).one()
        assert not campaigns.plan(session, campaign, f"k:{ZHANG}", number=ZHANG, not_before=scene.start)
    for second in range(5):
        scene.at(second)
    assert scene.carrier.rung == [ZHANG]


def test_who_died_between_claim_and_answer_is_looked_up_before_another_call(scene: Scene) -> None:
    scene.plan(ZHANG)
    target_id = scene.session.scalars(select(CampaignTarget.id)).one()
    with transaction() as session:
        outbound_dial.claim(session, target_id, scene.start)
    scene.at(59)
    assert (scene.carrier.looked_up, scene.carrier.rung) == ([], [])
    scene.carrier.took = [ZHANG]
    scene.at(61).at(62)
    assert scene.carrier.looked_up == [ZHANG]
    assert (scene.carrier.rung, scene.states) == ([], ["ringing"])


def test_an_unanswered_request_that_was_never_made_is_made_once_more_after_a_look(scene: Scene) -> None:
    scene.plan(ZHANG)
    scene.carrier.fail[ZHANG] = CarrierError("timeout", unknown=True)
    scene.at(0)
    assert scene.states == ["unknown"]
    scene.at(5)
    assert scene.carrier.looked_up == []
    scene.carrier.fail.clear()
    scene.at(11)
    assert scene.carrier.looked_up == [ZHANG]
    scene.at(12)
    assert scene.carrier.rung == [ZHANG, ZHANG]
    assert scene.states == ["dialling"]


@pytest.mark.parametrize("error", [CarrierError("timeout", unknown=True), CarrierError("429")])
def test_a_call_that_was_not_made_is_none_any_more_where_its_campaign_was_stopped(scene: Scene, error) -> None:
    scene.plan(ZHANG, LI)
    scene.carrier.fail = {ZHANG: error, LI: error}

    def stop_meanwhile(order) -> str:
        with scene.app.app_context(), transaction() as session:
            campaign = session.scalars(select(Campaign)).one()
            if campaign.state == "running":
                campaigns.stop(session, campaign, scene.start)
        return FakeCarrier.create_call(scene.carrier, order)

    scene.carrier.create_call = stop_meanwhile  # type: ignore[method-assign]
    for second in (0, 11, 22):
        scene.at(second)
    assert len(scene.carrier.rung) == 1
    assert scene.states == ["cancelled"] * 2


def test_a_look_that_finds_nothing_out_is_repeated_and_nobody_is_rung(scene: Scene) -> None:
    scene.plan(ZHANG)
    scene.carrier.fail[ZHANG], scene.carrier.blind = CarrierError("timeout", unknown=True), True
    for second in (0, 11, 22, 33):
        scene.at(second)
    assert scene.carrier.rung == [ZHANG]
    assert scene.carrier.looked_up == [ZHANG] * 3


@pytest.mark.parametrize(
    ("error", "state", "later"),
    [(CarrierError("429"), "planned", [ZHANG, ZHANG]), (CarrierError("21215", permanent=True), "failed", [ZHANG])],
)
def test_a_refusal_is_tried_again_only_when_it_may_succeed(scene: Scene, error, state: str, later: list[str]) -> None:
    scene.plan(ZHANG)
    scene.carrier.fail[ZHANG] = error
    scene.at(0)
    assert scene.states == [state]
    scene.at(30).at(61)
    assert scene.carrier.rung == later


def test_a_crash_in_the_middle_of_a_campaign_resumes_without_a_second_call(scene: Scene) -> None:
    numbers = [f"+86138001390{n:02d}" for n in range(20)]
    scene.plan(*numbers)
    with transaction() as session:
        session.add(Setting(key="outbound.lines", value="500"))

    class Dying(FakeCarrier):
        def create_call(self, order) -> str:
            if len(self.orders) == 7:
                raise SystemExit
            return super().create_call(order)

    dying = Dying()
    for second in range(7 * 2):
        with contextlib.suppress(SystemExit):
            scene.at(second, dying)
    assert len(dying.rung) == 7
    for second in range(60, 200):
        scene.at(second)
    rung = dying.rung + scene.carrier.rung
    assert sorted(rung) == numbers
    assert len(scene.carrier.looked_up) >= 1


# ---- emergencies first -----------------------------------------------------------------------------------------------
def test_nobody_is_called_for_a_campaign_while_an_emergency_is_about_to_ring(scene: Scene, session) -> None:
    scene.plan(ZHANG, LI)
    with transaction() as now_session:
        house = now_session.scalars(select(House)).first()
        ticket = open_ticket(
            now_session, community=house.community, kind="emergency", channel="hotline", title="爆管", house=house,
            actor=ROBOT, now=scene.start,
        )  # fmt: skip
        start(now_session, ticket, None, scene.start)
    scene.at(0).at(1)
    assert scene.carrier.rung == []
    with transaction() as now_session:
        now_session.scalars(select(Ladder)).one().next_at = scene.start + timedelta(minutes=1)
    scene.at(2)
    assert scene.carrier.rung == [ZHANG]


def test_a_ladder_that_cannot_move_holds_campaigns_up_for_half_a_minute_at_most(scene: Scene) -> None:
    scene.plan(ZHANG)
    with transaction() as session:
        house = session.scalars(select(House)).first()
        ticket = open_ticket(
            session, community=house.community, kind="emergency", channel="hotline", title="爆管", house=house,
            actor=ROBOT, now=scene.start,
        )  # fmt: skip
        start(session, ticket, None, scene.start)
    scene.at(31)
    assert scene.carrier.rung == [ZHANG]


def test_the_carriers_rate_less_what_is_kept_for_emergencies(scene: Scene) -> None:
    numbers = [f"+86138001390{n:02d}" for n in range(99)]
    scene.plan(*numbers)
    with transaction() as session:
        session.add(Setting(key="outbound.lines", value="500"))
    for second in range(60):
        scene.at(second)
    assert 40 <= len(scene.carrier.rung) <= 48


def test_no_more_lines_than_allowed_are_in_use_at_once(scene: Scene) -> None:
    scene.plan(*[f"+86138001390{n:02d}" for n in range(30)])
    for second in range(60):
        scene.at(second)
    assert len(scene.carrier.rung) == 10
    scene.leg(1).progress("busy")
    scene.at(61)
    assert len(scene.carrier.rung) == 11


def test_an_alert_overtakes_a_notice_that_waits(scene: Scene) -> None:
    scene.plan(ZHANG)
    scene.plan(LI, purpose=Outreach.ALERT, key="a")
    scene.at(0)
    assert scene.carrier.rung == [LI]


# ---- hours, share, wishes --------------------------------------------------------------------------------------------
@pytest.mark.parametrize(("purpose", "rung"), [("notice", []), ("alert", [ZHANG])])
def test_at_night_only_what_may_ring_at_night(scene: Scene, session, purpose: str, rung: list[str]) -> None:
    for key, value in (("outbound.from_hour", "9"), ("outbound.until_hour", "20")):
        session.query(Setting).filter_by(key=key).one().value = value
    session.commit()
    scene.start = datetime.fromisoformat("2026-03-10T23:00+08:00")
    scene.plan(ZHANG, purpose=purpose)
    scene.at(0)
    assert scene.carrier.rung == rung
    scene.at(10 * 3600 + 1)
    assert scene.carrier.rung[:1] == [ZHANG]


def test_the_third_campaign_of_a_day_waits_for_the_next_but_an_alert_does_not(scene: Scene) -> None:
    scene.start = datetime.fromisoformat("2026-03-10T10:00+08:00")
    for order, key in enumerate("abc"):
        scene.plan(ZHANG, key=key)
        scene.at(order * 10)
        if order < 2:
            scene.leg(order + 1).progress("no-answer")
    assert len(scene.carrier.rung) == 2
    scene.plan(ZHANG, purpose=Outreach.ALERT, key="alert")
    scene.at(40)
    assert len(scene.carrier.rung) == 3
    scene.leg(3).progress("no-answer")
    scene.at(24 * 3600)
    assert len(scene.carrier.rung) == 4


def test_key_nine_takes_a_number_out_of_notices_and_of_nothing_else(scene: Scene) -> None:
    scene.plan(ZHANG, key="a")
    scene.at(0).leg(1).take().press("9")
    assert scene.states == ["reached"]
    assert scene.session.scalars(select(CallWish.purpose)).all() == ["notice"]
    heard = select(WishEntry.number, WishEntry.purpose, WishEntry.wanted, WishEntry.way)
    assert scene.session.execute(heard).all() == [(ZHANG, "notice", False, "call")]
    scene.leg(1).progress("completed")
    scene.plan(ZHANG, key="b")
    scene.at(10)
    assert scene.states == ["reached", "impossible"]
    scene.plan(ZHANG, purpose=Outreach.ALERT, key="c")
    scene.at(20)
    assert scene.carrier.rung == [ZHANG, ZHANG]


def test_paused_nobody_is_called_and_stopped_nobody_ever(scene: Scene) -> None:
    scene.plan(ZHANG, LI)
    scene.at(0)
    assert scene.carrier.rung == [ZHANG]
    with transaction() as session:
        campaigns.pause(session, session.scalars(select(Campaign)).one(), scene.start)
    scene.at(10)
    assert scene.carrier.rung == [ZHANG]
    with transaction() as session:
        campaigns.go_on(session, session.scalars(select(Campaign)).one(), scene.start)
    with transaction() as session:
        assert campaigns.stop(session, session.scalars(select(Campaign)).one(), scene.start) == 1
    scene.at(20)
    assert (scene.carrier.rung, scene.states) == ([ZHANG], ["dialling", "cancelled"])


def test_a_campaign_is_finished_when_the_last_call_has_ended(scene: Scene) -> None:
    scene.plan(ZHANG)
    leg = scene.at(0).leg(1).take()
    assert leg.said.count("明天上午停水") == 1
    leg.press("1").progress("completed")
    scene.at(1)
    assert scene.states == ["reached"]
    assert scene.session.scalars(select(Campaign.state)).one() == "finished"


def test_a_carrier_that_cannot_call_out_is_not_asked_to(scene: Scene) -> None:
    scene.plan(ZHANG)
    scene.at(0, FakeCarrier(capabilities=frozenset({Capability.INBOUND})))
    assert scene.states == ["planned"]


# ---- webhooks --------------------------------------------------------------------------------------------------------
def test_unsigned_is_refused_and_nothing_changes(scene: Scene) -> None:
    scene.plan(ZHANG)
    scene.at(0)
    path = urlsplit(scene.carrier.orders[0].url).path
    assert scene.app.test_client().post(path, data={"CallSid": scene.carrier.sid(1)}).status_code == 403
    assert scene.states == ["dialling"]
    assert post_signed(scene.app, "/hotline/outbound/99999/say", {"CallSid": "CA1"}).status_code == 404
    assert post_signed(scene.app, "/hotline/outbound/1/nonsense", {"CallSid": "CA1"}).status_code == 404


def test_a_machine_is_hung_up_on_and_is_nobody(scene: Scene) -> None:
    scene.plan(ZHANG)
    leg = scene.at(0).leg(1).take()
    leg.progress("in-progress", AnsweredBy="machine_end_beep")
    scene.at(1)
    assert (scene.states, scene.carrier.hung_up) == (["machine"], [leg.sid])


def test_a_key_that_comes_twice_counts_once(scene: Scene) -> None:
    scene.done_ticket()
    scene.visits_planned()
    leg = scene.at(0).leg(1).take()
    asked = leg.answer
    leg.press("7")
    again = leg.answer
    leg.answer = asked
    leg.press("7")
    assert leg.answer == again
    assert scene.states == ["answered"]


# ---- return visits (D8) ----------------------------------------------------------------------------------------------
@pytest.mark.parametrize(
    ("score", "ticket_state"), [(1, "reopened"), (2, "reopened"), (3, "visited"), (4, "visited"), (5, "visited")]
)
def test_keys_one_to_five_are_the_score_and_one_or_two_reopen(scene: Scene, score: int, ticket_state: str) -> None:
    ticket = scene.done_ticket()
    assert scene.visits_planned() == 1
    leg = scene.at(0).leg(1)
    assert (leg.order.to, leg.order.from_) == (ZHANG, HOTLINE)
    leg.take()
    assert "电梯很慢" not in leg.said
    leg.press(str(score)).progress("completed")
    assert (scene.visit.state, scene.visit.way, scene.visit.score) == ("made", "call", score)
    assert scene.session.get_one(Ticket, ticket.id).state == ticket_state
    assert scene.session.get_one(Ticket, ticket.id).is_repeat == (score <= 2)
    assert scene.states == ["reached"]


@pytest.mark.parametrize("ending", ["wrong twice", "silent", "busy", "no-answer", "machine", "hung up"])
def test_what_brings_no_answer_is_one_try_in_vain(scene: Scene, ending: str) -> None:
    scene.done_ticket()
    scene.visits_planned()
    leg = scene.at(0).leg(1)
    if ending in ("busy", "no-answer"):
        leg.progress(ending)
    elif ending == "machine":
        leg.take(AnsweredBy="machine_start")
    elif ending == "hung up":
        leg.take().progress("completed")
    else:
        leg.take().press("7" if "wrong" in ending else "").press("7" if "wrong" in ending else "")
    assert (scene.visit.state, scene.visit.score, scene.visit.tries) == ("due", None, 1)
    assert scene.visits_planned() == 0


def test_three_tries_in_vain_are_a_result_of_their_own_and_a_complaint_stays_for_a_person(scene: Scene) -> None:
    scene.done_ticket(kind="repair")
    with transaction() as session:
        ticket = session.scalars(select(Ticket)).one()
        if not ticket.visits:
            visit = ReturnVisit(state="due", reason="sample", due_on=scene.start.date(), tries=0)
            ticket.visits.append(visit)
    for day in range(5):
        if scene.visits_planned(day):
            scene.at(day * 86400).leg(len(scene.carrier.orders)).progress("no-answer")
    assert len(scene.carrier.rung) == 3
    assert (scene.visit.state, scene.visit.tries) == ("unreachable", 3)


def test_a_complaint_is_called_three_times_and_then_left_to_a_person_some_days_later(scene: Scene) -> None:
    scene.done_ticket()
    for day in range(5):
        if scene.visits_planned(day):
            scene.at(day * 86400).leg(len(scene.carrier.orders)).progress("busy")
    assert len(scene.carrier.rung) == 3
    unreachable, again = scene.session.scalars(select(ReturnVisit).order_by(ReturnVisit.id))
    assert (unreachable.state, unreachable.tries, unreachable.visited_at is not None) == ("unreachable", 3, True)
    assert (again.state, again.reason, again.tries) == ("due", "again", 0)


def test_who_answered_by_text_meanwhile_is_not_called(scene: Scene) -> None:
    ticket = scene.done_ticket()
    scene.visits_planned()
    with transaction() as session:
        perform(session, session.get_one(Ticket, ticket.id), "visit", ROBOT, scene.start, {"score": 5, "way": "sms"})
    scene.at(0)
    assert (scene.carrier.rung, scene.states) == ([], ["cancelled"])


def test_who_answered_by_text_while_it_rang_is_thanked_and_asked_nothing(scene: Scene) -> None:
    ticket = scene.done_ticket()
    scene.visits_planned()
    leg = scene.at(0).leg(1)
    with transaction() as session:
        perform(session, session.get_one(Ticket, ticket.id), "visit", ROBOT, scene.start, {"score": 5, "way": "sms"})
    leg.take()
    assert leg.xml.find("Gather") is None
    assert (scene.visit.way, scene.visit.score) == ("sms", 5)


def test_the_carriers_refusal_is_no_try_of_the_households(scene: Scene) -> None:
    scene.done_ticket()
    scene.visits_planned()
    scene.carrier.fail[ZHANG] = CarrierError("21215", permanent=True)
    scene.at(0)
    assert scene.states == ["failed"]
    assert scene.visit.tries == 0


def test_an_english_speaker_is_asked_in_english(scene: Scene) -> None:
    scene.done_ticket(reporter_locale="en", reporter_phone="+8613900001111")
    scene.visits_planned()
    assert "How satisfied are you?" in scene.at(0).leg(1).take().said
