"""Fee reminders from the round to what came of them (D10, D15): steps, pauses on the way, nobody twice, sums only for a PIN."""

from datetime import date, timedelta

import pytest
from sqlalchemy import select, update

from app.models import (
    CallWish,
    CampaignTarget,
    CollectionHold,
    FeeReminder,
    FeeReminderBill,
    HotlineEvent,
    House,
    Message,
    Person,
    Phone,
    ReminderStep,
    Setting,
    Tenure,
    Ticket,
    TicketEntry,
    VoicePin,
)
from app.rules.reminders import Why
from app.services import voice_pins
from app.services.transaction import transaction
from tests.support.fees import START, Fees
from tests.support.hotline import LI, SHARED, ZHANG

ZHANGS, LIS, LIS_OTHER = "3幢2单元1201", "1幢1单元101", "5幢1单元302"
FANGS, QIANGS = "2幢1单元601", "2幢1单元602"
PIN = "482917"
PRIVATE = ("张伟", "3幢", "三幢", "1201", "幺二零幺", "252", "二百五十二")


@pytest.fixture
def fees(app, session, community) -> Fees:
    return Fees(app, session, community)


@pytest.fixture
def pin(app, session, community) -> str:
    """张伟's telephone PIN."""
    with transaction() as writing:
        person = writing.scalars(select(Person).where(Person.name == "张伟")).one()
        writing.add(VoicePin(person_id=person.id, digest=voice_pins._digest(person.id, PIN), failures=0, set_at=START))
    return PIN


# ---- the month -------------------------------------------------------------------------------------------------------
def test_a_month_goes_from_text_to_call_to_letter(fees: Fees) -> None:
    fees.bill(ZHANGS)
    assert fees.run(-1) == {}
    assert fees.run() == {"sms": 1}
    fees.dial()
    assert [number for number, _words in fees.texts] == [ZHANG]
    assert fees.run(4) == {}
    assert fees.run(5) == {"call": 1}
    assert fees.dial(5).rung == [ZHANG]
    assert fees.run(11) == {}
    assert fees.run(12) == {"letter": 1}
    assert fees.run(20) == {}
    assert [(house, way) for house, way, _state in fees.made] == [(ZHANGS, way) for way in ("sms", "call", "letter")]


def test_run_again_it_plans_nothing_twice_and_a_new_month_begins_anew(fees: Fees) -> None:
    fees.bill(ZHANGS)
    assert fees.run() == {"sms": 1}
    assert fees.run() == {}
    assert fees.run(0.3) == {}
    assert fees.run(31) == {"sms": 1}
    assert len(fees.made) == 2


def test_a_reminder_keeps_what_was_owed_bill_by_bill(fees: Fees) -> None:
    ids = [fees.bill(ZHANGS, due=date(2026, month, 25)) for month in (1, 2)]
    fees.bill(ZHANGS, due=date(2026, 3, 25))
    fees.run()
    reminder = fees.session.scalars(select(FeeReminder)).one()
    about = fees.session.execute(select(FeeReminderBill.bill_id, FeeReminderBill.rest_yuan)).all()
    assert [row[0] for row in about] == ids
    assert reminder.amount_yuan == sum(row[1] for row in about)


def test_texts_and_first_words_tell_nothing_personal(fees: Fees) -> None:
    fees.bill(ZHANGS)
    fees.run()
    fees.dial()
    ((_number, words),) = fees.texts
    assert "已到期" in words
    assert not [word for word in PRIVATE if word in words]
    fees.run(5)
    fees.dial(5)
    said = fees.leg().take().said
    assert "前台" in said
    assert not [word for word in PRIVATE if word in said]


# ---- pauses ----------------------------------------------------------------------------------------------------------
def test_a_complaint_about_fees_pauses_its_house_until_it_is_closed(fees: Fees) -> None:
    fees.bill(ZHANGS)
    ticket = fees.complain(ZHANGS)
    assert (fees.run(), fees.why()) == ({}, {ZHANGS: Why.COMPLAINT})
    with transaction() as session:
        session.get_one(Ticket, ticket).state = "done"
    assert fees.run() == {}
    fees.settle(ticket)
    assert fees.run(1) == {"sms": 1}


