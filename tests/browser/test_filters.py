"""The filters of a list on a telephone: behind one button, opened in place, by thumb and by keyboard; and without scripts."""

from collections.abc import Callable

from playwright.sync_api import Page, expect

from tests.browser.watch import Watch

LogIn = Callable[[str], Page]
TELEPHONE = {"width": 390, "height": 844}
LIST = "/ticketview/list/"


def test_a_telephone_shows_one_button_and_counts_what_is_filtered(log_in: LogIn, site: str) -> None:
    page = log_in("assistant")
    page.set_viewport_size(TELEPHONE)
    page.goto(site + LIST)
    button = page.locator("[data-fold]")
    expect(button).to_have_text("筛选")
    expect(button).to_have_attribute("aria-expanded", "false")
    expect(page.locator("details.filter").first).not_to_be_visible()
    assert page.locator(".filters").evaluate("one => one.getBoundingClientRect().height") < 60, "one row"
    page.goto(f"{site}{LIST}?_flt_0_state=registered&_flt_0_state=done&_flt_0_kind=repair")
    expect(page.get_by_role("button", name="筛选 (2)", exact=True)).to_be_visible()


def test_it_opens_in_place_by_keyboard_and_filters(log_in: LogIn, site: str) -> None:
    page = log_in("assistant")
    page.set_viewport_size(TELEPHONE)
    page.goto(site + LIST)
    button = page.get_by_role("button", name="筛选", exact=True)
    button.focus()
    page.keyboard.press("Enter")
    expect(button).to_have_attribute("aria-expanded", "true")
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.closest('details.filter') !== null"), (
        "the next stop is the first filter"
    )
    page.keyboard.press("Enter")
    box = page.locator("details.filter[open] input[type=checkbox]").first
    expect(box).to_be_focused()
    watch = Watch(page, site)
    watch.look()
    watch.clean()
    page.keyboard.press("Space")
    page.keyboard.press("Escape")
    expect(page.locator("details.filter[open]")).to_have_count(0)
    expect(button).to_have_attribute("aria-expanded", "true")
    page.keyboard.press("Escape")
    expect(button).to_have_attribute("aria-expanded", "false")
    expect(button).to_be_focused()
    page.keyboard.press("Enter")
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    page.locator("details.filter[open]").get_by_role("button", name="应用").click()
    page.wait_for_url("**/ticketview/list/?**_flt_0_**")
    expect(page.get_by_role("button", name="筛选 (1)", exact=True)).to_be_visible()


def test_a_wide_window_shows_the_filters_themselves(log_in: LogIn, site: str) -> None:
    page = log_in("assistant")
    page.goto(site + LIST)
    expect(page.locator("[data-fold]")).not_to_be_visible()
    expect(page.locator("details.filter > summary").first).to_be_visible()


def test_without_scripts_nothing_is_folded_away(log_in: LogIn, site: str) -> None:
    page = log_in("assistant")
    browser = page.context.browser
    assert browser is not None
    plain = browser.new_context(
        java_script_enabled=False, viewport=TELEPHONE, locale="zh-CN", storage_state=page.context.storage_state()
    )
    still = plain.new_page()
    still.goto(site + LIST)
    expect(still.locator("[data-fold]")).not_to_be_visible()
    still.locator("details.filter > summary").first.click()
    expect(still.locator("details.filter[open] button[type=submit]")).to_be_visible()
    plain.close()
