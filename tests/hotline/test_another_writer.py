"""A webhook that meets another writer of the same ticket is taken once more before the caller hears of any trouble."""

import pytest
from sqlalchemy.exc import OperationalError
from sqlalchemy.orm.exc import StaleDataError

from app.models import Ticket
from app.services import calls, journal


class Deadlock(Exception):
    """What PostgreSQL says to one of two that wait for each other."""

    sqlstate = "40P01"


@pytest.mark.parametrize("error", [StaleDataError("x"), OperationalError("UPDATE ticket", {}, Deadlock())])
def test_a_step_that_met_another_writer_is_taken_once_more(app, phone, monkeypatch, ticket_of, session, error):
    line = phone().press("1").press("1")
    take_step, tries = calls.take_step, []

    def meets(*args):
        tries.append(1)
        answer = take_step(*args)
        if len(tries) == 1:
            raise error
        return answer

    monkeypatch.setattr(calls, "take_step", meets)
    line.say("厨房漏水")
    assert len(tries) == 2
    assert "系统繁忙" not in line.said
    session.rollback()
    assert ticket_of(line).description == "厨房漏水"
    assert session.query(Ticket).count() == 1
    with app.app_context():
        assert journal.waiting_entries() == 0


def test_a_step_that_meets_another_writer_again_goes_to_the_journal(app, phone, monkeypatch):
    line = phone().press("1").press("1")
    tries = []

    def meets(*args, **kwargs):
        tries.append(1)
        raise StaleDataError("x")

    monkeypatch.setattr(calls, "take_step", meets)
    line.say("厨房漏水")
    assert len(tries) == 2
    assert line.has("Record")
    with app.app_context():
        assert journal.waiting_entries() == 1
