"""What a household does with its own matters on the web: the services' steps, its own rows, its own words."""

from __future__ import annotations

import io
from datetime import datetime, timedelta
from typing import Any

import pytest
from flask import Flask
from PIL import Image
from sqlalchemy import select

from app.adapters import clock
from app.models import (
    Attachment,
    House,
    Message,
    Person,
    ReturnVisit,
    ServiceItem,
    ServicePrice,
    Staff,
    Tenure,
    Ticket,
    TicketEntry,
)
from app.services.actors import Actor
from app.services.ticket_verbs import perform
from tests.support.client import Client
from tests.support.estate import Estate
from tests.views.test_statements import statements_of

HOUSE = Actor.system("tests")
SECRET = "内部：此户难缠"


@pytest.fixture
def number(estate: Estate, session: Any) -> str:
    found = session.get_one(Ticket, estate.tickets["own"]).number
    session.rollback()
    return str(found)


def ticket_of(session: Any, number: str) -> Ticket:
    session.rollback()
    return session.scalars(select(Ticket).where(Ticket.number == number)).one()


def finish(session: Any, number: str, now: datetime) -> None:
    ticket = ticket_of(session, number)
    for verb, data in (("dispatch", {"department": "engineering"}), ("start", {}), ("finish", {"note": "已换阀门"})):
        perform(session, ticket, verb, HOUSE, now, data)
    session.commit()


def photo() -> io.BytesIO:
    out = io.BytesIO()
    Image.new("RGB", (40, 30), "#4488aa").save(out, "JPEG")
    out.seek(0)
    return out


def test_words_and_photos_are_added_to_an_open_matter(client: Client, session: Any, number: str) -> None:
    client.login("owner")
    answer = client.submit(
        f"/owner/ticket/{number}/say",
        {"note": "下午三点后在家", "photos": (photo(), "厨房.jpg")},
        content_type="multipart/form-data",
    )
    assert answer.status_code == 302
    entry = session.scalars(select(TicketEntry).where(TicketEntry.verb == "further_contact")).one()
    assert (entry.note, entry.data["channel"]) == ("下午三点后在家", "web")
    assert session.scalars(select(Attachment.stage)).one() == "report"
    shown = client.get(f"/owner/ticket/{number}").get_data(as_text=True)
    assert "下午三点后在家" in shown
    assert "/attachment/" in shown


def test_one_tap_asks_when_it_will_be_done_and_is_offered_again_after_a_while(
    client: Client, session: Any, number: str
) -> None:
    client.login("owner")
    page = f"/owner/ticket/{number}"
    assert f'action="{page}/urge"' in client.get(page).text
    thanks = client.submit(f"{page}/urge", follow_redirects=True).text
    ticket = ticket_of(session, number)
    assert (ticket.urged_count, ticket.state) == (1, "registered")
    assert "已转达" in thanks
    assert f'action="{page}/urge"' not in thanks
    again = client.submit(f"{page}/urge")
    assert again.status_code == 409
    assert "您刚刚催过" in again.text
    assert ticket_of(session, number).urged_count == 1


def test_a_good_answer_is_a_return_visit_by_the_web(client: Client, session: Any, number: str, now: datetime) -> None:
    finish(session, number, now)
    client.login("owner")
    assert client.submit(f"/owner/ticket/{number}/rate", {"score": "5", "note": "很快"}).status_code == 302
    ticket = ticket_of(session, number)
    assert (ticket.state, ticket.is_repeat) == ("visited", False)
    visit = next(visit for visit in ticket.visits if visit.state == "made")
    assert (visit.score, visit.way, visit.note) == (5, "web", "很快")


