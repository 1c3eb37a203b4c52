"""The import page: the same import as the command, for those who run the centre and nobody else."""

import io
from collections.abc import Callable
from typing import Any

import pytest
from flask import Flask
from openpyxl import Workbook, load_workbook
from sqlalchemy import func, select

from tests.support.client import Client
from tests.support.estate import Estate

HEADER = ("楼栋", "单元", "房号", "面积", "姓名", "电话")
GOOD = ("9", "1", "901", 89.32, "赵晓棠", "13912345678")


def sheet(*rows: tuple[Any, ...]) -> io.BytesIO:
    book = Workbook()
    page = book.active
    assert page is not None
    for row in (HEADER, *rows):
        page.append(row)
    output = io.BytesIO()
    book.save(output)
    output.seek(0)
    return output


@pytest.fixture
def houses(app: Flask) -> Callable[[], int]:
    def count() -> int:
        from app.extensions import db
        from app.models import House

        with app.app_context():
            return db.session.scalar(select(func.count()).select_from(House)) or 0

    return count


def upload(client: Client, content: io.BytesIO | None, action: str = "look", community: str = "sunshine") -> Any:
    data: dict[str, Any] = {"community": community, "action": action}
    if content is not None:
        data["sheet"] = (content, "estate.xlsx")
    return client.submit("/estate/import/", data, content_type="multipart/form-data")


def test_the_preview_writes_nothing_and_the_import_all(
    estate: Estate, client: Client, houses: Callable[[], int]
) -> None:
    client.login("manager")
    before = houses()
    looked = upload(client, sheet(GOOD))
    assert looked.status_code == 200
    assert "试运行" in looked.text
    assert houses() == before
    done = upload(client, sheet(GOOD), "import")
    assert done.status_code == 200
    assert "已导入" in done.text
    assert houses() == before + 1


def test_every_problem_is_shown_with_row_and_column(estate: Estate, client: Client, houses: Callable[[], int]) -> None:
    client.login("manager")
    before = houses()
    answer = upload(client, sheet(GOOD, ("9", "1", "902", "?", "<b>x</b>", "12")), "import")
    assert answer.status_code == 422
    assert "“?”不是有效的面积" in answer.text
    assert "“12”不是有效的电话号码" in answer.text
    assert houses() == before


@pytest.mark.parametrize("content", [None, io.BytesIO(b"not a workbook"), io.BytesIO(b"")])
def test_what_is_no_workbook_is_told_clearly(estate: Estate, client: Client, content: io.BytesIO | None) -> None:
    client.login("manager")
    answer = upload(client, content)
    assert answer.status_code == 400
    assert "Excel" in answer.text


def test_a_community_that_is_not_ones_own_is_not_there(estate: Estate, client: Client) -> None:
    client.login("manager")
    assert upload(client, sheet(GOOD), community="nowhere").status_code == 404


@pytest.mark.parametrize(
    "role", ["supervisor", "assistant", "steward", "technician", "finance", "quality", "owner", "resident"]
)
def test_others_do_not_import(estate: Estate, client: Client, houses: Callable[[], int], role: str) -> None:
    client.login(role)
    before = houses()
    assert client.get("/estate/import/").status_code in (302, 403, 404)
    assert upload(client, sheet(GOOD), "import").status_code in (302, 403, 404)
    assert houses() == before


def test_nobody_imports_without_login_or_token(estate: Estate, client: Client) -> None:
    assert client.get("/estate/import/").status_code in (302, 401)
    client.login("manager")
    assert client.post("/estate/import/", data={"community": "sunshine"}).status_code == 400


def test_the_sheet_to_fill_in_is_a_workbook(estate: Estate, client: Client) -> None:
    client.login("manager")
    answer = client.get("/estate/import/template.xlsx")
    page = load_workbook(io.BytesIO(answer.data)).active
    assert page is not None
    assert str(page["A1"].value).startswith("楼栋 Building")
