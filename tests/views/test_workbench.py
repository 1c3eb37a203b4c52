"""`/`, the queues behind its numbers, and the search: each role its own, few statements, no number without its list."""

import re
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select

from app.jobs.schedule import JOBS
from app.models import Bill, Clock, Community, Department, House, JobRun, Message, ReturnVisit, Staff, Ticket
from app.rules.codes import Role
from app.rules.figures import rate_text, share
from app.services.actors import Actor
from app.services.tickets import open_ticket
from app.services.transaction import transaction
from app.services.workbench import BY_ROLE, SHOWN_FIRST
from app.services.workbench_queues import QUEUES
from app.views.labels import CODES
from tests.support.client import Client
from tests.support.estate import Estate
from tests.views.test_statements import statements_of

STAFF = [role.value for role in Role if role not in (Role.OWNER, Role.RESIDENT)]
LIST, FIRST = 12, 15


@pytest.mark.parametrize("role", STAFF)
def test_first_page_of_each_role_asks_little(app: Flask, client: Client, estate: Estate, role: str) -> None:
    client.login(role)
    assert 1 <= len(statements_of(app, client, "/")) <= FIRST
    assert len(statements_of(app, client, "/now")) <= FIRST
    assert len(statements_of(app, client, "/work/open")) <= LIST
    assert len(statements_of(app, client, "/search?q=101")) <= LIST


def test_a_page_past_the_end_leads_to_the_last_one(client: Client, estate: Estate) -> None:
    client.login("assistant")
    assert client.get("/work/open?page=50&building=1").location == "/work/open?building=1&page=0"


@pytest.mark.parametrize("role", ["owner", "resident"])
def test_household_goes_to_its_own_page(client: Client, estate: Estate, role: str) -> None:
    client.login(role)
    assert client.get("/").location == "/owner/"
    assert client.get("/work/open").status_code == 403
    assert client.get("/search?q=1").status_code == 403


def test_stranger_goes_to_the_log_in_page(client: Client) -> None:
    assert "/login" in client.get("/").location
    assert client.get("/search?q=1").status_code == 302


def rows_behind(client: Client, address: str) -> int:
    """How many rows a list has, over all of its pages."""
    total, page = 0, 0
    while True:
        joint = "&" if "?" in address else "?"
        text = client.get(f"{address}{joint}page={page}").get_data(as_text=True)
        total += text.count('class="matter__title"')
        if 'rel="next"' not in text:
            return total
        page += 1


def busy_day(estate: Estate, now: datetime) -> None:
    """Something of everything that a first page counts: today, yesterday, a week ago, last month."""
    with transaction() as session:
        house = session.get_one(House, estate.houses["own"])
        home = session.get_one(Community, estate.home)
        system = Actor.system("tests")
        for number, (days, kind) in enumerate(
            [
                (0, "complaint"),
                (0, "repair"),
                (1, "repair"),
                (2, "complaint"),
                (5, "repair"),
                (7, "repair"),
                (20, "complaint"),
            ]
            * 4
        ):
            ticket = open_ticket(
                session,
                community=home,
                kind=kind,
                channel="desk",
                category_code="fee" if number % 5 == 0 else "water",
                title=f"{number} 号",
                description="x",
                house=house,
                actor=system,
                now=now - timedelta(days=days, minutes=number),
            )
            session.flush()
            if number % 2:
                _settle(session, ticket, now, days, number)
            elif number % 4 == 0:
                ticket.state, ticket.assignee_id = "dispatched", estate.staff["technician"] if number % 8 else None
        for place, state in enumerate(("open", "part_paid", "paid")):
            old = session.get_one(Bill, estate.bills["own"])
            values = {name: getattr(old, name) for name in ("community_id", "house_id", "fee_item_id", "payer_id")}
            amount = Decimal("100.00")
            session.add(
                Bill(
                    **values,
                    period=f"2026-0{place + 3}",
                    quantity=old.quantity,
                    rate=old.rate,
                    amount=amount,
                    paid_yuan={"open": 0, "part_paid": 40, "paid": 100}[state],
                    state=state,
                    issued_on=now.date(),
                    due_on=now.date() + timedelta(days=20 * place - 5),
                )
            )
        for days in (1, 3, 30):
            at = now - timedelta(days=days)
            common = {"channel": "sms", "to": "+8613900000000", "purpose": "done", "body": "好了", "created_at": at}
            session.add(Message(key=f"f{days}", state="failed_permanent", community_id=estate.home, **common))


