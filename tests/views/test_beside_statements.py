"""SQL statements of the first pages beside the tables, with the records of the small estate: a list's limit for all but one."""

from __future__ import annotations

import pytest
from flask import Flask

from tests.support.client import Client
from tests.support.estate import Estate
from tests.views.test_statements import LIST, statements_of

PAGES = {
    "manager": (
        "/appraisals/", "/arrears/", "/billing/", "/books/", "/costs/", "/duty/", "/knowledge/", "/plan/", "/records/", "/special/",
        "/survey/", "/visit/",
    ),
    "finance": ("/books/cash", "/payments/", "/reminders/"),
    "quality": ("/figures/", "/knowledge/?show=turn", "/plan/?show=turn"),
}  # fmt: skip
LIMITS = {"/reminders/": 16}
"""What is above the limit for now, at what it takes."""


@pytest.mark.parametrize(("login", "path"), [(login, path) for login, paths in PAGES.items() for path in paths])
def test_pages_beside_the_tables_ask_little(app: Flask, client: Client, estate: Estate, login: str, path: str) -> None:
    client.login(login)
    asked = statements_of(app, client, path)
    assert 1 <= len(asked) <= LIMITS.get(path, LIST), asked
