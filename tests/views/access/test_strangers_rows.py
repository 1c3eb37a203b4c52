"""One walk over every address with a row in it, outside the tables: who may open such a page and does not see that row is refused.

The rows and readers stand in `tests.support.strangers`; a new address with a place nobody named fails here.
"""

from __future__ import annotations

import io
import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select, true

from app.adapters.clock import now
from app.extensions import appbuilder
from app.models import Community, PlanDrill, Ticket
from app.rules.codes import Role
from app.services.access import WAYS, rows
from app.services.actors import Actor, actor_of
from app.services.local_time import local_zone
from app.views.base.model_page import ModelPage
from app.views.base.rest import RestApi
from app.views.permissions import granted
from tests.support.client import Client
from tests.support.pictures import photo
from tests.support.strangers import AWAY, BESIDE, BODIES, PLACES, RECORDED, THESE, Row, make_readers, make_rows
from tests.views.access.test_every_route import guarded

pytestmark = pytest.mark.any_database

EVERYBODYS = {
    "/api/<version>": "the description of the interface",
    "/swagger/<version>": "the same for people",
    "/clocks/days/<int:pk>": "calendars hold for the whole company",
    "/clocks/trial/<int:pk>": "trials of clock rules are the company's",
    "/logins/<int:user_id>": "an administrator sees every login",
    "/users/sees/<int:user_id>": "an administrator sees every login",
    "/roles/show/<int:pk>": "an administrator sees every role",
    "/roles/edit/<int:pk>": "an administrator sees every role",
    "/roles/remove/<int:pk>": "an administrator sees every role",
    "/settingview/edit/<key>": "settings hold for the whole house",
}
"""Addresses whose row is nobody's in particular, and why."""

UNOPENED = {
    "/drill/<int:pk>/tick/<string:step>": "a step has a key of its own (tests/views/test_drills.py)",
    "/complaints/walk/<string:subject>": "the form names a complaint besides; the page of the same address opens",
    "/pool/<string:number>/take": "what waits in the pool is nobody's row yet (tests/views/test_pool.py)",
    "/survey/<int:pk>/letters.pdf": "every household of the demo has a telephone",
    "/voice-pin/<int:person_id>/unlock": "nobody's PIN is locked",
}
"""Addresses that this walk sees refuse strangers, and not open for anybody, and why."""

COMPANY = (Role.ADMIN, Role.QUALITY)
WORDS = {
    "ticket": "contact",
    "payment": "reverse",
    "report": "review",
    "service_order": "schedule",
    "special_event": "write",
}
"""A verb of each resource that has some."""


def addresses(app: Flask) -> Iterator[tuple[Any, Any, str, str]]:
    """(rule, view, permission, its view's name) of every address with a place in it, but for the tables' own pages."""
    by_endpoint = {view.endpoint: view for view in appbuilder.baseviews}
    for rule, permission, name in guarded(app):
        view = by_endpoint[rule.endpoint.partition(".")[0]]
        of_a_table = isinstance(view, ModelPage) or (isinstance(view, RestApi) and rule.endpoint.endswith(".get"))
        if rule.arguments and not of_a_table and not any(rule.rule.startswith(each) for each in EVERYBODYS):
            yield rule, view, permission, name


def places(rule: Any, view: Any) -> dict[str, Row | str]:
    """What stands at each place of the address, in its order. KeyError where nobody said so."""
    found: dict[str, Row | str] = {}
    for place in re.finditer(r"<(?:\w+:)?(\w+)>", rule.rule):
        before, name = rule.rule[: place.end()], place[1]
        if isinstance(view, RestApi):
            found[name] = Row(view.datamodel.obj.id) if name == "pk" else WORDS[view.resource_name]
        else:
            found[name] = THESE.get(rule.rule, {}).get(name) or PLACES[before]
    return found


def test_every_place_of_an_address_is_named(app: Flask) -> None:
    nameless = []
    for rule, view, _permission, _name in addresses(app):
        try:
            places(rule, view)
        except KeyError as error:
            nameless.append(str(error))
    assert sorted(set(nameless)) == [], "say in tests.support.strangers.PLACES which row stands there"


class Reader:
    """A login with its client and what it may see."""

    def __init__(self, session: Any, new_client: Callable[[], Client], username: str, role: str) -> None:
        from flask_appbuilder.security.sqla.models import User

        user = session.scalars(select(User).where(User.username == username)).one()
        self.name, self.role = username, role
        self.actor: Actor = actor_of(session, user, now(), local_zone())
        self.page, self.rest = new_client(), new_client()
        session.rollback()
        self.page.login(username)
        self.rest.authorize(username)

    def ask(self, path: str, method: str, body: dict[str, str]) -> int:
        """The status of the answer."""
        if path.startswith("/api/"):
            answer = self.rest.get(path) if method == "GET" else self.rest.post(path, json={})
        else:
            answer = self.page.get(path) if method == "GET" else self.page.submit(path, body)
        answer.close()
        return answer.status_code


