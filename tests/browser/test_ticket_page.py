"""The ticket page in a browser: taken down at the desk, dispatched by keyboard, worked on a phone with one hand, told of others' steps."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Page, expect
from sqlalchemy import select

from app.models import Staff, Ticket
from app.services.transaction import transaction
from tests.browser.watch import axe_violations, refused
from tests.support.estate import Estate
from tests.support.pictures import photo

LogIn = Callable[[str], Page]

_LOST, _BROKEN = "lost", "broken"
_ONE_ANSWER = """(way) => {
  const real = window.fetch;
  window.fetch = async (address, given) => {
    if (!given || given.method !== "POST") return real(address, given);
    window.fetch = real;
    if (way === "lost") throw new TypeError("Failed to fetch");
    return new Response("<html></html>", { status: 500, headers: { "Content-Type": "text/html" } });
  };
}"""
"""What the next form sent by a script meets: no line, or a server that fails; the watch would take the real one for a fault."""


@pytest.fixture
def number(estate: Estate, session: Any) -> str:
    found = str(session.get(Ticket, estate.tickets["own"]).number)
    session.rollback()
    return found


def given_to_technician(estate: Estate, state: str) -> None:
    with transaction() as writing:
        ticket = writing.get_one(Ticket, estate.tickets["own"])
        ticket.assignee_id, ticket.state = estate.staff["technician"], state


def test_the_desk_sees_what_is_open_and_what_the_words_mean(
    log_in: LogIn, site: str, estate: Estate, tmp_path: Path
) -> None:
    page = log_in("assistant")
    page.goto(f"{site}/ticket/new?house={estate.houses['own']}&phone=13900000000&channel=hotline")
    expect(page.locator("[data-open]")).to_contain_text("own 水管漏水")
    page.fill("[name=title]", "厨房漏水")
    expect(page.locator("[data-suggest=category]")).to_contain_text("漏水")
    expect(page.locator("[name=category][value=water]")).to_be_checked()
    picture = tmp_path / "厨房.jpg"
    picture.write_bytes(photo(size=(2400, 1600)))
    page.set_input_files("#f-photos", [picture, picture])
    expect(page.locator(".photos__item")).to_have_count(2)
    page.locator(".photos__out").first.click()
    expect(page.locator(".photos__item")).to_have_count(1)
    assert axe_violations(page) == []
    page.locator(".desk__foot [type=submit]").click()
    page.wait_for_url("**/ticket/2*")
    expect(page.locator(".thumbs img")).to_have_count(1)
    page.locator("a[data-photo]").click()
    expect(page.locator("dialog.lightbox img")).to_be_visible()
    page.keyboard.press("Escape")
    expect(page.locator("dialog.lightbox")).to_have_count(0)


def test_what_is_open_already_takes_the_further_word(
    log_in: LogIn, site: str, estate: Estate, number: str, session: Any
) -> None:
    page = log_in("assistant")
    page.goto(f"{site}/ticket/new?house={estate.houses['own']}")
    page.fill("[name=title]", "又漏了")
    page.locator(f"[name=join][value='{number}']").click()
    page.wait_for_url(f"**/ticket/{number}")
    expect(page.locator("[data-timeline]")).to_contain_text("又漏了")
    session.rollback()
    assert session.scalars(select(Ticket).where(Ticket.title == "又漏了")).all() == []


def test_dispatched_by_keyboard_to_somebody_found_by_name(
    log_in: LogIn, site: str, estate: Estate, number: str, session: Any
) -> None:
    page = log_in("assistant")
    page.goto(f"{site}/ticket/{number}")
    assert axe_violations(page) == []
    page.keyboard.press("1")
    expect(page.locator("dialog.sheet .effects")).to_contain_text(number)
    page.keyboard.type("technician")
    page.locator(".pick__one:visible", has_text="员工technician").click()
    assert axe_violations(page) == []
    page.keyboard.press("Control+Enter")
    expect(page.locator(".ticket__marks")).to_contain_text("已派单")
    session.rollback()
    assert session.get(Ticket, estate.tickets["own"]).assignee_id == estate.staff["technician"]
    assert session.scalars(select(Staff).where(Staff.id == estate.staff["technician"])).one().name == "员工technician"


def test_a_technician_works_with_one_hand(
    log_in: LogIn, site: str, estate: Estate, number: str, tmp_path: Path
) -> None:
    given_to_technician(estate, "dispatched")
    page = log_in("technician")
    page.set_viewport_size({"width": 390, "height": 844})
    page.goto(f"{site}/ticket/{number}")
    bar = page.locator(".steps__first")
    box = bar.bounding_box()
    assert box and box["y"] > 600 and box["width"] == 390
    assert axe_violations(page) == []
    bar.locator("button").click()
    expect(page.locator(".ticket__marks")).to_contain_text("处理中")
    page.locator("a[href$='/photos']").click()
    picture = tmp_path / "after.jpg"
    picture.write_bytes(photo())
    page.set_input_files("dialog.sheet input[type=file]", picture)
    expect(page.locator(".photos__item")).to_have_count(1)
    page.locator("dialog.sheet [type=submit]").click()
    expect(page.locator(".thumbs img")).to_have_count(1)
    page.locator(".steps__first a").click()
    page.fill("dialog.sheet [name=note]", "换了新的垫圈")
    expect(page.locator("[data-preview]")).to_contain_text("换了新的垫圈")
    page.locator("dialog.sheet [type=submit]").click()
    expect(page.locator(".ticket__marks")).to_contain_text("已完成")


def test_what_was_written_stays_when_the_line_drops(
    log_in: LogIn, site: str, estate: Estate, number: str, tmp_path: Path
) -> None:
    given_to_technician(estate, "in_progress")
    page = log_in("technician")
    page.goto(f"{site}/ticket/{number}")
    page.locator(".steps__first a").click()
    page.fill("dialog.sheet [name=note]", "换了新的垫圈")
    for way in (_LOST, _BROKEN):
        page.evaluate("() => document.querySelectorAll('dialog.sheet [role=alert]').forEach((one) => one.remove())")
        page.evaluate(_ONE_ANSWER, way)
        page.locator("dialog.sheet [type=submit]").click()
        expect(page.locator("dialog.sheet [role=alert]")).to_contain_text("填写的内容还在这里")
        expect(page.locator("dialog.sheet [type=submit]")).to_be_enabled()
        expect(page.locator("dialog.sheet [name=note]")).to_have_value("换了新的垫圈")
    page.keyboard.press("Escape")
    page.locator("a[href$='/photos']").click()
    picture = tmp_path / "after.jpg"
    picture.write_bytes(photo())
    page.set_input_files("dialog.sheet input[type=file]", picture)
    expect(page.locator(".photos__item")).to_have_count(1)
    page.route("**/photos", lambda route: route.abort() if route.request.method == "POST" else route.continue_())
    page.locator("dialog.sheet [type=submit]").click()
    expect(page.locator("dialog.sheet [role=alert]")).to_contain_text("填写的内容还在这里")
    expect(page.locator(".photos__item")).to_have_count(1)
    page.unroute("**/photos")
    page.locator("dialog.sheet [type=submit]").click()
    expect(page.locator(".thumbs img")).to_have_count(1)
    page.locator(".steps__first a").click()
    page.fill("dialog.sheet [name=note]", "换了新的垫圈")
    page.locator("dialog.sheet [type=submit]").click()
    expect(page.locator(".ticket__marks")).to_contain_text("已完成")


def test_somebody_elses_step_is_told_and_ones_own_words_stay(
    log_in: LogIn, site: str, estate: Estate, number: str
) -> None:
    page = log_in("assistant")
    page.goto(f"{site}/ticket/{number}")
    page.locator("[data-verb=cancel]").click()
    page.fill("dialog.sheet [name=reason]", "业户撤回了")
    given_to_technician(estate, "dispatched")
    with refused(page, 409, f"/ticket/{number}/cancel"):
        page.locator("dialog.sheet [type=submit]").click()
        expect(page.locator("dialog.sheet [role=alert]")).to_be_visible()
    expect(page.locator("dialog.sheet [name=reason]")).to_have_value("业户撤回了")
    page.evaluate("document.dispatchEvent(new Event('visibilitychange'))")
    expect(page.locator("[data-moved]")).not_to_have_attribute("hidden", "")