@pytest.mark.parametrize("score", ["1", "2"])
def test_a_bad_answer_goes_back_to_the_supervisor_as_a_repeat(
    client: Client, estate: Estate, session: Any, number: str, now: datetime, score: str
) -> None:
    finish(session, number, now)
    session.get_one(Staff, estate.staff["supervisor"]).number = "+8613911113333"
    session.commit()
    client.login("owner")
    assert client.submit(f"/owner/ticket/{number}/rate", {"score": score}).status_code == 302
    ticket = ticket_of(session, number)
    assert (ticket.state, ticket.is_repeat, ticket.assignee_id) == ("reopened", True, estate.staff["supervisor"])
    assert session.scalars(select(ReturnVisit.score).where(ReturnVisit.way == "web")).one() == int(score)
    assert session.scalars(select(Message).where(Message.purpose == "repeat")).first() is not None


@pytest.mark.parametrize("score", ["", "0", "6", "x", "5.5", "\x00", "9" * 30])
def test_an_answer_that_is_none_is_a_sentence(
    client: Client, session: Any, number: str, now: datetime, score: str
) -> None:
    finish(session, number, now)
    client.login("owner")
    answer = client.submit(f"/owner/ticket/{number}/rate", {"score": score, "note": "还行"})
    assert answer.status_code == 400
    assert "还行" in answer.get_data(as_text=True)
    assert ticket_of(session, number).state == "done"


def test_not_solved_opens_it_again_and_a_complaint_becomes_a_repeat(client: Client, session: Any, number: str) -> None:
    ticket_of(session, number).kind = "complaint"
    session.commit()
    finish(session, number, clock.now())
    client.login("owner")
    assert client.submit(f"/owner/ticket/{number}/object", {"note": ""}).status_code == 400
    assert client.submit(f"/owner/ticket/{number}/object", {"note": "还在滴水"}).status_code == 302
    ticket = ticket_of(session, number)
    assert (ticket.state, ticket.is_repeat, ticket.reopened_count) == ("reopened", True, 1)


def test_long_after_it_was_settled_it_is_reported_anew(
    client: Client, session: Any, number: str, now: datetime
) -> None:
    finish(session, number, now)
    ticket = ticket_of(session, number)
    ticket.state, ticket.done_at = "closed", now - timedelta(days=40)
    ticket.closed_at = now - timedelta(days=37)
    session.commit()
    client.login("owner")
    answer = client.submit(f"/owner/ticket/{number}/object", {"note": "又漏了"})
    assert answer.status_code == 409
    assert "又漏了" in answer.get_data(as_text=True)


def test_ones_own_is_withdrawn_with_a_reason_while_nobody_has_begun(
    client: Client, session: Any, number: str, now: datetime
) -> None:
    client.login("owner")
    assert client.submit(f"/owner/ticket/{number}/withdraw", {"note": ""}).status_code == 400
    assert client.submit(f"/owner/ticket/{number}/withdraw", {"note": "自己修好了"}).status_code == 302
    assert ticket_of(session, number).state == "cancelled"
    entry = session.scalars(select(TicketEntry).where(TicketEntry.verb == "cancel")).one()
    assert (entry.note, entry.actor_name) == ("自己修好了", "owner")


def test_what_is_begun_is_not_withdrawn(client: Client, session: Any, number: str, now: datetime) -> None:
    ticket = ticket_of(session, number)
    perform(session, ticket, "dispatch", HOUSE, now, {"department": "engineering"})
    perform(session, ticket, "start", HOUSE, now, {})
    session.commit()
    client.login("owner")
    assert client.submit(f"/owner/ticket/{number}/withdraw", {"note": "不用了"}).status_code == 409
    assert ticket_of(session, number).state == "in_progress"


@pytest.mark.parametrize("verb", ["say", "rate", "object", "withdraw"])
@pytest.mark.parametrize("who", ["stranger", "resident"])
def test_nobody_else_touches_a_households_matter(
    client: Client, session: Any, number: str, now: datetime, verb: str, who: str
) -> None:
    if verb in ("rate", "object"):
        finish(session, number, now)
    before = ticket_of(session, number).state
    client.login(who)
    assert client.submit(f"/owner/ticket/{number}/{verb}", {"note": "x", "score": "1"}).status_code == 404
    assert ticket_of(session, number).state == before
    assert session.scalars(select(TicketEntry).where(TicketEntry.note == "x")).all() == []


