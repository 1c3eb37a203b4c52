"""Trap 3 of design G2: one mutable Filters a view, shared by all threads. `stock` mixes them up."""

import threading
from collections.abc import Callable
from typing import Any

import pytest
from flask import Flask
from flask_appbuilder import ModelRestApi, ModelView
from flask_appbuilder.models.sqla.filters import FilterEqual
from flask_appbuilder.models.sqla.interface import SQLAInterface

from app.models import House
from app.views.base.model_page import ModelPage
from app.views.base.rest import RestApi
from app.views.base.rows import RowInterface
from tests.support.client import Client
from tests.support.estate import Estate

THREADS = 8


class OurPage(ModelPage):
    datamodel = RowInterface(House)
    title = singular = "Houses"
    list_columns = show_columns = search_columns = ["name"]


class OurApi(RestApi):
    resource_name = "threads"
    datamodel = RowInterface(House)
    columns = ("id", "name")


class StockPage(ModelView):
    datamodel = SQLAInterface(House)
    list_columns = search_columns = ["name"]


class StockApi(ModelRestApi):
    datamodel = SQLAInterface(House)
    list_columns = search_columns = ["name"]


def _stock(kind: type[Any]) -> Any:
    return pytest.param(kind, marks=pytest.mark.xfail(strict=True, reason="what FAB does by itself"))


@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize("kind", [OurPage, OurApi, _stock(StockPage), _stock(StockApi)])
def test_each_request_has_filters_of_its_own(app: Flask, kind: type[Any]) -> None:
    with app.test_request_context("/"):
        view = kind()
    met = threading.Barrier(THREADS)
    seen: dict[int, list[Any]] = {}

    def ask(turn: int) -> None:
        with app.test_request_context("/"):
            view._filters.clear_filters()
            view._filters.add_filter("name", FilterEqual, f"house {turn}")
            met.wait(10)
            seen[turn] = list(view._filters.values)

    threads = [threading.Thread(target=ask, args=(turn,)) for turn in range(THREADS)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(20)
    assert seen == {turn: [f"house {turn}"] for turn in range(THREADS)}


def test_eight_threads_each_see_their_own_search(app: Flask, estate: Estate, new_client: Callable[[], Client]) -> None:
    names = {"own": "1幢1单元101", "next": "1幢1单元102"}
    wrong: list[str] = []

    def ask(mine: str, other: str) -> None:
        client = new_client()
        client.login("admin")
        for _ in range(6):
            page = client.get("/houseview/list/", query_string={"_flt_0_name": names[mine]}).get_data(as_text=True)
            rows = page.partition("<tbody>")[2]
            if names[mine] not in rows or names[other] in rows:
                wrong.append(mine)

    pairs = [("own", "next"), ("next", "own")] * (THREADS // 2)
    threads = [threading.Thread(target=ask, args=pair) for pair in pairs]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    assert wrong == []
