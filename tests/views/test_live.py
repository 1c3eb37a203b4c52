"""The live channel, the alarm and the caller's card: own rows, few statements, the first acceptance wins."""

from datetime import datetime, timedelta
from typing import Any

import pytest
from flask import Flask
from sqlalchemy.orm.exc import StaleDataError

from app.models import (
    Call,
    CallerConfirmation,
    CallTicket,
    DutyShift,
    EscalationAttempt,
    Ladder,
    Person,
    Staff,
    Ticket,
    TicketEntry,
)
from app.rules.call_flow import Step
from app.services import alarms, escalation
from app.services.escalation_dial import tick
from app.services.transaction import transaction
from app.views.call_words import STEPS
from tests.support.carrier import FakeCarrier
from tests.support.client import Client
from tests.support.estate import Estate
from tests.views.test_statements import counted

CONCERNED = ("manager", "deputy", "supervisor", "assistant", "steward")
OTHERS = ("finance", "quality", "technician", "admin")
ON_DUTY = "+8613900139001"
pytestmark = pytest.mark.usefixtures("session")  # holds an application context
WHO_ASKS = ("ab_", "FROM staff ", "FROM staff_community", "FROM steward_building")


@pytest.fixture
def ladder(estate: Estate, now: datetime) -> int:
    """An emergency in the steward's building whose ladder rings the technician on duty."""
    return ring(estate, now, "own")


def ring(estate: Estate, now: datetime, key: str, call_id: int | None = None) -> int:
    with transaction() as session:
        ticket = session.get_one(Ticket, estate.tickets[key])
        ticket.kind = ticket.priority = "emergency"
        technician = session.get_one(Staff, estate.staff["technician"])
        session.add(
            DutyShift(
                community_id=ticket.community_id,
                tier="on_duty",
                staff_id=technician.id,
                number=ON_DUTY,
                starts_at=now - timedelta(days=1),
                ends_at=now + timedelta(days=1),
            )
        )
        call = session.get(Call, call_id) if call_id else None
        made = escalation.start(session, ticket, call, now).id
    tick(transaction, FakeCarrier(), "http://h.example.org", now)
    return made


def calling(estate: Estate, now: datetime, number: str | None, **values: Any) -> int:
    with transaction() as session:
        call = Call(
            provider_sid=f"CAnow{number}{len(values)}",
            from_number=number,
            to_number="+862160000000",
            community_id=values.pop("community_id", estate.home),
            status="in-progress",
            step="menu",
            started_at=now,
            **values,
        )
        session.add(call)
        session.flush()
        return call.id


def pulse(client: Client, **headers: str) -> Any:
    return client.get("/live/", headers=headers)


def own_statements(app: Flask, client: Client) -> list[str]:
    """What the question itself asks, without finding out who asks."""
    pulse(client)
    with counted(app) as found:
        assert pulse(client).status_code == 200
    return [one for one in found if not any(word in one for word in WHO_ASKS) or "ticket" in one]


@pytest.mark.parametrize("role", [*CONCERNED, *OTHERS])
def test_a_quiet_house_is_asked_one_statement(app: Flask, client: Client, estate: Estate, role: str) -> None:
    client.login(role)
    assert len(own_statements(app, client)) == 1


def test_an_alarm_and_a_call_cost_one_statement_each(
    app: Flask, frozen: Any, client: Client, estate: Estate, now: datetime, ladder: int
) -> None:
    calling(estate, now, "+8613900000000")
    client.login("assistant")
    assert len(own_statements(app, client)) == 3


def test_nothing_new_is_not_sent_again(frozen: Any, client: Client, estate: Estate, now: datetime) -> None:
    client.login("assistant")
    first = pulse(client)
    again = pulse(client, **{"If-None-Match": first.headers["ETag"]})
    assert (again.status_code, again.data) == (304, b"")
    with transaction() as session:
        ticket = session.get_one(Ticket, estate.tickets["own"])
        session.add(TicketEntry(ticket_id=ticket.id, at=now, verb="note", actor_name="x", note="new"))
    changed = pulse(client, **{"If-None-Match": first.headers["ETag"]})
    assert changed.status_code == 200
    assert changed.get_json()["work"] > first.get_json()["work"]


