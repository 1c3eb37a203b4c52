"""Who calls, by the number (D15, G3): what is offered to whom, whose progress is told, and sums only for a right PIN."""

from collections.abc import Callable
from datetime import date, timedelta
from decimal import Decimal

import pytest
from sqlalchemy import select

from app.adapters.clock import now as present
from app.models import (
    Bill,
    FeeItem,
    HotlineEvent,
    House,
    HouseholdChange,
    Message,
    Person,
    PersonPhone,
    Phone,
    Staff,
    Tenure,
    Ticket,
    VoicePin,
)
from app.rules import spoken
from app.services import voice_pins
from app.services.actors import household_actor
from app.services.local_time import local_zone
from app.services.transaction import transaction
from tests.support.hotline import LI, ON_DUTY, SHARED, STRANGER, ZHANG

PIN, WRONG = "482917", "482918"
FORMER, TENANT, LANDLINE = "+8613800138021", "+8613800138022", "+862161234567"
WITHHELD = [
    "+266696687",
    "+7378742833",
    "+2562533",
    "+8656696",
    "+86282452253",
    "anonymous",
    "Unavailable",
    "",
    "unknown",
]


def today() -> date:
    return present().astimezone(local_zone()).date()


@pytest.fixture
def household(session, community) -> Callable[..., int]:
    """household("甲", number, role="owner", ends_in=None): somebody of 3幢2单元1201; the person's id."""

    def make(name: str, number: str, role: str = "owner", ends_in: int | None = None) -> int:
        house = session.scalars(select(House).where(House.name == "3幢2单元1201")).one()
        person = Person(name=name)
        phone = session.scalars(select(Phone).where(Phone.number == number)).first() or Phone(number=number)
        session.add_all([person, phone])
        session.flush()
        session.add(PersonPhone(person_id=person.id, phone_id=phone.id, is_primary=True))
        ends = None if ends_in is None else today() + timedelta(days=ends_in)
        session.add(Tenure(person_id=person.id, house_id=house.id, role=role, starts_on=date(2020, 5, 1), ends_on=ends))
        session.commit()
        return person.id

    return make


@pytest.fixture
def with_pin(app, session, community) -> Callable[..., int]:
    """with_pin("张伟") has the PIN and two bills of 252.00, one of them late; the person's id."""

    def make(name: str = "张伟", pin: str = PIN, late: int = 1) -> int:
        person_id = session.scalars(select(Person.id).where(Person.name == name)).one()
        session.rollback()
        with transaction() as writing:
            actor = household_actor(writing, person_id, present(), local_zone())
            voice_pins.set_pin(writing, actor, pin, pin, present())
            house_id = writing.scalars(select(Tenure.house_id).where(Tenure.person_id == person_id)).first()
            item = writing.scalars(select(FeeItem)).first() or FeeItem(
                community_id=community.id,
                code="property",
                name="物业费",
                basis="per_m2_month",
                rate=Decimal("2.80"),
                valid_from=date(2020, 1, 1),
            )
            writing.add(item)
            writing.flush()
            for month, due in ((1, today() - timedelta(days=9)), (2, today() + timedelta(days=9 if late else 1))):
                writing.add(
                    Bill(
                        community_id=community.id,
                        house_id=house_id,
                        fee_item_id=item.id,
                        payer_id=person_id,
                        period=f"2026-{month:02d}",
                        quantity=Decimal(90),
                        rate=Decimal("2.80"),
                        amount=Decimal("252.00"),
                        state="open",
                        issued_on=date(2026, month, 1),
                        due_on=due,
                    )
                )
        return person_id

    return make


# ---- who is offered which house --------------------------------------------------------------------------------------
@pytest.mark.parametrize(
    ("number", "step", "offered"),
    [
        (ZHANG, "house", ["3幢2单元幺二零幺"]),
        (LI, "house", ["1幢1单元幺零幺", "5幢1单元三零二"]),
        (SHARED, "house", ["2幢1单元六零幺", "2幢1单元六零二"]),
        (STRANGER, "which-house", []),
        (ON_DUTY, "which-house", []),
        (f"{LANDLINE};ext=12", "which-house", []),
        *((withheld, "which-house", []) for withheld in WITHHELD),
    ],
)
def test_a_caller_is_offered_the_houses_of_the_number(phone, number, step, offered):
    line = phone(number).press("1")
    assert line.step == step
    assert all(house in line.said for house in offered)
    assert not any(name in line.answer for name in ("张", "李", "王", "赵"))


