"""What is around every page, by keyboard, by thumb and in the dark: search box, navigation, theme, shortcuts, tour."""

import re
from collections.abc import Callable

from playwright.sync_api import Page, expect

from tests.browser.watch import Watch
from tests.support.estate import Estate

LogIn = Callable[[str], Page]


def test_search_by_keyboard_suggests_in_groups_and_enter_opens_the_certain_one(
    log_in: LogIn, site: str, estate: Estate
) -> None:
    page = log_in("assistant")
    page.goto(f"{site}/ticketview/list/")
    page.keyboard.press("/")
    page.keyboard.type("1-1-101", delay=15)
    box = page.get_by_role("combobox", name="搜索")
    expect(box).to_have_attribute("aria-expanded", "true")
    expect(page.get_by_role("option", name=re.compile("1幢1单元101")).first).to_be_visible()
    watch = Watch(page, site)
    watch.look()
    watch.clean()
    page.keyboard.press("ArrowDown")
    assert page.evaluate("document.activeElement.getAttribute('aria-activedescendant')")
    page.keyboard.press("Escape")
    expect(box).to_have_attribute("aria-expanded", "false")
    page.keyboard.press("Enter")
    page.wait_for_url(f"**/houseview/show/{estate.houses['own']}")


def test_the_look_changes_at_once_and_is_there_on_the_next_page(log_in: LogIn, site: str) -> None:
    page = log_in("assistant")
    page.locator(".menu summary").click()
    with page.expect_response("**/preferences/theme"):
        page.get_by_role("button", name="深色").click()
    expect(page.locator("html")).to_have_attribute("data-theme", "dark")
    page.goto(f"{site}/ticketview/list/")
    expect(page.locator("html")).to_have_attribute("data-theme", "dark")
    watch = Watch(page, site)
    watch.look()
    watch.clean()


def test_shortcuts_lead_and_can_be_switched_off(log_in: LogIn, site: str) -> None:
    page = log_in("assistant")
    page.keyboard.press("?")
    expect(page.get_by_role("dialog", name="键盘快捷键")).to_be_visible()
    page.keyboard.press("Escape")
    page.keyboard.press("g")
    page.keyboard.press("t")
    page.wait_for_url("**/ticketview/list/**")
    page.keyboard.press("?")
    page.get_by_label("在本设备上使用单键快捷键").uncheck()
    page.keyboard.press("Escape")
    page.keyboard.press("?")
    expect(page.get_by_role("dialog", name="键盘快捷键")).not_to_be_visible()


def test_the_tour_points_at_real_things_wide_and_on_a_telephone(log_in: LogIn, site: str) -> None:
    page = log_in("assistant")
    for width, height in ((1280, 900), (390, 844)):
        page.set_viewport_size({"width": width, "height": height})
        page.goto(site)
        page.get_by_role("region", name="欢迎使用邻里").get_by_role("button", name="新手导览").click()
        card = page.get_by_role("dialog")
        for number in range(1, 6):
            expect(card).to_contain_text(f"第 {number} 步，共 5 步")
            expect(page.locator(".tour-here")).to_be_visible()
            if number < 5:
                card.get_by_role("button", name="下一步").click()
        if width == 1280:
            continue
        watch = Watch(page, site)
        watch.look()
        watch.clean()
    with page.expect_response("**/preferences/tour"):
        page.keyboard.press("Escape")
    page.goto(site)
    expect(page.get_by_role("heading", level=1)).to_be_visible()
    expect(page.locator("[data-tour]")).to_have_count(0)


def test_the_guide_is_one_page_of_paper(log_in: LogIn, site: str) -> None:
    page = log_in("assistant")
    for role in ("assistant", "manager", "owner"):
        page.goto(f"{site}/help/{role}")
        paper = page.pdf(prefer_css_page_size=True)
        assert len(re.findall(rb"/Type\s*/Page\b(?!s)", paper)) == 1, role
