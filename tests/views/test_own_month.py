"""The personal supplement in the running application: on the report's page and as a file, for its own person only."""

import hashlib
from io import BytesIO
from typing import Any

import pytest
from flask import Flask
from pypdf import PdfReader
from sqlalchemy import select
from sqlalchemy.exc import OperationalError
from sqlalchemy.orm import Session

from app.adapters.files import inside
from app.models import Community, House, Report, ReportSupplement, Tenure
from app.services import supplements
from tests.support.client import Client

pytestmark = pytest.mark.usefixtures("demo_database")


@pytest.fixture
def latest(session: Session) -> Report:
    query = select(Report).join(Community).where(Community.code == "sunshine", Report.state == "published")
    return session.scalars(query.order_by(Report.month.desc()).limit(1)).one()


def kept(session: Session) -> list[ReportSupplement]:
    session.rollback()
    return list(session.scalars(select(ReportSupplement).order_by(ReportSupplement.id)))


def test_its_person_reads_it_on_the_page_and_the_staff_never(
    app: Flask, client: Client, session: Session, latest: Report
) -> None:
    path = f"/reports/sunshine/{latest.month}/read"
    for username in ("manager", "admin", "finance", "quality"):
        staff = app.test_client()
        staff.login(username)
        assert "data-own" not in staff.get(path).get_data(as_text=True)
        assert staff.get(f"/owner/reports/{latest.id}/own.pdf").status_code == 403
    assert kept(session) == []
    client.login("owner")
    page = client.get(path).get_data(as_text=True)
    mine = kept(session)[0]
    assert f'data-own="{mine.content_sha256}"' in page
    assert "3幢2单元1201" in page.partition('id="own"')[2]
    assert client.get(path).get_data(as_text=True).count("data-own") == 1
    assert len(kept(session)) == 1
    resident = app.test_client()
    resident.login("resident")
    theirs = resident.get(path).get_data(as_text=True)
    assert mine.content_sha256 not in theirs
    for bill in mine.content["bills"]:
        assert bill["amount"] not in theirs.partition('id="own"')[2]


def test_nobody_elses_house_stands_in_it(client: Client, session: Session, latest: Report) -> None:
    client.login("owner")
    words = client.get(f"/reports/sunshine/{latest.month}/read").get_data(as_text=True).partition('id="own"')[2]
    person = kept(session)[0].person_id
    own = set(session.scalars(select(House.name).join(Tenure).where(Tenure.person_id == person)))
    assert own
    for name in session.scalars(select(House.name).where(House.community_id == latest.community_id)):
        if name not in own and not any(one.startswith(name) for one in own):
            assert f">{name}<" not in words


def test_its_file_is_made_once_in_each_language_and_served_as_it_was(
    app: Flask, client: Client, session: Session, latest: Report
) -> None:
    client.login("owner")
    path = f"/owner/reports/{latest.id}/own.pdf"
    first = client.get(f"{path}?lang=zh")
    assert (first.status_code, first.mimetype) == (200, "application/pdf")
    mine = kept(session)[0]
    assert hashlib.sha256(first.data).hexdigest() == mine.sha256
    assert client.get(f"{path}?lang=zh").data == first.data
    text = "".join(page.extract_text() for page in PdfReader(BytesIO(first.data)).pages)
    assert mine.content_sha256[:20] in text.replace("\n", "")
    english = client.get(f"{path}?lang=en")
    assert hashlib.sha256(english.data).hexdigest() == kept(session)[0].sha256_en
    assert "Your balance" in "".join(page.extract_text() for page in PdfReader(BytesIO(english.data)).pages)
    with app.app_context():
        inside(app.extensions["settings"].data_dir, mine.file_path or "").write_bytes(b"%PDF-1.7 other")
    damaged = client.get(f"{path}?lang=zh")
    assert damaged.status_code == 409
    assert b"%PDF" not in damaged.data


def test_the_report_is_read_where_its_supplement_cannot_be_kept(
    client: Client, session: Session, latest: Report, monkeypatch: pytest.MonkeyPatch
) -> None:
    def locked(*_: Any) -> None:
        raise OperationalError("INSERT", {}, Exception("database is locked"))

    monkeypatch.setattr(supplements, "make", locked)
    client.login("owner")
    answer = client.get(f"/reports/sunshine/{latest.month}/read")
    assert answer.status_code == 200
    assert 'data-part="fees"' in answer.get_data(as_text=True)
    assert "data-own" not in answer.get_data(as_text=True)
    assert kept(session) == []


def test_what_is_not_there_is_404(client: Client, session: Session, latest: Report) -> None:
    draft = Report(community_id=latest.community_id, month="2031-01", drafted_at=latest.drafted_at)
    session.add(draft)
    session.commit()
    client.login("owner")
    assert client.get("/owner/reports/999999/own.pdf").status_code == 404
    assert client.get(f"/owner/reports/{draft.id}/own.pdf").status_code == 404
