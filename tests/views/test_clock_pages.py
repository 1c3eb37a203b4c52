"""Clock rules, calendars, promises and trials as pages: what each role may, what bad input is told, what is left on the trail."""

import re
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import select

from app.models import AccessEntry, Clock, ClockDraft, ClockPolicy, Community, Holiday, Setting, Ticket, WorkCalendar
from app.services.actors import Actor
from app.services.return_visits import SHARES
from app.services.ticket_verbs import perform
from app.services.tickets import open_ticket
from tests.support.client import Client
from tests.support.estate import Estate
from tests.views.test_rule_changes import form_of

SPLIT = "08:30-12:00, 14:00-17:30"
NEW_RULE = {
    "name": "done", "starts_when": "registered", "kind": "repair", "category_code": "lift", "minutes": "90",
    "calendar": "desk", "warn_percent": "60", "active": "y",
}  # fmt: skip
READERS = ("admin", "manager", "deputy", "supervisor", "quality")
OTHERS = ("assistant", "steward", "technician", "finance", "owner", "resident")


def told(session: Any, kind: str) -> list[AccessEntry]:
    session.rollback()
    return list(session.scalars(select(AccessEntry).where(AccessEntry.subject_kind == kind).order_by(AccessEntry.id)))


def english(client: Client, name: str) -> Client:
    client.login(name)
    client.get("/lang/en")
    return client


def a_ticket(session: Any, estate: Estate, at: datetime, **given: Any) -> Ticket:
    community = session.get_one(Community, estate.home)
    facts = {"kind": "repair", "channel": "desk", "category_code": "lift", "title": "电梯异响", **given}
    ticket = open_ticket(session, community=community, actor=Actor.system("tests"), now=at, **facts)
    session.commit()
    return ticket


# ---- the rules -------------------------------------------------------------------------------------------------------
@pytest.mark.parametrize("role", READERS)
def test_who_answers_for_a_centre_reads_the_rules(client: Client, estate: Estate, role: str) -> None:
    page = english(client, role).get("/clocks/").text
    assert "Applies to Complaint · Found: Valid. From when a finding is made: Reply by 24:00 of the same day" in page
    assert page.count(">Default<") == 3
    assert ("/clockpolicyview/add" in page) is (role == "admin")


@pytest.mark.parametrize("role", OTHERS)
def test_nobody_else_does(client: Client, estate: Estate, role: str) -> None:
    client.login(role)
    for path in ("/clocks/", "/clocks/trial/", "/workcalendarview/list/", "/clockpolicyview/list/"):
        assert client.get(path).status_code in (302, 403), path


def test_an_administrator_adds_a_rule_and_the_page_says_when_it_wins(
    client: Client, estate: Estate, session: Any
) -> None:
    english(client, "admin")
    assert client.submit("/clockpolicyview/add", NEW_RULE).status_code == 302
    (entry,) = told(session, "clock_policy")
    assert entry.action == "rule_added"
    page = client.get("/clocks/?kind=repair&category_code=lift&channel=hotline&priority=normal").text
    found = page[page.index('class="rule-found"') :]
    assert "within 1 h 30 min · Desk hours" in found
    assert "by the rule: Repair · Category: Lift" in re.sub(r"\s+", " ", found)
    assert "wins over one other" in found
    started = a_ticket(session, estate, datetime(2026, 3, 10, 8, 30, tzinfo=UTC))  # Tuesday 16:30
    done = next(clock for clock in started.clocks if clock.name == "done")
    assert (done.calendar, done.due_at) == ("desk", datetime(2026, 3, 11, 1, 0, tzinfo=UTC))  # Wednesday 09:00


@pytest.mark.parametrize(
    ("wrong", "sentence"),
    [
        ({"minutes": ""}, "Give minutes, or let the clock end with the day."),
        ({"warn_percent": "0"}, "Warn after 1 to 100 percent of the time."),
        ({"kind": "", "category_code": "", "priority": "normal"}, "There is a rule for exactly this already"),
        ({"validity": "valid"}, "Only a complaint gets a finding"),
        ({"starts_when": "done"}, "this clock would never be answered"),
        ({"category_code": "moon"}, "Not a valid choice"),
        ({"name": "promise"}, "Not a valid choice"),
        ({"name": ""}, "required"),
    ],
)
def test_a_rule_that_cannot_be_is_told_why_and_not_kept(
    client: Client, estate: Estate, session: Any, wrong: dict[str, str], sentence: str
) -> None:
    before = session.scalars(select(ClockPolicy.id).order_by(ClockPolicy.id)).all()
    answer = english(client, "admin").submit("/clockpolicyview/add", NEW_RULE | wrong)
    assert answer.status_code == 422
    assert sentence in answer.text
    session.rollback()
    assert session.scalars(select(ClockPolicy.id).order_by(ClockPolicy.id)).all() == before


