"""The steps of a special event (D5, D7, I5): who decides, what follows, what keeps it open until it may be closed."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime

import pytest
from sqlalchemy import select, text
from sqlalchemy.exc import DatabaseError

from app.errors import Forbidden, Invalid, LinliError, NotFound, Refused
from app.models import (
    Message,
    Outage,
    OutageBuilding,
    Person,
    SignedRecord,
    SpecialEventEntry,
    SpecialEventHouse,
    SpecialEventTicket,
    Tenure,
    Ticket,
    TicketEntry,
)
from app.rules.special_events import STEPS, Standing, hindrances
from app.services import escalation, outages, signed_records, special_detection, special_events, special_report
from app.services.special_standing import first_hindrance
from app.services.ticket_verbs import perform
from tests.support.databases import Databases
from tests.support.special import HOUR, TEXTS, confirmed, homes, proposed, report, settle, take
from tests.support.tickets import SmallEstate, unsaved_estate


@pytest.fixture
def estate(session, databases: Databases) -> Iterator[SmallEstate]:
    yield from unsaved_estate(session, databases)


def told(session, purpose: str = "special_event") -> set[tuple[str, str]]:
    found = session.scalars(select(Message).where(Message.purpose == purpose, Message.key.contains("confirmed")))
    return {(message.channel, message.to) for message in found}


def verbs(session, event) -> list[str]:
    entries = select(SpecialEventEntry.verb).where(SpecialEventEntry.event_id == event.id)
    return list(session.scalars(entries.order_by(SpecialEventEntry.id)))


def houses_of(session, event) -> list[SpecialEventHouse]:
    return list(session.scalars(select(SpecialEventHouse).where(SpecialEventHouse.event_id == event.id)))


# ---- confirmed or rejected -------------------------------------------------------------------------------------------
def test_confirming_links_the_tickets_lists_the_households_and_tells_the_manager_at_once(
    session, estate, now, app, monkeypatch
):
    settings = replace(app.extensions["settings"], staff_alert_urls=("json://127.0.0.1",))
    monkeypatch.setitem(app.extensions, "settings", settings)
    estate.staff["manager"].email = "manager@example.org"
    event = proposed(session, estate, now)
    take(session, event, "confirm", estate.actor("supervisor"), now + HOUR, note="同一部电梯")
    assert (event.state, event.confirmed_at, event.confirmed_by) == ("confirmed", now + HOUR, "supervisor员")
    session.expire_all()
    assert all(ticket.is_collective for ticket in event.tickets)
    assert {(one.house_id, one.state) for one in houses_of(session, event)} == {
        (ticket.house_id, "due") for ticket in event.tickets
    }
    manager, quality = estate.staff["manager"], estate.staff["quality"]
    assert told(session) == {
        ("sms", manager.number), ("email", "manager@example.org"), ("alert", "staff"), ("sms", quality.number),
    }  # fmt: skip
    messages = session.scalars(select(Message).where(Message.key.contains("confirmed"))).all()
    assert {message.next_at for message in messages} == {now + HOUR}, "the outbox sends them with its next tick"
    assert f"/special/{event.id}" in messages[0].body
    noted = session.scalars(select(TicketEntry).where(TicketEntry.verb == "special_event")).all()
    assert {entry.data["event_id"] for entry in noted} == {event.id}
    assert len(noted) == 5


def test_what_does_not_belong_is_taken_out_and_five_households_have_to_stay(session, estate, now):
    event = proposed(session, estate, now, 6)
    ids = [ticket.id for ticket in event.tickets]
    with pytest.raises(Refused, match="fewer than 5 households"):
        take(session, event, "confirm", estate.actor("manager"), now, tickets=ids[:4])
    session.refresh(event)
    assert event.state == "proposed"
    take(session, event, "confirm", estate.actor("manager"), now, tickets=[str(pk) for pk in ids[:5]])
    assert (event.households, event.ticket_count, len(houses_of(session, event))) == (5, 5, 5)
    assert not session.get_one(Ticket, ids[5]).is_collective


def test_what_came_since_the_reader_looked_stays_a_proposal(session, estate, now):
    event = proposed(session, estate, now)
    seen = [ticket.id for ticket in event.tickets]
    report(session, estate, now, homes(session, estate, 6)[5])
    take(session, event, "confirm", estate.actor("supervisor"), now, tickets=seen, seen=seen)
    states = session.scalars(select(SpecialEventTicket.state).where(SpecialEventTicket.event_id == event.id)).all()
    assert sorted(states) == ["linked"] * 5 + ["proposed"]


def test_a_rejection_needs_its_reason(session, estate, now):
    event = proposed(session, estate, now)
    for reason in ("", "  ", None):
        with pytest.raises(Refused, match="reason"):
            take(session, event, "reject", estate.actor("supervisor"), now, reason=reason)
    take(session, event, "reject", estate.actor("supervisor"), now, reason="五处不同的灯")
    assert (event.state, event.reject_reason, event.rejected_by) == ("rejected", "五处不同的灯", "supervisor员")
    assert told(session) == set()
    for name in ("confirm", "reject", "close", "visit"):
        with pytest.raises(Refused, match="rejected"):
            take(session, event, name, estate.actor("supervisor"), now, reason="x")


@pytest.mark.parametrize(
    ("name", "allowed"),
    [("confirm", {"supervisor", "manager"}), ("reject", {"supervisor", "manager"})],
)
def test_only_supervisor_and_manager_decide_on_a_proposal(session, estate, now, name, allowed):
    event = proposed(session, estate, now)
    for who in set(estate.staff) - allowed:
        with pytest.raises(Forbidden):
            take(session, event, name, estate.actor(who), now, reason="x")
    for who in allowed:
        point = session.begin_nested()
        assert take(session, event, name, estate.actor(who), now, reason="x").state != "proposed"
        point.rollback()
        session.expire_all()


@pytest.mark.parametrize("name", sorted(set(STEPS) - {"confirm", "reject"}))
def test_nothing_else_is_done_with_a_proposal(session, estate, now, name):
    event = proposed(session, estate, now)
    for who in estate.staff:
        with pytest.raises(LinliError) as refused:
            take(session, event, name, estate.actor(who), now)
        assert refused.value.status in (403, 409)


def test_a_step_that_there_is_not(session, estate, now):
    with pytest.raises(NotFound):
        take(session, proposed(session, estate, now), "shred", estate.actor("manager"), now)


# ---- visits ----------------------------------------------------------------------------------------------------------
def test_a_visit_is_the_reply_in_person_that_a_collective_complaint_needs(session, estate, now):
    event = confirmed(session, estate, now)
    ticket = event.tickets[0]
    assistant, supervisor = estate.actor("assistant"), estate.actor("supervisor")
    perform(session, ticket, "find", supervisor, now, {"validity": "invalid"})
    estate.walk(session, ticket, now, "dispatch", "start", "finish")
    perform(session, ticket, "reply", assistant, now, {"way": "phone", "note": "已电话告知"})
    perform(session, ticket, "visit", supervisor, now, {"score": 5, "way": "phone"})
    why = {"cause": "material", "root_cause": "主板老化", "correction": "更换主板", "prevention": "季度检测"}
    with pytest.raises(Refused, match="in person"):
        perform(session, ticket, "close", supervisor, now, why)
    take(session, event, "visit", assistant, now, house_id=ticket.house_id, words="业户同意更换主板")
    assert (ticket.reply_way, ticket.replied_at) == ("in_person", now)
    with pytest.raises(Refused, match="every household"):
        perform(session, ticket, "close", supervisor, now, why)
    first, *others = [one.house_id for one in houses_of(session, event) if one.house_id != ticket.house_id]
    take(session, event, "explain", supervisor, now, house_id=first, reason="房屋空置")
    for house_id in others:
        take(session, event, "visit", assistant, now, house_id=house_id)
    perform(session, ticket, "close", supervisor, now, why)
    assert ticket.state == "closed"
    line = next(one for one in houses_of(session, event) if one.house_id == ticket.house_id)
    assert (line.state, line.words, line.by_name, line.at) == ("visited", "业户同意更换主板", "assistant员", now)


def test_a_household_is_visited_once_and_an_explanation_needs_words(session, estate, now):
    event = confirmed(session, estate, now)
    supervisor = estate.actor("supervisor")
    first, second = (one.house_id for one in houses_of(session, event)[:2])
    take(session, event, "visit", supervisor, now, house_id=first)
    for name in ("visit", "explain"):
        with pytest.raises(Refused, match="visited already"):
            take(session, event, name, supervisor, now, house_id=first, reason="x")
    with pytest.raises(Refused, match="Explain why"):
        take(session, event, "explain", supervisor, now, house_id=second, reason=" ")
    take(session, event, "explain", supervisor, now, house_id=second, reason="房屋空置，业主在国外")
    with pytest.raises(Forbidden):
        take(session, event, "explain", estate.actor("assistant"), now, house_id=second, reason="x")
    take(session, event, "visit", supervisor, now, house_id=second, words="回国后当面说明")
    assert next(one for one in houses_of(session, event) if one.house_id == second).state == "visited"


@pytest.mark.parametrize("house_id", [None, "", 0, -1, 99_999_999, "x", 10**12])
def test_a_household_that_is_not_on_the_list(session, estate, now, house_id):
    event = confirmed(session, estate, now)
    with pytest.raises(LinliError) as refused:
        take(session, event, "visit", estate.actor("supervisor"), now, house_id=house_id)
    assert refused.value.status in (400, 404)


def test_a_steward_visits_the_households_of_the_own_building_alone(session, estate, now):
    houses = list(estate.houses.values())
    for house in houses:
        report(session, estate, now, house, place="地下车库")
    event = session.scalars(select(special_events.SpecialEvent)).one()
    take(session, event, "confirm", estate.actor("manager"), now)
    steward = replace(estate.actor("steward"), building_ids=frozenset({houses[2].building_id}))
    take(session, event, "visit", steward, now, house_id=houses[2].id)
    with pytest.raises(NotFound):
        take(session, event, "visit", steward, now, house_id=houses[0].id)


# ---- tickets that come and go ----------------------------------------------------------------------------------------
def test_later_tickets_are_decided_on_one_by_one(session, estate, now):
    houses = homes(session, estate, 7)
    event = confirmed(session, estate, now)
    sixth, seventh = (report(session, estate, now + HOUR, house) for house in houses[5:7])
    supervisor = estate.actor("supervisor")
    take(session, event, "link", supervisor, now + HOUR, ticket_id=sixth.id)
    take(session, event, "leave_out", supervisor, now + HOUR, ticket_id=seventh.id)
    session.expire_all()
    assert (sixth.is_collective, seventh.is_collective) == (True, False)
    assert (event.households, event.ticket_count, len(houses_of(session, event))) == (6, 6, 6)
    with pytest.raises(Refused, match="already"):
        take(session, event, "link", supervisor, now, ticket_id=sixth.id)


def test_a_ticket_is_added_by_its_number_and_taken_out_with_a_reason(session, estate, now):
    event = confirmed(session, estate, now)
    other = report(session, estate, now, estate.houses[9], kind="consultation", title="电梯什么时候好")
    supervisor = estate.actor("supervisor")
    take(session, event, "link", supervisor, now, number=other.number)
    assert event.households == 6
    with pytest.raises(Refused, match="Say why"):
        take(session, event, "leave_out", supervisor, now, ticket_id=other.id)
    take(session, event, "leave_out", supervisor, now, ticket_id=other.id, reason="只是询问")
    assert (event.households, len(houses_of(session, event))) == (5, 5)
    assert "leave_out" in verbs(session, event)
    with pytest.raises(NotFound):
        take(session, event, "link", supervisor, now, number="99999999")


def test_a_linked_ticket_whose_house_is_changed_takes_the_visit_along(session, estate, now):
    """The caller named another house afterwards: that household is visited, the other no more."""
    event = confirmed(session, estate, now)
    ticket, other = event.tickets[0], estate.houses[9]
    before = ticket.house_id
    ticket.house_id, ticket.building_id = other.id, other.building_id
    special_detection.changed(session, ticket, now)
    due = {one.house_id for one in houses_of(session, event)}
    assert (other.id in due, before in due, len(due)) == (True, False, 5)
    assert (event.state, event.households) == ("confirmed", 5)


def test_a_number_is_of_the_year_on_the_estates_calendar(session, estate, now):
    """Half past midnight of New Year's Day in Shanghai is still the old year in UTC."""
    new_year = datetime(2026, 12, 31, 16, 30, tzinfo=UTC)
    event = proposed(session, estate, new_year)
    assert event.number == f"2027-{event.id:05d}"


