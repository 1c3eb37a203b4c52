"""Pages that live: an alarm on two screens and one who takes it, a caller's card, lost connection, a session that ended."""

import re
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from flask import Flask
from playwright.sync_api import Browser, Page, expect

from app.models import Call, Community, DutyShift, House, Ladder, Staff, Ticket
from app.services import escalation
from app.services.actors import Actor
from app.services.tickets import open_ticket
from app.services.transaction import transaction
from tests.browser.watch import Watch, refused
from tests.support.client import DEMO_PASSWORD
from tests.support.estate import Estate

LogIn = Callable[[str], Page]
SOON = 60_000  # milliseconds: a question every four seconds, and a machine that is busy
ON_DUTY = "+8613900139001"


@pytest.fixture
def house(app: Flask, estate: Estate) -> Iterator[None]:
    """The house's own side, while browsers look at it."""
    with app.app_context():
        yield


@pytest.fixture
def second(_browser: Browser, site: str) -> Iterator[Callable[[str], Page]]:
    """Another person at another machine."""
    context = _browser.new_context(locale="zh-CN")
    page = context.new_page()
    watch = Watch(page, site)

    def enter(name: str) -> Page:
        page.goto(f"{site}/login/")
        page.locator("input[name=username]").fill(name)
        page.locator("input[name=password]").fill(DEMO_PASSWORD)
        page.keyboard.press("Enter")
        page.wait_for_url(lambda url: "/login" not in url)
        return page

    yield enter
    context.close()
    watch.clean()


def now() -> datetime:
    return datetime.now(UTC).replace(microsecond=0)


def emergency(estate: Estate) -> str:
    """A burst pipe in the steward's building; somebody on duty is rung."""
    with transaction() as session:
        home = session.get_one(Community, estate.home)
        technician = session.get_one(Staff, estate.staff["technician"])
        session.add(
            DutyShift(
                community_id=home.id,
                tier="on_duty",
                staff_id=technician.id,
                number=ON_DUTY,
                starts_at=now() - timedelta(days=1),
                ends_at=now() + timedelta(days=1),
            )
        )
        ticket = open_ticket(
            session,
            community=home,
            kind="emergency",
            channel="desk",
            category_code="water",
            title="水管爆裂",
            description="水管爆裂",
            house=session.get_one(House, estate.houses["own"]),
            actor=Actor.system("tests"),
            now=now(),
        )
        escalation.start(session, ticket, None, now())
        return ticket.number


def call(estate: Estate, number: str = "+8613900000000", **values: Any) -> int:
    with transaction() as session:
        made = Call(
            provider_sid=f"CA{number}",
            from_number=number,
            to_number="+862160000000",
            community_id=estate.home,
            status="in-progress",
            step="describe",
            facts={"kind": "repair"},
            started_at=now(),
            **values,
        )
        session.add(made)
        session.flush()
        return made.id


def test_alarm_is_on_every_page_and_one_takes_it(
    log_in: LogIn, second: LogIn, house: None, site: str, estate: Estate
) -> None:
    assistant, steward = log_in("assistant"), second("steward")
    assistant.goto(f"{site}/ticketview/list/")
    steward.goto(f"{site}/")
    number = emergency(estate)
    for page in (assistant, steward):
        bar = page.locator(".alarm")
        expect(bar).to_contain_text("1幢1单元101", timeout=SOON)
        expect(bar).to_contain_text("水管爆裂")
    watch = Watch(assistant, site)
    watch.look()
    watch.clean()
    steward.locator(".alarm__take").click()
    expect(steward.locator("[data-said]")).to_contain_text(number, timeout=SOON)
    expect(assistant.locator(".alarm")).to_have_count(0, timeout=SOON)
    expect(assistant.locator(".alarm-taken")).to_contain_text("员工steward")
    with transaction() as session:
        ticket = session.query(Ticket).filter_by(number=number).one()
        assert ticket.assignee_id == estate.staff["steward"]
        assert session.query(Ladder).filter_by(ticket_id=ticket.id).one().state == "accepted"