@pytest.mark.parametrize(("ends_in", "step"), [(-1, "which-house"), (0, "house"), (30, "house"), (None, "house")])
def test_a_tenure_that_ended_is_not_offered(phone, household, ends_in, step):
    household("前业主", FORMER, ends_in=ends_in)
    assert phone(FORMER).press("1").step == step


def test_a_tenant_is_offered_the_home_and_is_the_reporter(phone, household, ticket_of):
    household("租客", TENANT, role="tenant")
    line = phone(TENANT).press("1").press("1").say("停电了").hang_up()
    assert (ticket_of(line).house.name, ticket_of(line).reporter.name) == ("3幢2单元1201", "租客")


def test_a_colleague_is_known_by_name_and_is_no_household(phone, ticket_of):
    line = phone(ON_DUTY).press("1").press("3*1*1201").say("楼道灯坏").hang_up()
    ticket = ticket_of(line)
    assert (ticket.reporter, ticket.reporter_name, ticket.reporter_phone) == (None, "值班管家", ON_DUTY)


def test_a_landline_gets_no_text_message(phone, household, session, ticket_of):
    household("座机", LANDLINE)
    line = phone(LANDLINE).press("1").press("1").say("停电了").press("1").press("1").hang_up()
    assert "短信" not in line.said
    assert ticket_of(line).reporter_phone == LANDLINE
    assert session.query(Message).filter_by(channel="sms", to=LANDLINE).count() == 0


# ---- whose progress is told (key 5) ----------------------------------------------------------------------------------
def report(phone, ticket_of, number: str) -> Ticket:
    return ticket_of(phone(number).press("1").press("1").say("厨房漏水").press("1").press("1").hang_up())


@pytest.mark.parametrize("number", [LI, SHARED, STRANGER, FORMER, ON_DUTY])
def test_a_ticket_of_somebody_else_is_told_to_nobody(phone, ticket_of, household, number):
    household("前业主", FORMER, ends_in=-1)
    ticket = report(phone, ticket_of, ZHANG)
    line = phone(number).press("5")
    assert spoken.digits(ticket.number, "zh") not in line.said
    line.press(ticket.number)
    assert "已受理" not in line.said
    assert "没有这张工单" in line.said


@pytest.mark.parametrize("withheld", WITHHELD)
def test_a_withheld_number_hears_of_no_ticket(phone, ticket_of, withheld):
    report(phone, ticket_of, ZHANG)
    line = phone(withheld).press("5")
    assert line.step == "progress-next"
    assert "已受理" not in line.said


def test_the_household_hears_of_its_matters_and_the_tenant_s_stay_the_tenant_s(phone, ticket_of, household):
    household("妻子", "+8613800138031", role="family")
    household("共有人", "+8613800138032")
    household("租客", TENANT, role="tenant")
    ours, theirs = report(phone, ticket_of, ZHANG), report(phone, ticket_of, TENANT)
    for number in (ZHANG, "+8613800138032"):
        said = phone(number).press("5").said
        assert spoken.digits(ours.number, "zh") in said
        assert spoken.digits(theirs.number, "zh") not in said or ours.number == theirs.number
    assert spoken.digits(theirs.number, "zh") in phone(TENANT).press("5").said


def test_an_older_ticket_of_one_s_own_is_found_by_its_number(phone, ticket_of, session):
    ticket = report(phone, ticket_of, ZHANG)
    session.query(Ticket).filter_by(id=ticket.id).update({"state": "closed"})
    session.commit()
    line = phone(ZHANG).press("5")
    assert line.step == "progress"
    assert "已办结" in line.press(ticket.number).said


# ---- sums (key 6) ----------------------------------------------------------------------------------------------------
@pytest.mark.parametrize("number", [LI, STRANGER, TENANT, FORMER, ON_DUTY, *WITHHELD])
def test_nobody_without_a_pin_hears_a_sum(phone, with_pin, household, number):
    with_pin()
    household("租客", TENANT, role="tenant")
    household("前业主", FORMER, ends_in=-1)
    line = phone(number).press("6")
    assert line.step == "fees"
    assert "元" not in line.said


def test_the_right_pin_opens_the_sum_of_that_owner(phone, with_pin, call_of):
    person_id = with_pin()
    line = phone().press("6").press(f"{PIN}#")
    assert "2张未缴账单，合计504.00元" in line.said
    assert "其中252.00元已逾期" in line.said
    assert line.step == "fees"
    line.press("2").hang_up()
    assert (call_of(line).outcome, call_of(line).person_id) == ("no_matter", person_id)


