"""The list page: filters in words, columns and views of one's own, whole rows as links, and nonsense in the address."""

import re
from datetime import timedelta
from typing import Any
from urllib.parse import urlencode

import pytest
from flask import Flask
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import select

from app.adapters import clock
from app.models import ListView, Ticket
from tests.support.client import Client
from tests.support.estate import Estate

TICKETS = "/ticketview/list/"


def body(answer: Any) -> str:
    assert answer.status_code == 200, answer.get_data(as_text=True)[:400]
    return str(answer.get_data(as_text=True))


def rows_of(page: str) -> str:
    return page.partition("<tbody>")[2].partition("</tbody>")[0]


def count_of(page: str) -> int:
    return rows_of(page).count("<tr")


def heads(page: str) -> list[str]:
    return [re.sub(r"<[^>]+>|[▲▼]", "", head).strip() for head in re.findall(r"<th scope.*?</th>", page, re.S)]


@pytest.fixture
def manager(client: Client, estate: Estate) -> Client:
    client.login("manager")
    client.get("/lang/zh")
    return client


def test_a_whole_row_leads_to_its_ticket(manager: Client, estate: Estate, session: Any) -> None:
    number = session.get(Ticket, estate.tickets["own"]).number
    assert f'class="row-link" href="/ticket/{number}"' in body(manager.get(TICKETS))


def test_one_of_several_states(manager: Client, estate: Estate, session: Any) -> None:
    session.get(Ticket, estate.tickets["own"]).state = "done"
    session.get(Ticket, estate.tickets["far"]).state = "closed"
    session.commit()
    page = body(manager.get(f"{TICKETS}?_flt_0_state=done&_flt_0_state=closed"))
    assert count_of(page) == 2
    assert "已完成、已办结" in page, "said in words"


def test_a_chip_leads_to_the_list_without_its_filter(manager: Client, estate: Estate) -> None:
    page = body(manager.get(f"{TICKETS}?_flt_0_state=registered&_flt_0_kind=repair"))
    chips = re.findall(r'chip--filter" href="([^"]+)"', page)
    assert chips == [f"{TICKETS}?_flt_0_kind=repair", f"{TICKETS}?_flt_0_state=registered"] or len(chips) == 2
    assert all(body(manager.get(chip.replace("&amp;", "&"))).count("chip--filter") == 1 for chip in chips)


def test_days_that_move_with_the_day(manager: Client, estate: Estate, session: Any) -> None:
    for ticket in session.query(Ticket):
        ticket.created_at = clock.now() - timedelta(minutes=1)
    session.get(Ticket, estate.tickets["own"]).created_at = clock.now() - timedelta(days=40)
    session.commit()
    everything = count_of(body(manager.get(TICKETS)))
    recent = body(manager.get(f"{TICKETS}?_flt_0_created_at=today-29&_flt_1_created_at=today"))
    assert count_of(recent) == everything - 1
    assert "近 30 天" in recent


def test_me_and_nobody(manager: Client, estate: Estate, session: Any) -> None:
    session.get(Ticket, estate.tickets["own"]).assignee_id = estate.staff["manager"]
    session.get(Ticket, estate.tickets["far"]).assignee_id = None
    session.commit()
    mine = body(manager.get(f"{TICKETS}?_flt_0_assignee=me"))
    assert count_of(mine) == 1
    assert "own" in rows_of(mine)
    free = body(manager.get(f"{TICKETS}?_flt_0_assignee=none&_flt_0_assignee=me"))
    assert "far" in rows_of(free)
    assert "own" in rows_of(free)


def test_a_foreign_row_in_a_filter_is_not_named(client: Client, estate: Estate) -> None:
    client.login("steward")
    page = body(client.get(f"{TICKETS}?_flt_0_house={estate.houses['foreign']}"))
    assert count_of(page) == 0
    assert "2幢" not in page.partition("chip--filter")[2][:300]


@pytest.mark.parametrize(
    "wish",
    ["_flt_0_state=ruined", "_flt_0_created_at=gestern", "_flt_0_house=abc", "_flt_0_created_at=2026-02-31"],
)
def test_a_filter_that_makes_no_sense_is_left_out_and_said(manager: Client, estate: Estate, wish: str) -> None:
    page = body(manager.get(f"{TICKETS}?{wish}"))
    assert count_of(page) == count_of(body(manager.get(TICKETS)))
    assert "无法识别" in page