def test_foreign_steps_are_nothing_new(frozen: Any, client: Client, estate: Estate, now: datetime) -> None:
    client.login("steward")
    first = pulse(client)
    with transaction() as session:
        for key in ("far", "foreign"):
            session.add(TicketEntry(ticket_id=estate.tickets[key], at=now, verb="note", actor_name="x", note="new"))
    assert pulse(client, **{"If-None-Match": first.headers["ETag"]}).status_code == 304


def test_who_is_not_logged_in_is_told_so_and_a_household_is_refused(client: Client, estate: Estate) -> None:
    assert pulse(client).status_code == 401
    client.login("owner")
    assert pulse(client).status_code == 403
    assert client.get("/live/call/1").status_code == 403


def test_a_new_log_in_brings_a_new_form_token(client: Client, estate: Estate) -> None:
    client.login("assistant")
    assert "csrf" not in pulse(client).get_json()
    assert client.get("/live/?token=1").get_json()["csrf"]


@pytest.mark.parametrize("role", CONCERNED)
def test_alarm_is_shown_to_those_it_concerns(frozen: Any, client: Client, ladder: int, role: str) -> None:
    client.login(role)
    found = pulse(client).get_json()
    assert found["ringing"] == [ladder]
    for words in ("1幢1单元101", "own 水管漏水", "员工technician", "我来处理"):
        assert words in found["alarms"]


@pytest.mark.parametrize("role", ["finance", "quality", "admin"])
def test_alarm_is_no_matter_of_others(frozen: Any, client: Client, ladder: int, role: str) -> None:
    client.login(role)
    assert pulse(client).get_json()["ringing"] == []
    assert client.submit(f"/live/alarm/{ladder}/take").status_code in (403, 404)


def test_who_is_rung_sees_the_alarm_whatever_the_role(frozen: Any, client: Client, ladder: int) -> None:
    client.login("technician")
    assert pulse(client).get_json()["ringing"] == [ladder]


def test_alarms_of_other_rows_are_not_shown_nor_taken(
    frozen: Any, client: Client, estate: Estate, now: datetime
) -> None:
    far, foreign = ring(estate, now, "far"), ring(estate, now, "foreign")
    client.login("steward")
    assert pulse(client).get_json()["ringing"] == []
    assert client.submit(f"/live/alarm/{far}/take").status_code == 404
    client.submit("/logout/")
    client.login("manager")
    assert pulse(client).get_json()["ringing"] == [far]
    assert client.submit(f"/live/alarm/{foreign}/take").status_code == 404
    assert client.submit("/live/alarm/99999999999/take").status_code == 404


def test_the_first_takes_it_and_the_second_is_told(
    app: Flask, frozen: Any, client: Client, estate: Estate, session: Any, ladder: int
) -> None:
    other = app.test_client()
    client.login("supervisor")
    other.login("steward")
    won = client.submit(f"/live/alarm/{ladder}/take", headers={"X-Live": "1"}).get_json()
    lost = other.submit(f"/live/alarm/{ladder}/take", headers={"X-Live": "1"}).get_json()
    again = client.submit(f"/live/alarm/{ladder}/take", headers={"X-Live": "1"}).get_json()
    assert (won["yours"], lost["yours"], again["yours"]) == (True, False, True)
    assert "员工supervisor" in lost["message"]
    row, ticket = session.get(Ladder, ladder), session.get(Ticket, estate.tickets["own"])
    assert (row.state, ticket.assignee_id, ticket.state) == ("accepted", estate.staff["supervisor"], "in_progress")
    states = {one.staff_id: one.state for one in session.query(EscalationAttempt)}
    assert states == {estate.staff["technician"]: "cancelled", estate.staff["supervisor"]: "accepted"}
    found = other.get("/live/").get_json()
    assert found["ringing"] == []
    assert "员工supervisor" in found["alarms"]


