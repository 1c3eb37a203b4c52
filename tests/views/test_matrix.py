"""Closed by default (D15; trap 6): what has no line in the matrix opens for nobody, and nothing is exposed beside it."""

from typing import Any

import pytest
from flask import Flask
from flask_appbuilder import BaseView, ModelRestApi, ModelView
from flask_appbuilder.api import BaseApi
from werkzeug.routing import IntegerConverter

from app.extensions import appbuilder
from app.rules import codes
from app.views.base.page import BasePage
from app.views.base.safety import SafeView
from app.views.labels import CODES, FAMILIES
from app.views.matrix import MATRIX
from app.views.permissions import ROLES, granted
from tests.support.client import Client
from tests.support.estate import Estate

OPEN = {
    "static": "files of the look",
    "appbuilder.static": "files of the look",
    "LoginPage.login": "the door",
    "LoginPage.logout": "the way out",
    "LoginApi.login": "the door for programs",
    "LoginApi.refresh": "checks a token of its own",
    "UtilView.back": "goes back",
    "health.healthz": "says that the process lives",
    "health.readyz": "says whether it can serve",
    "health.metrics": "loopback or a token (I6), tested with the page",
    "OpenApi.get": "describes the interface, holds no records",
}
"""Endpoints of the framework that need no permission, and why. Ours say so with @open_to_all."""


def views() -> list[Any]:
    return list(appbuilder.baseviews)


def test_every_permission_has_a_line_and_every_line_a_permission(app: Flask) -> None:
    offered = {(name, view.class_permission_name) for view in views() for name in view.base_permissions or ()}
    nobody = [pair for pair in sorted(offered) if not granted(*pair)]
    assert nobody == [], "no role may do this: give it a line or take the method away"
    listed = {(name, view) for view, lines in MATRIX.items() for _, names in lines for name in names}
    assert sorted(listed - offered) == [], "lines for what does not exist"


def test_the_matrix_knows_every_role(app: Flask) -> None:
    assert set(ROLES) == {*codes.Role, "public"}
    for lines in MATRIX.values():
        for roles, _ in lines:
            assert set(roles) <= set(ROLES)


def test_no_view_is_bare(app: Flask) -> None:
    for view in views():
        if isinstance(view, ModelView):
            assert isinstance(view, SafeView), type(view).__name__
        if isinstance(view, ModelRestApi):
            from app.views.base.rest import RestApi

            assert isinstance(view, RestApi), type(view).__name__


def _is_open(function: Any, endpoint: str) -> bool:
    return endpoint in OPEN or hasattr(function, "_linli_open")


def test_everything_exposed_is_guarded(app: Flask, client: Client, estate: Estate) -> None:
    """Walks the map of addresses as a stranger: whatever answers must have been left open on purpose."""
    answered = []
    for rule in app.url_map.iter_rules():
        function = app.view_functions[rule.endpoint]
        if _is_open(function, rule.endpoint) or rule.endpoint.startswith(("hotline", "phone")):
            continue
        path = _filled(app, rule)
        for method in sorted(rule.methods & {"GET", "POST"}):
            answer = client.get(path) if method == "GET" else client.submit(path)
            refused = answer.status_code in (401, 403, 404, 405) or _to_login(answer)
            if not refused:
                answered.append((method, path, answer.status_code))
    assert answered == []


@pytest.mark.filterwarnings("ignore:Yielding raw tuples")
def test_a_role_without_lines_opens_nothing(app: Flask, client: Client, estate: Estate, session: Any) -> None:
    """The same with a login whose role has no permission at all."""
    from flask_appbuilder.security.sqla.models import Role

    from tests.support.estate import login

    session.add(Role(name="nothing"))
    session.flush()
    login(session, "nobody", "nothing")
    session.commit()
    client.login("nobody")
    answered = []
    for rule in app.url_map.iter_rules():
        function = app.view_functions[rule.endpoint]
        if _is_open(function, rule.endpoint) or rule.endpoint.startswith(("hotline", "phone")):
            continue
        path = _filled(app, rule)
        for method in sorted(rule.methods & {"GET", "POST"}):
            answer = client.get(path) if method == "GET" else client.submit(path)
            if answer.status_code not in (401, 403, 404, 405):
                answered.append((method, path, answer.status_code))
    assert answered == []


def _filled(app: Flask, rule: Any) -> str:
    values = {name: "1" if name != "version" else "v1" for name in rule.arguments}
    with app.test_request_context():
        adapter = app.url_map.bind("localhost")
        converted = {
            name: int(value) if isinstance(rule._converters[name], IntegerConverter) else value
            for name, value in values.items()
        }
        return str(adapter.build(rule.endpoint, converted, method=next(iter(rule.methods - {"OPTIONS", "HEAD"}))))


def _to_login(answer: Any) -> bool:
    return answer.status_code == 302 and "/login" in answer.headers["Location"]


def test_an_exposed_method_without_a_guard_stops_the_start(app: Flask) -> None:
    from app.views.base import expose, open_to_all, permission_name

    class Open(BasePage):
        @expose("/x")
        def x(self) -> str:
            return ""

    class Named(BasePage):
        @expose("/x")
        @permission_name("view")
        def x(self) -> str:
            return ""

    class Meant(BasePage):
        @expose("/x")
        @open_to_all("a test")
        def x(self) -> str:
            return ""

    with app.app_context():
        for page in (Open, Named):
            with pytest.raises(TypeError, match="exposed without"):
                page()
        assert Meant()


def test_a_menu_shows_what_opens(client: Client, estate: Estate) -> None:
    client.login("finance")
    page = client.get("/ticketview/list/").get_data(as_text=True)
    assert "/billview/list/" in page
    assert "/clockpolicyview/list/" not in page
    assert "/users/list/" not in page


def test_every_code_has_a_label(app: Flask) -> None:
    for family, kind in FAMILIES.items():
        assert set(CODES[family]) == set(kind), family
    assert all(issubclass(type(view), BaseView | BaseApi) for view in views())