@pytest.mark.parametrize(
    ("wish", "said"),
    [
        ("_flt_0_nonsense=1", "“nonsense”无法识别"),
        ("_flt_0_entries=1", "无法识别"),
        ("_flt_7_state=done", "无法识别"),
        ("_flt_0_=1", "无法识别"),
        ("_flt_0_%00%3Cb%3E=1", "无法识别"),
        ("page_TicketView=abc", "每页条数无法识别"),
        ("end_TicketView=x", "每页条数无法识别"),
        ("psize_TicketView=1e3", "每页条数无法识别"),
        ("page_TicketView=-1", "每页条数无法识别"),
        ("page_TicketView=", ""),
        ("page_TicketView=0", ""),
    ],
)
def test_what_a_list_does_not_know_is_said(manager: Client, estate: Estate, wish: str, said: str) -> None:
    page = body(manager.get(f"{TICKETS}?{wish}"))
    assert count_of(page) == count_of(body(manager.get(TICKETS)))
    assert said in page
    assert "_<b>" not in page
    if not said:
        assert "无法识别" not in page


def test_an_order_that_is_not_offered_is_said(manager: Client, estate: Estate) -> None:
    assert "不能这样排序" in body(manager.get(f"{TICKETS}?_oc_TicketView=description&_od_TicketView=asc"))


def test_a_sorted_head_says_so_and_turns(manager: Client, estate: Estate) -> None:
    page = body(manager.get(f"{TICKETS}?_oc_TicketView=number&_od_TicketView=asc"))
    assert page.count('aria-sort="ascending"') == 1
    assert "_od_TicketView=desc" in page


def test_nothing_yet_and_nothing_matches_say_different_things(manager: Client, estate: Estate) -> None:
    assert "没有符合筛选条件的记录" in body(manager.get(f"{TICKETS}?q=没有这样的词"))
    assert "这里还没有记录" in body(manager.get("/dutyshiftview/list/?view=0"))
    assert "没有这么多页" in body(manager.get(f"{TICKETS}?page_TicketView=99"))


def test_a_view_of_the_list_says_what_its_emptiness_means(manager: Client, estate: Estate, session: Any) -> None:
    for ticket in session.query(Ticket):
        ticket.due_at = None
    session.commit()
    assert "没有超时" in body(manager.get(f"{TICKETS}?view=overdue")) or "都没有" in body(
        manager.get(f"{TICKETS}?view=overdue")
    )


def test_columns_are_kept_for_the_person(manager: Client, client: Client, estate: Estate) -> None:
    form = {"columns": ["state", "title", "channel", "password", "entries"], "density": "compact", "size": "10"}
    assert manager.submit("/ticketview/arrange?_flt_0_kind=repair", form).location.endswith("?_flt_0_kind=repair")
    page = body(manager.get(TICKETS))
    assert heads(page) == ["状态", "标题", "渠道"], "in the order given, unknown ones passed over"
    assert "list--compact" in page
    manager.submit("/logout/")
    client.login("supervisor")
    assert len(heads(body(client.get(TICKETS)))) > 3, "another person's list is another matter"
    client.submit("/logout/")
    client.login("manager")
    manager.submit("/ticketview/arrange", {"reset": "1"})
    assert len(heads(body(manager.get(TICKETS)))) > 3


def test_a_saved_view_keeps_filters_order_and_columns(manager: Client, estate: Estate, session: Any) -> None:
    wishes = "_flt_0_kind=repair&_oc_TicketView=number&_od_TicketView=asc"
    answer = manager.submit(f"/ticketview/views?{wishes}", {"name": " 我的 报修 ", "is_default": "1"})
    key = session.query(ListView).filter_by(name="我的 报修").one().id
    assert answer.location == f"{TICKETS}?view={key}"
    page = body(manager.get(TICKETS))
    assert "我的 报修" in page
    assert 'aria-sort="ascending"' in page, "the list opens with it"
    assert "chip--filter" in page
    assert "chip--filter" not in body(manager.get(f"{TICKETS}?view=0"))
    manager.submit(f"/ticketview/views/{key}/close")
    assert "chip--filter" not in body(manager.get(TICKETS))
    manager.submit(f"/ticketview/views/{key}/remove")
    assert "我的 报修" not in body(manager.get(TICKETS))


def test_a_view_without_a_name_or_for_a_foreign_role_is_refused(manager: Client, estate: Estate, session: Any) -> None:
    manager.submit("/ticketview/views?_flt_0_kind=repair", {"name": "  "})
    manager.submit("/ticketview/views?_flt_0_kind=repair", {"name": "x", "shared_role": "admin"})
    manager.submit("/ticketview/views?_flt_0_kind=repair", {"name": "长" * 61})
    assert session.query(ListView).count() == 0


