"""A household's day on a telephone and on a wide screen: every page under watch (scripts, other hosts, WCAG 2.2 AA, width)."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from flask import Flask
from PIL import Image
from playwright.sync_api import Page, expect

from tests.browser.watch import Watch
from tests.support.client import DEMO_PASSWORD
from tests.support.estate import Estate

PAGES = (
    "/owner/",
    "/owner/new",
    "/owner/matters",
    "/owner/bills",
    "/owner/house",
    "/owner/file",
    "/owner/services",
    "/owner/services/copy",
    "/owner/services/laundry",
    "/owner/reports",
    "/owner/more",
    "/owner/privacy",
)
SMALL = """() => [...document.querySelectorAll(".owner-page main a, .owner-page main button, .owner-page main summary, .o-tab, .o-call")]
  .filter((one) => one.offsetParent && !one.closest("p:not([class]), .o-hint, small, .o-loud, .o-already"))
  .filter((one) => { const box = one.getBoundingClientRect(); return box.height < 43.5 && box.height > 0; })
  .map((one) => one.outerHTML.slice(0, 120))"""


@pytest.fixture
def watch(page: Page, site: str) -> Iterator[Watch]:
    """The page, listened to; `clean` at the end."""
    made = Watch(page, site)
    yield made
    made.clean()


def log_in(page: Page, site: str, name: str) -> None:
    page.goto(f"{site}/login/")
    page.locator("input[name=username]").fill(name)
    page.locator("input[name=password]").fill(DEMO_PASSWORD)
    page.locator("input[name=password]").press("Enter")
    page.wait_for_url(lambda url: "/login" not in url)


@pytest.mark.parametrize("width, scheme", [(360, "light"), (390, "dark"), (1280, "light"), (1280, "dark")])
def test_every_page_is_fit_for_every_eye(
    watch: Watch, site: str, estate: Estate, page: Page, width: int, scheme: str
) -> None:
    page.set_viewport_size({"width": width, "height": 844})
    page.emulate_media(color_scheme=scheme)  # type: ignore[arg-type]
    log_in(page, site, "owner")
    for path in (*PAGES, f"/owner/bills/{estate.bills['own']}"):
        page.goto(site + path)
        expect(page.locator("h1").first).to_be_visible()
        watch.look()
        small = page.evaluate(SMALL)
        assert small == [], (path, small)


def test_a_household_reports_follows_adds_and_is_asked(
    watch: Watch, site: str, estate: Estate, page: Page, app: Flask, tmp_path: Path
) -> None:
    picture = tmp_path / "漏水.jpg"
    Image.new("RGB", (600, 400), "#5588aa").save(picture, "JPEG")
    page.set_viewport_size({"width": 390, "height": 844})
    log_in(page, site, "owner")
    page.locator(".o-tab--new").click()
    page.locator("label:has(input[value=drainage])").click()
    page.locator("label:has(input[name=spot])").nth(1).click()
    page.locator("#f-description").fill("卫生间地漏返水，")
    page.reload()
    # What was typed is still there, without having been sent.
    expect(page.locator("#f-description")).to_have_value("卫生间地漏返水，")
    expect(page.locator("input[value=drainage]")).to_be_checked()
    page.locator("#f-description").fill("卫生间地漏返水，有人触电")
    expect(page.locator("[data-loud-words=emergency]")).to_be_visible()
    page.locator("#f-description").fill("卫生间地漏返水")
    expect(page.locator("[data-loud-words=urgent]")).to_be_visible()
    page.locator("#f-photos").set_input_files(str(picture))
    watch.look()
    page.locator("main form button[type=submit]").last.click()
    page.wait_for_url("**/owner/ticket/*")
    expect(page.locator("h1")).to_have_text("卫生间地漏返水")
    expect(page.locator(".o-photos img")).to_have_count(1)
    watch.look()
    page.locator("#f-say").fill("下午在家")
    page.locator("#say button[type=submit]").click()
    expect(page.locator(".timeline__text").first).to_have_text("下午在家")
    number = page.url.rsplit("/", 1)[1].split("#")[0]
    _finish(app, number)
    page.goto(f"{site}/owner/")
    page.locator(".o-todo--good").click()
    page.locator(".o-score label").nth(4).click()
    watch.look()
    page.locator("#rate button[type=submit]").click()
    expect(page.locator(".flashes")).to_be_visible()
    expect(page.locator("#rate")).to_have_count(0)
    page.goto(f"{site}/owner/new")
    expect(page.locator("#f-description")).to_have_value("")


def test_family_and_telephones_are_kept_with_a_word_of_warning(watch: Watch, site: str, page: Page) -> None:
    page.set_viewport_size({"width": 390, "height": 844})
    log_in(page, site, "owner")
    page.goto(f"{site}/owner/house")
    page.locator(".o-fold.o-act > summary").click()
    page.locator("input[name=name]").fill("张母")
    page.locator(".o-fold.o-act input[name=number]").fill("139 0000 0066")
    page.locator(".o-fold.o-act button[type=submit]").click()
    expect(page.locator(".o-person")).to_have_count(3)
    watch.look()
    page.locator(".o-person:has-text('张母') .o-phones button").click()
    expect(page.locator("dialog[open]")).to_be_visible()
    watch.look()
    page.locator("dialog[open] .btn-danger-solid").click()
    expect(page.locator(".o-log li")).to_have_count(3)


def test_it_works_without_scripts(page: Page, site: str, estate: Estate) -> None:
    browser = page.context.browser
    assert browser is not None
    page = browser.new_context(java_script_enabled=False, viewport={"width": 390, "height": 844}).new_page()
    log_in(page, site, "resident")
    page.locator(".o-tab--new").click()
    page.locator("label:has(input[value=repair])").click()
    page.locator("label:has(input[value=lighting])").click()
    page.locator("#f-description").fill("楼道灯不亮")
    page.locator("main form button[type=submit]").last.click()
    expect(page.locator("h1")).to_have_text("楼道灯不亮")
    page.locator("#withdraw > summary").click()
    page.locator("#f-withdraw").fill("修好了")
    page.locator("#withdraw button[type=submit]").click()
    expect(page.locator(".o-way")).to_have_count(0)
    page.context.close()


def _finish(app: Flask, number: str) -> None:
    """What the technician does meanwhile."""
    from sqlalchemy import select

    from app.adapters.clock import now
    from app.models import Ticket
    from app.services.actors import Actor
    from app.services.ticket_verbs import perform
    from app.services.transaction import transaction

    with app.app_context(), transaction() as session:
        ticket = session.scalars(select(Ticket).where(Ticket.number == number)).one()
        for verb, data in (("dispatch", {"department": "engineering"}), ("start", {}), ("finish", {"note": "已疏通"})):
            perform(session, ticket, verb, Actor.system("tests"), now(), data)
