"""The published report as a page: the same figures as the file, for the same people, readable on a telephone."""

import re
from collections.abc import Callable
from html.parser import HTMLParser
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select
from sqlalchemy.orm import Session

from app.errors import LinliError
from app.models import Community, Message, Report
from app.reports.html import build_html
from app.reports.versions import template_version
from app.reports.web import WebReport, codes_of, web_report
from app.services.reporting.words import LOCALES
from tests.reports import sample
from tests.reports.test_document import words_of
from tests.support.client import Client

CELLS = ("th", "td", "p", "li", "figcaption", "caption", "dd", "dt")


class _Texts(HTMLParser):
    """Texts of cells and paragraphs, those of charts by their drawing."""

    def __init__(self) -> None:
        super().__init__()
        self.open: list[list[str]] = []
        self.cells: list[str] = []
        self.charts: list[list[str]] = []
        self.labels: list[str] = []
        self.heads = 0
        self.in_chart = False

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag == "svg":
            self.charts.append([])
            self.in_chart = True
        if tag in CELLS:
            self.open.append([])
            self.labels += [value or "" for name, value in attrs if name == "data-label"]
        self.heads += tag == "h2"

    def handle_endtag(self, tag: str) -> None:
        if tag == "svg":
            self.in_chart = False
        if tag in CELLS and self.open:
            self.cells.append(" ".join("".join(self.open.pop()).split()))

    def handle_data(self, data: str) -> None:
        if self.in_chart:
            if data.strip():
                self.charts[-1].append(data.strip())
        elif self.open:
            self.open[-1].append(data)


def texts_of(markup: str) -> _Texts:
    found = _Texts()
    found.feed(markup)
    return found


@pytest.fixture(params=LOCALES)
def page(request: pytest.FixtureRequest) -> WebReport:
    return web_report(sample.edition(), request.param)


def whole(page: WebReport) -> _Texts:
    return texts_of(str(page.letter) + "".join(str(part.content) for part in page.parts))


def test_every_cell_and_sentence_of_the_document_stands_on_the_page_in_the_same_order(page: WebReport) -> None:
    document = build_html(sample.edition(), page.locale)
    on_paper = texts_of(document[document.index('<div class="letter">') :])
    on_page = whole(page)
    assert len(on_page.cells) > 150
    assert on_page.cells == on_paper.cells


def test_every_figure_of_the_page_stands_in_the_file(page: WebReport, rendered: Callable[[str], bytes]) -> None:
    printed = re.sub(r"\s", "", words_of(rendered(page.locale)))
    for part in page.parts:
        for cell in texts_of(str(part.content)).cells:
            if re.search(r"\d", cell) and len(cell) < 24:
                assert re.sub(r"\s", "", cell) in printed, (part.code, cell)


def test_a_chart_says_the_same_on_a_telephone_and_is_that_of_the_file(page: WebReport) -> None:
    found = whole(page)
    on_paper = texts_of(build_html(sample.edition(), page.locale)).charts
    charts = [chart for chart in found.charts if len(chart) > 1]
    wide, narrow = charts[::2], charts[1::2]
    assert len(wide) == len(narrow) >= 6
    assert wide == [chart for chart in on_paper if len(chart) > 1]
    for one, other in zip(wide, narrow, strict=True):
        assert one[0] == other[0]  # the alternative text
        assert set(numbers(one)) - hours(one) <= set(numbers(other)) | hours(other)


def numbers(chart: list[str]) -> list[str]:
    return [number for text in chart[1:] for number in re.findall(r"[\d,.]+", text)]


def hours(chart: list[str]) -> set[str]:
    """An axis names fewer hours where it is narrow."""
    return {number for text in chart if re.fullmatch(r"\d+:00", text) for number in re.findall(r"\d+", text)}


def test_cells_name_their_column_and_headings_go_one_level_down(page: WebReport) -> None:
    found = whole(page)
    assert len(found.labels) > 100
    assert not [label for label in found.labels if not label.strip()]
    assert found.heads == 0
    assert [part.code for part in page.parts] == codes_of(sample.edition()["dataset"])


def test_data_of_an_earlier_kind_are_refused_with_a_sentence() -> None:
    edition = sample.edition()
    del edition["dataset"]["sections"]["requests"]["judged"]
    with pytest.raises(LinliError, match="earlier version"):
        web_report(edition, "zh")
    with pytest.raises(LinliError, match="earlier version"):
        web_report({**edition, "dataset": {}}, "zh")


@pytest.mark.parametrize("unit, value", [("kilograms", 3), ("rate", "n/a"), ("yuan", "x"), ("minutes", "x")])
def test_a_figure_of_a_unit_that_is_known_no_more_is_refused_with_a_sentence(unit: str, value: object) -> None:
    edition = sample.edition()
    edition["dataset"]["figures"][0] |= {"unit": unit, "value": value, "last_month": value, "last_year": value}
    with pytest.raises(LinliError, match="earlier version"):
        web_report(edition, "zh")


