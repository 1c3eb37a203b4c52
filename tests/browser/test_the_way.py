"""The main job in a browser, on the whole product in one process: a call on the telephone page becomes a ticket at the desk."""

import re
from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from tests.support.client import DEMO_PASSWORD
from tests.support.server import Server


@pytest.fixture
def product(demo_database: None, start_server: Callable[..., Server]) -> Server:
    """All parts, as `make run` starts them, with the demo community."""
    return start_server("")


@pytest.fixture
def complaints(page: Page) -> list[str]:
    """What the browser objects to on any page of the test: scripts that fail, answers 4xx and 5xx, other machines."""
    found: list[str] = []
    page.on("pageerror", lambda error: found.append(f"{page.url}: {error}"))
    page.on("console", lambda said: found.append(f"{page.url}: {said.text}") if said.type == "error" else None)
    page.on("response", lambda answer: found.append(f"{answer.status} {answer.url}") if answer.status >= 400 else None)
    page.on(
        "request",
        lambda asked: found.append(asked.url) if not re.match(r"http://127\.|data:|blob:", asked.url) else None,
    )
    return found


def log_in(page: Page, server: Server, name: str) -> None:
    page.context.clear_cookies()
    page.goto(f"{server.url}/login/")
    page.get_by_label("用户名").fill(name)
    page.get_by_label("密码").fill(DEMO_PASSWORD)
    page.get_by_role("button", name="登录").click()
    page.wait_for_url(lambda url: "/login" not in url)


def test_a_call_on_the_telephone_page_becomes_a_ticket_that_the_desk_finds(
    product: Server, page: Page, complaints: list[str]
) -> None:
    page.goto(f"{product.url}/phone")
    page.locator("#caller").select_option("+8613800138001")
    page.locator("#call").click()
    said = page.locator("#lines")

    def press(key: str, then: str) -> None:
        page.locator(f'[data-key="{key}"]').click()
        expect(said).to_contain_text(re.compile(then))

    expect(said).to_contain_text(re.compile("录音"))
    press("1", "3幢2单元幺二零幺")
    press("1", "请.*说|什么")
    expect(page.locator("#words")).to_be_enabled()
    page.locator("#words").fill("厨房水管漏水，地上都是水")
    page.locator("#say").click()
    expect(said).to_contain_text("厨房水管漏水")
    expect(said.locator("li.say-line").last).to_contain_text(re.compile("室内|家里|公共"))
    page.locator('[data-key="1"]').click()
    expect(said.locator("li.say-line", has_text="漏水").first).to_be_visible()
    page.locator('[data-key="1"]').click()
    receipt = page.locator("#texts li", has_text="您的来电").first
    expect(receipt).to_contain_text("【阳光花园】", timeout=20_000)
    number = re.search(r"(?<![\d+])\d{8}(?!\d)", receipt.inner_text())
    assert number, receipt.inner_text()
    assert complaints == []

    log_in(page, product, "assistant")
    page.get_by_role("combobox", name="搜索").fill(number[0])
    page.keyboard.press("Enter")
    page.wait_for_url(f"**/ticket/{number[0]}")
    expect(page.locator("main")).to_contain_text("厨房水管漏水")
    expect(page.locator("main")).to_contain_text("3幢2单元1201")
    assert complaints == []
