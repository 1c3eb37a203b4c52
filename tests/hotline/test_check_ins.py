"""Check-in calls (D13) through the job and signed webhooks: key 1, silence → again → steward → contact, and help at once."""

from collections.abc import Callable
from datetime import date, timedelta

import pytest
from sqlalchemy import select

from app.adapters.carrier.base import CarrierError
from app.models import CampaignTarget, CheckInPlan, Ladder, Setting, Staff, Tenure, Ticket
from app.services import campaigns, check_in_register
from app.services.actors import Actor
from app.services.transaction import transaction
from tests.support.check_ins import DAUGHTER, MORNING, NEIGHBOUR, STEWARD, Register, days, enter
from tests.support.hotline import ZHANG

STAFF = Actor(user_id=None, username="steward", display_name="刘管家", roles=frozenset({"steward"}))
IN_VAIN = ("no-answer", "busy", "machine", "silence", "wrong keys", "hung up")


@pytest.fixture
def register(app, session, community, monkeypatch) -> Callable[..., Register]:
    """register(times="06:00"): the entry of 张伟, and a clock that goes with its job."""

    def make(**given) -> Register:
        made = Register(app, session, community, **given)
        monkeypatch.setattr("app.hotline.outbound.now", lambda: made.present)
        return made

    return make


@pytest.fixture
def scene(register) -> Register:
    return register()


def in_vain(scene: Register, ending: str) -> None:
    """The latest call to 张伟 ends without key 1."""
    leg = scene.leg(scene.legs()[-1])
    if ending in ("no-answer", "busy"):
        leg.progress(ending)
    elif ending == "machine":
        leg.take(AnsweredBy="machine_start")
        leg.progress("completed")
    elif ending == "hung up":
        leg.take().progress("completed")
    else:
        key = "" if ending == "silence" else "5"
        leg.take().press(key).press(key)
        leg.progress("completed")


# ---- the call --------------------------------------------------------------------------------------------------------
def test_called_at_the_booked_minute_and_key_one_is_all_well(scene: Register) -> None:
    scene.minute(-1)
    assert scene.carrier.rung == []
    leg = scene.minute(0).take()
    assert ("按1" in leg.said, "按9" in leg.said) == (True, True)
    leg.press("1").progress("completed")
    for later in (1, 10, 30, 60, 600):
        scene.minute(later)
    assert scene.carrier.rung == [ZHANG]
    assert (scene.call.state, scene.call.tries, scene.verbs) == ("well", 1, ["well"])
    assert scene.told == {}


def test_asked_in_ones_own_language(scene: Register) -> None:
    with transaction() as writing:
        writing.scalars(select(CheckInPlan)).one().person.locale = "en"
    assert "If all is well, press 1. If you need help, press 9." in scene.minute(0).take().said


@pytest.mark.parametrize("hour", ["06:00", "21:30"])
def test_quiet_hours_do_not_hold_back_a_time_the_person_chose(register, hour: str) -> None:
    scene = register(times=hour)
    booked = MORNING.replace(hour=int(hour[:2]), minute=int(hour[3:]))
    if booked > MORNING:
        booked -= timedelta(days=1)
    with transaction() as writing:
        writing.scalars(select(CheckInPlan)).one().next_at = booked
    scene.minute((booked - MORNING).total_seconds() / 60)
    assert scene.carrier.rung == [ZHANG]


# ---- silence ---------------------------------------------------------------------------------------------------------
@pytest.mark.parametrize("ending", IN_VAIN)
def test_the_ladder_of_silence_minute_by_minute(scene: Register, ending: str) -> None:
    """08:30 call, 08:40 once more, then the steward, 30 minutes later the contacts: D13's defaults."""
    scene.minute(0)
    in_vain(scene, ending)
    assert (scene.call.state, scene.told) == ("waiting", {})
    scene.minute(9)
    assert len(scene.legs()) == 1, "not before ten minutes"
    scene.minute(10)
    assert len(scene.legs()) == 2
    in_vain(scene, ending)
    scene.minute(11)
    assert (scene.call.state, scene.call.alerted_id) == ("alerted", scene.steward_id)
    assert set(scene.told) == {STEWARD, "staff"} or set(scene.told) == {STEWARD}
    assert "张伟" in scene.told[STEWARD]
    assert ZHANG in scene.told[STEWARD]
    scene.minute(39)
    assert set(scene.told) & {DAUGHTER} == set()
    scene.minute(41)
    assert scene.call.state == "contacted"
    assert "张伟" in scene.told[DAUGHTER]
    assert scene.legs(DAUGHTER)
    assert scene.legs(NEIGHBOUR), "a landline is called, it takes no text"
    assert NEIGHBOUR not in scene.told
    for later in (60, 200, 600):
        scene.minute(later)
    assert scene.call.state == "contacted", "it stays until somebody says what was found"
    assert (len(scene.legs()), len(scene.legs(DAUGHTER))) == (2, 1)
    assert scene.verbs[:4] == ["try", "try", "alert", "contact"]


