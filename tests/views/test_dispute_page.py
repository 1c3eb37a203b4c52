"""A dispute between neighbours on its pages (D5): by role and row, from the complaint to the papers, and what each side may read."""

import io
from datetime import datetime
from typing import Any

import pytest
from flask import Flask
from pypdf import PdfReader
from sqlalchemy import select

from app.models import AccessEntry, Attachment, DisputeEvidence, DisputeParty, DisputeStatement, Person, Ticket
from tests.support.client import Client
from tests.support.complaints import complaint_of_each_house, logged_in
from tests.support.estate import Estate
from tests.support.pictures import photo
from tests.views.test_statements import statements_of

OWNER_SAYS, OTHER_SAYS = "对门每天清晨拉琴", "我七点以后才练琴"
WRITERS = ("admin", "manager", "deputy", "supervisor", "assistant", "steward")
ROWS = {
    **{key: {"own": 200, "far": 200, "foreign": 404} for key in ("manager", "deputy", "supervisor", "assistant")},
    **{key: {"own": 200, "far": 200, "foreign": 200} for key in ("admin", "quality")},
    "steward": {"own": 200, "far": 404, "foreign": 404},
    **{key: {"own": 403, "far": 403, "foreign": 403} for key in ("technician", "finance", "owner", "resident")},
}


@pytest.fixture
def numbers(app: Flask, client: Client, new_client: Any, estate: Estate, session: Any, now: datetime) -> dict[str, str]:
    """A dispute on the complaint of each house; in that of `own` the owner (a login) against 李四 of the house beside."""
    made = complaint_of_each_house(app, estate, now)
    own = session.scalars(select(Ticket).where(Ticket.number == made["own"])).one()
    own.reporter_id, own.reporter_name = estate.people["own"], "张三"
    session.commit()
    desk = logged_in(new_client, "admin")
    for number in made.values():
        assert desk.submit(f"/ticket/{number}/dispute", {"matter": "disturbance"}).status_code == 302
    sent = {"name": "李四", "house_id": str(estate.houses["next"]), "phone": "13900000011"}
    assert desk.submit(f"/ticket/{made['own']}/dispute/party", sent).status_code == 302
    return made


def sides(session: Any, number: str) -> list[int]:
    session.rollback()
    statement = select(DisputeParty.id).join(Ticket).where(Ticket.number == number).order_by(DisputeParty.place)
    found = list(session.scalars(statement))
    session.rollback()
    return found


def heard(client: Client, session: Any, number: str) -> None:
    """Both sides, read back and confirmed."""
    for party, words in zip(sides(session, number), (OWNER_SAYS, OTHER_SAYS), strict=True):
        sent = {"party_id": party, "words": words, "alone": "1"}
        assert client.submit(f"/ticket/{number}/dispute/statement", sent).status_code == 302
        newest = session.scalars(select(DisputeStatement.id).order_by(DisputeStatement.id.desc())).first()
        session.rollback()
        sent = {"statement_id": newest, "state": "confirmed"}
        assert client.submit(f"/ticket/{number}/dispute/read", sent).status_code == 302


@pytest.mark.parametrize("role", ROWS)
def test_pages_and_steps_are_for_ones_own_rows(
    client: Client, numbers: dict[str, str], session: Any, role: str
) -> None:
    client.login(role)
    for key, status in ROWS[role].items():
        number = numbers[key]
        assert client.get(f"/ticket/{number}/dispute/file").status_code == status, key
        if status != 200:
            for paper in ("file.pdf", "statement/1.pdf", "agreement/1.pdf"):
                assert client.get(f"/ticket/{number}/dispute/{paper}").status_code == status, paper
        party = sides(session, number)[0]
        sent = {"party_id": party, "words": "x", "alone": "1"}
        taken = client.submit(f"/ticket/{number}/dispute/statement", sent).status_code == 302
        assert taken == (status == 200 and role in WRITERS), key
        count = len(session.scalars(select(DisputeStatement.id).where(DisputeStatement.party_id == party)).all())
        assert count == int(taken)
        session.rollback()


def test_from_the_complaint_to_the_agreement(client: Client, numbers: dict[str, str], session: Any, app: Flask) -> None:
    number = numbers["own"]
    client.login("assistant")
    assert "邻里纠纷" in client.get(f"/ticket/{number}").text
    heard(client, session, number)
    files = {"kind": "photo", "party_id": sides(session, number)[0], "what": "琴房照片", "form_key": "a" * 32}
    for _again in range(2):
        photos = [(io.BytesIO(photo(size=(40, 30))), "a.jpg")]
        answer = client.submit(f"/ticket/{number}/dispute/evidence", {**files, "photos": photos})
        assert answer.status_code == 302
    assert session.scalars(select(DisputeEvidence.what)).all() == ["琴房照片"], "sent twice, listed once"
    session.rollback()
    refused = client.submit(
        f"/ticket/{number}/dispute/talk", {"way": "together", "notes": "各自说明", "outcome": "agreement"}
    )
    assert refused.status_code == 400
    assert "请勾选" in refused.text
    assert "各自说明" in refused.text, "what was typed is still there"
    talk = {
        "way": "together", "notes": "各自说明", "present_1": "1", "present_2": "1", "outcome": "agreement",
        "agreement": "周末九点后练琴", "signed_1": "1", "signed_2": "1",
    }  # fmt: skip
    assert client.submit(f"/ticket/{number}/dispute/talk", talk).status_code == 302
    page = client.get(f"/ticket/{number}/dispute/file").text
    for words in (OWNER_SAYS, OTHER_SAYS, "琴房照片", "甲方", "乙方", "周末九点后练琴", "达成调解协议", 'alt="证据1'):
        assert words in page, words
    record = client.get(f"/ticket/{number}/record").text
    assert "证据清单" in record
    assert "周末九点后练琴" in record
    for secret in (OWNER_SAYS, OTHER_SAYS, "李四", "琴房照片"):
        assert secret not in record, secret
    assert client.submit(f"/ticket/{number}/dispute/nonsense").status_code == 404
    assert client.get(f"/ticket/{number}/dispute/statement/9.pdf").status_code == 404
    assert client.get(f"/ticket/{number}/dispute/nonsense/1.pdf").status_code == 404
    assert len(statements_of(app, client, f"/ticket/{number}/dispute/file")) <= 13


