"""Every message that leaves the house is in its reader's language, whole: mails, SMS and alerts, of every purpose there is."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from flask import Flask
from flask_appbuilder.security.sqla.models import User
from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from app.models import (
    Bill,
    Call,
    Campaign,
    Category,
    CheckIn,
    CheckInPlan,
    Community,
    DutyShift,
    FeeItem,
    HotlineNumber,
    Message,
    Outage,
    OutsideBody,
    Person,
    PersonPhone,
    Phone,
    Report,
    StewardBuilding,
    Tenure,
    Ticket,
    UserPreference,
    VoicePin,
)
from app.rules.codes import MessageChannel, MessagePurpose, Outreach
from app.services import (
    check_in_tell,
    clocks,
    collection_week,
    complaint_months,
    complaint_verbs,
    drill_record,
    drills,
    escalation,
    escalation_tell,
    handovers,
    heartbeats,
    offers,
    outage_watch,
    outages,
    outbound_texts,
    outside,
    owner_matters,
    report_letters,
    sms,
    special_events,
    swaps,
    synthetic_calls,
    voice_pins,
    watch,
)
from app.services.actors import Actor, household_actor
from app.services.call_store import Webhook
from app.services.invitations import invite
from app.services.password_resets import request_reset
from app.services.return_visits import due_list
from app.services.roster_watch import tell_of_troubles
from app.services.staff_notices import tell_visits_due
from app.services.ticket_verbs import perform
from tests.support.databases import Databases
from tests.support.drills import drill_form, field, record_form
from tests.support.estate import login
from tests.support.languages import silence, strange_text
from tests.support.plans import in_force
from tests.support.special import confirmed
from tests.support.tickets import SmallEstate, unsaved_estate

DATA = {
    "厨房漏水",
    "电梯坏了",
    *(f"3幢1单元{room}" for room in ("102", "202", "302", "402")),
    "换了阀芯",
    "3幢1单元101",
    "赵六",
    "u-zhao",
    "张三",
    *(f"{n}员" for n in ("tech_a", "tech_b", "manager", "steward")),
}
ADDRESS = re.compile(r"https?://\S+|\{code:\d+\}")
DAY = timedelta(days=1)
UTC = ZoneInfo("UTC")


@pytest.fixture
def estate(session: Session, databases: Databases) -> Iterator[SmallEstate]:
    yield from unsaved_estate(session, databases)


@pytest.fixture
def house_speaks(app: Flask, monkeypatch: pytest.MonkeyPatch, locale: str) -> None:
    """The house, its staff's channel included, keeps its records in this language."""
    monkeypatch.setitem(app.config, "BABEL_DEFAULT_LOCALE", locale)
    settings = replace(app.extensions["settings"], default_locale=locale, staff_alert_urls=("json://127.0.0.1",))
    monkeypatch.setitem(app.extensions, "settings", settings)


@pytest.fixture
def owner(session: Session, estate: SmallEstate, locale: str) -> Person:
    """A household with a telephone, a mail address and a login, reading `locale`."""
    person = Person(name="赵六", email="zhao@example.org", locale=locale)
    phone = Phone(number="+8613800138066")
    user = login(session, "u-zhao", "owner")
    session.add_all([person, phone, UserPreference(user_id=user.id, locale=locale, choices={})])
    session.flush()
    person.user_id = user.id
    session.add(PersonPhone(person_id=person.id, phone_id=phone.id, is_primary=True))
    session.add(Tenure(person_id=person.id, house_id=estate.houses[3].id, role="owner", starts_on=date(2020, 1, 1)))
    session.add(HotlineNumber(number="+862169990000", community_id=estate.community.id))
    estate.community.name_en = "Test Court"
    session.flush()
    return person


@pytest.mark.parametrize("locale", ["zh", "en"])
def test_every_purpose_is_written_in_one_language(
    session: Session, estate: SmallEstate, owner: Person, now: datetime, house_speaks: None, locale: str
) -> None:
    _staff_reads(session, estate, locale)
    _repairs(session, estate, owner, now, locale)
    _complaints(session, estate, now, locale)
    _emergency(session, estate, now, locale)
    _a_text_comes_in(session, now, locale)
    _swaps(session, estate, now)
    _handover(session, estate, now)
    _drill(session, estate, now)
    _notices(session, now)
    _reports(session, estate, now)
    _codes(session, owner, now)
    _outage_ends(session, estate, now, locale)
    _somebody_alone(session, estate, owner, now, locale)
    _special_event(session, estate, now)
    complaint_months.signed(session, estate.actor("manager"), complaint_months.Month(estate.community, "2026-03"), now)
    _the_week(session, estate, owner, now)
    session.flush()
    found = session.scalars(select(Message)).all()
    written = {message.purpose for message in found} | set(Outreach)  # what campaigns write: the next test
    assert written == set(MessagePurpose), "a new purpose needs its line here"
    assert {message.channel for message in found} == set(MessageChannel)
    wrong = {
        (message.purpose, message.channel, text)
        for message in found
        for text in (message.subject or "", message.body)
        if strange_text(ADDRESS.sub(" ", text), locale, DATA)
    }
    assert not wrong