def test_a_ticket_of_one_event_is_not_added_to_another(session, estate, now):
    event = confirmed(session, estate, now)
    other = confirmed(session, estate, now, category_code="water_test")
    with pytest.raises(Refused, match="stands in a special event"):
        take(session, other, "link", estate.actor("manager"), now, ticket_id=event.tickets[0].id)


# ---- decisions and the hotline ---------------------------------------------------------------------------------------
def test_the_manager_decides_who_else_is_told_and_says_it_of_both(session, estate, now):
    event = confirmed(session, estate, now)
    manager = estate.actor("manager")
    for data in ({}, {"general_manager": "yes"}, {"developer": "no"}, {"general_manager": "", "developer": ""}):
        with pytest.raises(Refused, match="of both"):
            take(session, event, "decide", manager, now, **data)
    with pytest.raises(Forbidden):
        take(session, event, "decide", estate.actor("supervisor"), now, general_manager="yes", developer="yes")
    take(session, event, "decide", manager, now, general_manager=True, developer=False, note="已电话报告总经理")
    assert (event.tell_general_manager, event.tell_developer) == (True, False)
    assert (event.decided_by, event.decided_at, event.decision_note) == ("manager员", now, "已电话报告总经理")


def test_an_outage_of_its_buildings_is_announced_at_one_press(session, estate, now):
    event = confirmed(session, estate, now)
    take(session, event, "outage", estate.actor("assistant"), now)
    outage = session.scalars(select(Outage)).one()
    assert session.scalars(select(OutageBuilding.building_id)).all() == [event.building_id]
    assert (event.outage_id, outage.kind, outage.starts_at, outage.announced_by) == (
        outage.id,
        "other",
        now,
        "assistant员",
    )
    assert "3幢" in outage.text_zh
    assert "Building 3" in outage.text_en
    heard = outages.notices(session, estate.community.id, now)
    assert [notice.text for notice in heard] == [outage.text_zh]
    with pytest.raises(Refused, match="already"):
        take(session, event, "outage", estate.actor("assistant"), now)
    outages.end(session, outage, estate.actor("assistant"), now)
    take(session, event, "outage", estate.actor("assistant"), now + HOUR)
    assert len(session.scalars(select(Outage)).all()) == 2