@pytest.mark.parametrize(
    "query", ["kind=nonsense", "kind=repair&priority=%00", "kind=repair&category_code=moon", "kind="]
)
def test_an_odd_question_about_a_matter_is_no_error(client: Client, estate: Estate, query: str) -> None:
    assert english(client, "admin").get(f"/clocks/?{query}").status_code == 200


# ---- calendars -------------------------------------------------------------------------------------------------------
WEEK = dict.fromkeys(("mon", "tue", "wed", "thu", "fri", "make_up"), SPLIT)


def test_a_calendar_with_split_shifts_becomes_a_communitys_desk(client: Client, estate: Estate, session: Any) -> None:
    english(client, "admin")
    week = WEEK | {
        "sat": "9:00－12:00".replace("－", "-"),
        "name": "南区前台",
        "name_en": "South desk",
        "follows_holidays": "y",
    }
    assert client.submit("/workcalendarview/add", week).status_code == 302
    session.rollback()
    kept = session.scalars(select(WorkCalendar).where(WorkCalendar.name == "南区前台")).one()
    assert (kept.mon, kept.sat, kept.sun, kept.follows_holidays) == (SPLIT, "09:00-12:00", "", True)
    assert kept.code.startswith("own-")
    assert "Mon–Fri 08:30–12:00, 14:00–17:30; Sat 09:00–12:00" in client.get("/workcalendarview/list/").text
    assert told(session, "work_calendar")[0].action == "rule_added"
    session.add(ClockPolicy(name="done", starts_when="registered", minutes=120, category_code="lift", calendar="desk"))
    session.flush()
    ticket = a_ticket(session, estate, datetime(2026, 3, 10, 2, 30, tzinfo=UTC))
    number, path = ticket.number, f"/communityview/edit/{estate.home}"
    answer = client.submit(path, form_of(client, path) | {"calendar": str(kept.id)})
    assert answer.status_code == 302
    session.rollback()
    done = session.scalars(select(Clock).join(Ticket).where(Ticket.number == number, Clock.name == "done")).one()
    assert done.due_at == datetime(2026, 3, 10, 6, 30, tzinfo=UTC)  # the rest at noon is given back: 14:30
    assert "were given more time: 1" in client.get(answer.location).text
    client.submit("/logout/")
    client.login("owner")
    assert "周一至周五 08:30–12:00、14:00–17:30；周六 09:00–12:00" in client.get("/owner/more").text


@pytest.mark.parametrize(
    ("wrong", "sentence"),
    [
        ({"tue": "08:30-12:00, 11:00-17:30"}, "Tuesday: the shifts 08:30-12:00 and 11:00-17:30 overlap."),
        ({"tue": "22:00-06:00"}, "Tuesday: a shift ends after it begins."),
        ({"tue": "all day"}, "Tuesday: write the hours like 08:30-12:00"),
        (dict.fromkeys(("mon", "tue", "wed", "thu", "fri"), ""), "needs working hours on at least one day"),
        ({"name": " "}, "required"),
    ],
)
def test_hours_that_cannot_be_are_told_why_and_not_kept(
    client: Client, estate: Estate, session: Any, wrong: dict[str, str], sentence: str
) -> None:
    before = session.scalars(select(WorkCalendar.id).order_by(WorkCalendar.id)).all()
    answer = english(client, "admin").submit("/workcalendarview/add", WEEK | {"name": "新日历"} | wrong)
    assert answer.status_code == 422
    assert sentence in answer.text
    session.rollback()
    assert session.scalars(select(WorkCalendar.id).order_by(WorkCalendar.id)).all() == before


def test_round_the_clock_stays_round_the_clock(client: Client, estate: Estate, session: Any) -> None:
    always = session.scalars(select(WorkCalendar.id).where(WorkCalendar.code == "always")).one()
    path = f"/workcalendarview/edit/{always}"
    answer = english(client, "admin").submit(path, form_of(client, path) | {"mon": "10:00-11:00"})
    assert answer.status_code == 422
    assert "Round the clock has no hours to change" in answer.text


