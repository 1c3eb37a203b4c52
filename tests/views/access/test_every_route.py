"""Walks the running application, route by route: what opens is what the matrix says, and no answer anywhere holds a stranger's row.

New views, exports and resources are caught by themselves: the routes are read from the application, not from a list.
"""

from collections.abc import Iterator
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select

from app.extensions import appbuilder
from app.models import Ticket
from app.rules.codes import Role
from app.services.access import rows
from app.views.base.model_page import ModelPage
from app.views.base.rest import RestApi
from app.views.permissions import granted
from tests.support.client import Client
from tests.support.estate import Estate
from tests.views.test_matrix import _filled

pytestmark = pytest.mark.any_database

PEOPLE = {"own": "张三", "next": "李四", "far": "王五", "foreign": "赵六"}
SEES = {
    **{role: {"own", "next", "far"} for role in ("manager", "deputy", "supervisor", "assistant", "finance")},
    "steward": {"own", "next"},
    "technician": set(),
    "owner": {"own"},
    "resident": {"own"},
}
"""Role → whose records may stand in an answer. Administrators and quality see all communities."""

CHANGES_BY_GET = ("LoginPage.logout", "LocaleView.index")


def guarded(app: Flask) -> Iterator[tuple[Any, str, str]]:
    """(rule, permission, view) of every route that asks for a permission."""
    by_endpoint = {view.endpoint: view for view in appbuilder.baseviews}
    for rule in app.url_map.iter_rules():
        view = by_endpoint.get(rule.endpoint.partition(".")[0])
        method = getattr(view, rule.endpoint.partition(".")[2], None)
        name = getattr(method, "_permission_name", None)
        if view is not None and name is not None and not hasattr(method, "_linli_open"):
            yield rule, f"can_{name}", view.class_permission_name


def forbidden(answer: Any) -> bool:
    return answer.status_code in (401, 403, 404, 405)


# ---- the matrix ------------------------------------------------------------------------------------------------------
@pytest.mark.parametrize("role", list(Role))
def test_what_opens_for_a_role_is_what_the_matrix_says(app: Flask, client: Client, estate: Estate, role: str) -> None:
    client.login(role)
    seen = 0
    for rule, permission, view in guarded(app):
        if rule.rule.startswith("/api/") or permission == "can_action":
            continue
        path, may = _filled(app, rule), role in granted(permission, view)
        if may and "GET" in rule.methods and not rule.arguments:
            assert client.get(path).status_code != 403, (role, path, "the matrix opens it")
        if not may:
            for method in rule.methods & {"GET", "POST"}:
                answer = client.get(path) if method == "GET" else client.submit(path)
                assert forbidden(answer), (role, method, path, answer.status_code)
        seen += 1
    assert seen > 100


@pytest.mark.parametrize("role", list(Role))
def test_a_resource_opens_for_whom_the_matrix_says(app: Flask, client: Client, estate: Estate, role: str) -> None:
    client.authorize(role)
    for rule, permission, view in guarded(app):
        if not rule.rule.startswith("/api/v1/") or rule.endpoint.startswith(("Login", "Open")):
            continue
        path, may = _filled(app, rule), role in granted(permission, view)
        for method in rule.methods & {"GET", "POST"}:
            if method == "POST" and may:
                continue
            answer = client.get(path) if method == "GET" else client.post(path, json={})
            assert (answer.status_code == 403) != may, (role, method, path, answer.status_code)


# ---- rows: own, a colleague's, a stranger's --------------------------------------------------------------------------
@pytest.fixture
def marks(estate: Estate, session: Any) -> dict[str, tuple[str, ...]]:
    """What gives a household away in an answer: its name, its ticket's number and title, its community."""
    numbers = {key: session.get(Ticket, pk).number for key, pk in estate.tickets.items()}
    session.rollback()
    return {
        key: (name, numbers[key], f"{key} 水管漏水", *(("月亮湾",) if key == "foreign" else ()))
        for key, name in PEOPLE.items()
    }


