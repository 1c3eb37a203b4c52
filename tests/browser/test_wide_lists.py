"""On a laptop no list hides a column: neither the page nor its table scrolls sideways, in both languages."""

from collections.abc import Callable

import pytest
from playwright.sync_api import Page

LogIn = Callable[[str], Page]
LISTS = ("ticketview", "callview", "billview", "users", "auditview", "dutyshiftview", "messageview", "serviceorderview")
SIDEWAYS = """() => [...document.querySelectorAll('html, .list-wrap')]
  .map(one => one.scrollWidth - one.clientWidth).filter(over => over > 0)"""


@pytest.mark.parametrize("locale", ["en", "zh"])
def test_every_column_of_a_list_is_in_sight_at_1280(log_in: LogIn, site: str, locale: str) -> None:
    page = log_in("admin")
    page.set_viewport_size({"width": 1280, "height": 900})
    page.goto(f"{site}/lang/{locale}")
    for name in LISTS:
        page.goto(f"{site}/{name}/list/")
        assert page.evaluate(SIDEWAYS) == [], name
