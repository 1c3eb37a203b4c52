"""Steps that say what they will do, forms that are sent twice, files that are not what they seem."""

import io
import re
import zipfile
from datetime import timedelta
from threading import Barrier, Thread
from typing import Any

import pytest
from sqlalchemy import func, select

from app.errors import Invalid
from app.models import Building, FormKey, Ticket, TicketEntry
from app.services.actors import Actor
from app.services.once import forget_old, once
from app.services.transaction import transaction
from app.services.uploads import PHOTOS, SHEETS, check_count, check_size_and_kind
from tests.support.client import Client
from tests.support.estate import Estate

FORM = {"kind": "repair", "channel": "desk", "category": "water", "title": "卫生间漏水"}
KEY = "0123456789abcdef" * 2


def key_in(page: str) -> str:
    found = re.search(r'name="form_key" value="([0-9a-f]{32})"', page)
    assert found, "the form carries no key"
    return found[1]


def tickets(session: Any) -> int:
    session.rollback()
    return int(session.scalar(select(func.count()).select_from(Ticket).where(Ticket.title == FORM["title"])))


def test_a_replayed_new_ticket_leads_to_the_first_one(client: Client, estate: Estate, session: Any) -> None:
    client.login("assistant")
    form = FORM | {"house_id": estate.houses["own"], "form_key": key_in(client.get("/ticket/new").text)}
    first, second = client.submit("/ticket/new", form), client.submit("/ticket/new", form)
    assert (first.status_code, second.status_code) == (302, 302)
    assert second.location == first.location
    assert tickets(session) == 1


def test_another_matter_written_into_the_same_page_is_not_lost(client: Client, estate: Estate, session: Any) -> None:
    client.login("assistant")
    form = FORM | {"house_id": estate.houses["own"], "form_key": KEY}
    first = client.submit("/ticket/new", form)
    second = client.submit("/ticket/new", form | {"description": "阳台也漏"})
    assert first.location != second.location
    assert tickets(session) == 2


def test_a_refused_form_keeps_its_key_and_may_be_sent_again(client: Client, estate: Estate, session: Any) -> None:
    client.login("assistant")
    refused = client.submit("/ticket/new", FORM | {"house_id": estate.houses["foreign"], "form_key": KEY})
    assert key_in(refused.text) == KEY
    assert client.submit("/ticket/new", FORM | {"house_id": estate.houses["own"], "form_key": KEY}).status_code == 302
    assert tickets(session) == 1


def test_the_key_of_one_person_says_nothing_to_another(client: Client, estate: Estate, session: Any) -> None:
    form = FORM | {"house_id": estate.houses["own"], "form_key": KEY}
    locations = []
    for name in ("assistant", "supervisor"):
        client.login(name)
        locations.append(client.submit("/ticket/new", form).location)
        client.submit("/logout/")
    assert len(set(locations)) == 2


def test_owners_and_tables_are_guarded_too(client: Client, estate: Estate, session: Any) -> None:
    client.login("owner")
    form = {"kind": "repair", "title": FORM["title"], "house_id": estate.houses["own"]}
    form["form_key"] = key_in(client.get("/owner/new").text)
    assert client.submit("/owner/new", form).location == client.submit("/owner/new", form).location
    assert tickets(session) == 1
    client.submit("/logout/")
    client.login("admin")
    form = {"community": estate.home, "number": "9", "name": "9幢", "position": "9"}
    form["form_key"] = key_in(client.get("/buildingview/add").text)
    first, second = client.submit("/buildingview/add", form), client.submit("/buildingview/add", form)
    assert (first.status_code, second.status_code) == (302, 302)
    assert first.location == second.location
    session.rollback()
    assert session.scalar(select(func.count()).select_from(Building).where(Building.name == "9幢")) == 1


def test_a_note_sent_twice_stands_once_on_the_timeline(client: Client, estate: Estate, session: Any) -> None:
    number = session.get(Ticket, estate.tickets["own"]).number
    session.rollback()
    client.login("assistant")
    key = key_in(client.get(f"/ticket/{number}").text.partition(f'action="/ticket/{number}/note"')[2])
    for _time in range(2):
        assert client.submit(f"/ticket/{number}/note", {"note": "钥匙在前台", "form_key": key}).status_code == 302
    assert client.submit(f"/ticket/{number}/note", {"note": "另一件事", "form_key": key}).status_code == 302
    session.rollback()
    notes = session.scalars(select(TicketEntry.note).where(TicketEntry.verb == "note").order_by(TicketEntry.id)).all()
    assert notes == ["钥匙在前台", "另一件事"]