def told(text: str, marks: dict[str, tuple[str, ...]], role: str) -> list[str]:
    """The marks of foreign households in an answer."""
    foreign = [mark for key, words in marks.items() if key not in SEES[role] for mark in words]
    return [mark for mark in foreign if mark in text]


@pytest.mark.parametrize("role", list(SEES))
def test_no_page_list_file_or_choice_tells_of_a_stranger(
    app: Flask, client: Client, estate: Estate, marks: dict[str, tuple[str, ...]], role: str
) -> None:
    client.login(role)
    paths = [_filled(app, rule) for rule, _permission, _view in guarded(app)
             if "GET" in rule.methods and not rule.arguments and not rule.rule.startswith("/api/")
             and rule.endpoint not in CHANGES_BY_GET]  # fmt: skip
    for view in appbuilder.baseviews:
        if isinstance(view, ModelPage):
            columns = {*view.search_columns, *view.add_columns, *view.edit_columns}
            paths += [f"{view.route_base}/choices/{column}" for column in sorted(columns)]
    paths += ["/search?q=101", "/search?q=139", "/search/suggest?q=101", "/ticket/houses?q=101", "/ticket/houses?q=139"]
    opened = 0
    for path in paths:
        answer = client.get(path)
        if answer.status_code == 200:
            opened += 1
            assert not told(answer.get_data().decode(errors="replace"), marks, role), (role, path)
        answer.close()
    for view in appbuilder.baseviews:
        if isinstance(view, ModelPage):
            for way in ("csv", "xlsx"):
                answer = client.submit(f"{view.route_base}/export/{way}", buffered=True)
                held = role in granted("can_export", view.class_permission_name)
                assert (answer.status_code == 200) == held, (role, view.route_base, answer.status_code)
                if way == "csv" and held:
                    assert not told(answer.get_data().decode("utf-8-sig"), marks, role), (role, view.route_base)
                answer.close()
    assert opened > 3


@pytest.mark.parametrize("role", list(SEES))
def test_each_page_and_resource_opens_ones_own_rows_and_no_others(
    app: Flask, client: Client, estate: Estate, session: Any, marks: dict[str, tuple[str, ...]], role: str
) -> None:
    who = _actor(session, role)
    visible: dict[Any, list[int]] = {}
    hidden: dict[Any, list[int]] = {}
    views = [view for view in appbuilder.baseviews if isinstance(view, ModelPage | RestApi)]
    for model in {view.datamodel.obj for view in views}:
        every = set(session.scalars(select(model.id)))
        mine = set(session.scalars(select(model.id).where(rows(who, model))))
        visible[model], hidden[model] = sorted(mine)[:2], sorted(every - mine)[:3]
    session.rollback()
    client.login(role)
    token = client.authorize(role).token
    for view in views:
        rest, model = isinstance(view, RestApi), view.datamodel.obj
        client.token = token if rest else None
        may = role in granted("can_get" if rest else "can_show", view.class_permission_name)
        base = f"{view.route_base}/" if rest else f"{view.route_base}/show/"
        for pk in hidden[model]:
            assert client.get(f"{base}{pk}").status_code == (404 if may else 403), (role, base, pk)
        if not may or type(view).__name__ == "PersonFileView":
            continue
        for pk in visible[model]:
            answer = client.get(f"{base}{pk}")
            assert answer.status_code == 200, (role, base, pk)
            assert not told(answer.get_data(as_text=True), marks, role), (role, base, pk)
        if rest:
            listed = client.get(f"{base}?q=(page_size:100)")
            assert not told(listed.get_data(as_text=True), marks, role), (role, base)


def _actor(session: Any, username: str) -> Any:
    from zoneinfo import ZoneInfo

    from flask_appbuilder.security.sqla.models import User

    from app.adapters.clock import now
    from app.services.actors import actor_of

    user = session.scalars(select(User).where(User.username == username)).one()
    return actor_of(session, user, now(), ZoneInfo("Asia/Shanghai"))
