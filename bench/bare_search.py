"""The lookup that the header's search is measured against: the same finds, each type by the unique index of its key, by Flask,
SQLAlchemy Core and Jinja. Nobody logs in, and it is told what to find: `?tickets=30000001,…&houses=…&people=…&calls=…`."""

from __future__ import annotations

from typing import Any

from flask import Flask, Response, jsonify, request
from sqlalchemy import Connection, Engine, MetaData, Select, Table, select

PAGE = """<!doctype html><html lang="zh-CN"><head><meta charset="utf-8"><title>Search</title></head><body><h1>Search</h1>
{% for name, rows in groups %}<h2>{{ name }}</h2><table><tbody>
{% for row in rows %}<tr>{% for value in row %}<td>{{ value }}</td>{% endfor %}</tr>
{% endfor %}</tbody></table>{% endfor %}</body></html>"""
TYPES = ("tickets", "houses", "people", "calls", "staff")


def add_lookups(app: Flask, engine: Engine) -> None:
    """`/lookup` answers a page, `/lookup.json` what suggestions are made of."""
    statements = _statements(engine)
    template = app.jinja_env.from_string(PAGE)

    def found(connection: Connection) -> list[tuple[str, list[tuple[Any, ...]]]]:
        asked = [(name, request.args[name].split(",")) for name in TYPES if request.args.get(name)]
        groups = []
        for name, keys in asked:
            statement, key = statements[name]
            wanted = statement.where(key.in_(keys if name == "tickets" else map(int, keys)))
            groups.append((name, [tuple(row) for row in connection.execute(wanted)]))
        return groups

    @app.get("/lookup")
    def page() -> str:
        with engine.connect() as connection:
            groups = found(connection)
        return template.render(groups=groups)

    @app.get("/lookup.json")
    def words() -> Response:
        with engine.connect() as connection:
            return jsonify(groups=[{"label": name, "found": rows} for name, rows in found(connection)])


def _statements(engine: Engine) -> dict[str, tuple[Select[Any], Any]]:
    """Of each type what is shown of it, and the key it is looked up by."""
    names = ("ticket", "house", "community", "person", "tenure", "call", "staff")
    metadata = MetaData()
    ticket, house, community, person, tenure, call, staff = (
        Table(name, metadata, autoload_with=engine).c for name in names
    )
    tables = metadata.tables
    living = tables["person"].join(tables["tenure"], tenure.person_id == person.id)
    matters = tables["ticket"].outerjoin(tables["house"], house.id == ticket.house_id)
    return {
        "tickets": (
            select(ticket.number, ticket.title, ticket.kind, ticket.state, house.name).select_from(matters),
            ticket.number,
        ),
        "houses": (
            select(house.id, house.name, house.state, community.name).select_from(
                tables["house"].join(tables["community"], community.id == house.community_id)
            ),
            house.id,
        ),
        "people": (
            select(person.id, person.name, tenure.role, house.name).select_from(
                living.join(tables["house"], house.id == tenure.house_id)
            ),
            person.id,
        ),
        "calls": (
            select(call.id, call.from_number, call.started_at, call.outcome).select_from(tables["call"]),
            call.id,
        ),
        "staff": (select(staff.id, staff.name, staff.role, staff.number).select_from(tables["staff"]), staff.id),
    }
