"""Photos over REST: metadata, bytes, adding one; the checks of the pages; own, a colleague's and a stranger's ticket."""

import io
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select

from app.models import Attachment, Ticket, TicketEntry
from tests.support.client import Client
from tests.support.estate import Estate
from tests.support.pictures import gps_photo, photo

PATH = "/api/v1/attachment/"
LETTER = b"%PDF-1.4\n1 0 obj<<>>endobj\ntrailer<<>>\n%%EOF\n"


def send(client: Client, ticket_id: object, content: bytes = b"", name: str = "a.jpg", **fields: str) -> Any:
    return client.post(PATH, data={"ticket_id": str(ticket_id), "file": (io.BytesIO(content), name), **fields})


def kept(session: Any) -> list[Attachment]:
    session.rollback()
    return list(session.scalars(select(Attachment).order_by(Attachment.id)))


def test_a_photo_is_added_listed_and_fetched(client: Client, estate: Estate, session: Any) -> None:
    client.authorize("assistant")
    answer = send(client, estate.tickets["own"], gps_photo(), stage="before", caption="水表旁边")
    assert answer.status_code == 201, answer.text
    body = answer.get_json()
    row = body["result"]
    assert (row["ticket_id"], row["stage"], row["caption"]) == (estate.tickets["own"], "before", "水表旁边")
    assert (row["content_type"], row["uploader_name"], row["width"]) == ("image/jpeg", "assistant", 120)
    assert "file_path" not in row
    assert client.get(
        PATH, query_string={"q": f"(filters:!((col:ticket_id,opr:eq,value:{row['ticket_id']})))"}
    ).get_json()["result"] == [row]
    assert client.get(f"{PATH}{body['id']}").get_json()["result"] == row
    for what in ("file", "thumb"):
        shown = client.get(f"{PATH}{body['id']}/{what}")
        assert (shown.status_code, shown.mimetype) == (200, "image/jpeg")
        assert shown.data.startswith(b"\xff\xd8")
        assert b"SecretCamera" not in shown.data
        assert shown.headers["X-Content-Type-Options"] == "nosniff"
    assert session.scalars(select(TicketEntry.verb).where(TicketEntry.verb == "photo")).all() == ["photo"]


def test_the_same_file_again_is_its_row_and_no_second_one(client: Client, estate: Estate, session: Any) -> None:
    client.authorize("assistant")
    first = send(client, estate.tickets["own"], photo(), stage="before")
    again = send(client, estate.tickets["own"], photo(), stage="after")
    assert (first.status_code, again.status_code) == (201, 200)
    assert first.get_json() == again.get_json()
    assert len(kept(session)) == 1


@pytest.mark.parametrize(
    ("content", "name", "stage"),
    [
        (b"", "a.jpg", "before"),
        (b"<script>", "a.jpg", "before"),
        (photo()[:300], "a.jpg", "before"),
        (photo(), "a.jpg", "sideways"),
        (photo(), "a.jpg", ""),
        (LETTER, "a.pdf", "after"),
        (photo(), "", "before"),
    ],
)
def test_what_the_pages_refuse_is_refused_here(
    client: Client, estate: Estate, session: Any, data_dir: Path, content: bytes, name: str, stage: str
) -> None:
    client.authorize("assistant")
    answer = send(client, estate.tickets["own"], content, name, stage=stage)
    assert answer.status_code == 400, answer.text
    assert answer.get_json()["message"]
    assert kept(session) == []
    assert [path for path in (data_dir / "attachments").rglob("*") if path.is_file()] == []


def test_two_files_or_none_and_json_are_refused(client: Client, estate: Estate) -> None:
    client.authorize("assistant")
    two = [(io.BytesIO(photo()), "a.jpg"), (io.BytesIO(photo("PNG")), "b.png")]
    assert client.post(PATH, data={"ticket_id": str(estate.tickets["own"]), "file": two}).status_code == 400
    assert client.post(PATH, data={"ticket_id": str(estate.tickets["own"])}).status_code == 400
    assert client.post(PATH, json={"ticket_id": estate.tickets["own"]}).status_code == 404


@pytest.mark.parametrize(
    ("login", "own", "far", "foreign"),
    [
        ("assistant", True, True, False),
        ("steward", True, False, False),
        ("technician", False, False, False),
        ("owner", True, False, False),
        ("stranger", False, False, True),
        ("finance", None, None, None),
    ],
)
def test_rows_are_the_tickets(
    client: Client, new_client: Any, estate: Estate, login: str, own: bool, far: bool, foreign: bool
) -> None:
    admin = new_client()
    admin.authorize("admin")
    there = {
        key: send(admin, estate.tickets[key], photo(), stage="report").get_json()["id"]
        for key in ("own", "far", "foreign")
    }
    client.authorize(login)
    for key, mine in (("own", own), ("far", far), ("foreign", foreign)):
        if mine is None:  # finance reads its community's, and adds nothing
            assert send(client, estate.tickets[key], photo("PNG"), stage="report").status_code == 403
            continue
        for path in (f"{PATH}{there[key]}", f"{PATH}{there[key]}/file", f"{PATH}{there[key]}/thumb"):
            assert client.get(path).status_code == (200 if mine else 404), (key, path)
        assert send(client, estate.tickets[key], photo("PNG"), stage="report").status_code == (201 if mine else 404)
    assert client.get(PATH).status_code == 200


def test_a_household_adds_what_it_reports_and_sees_no_evidence(
    client: Client, new_client: Any, estate: Estate, session: Any
) -> None:
    staff = new_client()
    staff.authorize("assistant")
    evidence = send(staff, estate.tickets["own"], photo(colour="red"), stage="evidence").get_json()["id"]
    client.authorize("owner")
    assert client.get(f"{PATH}{evidence}").status_code == 404
    assert client.get(f"{PATH}{evidence}/file").status_code == 404
    assert send(client, estate.tickets["own"], photo(), stage="evidence").status_code == 400
    assert send(client, estate.tickets["own"], photo()).get_json()["result"]["stage"] == "report"
    session.get(Ticket, estate.tickets["own"]).state = "closed"
    session.commit()
    assert send(client, estate.tickets["own"], photo("PNG")).status_code == 409, "what is settled takes no more"


def test_nobody_gets_in_without_a_token(client: Client, estate: Estate) -> None:
    assert client.get(PATH).status_code == 401
    assert client.get(f"{PATH}1/file").status_code == 401
    assert send(client, estate.tickets["own"], photo()).status_code == 401


def test_it_is_described(client: Client, estate: Estate) -> None:
    client.authorize("admin")
    described = client.get("/api/v1/_openapi").get_json()["paths"]
    taken = described["/api/v1/attachment/"]["post"]["requestBody"]["content"]
    assert list(taken) == ["multipart/form-data"]
    assert "/api/v1/attachment/{pk}/file" in described