@pytest.fixture
def latest(session: Session) -> Report:
    """The newest published report of the demo community."""
    query = select(Report).join(Community).where(Community.code == "sunshine", Report.state == "published")
    return session.scalars(query.order_by(Report.month.desc()).limit(1)).one()


@pytest.mark.usefixtures("demo_database")
class TestPage:
    """In the running application."""

    def test_it_is_read_by_the_people_of_its_community_and_by_nobody_else(
        self, app: Flask, client: Client, latest: Report, user: Callable[..., Any]
    ) -> None:
        path = f"/reports/sunshine/{latest.month}/read"
        for username in ("owner", "resident", "assistant", "technician", "quality", "admin"):
            reader = app.test_client()
            reader.login(username)
            answer = reader.get(path)
            assert (username, answer.status_code) == (username, 200)
            assert latest.sha256 in answer.get_data(as_text=True)
        asked = client.get(path)
        assert (asked.status_code, "/login" in asked.location) == (302, True)
        name = user("owner")
        stranger = app.test_client()
        stranger.login(getattr(name, "username", name))
        assert stranger.get(path).status_code in (403, 404)

    def test_language_and_version_are_chosen_in_the_address(self, client: Client, latest: Report) -> None:
        client.login("owner")
        path = f"/reports/sunshine/{latest.month}/read"

        def shown(**asked: str) -> str:
            return client.get(path, query_string=asked).get_data(as_text=True)

        chinese, english, both = shown(lang="zh"), shown(lang="en"), shown(lang="both")
        assert ("费用收缴" in chinese, "Fees and collection" in chinese) == (True, False)
        assert ("费用收缴" in english, "Fees and collection" in english) == (False, True)
        assert both.index("费用收缴") < both.index("Fees and collection")
        assert both.count('data-part="fees"') == 1
        assert "费用收缴" in shown(lang="tlh")
        assert "费用收缴" in shown()
        assert client.get(f"{path}?version=1").status_code == 200
        for nonsense in ("2", "0", "x", "99999999999999999999"):
            assert client.get(path, query_string={"version": nonsense}).status_code == 404
        for nowhere in ("sunshine/2031-01", "nowhere/2026-01", "sunshine/x", "%00/2026-01"):
            assert client.get(f"/reports/{nowhere}/read").status_code == 404

    def test_an_earlier_version_leads_to_the_latest(self, client: Client, session: Session, latest: Report) -> None:
        facts = {column.key: getattr(latest, column.key) for column in Report.__table__.columns if column.key != "id"}
        session.add(Report(**facts | {"version": 2, "erratum_reason": "收缴率更正。"}))
        latest.state = "superseded"
        session.commit()
        client.login("owner")
        path = f"/reports/sunshine/{latest.month}/read"
        newest = client.get(path).get_data(as_text=True)
        assert "data-newer" not in newest
        assert "收缴率更正。" in newest
        earlier = client.get(f"{path}?version=1").get_data(as_text=True)
        assert 'data-newer="2"' in earlier
        assert f'href="{path}"' in earlier

    def test_it_says_where_its_words_are_not_those_of_the_file(
        self, client: Client, session: Session, latest: Report
    ) -> None:
        facts = {column.key: getattr(latest, column.key) for column in Report.__table__.columns if column.key != "id"}
        session.add(Report(**facts | {"version": 2, "template_version": "1-0000000000000000"}))
        is_todays = latest.template_version == template_version()
        latest.state = "superseded"
        session.commit()
        client.login("owner")
        path = f"/reports/sunshine/{latest.month}/read"
        assert "data-wording" in client.get(path).get_data(as_text=True)
        assert ("data-wording" in client.get(f"{path}?version=1").get_data(as_text=True)) == (not is_todays)

    def test_it_asks_no_other_host_and_keeps_the_content_policy(self, client: Client, latest: Report) -> None:
        client.login("owner")
        page = client.get(f"/reports/sunshine/{latest.month}/read").get_data(as_text=True)
        assert re.findall(r'(?:src|href)="(?:https?:)?//', page) == []
        assert " style=" not in page

    def test_it_is_reached_from_where_reports_are_met(self, app: Flask, session: Session, latest: Report) -> None:
        path = f"/reports/sunshine/{latest.month}/read"
        owner = app.test_client()
        owner.login("owner")
        for where in ("/owner/", "/owner/reports", f"/reports/sunshine/{latest.month}/verify"):
            assert path in owner.get(where).get_data(as_text=True), where
        manager = app.test_client()
        manager.login("manager")
        assert path in manager.get(f"/report/page/{latest.id}").get_data(as_text=True)
        letter = session.scalars(select(Message).where(Message.report_id == latest.id).limit(1)).first()
        assert letter is None or path in letter.body