@pytest.mark.parametrize(("category", "kind"), [("water", "complaint"), ("fee", "consultation")])
def test_other_matters_pause_nothing(fees: Fees, category: str, kind: str) -> None:
    fees.bill(ZHANGS)
    fees.complain(ZHANGS, category, kind)
    assert fees.run() == {"sms": 1}


@pytest.mark.parametrize(
    ("starts", "ends", "lifted", "why"),
    [
        (0, None, False, Why.HARDSHIP),
        (0, 30, False, Why.HARDSHIP),
        (-30, 0, False, Why.HARDSHIP),
        (-30, -1, False, None),
        (1, None, False, None),
        (0, None, True, None),
    ],
)
def test_a_hold_counts_from_its_day_to_its_day_until_it_is_lifted(
    fees: Fees, starts: int, ends: int | None, lifted: bool, why: Why | None
) -> None:
    fees.bill(ZHANGS)
    day = START.date()
    with transaction() as session:
        house = session.scalars(select(House).where(House.name == ZHANGS)).one()
        session.add(
            CollectionHold(
                community_id=house.community_id, house_id=house.id, kind="hardship", set_at=START, set_by="x",
                starts_on=day + timedelta(days=starts), ends_on=None if ends is None else day + timedelta(days=ends),
                lifted_at=START if lifted else None,
            )
        )  # fmt: skip
    assert fees.why() == {ZHANGS: why}


def test_who_is_gone_is_settled_with_by_hand(fees: Fees) -> None:
    fees.bill(ZHANGS)
    with transaction() as session:
        session.execute(update(Tenure).values(ends_on=date(2026, 3, 4)))
    assert (fees.run(), fees.why()) == ({}, {ZHANGS: Why.MOVED})


def test_paused_after_it_was_planned_it_waits_and_goes_out_when_the_pause_is_over(fees: Fees) -> None:
    fees.bill(ZHANGS)
    fees.run(-0.5)
    assert fees.run(0.45) == {"sms": 1}
    ticket = fees.complain(ZHANGS)
    fees.dial(0.45)
    fees.dial(1)
    assert fees.texts == []
    fees.settle(ticket)
    fees.dial(2)
    assert len(fees.texts) == 1
    assert fees.made == [(ZHANGS, "sms", "sent")]


def test_paused_before_it_is_dialled_the_call_waits(fees: Fees) -> None:
    fees.bill(ZHANGS)
    fees.run()
    fees.dial()
    fees.run(5)
    ticket = fees.complain(ZHANGS)
    assert fees.dial(5).rung == []
    fees.settle(ticket)
    assert fees.dial(6).rung == [ZHANG]


def test_paid_meanwhile_nobody_is_written_to_or_rung(fees: Fees) -> None:
    bill = fees.bill(ZHANGS)
    other = fees.bill(LIS)
    fees.run()
    fees.pay(bill)
    fees.dial()
    assert [number for number, _words in fees.texts] == [LI]
    fees.run(5)
    fees.pay(other)
    assert fees.dial(5).rung == []
    assert [state for _house, _way, state in fees.made] == ["sent", "cancelled", "cancelled"]


def test_paid_while_it_rang_nothing_is_asked(fees: Fees) -> None:
    bill = fees.bill(ZHANGS)
    fees.run()
    fees.dial()
    fees.run(5)
    fees.dial(5)
    fees.pay(bill)
    leg = fees.leg().take()
    assert leg.xml.find("Gather") is None
    assert "252" not in leg.said


def test_what_cannot_go_out_before_the_month_ends_never_does(fees: Fees) -> None:
    fees.bill(ZHANGS)
    fees.run()
    fees.complain(ZHANGS)
    fees.dial(1)
    fees.dial(27)
    assert (fees.texts, fees.made) == ([], [(ZHANGS, "sms", "expired")])


