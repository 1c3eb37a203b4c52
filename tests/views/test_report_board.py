"""The notice-board sheet: one page of the published figures, with the code that leads to the report."""

from io import BytesIO

import pytest
from flask import Flask
from pypdf import PdfReader
from sqlalchemy import select
from sqlalchemy.orm import Session

from app.models import Community, Report
from app.reports.html import Formats
from app.services.reporting.words import translator
from app.views.report_board import SHOWN, board_sheet
from tests.support.client import Client

pytestmark = pytest.mark.usefixtures("demo_database")


@pytest.fixture
def latest(session: Session) -> Report:
    query = select(Report).join(Community).where(Community.code == "sunshine", Report.state == "published")
    return session.scalars(query.order_by(Report.month.desc()).limit(1)).one()


@pytest.mark.parametrize("locale", ["zh", "en"])
def test_one_page_says_the_reports_figures_and_where_it_is_read(client: Client, latest: Report, locale: str) -> None:
    client.login("manager")
    answer = client.get(f"/report/page/{latest.id}/board.pdf?lang={locale}")
    assert (answer.status_code, answer.mimetype) == (200, "application/pdf")
    pages = PdfReader(BytesIO(answer.data)).pages
    assert len(pages) == 1
    words = "".join(pages[0].extract_text().split())
    assert f"/reports/sunshine/{latest.month}/read" in words
    assert f"/reports/sunshine/{latest.month}/verify" in words
    formats = Formats(locale, translator(locale))
    for figure in latest.dataset["figures"]:
        if figure["code"] in SHOWN and figure["value"] is not None:
            assert "".join(formats.value(figure["unit"], figure["value"]).split()) in words, figure["code"]


def test_a_figure_that_was_not_measured_is_left_out_and_a_correction_says_so(app: Flask, latest: Report) -> None:
    with app.app_context():
        figures = [
            {**figure, "value": None} if figure["code"] == "satisfaction" else figure
            for figure in latest.dataset["figures"]
        ]
        shown = Report(
            community=latest.community, month=latest.month, version=2, dataset={**latest.dataset, "figures": figures}
        )
        sheet = board_sheet(shown, "en")
    assert "Satisfaction" not in [figure["name"] for figure in sheet["figures"]]
    assert sheet["version"] == "Erratum: version 2"


def test_it_is_made_of_published_reports_only_and_by_the_staff(
    client: Client, app: Flask, session: Session, latest: Report
) -> None:
    draft = Report(
        community_id=latest.community_id, month="2031-01", drafted_at=latest.drafted_at, dataset=latest.dataset
    )
    session.add(draft)
    session.commit()
    client.login("manager")
    assert client.get(f"/report/page/{draft.id}/board.pdf").status_code == 404
    assert client.get("/report/page/999999/board.pdf").status_code == 404
    owner = app.test_client()
    owner.login("owner")
    assert owner.get(f"/report/page/{latest.id}/board.pdf").status_code == 403