# ---- the end ---------------------------------------------------------------------------------------------------------
def test_it_is_closed_when_nothing_is_owed_and_not_before(session, estate, now):
    event = confirmed(session, estate, now)
    supervisor = estate.actor("supervisor")
    with pytest.raises(Refused, match="5 households have neither"):
        take(session, event, "close", supervisor, now)
    settle(session, estate, event, now)
    take(session, event, "close", supervisor, now + HOUR)
    assert (event.state, event.closed_at, event.closed_by) == ("closed", now + HOUR, "supervisor员")
    with pytest.raises(Refused, match="closed"):
        take(session, event, "close", supervisor, now)


@pytest.mark.parametrize(
    ("standing", "words"),
    [
        ({"undecided_tickets": 2}, "2 tickets"),
        ({"unvisited": 3}, "3 households"),
        ({"decided": False}, "has not decided"),
        ({"open_tickets": 1}, "1 of its tickets"),
        ({"outage_open": True}, "not over"),
        ({"report": "none"}, "not signed"),
        ({"report": "draft"}, "not signed"),
        ({"report": "reviewed"}, "not signed"),
        ({"report": "outdated"}, "have changed"),
    ],
)
def test_each_thing_owed_keeps_it_open(standing, words):
    done = {"decided": True, "report": "signed"}
    assert hindrances(Standing("collective", **done)) == []
    found = hindrances(Standing("collective", **{**done, **standing}))
    assert len(found) == 1
    assert words in found[0][0] % found[0][1]