def test_old_keys_are_forgotten(app: Any, estate: Estate, session: Any, now: Any) -> None:
    from flask_appbuilder.security.sqla.models import User

    user_id = session.scalar(select(User.id).where(User.username == "assistant"))
    actor = Actor(user_id=user_id, username="assistant", display_name="a")
    with transaction() as writing:
        once(writing, KEY, actor, now).led_to("/x")
        assert once(writing, KEY, actor, now).address == "/x"
        assert forget_old(writing, now + timedelta(days=1)) == 0
        assert forget_old(writing, now + timedelta(days=8)) == 1
    assert session.scalar(select(func.count()).select_from(FormKey)) == 0


@pytest.mark.postgres_only
def test_two_clicks_at_once_make_one(app: Any, new_client: Any, estate: Estate, session: Any) -> None:
    clients = [new_client(), new_client()]
    for each in clients:
        each.login("assistant")
    form = FORM | {"house_id": estate.houses["own"], "form_key": KEY}
    ready, found = Barrier(2), []

    def click(each: Client) -> None:
        ready.wait()
        found.append(each.submit("/ticket/new", form).location)

    threads = [Thread(target=click, args=(each,)) for each in clients]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(set(found)) == 1
    assert tickets(session) == 1


def test_without_scripts_a_page_asks_before_the_step(client: Client, estate: Estate, session: Any) -> None:
    client.login("assistant")
    form = FORM | {"house_id": estate.houses["own"], "confirm": "All <b>residents</b> are called.",
                   "confirm_button": "Call them"}  # fmt: skip
    asked = client.submit("/ticket/new", form)
    assert asked.status_code == 200
    assert "All &lt;b&gt;residents&lt;/b&gt; are called." in asked.text
    assert "Call them" in asked.text
    assert tickets(session) == 0
    kept = dict(re.findall(r'<input type="hidden" name="([a-z_]+)" value="([^"]*)"', asked.text))
    assert "confirm" not in kept
    assert kept["title"] == FORM["title"]
    assert client.submit("/ticket/new", kept).status_code == 302
    assert tickets(session) == 1


def test_asking_needs_the_token_too(client: Client, estate: Estate) -> None:
    client.login("assistant")
    assert client.post("/ticket/new", data=FORM | {"confirm": "x"}).status_code == 400


def archive(part: str) -> bytes:
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w") as package:
        package.writestr(part, "x")
    return target.getvalue()


GOOD = {
    "jpeg": b"\xff\xd8\xff\xe0" + b"x" * 20,
    "png": b"\x89PNG\r\n\x1a\n" + b"x" * 20,
    "webp": b"RIFF\x10\x00\x00\x00WEBPVP8 ",
    "heic": b"\x00\x00\x00\x18ftypheic" + b"x" * 20,
    "xlsx": archive("xl/workbook.xml"),
}


@pytest.mark.parametrize("kind", list(GOOD))
def test_a_file_is_known_by_its_content(kind: str) -> None:
    checked = check_size_and_kind(io.BytesIO(GOOD[kind]), "C:\\Bilder\\a.exe", kinds=(*PHOTOS, *SHEETS))
    assert (checked.kind, checked.name, checked.size) == (kind, "a.exe", len(GOOD[kind]))


@pytest.mark.parametrize(
    "content", [b"", b"<svg onload=alert(1)>", b"MZ\x90", b"%PDF-1.7", archive("word/document.xml"), b"PK\x03\x04rubbish",
                b"\x00\x00\x00\x18ftypqt  "]
)  # fmt: skip
def test_what_is_no_photo_is_refused_whatever_it_is_called(content: bytes) -> None:
    with pytest.raises(Invalid):
        check_size_and_kind(content, "photo.jpg", kinds=(*PHOTOS, *SHEETS))


def test_a_file_too_big_is_not_read_to_its_end() -> None:
    stream = io.BytesIO(GOOD["png"] + b"x" * 5000)
    with pytest.raises(Invalid, match="at most"):
        check_size_and_kind(stream, "a.png", most_bytes=1024)
    assert stream.tell() == 1025


def test_too_many_files_are_refused() -> None:
    check_count(["a", "b"], 2)
    with pytest.raises(Invalid, match="3"):
        check_count(["a", "b", "c"], 2)