@pytest.mark.parametrize("verb", ["close", "dispatch", "visit", "find", "xyz"])
def test_steps_of_the_staff_are_no_steps_here(client: Client, session: Any, number: str, verb: str) -> None:
    client.login("owner")
    assert client.submit(f"/owner/ticket/{number}/{verb}", {}).status_code == 404
    assert ticket_of(session, number).state == "registered"


def test_who_has_moved_out_reads_the_old_matter_and_changes_nothing(
    client: Client, estate: Estate, session: Any, number: str, now: datetime
) -> None:
    session.scalars(select(Tenure).where(Tenure.person_id == estate.people["own"])).one().ends_on = (
        now.date() - timedelta(days=1)
    )
    session.commit()
    client.login("owner")
    page = client.get(f"/owner/ticket/{number}")
    assert page.status_code == 200
    assert "/say" not in page.get_data(as_text=True)
    assert client.submit(f"/owner/ticket/{number}/say", {"note": "喂"}).status_code == 409
    assert client.get("/owner/bills").status_code == 200
    assert (
        client.submit(
            "/owner/new", {"kind": "repair", "house_id": estate.houses["own"], "description": "漏水"}
        ).status_code
        == 400
    )


def test_notes_and_telephones_of_the_staff_stay_inside(
    client: Client, estate: Estate, session: Any, number: str, now: datetime
) -> None:
    from app.services.tickets import add_contact, add_entry

    ticket = ticket_of(session, number)
    staff = session.get_one(Staff, estate.staff["technician"])
    staff.number, staff.name = "+8613911112222", "王师傅"
    ticket.assignee = staff
    desk = Actor(user_id=1, username="assistant", display_name="前台")
    add_entry(session, ticket, "note", desk, now, before=ticket.state, note=SECRET)
    add_entry(session, ticket, "close", desk, now, before=ticket.state, note=SECRET)
    add_contact(session, ticket, desk, now, channel="desk", note=SECRET)
    session.commit()
    client.login("owner")
    shown = client.get(f"/owner/ticket/{number}").get_data(as_text=True)
    assert SECRET not in shown
    assert "13911112222" not in shown.replace(" ", "")
    assert "王师傅" in shown


def test_a_second_repair_of_the_same_kind_asks_whether_it_is_the_open_one(
    client: Client, estate: Estate, session: Any, number: str
) -> None:
    form = {"kind": "repair", "category": "water", "house_id": estate.houses["own"], "description": "厨房还在漏"}
    ticket_of(session, number).created_at = clock.now() - timedelta(hours=3)
    session.commit()
    client.login("owner")
    asked = client.submit("/owner/new", form)
    assert asked.status_code == 409
    assert number in asked.get_data(as_text=True)
    assert "厨房还在漏" in asked.get_data(as_text=True)
    joined = client.submit("/owner/new", form | {"join": "contact"})
    assert joined.location == f"/owner/ticket/{number}"
    assert session.scalars(select(TicketEntry.note).where(TicketEntry.verb == "further_contact")).one() == "厨房还在漏"
    anew = client.submit("/owner/new", form | {"join": "new"})
    assert anew.status_code == 302
    assert anew.location != f"/owner/ticket/{number}"


def test_a_tenant_is_not_told_of_the_owners_open_matter(client: Client, estate: Estate, session: Any) -> None:
    session.get_one(Ticket, estate.tickets["own"]).created_at = clock.now() - timedelta(hours=3)
    session.commit()
    client.login("resident")
    form = {"kind": "repair", "category": "water", "house_id": estate.houses["own"], "description": "卫生间漏水"}
    answer = client.submit("/owner/new", form)
    assert answer.status_code == 302
    assert (
        session.scalars(select(Ticket.reporter_id).where(Ticket.description == "卫生间漏水")).one()
        == estate.people["tenant"]
    )


