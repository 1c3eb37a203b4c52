"""Trap 1 of design G2: FAB's actions take any row by its id, on GET, without a token. `stock` shows that they do."""

from collections.abc import Callable
from typing import Any

import pytest
from flask import Flask, g
from flask_appbuilder import ModelView
from flask_appbuilder.actions import action
from flask_appbuilder.models.sqla.interface import SQLAInterface
from flask_appbuilder.security.sqla.models import User
from sqlalchemy import select
from werkzeug.exceptions import HTTPException

from app.errors import Refused
from app.models import House
from app.views.base.model_page import ModelPage
from app.views.base.rows import RowInterface
from app.views.base.safety import MOST_ACTED_ON
from tests.support.estate import Estate

stock = pytest.param("stock", marks=pytest.mark.xfail(strict=True, reason="what FAB does by itself"))
Act = Callable[..., Any]


class Marks:
    """An action that remembers the houses it was given."""

    acted: list[Any]

    @action("mark", "Mark", "", "fa-check")
    def mark(self, items: Any) -> Any:
        for item in items if isinstance(items, list) else [items]:
            self.acted.append(item.id if item is not None else None)
        if getattr(self, "refuses", False):
            raise Refused("The rules forbid it.")
        return "done"


class OurHouses(Marks, ModelPage):
    datamodel = RowInterface(House)
    title = singular = "Houses"
    list_columns = show_columns = ["name"]


class StockHouses(Marks, ModelView):
    datamodel = SQLAInterface(House)
    list_columns = ["name"]


@pytest.fixture
def act(app: Flask, estate: Estate, monkeypatch: pytest.MonkeyPatch) -> Act:
    """act(base, keys, method=…) runs the action as the steward, who looks after building 1 only; gives what was acted on."""
    from app.extensions import appbuilder, db

    def run(base: str, *keys: int, method: str = "POST", many: bool = True, refuses: bool = False) -> list[Any]:
        kind = OurHouses if base == "ours" else StockHouses
        form = {"action": "mark", "rowid": [str(key) for key in keys]}
        with app.test_request_context("/", method=method, data=form if method == "POST" else None):
            g.user = db.session.scalars(select(User).where(User.username == "steward")).one()
            monkeypatch.setattr(appbuilder.sm, "has_access", lambda *_: True)
            view = kind()
            view.appbuilder, view.acted, view.refuses = appbuilder, [], refuses
            monkeypatch.setattr(view, "get_redirect", lambda: "/", raising=False)
            view.action_post() if many else view.action("mark", str(keys[0]))
            return view.acted

    return run


@pytest.mark.parametrize("base", ["ours", stock])
def test_a_foreign_row_is_not_acted_on(base: str, act: Act, estate: Estate) -> None:
    with pytest.raises(HTTPException) as refusal:
        act(base, estate.houses["far"], many=False)
    assert refusal.value.code == 404


@pytest.mark.parametrize("base", ["ours", stock])
def test_one_foreign_row_among_own_ones_stops_the_action(base: str, act: Act, estate: Estate) -> None:
    with pytest.raises(HTTPException) as refusal:
        act(base, estate.houses["own"], estate.houses["foreign"])
    assert refusal.value.code == 404


@pytest.mark.parametrize("many", [True, False])
def test_own_rows_are_acted_on(act: Act, estate: Estate, many: bool) -> None:
    assert act("ours", estate.houses["own"], many=many) == [estate.houses["own"]]


@pytest.mark.parametrize("base", ["ours", stock])
def test_too_many_rows_at_once_are_refused(base: str, act: Act) -> None:
    with pytest.raises(HTTPException) as refusal:
        act(base, *range(1, MOST_ACTED_ON + 2))
    assert refusal.value.code == 413


def test_a_refusal_of_the_rules_is_a_sentence_and_no_error(act: Act, estate: Estate) -> None:
    assert act("ours", estate.houses["own"], refuses=True) == [estate.houses["own"]]


def test_actions_take_posts_only(app: Flask) -> None:
    rules = [rule for rule in app.url_map.iter_rules() if rule.endpoint.endswith((".action", ".action_post"))]
    assert rules
    assert {tuple(sorted(rule.methods - {"OPTIONS"})) for rule in rules} == {("POST",)}


def test_an_action_needs_the_token(client: Any, estate: Estate) -> None:
    client.login("admin")
    sent = {"action": "no_such_action", "rowid": "1"}
    assert client.post("/houseview/action_post", data=sent).status_code == 400
    assert client.submit("/houseview/action_post", sent).status_code == 404  # let in, and there is no such action