def test_what_changes_after_the_signature_needs_a_new_version_of_the_report(session, estate, now):
    event = confirmed(session, estate, now, kind="repair")
    settle(session, estate, event, now)
    ticket = event.tickets[0]
    perform(session, ticket, "reopen", estate.actor("supervisor"), now + HOUR, {"note": "又坏了"})
    estate.walk(session, ticket, now + 2 * HOUR, "dispatch", "start", "finish")
    with pytest.raises(Refused, match="new version"):
        take(session, event, "close", estate.actor("supervisor"), now + 2 * HOUR)
    with pytest.raises(Invalid, match="what the new version corrects"):
        take(session, event, "write", estate.actor("supervisor"), now + 2 * HOUR, **TEXTS)
    again = {**TEXTS, "measures": "更换主板和门机", "correction": "补充第二次维修"}
    take(session, event, "write", estate.actor("supervisor"), now + 3 * HOUR, **again)
    take(session, event, "review", estate.actor("supervisor"), now + 3 * HOUR)
    take(session, event, "sign", estate.actor("manager"), now + 3 * HOUR)
    take(session, event, "close", estate.actor("supervisor"), now + 3 * HOUR)
    first, second = reversed(special_report.records(session, event))
    assert (first.version, second.version, second.reason) == (1, 2, "补充第二次维修")
    assert first.content["texts"]["measures"] == "更换主板", "what was signed stays as it was"
    assert signed_records.is_whole(first)
    assert signed_records.is_whole(second)


