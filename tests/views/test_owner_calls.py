"""`/owner/calls`: which automatic calls and texts a household wants, by the same wishes as key 9 and STOP; the desk sees them."""

from __future__ import annotations

from typing import Any

import pytest
from sqlalchemy import select

from app.models import (
    CallWish,
    Campaign,
    CampaignTarget,
    CheckInContact,
    CheckInPlan,
    CheckInStep,
    House,
    HouseholdChange,
    Message,
    Person,
    PersonPhone,
    Phone,
    Staff,
    Tenure,
    WishEntry,
)
from app.services import campaigns
from app.services import wishes as wishes_of
from app.services.outbox import enqueue
from app.services.transaction import transaction
from tests.support.client import Client
from tests.support.estate import Estate
from tests.support.outbound import send_texts

ALL = ["return_visit", "notice", "reminder", "survey", "texts"]
OWN, FAMILY, STRANGER = "+8613900000000", "+8613911110000", "+8613900000001"
pytestmark = pytest.mark.usefixtures("frozen")


def phone(session: Any, number: str) -> int:
    session.rollback()
    return int(session.scalars(select(Phone.id).where(Phone.number == number)).one())


def wishes(session: Any) -> set[tuple[str, str]]:
    session.expire_all()
    session.rollback()
    return set(session.execute(select(CallWish.number, CallWish.purpose)).tuples())


@pytest.fixture
def family(session: Any, estate: Estate) -> int:
    """A child of the owner without a login, with a telephone of its own."""
    with transaction() as writing:
        own = writing.scalars(select(Tenure).where(Tenure.person_id == estate.people["own"])).one()
        person, number = Person(name="张小"), Phone(number=FAMILY)
        writing.add_all([person, number])
        writing.flush()
        writing.add(PersonPhone(person_id=person.id, phone_id=number.id))
        writing.add(
            Tenure(
                person_id=person.id,
                house_id=estate.houses["own"],
                role="family",
                starts_on=own.starts_on,
                head_id=own.id,
            )
        )
        return person.id


@pytest.mark.parametrize("off", [["return_visit"], ["notice"], ["reminder"], ["survey"], ["texts"], ALL])
def test_switched_off_is_what_key_nine_and_stop_write_and_on_takes_it_back(
    client: Client, estate: Estate, session: Any, off: list[str], now: Any
) -> None:
    client.login("owner")
    kept = [one for one in ALL if one not in off]
    sent = {"phone_id": str(phone(session, OWN)), "wanted": kept}
    assert client.submit("/owner/calls/number", sent).status_code == 302
    assert wishes(session) == {(OWN, one) for one in off if one != "texts"}
    stopped = session.scalars(select(Phone.sms_stopped_at).where(Phone.number == OWN)).one()
    assert (stopped is not None) == ("texts" in off)
    for purpose in ("return_visit", "notice", "reminder", "survey"):
        assert campaigns.refused(session, OWN, purpose) == (purpose in off)
    changed = session.scalars(select(HouseholdChange.what)).all()
    assert changed == ["wish_off"] * len(off)
    noted = session.scalars(select(WishEntry.purpose).where(WishEntry.way == "page", WishEntry.number == OWN)).all()
    assert sorted(noted) == sorted(off), "each stands on the duty record"
    log = client.get("/owner/house").text
    assert log.count("：关闭") == len(off)
    client.submit("/owner/calls/number", {"phone_id": sent["phone_id"], "wanted": ALL})
    assert wishes(session) == set()
    session.rollback()
    assert session.scalars(select(Phone.sms_stopped_at).where(Phone.number == OWN)).one() is None


def test_what_was_said_by_key_or_text_is_shown_and_taken_back_here(
    client: Client, estate: Estate, session: Any, now: Any
) -> None:
    with transaction() as writing:
        wishes_of.set_calls(writing, OWN, "notice", False, "call", now)
        wishes_of.set_texts(writing, OWN, False, "sms", now)
    client.login("owner")
    page = client.get("/owner/calls").text
    ticked = [code for code in ALL if f'value="{code}" checked' in page]
    assert ticked == ["return_visit", "reminder", "survey"]
    assert "不能关闭" in page, "what cannot be switched off says so"
    client.submit("/owner/calls/number", {"phone_id": str(phone(session, OWN)), "wanted": ALL})
    assert wishes(session) == set()


def test_danger_and_check_in_messages_come_in_spite_of_it(
    client: Client, estate: Estate, session: Any, now: Any
) -> None:
    client.login("owner")
    client.submit("/owner/calls/number", {"phone_id": str(phone(session, OWN))})
    with transaction() as writing:
        for purpose in ("alert", "notice", "check_in"):
            campaign = Campaign(
                key=purpose, community_id=estate.home, purpose=purpose, text_zh="x", created_at=now, state="running"
            )
            writing.add(campaign)
            writing.flush()
            campaigns.plan(writing, campaign, purpose, number=OWN, not_before=now, way="sms")
        send_texts(writing, now)
        done = {"to": OWN, "purpose": "done", "body": "x", "key": "d", "now": now}
        assert enqueue(writing, channel="sms", **done) is None
    session.rollback()
    states = dict(session.execute(select(CampaignTarget.key, CampaignTarget.state)).tuples().all())
    assert states == {"alert": "sent", "notice": "impossible", "check_in": "sent"}