def test_the_statement_sheet_holds_one_side_and_the_file_is_audited(
    client: Client, numbers: dict[str, str], session: Any
) -> None:
    number = numbers["own"]
    client.login("supervisor")
    heard(client, session, number)
    text = _text(client.get(f"/ticket/{number}/dispute/statement/2.pdf?lang=zh").data)
    taken = session.scalars(select(AccessEntry.subject).where(AccessEntry.action == "exported")).all()
    assert [number in subject for subject in taken] == [True], "that it left the system is kept"
    assert OTHER_SAYS in text
    assert "李四" in text
    for secret in (OWNER_SAYS, "张三", "楼上吵闹"):
        assert secret not in text, secret
    whole = _text(client.get(f"/ticket/{number}/dispute/file.pdf?lang=zh").data)
    assert OWNER_SAYS in whole
    assert OTHER_SAYS in whole
    assert session.scalars(select(AccessEntry.subject).where(AccessEntry.action == "exported")).all()
    session.rollback()


def test_a_signed_sheet_is_kept_and_shown_to_no_household(
    client: Client, new_client: Any, numbers: dict[str, str], session: Any
) -> None:
    number = numbers["own"]
    client.login("assistant")
    client.submit(
        f"/ticket/{number}/dispute/statement", {"party_id": sides(session, number)[1], "words": "x", "alone": "1"}
    )
    said = session.scalars(select(DisputeStatement.id)).one()
    session.rollback()
    sent = {"statement_id": said, "state": "signed"}
    assert client.submit(f"/ticket/{number}/dispute/read", {**sent, "signature": "nonsense"}).status_code == 400
    assert client.submit(f"/ticket/{number}/dispute/read", sent).status_code == 400
    photos = [(io.BytesIO(photo(size=(40, 30))), "a.jpg")]
    assert client.submit(f"/ticket/{number}/dispute/read", {**sent, "photos": photos}).status_code == 302
    sheet = session.scalars(select(Attachment.id)).one()
    session.rollback()
    assert client.get(f"/attachment/{sheet}").status_code == 200
    assert logged_in(new_client, "owner").get(f"/attachment/{sheet}").status_code == 404


def test_each_side_reads_its_own_and_nothing_of_the_other(
    client: Client, new_client: Any, numbers: dict[str, str], session: Any, estate: Estate
) -> None:
    number = numbers["own"]
    heard(logged_in(new_client, "assistant"), session, number)
    mine, other = sides(session, number)
    # The login of another community's owner stands for 李四, whom the desk knows by name and house.
    stranger = session.get_one(Person, estate.people["foreign"])
    neighbour = session.get_one(Person, estate.people["next"])
    assert session.get_one(DisputeParty, other).person_id == neighbour.id
    login_id, stranger.user_id = stranger.user_id, None
    session.flush()
    neighbour.user_id = login_id
    session.commit()
    client.login("owner")
    assert f"/owner/said/{mine}" in client.get("/owner/matters").text
    own = client.get(f"/owner/said/{mine}").text
    assert OWNER_SAYS in own
    assert OTHER_SAYS not in own
    assert "李四" not in own
    assert client.get(f"/owner/said/{other}").status_code == 404
    assert client.get(f"/owner/said/{2**40}").status_code == 404
    page = client.get(f"/owner/ticket/{number}").text
    assert OTHER_SAYS not in page
    assert "李四" not in page
    neighbours = logged_in(new_client, "stranger")
    assert OTHER_SAYS in neighbours.get(f"/owner/said/{other}").text
    assert neighbours.get(f"/owner/said/{mine}").status_code == 404
    assert neighbours.get(f"/owner/ticket/{number}").status_code == 404
    assert logged_in(new_client, "resident").get(f"/owner/said/{mine}").status_code == 404
    rest = new_client().authorize("owner")
    steps = rest.get(
        f"/api/v1/ticket/{session.scalars(select(Ticket.id).where(Ticket.number == number)).one()}/timeline"
    )
    session.rollback()
    assert "dispute" not in steps.text


def test_rest_opens_a_dispute_as_any_step(
    client: Client, app: Flask, estate: Estate, session: Any, now: datetime
) -> None:
    number = complaint_of_each_house(app, estate, now)["own"]
    pk = session.scalars(select(Ticket.id).where(Ticket.number == number)).one()
    session.rollback()
    client.authorize("assistant")
    assert client.post(f"/api/v1/ticket/{pk}/dispute", json={"matter": "nonsense"}).status_code == 400
    assert client.post(f"/api/v1/ticket/{pk}/dispute", json={}).status_code == 400
    sent = {"matter": "leak", "name": "李四", "house_id": estate.houses["next"]}
    assert client.post(f"/api/v1/ticket/{pk}/dispute", json=sent).status_code == 200
    assert len(sides(session, number)) == 2


def _text(data: bytes) -> str:
    return "".join(page.extract_text() for page in PdfReader(io.BytesIO(data)).pages).replace("\n", "")