def _settle(session: Any, ticket: Ticket, now: datetime, days: int, number: int) -> None:
    at = now - timedelta(days=days, seconds=30)
    ticket.state, ticket.done_at = "done", at
    for clock in session.scalars(select(Clock).where(Clock.ticket_id == ticket.id)):
        clock.state, clock.met_at = ("met", at) if number % 3 else ("breached", None)
    session.add(
        ReturnVisit(
            ticket_id=ticket.id, state="made", due_on=at.date(), visited_at=at, score=1 + number % 5, reason="policy"
        )
    )


@pytest.mark.parametrize("role", STAFF)
def test_every_number_opens_a_list_of_as_many(
    frozen: Any, session: Any, client: Client, estate: Estate, now: datetime, role: str
) -> None:
    busy_day(estate, now)
    client.login(role)
    page = client.get("/").get_data(as_text=True)
    numbers = re.findall(r'href="([^"]+)" data-rows="(\d+)"', page)
    assert len(numbers) >= len(BY_ROLE[role]) + 15, "tiles, five figures of three days, four ages"
    assert any(int(number) > 1 for _address, number in numbers)
    for address, number in numbers:
        assert rows_behind(client, address.replace("&amp;", "&")) == int(number), address
    shown = re.findall(r"tile__number num[^>]*>([^<]+)<", page)
    assert len(shown) >= len(BY_ROLE[role])
    assert page.count("tile__number num") == len(re.findall(r'class="tile [^>]*data-rows=', page)), (
        "no tile without its list"
    )


@pytest.mark.parametrize("role", STAFF)
def test_a_busy_first_page_asks_no_more(
    app: Flask, frozen: Any, session: Any, client: Client, estate: Estate, now: datetime, role: str
) -> None:
    busy_day(estate, now)
    client.login(role)
    for path in ("/", "/now"):
        asked = statements_of(app, client, path)
        assert 1 <= len(asked) <= FIRST, (len(asked), asked)


@pytest.mark.parametrize("role", STAFF)
def test_empty_lists_are_folded_behind_those_with_something(
    frozen: Any, session: Any, client: Client, estate: Estate, now: datetime, role: str
) -> None:
    busy_day(estate, now)
    client.login(role)
    page = client.get("/").get_data(as_text=True)
    part = page[page.index('data-part="tiles"') : page.index('data-part="waiting"')]
    first, _fold, folded = part.partition('id="tiles-empty"')
    assert 'data-rows="0"' not in first
    assert set(re.findall(r'data-rows="(\d+)"', folded.partition("</details>")[0])) <= {"0"}
    shown = set(re.findall(r'class="tile [^>]*href="/work/(\w+)"', part))
    assert shown >= set(BY_ROLE[role])


def test_figures_of_the_day_are_counted_right(
    frozen: Any, session: Any, client: Client, estate: Estate, now: datetime
) -> None:
    """Against a count by hand in Python."""
    busy_day(estate, now)
    tickets = session.scalars(select(Ticket).where(Ticket.community_id == estate.home)).all()
    done = [one for one in tickets if one.done_at and one.done_at.date() == now.date()]
    late = [one for one in done if any(clock.state == "breached" for clock in one.clocks)]
    visits = [
        one for one in session.scalars(select(ReturnVisit)) if one.visited_at and one.visited_at.date() == now.date()
    ]
    session.rollback()
    client.login("assistant")
    page = client.get("/").get_data(as_text=True)
    day = "2026-03-10"

    def shown(what: str) -> str:
        found = re.search(rf'day__now num" href="/work/day/{day}/{what}" data-rows="\d+">([^<]+)<', page)
        assert found
        return found.group(1)

    assert shown("done") == str(len(done)) == "4"
    assert shown("judged") == rate_text(share(len(done) - len(late), len(done)))
    satisfied = sum(one.score >= 4 for one in visits)
    assert shown("scored") == rate_text(share(satisfied, len(visits)))
    assert shown("tickets") == str(sum(one.created_at >= now - timedelta(hours=10, minutes=30) for one in tickets))
    assert shown("calls") == "3"