def test_an_answer_at_the_second_call_is_well(scene: Register) -> None:
    scene.minute(0)
    in_vain(scene, "no-answer")
    scene.minute(10).take().press("1").progress("completed")
    scene.minute(60)
    assert (scene.call.state, scene.verbs, scene.told) == ("well", ["try", "well"], {})


def test_what_was_found_ends_it_before_the_contact_is_alarmed(scene: Register) -> None:
    scene.minute(0)
    in_vain(scene, "busy")
    scene.minute(10)
    in_vain(scene, "busy")
    say_found(scene, "well")
    scene.minute(300)
    assert (scene.call.state, scene.call.finding, scene.call.found_by) == ("found", "well", "刘管家")
    assert scene.legs(DAUGHTER) == []


def say_found(scene: Register, finding: str, words: str = "在楼下散步，没带手机") -> None:
    with transaction() as session:
        check_in_register.found(session, STAFF, scene.call.id, {"finding": finding, "note": words}, scene.start)


def test_a_contact_who_was_alarmed_is_put_at_ease(scene: Register) -> None:
    scene.minute(0)
    in_vain(scene, "busy")
    scene.minute(10)
    in_vain(scene, "busy")
    scene.minute(41)
    leg = scene.take(DAUGHTER)
    assert "张伟" in leg.said
    assert "1201" not in leg.said, "no house is named to whoever takes the telephone"
    leg.press("1").progress("completed")
    say_found(scene, "away")
    assert "平安" in scene.told[DAUGHTER] or "安好" in scene.told[DAUGHTER]
    assert scene.verbs[-2:] == ["contact", "found"]


def test_contacts_not_called_yet_are_left_alone_once_it_is_known(scene: Register) -> None:
    scene.minute(0)
    in_vain(scene, "busy")
    scene.minute(10)
    in_vain(scene, "busy")
    scene.carrier.fail[DAUGHTER] = CarrierError("429")
    scene.minute(41)
    scene.carrier.fail.clear()
    say_found(scene, "well")
    scene.minute(50)
    assert len(scene.legs(DAUGHTER)) == 1


# ---- help ------------------------------------------------------------------------------------------------------------
@pytest.mark.parametrize("key", ["9", "2", "0"])
def test_a_key_for_help_rings_the_duty_roster(scene: Register, key: str) -> None:
    leg = scene.minute(0).take().press(key)
    assert "120" in leg.said
    ticket = scene.session.scalars(select(Ticket)).one()
    ladder = scene.session.scalars(select(Ladder)).one()
    assert (ticket.kind, ticket.priority, ticket.reporter_phone, ticket.callback_due) == (
        "emergency", "emergency", ZHANG, True,
    )  # fmt: skip
    assert (ladder.ticket_id, ladder.state) == (ticket.id, "running")
    assert (scene.call.state, scene.call.ticket_id) == ("help", ticket.id)
    assert ticket.number in scene.told[STEWARD]
    leg.progress("completed")
    scene.minute(100)
    assert len(scene.legs()) == 1


def test_help_asked_for_at_both_calls_is_one_emergency(scene: Register) -> None:
    first = scene.minute(0).take()
    first.progress("completed")
    scene.minute(10).take().press("9")
    first.press("9")
    assert (scene.call.state, len(scene.session.scalars(select(Ticket)).all())) == ("help", 1)


def test_help_after_a_machine_was_heard_is_help(scene: Register) -> None:
    leg = scene.minute(0).take()
    leg.progress("in-progress", AnsweredBy="machine_start")
    assert scene.call.state == "waiting"
    leg.press("9")
    assert scene.call.state == "help"


