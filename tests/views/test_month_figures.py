"""`/figures/`: each role its own rows, every number with its list, the same number on every page and in REST."""

from __future__ import annotations

import re
from datetime import datetime
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from flask import Flask

from app.rules.month_figures import FIGURES
from app.services.reporting.month_figures import month_figures
from app.services.reporting.period import month_of
from app.views.figure_words import shown
from tests.support.client import Client
from tests.support.estate import Estate
from tests.views.test_statements import statements_of
from tests.views.test_workbench import LIST, STAFF, busy_day, rows_behind

NUMBERS = re.compile(r'href="(/figures/[^"]+)" data-rows="(\d+)"')


def page_of(client: Client, address: str = "/figures/") -> str:
    answer = client.get(address)
    assert answer.status_code == 200, address
    return answer.get_data(as_text=True)


def values(page: str) -> dict[str, str | None]:
    """Code → value on the page as it was computed; None: no cases."""
    rows = re.findall(r'<tr data-figure="(\w+)">(.*?)</tr>', page, re.DOTALL)
    found = {code: re.search(r'data-value="([^"]+)"', row) for code, row in rows}
    return {code: value.group(1) if value else None for code, value in found.items()}


@pytest.mark.parametrize("role", STAFF)
def test_every_number_opens_a_list_of_as_many(
    frozen: Any, session: Any, app: Flask, client: Client, estate: Estate, now: datetime, role: str
) -> None:
    busy_day(estate, now)
    client.login(role)
    for address in ("/figures/", "/figures/?by=building", f"/figures/?by=category&building=1&month={now:%Y-%m}"):
        numbers = NUMBERS.findall(page_of(client, address))
        assert len(numbers) > 10
        for target, number in dict(numbers).items():
            assert rows_behind(client, target.replace("&amp;", "&")) == int(number), (address, target)
    assert len(statements_of(app, client, "/figures/?by=department")) <= LIST


def test_one_month_is_one_number_everywhere(
    frozen: Any, session: Any, client: Client, new_client: Any, estate: Estate, now: datetime
) -> None:
    """First page, page of figures, REST and the monthly report, of the manager's community."""
    busy_day(estate, now)
    client.login("manager")
    told = values(page_of(client, f"/figures/?month={now:%Y-%m}"))
    answer = new_client().authorize("manager").get(f"/api/v1/community/{estate.home}/figures?month={now:%Y-%m}").json
    rest = {row["code"]: None if row["value"] is None else str(row["value"]) for row in answer["result"]}
    month = month_of(f"{now:%Y-%m}", ZoneInfo("Asia/Shanghai"))
    report = {row["code"]: row["value"] for row in month_figures(session, estate.home, [month, None, None])}
    assert told == rest == {code: None if value is None else str(value) for code, value in report.items()}
    assert set(told) == set(FIGURES)
    first = page_of(client, "/")
    for code, unit in (("in_time", "rate"), ("first_response_mean", "minutes"), ("satisfaction", "rate")):
        value = told[code]
        assert value is not None or code == "first_response_mean"
        assert f">{shown(None if value is None else Decimal(value), unit)}</a></td>" in first, code


def test_rest_is_for_staff_and_the_own_communities(new_client: Any, estate: Estate) -> None:
    manager = new_client().authorize("manager")
    assert manager.get(f"/api/v1/community/{estate.other}/figures").status_code == 404
    assert manager.get(f"/api/v1/community/{estate.home}/figures?month=2026-13").status_code == 400
    assert "collection" not in [
        row["code"]
        for row in new_client().authorize("steward").get(f"/api/v1/community/{estate.home}/figures").json["result"]
    ]
    assert new_client().authorize("owner").get(f"/api/v1/community/{estate.home}/figures").status_code == 403


def test_nothing_is_no_cases_and_never_an_error(frozen: Any, client: Client, estate: Estate) -> None:
    client.login("manager")
    client.get("/lang/en")
    page = page_of(client, "/figures/?month=2019-02&by=person")
    assert [code for code, value in values(page).items() if value is not None] == [
        code for code, figure in FIGURES.items() if figure.unit == "count" or code == "complaint_rate"
    ]
    assert page.count("no cases") >= 10


def test_a_steward_counts_the_own_buildings(
    frozen: Any, client: Client, new_client: Any, estate: Estate, now: datetime
) -> None:
    client.login("steward")
    told = values(page_of(client, f"/figures/?month={now:%Y-%m}"))
    assert told["requests"] == "2"
    assert "collection" not in told
    other = new_client()
    other.login("manager")
    told = values(page_of(other, f"/figures/?month={now:%Y-%m}"))
    assert told["requests"] == "3"
    assert "collection" in told


@pytest.mark.parametrize(
    ("path", "status"),
    [
        ("/figures/?month=2026-13", 404),
        ("/figures/?month=x", 404),
        ("/figures/?community=999999", 404),
        ("/figures/?community=x", 404),
        ("/figures/?by=owner", 404),
        ("/figures/2026-10/nothing", 404),
        ("/figures/10/judged", 404),
        ("/figures/2026-10/judged?page=-1&community=x", 200),
    ],
)
def test_bad_input_is_no_page(client: Client, estate: Estate, path: str, status: int) -> None:
    client.login("manager")
    assert client.get(path).status_code == status


def test_who_may_not_list_it_does_not_count_it(client: Client, new_client: Any, estate: Estate) -> None:
    client.login("technician")
    assert client.get("/figures/?by=person").status_code == 404
    for what in ("calls", "bills"):
        assert client.get(f"/figures/2026-10/{what}").status_code == 403
    other = new_client()
    other.login("owner")
    assert other.get("/figures/").status_code == 403
