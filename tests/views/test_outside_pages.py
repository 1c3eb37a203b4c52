"""Outside bodies on pages and over REST (D5): own rows only, each role its steps, the deadline at a glance and on the first page."""

import io
import re
from datetime import datetime, timedelta
from typing import Any

import pytest
from flask import Flask
from pypdf import PdfReader
from sqlalchemy import select

from app.models import ExternalReference, OutsideBody, Ticket
from app.services.transaction import transaction
from tests.support.client import Client
from tests.support.complaints import complaint_of_each_house, logged_in
from tests.support.estate import Estate
from tests.support.trail import taken_out

SOON = {"body": "hotline_12345", "number": "SH2026031004217", "note": "五日内回复"}


@pytest.fixture
def numbers(app: Flask, estate: Estate, now: datetime) -> dict[str, str]:
    """A complaint of each house."""
    return complaint_of_each_house(app, estate, now)


@pytest.fixture
def bodies(app: Flask, estate: Estate) -> dict[str, int]:
    """The developer of each community."""
    with app.app_context(), transaction() as session:
        made = {key: OutsideBody(community_id=place, kind="developer", name=f"{key}开发商") for key, place in
                (("home", estate.home), ("other", estate.other))}  # fmt: skip
        session.add_all(made.values())
        session.flush()
        return {key: body.id for key, body in made.items()}


MAY = {
    "admin": (True, True),
    "manager": (True, True),
    "deputy": (True, True),
    "supervisor": (True, True),
    "assistant": (True, False),
    "steward": (False, False),
    "technician": (False, False),
    "finance": (False, False),
    "quality": (False, False),
    "owner": (False, False),
    "resident": (False, False),
}
"""Role → may note an outside number, may write to an outside body."""


@pytest.mark.parametrize("role", MAY)
def test_each_role_takes_its_steps_on_its_own_rows(
    client: Client,
    numbers: dict[str, str],
    bodies: dict[str, int],
    session: Any,
    role: str,
) -> None:
    client.login(role)
    notes, writes = MAY[role]
    for key in ("own", "foreign"):
        mine = key == "own" or role == "admin"
        answer = client.submit(f"/ticket/{numbers[key]}/refer", {**SOON, "number": f"S-{key}"})
        assert (answer.status_code == 302) == (notes and mine), (key, answer.status_code)
        answer = client.submit(
            f"/ticket/{numbers[key]}/forward", {"body": "developer", "way": "letter", "note": "请维修"}
        )
        assert (answer.status_code == 302) == (writes and mine), (key, answer.status_code)
    session.rollback()
    made = session.scalars(select(ExternalReference)).all()
    assert len(made) == (notes + writes) * (2 if role == "admin" else 1)


READS = {"supervisor": 1, "assistant": 1, "steward": 1, "finance": 1, "quality": 2, "admin": 2, "technician": 0}


@pytest.mark.parametrize("role", READS)
def test_rest_and_list_show_ones_own_rows(
    app: Flask,
    numbers: dict[str, str],
    estate: Estate,
    now: Any,
    new_client: Any,
    role: str,
) -> None:
    with app.app_context(), transaction() as session:
        for key in ("own", "foreign"):
            ticket = session.scalars(select(Ticket).where(Ticket.number == numbers[key])).one()
            session.add(
                ExternalReference(
                    ticket_id=ticket.id, kind="police", direction="in", number=f"S-{key}", noted_at=now, noted_by="x"
                )
            )
    rest = new_client().authorize(role).get("/api/v1/external_reference/").get_json()
    assert rest["count"] == READS[role]
    assert ("S-foreign" in str(rest)) == (READS[role] == 2)
    page = logged_in(new_client, role).get("/externalreferenceview/list/").get_data(as_text=True)
    assert ("S-own" in page, "S-foreign" in page) == (READS[role] >= 1, READS[role] == 2)


@pytest.mark.parametrize("role", ["owner", "resident"])
def test_a_household_reads_none_of_it(numbers: dict[str, str], new_client: Any, role: str) -> None:
    assert new_client().authorize(role).get("/api/v1/external_reference/").status_code == 403
    assert logged_in(new_client, role).get("/outsidebodyview/list/").status_code in (302, 403)


def test_only_ones_own_bodies_are_offered_and_taken(
    client: Client,
    numbers: dict[str, str],
    bodies: dict[str, int],
    session: Any,
) -> None:
    client.login("supervisor")
    form = client.get(f"/ticket/{numbers['own']}/forward").get_data(as_text=True)
    assert "home开发商" in form
    assert "other开发商" not in form
    assert "请安排处理" in form, "the letter is begun"
    answer = client.submit(f"/ticket/{numbers['own']}/forward", {"body": bodies["other"], "way": "letter", "note": "x"})
    assert answer.status_code == 400
    assert client.get(f"/outsidebodyview/show/{bodies['other']}").status_code == 404
    session.rollback()
    assert session.scalars(select(ExternalReference)).all() == []