def test_at_night_nothing_goes_out(fees: Fees) -> None:
    fees.bill(ZHANGS)
    fees.run(0.45)
    fees.dial(0.45)
    assert fees.texts == []
    fees.dial(0.96)
    assert len(fees.texts) == 1


def test_a_persons_share_of_the_day_holds_it_until_tomorrow(fees: Fees) -> None:
    fees.bill(ZHANGS)
    with transaction() as session:
        session.add(Setting(key="outbound.per_day", value="1"))
    for key in ("a",):
        _called_today(fees, key)
    fees.run()
    fees.dial()
    assert fees.texts == []
    fees.dial(1)
    assert len(fees.texts) == 1


def _called_today(fees: Fees, key: str) -> None:
    from app.models import Campaign

    with transaction() as session:
        campaign = Campaign(
            key=key, community_id=fees.community_id, purpose="notice", created_at=START, state="finished"
        )
        session.add(campaign)
        session.flush()
        session.add(
            CampaignTarget(
                key=key, campaign_id=campaign.id, community_id=fees.community_id, purpose="notice", way="sms", number=ZHANG,
                not_before=START, dialled_at=START, state="sent",
            )
        )  # fmt: skip


# ---- consent, numbers ------------------------------------------------------------------------------------------------
def test_stop_by_text_leads_to_the_call_at_once(fees: Fees) -> None:
    fees.bill(ZHANGS)
    with transaction() as session:
        session.execute(update(Phone).where(Phone.number == ZHANG).values(sms_stopped_at=START))
    assert fees.run() == {"sms": 1, "call": 1}
    assert fees.made == [(ZHANGS, "sms", "impossible"), (ZHANGS, "call", "planned")]


def test_who_wants_no_reminders_at_all_gets_the_letter(fees: Fees) -> None:
    fees.bill(ZHANGS)
    with transaction() as session:
        session.add(CallWish(number=ZHANG, purpose="reminder", refused_at=START))
    assert fees.run() == {"sms": 1, "call": 1, "letter": 1}
    reasons = fees.session.scalars(select(CampaignTarget.reason)).all()
    assert reasons == ["opted_out", "opted_out"]
    assert fees.dial().rung == []


def test_a_text_that_never_arrived_keeps_nobody_waiting(fees: Fees) -> None:
    fees.bill(ZHANGS)
    fees.run()
    fees.dial()
    with transaction() as session:
        session.execute(update(Message).values(state="failed_permanent"))
    assert fees.run(1) == {"call": 1}


def test_one_number_is_told_once_for_all_the_houses_it_is_meant_for(fees: Fees) -> None:
    for house in (LIS, LIS_OTHER, FANGS, QIANGS):
        fees.bill(house)
    assert fees.run() == {"sms": 4}
    fees.dial()
    assert [number for number, _words in fees.texts] == [LI, SHARED]
    assert [state for _house, _way, state in fees.made] == ["sent", "sent", "shared", "shared"]
    fees.run(5)
    fees.dial(5)
    assert fees.dial(5, 5).rung == [LI, SHARED]


def test_the_other_house_still_owes_so_the_shared_number_is_told(fees: Fees) -> None:
    first = fees.bill(FANGS)
    fees.bill(QIANGS)
    fees.run()
    fees.pay(first)
    fees.dial()
    assert [number for number, _words in fees.texts] == [SHARED]


# ---- the call --------------------------------------------------------------------------------------------------------
def called(fees: Fees, house: str = ZHANGS):
    fees.bill(house)
    fees.run()
    fees.dial()
    fees.run(5)
    fees.dial(5)
    return fees.leg().take()