# ---- the report ------------------------------------------------------------------------------------------------------
def test_the_report_says_times_causes_measures_and_improvements_and_no_words_of_a_household(session, estate, now):
    event = confirmed(session, estate, now)
    settle(session, estate, event, now + 2 * HOUR)
    record = session.scalars(select(SignedRecord)).one()
    said = record.content
    assert said["texts"] == TEXTS
    assert said["event"]["households"] == said["event"]["tickets"] == 5
    assert said["times"]["first"] == (now - 4 * HOUR).isoformat()
    assert said["times"]["confirmed"] == now.isoformat()
    assert said["times"]["settled"] == (now + 2 * HOUR).isoformat()
    assert [one["state"] for one in said["visits"]] == ["visited"] * 5
    assert said["decision"] == {
        "general_manager": True, "developer": False, "note": "", "at": (now + 2 * HOUR).isoformat(), "by": "manager员",
    }  # fmt: skip
    assert "同意更换" not in str(said), "the household's words stay on the event"
    assert "+861" not in str(said)
    assert (record.state, record.reviewed_by, record.signed_by) == ("signed", "supervisor员", "manager员")


def test_it_is_reviewed_only_when_it_says_everything_and_by_the_supervisor(session, estate, now):
    event = confirmed(session, estate, now)
    supervisor, manager = estate.actor("supervisor"), estate.actor("manager")
    with pytest.raises(Refused, match="Nobody has written"):
        take(session, event, "review", supervisor, now)
    for name in TEXTS:
        take(session, event, "write", estate.actor("assistant"), now, **{**TEXTS, name: " "})
        with pytest.raises(Refused, match="does not say yet"):
            take(session, event, "review", supervisor, now)
    take(session, event, "write", estate.actor("assistant"), now, **TEXTS)
    with pytest.raises(Refused, match="after the supervisor has reviewed"):
        take(session, event, "sign", manager, now)
    for who in ("manager", "assistant", "steward"):
        with pytest.raises(Forbidden):
            take(session, event, "review", estate.actor(who), now)
    take(session, event, "review", supervisor, now)
    with pytest.raises(Forbidden):
        take(session, event, "sign", supervisor, now)


def test_a_record_that_changed_since_the_review_is_not_signed(session, estate, now):
    event = confirmed(session, estate, now)
    supervisor, manager = estate.actor("supervisor"), estate.actor("manager")
    take(session, event, "write", supervisor, now, **TEXTS)
    take(session, event, "review", supervisor, now)
    take(session, event, "visit", supervisor, now, house_id=event.tickets[0].house_id)
    with pytest.raises(Refused, match="since the review"):
        take(session, event, "sign", manager, now)
    take(session, event, "review", supervisor, now)
    take(session, event, "sign", manager, now)