def picked(
    session: Any, actor: Actor, found: dict[str, Row | str]
) -> tuple[dict[str, Any], list[tuple[Row, int]]] | None:
    """The values of an address of a row the actor sees, and which rows these are; None where there is none."""
    held = [(name, each) for name, each in found.items() if isinstance(each, Row)]
    wanted = select(*(part for _, row in held for part in (row.column, row.model.id))).select_from(held[0][1].model)
    for _, row in held:
        wanted = wanted if row.on is None else wanted.join(row.model, row.on)
        wanted = wanted.where(seen(actor, row.model), *row.where)
    line = session.execute(wanted.order_by(held[-1][1].model.id.desc()).limit(1)).first()
    if line is None:
        return None
    values = {name: each for name, each in found.items() if isinstance(each, str)}
    values |= {name: row.form.format(line[2 * place]) for place, (name, row) in enumerate(held)}
    return values, [(row, line[2 * place + 1]) for place, (_, row) in enumerate(held)]


def seen(actor: Actor, model: Any) -> Any:
    """The rows an actor sees; a table without a line of its own stands behind the row it hangs on."""
    return rows(actor, model) if model in WAYS else true()


def hidden(session: Any, actor: Actor, known: list[tuple[Row, int]]) -> bool:
    """Whether any of the rows is none of the actor's."""
    return any(
        session.scalar(select(row.model.id).where(row.model.id == pk, seen(actor, row.model))) is None
        for row, pk in known
    )


def strangers(session: Any, readers: dict[str, Reader], may: list[Role], known: list[tuple[Row, int]]) -> list[Reader]:
    """Who may open such a page and does not see these rows."""
    near = () if any(row.taken_by_anybody for row, _ in known) else (BESIDE,)
    others = [readers[before + role] for before in (AWAY, *near) for role in may if role not in COMPANY]
    found = [each for each in others if hidden(session, each.actor, known)]
    session.rollback()
    return found


def filled(rule: Any, values: dict[str, Any]) -> str:
    return re.sub(r"<(?:\w+:)?(\w+)>", lambda place: str(values[place[1]]), rule.rule)


@pytest.fixture
def readers(
    demo_database: None, app: Flask, session: Any, new_client: Callable[[], Client], data_dir: Path
) -> dict[str, Reader]:
    """A login of every role that may open the pages, twice again for whom their rows are a stranger's."""
    home = session.scalars(select(Community)).one()
    make_rows(session, home, now())
    make_readers(session, home, now())
    session.commit()
    names = {before + role: role for before in ("", AWAY, BESIDE) for role in Role}
    found = {name: Reader(session, new_client, name, role) for name, role in names.items()}
    recorded = data_dir / RECORDED
    recorded.parent.mkdir(exist_ok=True)
    recorded.write_bytes(b"RIFF")
    number = session.scalar(
        select(Ticket.number).where(Ticket.state == "registered").order_by(Ticket.id.desc()).limit(1)
    )
    session.rollback()
    drill = session.scalar(select(PlanDrill.id).order_by(PlanDrill.id.desc()).limit(1))
    session.rollback()
    for address in (f"/ticket/{number}/photos", f"/drill/{drill}/photos"):
        sent = {"photos": [(io.BytesIO(photo()), "a.jpg")], "stage": "after"}
        assert found[Role.MANAGER].page.submit(address, sent).status_code == 302, address
    return found


def test_who_does_not_see_a_row_is_refused_wherever_it_stands_in_an_address(
    app: Flask, session: Any, readers: dict[str, Reader]
) -> None:
    told, unopened, asked = [], [], 0
    for method in ("GET", "POST"):
        for rule, view, permission, name in sorted(addresses(app), key=lambda each: each[0].rule):
            found = places(rule, view)
            if method not in rule.methods or not any(isinstance(each, Row) for each in found.values()):
                continue
            may = [role for role in Role if role in granted(permission, name)]
            opened = dict[str, int]()
            for role in may:
                own = picked(session, readers[role].actor, found)
                if own is None:
                    continue
                path = filled(rule, own[0])
                if not opened:
                    for stranger in strangers(session, readers, may, own[1]):
                        asked += 1
                        status = stranger.ask(path, method, BODIES.get(rule.rule, {}))
                        if status not in (403, 404):
                            told.append(f"{stranger.name}: {method} {path} ({rule.rule}): {status}")
                opened[role] = readers[role].ask(path, method, BODIES.get(rule.rule, {}))
                if opened[role] not in (403, 404):
                    break
            else:
                if method == "POST" and rule.rule in UNOPENED:
                    continue
                unopened.append(f"{method} {rule.rule}: {opened}")
    assert told == [], "\n".join(told)
    assert unopened == [], "\n".join(unopened)
    assert asked > 500
