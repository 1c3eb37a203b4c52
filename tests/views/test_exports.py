"""Lists as files: only one's own rows, the list's filters and columns, no formulas, and a line in the audit trail."""

import csv
import io
import sqlite3
from collections.abc import Iterator
from typing import Any

import pytest
from openpyxl import load_workbook
from sqlalchemy import make_url

from app.models import AccessEntry, Ticket
from app.services import exports
from app.views.base import exporting
from tests.support.client import Client
from tests.support.estate import Estate


def lines(answer: Any) -> list[list[str]]:
    assert answer.status_code == 200, answer.get_data(as_text=True)[:300]
    data = answer.get_data()
    assert data.startswith(b"\xef\xbb\xbf"), "spreadsheets know UTF-8 by its mark"
    return list(csv.reader(io.StringIO(data.decode("utf-8-sig"))))


def taken(client: Client, path: str) -> Any:
    """The whole file: it is sent in pieces while the request is alive."""
    return client.submit(path, buffered=True)


def test_only_own_rows_under_the_filters_leave(client: Client, estate: Estate) -> None:
    client.login("assistant")
    everything = lines(taken(client, "/ticketview/export/csv"))
    assert not any("foreign" in " ".join(line) for line in everything)
    some = lines(taken(client, "/ticketview/export/csv?q=own"))
    assert len(some) == 2
    assert len(everything) > 2


def test_the_columns_are_the_kept_ones(client: Client, estate: Estate) -> None:
    client.login("manager")
    client.get("/lang/zh")
    client.submit("/ticketview/arrange", {"columns": ["number", "state"]})
    assert lines(taken(client, "/ticketview/export/csv"))[0] == ["编号", "状态"]


def test_a_workbook_opens(client: Client, estate: Estate, session: Any) -> None:
    client.login("manager")
    client.get("/lang/zh")
    answer = taken(client, "/ticketview/export/xlsx")
    sheet = load_workbook(io.BytesIO(answer.get_data())).worksheets[0]
    values = list(sheet.iter_rows(values_only=True))
    assert values[0][0] == "编号"
    assert len(values) - 1 == session.query(Ticket).filter(Ticket.community_id == estate.home).count()


@pytest.mark.parametrize("way", ["csv", "xlsx"])
@pytest.mark.parametrize("title", ["=1+1", "+cmd|' /C calc'!A0", "-2+3", "@SUM(A1)", "\t=1", "\r=1", " =1+1"])
def test_no_text_is_a_formula(client: Client, estate: Estate, session: Any, way: str, title: str) -> None:
    session.get(Ticket, estate.tickets["own"]).title = title
    session.commit()
    client.login("manager")
    answer = taken(client, f"/ticketview/export/{way}")
    if way == "csv":
        cells = [cell for line in lines(answer) for cell in line]
    else:
        book = load_workbook(io.BytesIO(answer.get_data()))
        found = [cell for row in book.worksheets[0].iter_rows() for cell in row]
        assert not any(cell.data_type == "f" for cell in found)
        cells = [str(cell.value) for cell in found]
    assert any(cell.startswith("'") for cell in cells)
    assert not any(cell.lstrip().startswith(("=", "+", "@")) for cell in cells)


def test_every_export_stands_in_the_audit_trail(client: Client, estate: Estate, session: Any) -> None:
    client.login("manager")
    taken(client, "/houseview/export/csv?_flt_0_state=occupied").get_data()
    entry = session.query(AccessEntry).filter_by(action="exported").one()
    assert entry.user_id is not None
    assert "csv" in entry.subject


def test_exports_have_a_permission_of_their_own(client: Client, estate: Estate, session: Any) -> None:
    client.login("technician")
    assert client.get("/ticketview/list/").status_code == 200
    assert "/export/" not in client.get("/ticketview/list/").get_data(as_text=True)
    assert taken(client, "/ticketview/export/csv").status_code in (302, 403)
    client.submit("/logout/")
    client.login("assistant")
    assert taken(client, "/personview/export/csv").status_code in (302, 403)
    assert session.query(AccessEntry).filter_by(action="exported").count() == 0


def test_an_export_is_no_link(client: Client, estate: Estate) -> None:
    client.login("manager")
    assert client.get("/ticketview/export/csv").status_code == 405
    assert client.post("/ticketview/export/csv").status_code == 400, "the form's token is asked for"
    assert taken(client, "/ticketview/export/exe").status_code == 404


def test_a_long_list_stops_with_a_sentence(client: Client, estate: Estate, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("app.views.base.exporting.MOST_ROWS", 1)
    client.login("manager")
    client.get("/lang/zh")
    found = lines(taken(client, "/ticketview/export/csv"))
    assert len(found) == 3
    assert "缩小筛选范围" in found[-1][0]


def test_pieces_are_small_however_long_the_list() -> None:
    pieces = exports.csv_pieces(["a"], ([f"{n:060}"] for n in range(5000)))
    sizes = [len(piece) for piece in pieces]
    assert len(sizes) > 2
    assert max(sizes) < 2 * exports.PIECE


@pytest.mark.parametrize("way", ["csv", "xlsx"])
def test_others_write_while_a_list_is_read(
    client: Client, estate: Estate, database_url: str, monkeypatch: pytest.MonkeyPatch, way: str
) -> None:
    if not database_url.startswith("sqlite"):
        pytest.skip("only SQLite has one writer for everything")
    name = "csv_pieces" if way == "csv" else "workbook_pieces"
    makes: Any = getattr(exporting, name)
    wrote = []

    def observed(rows: Iterator[Any]) -> Iterator[Any]:
        for row in rows:
            other = sqlite3.connect(make_url(database_url).database or "", timeout=0, isolation_level=None)
            other.execute("BEGIN IMMEDIATE")
            other.execute("UPDATE ticket SET title = title || '!' WHERE id = ?", (estate.tickets["own"],))
            other.execute("COMMIT")
            other.close()
            wrote.append(row)
            yield row

    monkeypatch.setattr(exporting, name, lambda *given: makes(*given[:-1], observed(given[-1])))
    client.login("manager")
    assert taken(client, f"/ticketview/export/{way}").status_code == 200
    assert len(wrote) > 1