def test_what_is_meant_for_the_owners_never_names_a_household(session, estate, now):
    event = confirmed(session, estate, now)
    for words in ("感谢3幢1单元101的配合", "1201室已修好"):
        with pytest.raises(Refused, match="never names"):
            take(session, event, "write", estate.actor("supervisor"), now, **TEXTS, public_zh=words)
    person = Person(name="高明")
    session.add(person)
    session.flush()
    session.add(Tenure(person_id=person.id, house_id=estate.houses[3].id, role="owner", starts_on=now.date()))
    session.flush()
    perhaps = "服务质量提高明显，电梯主板已更换。"
    with pytest.raises(Refused, match="Confirm that nobody is meant"):
        take(session, event, "write", estate.actor("supervisor"), now, **TEXTS, public_zh=perhaps)
    take(session, event, "write", estate.actor("supervisor"), now, **TEXTS, public_zh=perhaps, confirmed="1")
    assert event.texts["public_zh"] == perhaps


def test_a_text_that_is_too_long_or_unreadable_is_refused(session, estate, now):
    event = confirmed(session, estate, now)
    for words in ("长" * 4001, "响\x00铃", 5):
        with pytest.raises(Invalid):
            take(session, event, "write", estate.actor("supervisor"), now, course=words)


# ---- emergencies -----------------------------------------------------------------------------------------------------
def test_an_emergency_is_opened_by_hand_and_reported_on_with_its_response_times(session, estate, now):
    ticket = estate.open(session, now, kind="emergency", title="电梯困人")
    ladder = escalation.start(session, ticket, None, now)
    assert ladder is not None
    with pytest.raises(Forbidden):
        special_events.open_emergency(session, estate.actor("assistant"), ticket, now)
    event = special_events.open_emergency(session, estate.actor("supervisor"), ticket, now + HOUR)
    assert (event.kind, event.state, event.households, event.ticket_count) == ("emergency", "confirmed", 1, 1)
    assert ("sms", estate.staff["manager"].number) in told(session)
    assert not ticket.is_collective
    assert houses_of(session, event) == []
    with pytest.raises(Refused, match="collective matter only"):
        take(session, event, "visit", estate.actor("supervisor"), now, house_id=ticket.house_id)
    with pytest.raises(Refused, match="stands in a special event"):
        special_events.open_emergency(session, estate.actor("supervisor"), ticket, now)
    take(session, event, "write", estate.actor("supervisor"), now, **TEXTS)
    with pytest.raises(Refused, match="does not say yet: Cooperation"):
        take(session, event, "review", estate.actor("supervisor"), now)
    take(session, event, "write", estate.actor("supervisor"), now, cooperation="工程与秩序配合良好")
    estate.walk(session, ticket, now + HOUR, "dispatch", "start", "finish")
    take(session, event, "review", estate.actor("supervisor"), now + HOUR)
    take(session, event, "sign", estate.actor("manager"), now + HOUR)
    said = special_report.records(session, event)[0].content
    assert [one["ticket"] for one in said["ladders"]] == [ticket.number]
    assert said["ladders"][0]["alarm"] == now.isoformat()
    take(session, event, "close", estate.actor("manager"), now + HOUR)
    assert event.state == "closed"


def test_only_of_an_emergency_an_event_is_opened_by_hand(session, estate, now):
    with pytest.raises(Refused, match="Only of an emergency"):
        special_events.open_emergency(session, estate.actor("manager"), estate.open(session, now), now)


# ---- what the database holds -----------------------------------------------------------------------------------------
@pytest.mark.parametrize(
    "statement", ["UPDATE special_event_entry SET note = 'x'", "DELETE FROM special_event_entry",
                  "UPDATE signed_record SET content = '{}'", "DELETE FROM signed_record"]
)  # fmt: skip
def test_steps_and_signed_versions_cannot_be_changed_even_by_hand(session, estate, now, statement):
    event = confirmed(session, estate, now)
    settle(session, estate, event, now)
    with pytest.raises(DatabaseError, match="append-only"), session.begin_nested():
        session.execute(text(statement))


def test_nothing_is_left_out_of_the_reason_it_stays_open(session, estate, now):
    event = confirmed(session, estate, now)
    hindrance = first_hindrance(session, event)
    assert hindrance is not None
    assert hindrance[1] == {"count": 5}