def test_who_clicks_second_is_told_who_was_faster(
    log_in: LogIn, second: LogIn, house: None, site: str, estate: Estate
) -> None:
    assistant, steward = log_in("assistant"), second("steward")
    emergency(estate)
    expect(assistant.locator(".alarm")).to_be_visible(timeout=SOON)
    expect(steward.locator(".alarm")).to_be_visible(timeout=SOON)
    steward.route("**/live/", lambda route: route.abort())  # this page does not hear of it in time
    assistant.locator(".alarm__take").click()
    expect(assistant.locator("[data-said]")).to_be_visible(timeout=SOON)
    steward.locator(".alarm__take").click()
    expect(steward.locator("[data-said]")).to_contain_text("员工assistant", timeout=SOON)
    steward.unroute("**/live/")
    expect(steward.locator(".alarm")).to_have_count(0, timeout=3 * SOON)


@pytest.mark.parametrize("opened", [False, True])
def test_on_a_phone_every_one_of_several_alarms_is_reached_beside_a_caller(
    log_in: LogIn, house: None, site: str, estate: Estate, opened: bool
) -> None:
    page = log_in("assistant")
    page.set_viewport_size({"width": 390, "height": 844})
    for _ in range(4):
        emergency(estate)
    call(estate)
    expect(page.locator(".alarm")).to_have_count(4, timeout=SOON)
    card = page.locator(".caller")
    expect(card).to_be_visible(timeout=SOON)
    if opened:
        card.locator("summary").click()
        expect(card.locator(".caller__body")).to_be_visible()
    for place in (0, 600):
        page.evaluate("(y) => window.scrollTo(0, y)", place)
        ends = page.evaluate(
            "() => ['.alarms', '.callers'].map((one) => document.querySelector(one).getBoundingClientRect())"
            ".map((box) => [box.top, box.bottom])"
        )
        assert ends[0][0] >= 0, "the alarms stay in sight"
        assert ends[0][1] <= ends[1][0], "nothing lies over them"
    for number in range(4):
        page.locator(".alarm__take").nth(number).click(trial=True)


def test_sound_is_off_until_somebody_turns_it_on_and_is_kept(log_in: LogIn, site: str) -> None:
    page = log_in("assistant")
    button = page.locator(".sound")
    expect(button).to_have_attribute("aria-pressed", "false")
    button.click()
    expect(button).to_have_attribute("aria-pressed", "true")
    page.reload()
    expect(page.locator(".sound")).to_have_attribute("aria-pressed", "true")


def test_caller_appears_beside_what_is_being_typed(log_in: LogIn, house: None, site: str, estate: Estate) -> None:
    page = log_in("assistant")
    page.goto(f"{site}/ticket/new")
    field = page.locator("[name=description]")
    field.click()
    page.keyboard.type("电梯异响，")
    call_id = call(estate)
    card = page.locator(f"[data-call='{call_id}']")
    expect(card).to_be_visible(timeout=SOON)
    for words in ("1幢1单元101", "张三", "250.60", "own 水管漏水", "正在说明情况"):
        expect(card).to_contain_text(words)
    expect(field).to_be_focused()
    page.keyboard.type("三楼")
    expect(field).to_have_value("电梯异响，三楼")
    watch = Watch(page, site)
    watch.look()
    watch.clean()
    with transaction() as session:
        session.get_one(Call, call_id).step = "place"
    expect(card).to_contain_text("正在选择位置", timeout=SOON)
    second_id = call(estate, "+8613711112222")
    expect(page.locator(f"[data-call='{second_id}']")).to_contain_text("陌生号码", timeout=SOON)
    expect(page.locator(".caller")).to_have_count(2)
    card.locator("summary").click()
    expect(card.get_by_text("张三").last).to_be_hidden()
    with transaction() as session:
        for one in (call_id, second_id):
            session.get_one(Call, one).ended_at, session.get_one(Call, one).status = now(), "completed"
    expect(page.locator(".caller--over")).to_have_count(2, timeout=SOON)
    expect(field).to_have_value("电梯异响，三楼")


