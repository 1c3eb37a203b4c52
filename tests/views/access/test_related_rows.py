"""What a row points to is told only to whom the other row is open, too: in lists, on pages, in exports and in REST."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import inspect

from app.extensions import appbuilder
from app.models import Call, Loan
from app.services.access import WAYS
from app.services.transaction import transaction
from app.views.base.model_page import ModelPage
from app.views.base.related import TELLS
from app.views.base.rest import RestApi
from tests.support.client import Client
from tests.support.estate import Estate


@pytest.fixture
def pointing(app: Flask, estate: Estate, now: datetime) -> dict[str, int]:
    """A call of a known person, and a key lent out for a house that is not in the steward's building."""
    with app.app_context(), transaction() as session:
        session.get_one(Call, estate.calls["own"]).person_id = estate.people["own"]
        loan = Loan(community_id=estate.home, house_id=estate.houses["far"], kind="key", what="备用钥匙", taken_by="装修队",
                    lent_at=now, lent_by="x", due_at=now + timedelta(days=1))  # fmt: skip
        session.add(loan)
        session.flush()
        return {"callview": estate.calls["own"], "loanview": loan.id}


@pytest.mark.parametrize(
    ("view", "word", "told", "untold"),
    [("callview", "张三", "manager", "quality"), ("loanview", "2幢1单元101", "assistant", "steward")],
)
def test_a_row_s_reader_does_not_read_what_it_points_to_elsewhere(
    client: Client, pointing: dict[str, int], new_client: Any, view: str, word: str, told: str, untold: str
) -> None:
    for login, reads in ((told, True), (untold, False)):
        reader = new_client()
        reader.login(login)
        for path in (f"/{view}/list/", f"/{view}/show/{pointing[view]}"):
            answer = reader.get(path)
            assert answer.status_code == 200, (login, path)
            assert reads or word not in answer.text, (login, path)
        assert (word in answer.text) == reads, (login, "the row's own page")
        answer = reader.submit(f"/{view}/export/csv", buffered=True)
        assert answer.status_code in (200, 403)
        assert reads or word not in answer.get_data().decode("utf-8-sig"), login


def test_what_a_row_tells_of_itself_is_a_row_some_table_points_to(app: Flask) -> None:
    for model, names in TELLS.items():
        for name in names:
            assert inspect(model).relationships[name].mapper.class_ in WAYS, (model, name)


def test_every_table_a_shown_row_points_to_has_a_line_or_is_a_login(app: Flask) -> None:
    bare = set()
    for view in appbuilder.baseviews:
        if isinstance(view, ModelPage | RestApi):
            shown = view.columns if isinstance(view, RestApi) else (*view.list_columns, *view.show_columns)
            ties = inspect(view.datamodel.obj).relationships
            targets = {ties[name].mapper.class_ for name in {each.partition(".")[0] for each in shown} if name in ties}
            bare |= {target.__name__ for target in targets if target not in WAYS}
    assert bare <= {"User", "Role"}
