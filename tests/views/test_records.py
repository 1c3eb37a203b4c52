"""`/records/…`: who sees which record, review and signature as buttons, versions, the PDF with hash and names."""

import io
from datetime import datetime, timedelta
from typing import Any

import pytest
from flask import Flask
from pypdf import PdfReader
from sqlalchemy import select

from app.models import Community, DutyShift, Handover, SignedRecord
from app.services import handovers
from app.services.duty_paper import subject
from app.services.transaction import transaction
from tests.support.client import Client
from tests.support.complaints import complaint_of_each_house, logged_in
from tests.support.estate import Estate
from tests.support.trail import taken_out

HOUR = timedelta(hours=1)


@pytest.fixture
def numbers(app: Flask, estate: Estate, now: datetime) -> dict[str, str]:
    return complaint_of_each_house(app, estate, now)


@pytest.fixture
def shift(app: Flask, estate: Estate, frozen: Any, now: datetime) -> tuple[str, str]:
    """The record of the shift that has just ended, and the handover after it, as addresses."""
    with app.app_context(), transaction() as session:
        for name, start in (("steward", -12), ("technician", 0)):
            session.add(
                DutyShift(
                    community_id=estate.home, tier="on_duty", staff_id=estate.staff[name], number="+8613900139001",
                    starts_at=now + start * HOUR, ends_at=now + (start + 12) * HOUR,
                )
            )  # fmt: skip
        session.flush()
        home = session.get_one(Community, estate.home)
        handovers.write_due(session, home, now)
        return (
            f"/records/duty/{subject(home, now - 12 * HOUR)}",
            f"/records/handover/{session.query(Handover).one().id}",
        )


ROWS = {
    "admin": {"own": 200, "far": 200, "foreign": 200},
    "manager": {"own": 200, "far": 200, "foreign": 404},
    "supervisor": {"own": 200, "far": 200, "foreign": 404},
    "assistant": {"own": 200, "far": 200, "foreign": 404},
    "quality": {"own": 200, "far": 200, "foreign": 200},
    "steward": {"own": 403, "foreign": 403},
    "technician": {"own": 403, "foreign": 403},
    "finance": {"own": 403},
    "owner": {"own": 403, "foreign": 403},
}


@pytest.mark.parametrize("role", ROWS)
def test_a_record_is_for_those_who_see_its_complaint(client: Client, numbers: dict[str, str], role: str) -> None:
    client.login(role)
    for key, status in ROWS[role].items():
        assert client.get(f"/records/complaint/{numbers[key]}").status_code == status, key
        if status == 404:
            assert client.submit(f"/records/complaint/{numbers[key]}/review").status_code == 404


def test_reviewed_and_signed_as_buttons_and_frozen(numbers: dict[str, str], new_client: Any, session: Any) -> None:
    path = f"/records/complaint/{numbers['own']}"
    supervisor, manager = logged_in(new_client, "supervisor"), logged_in(new_client, "manager")
    page = supervisor.get(path).get_data(as_text=True)
    assert f'action="{path}/review"' in page
    assert f'action="{path}/review"' not in manager.get(path).get_data(as_text=True)
    assert manager.submit(f"{path}/sign").status_code == 409
    assert manager.submit(f"{path}/review").status_code == 403
    assert supervisor.submit(f"{path}/review", {"sha256": "0" * 64, "remark": "没写完的话"}).status_code == 409
    assert supervisor.submit(f"{path}/review", {"remark": "已核对"}).status_code == 302
    listed = manager.get("/records/?show=sign").get_data(as_text=True)
    assert path in listed
    assert 'data-rows="1"' in manager.get("/").get_data(as_text=True)
    assert manager.submit(f"{path}/sign").status_code == 302
    (record,) = session.scalars(select(SignedRecord)).all()
    assert (record.state, record.content["remark"]) == ("signed", "已核对")
    assert supervisor.submit(f"{path}/correct", {"reason": ""}).status_code == 400
    assert supervisor.submit(f"{path}/correct", {"reason": "补充证人", "remark": "二版"}).status_code == 302
    newest = manager.get(path).get_data(as_text=True)
    assert "补充证人" in newest
    assert "二版" in newest
    older = manager.get(f"{path}?version=1").get_data(as_text=True)
    assert record.sha256 in older
    assert "已核对" in older
    assert f'href="{path}"' in older


def test_the_pdf_has_version_hash_and_names(numbers: dict[str, str], new_client: Any, session: Any) -> None:
    path = f"/records/complaint/{numbers['own']}"
    supervisor = logged_in(new_client, "supervisor")
    assert supervisor.submit(f"{path}/review", {"remark": "已核对"}).status_code == 302
    logged_in(new_client, "manager").submit(f"{path}/sign")
    (record,) = session.scalars(select(SignedRecord)).all()
    answer = supervisor.get(f"{path}.pdf?lang=zh")
    assert (answer.status_code, answer.mimetype) == (200, "application/pdf")
    words = "".join(page.extract_text() for page in PdfReader(io.BytesIO(answer.data)).pages).replace("\n", "")
    for said in (numbers["own"], "客户投诉记录表", "已核对", record.sha256, record.signed_by, record.reviewed_by):
        assert said in words, said
    printed = supervisor.get(f"/ticket/{numbers['own']}/record").get_data(as_text=True)
    assert record.sha256 in printed
    ((subject, kind, pk),) = taken_out(session)
    assert (numbers["own"] in subject, kind, pk) == (True, "signed_record", record.id)


@pytest.mark.parametrize("locale", ["zh", "en"])
def test_shift_and_handover_are_pages_of_their_own(
    client: Client, shift: tuple[str, str], numbers: dict[str, str], locale: str
) -> None:
    client.login("supervisor")
    client.get(f"/lang/{locale}")
    duty, handover = (client.get(path) for path in shift)
    assert (duty.status_code, handover.status_code) == (200, 200)
    assert {"zh": "双方签字后", "en": "after both sides have signed"}[locale] in handover.get_data(as_text=True)
    assert {"zh": "值班记录表", "en": "Duty record"}[locale] in duty.get_data(as_text=True)
    assert client.submit(f"{shift[1]}/review").status_code == 409
    assert client.submit(f"{shift[0]}/review").status_code == 302
    assert client.submit(f"{shift[0]}/nothing").status_code == 404
    assert client.get("/records/duty/nowhere").status_code == 404
    assert client.get("/records/duty/nowhere.pdf").status_code == 404
    for show in ("review", "sign", "signed", "all", "x"):
        assert client.get(f"/records/?show={show}&kind=duty&page=99999999999").status_code == 200