def test_what_waits_says_why_and_offers_the_step(
    frozen: Any, session: Any, client: Client, estate: Estate, now: datetime
) -> None:
    with transaction() as writing:
        ticket = writing.get_one(Ticket, estate.tickets["own"])
        ticket.callback_due = True
        number = ticket.number
    client.login("assistant")
    page = client.get("/").get_data(as_text=True)
    row = re.search(rf'<li class="todo__row.*?/ticket/{number}.*?</li>', page, re.S)
    assert row
    assert "待回电" in row.group(0) or "回" in row.group(0)
    assert f'data-sheet href="/ticket/{number}/contact?back=/"' in row.group(0)
    assert 'href="tel:' in row.group(0)
    assert "data-due=" in row.group(0)


def test_what_is_late_says_since_when_and_by_which_clock(
    frozen: Any, session: Any, client: Client, estate: Estate, now: datetime
) -> None:
    with transaction() as writing:
        ticket = writing.get_one(Ticket, estate.tickets["own"])
        number, began = ticket.number, now - timedelta(hours=30)
        for clock in writing.scalars(select(Clock).where(Clock.ticket_id == ticket.id)):
            clock.state, clock.met_at = "met", now
        writing.add(
            Clock(ticket_id=ticket.id, name="done", state="breached", calendar="always", minutes=60, warn_percent=75,
                  started_at=began, warn_at=began, due_at=now - timedelta(hours=29), breached_at=now - timedelta(hours=29),
                  changed_at=began)
        )  # fmt: skip
        ticket.due_at, ticket.urged_count = now + timedelta(days=3), 2
    client.login("supervisor")
    client.get("/lang/en")
    row = re.search(rf'<li class="todo__row.*?/ticket/{number}.*?</li>', client.get("/").get_data(as_text=True), re.S)
    assert row
    words = re.sub(r"<[^>]+>", " ", row.group(0))
    assert "Time has run out" in words
    assert "asked again ×2" in words
    assert "Completion" in words, "the clock that ran out, not the nearest that still runs"
    assert f'data-due="{(now - timedelta(hours=29)).isoformat()}"' in row.group(0)


@pytest.mark.parametrize("state", ["done", "visited", "closed", "cancelled", "reopened", "waiting"])
def test_an_urge_shows_as_long_as_somebody_waits_for_word(
    session: Any, client: Client, estate: Estate, state: str
) -> None:
    with transaction() as writing:
        ticket = writing.get_one(Ticket, estate.tickets["own"])
        ticket.urged_count, ticket.state, number = 3, state, ticket.number
    client.login("assistant")
    client.get("/lang/en")
    for page in (f"/ticket/{number}", f"/search?q={ticket.title}"):
        shown = "asked again ×3" in client.get(page).get_data(as_text=True).partition('id="timeline"')[0]
        assert shown == (state in ("reopened", "waiting")), page


@pytest.mark.parametrize(
    ("role", "path"),
    [
        ("assistant", "/work/bills/owed"),
        ("steward", "/work/bills/2026-02"),
        ("technician", "/work/messages/failed"),
        ("steward", "/work/messages/queued"),
        ("finance", "/work/day/2026-03-10/calls"),
        ("technician", "/work/day/2026-03-10/calls"),
    ],
)
def test_lists_of_what_a_role_may_not_list_are_shut(client: Client, estate: Estate, role: str, path: str) -> None:
    client.login(role)
    assert client.get(path).status_code == 403