def test_in_english_too(phone, with_pin):
    with_pin()
    assert "together 504.00 yuan" in phone().press("8").press("6").press(PIN).said


def test_the_digits_are_kept_nowhere(phone, with_pin, session, call_of, app):
    with_pin()
    line = phone().press("6").press(WRONG).press(PIN)
    session.rollback()
    kept = [event.params for event in session.query(HotlineEvent).filter_by(kind="fees-pin")]
    assert len(kept) == 2
    assert not any("Digits" in params for params in kept)
    assert PIN not in str(call_of(line).facts)
    digest = session.scalars(select(VoicePin.digest)).one()
    assert PIN not in digest


def test_without_a_database_the_digits_do_not_reach_the_journal(phone, with_pin, app, monkeypatch):
    from app.hotline import routes

    with_pin()
    line = phone().press("6")

    def gone(*_args: object) -> None:
        raise RuntimeError("the database is gone")

    monkeypatch.setattr(routes, "in_transaction", gone)
    line.press(PIN)
    journal = app.extensions["settings"].data_dir / "journal" / "pending.jsonl"
    assert "fees-pin" in journal.read_text(encoding="utf-8")
    assert PIN not in journal.read_text(encoding="utf-8")


def test_three_wrong_tries_over_several_calls_lock_it_and_the_owner_is_told(phone, with_pin, session):
    person_id = with_pin()
    line = phone().press("6").press(WRONG)
    assert "还可以再试2次" in line.said
    line.press(WRONG).hang_up()
    line = phone().press("6").press(WRONG)
    assert "已锁定" in line.said
    assert line.step == "fees"
    session.rollback()
    told = session.query(Message).filter_by(purpose="pin_locked").one()
    assert (told.to, told.person_id) == (ZHANG, person_id)
    assert "元" not in phone().press("6").said
    assert phone().press("6").step == "fees"
    with transaction() as writing:
        voice_pins.set_pin(writing, household_actor(writing, person_id, present(), local_zone()), PIN, PIN, present())
    assert "504.00" in phone().press("6").press(PIN).said


def test_a_right_pin_begins_the_count_anew(phone, with_pin):
    with_pin()
    for _ in range(2):
        line = phone().press("6").press(WRONG).press(WRONG).press(PIN)
        assert "504.00" in line.said


def test_a_repeated_webhook_counts_one_try(phone, with_pin, session):
    with_pin()
    line = phone().press("6")
    where = line.action
    for _ in range(4):
        line.post(where, Digits=WRONG)
    session.rollback()
    assert session.scalars(select(VoicePin.failures)).one() == 1


def test_owners_who_share_a_number_are_told_apart_by_house_and_pin(phone, with_pin):
    with_pin("王芳"), with_pin("王强", "730285")
    line = phone(SHARED).press("6")
    assert line.step == "fees-house"
    assert "王" not in line.answer
    assert "还可以再试" in line.press("1").press("730285").said
    assert "504.00" in phone(SHARED).press("6").press("2").press("730285").said


@pytest.mark.parametrize("digits", ["9", "9#"])
def test_the_emergency_is_reached_from_the_pin_too(phone, with_pin, digits):
    with_pin()
    assert "119" in phone().press("6").press(digits).said


# ---- the desk --------------------------------------------------------------------------------------------------------
def test_the_desk_opens_a_locked_pin_again_and_it_is_written_down(phone, with_pin, session):
    person_id = with_pin()
    phone().press("6").press(WRONG).press(WRONG).press(WRONG)
    from app.services.actors import Actor

    with transaction() as writing:
        voice_pins.unlock(writing, Actor.system("desk"), person_id, present())
    assert "504.00" in phone().press("6").press(PIN).said
    session.rollback()
    what = session.scalars(select(HouseholdChange.what).where(HouseholdChange.person_id == person_id)).all()
    assert what == ["pin_set", "pin_unlocked"]
    assert session.query(Staff).count() == 1


# ---- the house as it is said -----------------------------------------------------------------------------------------
def test_a_misheard_house_is_asked_back_with_the_estate_s_real_ones(phone, ticket_of):
    line = phone(STRANGER).press("1").say("三栋二但愿要二零要")
    assert line.step == "house-check"
    assert "3幢2单元幺二零幺" in line.said
    line.press("1").say("停电了").hang_up()
    assert ticket_of(line).house.name == "3幢2单元1201"


def test_a_misheard_house_may_be_none_of_them(phone):
    line = phone(STRANGER).press("1").say("三栋二但愿要二零要").press("0")
    assert line.step == "which-house"
