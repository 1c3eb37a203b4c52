"""Key 4 on the telephone (D9): pages of the catalogue, the price said and accepted by key, one wake-up call."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest
from sqlalchemy import select

from app.adapters.clock import now as present
from app.models import ServiceItem, ServiceOrder, WakeUp
from app.rules.call_flow.booking import ORDERED, wake_instant
from app.rules.call_flow.words import Named, line
from app.rules.prices import PriceTag
from app.services import wake_ups
from app.services.local_time import local_zone
from app.services.spoken_lines import keep
from app.services.transaction import transaction
from tests.support.hotline import STRANGER, ZHANG


def orders(session) -> list[ServiceOrder]:
    session.expire_all()
    session.rollback()
    return list(session.scalars(select(ServiceOrder).order_by(ServiceOrder.id)))


def wakes(session) -> list[WakeUp]:
    session.expire_all()
    session.rollback()
    return list(session.scalars(select(WakeUp).order_by(WakeUp.id)))


def test_the_catalogue_is_read_by_pages_of_seven(phone, session):
    names = session.scalars(select(ServiceItem.name).where(ServiceItem.active).order_by(ServiceItem.position)).all()
    session.rollback()
    line = phone().press("4").press("1")
    assert line.step == "service"
    heard = []
    for _ in range(-(-len(names) // 7)):
        page = [name for name in names if f"{name}请按" in line.said or f"{name}（收费）请按" in line.said]
        assert 1 <= len(page) <= 7
        heard += page
        line.press("8")
    assert sorted(heard) == sorted(names)
    assert f"{names[0]}请按1" in line.said, "after the last page the first again"


def test_in_english_too(phone):
    line = phone().press("8").press("4").press("1")
    assert "Laundry drop-off, press 1" in line.said
    assert line.said.isascii()
    assert "costs 5.00 yuan for one sheet" in line.say("printing please").said


def test_a_paid_service_is_ordered_only_with_its_price_accepted(phone, session, ticket_of):
    line = phone().press("4").press("1").say("我要复印")
    assert line.step == "service-kind"
    line.press("2")
    assert "复印 A3的价格为每张1.00元" in line.said
    assert orders(session) == []
    line.press("1").say("明天上午十份").hang_up()
    (order,) = orders(session)
    assert (order.variant, order.price_kind, order.amount_yuan, order.state) == (
        "A3",
        "fixed",
        Decimal("1.00"),
        "requested",
    )
    assert order.price_accepted_at is not None
    ticket = ticket_of(line)
    assert (ticket.kind, ticket.house.name, order.ticket_id) == ("service", "3幢2单元1201", ticket.id)
    assert "1.00" in ticket.description
    assert any("明天上午十份" in entry.note for entry in ticket.entries)


@pytest.mark.parametrize("keys", [["2"], ["2", "8"], ["", ""], ["7", "7"]])
def test_a_price_that_is_not_accepted_orders_nothing(phone, session, keys):
    line = phone().press("4").press("1").say("打印")
    for key in keys:
        line.press(key)
    line.hang_up()
    assert orders(session) == []


def test_a_quotation_is_asked_for_and_its_price_is_not_accepted_yet(phone, session):
    phone().press("4").press("1").say("深度保洁 空气检测").hang_up()
    line = phone().press("4").press("1").say("空气检测")
    assert "报价" in line.said
    line.press("1").press("2").hang_up()
    (order,) = orders(session)
    assert (order.price_kind, order.price_accepted_at) == ("quotation", None)


def test_the_order_keeps_the_price_of_its_day(phone, session):
    phone().press("4").press("1").say("打印").press("1").press("2").hang_up()
    item = session.scalars(select(ServiceItem).where(ServiceItem.code == "print")).one()
    item.prices[0].amount_yuan = Decimal("9.00")
    session.commit()
    assert orders(session)[0].amount_yuan == Decimal("5.00")


def test_other_words_are_a_wish_like_before(phone, ticket_of, session):
    line = phone().press("4").press("1").say("请人帮忙搬钢琴").press("1").hang_up()
    assert (ticket_of(line).kind, ticket_of(line).description) == ("service", "请人帮忙搬钢琴")
    assert orders(session) == []


@pytest.mark.parametrize("inputs", [[""], ["", ""], ["0"], ["1"], ["1", "1"], ["8", "8"]])
def test_a_hang_up_anywhere_in_the_catalogue_leaves_a_ticket(phone, ticket_of, inputs):
    line = phone().press("4").press("1")
    for key in inputs:
        if line.has("Record"):
            break
        line.press(key)
    line.hang_up()
    assert ticket_of(line).kind == "service"


def test_9_is_the_emergency_on_every_page(phone):
    for keys in (["4", "1"], ["4", "1", "1"]):
        line = phone()
        for key in keys:
            line.press(key)
        assert "119" in line.press("9").said


def test_what_was_ordered_is_kept_in_both_languages(app):
    cost = PriceTag("fixed", "5.00", "张", "sheet")
    with app.test_request_context():
        kept = keep(line(ORDERED, service=Named("打印 A4", "Printing A4"), price=cost))["params"]
    assert kept["price"] == {"zh": "5.00 元\uff0f张", "en": "5.00 yuan a sheet"}
    assert kept["service"] == {"zh": "打印 A4", "en": "Printing A4"}


# ---- wake-up calls ---------------------------------------------------------------------------------------------------
def at_wake_time(phone, number: str = ZHANG):
    line = phone(number).press("4")
    line.press("1") if number == ZHANG else line.press("3*2*1201")
    return line.say("叫醒服务").press("1")


def test_a_wake_up_call_is_booked_by_keys(phone, session, ticket_of):
    line = at_wake_time(phone)
    assert line.step == "wake-time"
    line.press("0630#").press("1#")
    assert "06:30" in line.said
    line.press("1").hang_up()
    (wake,) = wakes(session)
    local = wake.at.astimezone(local_zone())
    assert (wake.number, f"{local:%H:%M}", wake.state, wake.locale) == (ZHANG, "06:30", "booked", "zh")
    assert timedelta(0) < wake.at - present() <= timedelta(days=1, minutes=5)
    ticket = ticket_of(line)
    assert (wake.order.ticket_id, wake.order.state, ticket.counts_in_figures) == (ticket.id, "scheduled", False)


def test_another_number_may_be_given_by_somebody_we_know(phone, session):
    at_wake_time(phone).press("0630").press("13700137000").press("1").hang_up()
    assert [wake.number for wake in wakes(session)] == ["+8613700137000"]


def test_a_stranger_wakes_nobody_else(phone, session):
    line = at_wake_time(phone, STRANGER).press("0630").press("13700137000")
    assert line.step == "wake-number"
    line.press("1").press("1").hang_up()
    assert [wake.number for wake in wakes(session)] == [STRANGER]


def test_a_withheld_number_describes_its_wish(phone, session):
    line = at_wake_time(phone, "anonymous")
    assert line.step == "describe"
    assert wakes(session) == []


@pytest.mark.parametrize("digits", ["", "2460", "630", "06300", "9999", "abcd"])
def test_what_is_no_time_is_asked_again(phone, session, digits):
    line = at_wake_time(phone).press(digits)
    assert line.step in ("wake-time",)
    assert wakes(session) == []


def test_the_same_minute_twice_is_one_call(phone, session, ticket_of):
    for _ in range(2):
        line = at_wake_time(phone).press("0630").press("1").press("1").hang_up()
    assert len(wakes(session)) == 1
    assert any("已有叫醒登记" in entry.note for entry in ticket_of(line).entries)


@pytest.mark.parametrize(("answered", "state"), [(True, "answered"), (False, "undisturbed")])
def test_the_call_comes_once_and_ends_order_and_ticket(phone, session, answered, state):
    at_wake_time(phone).press("0630").press("1").press("1").hang_up()
    with transaction() as writing:
        assert wake_ups.due(writing, present()) == []
        (wake,) = wake_ups.due(writing, present() + timedelta(days=2))
        for _ in range(2):
            wake_ups.note_result(writing, wake, answered, present())
        assert wake_ups.due(writing, present() + timedelta(days=2)) == []
    (wake,) = wakes(session)
    assert (wake.state, wake.order.state, wake.order.ticket.state) == (state, "done", "closed")


NOW = datetime(2026, 3, 10, 6, 28, tzinfo=UTC)


@pytest.mark.parametrize(
    ("digits", "hours", "minutes"),
    [("0630", 24, 2), ("0633", 0, 5), ("0632", 24, 4), ("2359", 17, 31), ("0000", 17, 32), ("2400", None, None)],
)
def test_the_next_time_it_is_so_late_at_least_five_minutes_from_now(digits, hours, minutes):
    wanted = None if hours is None else NOW + timedelta(hours=hours, minutes=minutes)
    assert wake_instant(digits, NOW) == wanted