# ---- days off and work days ------------------------------------------------------------------------------------------
def test_a_year_without_a_decree_says_so(client: Client, estate: Estate) -> None:
    english(client, "technician")
    known, unknown = client.get("/clocks/days/?year=2026").text, client.get("/clocks/days/?year=2045").text
    assert "is not known to this product" not in known
    assert "National Day" in known
    assert "2026-10-01 Thu – 2026-10-07 Wed" in known
    assert "decree for 2045 is not known to this product" in unknown
    assert "/holidayview/add" not in known
    for odd in ("", "abc", "999999999", "-5", "0"):
        assert client.get(f"/clocks/days/?year={odd}").status_code == 200


def test_a_correction_has_a_reason_moves_deadlines_and_may_be_withdrawn(
    client: Client, estate: Estate, session: Any
) -> None:
    english(client, "admin")
    session.add(ClockPolicy(name="done", starts_when="registered", minutes=480, category_code="lift", calendar="desk"))
    session.flush()
    number = a_ticket(session, estate, datetime(2026, 3, 10, 2, 30, tzinfo=UTC)).number
    day = {"day": "2026-03-11", "name": "园区检修"}
    for wrong, sentence in (
        ({"name": ""}, "Say why"),
        ({"day": "2026-13-01"}, "not a date"),
        ({"day": ""}, "required"),
    ):
        answer = client.submit("/holidayview/add", day | wrong)
        assert answer.status_code == 422
        assert sentence in answer.text
    answer = client.submit("/holidayview/add", day)
    assert answer.status_code == 302
    again = client.submit("/holidayview/add", day | {"name": "又一次"})
    assert again.status_code == 422
    assert "This day is corrected already." in again.text
    session.rollback()
    done = select(Clock).join(Ticket).where(Ticket.number == number, Clock.name == "done")
    assert session.scalars(done).one().due_at == datetime(2026, 3, 12, 1, 30, tzinfo=UTC)
    page = client.get("/clocks/days/?year=2026").text
    assert "园区检修" in page
    row = session.scalars(select(Holiday)).one()
    assert client.submit(f"/clocks/days/{row.id}/withdraw").status_code == 302
    session.rollback()
    assert session.scalars(select(Holiday)).all() == []
    assert session.scalars(done).one().due_at == datetime(2026, 3, 12, 1, 30, tzinfo=UTC), "nothing is taken away"
    added, gone = told(session, "holiday")
    assert ["name", None, "园区检修"] in added.changes
    assert ["name", "园区检修", None] in gone.changes
    assert client.submit("/clocks/days/999/withdraw").status_code == 404


@pytest.mark.parametrize("role", ["manager", "assistant", "technician", "owner"])
def test_only_an_administrator_corrects_days(client: Client, estate: Estate, session: Any, role: str) -> None:
    session.add(Holiday(day="2026-03-11", is_workday=False, name="检修"))
    session.commit()
    client.login(role)
    for path in ("/holidayview/add", "/clocks/days/1/withdraw"):
        assert client.submit(path, {"day": "2026-03-12", "name": "x"}).status_code in (302, 403), path
    session.rollback()
    assert [row.day for row in session.scalars(select(Holiday))] == ["2026-03-11"]


# ---- promises --------------------------------------------------------------------------------------------------------
def test_promises_stand_there_for_whose_matters_they_are(client: Client, estate: Estate, session: Any) -> None:
    at = datetime.now(UTC)
    tickets = {key: session.get_one(Ticket, estate.tickets[key]) for key in ("own", "far")}
    actor = Actor(None, "x", "王助理", roles=frozenset({"assistant"}))
    for ticket in tickets.values():
        perform(session, ticket, "promise", actor, at, {"due_at": (at + timedelta(hours=5)).isoformat()})
    session.commit()
    numbers = {key: ticket.number for key, ticket in tickets.items()}
    for role, keys in (
        ("assistant", {"own", "far"}),
        ("steward", {"own"}),
        ("technician", set()),
        ("quality", {"own", "far"}),
    ):
        english(client, role)
        page = client.get("/promises/?show=soon").text
        assert {key for key, number in numbers.items() if f"/ticket/{number}" in page} == keys, role
        assert page.count("<tr data-row") == len(keys) == int(re.search(r'data-count="soon">(\d+)', page)[1])
        assert client.get("/promises/?show=soon&page=900").text.count("<tr data-row") == len(keys)
        if keys:
            assert "王助理" in page
        if role == "assistant":
            assert f'href="/work/promises" data-rows="{len(keys)}"' in client.get("/").text
        client.submit("/logout/")
    english(client, "assistant")
    for show in ("open", "overdue", "kept", "broken", "dropped"):
        assert client.get(f"/promises/?show={show}&month=2026-02").status_code == 200
    assert client.get("/promises/?show=nonsense").status_code == 404
    assert client.get("/promises/?show=kept&month=2026-99&page=abc").status_code == 200


