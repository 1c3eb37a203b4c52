"""Who asks: one statement a request, and whatever changes what somebody may do holds from the very next one, in every process."""

from collections.abc import Callable
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import create_engine, text

from app.models import GrantMark
from tests.support.client import Client
from tests.support.estate import Estate, build_estate
from tests.views.test_statements import statements_of

LIST = "/ticketview/list/"
GRANTS = (
    "SELECT link.id FROM ab_permission_view_role link JOIN ab_permission_view pair ON pair.id = link.permission_view_id"
    " JOIN ab_permission permission ON permission.id = pair.permission_id JOIN ab_view_menu menu ON menu.id = pair.view_menu_id"
    " JOIN ab_role role ON role.id = link.role_id"
    " WHERE permission.name = 'can_list' AND menu.name = 'TicketView' AND role.name = 'manager'"
)
CHANGES = {
    "a permission taken from a role": f"DELETE FROM ab_permission_view_role WHERE id IN ({GRANTS})",
    "a permission by another name": "UPDATE ab_permission SET name = 'can_look' WHERE name = 'can_list'",
    "a view by another name": "UPDATE ab_view_menu SET name = 'Other' WHERE name = 'TicketView'",
    "a pair that means another view": "UPDATE ab_permission_view SET view_menu_id ="
    " (SELECT id FROM ab_view_menu WHERE name = 'SearchPage') WHERE view_menu_id ="
    " (SELECT id FROM ab_view_menu WHERE name = 'TicketView') AND permission_id ="
    " (SELECT id FROM ab_permission WHERE name = 'can_list')",
    "a role taken from the login": "DELETE FROM ab_user_role WHERE user_id = (SELECT id FROM ab_user WHERE username = 'manager')",
}


@pytest.fixture
def estate(app: Flask, now: Any) -> Estate:
    from app.extensions import db

    with app.app_context():
        made = build_estate(db.session(), now)
        db.session.commit()
        db.session.remove()
    return made


@pytest.fixture
def elsewhere(app: Flask) -> Callable[[str], None]:
    """Runs a statement as another process would: nothing of this one hears of it."""
    url = app.config["SQLALCHEMY_DATABASE_URI"]

    def run(statement: str) -> None:
        engine = create_engine(url)
        with engine.begin() as connection:
            assert connection.execute(text(statement)).rowcount > 0
        engine.dispose()

    return run


@pytest.mark.parametrize("change", CHANGES)
def test_what_another_process_changed_holds_at_once(
    client: Client, estate: Estate, elsewhere: Callable[[str], None], change: str
) -> None:
    client.login("manager")
    assert client.get(LIST).status_code == 200
    elsewhere(CHANGES[change])
    assert client.get(LIST).status_code == 403


def test_a_permission_given_elsewhere_opens_the_page_and_its_line_at_once(
    client: Client, estate: Estate, elsewhere: Callable[[str], None]
) -> None:
    client.login("technician")
    assert client.get("/billview/list/").status_code == 403
    assert 'href="/messageview/list/"' not in client.get(LIST).get_data(as_text=True)
    for view in ("BillView", "MessageView"):
        elsewhere(
            "INSERT INTO ab_permission_view_role (id, permission_view_id, role_id)"
            " SELECT (SELECT max(id) + 1 FROM ab_permission_view_role), pair.id, (SELECT id FROM ab_role WHERE name = 'technician')"
            " FROM ab_permission_view pair JOIN ab_permission permission ON permission.id = pair.permission_id"
            f" JOIN ab_view_menu menu ON menu.id = pair.view_menu_id WHERE permission.name = 'can_list' AND menu.name = '{view}'"
        )
    assert client.get("/billview/list/").status_code == 200
    assert 'href="/messageview/list/"' in client.get(LIST).get_data(as_text=True)


def test_a_deactivated_login_and_a_moved_one(client: Client, estate: Estate, elsewhere: Callable[[str], None]) -> None:
    client.login("manager")
    mine = client.get(LIST).get_data(as_text=True).count("row-link")
    elsewhere("DELETE FROM staff_community WHERE staff_id = (SELECT id FROM staff WHERE user_id ="
              " (SELECT id FROM ab_user WHERE username = 'manager'))")  # fmt: skip
    assert client.get(LIST).get_data(as_text=True).count("row-link") < mine
    elsewhere("UPDATE ab_user SET active = false WHERE username = 'manager'")
    assert "/login/" in client.get(LIST).location


def test_a_change_that_was_taken_back_leaves_no_mark_that_comes_again(app: Flask, session: Any) -> None:
    """Two changes, the first rolled back: a counter would give both the same number."""
    marks = []
    for _ in range(2):
        session.execute(text("UPDATE ab_role SET name = 'x' WHERE name = 'manager'"))
        marks.append(session.scalar(GrantMark.__table__.select().with_only_columns(GrantMark.__table__.c.mark)))
        session.rollback()
    marks.append(session.scalar(GrantMark.__table__.select().with_only_columns(GrantMark.__table__.c.mark)))
    assert len(set(marks)) == 3


def test_finding_out_who_asks_is_one_statement(app: Flask, client: Client, estate: Estate) -> None:
    client.login("manager")
    asked = statements_of(app, client, LIST)
    assert sum("ab_user" in statement for statement in asked) == 1
    assert not any("FROM list_view" in statement for statement in asked[1:]), "nothing is kept of this list"
    assert len(asked) <= 3, asked