@pytest.mark.parametrize(
    "path",
    [
        "/work/day/2026-03-10/nothing",
        "/work/day/2026-02-30/tickets",
        "/work/day/20260310/tickets",
        "/work/day/1999-01-01/tickets",
        "/work/age/never",
        "/work/bills/2026-3",
        "/work/bills/abc",
        "/work/messages/abc",
    ],
)
def test_lists_that_are_none_are_not_found(client: Client, estate: Estate, path: str) -> None:
    client.login("manager")
    assert client.get(path).status_code == 404


def test_a_list_of_another_building_or_community_stays_within_the_rows(
    client: Client, estate: Estate, session: Any
) -> None:
    foreign = session.get(Ticket, estate.tickets["foreign"])
    building, community = foreign.building_id, foreign.community_id
    session.rollback()
    client.login("manager")
    assert "foreign" not in client.get(f"/work/open?building={building}").get_data(as_text=True)
    page = client.get(f"/work/month/2026-03/tickets?community={community}").get_data(as_text=True)
    assert 'class="matter__title"' not in page
    assert client.get("/work/open?building=99999999999999999999").status_code == 200
    assert client.get("/work/open?building=%00").status_code == 200


def test_numbers_are_of_own_rows(client: Client, estate: Estate) -> None:
    """Four tickets: three of the home community, two of them in the steward's building."""
    counted = {}
    for role in ("admin", "assistant", "steward", "technician"):
        client.login(role)
        counted[role] = client.get("/work/open").get_data(as_text=True).count('class="matter__title"')
        client.submit("/logout/")
    assert counted == {"admin": 4, "assistant": 3, "steward": 2, "technician": 0}


def test_queues_named_for_roles_exist() -> None:
    for role, codes in (*BY_ROLE.items(), *SHOWN_FIRST.items()):
        assert set(codes) <= QUEUES.keys(), role
        assert set(SHOWN_FIRST.get(role, ())) <= set(BY_ROLE[role]), (
            f"{role} is shown tickets it is not told the number of"
        )


def test_fragment_is_the_list_alone(client: Client, estate: Estate) -> None:
    client.login("assistant")
    part = client.get("/now").get_data(as_text=True)
    assert "<html" not in part
    assert "own 水管漏水" in part


@pytest.mark.parametrize(
    "path", ["/work/nothing", "/work/%00", "/work/open/x", "/nothing-here", "/ticketview/show/abc", "/owner/ticket/%00"]
)
def test_what_is_not_there_is_a_page_in_chinese(client: Client, estate: Estate, path: str) -> None:
    client.login("assistant" if not path.startswith("/owner") else "owner")
    answer = client.get(path)
    assert answer.status_code == 404
    assert "没有" in answer.get_data(as_text=True)


@pytest.mark.parametrize("page", ["zzz", "-1", "1e9", "99999999999999999999", "", "%00", "１"])
def test_strange_page_numbers_are_no_error(client: Client, estate: Estate, page: str) -> None:
    client.login("assistant")
    assert client.get(f"/work/open?page={page}").status_code == 200


@pytest.mark.parametrize(
    "words",
    ["", " ", "%", "_", "\x00", "'; drop table ticket;--", "1" * 3000, "+8613900000000", "3-2-1201", "🙂", "\u202e"],
)
def test_search_survives_everything(client: Client, estate: Estate, words: str) -> None:
    client.login("assistant")
    assert client.get("/search", query_string={"q": words}).status_code in (200, 302)


def test_the_kept_page_of_the_search_shows_each_search_its_own(client: Client, estate: Estate, session: Any) -> None:
    client.login("assistant")
    title = session.get_one(Ticket, estate.tickets["own"]).title
    first = client.get("/search", query_string={"q": "<b>&nichts"}).get_data(as_text=True)
    again = client.get("/search", query_string={"q": title}).get_data(as_text=True)
    assert first.count("&lt;b&gt;&amp;nichts") >= 3, "the heading, the title and the box"
    assert "<b>&nichts" not in first
    assert "nichts" not in again
    assert f'value="{title}"' in again
    assert session.get_one(Ticket, estate.tickets["own"]).number in again