# ---- a change tried on a past month ----------------------------------------------------------------------------------
def a_draft(client: Client, session: Any, title: str = "电梯更快") -> str:
    answer = client.submit("/clocks/trial/", {"title": title})
    assert answer.status_code == 302
    return str(answer.location)


def revision(client: Client, path: str) -> str:
    return re.search(r'name="revision" value="(\d+)"', client.get(path).text)[1]


def test_a_draft_is_tried_on_a_month_and_put_in_force_with_a_reason(
    client: Client, estate: Estate, session: Any
) -> None:
    number = a_ticket(session, estate, datetime(2026, 2, 10, 2, 30, tzinfo=UTC), title="试算用").number
    english(client, "admin")
    path = a_draft(client, session)
    assert "The draft changes nothing yet." in client.get(path).text
    fast = NEW_RULE | {"calendar": "always", "category_code": "lift"}
    sent = fast | {"revision": revision(client, f"{path}/rule")}
    assert client.submit(f"{path}/rule", sent).status_code == 302
    page = client.get(f"{path}?month=2026-02").text
    assert "Tried on 2026-02" in page
    session.rollback()
    assert len(session.scalars(select(ClockPolicy).where(ClockPolicy.minutes == 90)).all()) == 0, (
        "nothing is in force yet"
    )
    before = session.scalars(select(ClockPolicy.id).order_by(ClockPolicy.id)).all()
    assert number in client.get("/ticketview/list/?view=0").text
    answer = client.submit(f"{path}/force", {"reason": "", "revision": revision(client, path)})
    assert answer.status_code == 400
    assert "Say why the rules are changed" in answer.text
    stale = client.submit(f"{path}/force", {"reason": "为了安全", "revision": "99"})
    assert stale.status_code == 409
    assert "changed this draft meanwhile" in stale.text
    assert client.submit(f"{path}/force", {"reason": "为了安全", "revision": revision(client, path)}).status_code == 302
    (entry,) = told(session, "clock_policy")
    assert entry.changes[0] == ["reason", None, "为了安全"]
    assert len(session.scalars(select(ClockPolicy.id).order_by(ClockPolicy.id)).all()) == len(before) + 1
    assert "为了安全" in client.get("/auditview/list/").text
    shown = client.get(path).text
    assert "In force" in shown
    assert f"{path}/force" not in shown


def test_what_would_change_is_listed_and_its_number_is_the_lists(client: Client, estate: Estate, session: Any) -> None:
    late = a_ticket(session, estate, datetime(2026, 2, 10, 2, 30, tzinfo=UTC), title="用时三小时")
    actor = Actor(None, "x", "x", roles=frozenset({"assistant"}))
    for verb, hours in (("dispatch", 1), ("start", 1), ("finish", 3)):
        perform(session, late, verb, actor, late.created_at + timedelta(hours=hours), {})
    session.commit()
    number = late.number
    english(client, "supervisor")
    path = a_draft(client, session)
    rule = session.scalars(
        select(ClockPolicy.id).where(
            ClockPolicy.name == "done", ClockPolicy.priority == late.priority, ClockPolicy.starts_when == "registered"
        )
    ).one()
    form = f"{path}/rule?of={rule}"
    sent = form_of(client, form) | {"minutes": "100"}
    assert client.submit(form, sent).status_code == 302
    page = client.get(f"{path}?month=2026-02").text
    changes = page[page.index('id="changes"') :]
    assert changes.count("<tr data-row") == 1
    assert f"/ticket/{number}" in changes
    assert "An administrator puts the draft in force." in page
    assert client.submit(f"{path}/force", {"reason": "x", "revision": revision(client, path)}).status_code in (302, 403)
    session.rollback()
    assert session.scalars(select(ClockDraft.state)).all() == ["open"]
    client.submit("/logout/")
    client.login("quality")
    assert client.get(path).status_code == 200
    assert client.submit(f"{path}/drop", {"revision": "1"}).status_code in (302, 403)
    session.rollback()
    assert session.scalars(select(ClockDraft.state)).all() == ["open"]