def _somebody_alone(session: Session, estate: SmallEstate, owner: Person, now: datetime, locale: str) -> None:
    """Silence → steward and staff → contact and supervisor → an answer, all well, help, and the end of it."""
    silence(session, estate.open(session, now, reporter_locale=locale, reporter_person=owner), now)
    entry = session.scalars(select(CheckInPlan)).one()
    call = session.scalars(select(CheckIn).where(CheckIn.state == "contacted")).one()
    for contact in entry.contacts:
        contact.locale = locale
    for tell in (check_in_tell.of_contacts, check_in_tell.of_answer, check_in_tell.of_all_well):
        session.execute(delete(Message).where(Message.to == "+8613900000066"))
        tell(session, call, now)
    check_in_tell.of_end(session, entry, now)
    marks = {key.split(":")[2] for key in session.scalars(select(Message.key).where(Message.key.like("checkin:%")))}
    assert marks >= {"silence", "help", "unfound", "answer", "well"}, marks


def _special_event(session: Session, estate: SmallEstate, now: datetime) -> None:
    """Proposed, confirmed, and one of an emergency; by text, by mail and on the staff's channel."""
    estate.staff["manager"].email = "manager@example.org"
    for category in session.scalars(select(Category).where(Category.code.endswith("_test"))):
        category.name_en = "Water"
    confirmed(session, estate, now)
    ticket = estate.open(session, now, kind="emergency", title="厨房漏水")
    special_events.open_emergency(session, estate.actor("manager"), ticket, now)


def _outage_ends(session: Session, estate: SmallEstate, now: datetime, locale: str) -> None:
    call = Call(provider_sid="CAoutage", from_number="+8613800138077", community_id=estate.community.id, started_at=now)
    outage = Outage(
        community_id=estate.community.id,
        kind="water",
        text_zh="停水抢修。",
        text_en="No water.",
        starts_at=now,
        announced_at=now,
        announced_by="前台",
    )
    session.add_all([call, outage])
    session.flush()
    outages.note_told(session, call, [outage.id], True, locale, now)
    given = {"community_id": estate.community.id, "kind": "power", "text_zh": "停电检修。", "text_en": "No power."}
    told = {"starts_at": now - 2 * DAY, "announced_at": now - 2 * DAY, "announced_by": "前台"}
    session.add_all([Outage(**given, **told), Outage(**given, **told, ends_at=now - DAY)])
    session.flush()
    outage_watch.ask_desk(session, now)
    outages.end(session, outage, Actor.system("tests"), now)


@pytest.mark.parametrize("purpose", Outreach)
@pytest.mark.parametrize("locale", ["zh", "en"])
def test_a_campaign_writes_in_its_readers_language(app: Flask, purpose: Outreach, locale: str) -> None:
    community = Community(code="testhof", name="测试小区", name_en="Test Court")
    campaign = Campaign(purpose=purpose, text_zh="今天停水", text_en="No water today")
    with app.app_context():
        assert not strange_text(outbound_texts.words(campaign, community, locale), locale)


def _staff_reads(session: Session, estate: SmallEstate, locale: str) -> None:
    for name, person in estate.staff.items():
        user = User(username=f"u-{name}", first_name=name, last_name="", email=f"{name}@example.org", active=True)
        session.add(user)
        session.flush()
        session.add(UserPreference(user_id=user.id, locale=locale, choices={}))
        person.user_id, person.email = user.id, user.email
    # One who can be reached by mail alone, and one by nothing but the staff's channel.
    estate.staff["supervisor"].number = None
    estate.staff["tech_b"].number = estate.staff["tech_b"].email = None
    session.flush()


