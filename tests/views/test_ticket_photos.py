"""Photos of a ticket: own tickets only, shown as what they are, noted on the timeline, never half written."""

import io
import os
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select

from app.models import Attachment, Ticket, TicketEntry
from app.services.actors import Actor
from app.services.attachments import Limits, attach, sweep, taken_in
from app.services.transaction import transaction
from tests.support.client import Client
from tests.support.estate import Estate
from tests.support.pictures import photo

LETTER = b"%PDF-1.4\n1 0 obj<<>>endobj\ntrailer<<>>\n%%EOF\n"


@pytest.fixture
def numbers(estate: Estate, session: Any) -> dict[str, str]:
    found = {key: session.get(Ticket, pk).number for key, pk in estate.tickets.items()}
    session.rollback()
    return found


def files_in(data_dir: Path) -> list[Path]:
    return [path for path in (data_dir / "attachments").rglob("*") if path.is_file()]


def send(client: Client, number: str, *contents: bytes, stage: str = "before", name: str = "a.jpg", **more: str) -> Any:
    files = [(io.BytesIO(content), name) for content in contents]
    return client.submit(f"/ticket/{number}/photos", {"photos": files, "stage": stage, **more})


def send_raw(client: Client, number: str, *contents: bytes) -> Any:
    """A big form, written by hand: Werkzeug's builder would leave its temporary file open."""
    fields = {"csrf_token": client.csrf_token(), "stage": "before"}
    head = b'--cut\r\nContent-Disposition: form-data; name="%s"'
    parts = [head % name.encode() + b"\r\n\r\n" + value.encode() + b"\r\n" for name, value in fields.items()]
    parts += [head % b"photos" + b'; filename="a.jpg"\r\n\r\n' + content + b"\r\n" for content in contents]
    body = b"".join(parts) + b"--cut--\r\n"
    return client.post(f"/ticket/{number}/photos", data=body, content_type="multipart/form-data; boundary=cut")


def kept(session: Any) -> list[Attachment]:
    session.rollback()
    session.expire_all()
    return list(session.scalars(select(Attachment).order_by(Attachment.id)))


def test_photos_are_kept_shown_and_noted(
    client: Client, numbers: dict[str, str], session: Any, data_dir: Path, estate: Estate
) -> None:
    client.login("assistant")
    answer = send(client, numbers["own"], photo(), photo("PNG", colour="red"), caption="水表旁边")
    assert (answer.status_code, answer.location) == (302, f"/ticket/{numbers['own']}")
    first, second = kept(session)
    assert (first.stage, first.caption, first.uploader_name) == ("before", "水表旁边", "assistant")
    assert len(files_in(data_dir)) == 4
    entry = session.scalars(select(TicketEntry).where(TicketEntry.verb == "photo")).one()
    assert [item["id"] for item in entry.data["files"]] == [first.id, second.id]
    for address in (f"/attachment/{first.id}", f"/attachment/{first.id}/thumb"):
        shown = client.get(address)
        assert shown.status_code == 200 and shown.data.startswith(b"\xff\xd8")
        assert shown.mimetype == "image/jpeg"
        assert shown.headers["X-Content-Type-Options"] == "nosniff"
        assert shown.headers["Cache-Control"].startswith("private")
        assert shown.headers["Content-Disposition"].startswith("inline")
        assert "sandbox" in shown.headers["Content-Security-Policy"]
        again = client.get(address, headers={"If-None-Match": shown.headers["ETag"]})
        assert again.status_code == 304
    page = client.get(f"/ticket/{numbers['own']}").get_data(as_text=True)
    assert f'src="/attachment/{first.id}/thumb"' in page and 'loading="lazy"' in page


def test_a_letter_is_a_download_and_no_picture(
    client: Client, numbers: dict[str, str], session: Any, data_dir: Path
) -> None:
    client.login("assistant")
    assert send(client, numbers["own"], LETTER, stage="before", name="信.pdf").status_code == 400
    assert files_in(data_dir) == [] and kept(session) == []
    assert send(client, numbers["own"], LETTER, stage="evidence", name="信.pdf").status_code == 302
    (letter,) = kept(session)
    shown = client.get(f"/attachment/{letter.id}")
    assert shown.headers["Content-Disposition"].startswith("attachment")
    assert client.get(f"/attachment/{letter.id}/thumb").status_code == 404


@pytest.mark.parametrize(
    "role, own, far",
    [
        ("assistant", 200, 200),
        ("steward", 200, 404),
        ("technician", 404, 404),
        ("finance", 200, 200),
        ("quality", 200, 200),
        ("admin", 200, 200),
        ("owner", 200, 404),
        ("resident", 404, 404),
    ],
)
def test_a_photo_is_seen_with_its_ticket_and_by_nobody_else(
    client: Client, numbers: dict[str, str], session: Any, data_dir: Path, role: str, own: int, far: int
) -> None:
    client.login("admin")
    for key in ("own", "far", "foreign"):
        assert send(client, numbers[key], photo()).status_code == 302
    ids = [row.id for row in kept(session)]
    client.submit("/logout/")
    client.login(role)
    statuses = [client.get(f"/attachment/{pk}{part}").status_code for pk in ids[:2] for part in ("", "/thumb")]
    assert statuses == [own, own, far, far]
    if role not in ("admin", "quality"):
        assert client.get(f"/attachment/{ids[2]}").status_code == 404


def test_strangers_and_households_add_nothing_here(client: Client, numbers: dict[str, str], session: Any) -> None:
    assert send(client, numbers["own"], photo()).status_code == 302
    for role in ("owner", "quality", "finance"):
        client.login(role)
        assert send(client, numbers["own"], photo()).status_code == 403
        client.submit("/logout/")
    client.login("steward")
    assert send(client, numbers["far"], photo()).status_code == 404
    assert kept(session) == []


