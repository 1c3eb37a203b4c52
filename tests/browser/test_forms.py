"""Forms in a browser: pickers by keyboard, typed and picked times, two people at one record, a session that ends, both widths."""

import re
from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from tests.browser.watch import Watch, refused
from tests.support.client import DEMO_PASSWORD
from tests.support.estate import Estate

LogIn = Callable[[str], Page]


def test_a_shift_is_entered_by_keyboard_alone(log_in: LogIn, site: str) -> None:
    page = log_in("manager")
    watch = Watch(page, site)
    page.goto(f"{site}/dutyshiftview/add")
    box = page.get_by_role("combobox", name="小区")
    box.focus()
    page.keyboard.type("阳光")
    expect(page.locator("#f-community-list [role=option]")).to_have_count(1)
    expect(box).to_have_attribute("aria-activedescendant", re.compile("f-community-list-0"))
    watch.look()
    page.keyboard.press("Enter")
    expect(box).to_have_value("阳光花园")
    page.keyboard.press("Escape")
    expect(box).to_have_value("")
    page.keyboard.type("阳光")
    page.keyboard.press("Enter")  # before the answer is there: it is chosen when it comes
    expect(box).to_have_value("阳光花园")
    page.get_by_text("备班", exact=True).click()
    page.get_by_role("combobox", name="员工").focus()
    page.keyboard.type("员工steward")
    expect(page.locator("#f-staff-list [role=option]")).to_have_count(1)
    page.keyboard.press("Tab")
    expect(page.get_by_role("combobox", name="员工")).to_have_value("员工steward")
    page.get_by_label("电话号码").fill("13900139009")
    page.locator("#f-starts_at").fill("明天 18:00")
    page.locator("#f-starts_at").press("Tab")
    expect(page.locator("#f-starts_at")).to_have_value(re.compile(r"^\d{4}-\d\d-\d\d 18:00$"))
    page.locator("#f-ends_at").focus()
    page.keyboard.press("ArrowDown")
    calendar = page.locator(".flatpickr-calendar.open")
    expect(calendar).to_contain_text("周一")
    assert calendar.locator(".flatpickr-weekday").first.inner_text() == "周一", "the week starts on Monday"
    watch.look()
    page.keyboard.press("Escape")
    expect(page.locator(".flatpickr-calendar.open")).to_have_count(0)
    with refused(page, 422, "/dutyshiftview/add"):
        page.get_by_role("button", name="保存").click()
        expect(page.locator("#form-summary")).to_contain_text("截止")
    expect(page.locator("#f-ends_at")).to_be_focused()
    watch.look()
    page.locator("#f-ends_at").fill("后天 8:30")
    page.get_by_role("button", name="保存").click()
    page.wait_for_url(re.compile("/dutyshiftview/show/"))
    watch.clean()


def test_two_people_at_one_house(log_in: LogIn, site: str, estate: Estate) -> None:
    page = log_in("manager")
    watch = Watch(page, site)
    path = f"{site}/houseview/edit/{estate.houses['own']}"
    page.goto(path)
    other = page.context.new_page()
    other.goto(path)
    other.locator("#f-floor").fill("9")
    other.get_by_role("button", name="保存").click()
    other.wait_for_url(re.compile("/houseview/show/"))
    page.locator("#f-area_m2").fill("77.7")
    page.locator("#f-floor").fill("8")
    conflict = page.locator(".conflict")
    with refused(page, 409, "/houseview/edit/"):
        page.get_by_role("button", name="保存").click()
        expect(conflict).to_contain_text("对方已保存的")
    expect(page.locator("#f-area_m2")).to_have_value("77.7")
    watch.look()
    conflict.get_by_role("radio").first.check()
    page.get_by_role("button", name="保存").click()
    page.wait_for_url(re.compile("/houseview/show/"))
    expect(page.locator(".facts")).to_contain_text("77.70")
    expect(page.locator(".facts dd", has_text=re.compile("^9$"))).to_be_visible()
    watch.clean()


def test_a_session_that_ends_in_the_middle_of_a_form_loses_nothing(log_in: LogIn, site: str) -> None:
    page = log_in("assistant")
    page.goto(f"{site}/ticket/new")
    page.get_by_role("combobox", name="房屋").fill("1-1-101")
    expect(page.locator("#house-list [role=option]")).to_have_count(1)
    page.keyboard.press("Enter")
    page.locator("[name=title]").fill("书房窗户渗水")
    page.locator("[name=description]").fill("雨后开始，\n墙面发霉")
    page.context.clear_cookies()
    with refused(page, 400, "/ticket/new"):
        page.get_by_role("button", name="受理登记").click()
        expect(page.get_by_role("heading", level=1)).to_have_text(re.compile("尚未保存|Not saved yet"))
    expect(page.locator("#f-typed")).to_have_value(re.compile("墙面发霉"))
    page.locator("[data-keeps-drafts] a.btn-primary").click()
    page.locator("[name=username]").fill("assistant")
    page.locator("[name=password]").fill(DEMO_PASSWORD)
    page.keyboard.press("Enter")
    page.wait_for_url(re.compile("/ticket/new"))
    expect(page.locator("[name=title]")).to_have_value("书房窗户渗水")
    expect(page.locator("[name=description]")).to_have_value("雨后开始，\n墙面发霉")
    expect(page.get_by_role("combobox", name="房屋")).to_have_value("1幢1单元101")
    page.get_by_role("button", name="受理登记").click()
    page.wait_for_url(re.compile(r"/ticket/\d{8}$"))
    page.goto(f"{site}/ticket/new")
    expect(page.locator("[name=title]")).to_have_value("")


@pytest.mark.parametrize("width", [1280, 390])
def test_forms_are_readable_for_everybody(log_in: LogIn, site: str, estate: Estate, width: int) -> None:
    page = log_in("admin")
    page.set_viewport_size({"width": width, "height": 844})
    watch = Watch(page, site)
    paths = [
        "categoryview/add",
        f"staffview/edit/{estate.staff['steward']}",
        "settingview/edit/login.second_factor",
        "serviceitemview/add",
    ]
    for path in paths:
        page.goto(f"{site}/{path}")
        watch.look()
    page.goto(f"{site}/departmentview/add")
    page.goto(f"{site}/categoryview/edit/1")
    page.locator("label.switch", has=page.locator("#f-active")).click()
    page.get_by_role("button", name="保存").click()
    dialog = page.get_by_role("alertdialog")
    expect(dialog).to_contain_text("停用后")
    watch.look()
    page.keyboard.press("Escape")
    expect(dialog).to_have_count(0)
    expect(page).to_have_url(re.compile("/categoryview/edit/1"))
    page.get_by_role("button", name="保存").click()
    dialog.get_by_role("button", name="保存").click()
    page.wait_for_url(re.compile("/categoryview/show/1"))
    watch.clean()
