"""The product in a browser, on a small estate; every page is watched for errors and for requests to other hosts."""

from collections.abc import Callable, Iterator
from datetime import UTC, datetime

import pytest
from flask import Flask
from playwright.sync_api import Page

from tests.browser.watch import Watch
from tests.support.client import DEMO_PASSWORD
from tests.support.estate import Estate, build_estate
from tests.support.server import Server


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
def site(estate: Estate, server: Server) -> Iterator[str]:
    """The address of the running product."""
    yield server.url
    # Asked to end, it would wait for the connections that the browser holds open ahead of its next page.
    server.kill()


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
