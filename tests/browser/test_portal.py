"""The portal as people use it: by keyboard, on a telephone's width, in both languages."""

import re
from collections.abc import Callable

from playwright.sync_api import Page, expect

from tests.browser.watch import refused
from tests.support.estate import Estate

LogIn = Callable[[str], Page]


def tab_to(page: Page, text: str, most: int = 60) -> None:
    """Press Tab until what has the focus shows `text`."""
    for _ in range(most):
        page.keyboard.press("Tab")
        if text in page.evaluate("document.activeElement.innerText || ''"):
            return
    raise AssertionError(f"{text} is not reached by keyboard")


def test_assistant_takes_down_and_dispatches_by_keyboard_alone(log_in: LogIn, site: str) -> None:
    page = log_in("assistant")
    tab_to(page, "新建工单")
    page.keyboard.press("Enter")
    expect(page.get_by_role("combobox", name="房屋")).to_be_focused()
    page.keyboard.type("1-1-101")
    expect(page.locator("#house-list [role=option]")).to_have_count(1)
    page.keyboard.press("Enter")
    expect(page.get_by_role("button", name="张三")).to_be_visible()
    tab_to_field(page, "title")
    page.keyboard.type("书房窗户渗水")
    page.keyboard.press("Enter")
    page.wait_for_url(re.compile(r"/ticket/\d{8}$"))
    expect(page.get_by_role("heading", level=1)).to_have_text("书房窗户渗水")
    tab_to(page, "派单")
    page.keyboard.press("Enter")
    expect(page.get_by_role("dialog")).to_be_visible()
    expect(page.get_by_role("searchbox", name="查找姓名或部门")).to_be_focused()
    page.keyboard.type("员工technician")
    page.keyboard.press("Tab")
    page.keyboard.press("ArrowDown")
    tab_to_field(page, "note")
    page.keyboard.type("请今天上门")
    tab_to(page, "派单")  # past the stock phrases
    page.keyboard.press("Enter")
    expect(page.locator(".ticket__marks")).to_contain_text("已派单")
    expect(page.locator("#timeline")).to_contain_text("请今天上门")


def tab_to_field(page: Page, name: str, most: int = 30) -> None:
    for _ in range(most):
        page.keyboard.press("Tab")
        if page.evaluate("document.activeElement.name") == name:
            return
    raise AssertionError(f"{name} is not reached by keyboard")


def test_refusal_in_the_dialog_keeps_what_was_typed(log_in: LogIn, site: str, estate: Estate) -> None:
    page = log_in("supervisor")
    page.goto(f"{site}/work/open")
    page.get_by_role("link", name="own 水管漏水").click()
    page.locator("[data-verb=promise]").click()
    page.get_by_role("textbox", name="承诺时间").fill("2020-01-01T10:00")
    sheet = page.get_by_role("dialog")
    note = sheet.get_by_role("textbox", name="备注")
    note.fill("业主同意")
    with refused(page, 400, "/ticket/"):
        sheet.get_by_role("button", name="承诺时间").click()
        expect(sheet.get_by_role("alert")).to_be_visible()
    expect(note).to_have_value("业主同意")
    page.keyboard.press("Escape")
    expect(page.get_by_role("dialog")).to_have_count(0)


def test_menu_opens_on_a_telephone(log_in: LogIn, site: str) -> None:
    page = log_in("assistant")
    page.set_viewport_size({"width": 390, "height": 844})
    page.goto(site)
    link = page.get_by_role("navigation", name="主导航").get_by_role("link", name="房屋")
    expect(link).not_to_be_visible()
    page.get_by_role("button", name="菜单").click()
    expect(link).to_be_visible()
    page.keyboard.press("Escape")
    expect(link).not_to_be_visible()


def test_language_changes_at_a_click_and_the_page_stays(log_in: LogIn, site: str) -> None:
    page = log_in("assistant")
    page.goto(f"{site}/work/open?page=0")
    page.get_by_role("button", name="English").click()
    expect(page).to_have_url(f"{site}/work/open?page=0")
    expect(page.get_by_role("heading", level=1)).to_contain_text("All open")
    leftovers = page.evaluate("[...document.querySelectorAll('nav#nav a, .page-head')].map(e => e.innerText).join()")
    assert not re.search(r"[\u4e00-\u9fff]", leftovers), leftovers
    tab_to(page, "中文")
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", level=1)).to_contain_text("全部未完成")


def test_owner_reports_from_a_telephone(log_in: LogIn, site: str) -> None:
    page = log_in("owner")
    page.set_viewport_size({"width": 390, "height": 844})
    page.goto(site)
    expect(page).to_have_url(f"{site}/owner/")
    page.get_by_role("navigation", name="主导航").get_by_role("link", name="我要报事").click()
    page.get_by_label("什么情况").fill("阳台地漏堵了")
    page.get_by_role("button", name="提交").click()
    page.wait_for_url(re.compile(r"/owner/ticket/\d{8}$"))
    expect(page.locator("main")).to_contain_text("阳台地漏堵了")


def test_focus_is_seen_and_the_content_is_one_key_away(log_in: LogIn, site: str) -> None:
    page = log_in("assistant")
    page.goto(site)
    page.keyboard.press("Tab")
    expect(page.get_by_role("link", name="跳到正文")).to_be_focused()
    page.keyboard.press("Enter")
    assert page.evaluate("document.activeElement.id") == "main"
    page.keyboard.press("Tab")
    outline = page.evaluate("getComputedStyle(document.activeElement).outlineStyle")
    assert outline == "solid"
