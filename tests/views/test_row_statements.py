"""SQL statements of every page that shows one row, on an estate that is lived in: a page at most 10, a form at most 14, a list at
most 12. The addresses are read from the application: a new page with a row in its address is counted by itself.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select

from app.adapters.clock import now
from app.extensions import appbuilder
from app.models import Appraisal, BankFile, Bill, Community, House, Person, PlanDrill, Survey, Ticket
from app.rules.codes import Role
from app.services.actors import Actor
from app.services.transaction import transaction
from app.views.base.model_page import ModelPage
from app.views.permissions import granted
from tests.support.client import Client
from tests.support.estate import Estate
from tests.support.languages import let_things_happen
from tests.support.lived import Lived, live
from tests.support.strangers import Row, make_rows
from tests.views.access.test_strangers_rows import addresses, filled, picked, places, seen
from tests.views.test_statements import LIST, SHOW, statements_of

EDIT = 14
MOST_SEEN = (
    Role.MANAGER, Role.SUPERVISOR, Role.DEPUTY, Role.ASSISTANT, Role.STEWARD, Role.FINANCE, Role.ADMIN, Role.QUALITY,
    Role.TECHNICIAN, Role.OWNER, Role.RESIDENT,
)  # fmt: skip
"""Who opens a page: the first of those who may and see a row, so that most stands on it."""

FORMS = (
    "/answers/<int:pk>/edit", "/checkin/<int:pk>/edit", "/drill/<int:pk>/edit", "/drill/<int:pk>/record",
    "/notice/alert/<string:number>", "/plan/<int:pk>/edit", "/special/<int:pk>/report", "/ticket/<string:number>/<string:verb>",
)  # fmt: skip
LISTS = ("/complaints/month/<string:subject>/list", "/survey/<int:pk>/households", "/survey/<int:pk>/words")

MORE: dict[str, tuple[int, str]] = {}
"""Address → how many statements it takes at most, and why it cannot do with fewer."""

ROWLESS = {
    "/checkin/person/<int:pk>": "leads to the entry of a person who is on the register",
    "/complaints/walk/<string:subject>": "leads to the month where nothing was complained of",
    "/duty/rotations/<int:pk>": "the estate has shifts, and no rotation",
    "/notice/<int:pk>/edit": "only a draft is edited",
    "/owner/reports/<int:pk>/ask": "the estate's report is a draft",
    "/reports/<string:code>/<string:month>/read": "the estate's report is a draft",
    "/survey/<int:pk>/edit": "only a draft is edited",
    "/visit/<int:pk>/sign": "signed once the household was asked",
}
"""Pages of whose rows the estate has none, and why."""

FILES = re.compile(r"\.(pdf|csv)$|^/attachment/|^/drill/photo/|/recording/|/pulse$|/original$")


@pytest.fixture
def lived(app: Flask, estate: Estate, session: Any) -> Lived:
    """One record of each kind as of now."""
    with app.app_context(), transaction() as writing:
        let_things_happen(writing, estate.tickets.values(), now())
        made = live(writing, estate, now())
        make_rows(writing, writing.get_one(Community, estate.home), now())
    return made


class Readers:
    """Logins of every role: what each sees, and the page of it."""

    def __init__(self, session: Any, estate: Estate, new_client: Callable[[], Client]) -> None:
        from flask_appbuilder.security.sqla.models import User

        from app.services.actors import actor_of
        from app.services.local_time import local_zone

        self.actors: dict[str, Actor] = {}
        self.pages: dict[str, Client] = {}
        for role in MOST_SEEN:
            user = session.scalars(select(User).where(User.username == role)).one()
            self.actors[role] = actor_of(session, user, now(), local_zone())
            self.pages[role] = new_client()
        session.rollback()
        for role, page in self.pages.items():
            page.login(role)


@pytest.fixture
def readers(session: Any, estate: Estate, lived: Lived, new_client: Callable[[], Client]) -> Readers:
    return Readers(session, estate, new_client)


def limit_of(address: str) -> int:
    """How many statements a page may take."""
    if address in MORE:
        return MORE[address][0]
    return EDIT if address in FORMS else LIST if address in LISTS else SHOW


def chosen(session: Any, actor: Actor, found: dict[str, Row | str], rich: dict[Any, int]) -> dict[str, Any] | None:
    """What stands in the address: of many alike the row on which most stands, if it is the actor's to see."""
    best = {name: best_of(row, rich) if isinstance(row, Row) else row for name, row in found.items()}
    own = picked(session, actor, best) or picked(session, actor, found)
    session.rollback()
    return own[0] if own else None


