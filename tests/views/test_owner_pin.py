"""The telephone PIN on the owner's page, and the desk's hand on a locked one: nobody else's, never the digits."""

from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select

from app.models import Person, VoicePin
from app.services.transaction import transaction
from tests.support.client import Client
from tests.support.estate import Estate

PIN = "482917"


def pins(session: Any) -> list[VoicePin]:
    session.expire_all()
    session.rollback()
    return list(session.scalars(select(VoicePin)))


@pytest.mark.parametrize(
    ("pin", "again", "status", "words"),
    [
        (PIN, PIN, 302, ""),
        ("123456", "123456", 400, "太容易"),
        ("48291", "48291", 400, "六位数字"),
        (PIN, "482918", 400, "不一致"),
        ("", "", 400, "六位数字"),
    ],
)
def test_an_owner_sets_a_pin(client: Client, estate: Estate, session: Any, pin, again, status, words) -> None:
    client.login("owner")
    answer = client.submit("/owner/pin", {"pin": pin, "again": again})
    page = answer.get_data(as_text=True)
    assert answer.status_code == status, page
    assert words in page
    assert f'value="{pin}"' not in page or not pin
    assert len(pins(session)) == (status == 302)


def test_a_resident_has_none(client: Client, estate: Estate, session: Any) -> None:
    client.login("resident")
    assert "只有业主" in client.get("/owner/pin").get_data(as_text=True)
    assert client.submit("/owner/pin", {"pin": PIN, "again": PIN}).status_code == 409
    assert pins(session) == []


def test_an_owner_takes_it_off(client: Client, estate: Estate, session: Any) -> None:
    client.login("owner")
    client.submit("/owner/pin", {"pin": PIN, "again": PIN})
    assert client.submit("/owner/pin", {"remove": "1"}).status_code == 302
    assert pins(session) == []


@pytest.mark.parametrize(
    ("role", "status"), [("assistant", 302), ("manager", 302), ("steward", 404), ("owner", 404), ("quality", 404)]
)
def test_the_desk_opens_a_locked_one(
    app: Flask, client: Client, estate: Estate, session: Any, role, status, now
) -> None:
    with app.app_context(), transaction() as writing:
        for key in ("own", "foreign"):
            made = {"digest": "x", "failures": 3, "set_at": now, "locked_at": now}
            writing.add(VoicePin(person_id=estate.people[key], **made))
    client.login(role)
    answer = client.submit(f"/voice-pin/{estate.people['own']}/unlock", {})
    assert (answer.status_code == 302) == (status == 302)
    page = client.get(f"/personview/show/{estate.people['own']}").get_data(as_text=True) if status == 302 else ""
    assert client.submit(f"/voice-pin/{estate.people['foreign']}/unlock", {}).status_code in (403, 404)
    locked = {pin.person_id for pin in pins(session) if pin.locked_at}
    assert locked == {estate.people["foreign"]} | (set() if status == 302 else {estate.people["own"]})
    if status == 302:
        assert "已解锁" in page
        assert session.get(Person, estate.people["own"]) is not None