def test_the_sum_is_told_for_the_right_pin_and_the_pin_is_kept_nowhere(fees: Fees, pin: str) -> None:
    leg = called(fees)
    leg.press("1")
    gather = leg.xml.find("Gather")
    assert (gather.get("numDigits"), gather.get("finishOnKey")) == ("6", "#")
    leg.press(pin)
    assert "252.00" in leg.said
    leg.progress("completed")
    target = fees.session.scalars(select(CampaignTarget).order_by(CampaignTarget.id.desc())).first()
    assert (target.state, target.flow["amount"], target.confirmed_at is not None) == ("reached", True, True)
    events = fees.session.scalars(select(HotlineEvent)).all()
    assert not [event for event in events if pin in str(event.params)]
    assert [event for event in events if event.params.get("Digits") == "1"]


def test_wrong_pins_are_counted_with_those_of_key_six_and_lock(fees: Fees, pin: str) -> None:
    leg = called(fees).press("1")
    leg.press("111222")
    assert ("252" in leg.said, "2" in leg.said) == (False, True)
    leg.press("333222")
    leg.press("222333")
    assert "已锁定" in leg.said
    assert "252" not in leg.said
    known = fees.session.scalars(select(VoicePin)).one()
    assert (known.failures, known.locked_at is not None) == (3, True)
    fees.session.rollback()
    assert fees.session.scalars(select(Message.purpose).where(Message.purpose == "pin_locked")).all() == ["pin_locked"]


def test_without_a_pin_it_is_said_how_to_get_one(fees: Fees) -> None:
    leg = called(fees).press("1")
    assert "业主" in leg.said
    assert "252" not in leg.said
    assert leg.xml.find("Gather").get("numDigits") == "1"


def test_a_neighbours_pin_tells_the_neighbours_sum_only(fees: Fees) -> None:
    """王芳 and 王强 share a number: each hears the own sum."""
    with transaction() as session:
        for name, digits in (("王芳", "482917"), ("王强", "719284")):
            person = session.scalars(select(Person).where(Person.name == name)).one()
            digest = voice_pins._digest(person.id, digits)
            session.add(VoicePin(person_id=person.id, digest=digest, failures=0, set_at=START))
    fees.bill(FANGS, yuan="111.00")
    leg = called(fees, QIANGS)
    leg.press("1").press("719284")
    assert ("252.00" in leg.said, "111.00" in leg.said) == (True, False)


def test_key_two_is_a_call_for_finance_to_make(fees: Fees) -> None:
    leg = called(fees)
    leg.press("2").progress("completed")
    ticket = fees.session.scalars(select(Ticket)).one()
    assert (ticket.kind, ticket.category.code, ticket.callback_due, ticket.reporter_phone) == (
        "consultation",
        "fee",
        True,
        ZHANG,
    )
    assert ticket.house.name == ZHANGS
    assert ticket.department.code == "finance"
    fees.session.rollback()
    assert "callback_due" in fees.session.scalars(select(TicketEntry.verb)).all()


def test_key_nine_ends_reminders_by_call_and_text(fees: Fees) -> None:
    called(fees).press("9").progress("completed")
    assert fees.session.scalars(select(CallWish.purpose)).all() == ["reminder"]
    fees.session.rollback()
    assert fees.run(31) == {"sms": 1, "call": 1, "letter": 1}


def test_not_taken_it_is_not_dialled_again_and_the_letter_follows(fees: Fees) -> None:
    fees.bill(ZHANGS)
    fees.run()
    fees.dial()
    fees.run(5)
    fees.dial(5)
    fees.leg().progress("no-answer")
    for day in range(6, 12):
        fees.run(day)
        assert len(fees.dial(day).rung) == 1
    assert fees.run(12) == {"letter": 1}


# ---- the table -------------------------------------------------------------------------------------------------------
def test_an_administrators_table_decides(fees: Fees) -> None:
    fees.bill(ZHANGS)
    with transaction() as session:
        steps = session.scalars(select(ReminderStep).order_by(ReminderStep.position)).all()
        steps[0].active = False
        steps[1].text = "请联系服务中心。"
    assert fees.run() == {"call": 1}
    fees.dial()
    assert "请联系服务中心" in fees.leg().take().said
