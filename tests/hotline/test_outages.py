"""Announced outages greet callers of their buildings first, link the call, and text whoever asked when they are over."""

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta

import pytest
from sqlalchemy import delete, select, update

from app.adapters.clock import now as present
from app.errors import Refused
from app.jobs.runs import run_job
from app.models import Building, DutyShift, Message, Outage, OutageCaller, Staff, StaffCommunity
from app.services import outages
from app.services.actors import Actor
from app.services.transaction import transaction
from tests.support.hotline import LI, ON_DUTY, SHARED, STRANGER, ZHANG

WORDS = "3幢因水管抢修停水。"
DESK = Actor.system("desk")
LANDLINE = "+862161234567"


@pytest.fixture
def announce(app, session, community) -> Callable[..., int]:
    """announce("3") is an outage of building 3 since an hour ago; announce() of all."""

    def make(*buildings: str, starts_in: int = -60, ends_in: int | None = 120, text_en: str = "No water.") -> int:
        now = present()
        ids = list(session.scalars(select(Building.id).where(Building.number.in_(buildings))))
        session.rollback()
        with transaction() as writing:
            outage = Outage(
                community_id=community.id,
                kind="water",
                text_zh=WORDS,
                text_en=text_en,
                starts_at=now + timedelta(minutes=starts_in),
                ends_at=None if ends_in is None else now + timedelta(minutes=ends_in),
                announced_at=now,
                announced_by="前台",
            )
            writing.add(outage)
            writing.flush()
            outages.announce(writing, outage, ids, DESK, now)
            return outage.id

    return make


def callers(session) -> list[tuple[str | None, bool]]:
    session.rollback()
    return list(session.execute(select(OutageCaller.number, OutageCaller.wants_end)).tuples())


@pytest.mark.parametrize(
    ("number", "buildings", "greeted"),
    [
        (ZHANG, ["3"], True),
        (ZHANG, ["1", "3"], True),
        (ZHANG, ["5"], False),
        (LI, ["5"], True),
        (SHARED, ["3"], False),
        (STRANGER, ["3"], False),
        ("anonymous", ["3"], False),
        (STRANGER, [], True),
        ("anonymous", [], True),
    ],
)
def test_callers_of_its_buildings_hear_of_it_first(phone, announce, session, number, buildings, greeted):
    announce(*buildings)
    line = phone(number)
    assert (WORDS in line.said) == greeted
    if greeted:
        assert line.said.index("录音") < line.said.index(WORDS) < line.said.index("报修请按1")
    assert len(callers(session)) == greeted
    assert line.step == "menu"


@pytest.mark.parametrize(("starts_in", "heard"), [(-1, True), (1, False)])
def test_before_it_begins_nobody_hears_of_it(phone, announce, starts_in, heard):
    announce("3", starts_in=starts_in)
    assert (WORDS in phone().said) == heard


def test_the_expected_end_is_told_while_it_lies_ahead(phone, announce):
    announce("3", starts_in=-60, ends_in=-1)
    assert "预计持续到" not in phone().said
    announce("3", ends_in=60)
    assert "预计持续到" in phone().said


def test_past_the_expected_end_callers_hear_that_it_is_being_checked(phone, announce):
    announce("3", starts_in=-60, ends_in=-1)
    said = phone().said
    assert "我们正在核实" in said
    assert "预计持续到" not in said
    assert "being checked" in phone(STRANGER).press("8").press("1").say("building 3 unit 2 room 1201").said


def asked(session) -> list[tuple[str, str]]:
    session.rollback()
    late = select(Message.to, Message.body).where(Message.purpose == "outage_late").order_by(Message.id)
    return list(session.execute(late).tuples())


@pytest.fixture
def colleagues(session, community) -> None:
    for name, role, number in (("前台", "assistant", "+8613900139011"), ("经理", "manager", "+8613900139013")):
        person = Staff(name=name, role=role, number=number)
        person.community_links.append(StaffCommunity(community_id=community.id))
        session.add(person)
    stranger = Staff(name="维修", role="technician", number="+8613900139019")
    stranger.community_links.append(StaffCommunity(community_id=community.id))
    session.add(stranger)
    session.commit()


def ask(at) -> int:
    return run_job("outages", at)["overdue"]


def test_desk_managers_and_who_is_on_duty_are_asked_at_the_expected_end_and_daily(announce, session, colleagues):
    announce("3", ends_in=120)
    start = present()
    assert ask(start + timedelta(minutes=119)) == 0
    end = start + timedelta(minutes=121)
    assert [ask(end), ask(end + timedelta(hours=1)), ask(end + timedelta(hours=23))] == [1, 0, 0]
    told = asked(session)
    assert {to for to, _ in told} == {"+8613900139011", "+8613900139013", ON_DUTY}
    assert all(WORDS in body for _, body in told)
    assert ask(end + timedelta(hours=24)) == 1
    assert len(asked(session)) == 2 * len(told)


