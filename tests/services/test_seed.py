"""Reference data: every price of D9 to the fen, the clocks of D4, and never a change undone."""

from decimal import Decimal

import pytest
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from app.models import (
    Category,
    CategoryWord,
    ClockPolicy,
    Community,
    Department,
    HotlineNumber,
    ServiceItem,
    ServicePrice,
)
from app.rules.classify import Word, classify
from app.rules.clock_defaults import CLOCK_POLICIES
from app.services.seed import seed
from app.services.seed_data.reference import WORDS

NUMBER = "+862160000000"

PRICES = {
    ("copy", "A4"): ("0.50", "张"),
    ("copy", "A3"): ("1.00", "张"),
    ("print", "A4"): ("5.00", "张"),
    ("email", ""): ("3.00", "次"),
    ("internet", ""): ("3.00", "小时"),
    ("fax_in", ""): ("5.00", "页"),
    ("fax_out", "省内"): ("5.00", "次"),
    ("fax_out", "省外"): ("8.00", "次"),
}
QUOTED = {"house_custody", "room_cleaning", "deep_cleaning", "plant_rental", "indoor_repair", "air_testing"}
FREE = {
    "laundry", "meal_order", "wake_up", "ordering", "mail_signing", "find_person", "lost_found", "parcel_errand",
    "housekeeping", "elderly_care", "lending", "furniture_removal", "line_opening", "ticket_booking",
    "area_information", "emergency_help", "appliance_day", "photo_frame", "car_pass", "door_card", "card_top_up",
    "fee_at_home",
}  # fmt: skip
CATEGORIES = {
    "water", "power", "lift", "drainage", "door", "lighting", "noise", "parking", "cleaning", "greening", "security",
    "fee", "attitude", "other",
}  # fmt: skip


def prices(session: Session, kind: str) -> list[tuple[str, ServicePrice]]:
    query = select(ServiceItem.code, ServicePrice).join(ServicePrice).where(ServicePrice.kind == kind)
    return [(code, price) for code, price in session.execute(query)]


def test_every_fixed_price_of_the_catalogue(session: Session) -> None:
    found = {(code, price.variant): (str(price.amount_yuan), price.unit) for code, price in prices(session, "fixed")}
    assert found == PRICES


def test_letting_costs_half_of_one_months_rent(session: Session) -> None:
    [(code, price)] = prices(session, "percent")
    assert (code, price.percent, price.base) == ("letting", Decimal(50), "一个月租金")


def test_what_is_quoted_and_what_is_free(session: Session) -> None:
    assert {code for code, _ in prices(session, "quotation")} == QUOTED
    assert {code for code, _ in prices(session, "free")} == FREE
    variants = {price.variant for code, price in prices(session, "quotation") if code == "indoor_repair"}
    assert variants == {"灯具", "开关", "水龙头", "下水"}
    assert sum(code == "lending" for code, _ in prices(session, "free")) == 10
    paid = set(session.scalars(select(ServiceItem.code).where(ServiceItem.is_paid)))
    assert paid == QUOTED | {"letting"} | {code for code, _ in PRICES}


def test_everything_has_a_name_in_both_languages(session: Session) -> None:
    for model in (Department, Category, ServiceItem):
        for row in session.scalars(select(model)):
            assert row.name
            assert row.name_en.isascii()
            assert row.name_en


def test_the_categories_with_their_departments(session: Session) -> None:
    rows = {row.code: row for row in session.scalars(select(Category))}
    assert set(rows) >= CATEGORIES
    assert all(row.department is not None for row in rows.values())
    assert rows["water"].department.code == "engineering"  # type: ignore[union-attr]


def test_the_clock_rules_are_those_of_the_table(session: Session) -> None:
    found = {
        (p.name, p.starts_when, p.minutes, p.kind, p.priority, p.grade, p.validity, p.channel)
        for p in session.scalars(select(ClockPolicy))
    }
    wanted = {
        (p.name, p.starts_when, p.minutes, p.kind, p.priority, p.grade, p.validity, p.channel) for p in CLOCK_POLICIES
    }
    assert found == wanted


def test_a_second_time_adds_nothing(session: Session) -> None:
    def counts() -> list[int | None]:
        tables = (Department, Category, CategoryWord, ClockPolicy, ServiceItem, ServicePrice, HotlineNumber)
        return [session.scalar(select(func.count()).select_from(table)) for table in tables]

    before = counts()
    assert all(before[:-1])
    assert set(seed(session, NUMBER).values()) == {0}
    assert counts() == before


def test_what_an_administrator_changed_or_took_out_stays_so(session: Session) -> None:
    item = session.scalars(select(ServiceItem).where(ServiceItem.code == "print")).one()
    item.name, item.active, item.prices[0].amount_yuan = "彩打", False, Decimal("6.00")
    session.delete(session.scalars(select(CategoryWord).where(CategoryWord.word == "漏水")).one())
    policy = session.scalars(select(ClockPolicy).where(ClockPolicy.name == "contact")).first()
    session.delete(policy)
    session.flush()
    seed(session, NUMBER)
    session.expire_all()
    assert (item.name, item.active, item.prices[0].amount_yuan) == ("彩打", False, Decimal("6.00"))
    assert session.scalar(select(func.count()).select_from(CategoryWord).where(CategoryWord.word == "漏水")) == 0
    assert session.scalar(select(func.count()).select_from(ClockPolicy)) == len(CLOCK_POLICIES) - 1


def test_the_settings_number_becomes_the_first_communitys_once(session: Session) -> None:
    session.add_all([Community(code="a", name="甲"), Community(code="b", name="乙")])
    session.flush()
    assert seed(session, NUMBER)["hotline_number"] == 1
    number = session.scalars(select(HotlineNumber)).one()
    assert (number.number, number.community.code) == (NUMBER, "a")
    assert seed(session, "+862160000009")["hotline_number"] == 0


def test_no_word_leads_to_two_categories() -> None:
    words = [seed.word for seed in WORDS]
    assert len(words) == len(set(words))
    assert all(words)


@pytest.mark.parametrize(
    ("said", "category", "priority"),
    [
        ("厨房漏水了，地上都是水", "water", "urgent"),
        ("楼道水管爆了", "water", "emergency"),
        ("爆管了快来", "water", "emergency"),
        ("我家停电了", "power", "urgent"),
        ("电梯困人", "lift", "emergency"),
        ("有人被困在电梯里", "lift", "emergency"),
        ("闻到煤气味", "gas", "emergency"),
        ("楼下起火了", "fire", "emergency"),
        ("下水道堵了", "drainage", None),
        ("楼上太吵", "noise", None),
        ("有人占车位", "parking", None),
        ("物业费怎么缴", "fee", None),
        ("保安态度很差", "attitude", None),
        ("There is a water leak in my kitchen", "water", "urgent"),
        ("the fire door does not close", "fire", None),
        ("I feel there is too much noise", "noise", None),
        ("somebody is trapped in the lift", "lift", "emergency"),
    ],
)
def test_words_lead_to_category_and_urgency(said: str, category: str, priority: str | None) -> None:
    found = classify(said, [Word(seed.word, seed.category, seed.priority) for seed in WORDS])
    assert (found.category, found.priority) == (category, priority)
