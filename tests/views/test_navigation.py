"""Every line of every role's navigation opens, with the twelve months of the demo behind it. (How pages look and what they may
not do in a browser: `tests/browser/test_days.py`.)"""

import re

import pytest

from app.services.demo_logins import DEMO_LOGINS
from tests.support.client import Client

NAVIGATION = re.compile(r"<nav\b.*?</nav>", re.DOTALL)
LINE = re.compile(r'<a\b[^>]* href="(/[^"]*)"')


@pytest.mark.postgres_only
@pytest.mark.parametrize("role", DEMO_LOGINS)
def test_every_role_finds_its_first_page_and_every_line_of_its_navigation_opens(
    demo_database: None, client: Client, role: str
) -> None:
    client.login(role)
    first = client.get("/", follow_redirects=True)
    assert first.status_code == 200
    assert "<h1" in first.text
    found = LINE.findall("".join(NAVIGATION.findall(first.text)))
    lines = [line for line in dict.fromkeys(found) if "logout" not in line]
    assert len(lines) > 2
    for line in lines:
        page = client.get(line, follow_redirects=True)
        assert page.status_code == 200, line
        assert re.search(r"<main[^>]*>.*\w.*</main>", page.text, re.DOTALL), line
