"""SQL statements of a complaint's page with all that may stand on it: sides, a finding that waits, an outside body, a visit."""

from typing import Any

import pytest
from flask import Flask

from app.models import ComplaintFinding, Ticket
from app.services import complaint_verbs
from app.services.transaction import transaction
from tests.support.client import Client
from tests.support.estate import Estate
from tests.support.lived import Lived, actors, live
from tests.views.test_statements import statements_of

COMPLAINT, DISPUTE = 10, 11
"""Of a dispute between neighbours the closing asks besides who was heard, what is listed and whether it ended."""


@pytest.fixture
def lived(app: Flask, estate: Estate, frozen: Any, now: Any) -> Lived:
    with app.app_context(), transaction() as session:
        made = live(session, estate, now)
        who = actors(session, estate, now)
        for number in (made.dispute, session.get_one(Ticket, made.done).number):
            ticket = session.query(Ticket).filter_by(number=number).one()
            found = {"validity": "valid", "grade": "ordinary", "party": "centre", "reasons": "核实属实"}
            complaint_verbs.take(session, ticket, "find", who("assistant"), now, found)
            complaint_verbs.take(
                session, ticket, "refer", who("supervisor"), now, {"kind": "police", "number": "12-345", "note": "x"}
            )
    return made


@pytest.mark.parametrize("login", ["assistant", "supervisor", "manager", "quality"])
def test_a_complaint_s_page_asks_little(app: Flask, client: Client, session: Any, lived: Lived, login: str) -> None:
    client.login(login)
    done = session.get_one(Ticket, lived.done).number
    assert session.query(ComplaintFinding).count() == 2
    session.rollback()
    for number, most in ((done, COMPLAINT), (lived.dispute, DISPUTE)):
        asked = statements_of(app, client, f"/ticket/{number}")
        assert 1 <= len(asked) <= most, "\n\n".join(asked)