def test_card_leads_to_a_form_that_knows_house_and_number(
    log_in: LogIn, house: None, site: str, estate: Estate
) -> None:
    page = log_in("assistant")
    call(estate)
    expect(page.get_by_role("link", name="登记工单")).to_be_visible(timeout=SOON)
    title = page.locator(".todo__what").first.bounding_box()
    assert title is not None
    assert title["width"] > 160, "what waits is still read while somebody calls"
    page.get_by_role("link", name="登记工单").click(timeout=SOON)
    expect(page.locator("[name=reporter_phone]")).to_have_value("+8613900000000")
    expect(page.locator("[name=house_id]")).to_have_value(str(estate.houses["own"]))


def test_workbench_shows_a_new_matter_without_losing_the_focus(
    log_in: LogIn, house: None, site: str, estate: Estate
) -> None:
    page = log_in("assistant")
    link = page.get_by_role("link", name="own 水管漏水")
    link.focus()
    page.evaluate("window.unchanged = true")
    with transaction() as session:
        open_ticket(
            session,
            community=session.get_one(Community, estate.home),
            kind="complaint",
            channel="desk",
            category_code="noise",
            title="楼上夜里装修",
            description="x",
            house=session.get_one(House, estate.houses["far"]),
            actor=Actor.system("tests"),
            now=now(),
        )
    expect(page.get_by_role("link", name="楼上夜里装修")).to_be_visible(timeout=SOON)
    expect(page.get_by_role("link", name="own 水管漏水")).to_be_focused()
    assert page.evaluate("window.unchanged")
    assert re.match(r"\(\d+\) ", page.title())
    expect(page.locator("#nav [data-badge]")).to_be_visible()


def test_lost_connection_is_shown_and_found_again(log_in: LogIn, site: str) -> None:
    page = log_in("assistant")
    expect(page.locator(".live")).to_be_visible()
    page.route("**/live/", lambda route: route.fulfill(status=404, body=""))
    with refused(page, 404, "/live/"):
        expect(page.locator("[data-lost]")).to_contain_text("连接中断", timeout=3 * SOON)
        page.unroute("**/live/")
        expect(page.locator("[data-lost]")).to_be_hidden(timeout=4 * SOON)


def test_session_that_ended_asks_for_a_log_in_and_keeps_what_was_typed(log_in: LogIn, site: str) -> None:
    page = log_in("assistant")
    page.goto(f"{site}/ticket/new")
    page.locator("[name=house_words]").fill("1幢1单元101")
    page.locator("[name=title]").fill("楼道灯不亮")
    with refused(page, 401, "/live/"):
        page.context.clear_cookies()
        expect(page.locator("[data-lost]")).to_contain_text("登录已失效", timeout=SOON)
        page.locator("[name=title]").press("Enter")
        expect(page.locator("[name=title]")).to_have_value("楼道灯不亮")
        with page.context.expect_page() as opened:
            page.locator("[data-lost-link]").click()
        again = opened.value
        again.locator("input[name=username]").fill("assistant")
        again.locator("input[name=password]").fill(DEMO_PASSWORD)
        again.keyboard.press("Enter")
        again.wait_for_url(lambda url: "/login" not in url)
        page.bring_to_front()
        expect(page.locator("[data-lost]")).to_be_hidden(timeout=2 * SOON)
    page.locator("[name=title]").press("Enter")
    page.wait_for_url(re.compile(r"/ticket/\d{8}$"))
    expect(page.get_by_role("heading", level=1)).to_contain_text("楼道灯不亮")