def test_a_shared_view_is_offered_to_the_role_and_nobody_else(
    manager: Client, client: Client, estate: Estate, session: Any
) -> None:
    manager.submit("/ticketview/views?_flt_0_kind=repair", {"name": "共用", "shared_role": "manager"})
    key = session.query(ListView).one().id
    manager.submit("/logout/")
    client.login("supervisor")
    assert "共用" not in body(client.get(TICKETS))
    assert "chip--filter" not in body(client.get(f"{TICKETS}?view={key}"))
    assert client.submit(f"/ticketview/views/{key}/remove").status_code == 404
    session.expire_all()
    assert session.query(ListView).count() == 1


def test_the_last_page_is_reached_from_the_end(manager: Client, estate: Estate) -> None:
    numbers = []
    for page in range(3):
        numbers += re.findall(
            r"/ticket/(\d{8})", rows_of(body(manager.get(f"{TICKETS}?psize_TicketView=1&page_TicketView={page}")))
        )
    last = re.findall(r"/ticket/(\d{8})", rows_of(body(manager.get(f"{TICKETS}?psize_TicketView=1&end_TicketView=1"))))
    every = re.findall(r'row-link" href="/ticket/(\d{8})', rows_of(body(manager.get(TICKETS))))
    assert last[0] == every[-1]
    assert numbers[0] == every[0]
    before = re.findall(
        r"/ticket/(\d{8})", rows_of(body(manager.get(f"{TICKETS}?psize_TicketView=1&end_TicketView=2")))
    )
    assert before[0] == every[-2]


def test_pages_behind_the_middle_are_the_same_rows(manager: Client, estate: Estate) -> None:
    """Read in the opposite order and turned around: no row twice, none left out."""
    every = re.findall(r'row-link" href="([^"]+)', rows_of(body(manager.get("/houseview/list/"))))
    found: list[str] = []
    for number in range(len(every)):
        page = body(manager.get(f"/houseview/list/?psize_HouseView=1&page_HouseView={number}"))
        found += re.findall(r'row-link" href="([^"]+)', rows_of(page))
    assert found == every


def test_long_lists_are_counted_up_to_a_limit(
    app: Flask, manager: Client, estate: Estate, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("app.views.base.rows.MOST_COUNTED", 2)
    page = body(manager.get(f"{TICKETS}?psize_TicketView=1"))
    assert "共 2+ 条" in page
    assert "end_TicketView=1" in page


def test_what_a_word_finds_is_counted_up_to_fewer(
    app: Flask, manager: Client, estate: Estate, session: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("app.views.base.rows.MOST_FOUND", 1)
    for ticket in session.scalars(select(Ticket)):
        ticket.title = "厨房漏水"
    session.commit()
    assert "共 1+ 条" in body(manager.get(f"{TICKETS}?q=漏水&psize_TicketView=1"))
    assert "共 1+ 条" not in body(manager.get(f"{TICKETS}?psize_TicketView=1"))


def test_values_are_for_people(manager: Client, estate: Estate) -> None:
    page = rows_of(body(manager.get("/phoneview/list/")))
    assert "+86" not in page
    assert re.search(r"\b1\d\d \d{4} \d{4}\b", page), "numbers in groups"
    assert "是" in page


WORDS = st.text(st.characters(codec="utf-8"), max_size=30) | st.sampled_from(
    [
        "me",
        "none",
        "now",
        "today-6",
        "month-1",
        "0",
        "-1",
        "1e9",
        "9" * 40,
        "2026-11-22",
        "'; --",
        "%",
        "\\",
        "999999999",
    ]
)
NAMES = st.sampled_from(
    [f"_flt_{n}_{c}" for n in ("0", "1", "op") for c in ("title", "state", "house", "created_at", "assignee", "x")]
    + ["_oc_TicketView", "_od_TicketView", "page_TicketView", "psize_TicketView", "end_TicketView", "view", "q", "tab"]
)


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(pairs=st.lists(st.tuples(NAMES, WORDS), max_size=6))
def test_no_address_breaks_a_list(manager: Client, estate: Estate, pairs: list[tuple[str, str]]) -> None:
    assert manager.get(f"{TICKETS}?{urlencode(pairs)}").status_code == 200
    assert (
        manager.get(
            "/billview/list/?" + urlencode([(n.replace("created_at", "amount"), v) for n, v in pairs])
        ).status_code
        == 200
    )
