"""Several people and the desk at one bank file: every line is booked once, and nobody waits for each other for ever (D10)."""

from __future__ import annotations

from typing import Any

import pytest
from sqlalchemy import func, select

from app.models import BankFile, Bill, Payment, Receipt
from app.services import bank_files, bank_lines, bank_taking, books
from app.services.transaction import in_transaction, transaction
from tests.concurrency.test_money_races import ROBOT, taking, together
from tests.support.bank import csv_file, line, read_file
from tests.support.estate import Estate, build_estate
from tests.support.ledger import carry_over


@pytest.fixture
def estate(app: Any, session: Any, now: Any) -> Estate:
    made = build_estate(session, now)
    for bill in session.scalars(select(Bill)).all():
        carry_over(session, bill)
    session.commit()
    return made


def test_a_file_started_by_three_beside_a_busy_desk_is_booked_once(
    app: Any, session: Any, estate: Estate, now: Any
) -> None:
    rows = [line(f"A{place}", "1.00", ("1幢1单元101", "1幢1单元102")[place % 2]) for place in range(24)]
    file = read_file(session, estate.home, csv_file(*rows), ROBOT, now)
    pk, seen = file.id, bank_lines.overview(session, file).seen
    session.commit()

    def book() -> int:
        with transaction() as writing:
            mine = bank_files.own(writing, ROBOT, pk, locked=True)
            assert mine
            bank_taking.start(writing, mine, seen, ROBOT, now)
        while in_transaction(lambda writing: bank_taking.step(writing, pk, now, 5)):
            pass
        return 1

    desk = [taking(estate, key, now, 6) for key in ("next", "own", "far")]
    done = together(app, [book, book, book, *desk])
    # The desk's payments may come first: then a reader is told that something has changed, and looks again.
    if None in done[:3]:
        with transaction() as writing:
            mine = bank_files.own(writing, ROBOT, pk, locked=True)
            assert mine
            bank_taking.start(writing, mine, bank_lines.overview(writing, mine).seen, ROBOT, now)
        book()
    session.expire_all()
    assert session.get_one(BankFile, pk).state == "taken"
    assert session.scalar(select(func.count()).select_from(Payment)) == 24 + 18
    assert list(session.scalars(select(Receipt.number).order_by(Receipt.number))) == list(range(1, 24 + 18 + 1))
    assert books.faults(session) == []


def test_the_same_payments_in_two_files_are_booked_from_one(app: Any, session: Any, estate: Estate, now: Any) -> None:
    """Both were read before the other was there."""
    files = []
    for extra in ("", " "):
        content = csv_file(line("B1", "2.00", f"1幢1单元101{extra}"))
        file = read_file(session, estate.home, content, ROBOT, now)
        file.state = "dropped"
        session.flush()
        files.append(file)
    for file in files:
        file.state = "looked"
    seen = bank_lines.overview(session, files[0]).seen
    keys = [file.id for file in files]
    session.commit()

    def booking(pk: int) -> Any:
        def job() -> int:
            with transaction() as writing:
                mine = bank_files.own(writing, ROBOT, pk, locked=True)
                assert mine
                bank_taking.start(writing, mine, seen, ROBOT, now)
            in_transaction(lambda writing: bank_taking.step(writing, pk, now))
            return 1

        return job

    done = together(app, [booking(pk) for pk in keys])
    session.expire_all()
    # Each of the two sees the other's line as one to be booked: at the most one goes through, and never both.
    assert session.scalar(select(func.count()).select_from(Payment)) in (0, 1), done
    assert books.faults(session) == []
