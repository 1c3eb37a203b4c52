"""Two administrators at one login or one role, and logins that are switched off: nothing comes back by itself (issue 3)."""

import re
from typing import Any

import pytest
from flask_appbuilder.security.sqla.models import User
from sqlalchemy import select

from app.models import RoleScope
from tests.support.client import DEMO_PASSWORD, Client
from tests.support.estate import Estate
from tests.views.access.test_users_and_roles import form, make_role, role_id, user_of


def seen_in(page: str) -> str:
    found = re.search(r'name="seen" value="([^"]*)"', page)
    assert found, "the form carries what its reader saw"
    return found[1]


@pytest.fixture
def admins(client: Client, new_client: Any, estate: Estate) -> tuple[Client, Client]:
    other = new_client()
    for each in (client, other):
        each.login("admin")
        each.get("/lang/en")
    return client, other


def test_an_older_form_does_not_switch_a_login_on_again(
    admins: tuple[Client, Client], estate: Estate, session: Any
) -> None:
    first, second = admins
    path = f"/users/edit/{user_of(session, 'steward').id}"
    seen = [seen_in(each.get(path).text) for each in admins]
    sent = form(session, "steward", name="区域管家", email="s@example.org", community_ids=[estate.home])
    assert first.submit(path, {**sent, "seen": seen[0], "active": ""}).status_code == 302
    told = second.submit(path, {**sent, "seen": seen[1], "email": "new@example.org"})
    assert told.status_code == 409
    assert "May log in: No" in told.text, "the second one is told what it is now"
    assert 'value="new@example.org"' in told.text, "what the second one wrote is still in the form"
    assert not user_of(session, "steward").active
    again = {**sent, "seen": seen_in(told.text), "email": "new@example.org", "active": ""}
    assert second.submit(path, again).status_code == 302
    assert user_of(session, "steward").email == "new@example.org"


def test_an_older_form_of_a_role_opens_nothing_again(
    admins: tuple[Client, Client], estate: Estate, session: Any
) -> None:
    first, second = admins
    make_role(first, "绿化监理", "community", "ticket", "HouseView.see")
    path = f"/roles/edit/{role_id(session, '绿化监理')}"
    seen = [seen_in(each.get(path).text) for each in admins]
    sent = {"name": "绿化监理", "scope": "community", "line": ["ticket", "HouseView.see"]}
    assert first.submit(path, {**sent, "seen": seen[0], "scope": "assignment", "line": ["ticket"]}).status_code == 302
    told = second.submit(path, {**sent, "seen": seen[1], "name": "绿化"})
    assert told.status_code == 409
    assert 'value="绿化"' in told.text
    session.rollback()
    assert session.get(RoleScope, role_id(session, "绿化监理")).scope == "assignment"
    assert second.submit(path, {**sent, "seen": seen_in(told.text), "name": "绿化"}).status_code == 302


def test_a_login_switched_off_and_on_has_lost_its_sessions_tokens_and_calendar(
    admins: tuple[Client, Client], new_client: Any, estate: Estate, session: Any
) -> None:
    first, _second = admins
    browser, program, calendar = new_client(), new_client(), new_client()
    browser.login("steward")
    page = browser.submit("/duty/feed").text
    feed = re.search(r"/duty/calendar/[\w-]+\.ics", page)
    assert feed
    program.authorize("steward")
    assert calendar.get(feed[0]).status_code == 200
    pk = user_of(session, "steward").id
    sent = form(session, "steward", name="区域管家", email="s@example.org", community_ids=[estate.home])
    assert first.submit(f"/users/edit/{pk}", {**sent, "active": ""}).status_code == 302
    assert browser.get("/ticketview/list/").status_code == 302
    assert program.get("/api/v1/ticket/").status_code == 401
    assert calendar.get(feed[0]).status_code == 404
    assert first.submit(f"/users/edit/{pk}", sent).status_code == 302
    assert browser.get("/ticketview/list/").status_code == 302, "an old session does not come to life again"
    assert program.get("/api/v1/ticket/").status_code == 401
    browser.login("steward", DEMO_PASSWORD)
    session.rollback()
    assert session.scalars(select(User.active).where(User.id == pk)).one()


def test_an_older_form_of_a_figure_is_told_what_is_in_force(admins: tuple[Client, Client]) -> None:
    first, second = admins
    path = "/settingview/edit/visits.sample_percent"
    seen = [seen_in(each.get(path).text) for each in admins]
    assert first.submit(path, {"value": "45", "seen": seen[0]}).status_code == 302
    told = second.submit(path, {"value": "60", "seen": seen[1]})
    assert told.status_code == 409
    assert "In force now: 45%" in told.text
    assert 'value="60"' in told.text
    assert second.submit(path, {"value": "60", "seen": seen_in(told.text)}).status_code == 302


def test_somebody_who_has_left_logs_in_no_more(
    admins: tuple[Client, Client], new_client: Any, estate: Estate, session: Any
) -> None:
    first, _second = admins
    steward = new_client()
    steward.login("steward")
    path = f"/staffview/edit/{estate.staff['steward']}"
    sent = {"name": "区域管家", "number": "+8613900139001", "communities": [str(estate.home)]}
    assert first.submit(path, sent).status_code == 302
    assert not user_of(session, "steward").active
    assert steward.get("/").status_code == 302
    own = {"name": "管理员", "communities": [str(estate.home)]}
    assert first.submit(f"/staffview/edit/{estate.staff['admin']}", own).status_code in (409, 422)
    assert user_of(session, "admin").active