def test_who_takes_it_as_another_writes_takes_it_all_the_same(
    frozen: Any, client: Client, session: Any, ladder: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    take, tries = alarms.take, []

    def meets(*args: Any) -> Any:
        tries.append(1)
        taken = take(*args)
        if len(tries) == 1:
            raise StaleDataError("another was faster")
        return taken

    monkeypatch.setattr(alarms, "take", meets)
    client.login("supervisor")
    answer = client.submit(f"/live/alarm/{ladder}/take", headers={"X-Live": "1"}).get_json()
    assert (len(tries), answer["yours"]) == (2, True)
    assert session.get(Ladder, ladder).state == "accepted"


def test_taking_without_a_token_is_refused(frozen: Any, client: Client, session: Any, ladder: int) -> None:
    client.login("supervisor")
    assert client.post(f"/live/alarm/{ladder}/take").status_code == 400
    assert session.get(Ladder, ladder).state == "running"


def test_without_scripts_the_button_leads_to_the_ticket(
    frozen: Any, client: Client, estate: Estate, session: Any, ladder: int
) -> None:
    client.login("assistant")
    number = session.get(Ticket, estate.tickets["own"]).number
    session.rollback()
    assert client.submit(f"/live/alarm/{ladder}/take").location == f"/ticket/{number}"


def test_after_a_minute_nobody_is_told_any_more(frozen: Any, client: Client, ladder: int, now: datetime) -> None:
    client.login("assistant")
    client.submit(f"/live/alarm/{ladder}/take")
    frozen.move_to(now + timedelta(seconds=30))
    assert "您已接手" in pulse(client).get_json()["alarms"]
    frozen.move_to(now + timedelta(seconds=90))
    assert pulse(client).get_json()["alarms"] == ""


def test_waiting_caller_is_connected_with_the_one_who_took_it(
    app: Flask, frozen: Any, client: Client, estate: Estate, session: Any, now: datetime
) -> None:
    """The job rings the taker's own telephone; when that fails the ladder goes on."""
    call_id = calling(estate, now, "+8613900000000")
    with transaction() as writing:
        writing.get_one(Staff, estate.staff["supervisor"]).number = "+8613900139077"
    made = ring(estate, now, "own", call_id)
    client.login("supervisor")
    assert client.submit(f"/live/alarm/{made}/take", headers={"X-Live": "1"}).get_json()["yours"]
    carrier = FakeCarrier()
    tick(transaction, carrier, "http://h.example.org", now + timedelta(seconds=2))
    assert carrier.rung == ["+8613900139077"]
    assert carrier.orders[0].timeout_seconds == 60, "long enough to pick up"
    tick(transaction, carrier, "http://h.example.org", now + timedelta(seconds=4))
    assert carrier.rung == ["+8613900139077"]
    row = session.get(Ladder, made)
    assert row.state == "accepted"
    with transaction() as writing:
        attempt = writing.get_one(EscalationAttempt, row.accepted_attempt_id)
        escalation.progress(
            writing, attempt.id, sid=attempt.provider_sid, status="no-answer", answered_by=None, now=now
        )
    tick(transaction, carrier, "http://h.example.org", now + timedelta(seconds=60))
    session.expire_all()
    session.rollback()
    assert session.get(Ladder, made).state == "running"
    assert carrier.rung[-1] == ON_DUTY


def test_caller_who_hung_up_is_to_be_called_back(
    frozen: Any, client: Client, estate: Estate, session: Any, now: datetime
) -> None:
    call_id = calling(estate, now, "+8613900000000", ended_at=now)
    made = ring(estate, now, "own", call_id)
    client.login("supervisor")
    client.submit(f"/live/alarm/{made}/take")
    assert session.get(Ticket, estate.tickets["own"]).callback_due
    carrier = FakeCarrier()
    tick(transaction, carrier, "http://h.example.org", now + timedelta(seconds=2))
    assert carrier.rung == []


def test_a_settled_alarm_cannot_be_taken(frozen: Any, client: Client, session: Any, ladder: int) -> None:
    with transaction() as writing:
        writing.get_one(Ladder, ladder).state = "cancelled"
    client.login("supervisor")
    answer = client.submit(f"/live/alarm/{ladder}/take", headers={"X-Live": "1"})
    assert answer.status_code == 409
    assert answer.get_json()["message"]


# ---- the caller's card ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("role", ["manager", "deputy", "supervisor", "assistant"])
def test_card_shows_household_tickets_and_arrears_in_total(
    frozen: Any, client: Client, estate: Estate, now: datetime, role: str
) -> None:
    call_id = calling(estate, now, "+8613900000000", facts={"kind": "repair", "description": "厨房漏水"})
    client.login(role)
    assert [call["id"] for call in pulse(client).get_json()["calls"]] == [call_id]
    card = client.get(f"/live/call/{call_id}").get_data(as_text=True)
    for words in (
        "1幢1单元101",
        "张三",
        "租客",
        "own 水管漏水",
        "250.60",
        "厨房漏水",
        "报修",
        "phone=%2B8613900000000",
    ):
        assert words in card, words
    assert "2026-02" not in card, "the card shows the total, never the postings"
    assert "李四" not in card


@pytest.mark.parametrize("role", ["steward", "technician", "finance", "quality", "admin", "owner"])
def test_card_is_the_desks(frozen: Any, client: Client, estate: Estate, now: datetime, role: str) -> None:
    call_id = calling(estate, now, "+8613900000000")
    client.login(role)
    assert client.get(f"/live/call/{call_id}").status_code == 403


def test_card_of_another_community_is_not_there(frozen: Any, client: Client, estate: Estate, now: datetime) -> None:
    call_id = calling(estate, now, "+8613900000003", community_id=estate.other)
    client.login("assistant")
    assert pulse(client).get_json()["calls"] == []
    assert client.get(f"/live/call/{call_id}").status_code == 404
    assert client.get("/live/call/99999999999").status_code == 404


def test_number_shared_by_several_shows_all_of_them(frozen: Any, client: Client, estate: Estate, now: datetime) -> None:
    with transaction() as session:
        from app.models import PersonPhone, Phone

        phone = session.query(Phone).filter_by(number="+8613900000000").one()
        session.add(PersonPhone(person_id=estate.people["next"], phone_id=phone.id))
        session.add(PersonPhone(person_id=estate.people["foreign"], phone_id=phone.id))
    call_id = calling(estate, now, "+8613900000000")
    client.login("assistant")
    card = client.get(f"/live/call/{call_id}").get_data(as_text=True)
    assert "1幢1单元101" in card
    assert "1幢1单元102" in card
    assert "赵六" not in card, "a household of another community is none of theirs"


def card_of(client: Client, call_id: int) -> str:
    return client.get(f"/live/call/{call_id}").get_data(as_text=True)


def confirm(client: Client, call_id: int, house_id: int) -> Any:
    return client.submit(f"/live/call/{call_id}/confirm", {"house": house_id}, headers={"X-Live": "1"})


def test_house_named_in_the_call_comes_first(frozen: Any, client: Client, estate: Estate, now: datetime) -> None:
    call_id = calling(estate, now, "+8613900000000", house_id=estate.houses["far"])
    client.login("assistant")
    card = card_of(client, call_id)
    assert card.index("2幢1单元101") < card.index("1幢1单元101")
    assert "张三" in card


@pytest.mark.parametrize("number", [None, "+8613711112222", "+8613900000000"])
def test_a_house_that_a_caller_only_names_is_not_taken_for_the_caller(
    frozen: Any, client: Client, estate: Estate, now: datetime, number: str | None
) -> None:
    with transaction() as session:
        session.get_one(Person, estate.people["far"]).special_needs = "独居"
    call_id = calling(estate, now, number, house_id=estate.houses["far"])
    client.login("assistant")
    card = card_of(client, call_id)
    assert "自称2幢1单元101；来电号码不是该户登记的号码" in card
    assert "far 水管漏水" in card, "whether it is known already is asked at once"
    own = card[card.index("</summary>") :].split('<section class="caller__house">')[1]
    for hidden in ("王五", "250.60", "需特别关照"):
        assert hidden not in own
    assert ("张三" in card) == (number == "+8613900000000")


def test_the_desk_confirms_who_calls_with_a_press(frozen: Any, client: Client, estate: Estate, now: datetime) -> None:
    call_id = calling(estate, now, "+8613711112222", house_id=estate.houses["far"])
    with transaction() as session:
        session.add(CallTicket(call_id=call_id, ticket_id=estate.tickets["far"]))
    client.login("assistant")
    before = pulse(client).get_json()["calls"][0]["version"]
    for _ in range(2):
        assert confirm(client, call_id, estate.houses["far"]).status_code == 200
    card = card_of(client, call_id)
    for shown in ("2幢1单元101 · 王五", "250.60", "已电话核实"):
        assert shown in card
    assert pulse(client).get_json()["calls"][0]["version"] != before, "the other desks see it too"
    with transaction() as session:
        kept = session.query(CallerConfirmation).one()
        assert (kept.house_id, kept.confirmed_by) == (estate.houses["far"], "assistant")
        notes = [entry for entry in session.get_one(Ticket, estate.tickets["far"]).entries if entry.verb == "note"]
        assert [(entry.actor_name, "2幢1单元101" in entry.note) for entry in notes] == [("assistant", True)]


def test_a_confirmation_is_of_the_house_it_was_pressed_for(
    frozen: Any, client: Client, estate: Estate, now: datetime
) -> None:
    call_id = calling(estate, now, "+8613711112222", house_id=estate.houses["far"])
    client.login("assistant")
    assert confirm(client, call_id, estate.houses["far"]).status_code == 200
    with transaction() as session:
        session.get_one(Call, call_id).house_id = estate.houses["next"]
    assert "自称1幢1单元102" in card_of(client, call_id)
    assert "李四" not in card_of(client, call_id)
    late = confirm(client, call_id, estate.houses["far"])
    assert (late.status_code, "其他房屋" in late.get_json()["message"]) == (409, True)


def test_nobody_confirms_what_is_not_theirs(
    frozen: Any, client: Client, new_client: Any, estate: Estate, now: datetime
) -> None:
    call_id = calling(estate, now, "+8613711112222", house_id=estate.houses["far"])
    away = calling(estate, now, "+8613711112223", community_id=estate.other, house_id=estate.houses["foreign"])
    client.login("assistant")
    assert confirm(client, away, estate.houses["foreign"]).status_code == 404
    assert confirm(client, call_id, estate.houses["foreign"]).status_code == 404
    for odd in ("", "x", "99999999999", "-1"):
        assert client.submit(f"/live/call/{call_id}/confirm", {"house": odd}).status_code == 404
    steward = new_client()
    steward.login("steward")
    assert confirm(steward, call_id, estate.houses["far"]).status_code == 403


@pytest.mark.parametrize(("number", "words"), [(None, "隐藏号码"), ("+8613711112222", "不在任何住户的档案里")])
def test_unknown_and_withheld_numbers_have_a_card(
    frozen: Any, client: Client, estate: Estate, now: datetime, number: str | None, words: str
) -> None:
    call_id = calling(estate, now, number)
    client.login("assistant")
    assert words in client.get(f"/live/call/{call_id}").get_data(as_text=True)


def test_special_needs_are_a_mark_without_words(frozen: Any, client: Client, estate: Estate, now: datetime) -> None:
    with transaction() as session:
        session.get_one(Person, estate.people["own"]).special_needs = "独居，心脏病"
    call_id = calling(estate, now, "+8613900000000")
    client.login("assistant")
    card = client.get(f"/live/call/{call_id}").get_data(as_text=True)
    assert "需特别关照" in card
    assert "心脏病" not in card


def test_card_changes_with_each_step_and_goes_with_the_call(
    frozen: Any, client: Client, estate: Estate, now: datetime
) -> None:
    call_id = calling(estate, now, "+8613900000000")
    client.login("assistant")
    before = pulse(client).get_json()["calls"][0]["version"]
    with transaction() as session:
        session.get_one(Call, call_id).step = "describe"
    assert pulse(client).get_json()["calls"][0]["version"] != before
    with transaction() as session:
        session.get_one(Call, call_id).ended_at = now
    assert pulse(client).get_json()["calls"] == []
    assert client.get(f"/live/call/{call_id}").status_code == 200, "the card says how it ended"


def test_every_step_of_a_call_has_words() -> None:
    assert set(STEPS) == set(Step)


def test_card_asks_little(app: Flask, frozen: Any, client: Client, estate: Estate, now: datetime) -> None:
    call_id = calling(estate, now, "+8613900000000")
    client.login("assistant")
    client.get(f"/live/call/{call_id}")
    with counted(app) as found:
        assert client.get(f"/live/call/{call_id}").status_code == 200
    assert len(found) <= 14, found


def test_desk_form_takes_house_and_number_of_the_caller(client: Client, estate: Estate) -> None:
    client.login("assistant")
    page = client.get(f"/ticket/new?house={estate.houses['own']}&phone=%2B8613900000000&channel=hotline")
    text = page.get_data(as_text=True)
    assert 'value="+8613900000000"' in text
    assert '<option value="hotline" selected>' in text


def test_nobody_without_staff_row_takes_an_alarm(session: Any, estate: Estate, now: datetime, ladder: int) -> None:
    from app.errors import Forbidden, NotFound
    from app.services.actors import Actor

    nobody = Actor(user_id=1, username="x", display_name="x", roles=frozenset({"manager"}))
    with pytest.raises((Forbidden, NotFound)), transaction() as writing:
        alarms.take(writing, ladder, nobody, now)