@pytest.mark.parametrize(
    ("role", "mine"),
    [("owner", {OWN, FAMILY}), ("resident", {"+8613900000009"}), ("stranger", {"+8613900000003"})],
)
def test_only_ones_own_numbers_and_those_of_the_family_one_keeps(
    client: Client, estate: Estate, session: Any, family: int, role: str, mine: set[str]
) -> None:
    client.login(role)
    page = client.get("/owner/calls").text
    session.rollback()
    for number in session.scalars(select(Phone.number)).all():
        pk = phone(session, number)
        assert (f'name="phone_id" value="{pk}"' in page) == (number in mine), number
        answer = client.submit("/owner/calls/number", {"phone_id": str(pk), "wanted": []})
        assert (answer.status_code == 302) == (number in mine), number
    assert {number for number, _purpose in wishes(session)} == mine


@pytest.mark.parametrize("wanted", [["alert"], ["nonsense"], ["wake_up", "notice"]])
def test_what_is_no_choice_is_refused_in_words(client: Client, estate: Estate, session: Any, wanted: list[str]) -> None:
    client.login("owner")
    answer = client.submit("/owner/calls/number", {"phone_id": str(phone(session, OWN)), "wanted": wanted})
    assert (answer.status_code, "没有这一类通知" in answer.text) == (400, True)
    assert wishes(session) == set()


def test_a_landline_takes_no_texts_and_a_shared_number_says_so(client: Client, estate: Estate, session: Any) -> None:
    with transaction() as writing:
        number = Phone(number="+862161234567", is_mobile=False)
        writing.add(number)
        writing.flush()
        writing.add(PersonPhone(person_id=estate.people["own"], phone_id=number.id))
        shared = writing.scalars(select(Phone).where(Phone.number == OWN)).one()
        writing.add(PersonPhone(person_id=estate.people["foreign"], phone_id=shared.id))
    client.login("owner")
    page = client.get("/owner/calls").text
    assert page.count('value="texts"') == 1
    assert "座机" in page
    assert "还有其他人使用" in page
    assert "赵六" not in page


def test_the_language_is_the_persons(client: Client, estate: Estate, session: Any) -> None:
    client.login("owner")
    assert client.submit("/owner/calls/language", {"locale": "en"}).status_code == 302
    assert client.submit("/owner/calls/language", {"locale": "fr"}).status_code == 400
    session.rollback()
    assert session.get_one(Person, estate.people["own"]).locale == "en"


@pytest.mark.parametrize("role", ["assistant", "supervisor", "steward", "finance"])
def test_the_desk_sees_it_on_the_persons_page(
    client: Client, estate: Estate, session: Any, now: Any, role: str
) -> None:
    with transaction() as writing:
        wishes_of.set_calls(writing, OWN, "notice", False, "call", now)
        wishes_of.set_texts(writing, OWN, False, "sms", now)
    client.login(role)
    page = client.get(f"/personview/show/{estate.people['own']}").text
    for words in ("通知：不接收", "短信：不接收", "回访：接收"):
        assert words in page
    assert ("/checkin/person/" in page) == (role in ("supervisor", "steward"))


# ---- one's own check-in calls -----------------------------------------------------------------------------------------
@pytest.fixture
def agreed(session: Any, estate: Estate, now: Any) -> int:
    with transaction() as writing:
        house = writing.get_one(House, estate.houses["own"])
        writing.get_one(Staff, estate.staff["steward"]).number = "+8613900139077"
        entry = CheckInPlan(
            person_id=estate.people["own"], house_id=house.id, community_id=house.community_id, number=OWN, pause_note="",
            weekdays="1234567", times="08:30", consent_by="张三", consented_on=now.date(), consent_noted_by="x", created_at=now,
            next_at=now.replace(day=11, hour=0),
        )  # fmt: skip
        entry.contacts = [CheckInContact(place=0, name="张丽", number="+8613900000066")]
        writing.add(entry)
        writing.flush()
        return entry.id


def test_one_says_that_one_is_away_and_back_and_takes_the_consent_back(
    client: Client, estate: Estate, session: Any, agreed: int
) -> None:
    client.login("owner")
    page = client.get("/owner/calls").text
    for words in ("您的平安问候电话", "08:30", "张丽", "员工steward"):
        assert words in page
    assert (
        client.submit("/owner/calls/away", {"away_from": "2026-03-11", "away_until": "2026-03-20"}).status_code == 302
    )
    assert (
        client.submit("/owner/calls/away", {"away_from": "2026-03-11", "away_until": "2026-03-10"}).status_code == 400
    )
    session.rollback()
    entry = session.get_one(CheckInPlan, agreed)
    assert f"{entry.next_at:%Y-%m-%d}" == "2026-03-21"
    session.rollback()
    assert client.submit("/owner/calls/back").status_code == 302
    assert client.submit("/owner/calls/end").status_code == 302
    session.expire_all()
    session.rollback()
    assert session.get_one(CheckInPlan, agreed).active is False
    assert session.scalars(select(CheckInStep.verb).order_by(CheckInStep.id)).all() == ["paused", "resumed", "ended"]
    told = session.scalars(select(Message).where(Message.purpose == "check_in")).one()
    assert told.to == "+8613900139077"
    assert client.submit("/owner/calls/end").status_code == 404


@pytest.mark.parametrize("role", ["resident", "stranger"])
def test_nobody_elses(client: Client, estate: Estate, session: Any, agreed: int, role: str) -> None:
    client.login(role)
    assert "您的平安问候电话" not in client.get("/owner/calls").text
    for step in ("away", "back", "end"):
        assert client.submit(f"/owner/calls/{step}", {"away_from": "2026-03-11"}).status_code == 404
    session.rollback()
    assert session.get_one(CheckInPlan, agreed).active