def test_search_finds_by_number_telephone_house_and_name(client: Client, estate: Estate, session: Any) -> None:
    client.login("assistant")
    ticket = session.get(Ticket, estate.tickets["own"])
    assert client.get(f"/search?q={ticket.number}").location == f"/ticket/{ticket.number}"
    for words in (ticket.number[:6], "1幢1单元101", "1-1-101", "水管"):
        assert ticket.number in client.get("/search", query_string={"q": words}).get_data(as_text=True), words
    assert "张三" in client.get("/search?q=13900000000").get_data(as_text=True)
    found = client.get("/search?q=张三").get_data(as_text=True)
    assert 'href="tel:+8613900000000">139 0000 0000</a>' in found


def test_search_stays_within_the_rows(client: Client, estate: Estate, session: Any) -> None:
    foreign = session.get(Ticket, estate.tickets["foreign"]).number
    session.rollback()
    client.login("assistant")
    page = client.get("/search?q=赵六").get_data(as_text=True) + client.get(f"/search?q={foreign}").get_data(
        as_text=True
    )
    assert "月亮湾" not in page
    assert "foreign 水管漏水" not in page
    client.submit("/logout/")
    client.login("technician")
    assert "张三" not in client.get("/search?q=13900000000").get_data(as_text=True)


def test_language_stays_on_the_page(client: Client, estate: Estate) -> None:
    client.login("assistant")
    assert "我的工作台" in client.get("/work/open?page=0").get_data(as_text=True)
    answer = client.get("/lang/en", headers={"Referer": "http://localhost/work/open?page=0"})
    assert answer.location == "/work/open?page=0"
    page = client.get("/work/open").get_data(as_text=True)
    assert "All open" in page
    assert '<html lang="en"' in page


@pytest.mark.parametrize("month", ["2026-13", "abc", "0001-01", "9999-12", "2026-1", "%00", "2026-03-10"])
def test_a_month_that_is_none_is_not_found(client: Client, estate: Estate, month: str) -> None:
    client.login("manager")
    assert client.get(f"/figures/{month}/requests").status_code == 404


def test_figures_of_the_month_open_their_tickets(frozen: Any, client: Client, estate: Estate) -> None:
    client.login("manager")
    page = client.get("/").get_data(as_text=True)
    found = re.search(rf'href="(/figures/2026-03/requests\?community={estate.home})" data-rows="(\d+)"', page)
    assert found
    listed = client.get(found.group(1)).get_data(as_text=True)
    assert listed.count('class="matter__title"') == int(found.group(2)) == 3
    assert "foreign 水管漏水" not in listed


def test_role_of_the_administrators_own_making_has_a_first_page(
    app: Flask, client: Client, estate: Estate, session: Any
) -> None:
    from flask_appbuilder.security.sqla.models import Role as RoleRow

    from app.services.transaction import transaction
    from tests.support.estate import login

    with transaction() as writing:
        writing.add(RoleRow(name="inspector"))
        writing.flush()
        login(writing, "inspector", "inspector")
    client.login("inspector")
    assert client.get("/").status_code == 200
    assert client.get("/work/open").status_code == 403


def test_every_scheduled_job_has_a_label() -> None:
    assert CODES["job"].keys() == JOBS.keys()