def test_nobody_is_asked_after_one_that_is_over_and_a_new_time_asks_anew(announce, session, colleagues):
    ended, moved = announce("3", ends_in=-1), announce("5", ends_in=-1)
    start = present()
    assert ask(start) == 2
    with transaction() as writing:
        outages.end(writing, writing.get_one(Outage, ended), DESK, start)
        writing.get_one(Outage, moved).ends_at = start + timedelta(hours=3)
    assert ask(start + timedelta(hours=2)) == 0
    assert ask(start + timedelta(hours=4)) == 1, "not a day later: the new time has come"
    assert ask(start + timedelta(hours=30)) == 1


def test_one_without_an_expected_end_is_asked_after_when_it_is_a_day_old(announce, session, colleagues):
    announce("3", starts_in=0, ends_in=None)
    assert ask(present() + timedelta(hours=23)) == 0
    assert ask(present() + timedelta(hours=25)) == 1
    assert WORDS in asked(session)[0][1]


def test_without_anybody_to_ask_the_staff_s_channel_is(app, announce, session, community, monkeypatch):
    settings = replace(app.extensions["settings"], staff_alert_urls=("json://127.0.0.1",))
    monkeypatch.setitem(app.extensions, "settings", settings)
    announce("3", ends_in=-1)
    session.execute(delete(DutyShift))
    session.execute(update(Staff).values(active=False))
    session.commit()
    ask(present())
    assert [(to, WORDS in body) for to, body in asked(session)] == [("staff", True)]


def test_7_asks_for_a_text_message_at_the_end_and_the_menu_goes_on(phone, announce, session, call_of, ticket_of):
    outage_id = announce("3")
    line = phone().press("7")
    assert "短信通知您" in line.said
    assert line.step == "menu"
    assert "请按7" not in line.said
    line.hang_up()
    assert callers(session) == [(ZHANG, True)]
    assert call_of(line).outcome == "no_matter"
    assert not ticket_of(line).counts_in_figures
    phone().press("7").hang_up()
    with transaction() as writing:
        assert outages.end(writing, writing.get_one(Outage, outage_id), DESK, present()) == 1
    session.rollback()
    told = session.scalars(select(Message).where(Message.purpose == "outage_ended")).one()
    assert told.to == ZHANG
    assert "已恢复" in told.body
    assert WORDS not in phone().said


def test_it_ends_once(announce):
    outage_id = announce("3")
    with transaction() as writing:
        outages.end(writing, writing.get_one(Outage, outage_id), DESK, present())
    with pytest.raises(Refused), transaction() as writing:
        outages.end(writing, writing.get_one(Outage, outage_id), DESK, present())


def test_in_english_too(phone, announce, session):
    outage_id = announce("3")
    line = phone().press("8").press("7")
    assert "text message" in line.said
    with transaction() as writing:
        outages.end(writing, writing.get_one(Outage, outage_id), DESK, present())
    session.rollback()
    assert "No water." in session.scalars(select(Message.body).where(Message.purpose == "outage_ended")).one()


@pytest.mark.parametrize("number", [LANDLINE, "anonymous"])
def test_who_gets_no_text_message_is_offered_none(phone, announce, session, number):
    announce()
    line = phone(number)
    assert WORDS in line.said
    assert "请按7" not in line.said
    line.press("7")
    assert line.step == "menu"
    assert not any(wants for _number, wants in callers(session))


def test_somebody_else_hears_of_it_once_the_house_is_named(phone, announce, session, ticket_of):
    announce("3")
    line = phone(STRANGER).press("1").say("三幢二单元一二零一")
    assert WORDS in line.said
    assert line.step == "describe"
    line.press("7")
    assert line.has("Hangup")
    line.hang_up()
    assert callers(session) == [(STRANGER, True)]
    assert ticket_of(line).state == "closed"


def test_a_matter_all_the_same_becomes_a_ticket_that_says_what_was_told(phone, announce, session, ticket_of):
    announce("3")
    line = phone().press("1").press("1").say("厨房水管漏水").press("1").press("1").hang_up()
    ticket = ticket_of(line)
    assert (ticket.state, ticket.kind) == ("registered", "repair")
    assert any(WORDS in entry.note for entry in ticket.entries)
    assert callers(session) == [(ZHANG, False)]


def test_who_hears_it_and_hangs_up_needs_no_call_back(phone, announce, call_of, ticket_of):
    announce("3")
    line = phone().hang_up()
    assert call_of(line).outcome == "no_matter"
    assert not ticket_of(line).callback_due


@pytest.mark.parametrize("keys", [[], ["7"], ["1"], ["1", "1"]])
def test_an_emergency_is_never_held_up(phone, announce, call_of, keys):
    announce("3")
    line = phone()
    for key in keys:
        line.press(key)
    line.press("9")
    assert "119" in line.said
    assert WORDS not in line.said
    assert [ticket.kind for ticket in call_of(line).tickets] == ["emergency"]


def test_a_repeated_first_webhook_is_one_link(phone, announce, session):
    announce("3")
    line = phone()
    line.dial()
    assert callers(session) == [(ZHANG, False)]
