"""The page that ours is measured against: the same rows and words by Flask, SQLAlchemy Core and Jinja. No login, no count.

As quick as such a page is made: the statement is built and the template compiled once, and what a code is called is looked up
in a plain table.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime
from types import MappingProxyType
from typing import Any
from zoneinfo import ZoneInfo

from flask import Flask, request
from sqlalchemy import Engine, MetaData, Row, Select, Table, select

PAGE = """<!doctype html><html lang="zh-CN"><head><meta charset="utf-8"><title>Tickets</title></head><body><h1>Tickets</h1>
<table><thead><tr>{% for column in columns %}<th>{{ column }}</th>{% endfor %}</tr></thead><tbody>
{% for row in rows %}<tr>
<td><a href="/ticket/{{ row.number }}">{{ row.number }}</a></td><td>{{ words.get(row.kind, row.kind) }}</td>
<td><a href="/ticket/{{ row.number }}">{{ row.title }}</a></td><td>{{ row.house or "–" }}</td>
<td>{{ words.get(row.priority, row.priority) }}</td><td>{{ words.get(row.state, row.state) }}</td><td>{{ row.assignee or "–" }}</td>
<td>{{ row.created_at|local }}</td><td>{{ row.due_at|local }}</td></tr>
{% endfor %}</tbody></table></body></html>"""

COLUMNS = ("number", "kind", "title", "house", "priority", "state", "assignee", "created_at", "due_at")
ZONE = ZoneInfo("Asia/Shanghai")


def create_app(engine: Engine, community: int, size: int, words: Mapping[str, str] = MappingProxyType({})) -> Flask:
    """`/` shows the newest tickets of one community with house and assignee, `/house?house=1&rows=9` those of one house; `words`
    are the labels of the codes, which are shown as they are without."""
    app, metadata = Flask("bare"), MetaData()
    ticket, house, staff = (Table(name, metadata, autoload_with=engine) for name in ("ticket", "house", "staff"))
    t = ticket.c
    names = house.c.name.label("house"), staff.c.name.label("assignee")
    tickets = (
        select(t.number, t.kind, t.title, t.priority, t.state, t.created_at, t.due_at, *names)
        .select_from(ticket.outerjoin(house, house.c.id == t.house_id).outerjoin(staff, staff.c.id == t.assignee_id))
        .order_by(t.created_at.desc(), t.id.desc())
    )
    newest, of_house = tickets.where(t.community_id == community).limit(size), t.house_id
    app.jinja_env.filters["local"] = _local
    template = app.jinja_env.from_string(PAGE)

    def page(wanted: Select[Any]) -> str:
        with engine.connect() as connection:
            rows: Sequence[Row[Any]] = connection.execute(wanted).all()
        return template.render(rows=rows, columns=COLUMNS, words=words)

    @app.get("/")
    def first() -> str:
        return page(newest)

    @app.get("/house")
    def house_tickets() -> str:
        wanted = tickets.where(of_house == int(request.args["house"]))
        return page(wanted.limit(int(request.args["rows"])))

    return app


def _local(instant: datetime | None) -> str:
    return "–" if instant is None else f"{instant.astimezone(ZONE):%m-%d %H:%M}"
