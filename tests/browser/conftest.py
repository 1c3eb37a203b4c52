"""The product in a browser, on a small estate; every page is watched for errors and for requests to other hosts."""

import contextlib
import logging
import os
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
from flask import Flask
from playwright.sync_api import Browser, Error, Page, expect, sync_playwright

from tests.browser.watch import Watch
from tests.support.client import DEMO_PASSWORD
from tests.support.estate import Estate, build_estate
from tests.support.server import Server

log = logging.getLogger(__name__)
ROOT = Path(__file__).resolve().parents[2]
CHROMIUM_ARGUMENTS = [
    "--no-sandbox",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--disable-dev-shm-usage",
    "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1, EXCLUDE localhost",
]

PATIENCE = 60_000
"""Milliseconds: a busy machine is not a failure."""

_TELLS_ITS_ARRIVAL = "addEventListener('load', () => document.documentElement.setAttribute('data-arrived', ''))"


@pytest.fixture(scope="session")
def _browser() -> Iterator[Browser]:
    expect.set_options(timeout=PATIENCE)
    stamp = ROOT / ".cache/stamps/chromium"
    chromium = os.environ.get("CHROMIUM") or (stamp.read_text().strip() if stamp.exists() else "/usr/bin/chromium")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium, args=CHROMIUM_ARGUMENTS)
        yield browser
        browser.close()


def _failed(request: pytest.FixtureRequest) -> bool:
    report = getattr(request.node, "report_of_call", None)
    return report is None or report.failed


@pytest.fixture
def page(request: pytest.FixtureRequest, _browser: Browser) -> Iterator[Page]:
    """A page in a fresh browser profile, in Chinese. A failing test leaves its picture in test-results/ and says what stood there."""
    context = _browser.new_context(locale="zh-CN", timezone_id="Asia/Shanghai", viewport={"width": 1280, "height": 900})
    context.set_default_timeout(PATIENCE)
    context.add_init_script(_TELLS_ITS_ARRIVAL)
    page = context.new_page()
    # Whoever clicks before a page's scripts have come gets the plain page behind the link, as meant; the tests mean the other one.
    page.add_locator_handler(page.locator("html:not([data-arrived])"), lambda: page.wait_for_load_state())
    yield page
    if _failed(request):
        folder = ROOT / "test-results"
        folder.mkdir(exist_ok=True)
        with contextlib.suppress(Error):  # the browser itself may be what broke
            page.screenshot(path=folder / f"{request.node.name}.png", full_page=True)
            log.error("%s\n%s", page.url, page.locator("body").inner_text(timeout=1000)[:1500])
    context.close()


@pytest.fixture
def estate(app: Flask) -> Estate:
    """See `tests.support.estate`; made now, because the server's clock runs."""
    from app.extensions import db

    with app.app_context():
        made = build_estate(db.session(), datetime.now(UTC).replace(microsecond=0))
        db.session.commit()
        db.session.remove()
    return made


@pytest.fixture
def site(request: pytest.FixtureRequest, estate: Estate, server: Server) -> Iterator[str]:
    """The address of the running product. After a failing test its log is shown."""
    yield server.url
    if _failed(request):
        log.error(server.output())


@pytest.fixture
def watched(page: Page, site: str) -> Iterator[Page]:
    """The page, under watch: script errors, refused scripts and styles, other hosts and failing answers fail the test."""
    watch = Watch(page, site)
    yield page
    watch.clean()


@pytest.fixture
def log_in(watched: Page, site: str) -> Callable[[str], Page]:
    """log_in("assistant") goes through the log-in page, by keyboard."""

    def enter(name: str) -> Page:
        watched.goto(f"{site}/login/")
        watched.keyboard.type(name)
        watched.keyboard.press("Tab")
        watched.keyboard.type(DEMO_PASSWORD)
        watched.keyboard.press("Enter")
        watched.wait_for_url(lambda url: "/login" not in url)
        return watched

    return enter