def best_of(row: Row, rich: dict[Any, int]) -> Row:
    """The same place with the one row in it. Of the bank's files it is the one that is not booked yet."""
    if row.model not in rich or row.on is not None:
        return row
    where = () if row.model is BankFile else row.where
    return replace(row, where=(*where, row.model.id == rich[row.model]))


@pytest.fixture
def rich(session: Any, estate: Estate, lived: Lived) -> dict[Any, int]:
    """Model → the row on which most stands."""
    emergency = session.scalars(select(Ticket.id).where(Ticket.number == lived.emergency)).one()
    session.rollback()
    return {
        Ticket: emergency,
        House: estate.houses["own"],
        Person: estate.people["own"],
        Bill: estate.bills["own"],
        PlanDrill: lived.drill,
        Survey: lived.open_survey,
        Appraisal: lived.sheet,
        BankFile: lived.bank,
    }


def test_every_page_of_one_row_asks_little(app: Flask, session: Any, rich: dict[Any, int], readers: Readers) -> None:
    over, counted, rowless = [], 0, set()
    for rule, view, permission, name in sorted(addresses(app), key=lambda each: each[0].rule):
        found = places(rule, view)
        held = any(isinstance(one, Row) for one in found.values())
        if "GET" not in rule.methods or not held or rule.rule.startswith("/api/") or FILES.search(rule.rule):
            continue
        able = [role for role in MOST_SEEN if role in granted(permission, name)]
        path, page = opened(session, readers, able, rule, found, rich)
        if page is None:
            rowless.add(rule.rule)
            continue
        counted += 1
        asked = statements_of(app, page, path)
        if not 1 <= len(asked) <= limit_of(rule.rule):
            over.append("\n\n".join((f"{path}: {len(asked)}", *asked)))
    assert not over, "\n\n\n".join(over)
    assert rowless == set(ROWLESS)
    assert counted > 45


def opened(
    session: Any, readers: Readers, roles: list[Role], rule: Any, found: dict[str, Row | str], rich: dict[Any, int]
) -> tuple[str, Client | None]:
    """The address of a row and the browser of the first for whom it opens; no browser where it opens for nobody."""
    for role in roles:
        values = chosen(session, readers.actors[role], found, rich)
        if values is not None:
            path, page = filled(rule, values), readers.pages[role]
            if page.get(path).status_code == 200:
                return path, page
    return "", None


def rows_of_tables(session: Any, readers: Readers) -> Iterator[tuple[str, ModelPage, Client, int]]:
    """(page, its table, the browser of whom it opens for, the newest row) of every table with one."""
    for view in [view for view in appbuilder.baseviews if isinstance(view, ModelPage)]:
        model, name = view.datamodel.obj, view.class_permission_name
        for way in ("show", "edit"):
            for role in MOST_SEEN:
                if role not in granted(f"can_{way}", name):
                    continue
                wanted = select(model.id).where(seen(readers.actors[role], model)).order_by(model.id.desc()).limit(1)
                pk = session.scalar(wanted)
                session.rollback()
                if pk is not None and readers.pages[role].get(f"{view.route_base}/{way}/{pk}").status_code == 200:
                    yield way, view, readers.pages[role], pk
                    break


def test_every_row_of_a_table_asks_little(app: Flask, session: Any, readers: Readers) -> None:
    over, counted = [], 0
    for way, view, page, pk in rows_of_tables(session, readers):
        tabs = [f"?tab={type(one).__name__}" for one, _ in view._related_pages()] if way == "show" else []
        for tab in ["", *tabs]:
            counted += 1
            path = f"{view.route_base}/{way}/{pk}{tab}"
            asked = statements_of(app, page, path)
            if not 1 <= len(asked) <= (EDIT if way == "edit" else SHOW):
                over.append("\n\n".join((f"{path}: {len(asked)}", *asked)))
    assert not over, "\n\n\n".join(over)
    assert counted > 60