@pytest.mark.parametrize(
    ("locale", "failed", "well", "outbox"),
    [
        ("zh", "今天 10:31运行失败，稍后自动重试", f"{len(JOBS) - 2}项任务正常", "消息发送"),
        (
            "en",
            "failed: today 10:31; will run again by itself",
            f"{len(JOBS) - 2} jobs are well",
            "Sending of messages",
        ),
    ],
)
def test_health_of_the_house_is_said_in_words(
    frozen: Any,
    session: Any,
    client: Client,
    estate: Estate,
    now: datetime,
    locale: str,
    failed: str,
    well: str,
    outbox: str,
) -> None:
    """No job's code, no exception: those that are well are one line, the failed and the running stand before it."""
    with transaction() as writing:
        for name in JOBS:
            run = JobRun(job=name, period="2026-03-10", started_at=now, finished_at=now, result={})
            if name == "outbox":
                run.error = "OperationalError: (sqlite3.OperationalError) database is locked"
                run.finished_at = now + timedelta(minutes=1)
            elif name == "orphans":
                run.finished_at = None
            writing.add(run)
    client.login("admin")
    client.get(f"/lang/{locale}")
    page = client.get("/").get_data(as_text=True)
    assert "OperationalError" not in page
    part = page[page.index('data-part="beside"') : page.index('data-part="today"')]
    shown = re.sub(r"<[^>]+>", " ", part)
    for name in JOBS:
        assert not re.search(rf">\s*{name}\s*<", part), name
    assert "_" not in shown
    assert well in shown
    assert failed in shown
    assert part.index(outbox) < part.index('id="jobs-well"')


def test_departments_are_named_in_the_readers_language(session: Any, client: Client, estate: Estate) -> None:
    """On rows, cards, the ticket's page and the household's page, while nobody by name has the matter."""
    with transaction() as writing:
        ticket = writing.get_one(Ticket, estate.tickets["own"])
        department = writing.scalars(select(Department).where(Department.name_en != "").limit(1)).one()
        ticket.department, ticket.assignee, ticket.callback_due = department, None, True
        ticket.responsible = name = department.name
        name_en, number = department.name_en, ticket.number
    for role, paths in {
        "assistant": ("/", "/work/open", f"/ticket/{number}"),
        "owner": (f"/owner/ticket/{number}",),
    }.items():
        client.login(role)
        for path in paths:
            client.get("/lang/zh")
            assert name in client.get(path).get_data(as_text=True), path
            client.get("/lang/en")
            page = client.get(path).get_data(as_text=True)
            assert name_en in page, path
            assert f">{name}<" not in page, path
        client.submit("/logout/")


def test_what_a_household_reads_is_worded_for_it(session: Any, client: Client, estate: Estate) -> None:
    """The block of finished matters, and a promise that is kept in Chinese whatever the page's language."""
    with transaction() as writing:
        ticket = writing.get_one(Ticket, estate.tickets["own"])
        ticket.assignee = writing.get_one(Staff, estate.staff["technician"])
        ticket.assignee.promise = "随叫随到"
        number = ticket.number
    client.login("owner")
    client.get("/lang/zh")
    assert '<h2 id="finished-title">已办完的事</h2>' in client.get("/owner/matters").get_data(as_text=True)
    client.get("/lang/en")
    assert '<h2 id="finished-title">Finished</h2>' in client.get("/owner/matters").get_data(as_text=True)
    assert '<dd translate="no" lang="zh">随叫随到</dd>' in client.get(f"/owner/ticket/{number}").get_data(as_text=True)


@pytest.mark.parametrize(("passed", "tone"), [(0.74, "calm"), (0.76, "warn"), (1.01, "bad")])
def test_a_clock_that_has_warned_looks_so_however_long_it_still_runs(
    frozen: Any, app: Flask, client: Client, estate: Estate, now: datetime, passed: float, tone: str
) -> None:
    long = timedelta(days=20)
    with app.app_context(), transaction() as session:
        ticket = session.get_one(Ticket, estate.tickets["own"])
        for clock in session.scalars(select(Clock).where(Clock.ticket_id == ticket.id)):
            clock.started_at = now - long * passed
            clock.warn_at, clock.due_at = clock.started_at + long * 0.75, clock.started_at + long
            ticket.due_at = clock.due_at
    client.login("assistant")
    rows = client.get("/").get_data(as_text=True).split('class="todo__row')
    row = next(row for row in rows if "own 水管漏水" in row)
    assert f"due--{tone}" in row
