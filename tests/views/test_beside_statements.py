"""SQL statements of the pages beside the tables: the first pages with the records of the small estate, and the files of one row
with all that may stand in them."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import func, select

from app.models import Community, FeeReminder, House
from app.services import arrears_case, reminders
from app.services.actors import Actor
from app.services.transaction import transaction
from tests.support.client import Client
from tests.support.estate import Estate
from tests.support.lived import Lived, live
from tests.views.test_statements import LIST, SHOW, statements_of

PAGES = {
    "manager": (
        "/appraisals/", "/arrears/", "/billing/", "/books/", "/costs/", "/duty/", "/knowledge/", "/plan/", "/records/", "/special/",
        "/survey/", "/visit/",
    ),
    "deputy": ("/drill/", "/drill/?show=improve", "/drill/?show=overdue", "/drill/?show=undrilled"),
    "finance": ("/books/cash", "/payments/", "/reminders/"),
    "quality": ("/figures/", "/knowledge/?show=turn", "/plan/?show=turn"),
}  # fmt: skip
ROBOT = Actor.system("tests")


@pytest.mark.parametrize(("login", "path"), [(login, path) for login, paths in PAGES.items() for path in paths])
def test_pages_beside_the_tables_ask_little(app: Flask, client: Client, estate: Estate, login: str, path: str) -> None:
    client.login(login)
    asked = statements_of(app, client, path)
    assert 1 <= len(asked) <= LIST, asked


@pytest.fixture
def lived(app: Flask, estate: Estate, frozen: Any, now: datetime) -> Lived:
    """One record of each kind; the house `own` in arrears was reminded, has rested, and has a reason noted."""
    with app.app_context(), transaction() as session:
        made = live(session, estate, now)
        house = session.get_one(House, estate.houses["own"])
        arrears_case.note_reason(session, house, {"reason": "promised", "note": "月底付"}, ROBOT, now)
        arrears_case.hold(session, house, {"kind": "hardship", "note": "经理同意"}, ROBOT, now)
        arrears_case.lift(session, house, ROBOT, now)
        reminders.run(session, session.get_one(Community, estate.home), now + timedelta(days=20))
        assert session.scalar(select(func.count()).select_from(FeeReminder).where(FeeReminder.house_id == house.id))
    return made


def test_the_file_of_a_house_in_arrears_asks_little(app: Flask, client: Client, estate: Estate, lived: Lived) -> None:
    client.login("finance")
    path = f"/arrears/house/{estate.houses['own']}"
    page = client.get(path).get_data(as_text=True)
    for words in ("月底付", "经理同意", "员工steward", "95.60"):
        assert words in page, words
    assert 1 <= len(asked := statements_of(app, client, path)) <= SHOW, asked


def test_the_file_of_a_dispute_asks_little(app: Flask, client: Client, lived: Lived) -> None:
    client.login("supervisor")
    path = f"/ticket/{lived.dispute}/dispute/file"
    page = client.get(path).get_data(as_text=True)
    for words in ("对门每天清晨拉琴", "我七点以后才练琴", "监控室", "晚八点后不练琴"):
        assert words in page, words
    assert 1 <= len(asked := statements_of(app, client, path)) <= SHOW, asked


def test_a_drill_and_its_record_ask_little(app: Flask, client: Client, lived: Lived) -> None:
    client.login("manager")
    assert "演练时水泵房钥匙找不到" in client.get(f"/drill/{lived.drill}").get_data(as_text=True)
    for path in (f"/drill/{lived.drill}", f"/drill/{lived.drill}/record", f"/drill/{lived.coming}/edit"):
        assert 1 <= len(asked := statements_of(app, client, path)) <= SHOW, (path, asked)


def test_the_list_of_reminders_asks_as_much_for_many_houses(app: Flask, client: Client, lived: Lived) -> None:
    client.login("finance")
    for path in ("/reminders/", "/reminders/made", "/reminders/letters"):
        assert 1 <= len(asked := statements_of(app, client, path)) <= LIST, (path, asked)