def test_help_whose_key_was_overtaken_by_the_end_of_the_call_is_help(scene: Register) -> None:
    leg = scene.minute(0).take()
    leg.progress("completed")
    assert scene.call.state == "waiting"
    leg.press("9")
    assert scene.call.state == "help"


def test_help_after_the_steward_was_sent_is_help(scene: Register) -> None:
    leg = scene.minute(0).take()
    scene.minute(26)
    assert scene.call.state == "alerted"
    leg.press("9")
    assert (scene.call.state, len(scene.session.scalars(select(Ticket)).all())) == ("help", 1)


def test_key_one_after_the_steward_was_sent_is_told_and_stays_a_task(scene: Register) -> None:
    leg = scene.minute(0).take()
    scene.minute(26)
    leg.press("1")
    scene.minute(120)
    assert (scene.call.state, scene.legs(DAUGHTER)) == ("alerted", [])
    assert scene.verbs == ["try", "alert", "answered"]


# ---- who is sent -----------------------------------------------------------------------------------------------------
@pytest.mark.parametrize("who", ["named", "building", "duty", "leading"])
def test_the_steward_named_then_the_buildings_then_duty_then_who_leads(scene: Register, who: str) -> None:
    with transaction() as session:
        entry = session.scalars(select(CheckInPlan)).one()
        other = Staff(name="另一位", role="steward", number="+8613900139055")
        chief = Staff(name="主管", role="supervisor", number="+8613900139066")
        session.add_all([other, chief])
        session.flush()
        from app.models import DutyShift, StaffCommunity

        session.add(StaffCommunity(staff_id=chief.id, community_id=entry.community_id))
        if who == "named":
            entry.steward_id = other.id
        if who in ("duty", "leading"):
            session.get_one(Staff, scene.steward_id).active = False
        if who == "leading":
            for shift in session.scalars(select(DutyShift)):
                session.delete(shift)
        wanted = {"named": other.id, "building": scene.steward_id, "leading": chief.id}.get(who)
    scene.minute(0)
    in_vain(scene, "busy")
    scene.minute(10)
    in_vain(scene, "busy")
    if who == "duty":
        wanted = scene.session.scalar(select(Staff.id).where(Staff.name == "值班管家"))
    assert scene.call.alerted_id == wanted


# ---- never twice, never lost -----------------------------------------------------------------------------------------
def test_the_job_at_the_same_minute_again_is_one_call(scene: Register) -> None:
    for second in range(5):
        scene.minute(second / 60)
    with transaction() as session:
        session.scalars(select(CheckInPlan)).one().next_at = MORNING
    scene.minute(1)
    assert (len(scene.calls), scene.carrier.rung) == (1, [ZHANG])


def test_who_died_between_claim_and_answer_is_looked_up_before_another_call(scene: Register) -> None:
    class Dying(type(scene.carrier)):
        def create_call(self, order) -> str:
            raise SystemExit

    with pytest.raises(SystemExit):
        scene.at(0, Dying())
    assert scene.states == ["dialling"]
    scene.carrier.took = [ZHANG]
    scene.at(61).at(62).at(180)
    assert (scene.carrier.rung, scene.carrier.looked_up) == ([], [ZHANG])
    assert len(scene.calls) == 1


def test_a_call_nothing_is_heard_of_ends_with_somebody_going_there(scene: Register) -> None:
    scene.carrier.fail[ZHANG], scene.carrier.blind = CarrierError("timeout", unknown=True), True
    scene.minute(0)
    assert scene.states == ["unknown"]
    scene.minute(24)
    assert scene.call.state == "calling"
    scene.minute(26)
    assert (scene.call.state, scene.call.result) == ("alerted", "unknown")


@pytest.mark.parametrize(("error", "minute"), [(CarrierError("21211", permanent=True), 1), (CarrierError("503"), 16)])
def test_what_the_carrier_will_not_call_is_for_a_person(scene: Register, error: CarrierError, minute: int) -> None:
    scene.carrier.fail[ZHANG] = error
    for at in range(minute + 1):
        scene.minute(at)
    assert scene.call.state == "alerted"
    assert STEWARD in scene.told