def test_the_outside_deadline_stands_beside_ours_and_on_the_first_page(
    app: Flask,
    client: Client,
    numbers: dict[str, str],
    session: Any,
) -> None:
    client.login("supervisor")
    path = f"/ticket/{numbers['own']}"
    assert client.submit(f"{path}/refer", {**SOON, "due_at": "2030-01-01 17:00"}).status_code in (302, 400)
    session.rollback()
    from app.adapters.clock import now as clock

    with app.app_context(), transaction() as writing:
        ticket = writing.scalars(select(Ticket).where(Ticket.number == numbers["own"])).one()
        for old in writing.scalars(select(ExternalReference)).all():
            writing.delete(old)
        at = clock()
        writing.add(
            ExternalReference(
                ticket_id=ticket.id, kind="hotline_12345", direction="in", number="SH-1", noted_at=at, noted_by="x",
                due_at=at + timedelta(hours=5), warn_at=at - timedelta(hours=1),
            )
        )  # fmt: skip
    page = client.get(path).get_data(as_text=True)
    head = page[: page.index('id="complaint"')]
    assert "12345 政务热线" in head
    assert "SH-1" in page
    assert numbers["own"] in client.get("/work/outside").get_data(as_text=True)
    assert re.search(r'/work/outside"[^>]*data-rows="1"', client.get("/").get_data(as_text=True))
    assert client.submit(f"{path}/answered", {"note": "已答复市民"}).status_code == 302
    assert numbers["own"] not in client.get("/work/outside").get_data(as_text=True)
    assert "已答复市民" in client.get(path).get_data(as_text=True)


def test_the_letter_is_a_paper_for_those_who_see_the_ticket(
    client: Client,
    numbers: dict[str, str],
    bodies: dict[str, int],
    session: Any,
    new_client: Any,
) -> None:
    client.login("supervisor")
    path = f"/ticket/{numbers['far']}"
    client.submit(f"{path}/forward", {"body": bodies["home"], "way": "letter", "note": "请安排外墙维修并函复"})
    client.submit(f"{path}/refer", SOON)
    session.rollback()
    ids = {one.direction: one.id for one in session.scalars(select(ExternalReference))}
    session.rollback()
    answer = client.get(f"{path}/letter/{ids['out']}.pdf?lang=zh")
    assert (answer.status_code, answer.mimetype) == (200, "application/pdf")
    text = "".join("".join(page.extract_text().split()) for page in PdfReader(io.BytesIO(answer.data)).pages)
    for words in ("请安排外墙维修并函复", "home开发商", numbers["far"]):
        assert words in text, words
    assert client.get(f"{path}/letter/{ids['in']}.pdf").status_code == 404
    assert client.get(f"/ticket/{numbers['own']}/letter/{ids['out']}.pdf").status_code == 404
    assert logged_in(new_client, "steward").get(f"{path}/letter/{ids['out']}.pdf").status_code == 404
    assert [numbers["far"] in subject for subject, _kind, _pk in taken_out(session)] == [True], (
        "what was refused is not"
    )


WRITES = ("admin", "manager", "deputy", "supervisor")


@pytest.mark.parametrize("role", [*WRITES, "assistant", "steward", "finance", "quality", "owner"])
def test_who_keeps_the_list_of_bodies(client: Client, estate: Estate, session: Any, role: str) -> None:
    client.login(role)
    body = {"community": estate.home, "kind": "police", "name": " 社区警务室 ", "active": "y"}
    client.submit("/outsidebodyview/add", body)
    session.rollback()
    made = session.scalars(select(OutsideBody.name)).all()
    assert made == (["社区警务室"] if role in WRITES else [])


@pytest.mark.parametrize("verb", ["refer", "forward", "answered"])
@pytest.mark.parametrize("locale", ["zh", "en"])
def test_every_form_opens_in_both_languages(
    client: Client,
    numbers: dict[str, str],
    verb: str,
    locale: str,
) -> None:
    client.login("supervisor")
    client.submit(f"/ticket/{numbers['own']}/refer", SOON)
    client.get(f"/lang/{locale}")
    page = client.get(f"/ticket/{numbers['own']}/{verb}", headers={"X-Fragment": "1"}).get_data(as_text=True)
    assert f'action="/ticket/{numbers["own"]}/{verb}"' in page
    assert "%(" not in page