def _repairs(session: Session, estate: SmallEstate, owner: Person, now: datetime, locale: str) -> None:
    ticket = estate.open(session, now, reporter_locale=locale, reporter_person=owner)
    perform(session, ticket, "dispatch", estate.actor("assistant"), now, {"assignee_id": estate.staff["tech_b"].id})
    other = estate.open(session, now, reporter_locale=locale)
    estate.walk(session, other, now, "dispatch", "start")
    household = household_actor(session, owner.id, now, UTC)
    owner_matters.act(session, household, ticket, "say", {"note": "换了阀芯"}, now)
    clocks.sweep(session, now + timedelta(hours=20))
    clocks.sweep(session, now + 5 * DAY)
    _accepted(session, estate, now + 5 * DAY, locale)
    perform(session, other, "finish", estate.actor("tech_a"), now + 5 * DAY, {"note": "换了阀芯"})
    perform(session, other, "reopen", estate.actor("assistant"), now + 5 * DAY, {"note": "换了阀芯"})


def _accepted(session: Session, estate: SmallEstate, now: datetime, locale: str) -> None:
    """Work that is handed in to be accepted, and comes back; that is offered, taken over, declined, left unanswered."""
    tech_a = {"assignee_id": estate.staff["tech_a"].id}
    ticket = estate.open(session, now, reporter_locale=locale)
    ticket.category.needs_acceptance = True
    session.flush()
    estate.walk(session, ticket, now, "dispatch", "start")
    complaint_verbs.take(session, ticket, "submit", estate.actor("tech_a"), now, {"note": "换了阀芯"})
    complaint_verbs.take(session, ticket, "return", estate.actor("supervisor"), now, {"note": "换了阀芯"})
    ticket.category.needs_acceptance = False
    given = {"to_id": estate.staff["tech_b"].id, "note": "换了阀芯"}
    for answer in ("accept", "decline", "late"):
        offered = estate.walk(session, estate.open(session, now, reporter_locale=locale), now, "dispatch")
        complaint_verbs.take(session, offered, "dispatch", estate.actor("assistant"), now, tech_a)
        complaint_verbs.take(session, offered, "offer", estate.actor("tech_a"), now, given)
        if answer == "accept":
            offers.accept(session, estate.actor("tech_b"), offered.offer.id, now)
        elif answer == "decline":
            offers.decline(session, estate.actor("tech_b"), offered.offer.id, "换了阀芯", now)
    offers.tell_unanswered(session, now + DAY)


def _drill(session: Session, estate: SmallEstate, now: datetime) -> None:
    """A drill that is planned, moved, held and improved after, and one that is called off."""
    version = in_force(session, estate.community.id, now)
    leader, members = estate.staff["tech_a"].id, [estate.staff[name].id for name in ("supervisor", "tech_b")]
    sent = drill_form(estate.community.id, version.plan_id, now + DAY, leader, members, place="", aim="换了阀芯")
    manager = estate.actor("manager")
    moved, off = (drills.plan(session, manager, sent, now) for _each in range(2))
    drills.change(session, manager, moved, sent | {"members": [str(members[0])]}, now)
    drills.cancel(session, manager, off, "换了阀芯", now)
    drill_record.begin(session, manager, moved, now)
    drill_record.tick(session, manager, moved, "00000001", now)
    done = record_form(now, now, step_00000001=field(now)[-5:])
    drill_record.record(session, manager, moved, done, [], now)
    words = {
        "finding": "换了阀芯",
        "improvement": "换了阀芯",
        "staff_id": str(leader),
        "until": f"{now + DAY:%Y-%m-%d}",
    }
    drill_record.add_finding(session, manager, moved, {name: [value] for name, value in words.items()}, now)


def _complaints(session: Session, estate: SmallEstate, now: datetime, locale: str) -> None:
    for grade in ("ordinary", "major"):
        ticket = estate.open(session, now, kind="complaint", reporter_locale=locale)
        found = {"validity": "valid", "grade": grade}
        perform(session, ticket, "find", estate.actor("supervisor"), now, found)
        if grade == "major":
            complaint_verbs.perform(session, ticket, "object", estate.actor("manager"), now, {"note": "换了阀芯"})
            complaint_verbs.perform(session, ticket, "escalate", estate.actor("assistant"), now, {"note": "换了阀芯"})
            complaint_verbs.perform(session, ticket, "decide", estate.actor("manager"), now, {"note": "换了阀芯"})
            _outside(session, estate, ticket, now)
        estate.walk(session, ticket, now, "dispatch", "start")
        data = {"note": "换了阀芯", "root_cause": "换了阀芯", "correction": "换了阀芯", "prevention": "换了阀芯"}
        perform(session, ticket, "finish", estate.actor("supervisor"), now, data)
        if grade == "ordinary":
            perform(session, ticket, "reopen", estate.actor("assistant"), now, {"note": "换了阀芯"})