def test_bad_input_to_a_draft_is_told_and_leaves_it_as_it_was(client: Client, estate: Estate, session: Any) -> None:
    english(client, "admin")
    assert client.submit("/clocks/trial/", {"title": " "}).status_code == 400
    path = a_draft(client, session)
    for odd in ("?of=99999", "?row=7", "?of=abc"):
        assert client.get(f"{path}/rule{odd}").status_code in (200, 404)
    sent = NEW_RULE | {"minutes": "", "revision": revision(client, f"{path}/rule")}
    answer = client.submit(f"{path}/rule", sent)
    assert answer.status_code == 400
    assert "Give minutes, or let the clock end with the day." in answer.text
    assert client.submit(f"{path}/rule", NEW_RULE | {"minutes": "many", "revision": "1"}).status_code == 422
    assert client.submit(f"{path}/out", {"row": "5", "revision": "1"}).status_code == 404
    for odd in ("?month=2026-13", "?month=1999-01", "?month=9999-99&community=abc&page=-1", "?month=2199-12"):
        assert client.get(path + odd).status_code == 200
    assert client.get("/clocks/trial/99999").status_code == 404
    session.rollback()
    assert session.scalars(select(ClockDraft.rows)).all() == [[]]


def test_a_form_sent_twice_makes_one_draft(client: Client, estate: Estate, session: Any) -> None:
    english(client, "admin")
    key = re.search(r'name="form_key" value="([^"]+)"', client.get("/clocks/trial/").text)[1]
    for _ in range(2):
        assert client.submit("/clocks/trial/", {"title": "一次", "form_key": key}).status_code == 302
    session.rollback()
    assert len(session.scalars(select(ClockDraft)).all()) == 1


# ---- the ticket's page and REST --------------------------------------------------------------------------------------
def finished(session: Any, estate: Estate) -> Ticket:
    session.add_all([Setting(key=key, value="0") for key in SHARES])
    at = datetime.now(UTC) - timedelta(hours=1)
    ticket = a_ticket(session, estate, at, kind="consultation", channel="transfer")
    actor = Actor(None, "x", "x", roles=frozenset({"assistant"}))
    for verb in ("dispatch", "start", "finish"):
        perform(session, ticket, verb, actor, at + timedelta(minutes=5), {})
    session.commit()
    return ticket


def test_a_page_asks_why_something_is_owed_no_more(client: Client, estate: Estate, session: Any) -> None:
    number = finished(session, estate).number
    english(client, "assistant")
    path = f"/ticket/{number}/close"
    form = client.get(path).text
    assert "Still open: Report back." in form
    refused = client.submit(path, {"note": ""})
    assert refused.status_code == 409
    assert "has not been reported back to the developer" in refused.text
    assert client.submit(path, {"owed_reason": "对方已结案"}).status_code == 302
    session.rollback()
    assert session.scalars(select(Ticket.state).where(Ticket.number == number)).one() == "closed"
    shown = client.get(f"/ticket/{number}").text
    assert "对方已结案" in shown
    assert "the matter was closed" in shown


def test_rest_refuses_with_a_sentence_and_takes_the_reason(client: Client, estate: Estate, session: Any) -> None:
    ticket = finished(session, estate)
    path = f"/api/v1/ticket/{ticket.id}/close"
    client.authorize("assistant")
    refused = client.post(path, json={})
    assert refused.status_code == 409
    assert "反馈开发商客服中心" in refused.get_json()["message"]
    assert client.post(path, json={"owed_reason": "对方已结案"}).status_code == 200


def test_a_clock_of_the_default_is_shown_as_such(client: Client, estate: Estate, session: Any) -> None:
    for policy in session.scalars(select(ClockPolicy)):
        policy.active = False
    session.flush()
    number = a_ticket(session, estate, datetime.now(UTC)).number
    page = english(client, "assistant").get(f"/ticket/{number}").text
    assert page.count("no rule speaks of it") == 2