def test_a_form_sent_twice_makes_one_matter(client: Client, estate: Estate, session: Any) -> None:
    client.login("owner")
    form = {"kind": "praise", "house_id": estate.houses["own"], "description": "保安很热心", "form_key": "a" * 32}
    first, second = client.submit("/owner/new", form), client.submit("/owner/new", form)
    assert first.location == second.location
    assert len(session.scalars(select(Ticket).where(Ticket.description == "保安很热心")).all()) == 1


def test_what_sounds_like_danger_says_first_what_to_do(client: Client, estate: Estate) -> None:
    client.login("owner")
    form = {
        "kind": "repair",
        "category": "gas",
        "house_id": estate.houses["own"],
        "description": "闻到煤气味，燃气泄漏",
    }
    page = client.get(client.submit("/owner/new", form).location).get_data(as_text=True)
    assert "o-aid" in page
    assert "开窗" in page


def test_several_houses_are_looked_at_one_by_one(
    client: Client, estate: Estate, session: Any, number: str, now: datetime
) -> None:
    session.add(
        Tenure(
            person_id=estate.people["own"],
            house_id=estate.houses["far"],
            role="owner",
            starts_on=now.date() - timedelta(days=3),
        )
    )
    name = session.get_one(House, estate.houses["far"]).name
    session.commit()
    client.login("owner")
    assert name in client.get("/owner/").get_data(as_text=True)
    assert client.submit("/owner/house/choose", {"house_id": estate.houses["far"]}).status_code == 302
    assert number not in client.get("/owner/matters").get_data(as_text=True)
    client.submit("/owner/house/choose", {"house_id": estate.houses["next"]})
    assert number in client.get("/owner/matters").get_data(as_text=True)


@pytest.mark.parametrize("page", ["0", "-1", "x", "999999999999999999999", "2;drop", "\x00"])
def test_bad_page_numbers_are_the_first_or_an_empty_page(client: Client, estate: Estate, page: str) -> None:
    client.login("owner")
    assert client.get("/owner/matters", query_string={"page": page}).status_code == 200


def test_bills_are_the_payers_and_nobody_elses(client: Client, estate: Estate) -> None:
    for who, own in (("owner", "own"), ("stranger", "foreign"), ("resident", "")):
        client.login(who)
        assert client.get("/owner/bills").status_code == 200
        for key, bill_id in estate.bills.items():
            assert client.get(f"/owner/bills/{bill_id}").status_code == (200 if key == own else 404), (who, key)
        client.submit("/logout/")


def test_a_bill_shows_how_it_was_reckoned(client: Client, estate: Estate) -> None:
    client.login("owner")
    shown = client.get(f"/owner/bills/{estate.bills['own']}").get_data(as_text=True)
    for part in ("89.50", "2.80", "250.60", "2026-02-28"):
        assert part in shown, part
    assert "250.60" in client.get("/owner/bills?year=2026").get_data(as_text=True)


@pytest.mark.parametrize("key", ["0", "x", "99999999999999999999", "%00", "-1"])
def test_bad_bill_numbers_are_not_found(client: Client, estate: Estate, key: str) -> None:
    client.login("owner")
    assert client.get(f"/owner/bills/{key}").status_code == 404


@pytest.mark.parametrize("year", ["", "x", "1999", "2026-02", "\x00", "'"])
def test_bad_years_show_the_newest(client: Client, estate: Estate, year: str) -> None:
    client.login("owner")
    assert "250.60" in client.get("/owner/bills", query_string={"year": year}).get_data(as_text=True)