def _outside(session: Session, estate: SmallEstate, ticket: Ticket, now: datetime) -> None:
    """A letter by mail, whose words are the supervisor's own, and the warning of its deadline."""
    session.add(
        OutsideBody(community_id=estate.community.id, kind="developer", name="换了阀芯", email="care@example.org")
    )
    session.flush()
    letter = {"body": "developer", "way": "email", "note": "换了阀芯"}
    complaint_verbs.perform(session, ticket, "forward", estate.actor("supervisor"), now, letter)
    outside.sweep(session, now + 6 * DAY)
    outside.sweep(session, now + 8 * DAY)


def _emergency(session: Session, estate: SmallEstate, now: datetime, locale: str) -> None:
    ticket = estate.open(session, now, kind="emergency", priority="emergency", reporter_locale=locale)
    ladder = escalation.start(session, ticket, None, now)
    escalation_tell.tell_all(session, ladder, [str(estate.staff["tech_a"].number)], now)


def _a_text_comes_in(session: Session, now: datetime, locale: str) -> None:
    words = {"zh": "楼道灯不亮", "en": "the stairs are dark"}[locale]
    sent = {"From": "+8613700137000", "To": "+862169990000", "Body": words}
    assert isinstance(sms.receive(session, Webhook("SM1", sent, now)), Ticket)


def _the_week(session: Session, estate: SmallEstate, owner: Person, now: datetime) -> None:
    house, building = estate.houses[3], estate.houses[3].building_id
    place = {"community_id": estate.community.id, "house_id": house.id, "payer_id": owner.id, "period": "2026-01"}
    item = FeeItem(
        community_id=estate.community.id,
        code="p",
        name="物业费",
        basis="per_house_month",
        rate=1,
        valid_from=date(2020, 1, 1),
    )
    session.add(item)
    session.flush()
    days = {"issued_on": date(2026, 1, 1), "due_on": date(2026, 1, 25)}
    session.add(Bill(**place, fee_item_id=item.id, quantity=1, rate=1, amount=100, **days))
    steward = {"staff_id": estate.staff["tech_a"].id, "building_id": building, "community_id": estate.community.id}
    session.add(StewardBuilding(**steward, starts_on=date(2020, 1, 1)))
    session.flush()
    assert collection_week.tell_managers(session, now) >= 1


def _swaps(session: Session, estate: SmallEstate, now: datetime) -> None:
    for days in (1, 2):
        shifts = [
            DutyShift(community_id=estate.community.id, tier="on_duty", staff_id=estate.staff[name].id, number="+8613900139001",
                      starts_at=now + start * DAY, ends_at=now + (start + 1) * DAY)
            for name, start in (("tech_a", 10 * days), ("tech_b", 10 * days + 3))
        ]  # fmt: skip
        session.add_all(shifts)
        session.flush()
        back = shifts[1].id if days == 2 else None
        swap = swaps.ask(session, estate.actor("tech_a"), shifts[0].id, estate.staff["tech_b"].id, back, "", now)
        swaps.answer(session, estate.actor("manager"), swap, days == 2, "", now)


def _handover(session: Session, estate: SmallEstate, now: datetime) -> None:
    for name, start in (("tech_a", -2), ("tech_b", -1)):
        shift = {"starts_at": now + start * DAY, "ends_at": now + (start + 1) * DAY, "number": "+8613900139001"}
        session.add(
            DutyShift(community_id=estate.community.id, tier="on_duty", staff_id=estate.staff[name].id, **shift)
        )
    session.flush()
    handovers.write_due(session, estate.community, now - DAY)
    assert handovers.tell_late(session, now) == 1


def _notices(session: Session, now: datetime) -> None:
    tell_of_troubles(session, now)
    tell_visits_due(session, due_list(session, now + 30 * DAY), now + 30 * DAY)
    for moment in (now - 9 * DAY, now):
        for signal in (synthetic_calls.GOOD, watch.CALLBACKS, "scheduler"):
            heartbeats.beat(session, signal, moment)
        assert len(watch.tell(session, now)) == 3


def _reports(session: Session, estate: SmallEstate, now: datetime) -> None:
    for version in (1, 2):
        report = Report(community_id=estate.community.id, month="2026-02", version=version, drafted_at=now)
        session.add(report)
        session.flush()
        report_letters.remind_staff(session, report, now, pressed=True)
        report_letters.send_to_owners(session, report, now)


def _codes(session: Session, owner: Person, now: datetime) -> None:
    assert request_reset(session, "u-zhao", now) == 1
    user_id, owner.user_id = owner.user_id, None
    session.flush()
    invite(session, Actor.system("tests"), owner.id, now)
    owner.user_id = user_id
    session.add(VoicePin(person_id=owner.id, digest="x", set_at=now))
    session.flush()
    for _ in range(20):
        voice_pins.note_try(session, [owner.id], None, now)
