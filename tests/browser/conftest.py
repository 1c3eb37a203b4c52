"""The product in a browser, on a small estate; every page is watched for errors and for requests to other hosts."""

from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from typing import Any
from urllib.parse import urlsplit

import pytest
from flask import Flask
from playwright.sync_api import Page

from tests.support.client import DEMO_PASSWORD
from tests.support.estate import Estate, build_estate
from tests.support.server import Server

REFUSED = "the server responded with a status of 4"  # the browser notes every refusal, also those a page expects


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
def site(estate: Estate, server: Server) -> str:
    """The address of the running product."""
    return server.url


@pytest.fixture
def watched(page: Page, site: str) -> Iterator[Page]:
    """The page, under watch: script errors, refused scripts and styles, other hosts and failing answers fail the test."""
    found: list[str] = []
    host = urlsplit(site).netloc

    def note_request(request: Any) -> None:
        parts = urlsplit(request.url)
        if parts.scheme in ("http", "https", "ws", "wss") and parts.netloc != host:
            found.append(f"other host: {request.url}")

    page.on("request", note_request)
    page.on("pageerror", lambda error: found.append(f"script: {error}"))

    def note_console(message: Any) -> None:
        if message.type in ("error", "warning") and REFUSED not in message.text:
            found.append(message.text)

    page.on("console", note_console)
    page.on("response", lambda answer: found.append(f"{answer.status}: {answer.url}") if answer.status >= 500 else None)
    yield page
    assert not found, found


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
