"""Lists read as plain columns show what mapped objects would, and a kept page is nobody else's and never an earlier answer's."""

import re
from typing import Any

import pytest
from flask import Flask
from flask_babel import force_locale

from app.extensions import appbuilder, db
from app.models import Ticket
from app.services.actors import Actor
from app.services.kept import Kept
from app.views.base import kept_pieces
from app.views.base.cells import is_english
from app.views.base.model_page import ModelPage
from app.views.base.plain_rows import plain_rows
from app.views.base.table_html import rows_html
from tests.support.client import Client
from tests.support.estate import Estate, login

LIST = "/ticketview/list/"


def page(client: Client, path: str = LIST) -> str:
    answer = client.get(path)
    assert answer.status_code == 200
    return str(answer.get_data(as_text=True))


@pytest.mark.parametrize("locale", ["zh", "en"])
def test_plain_rows_show_what_mapped_ones_show(
    app: Flask, estate: Estate, monkeypatch: pytest.MonkeyPatch, locale: str
) -> None:
    everything = Actor.system("test")
    monkeypatch.setattr("app.views.base.rows.current_actor", lambda: everything)
    compared: set[str] = set()
    with app.test_request_context("/"), force_locale(locale):
        for view in [view for view in appbuilder.baseviews if isinstance(view, ModelPage)]:
            monkeypatch.setattr(view, "leads", lambda: True)
            for columns in (view.list_columns, view.all_columns()):
                plain = plain_rows(view, columns, is_english())
                if plain is None:
                    continue
                order = view.order_by(*view.base_order)
                pages = [
                    view.datamodel.read(view.datamodel.asked([], order, 50, options, how)).items
                    for options, how in ((view.eager(columns), None), ((), plain))
                ]
                mapped, quick = (rows_html(view, items, columns, plain=items is pages[1]) for items in pages)
                assert quick == mapped, type(view).__name__
                compared |= {type(view).__name__} if pages[0] else set()
        db.session.remove()
    assert {"TicketView", "HouseView", "TenureView", "StaffView"} <= compared


def test_a_kept_page_is_nobody_elses(client: Client, estate: Estate, session: Any, new_client: Any) -> None:
    """Two with the same role, thereby the same permissions, and the same empty list."""
    empty = f"{LIST}?q=nothing"
    login(session, "somebody", "manager")
    session.commit()
    client.login("manager")
    page(client, empty)
    other = new_client()
    other.login("somebody")
    for asked, mine, theirs in ((client, "manager", "somebody"), (other, "somebody", "manager")):
        found = page(asked, empty)
        assert f'menu__name" translate="no">{mine}<' in found
        assert theirs not in re.sub(r"<option.*?</option>", "", found)


def test_a_kept_page_has_the_tokens_of_its_own_answer(client: Client, estate: Estate, new_client: Any) -> None:
    client.login("manager")
    first, second = page(client), page(client)
    assert kept_pieces._MARK not in first + second
    nonces = [re.findall(r'nonce="([^"]+)"', found) for found in (first, second)]
    assert len(set(nonces[0])) == len(set(nonces[1])) == 1
    assert nonces[0][0] != nonces[1][0]
    again = new_client()
    again.login("manager")
    tokens = [set(re.findall(r'name="csrf_token" value="([^"]+)"', page(who))) for who in (client, again)]
    assert all(len(found) == 1 for found in tokens)
    assert tokens[0] != tokens[1]


def test_rows_are_of_the_moment(client: Client, estate: Estate, session: Any) -> None:
    client.login("manager")
    before = page(client)
    session.get(Ticket, estate.tickets["own"]).title = "Something else altogether"
    session.commit()
    assert "Something else altogether" not in before
    assert "Something else altogether" in page(client)


def test_what_is_said_once_is_said_once(client: Client, estate: Estate) -> None:
    client.login("manager")
    page(client)
    client.submit(f"{LIST}".replace("list/", "views"), {"name": "Mine today"})
    told = page(client)
    assert 'class="flashes"' in told
    assert "Mine today" in told
    assert 'class="flashes"' not in page(client)
    assert "Mine today" in page(client)


def test_a_language_or_a_look_changed_shows_at_once(client: Client, estate: Estate) -> None:
    client.login("manager")
    client.get("/lang/en")
    assert "<h1>Tickets</h1>" in page(client)
    client.get("/lang/zh")
    assert "<h1>工单</h1>" in page(client)
    client.submit("/preferences/theme", {"theme": "dark"})
    assert 'data-theme="dark"' in page(client)


def test_a_kept_page_is_what_would_be_made_anew(
    client: Client, estate: Estate, session: Any, monkeypatch: pytest.MonkeyPatch, new_client: Any
) -> None:
    """Many wishes one after the other by two people, then each of them again by a process that keeps nothing."""
    houses = [session.get(Ticket, estate.tickets[which]).house_id for which in ("own", "next")]
    wishes = [
        "",
        "view=0",
        "view=open",
        "view=mine",
        "view=overdue",
        "view=nonsense",
        "q=漏水",
        "q=xyz",
        "_flt_0_state=done",
    ]
    wishes += [f"_flt_0_house={house}" for house in houses] + ["_flt_0_created_at=today", "_flt_1_due_at=now"]
    wishes += [
        f"_oc_TicketView={column}&_od_TicketView={way}" for column in ("number", "due_at") for way in ("asc", "desc")
    ]
    wishes += ["psize_TicketView=1", "psize_TicketView=1&page_TicketView=1", "psize_TicketView=1&end_TicketView=1"]
    people = [client, new_client()]
    for who, name in zip(people, ("manager", "supervisor"), strict=True):
        who.login(name)
        who.get("/lang/en")
    asked = [(who, f"{path}?{wish}") for who in people for wish in wishes for path in (LIST, "/houseview/list/")]
    for who, path in asked:
        page(who, path)
    kept = [_plain(page(who, path)) for who, path in asked]
    for name in ("_pages", "_pieces"):
        monkeypatch.setattr(kept_pieces, name, Kept(0))
    assert [_plain(page(who, path)) for who, path in asked] == kept


def _plain(found: str) -> str:
    """A page without the tokens of its answer."""
    return re.sub(r'(nonce|name="csrf_token" value|name="form_key" value)="[^"]+"', "", found)