def test_a_household_does_not_see_evidence_gathered_by_us(
    client: Client, numbers: dict[str, str], session: Any, data_dir: Path
) -> None:
    client.login("assistant")
    send(client, numbers["own"], photo(), stage="evidence")
    client.submit("/logout/")
    client.login("owner")
    assert client.get(f"/attachment/{kept(session)[0].id}").status_code == 404


@pytest.mark.parametrize("number", ["0", "99999999999999999999", "-1", "1%00", "../1"])
def test_strange_ids_are_not_found(client: Client, estate: Estate, number: str) -> None:
    client.login("admin")
    assert client.get(f"/attachment/{number}").status_code == 404


def test_one_bad_file_and_nothing_is_written(
    client: Client, numbers: dict[str, str], session: Any, data_dir: Path
) -> None:
    client.login("assistant")
    svg = b"<svg onload=alert(1)>"
    answer = send(client, numbers["own"], photo(), svg, name="x.jpg", caption="留着")
    page = answer.get_data(as_text=True)
    assert answer.status_code == 400 and 'role="alert"' in page and "x.jpg" in page and "留着" in page
    assert kept(session) == [] and files_in(data_dir) == []


def test_too_many_none_and_a_wrong_stage_are_sentences(
    client: Client, numbers: dict[str, str], session: Any, data_dir: Path
) -> None:
    client.login("assistant")
    small = photo(size=(8, 8))
    assert send(client, numbers["own"], *[small] * 9).status_code == 400
    assert send(client, numbers["own"]).status_code == 400
    assert send(client, numbers["own"], small, stage="later").status_code == 400
    assert kept(session) == [] and files_in(data_dir) == []


def test_a_photo_of_a_telephone_passes_and_a_bigger_one_is_told(
    client: Client, numbers: dict[str, str], session: Any, data_dir: Path
) -> None:
    """More than the application takes otherwise: the form with photos has a limit of its own."""
    client.login("assistant")
    big = photo(size=(64, 64)) + os.urandom(9_500_000)
    assert send_raw(client, numbers["own"], big, big + b"x", big + b"y").status_code == 302
    too_big = send_raw(client, numbers["own"], b"\xff\xd8" + b"\0" * 11_000_000)
    assert too_big.status_code == 400 and 'role="alert"' in too_big.get_data(as_text=True)


def test_the_same_photo_a_second_time_is_passed_over(
    client: Client, numbers: dict[str, str], session: Any, data_dir: Path
) -> None:
    client.login("assistant")
    for _ in range(2):
        assert send(client, numbers["own"], photo()).status_code == 302
    assert len(kept(session)) == 1


def test_without_the_token_nothing_is_taken(client: Client, numbers: dict[str, str], session: Any) -> None:
    client.login("assistant")
    answer = client.post(f"/ticket/{numbers['own']}/photos", data={"photos": [(io.BytesIO(photo()), "a.jpg")]})
    assert answer.status_code == 400
    assert kept(session) == []


def test_a_failing_transaction_leaves_no_file(estate: Estate, session: Any, data_dir: Path, now: datetime) -> None:
    upload = io.BytesIO(photo())
    upload.filename = "a.jpg"  # type: ignore[attr-defined]
    seen = []

    def fail() -> None:
        with taken_in(data_dir, [upload], now, Limits(8, 10)) as files, transaction() as session:
            ticket = session.get_one(Ticket, estate.tickets["own"])
            attach(session, ticket, files, stage="report", actor=Actor.system("test"), now=now)
            seen.extend(files_in(data_dir))
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        fail()
    assert len(seen) == 2
    assert files_in(data_dir) == []


def test_orphans_of_a_crash_are_swept_after_a_day_and_nothing_else(
    client: Client, numbers: dict[str, str], session: Any, data_dir: Path
) -> None:
    client.login("assistant")
    send(client, numbers["own"], photo())
    (row,) = kept(session)
    folder = (data_dir / row.file_path).parent
    old, young = folder / "orphan.jpg", folder / "young.jpg"
    for path in (old, young):
        path.write_bytes(b"x")
    later = row.at + timedelta(days=3)
    for path in files_in(data_dir):
        os.utime(path, (row.at.timestamp(), row.at.timestamp()))
    os.utime(young, (later.timestamp(), later.timestamp()))
    with transaction() as writing:
        assert sweep(writing, data_dir, later) == 1
    assert not old.exists() and young.exists()
    assert client.get(f"/attachment/{row.id}").status_code == 200


def test_the_limits_are_the_administrators(
    client: Client, new_client: Any, numbers: dict[str, str], session: Any
) -> None:
    admin = new_client()
    admin.login("admin")
    for key, value in (("most_files", "2"), ("most_megabytes", "1"), ("most_on_ticket", "10")):
        assert admin.submit(f"/settingview/edit/uploads.{key}", {"value": value}).status_code == 302
    client.login("assistant")
    client.get("/lang/zh")
    field = client.get(f"/ticket/{numbers['own']}/photos").text
    assert 'data-most="2"' in field
    assert f'data-bytes="{1024 * 1024}"' in field
    small = [photo(size=(8, n)) for n in range(8, 30)]
    assert send(client, numbers["own"], *small[:3]).status_code == 400
    assert "1 MB" in send_raw(client, numbers["own"], b"\xff\xd8" + b"0" * 1_100_000).text
    for start in range(0, 10, 2):
        assert send(client, numbers["own"], *small[start : start + 2]).status_code == 302
    assert send(client, numbers["own"], small[20]).status_code == 400
    assert len(kept(session)) == 10