def test_a_service_is_asked_for_at_the_price_of_the_day(client: Client, estate: Estate, session: Any) -> None:
    client.login("owner")
    page = client.get("/owner/services/copy").get_data(as_text=True)
    assert "0.50" in page
    price_id = session.scalar(
        select(ServicePrice.id).join(ServiceItem).where(ServiceItem.code == "copy", ServicePrice.variant == "A3")
    )
    session.rollback()
    form = {"house_id": estate.houses["own"], "price_id": price_id, "count": "3"}
    assert client.submit("/owner/services/copy", form).status_code == 400
    answer = client.submit("/owner/services/copy", form | {"accepted": "1"})
    ticket = session.scalars(select(Ticket).where(Ticket.kind == "service", Ticket.channel == "web")).one()
    assert answer.location == f"/owner/ticket/{ticket.number}"
    for part in ("复印", "A3", "1.00", "3"):
        assert part in ticket.description, part


@pytest.mark.parametrize(
    "change",
    [
        {"count": "0"},
        {"count": "x"},
        {"count": "100"},
        {"price_id": "1"},
        {"price_id": "x"},
        {"house_id": "next"},
        {"phone": "x"},
        {"phone": "13900000001"},
    ],
)
def test_bad_orders_are_a_sentence(client: Client, estate: Estate, session: Any, change: dict[str, str]) -> None:
    client.login("owner")
    price_id = session.scalar(select(ServicePrice.id).join(ServiceItem).where(ServiceItem.code == "copy"))
    session.rollback()
    form: dict[str, Any] = {"house_id": estate.houses["own"], "price_id": price_id, "accepted": "1", "note": "送到家"}
    form |= {k: estate.houses.get(v, v) if k == "house_id" else v for k, v in change.items()}
    answer = client.submit("/owner/services/copy", form)
    if change.get("price_id") == "1" and price_id == 1:
        return
    assert answer.status_code == 400
    assert "送到家" in answer.get_data(as_text=True)


@pytest.mark.parametrize(
    "path", ["/owner/services/nothing", "/owner/services/" + "x" * 300, "/owner/ticket/x", "/owner/ticket/00000000"]
)
def test_what_is_not_there_is_not_found(client: Client, estate: Estate, path: str) -> None:
    client.login("owner")
    assert client.get(path).status_code == 404


def test_the_catalogue_is_searched_by_words(client: Client, estate: Estate) -> None:
    client.login("owner")
    shown = client.get("/owner/services?q=复印").get_data(as_text=True)
    assert "/owner/services/copy" in shown
    assert "/owner/services/laundry" not in shown


def test_a_question_about_a_report_names_its_month(client: Client, estate: Estate, session: Any) -> None:
    client.login("owner")
    form = {
        "kind": "consultation",
        "house_id": estate.houses["own"],
        "description": "绿化费怎么算",
        "report": "2026-02",
    }
    client.submit("/owner/new", form)
    ticket = session.scalars(select(Ticket).where(Ticket.description == "绿化费怎么算")).one()
    # Only a draft exists for that month here: what is not published is not named.
    assert "2026" not in ticket.title


def test_who_has_no_house_is_told_what_to_do(client: Client, estate: Estate, session: Any, now: datetime) -> None:
    person = session.get_one(Person, estate.people["foreign"])
    session.scalars(select(Tenure).where(Tenure.person_id == person.id)).one().ends_on = now.date() - timedelta(days=2)
    session.commit()
    client.login("stranger")
    for path in (
        "/owner/",
        "/owner/new",
        "/owner/matters",
        "/owner/bills",
        "/owner/house",
        "/owner/services/copy",
        "/owner/reports",
        "/owner/more",
        "/owner/file",
        "/owner/privacy",
    ):
        assert client.get(path).status_code == 200, path


def test_pages_of_matters_ask_little(app: Flask, client: Client, estate: Estate, number: str) -> None:
    client.login("owner")
    for path in (
        "/owner/",
        "/owner/new",
        "/owner/matters",
        f"/owner/ticket/{number}",
        "/owner/bills",
        f"/owner/bills/{estate.bills['own']}",
        "/owner/services",
        "/owner/services/copy",
        "/owner/reports",
    ):
        assert len(statements_of(app, client, path)) <= 15, path
