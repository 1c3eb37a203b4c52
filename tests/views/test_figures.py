"""The figures' page: all that is known, by area; changed within its limits, by whom the matrix names."""

from datetime import datetime
from typing import Any

import pytest
from sqlalchemy import select

from app.models import Setting
from app.rules.policy_figures import AREAS, FIGURES
from app.services.actors import Actor
from app.services.policies import change_figure, figure
from app.services.transaction import transaction
from tests.support.client import Client
from tests.support.estate import Estate

ADMIN = Actor(user_id=None, username="admin", display_name="管理员")


def stored(session: Any, key: str) -> str | None:
    session.rollback()
    return session.scalar(select(Setting.value).where(Setting.key == key))


def test_every_figure_belongs_to_an_area() -> None:
    assert {known.area for known in FIGURES.values()} == set(AREAS)
    for known in FIGURES.values():
        assert known.low <= known.default <= known.high
        assert len(known.words) in (0, known.high - known.low + 1)


def test_the_list_shows_every_figure_also_those_nobody_changed(client: Client, estate: Estate) -> None:
    client.login("admin")
    client.get("/lang/en")
    page = client.get("/settingview/list/").text
    for known in FIGURES.values():
        assert f'id="{known.key}"' in page
        assert f"/settingview/edit/{known.key}" in page
    assert "30%" in page
    assert "60 seconds" in page
    assert "Optional: staff switch it on for themselves" in page
    assert client.get("/settingview/add").status_code == 404


def test_a_figure_is_changed_and_set_back(client: Client, estate: Estate, session: Any) -> None:
    client.login("admin")
    path = "/settingview/edit/visits.sample_percent"
    for value in ("45", "50"):
        assert client.submit(path, {"value": value}).status_code == 302
        assert stored(session, "visits.sample_percent") == value
    assert 'value="50"' in client.get(path).text
    assert client.submit(path, {"value": "50", "reset": "1"}).status_code == 302
    assert stored(session, "visits.sample_percent") is None
    assert figure(session, "visits.sample_percent") == 30


@pytest.mark.parametrize("value", ["", "x", "101", "-1", "3.5", "9" * 5000, "\x00", "<b>"])
def test_what_is_no_number_within_the_limits_is_a_sentence(
    client: Client, estate: Estate, session: Any, value: str
) -> None:
    client.login("admin")
    answer = client.submit("/settingview/edit/visits.sample_percent", {"value": value})
    assert answer.status_code == 422
    assert 'id="f-value-error"' in answer.text
    assert 'role="alert"' in answer.text
    assert "<b>" not in answer.text
    assert stored(session, "visits.sample_percent") is None


def test_a_choice_is_shown_in_words(client: Client, estate: Estate, session: Any) -> None:
    client.login("admin")
    client.get("/lang/en")
    path = "/settingview/edit/login.second_factor"
    page = client.get(path).text
    assert page.count('type="radio" name="value"') == 4
    assert 'type="number"' not in page
    assert client.submit(path, {"value": "4"}).status_code == 422
    assert client.submit(path, {"value": "0"}).status_code == 302
    assert stored(session, "login.second_factor") == "0"


def test_a_figure_that_is_not_known_is_not_there(client: Client, estate: Estate, session: Any) -> None:
    client.login("admin")
    assert client.get("/settingview/edit/no.such").status_code == 404
    assert client.submit("/settingview/edit/no.such", {"value": "1"}).status_code == 404
    assert stored(session, "no.such") is None


def test_without_a_token_nothing_is_written(client: Client, estate: Estate, session: Any) -> None:
    client.login("admin")
    client.post("/settingview/edit/visits.sample_percent", data={"value": "45"})
    assert stored(session, "visits.sample_percent") is None


def test_others_neither_read_nor_change_them(client: Client, estate: Estate, session: Any) -> None:
    client.login("manager")
    assert client.get("/settingview/list/").status_code == 403
    assert client.submit("/settingview/edit/visits.sample_percent", {"value": "45"}).status_code == 403
    assert stored(session, "visits.sample_percent") is None


def test_two_who_set_the_same_figure_are_one_row(app: Any, session: Any, now: datetime) -> None:
    with app.app_context(), transaction() as writing:
        change_figure(writing, "close.after_hours", "48", ADMIN, now)
        change_figure(writing, "close.after_hours", "24", ADMIN, now)
    assert stored(session, "close.after_hours") == "24"
