"""The books are opened from the bills there are (0048), and the bills survive the way back and forth."""

from datetime import time
from typing import Any

from flask import Flask
from flask.testing import FlaskCliRunner
from sqlalchemy import Connection, inspect, text

from app.extensions import db
from app.services import books
from app.services.transaction import transaction
from tests.test_migrations import run

HOUSE = {
    "community": {"code": "a", "name": "a", "name_en": "", "address": "", "desk_phone": ""},
    "building": {"community_id": 1, "number": "1", "name": "1", "position": 1},
    "unit": {"building_id": 1, "number": "1", "name": "1"},
    "house": {
        "community_id": 1, "building_id": 1, "unit_id": 1, "number": "101", "name": "101", "area_m2": 8950, "state": "occupied",
    },
    "person": {"name": "张三"},
    "fee_item": {
        "community_id": 1, "basis": "per_m2_month", "rate": 28000, "valid_from": "2020-01-01", "code": "property",
        "name": "物业费", "name_en": "", "position": 0,
    },
}  # fmt: skip
ROW = (
    "INSERT INTO bill (id, community_id, house_id, fee_item_id, payer_id, period, segment, quantity, rate, amount, paid_yuan,"
    " state, issued_on, due_on, paid_at) VALUES (:id, 1, 1, 1, 1, :period, 1, 895000, 28000, 25060, :paid, :state, :day, :day, :at)"
)
STATES = {
    1: ("paid", 25060, "2026-01-20 02:00:00"),
    2: ("part_paid", 10000, None),
    3: ("open", 0, None),
    4: ("cancelled", 0, None),
}


def test_bills_get_their_charge_and_what_was_paid_is_carried_over(
    empty_database: None, app: Flask, runner: FlaskCliRunner
) -> None:
    run(runner, "db", "upgrade", "0046_general_manager")
    with app.app_context(), db.engine.begin() as connection:
        for table, given in HOUSE.items():
            _add(connection, table, {"id": 1, **given})
        for key, (state, paid, at) in STATES.items():
            day = f"2026-0{key}-01"
            row = {"id": key, "period": day[:7], "state": state, "paid": paid, "at": at, "day": day}
            connection.execute(text(ROW), row)
    for way, to in (("upgrade", "head"), ("downgrade", "0046_general_manager"), ("upgrade", "head")):
        run(runner, "db", way, to)
        with app.app_context(), db.engine.begin() as connection:
            kept = connection.execute(text("SELECT id, state, paid_yuan FROM bill ORDER BY id")).all()
            assert [tuple(row) for row in kept] == [(key, state, paid) for key, (state, paid, _at) in STATES.items()]
    with app.app_context(), transaction() as session:
        assert books.faults(session) == []
        balance = {account: yuan for account, yuan in books.trial_balance(session, 1).items() if yuan}
        assert {account: str(yuan) for account, yuan in balance.items()} == {
            "receivable": "401.20", "income": "-751.80", "carried_over": "350.60",
        }  # fmt: skip
    result = runner.invoke(args=["books", "check"])
    assert result.exit_code == 0, result.output
    with app.app_context(), db.engine.begin() as connection:
        connection.execute(text("UPDATE bill SET paid_yuan = 1, state = 'part_paid' WHERE id = 3"))
    result = runner.invoke(args=["books", "check"])
    assert result.exit_code == 1
    assert "bill 3" in result.output


def _add(connection: Connection, table: str, given: dict[str, Any]) -> None:
    """A row of a table as it was then; what is not given is empty, by its kind."""
    for column in inspect(connection).get_columns(table):
        if column["name"] not in given and not column["nullable"] and column["default"] is None:
            kind = column["type"].python_type
            given[column["name"]] = "08:30:00" if kind is time else kind()
    names = ", ".join(given)
    connection.execute(text(f"INSERT INTO {table} ({names}) VALUES ({', '.join(f':{n}' for n in given)})"), given)