def test_a_house_that_was_down_calls_nobody_late_but_sends_somebody(scene: Register) -> None:
    """Two days without the job: of the earlier times it is kept that they were missed."""
    scene.minute(days(2) + 120)
    assert scene.carrier.rung == []
    assert [one.state for one in scene.calls] == ["missed", "missed", "alerted"]
    assert scene.call.result == "expired"
    scene.minute(days(3)).minute(days(3) + 1)
    assert len(scene.legs()) == 1, "the next time is called again"


def test_nobody_stops_or_pauses_the_calls_for_everybody(scene: Register) -> None:
    scene.minute(0)
    for step in (campaigns.pause, campaigns.stop):
        with pytest.raises(Exception, match="neither paused nor stopped"), transaction() as session:
            step(session, session.scalars(select(CampaignTarget)).one().campaign, scene.start)


def test_a_call_that_was_called_off_from_outside_is_not_lost(scene: Register) -> None:
    """Whatever emptied the engine's table: nothing was heard, so somebody goes there."""
    scene.minute(0)
    with transaction() as session:
        session.scalars(select(CampaignTarget)).one().state = "cancelled"
    scene.minute(26)
    assert scene.call.state == "alerted"


# ---- away, moved out, ended ------------------------------------------------------------------------------------------
def edit(**given) -> None:
    with transaction() as session:
        entry = session.scalars(select(CheckInPlan)).one()
        for name, value in given.items():
            setattr(entry, name, value)


def test_not_called_while_marked_as_away(register) -> None:
    scene = register(paused_from=date(2026, 3, 11), paused_until=date(2026, 3, 12))
    scene.minute(0).minute(60).minute(days(1)).minute(days(1) + 60)
    assert (scene.carrier.rung, scene.calls) == ([], [])
    scene.minute(days(2))
    assert scene.carrier.rung == [ZHANG]


def test_marked_as_away_between_two_tries_is_not_called_again(scene: Register) -> None:
    scene.minute(0)
    in_vain(scene, "busy")
    edit(paused_from=date(2026, 3, 11), paused_until=None)
    for later in (10, 20, 60):
        scene.minute(later)
    assert (scene.carrier.rung, scene.call.state, scene.told) == ([ZHANG], "skipped", {})


def test_marked_as_away_before_it_was_dialled(scene: Register) -> None:
    scene.carrier.fail[ZHANG] = CarrierError("429")
    scene.minute(0)
    edit(paused_from=date(2026, 3, 11), paused_until=None)
    scene.carrier.fail.clear()
    scene.minute(2)
    assert (scene.call.state, scene.carrier.rung) == ("skipped", [ZHANG])


def test_who_has_moved_out_is_not_called_and_the_calls_end(scene: Register) -> None:
    with transaction() as session:
        entry = session.scalars(select(CheckInPlan)).one()
        tenure = session.scalars(select(Tenure).where(Tenure.person_id == entry.person_id)).one()
        tenure.ends_on = date(2026, 3, 10)
    scene.minute(0).minute(days(1))
    entry = scene.session.scalars(select(CheckInPlan)).one()
    assert (scene.carrier.rung, entry.active, entry.next_at) == ([], False, None)


def test_a_bad_row_does_not_hold_up_the_others(scene: Register, monkeypatch) -> None:
    enter(name="李娜", number="+8613800138002")
    real = campaigns.plan

    def failing(session, campaign, key, **given):
        if given["number"] == ZHANG:
            raise RuntimeError("a bad row")
        return real(session, campaign, key, **given)

    monkeypatch.setattr("app.services.check_ins.plan", failing)
    scene.minute(0)
    assert scene.carrier.rung == ["+8613800138002"]
    monkeypatch.undo()
    scene.minute(1)
    assert scene.carrier.rung == ["+8613800138002", ZHANG]


def test_the_figures_are_the_administrators(register, session) -> None:
    for key, value in (("check_in.tries", "3"), ("check_in.retry_minutes", "5"), ("check_in.contact_minutes", "15")):
        session.add(Setting(key=key, value=value))
    session.commit()
    scene = register()
    for minute in (0, 5, 10):
        scene.minute(minute)
        in_vain(scene, "busy")
    assert (len(scene.legs()), scene.call.state) == (3, "alerted")
    scene.minute(24)
    assert scene.call.state == "alerted"
    scene.minute(26)
    assert scene.call.state == "contacted"
