"""SQL statements a page, on a warm request: list at most 12, show at most 10 (issue 2), and the same for one row or many."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import event

from app.extensions import appbuilder
from app.views.base.model_page import ModelPage
from app.views.base.rest import RestApi
from tests.support.client import Client
from tests.support.estate import Estate

LIST, SHOW = 12, 10


@contextmanager
def counted(app: Flask) -> Iterator[list[str]]:
    from app.extensions import db

    with app.app_context():
        engine = db.engine
    statements: list[str] = []

    def note(_connection: Any, _cursor: Any, statement: str, *_: Any) -> None:
        if not statement.upper().startswith(("BEGIN", "PRAGMA", "ROLLBACK", "SAVEPOINT")):
            statements.append(statement)

    event.listen(engine, "before_cursor_execute", note)
    try:
        yield statements
    finally:
        event.remove(engine, "before_cursor_execute", note)


def statements_of(app: Flask, client: Client, path: str) -> list[str]:
    client.get(path)
    with counted(app) as found:
        answer = client.get(path)
    assert answer.status_code == 200, (path, answer.status_code)
    return found


@pytest.mark.parametrize("login", ["admin", "steward"])
def test_pages_ask_little(app: Flask, client: Client, estate: Estate, session: Any, login: str) -> None:
    client.login(login)
    grants = {"admin": "admin", "steward": "steward"}[login]
    for view in [view for view in appbuilder.baseviews if isinstance(view, ModelPage)]:
        name = type(view).__name__
        if client.get(f"{view.route_base}/list/").status_code in (302, 403):  # shut, or there is no list
            continue
        asked = statements_of(app, client, f"{view.route_base}/list/")
        assert 1 <= len(asked) <= LIST, (grants, name, len(asked), asked)
        table = view.datamodel.obj.__table__
        pk = session.scalar(table.select().with_only_columns(table.c.id).limit(1))
        if pk is None or client.get(f"{view.route_base}/show/{pk}").status_code != 200:
            continue
        for tab in ["", *(type(v).__name__ for v, _ in _tabs(view))]:
            asked = statements_of(app, client, f"{view.route_base}/show/{pk}?tab={tab}")
            assert 1 <= len(asked) <= SHOW, (grants, name, tab, len(asked), asked)


def test_resources_ask_the_same_for_one_row_as_for_many(app: Flask, client: Client, estate: Estate) -> None:
    client.authorize("admin")
    for api in [view for view in appbuilder.baseviews if isinstance(view, RestApi)]:
        one = statements_of(app, client, f"{api.route_base}/?q=(page_size:1)")
        many = statements_of(app, client, f"{api.route_base}/?q=(page_size:100)")
        assert len(many) <= LIST, (api.resource_name, many)
        assert len(many) <= len(one) + 1, (api.resource_name, many)


def _tabs(view: ModelPage) -> list[tuple[ModelPage, str]]:
    return view._related_pages()
