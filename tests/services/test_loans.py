"""Keys and items lent out (D12): who has what until when, back once, nothing of it changed afterwards."""

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from app.errors import Invalid, Refused
from app.models import DutyEntry, Loan
from app.services import loans
from tests.support.databases import Databases
from tests.support.tickets import SmallEstate, unsaved_estate

HOUR = timedelta(hours=1)


@pytest.fixture
def estate(session: Session, databases: Databases) -> Iterator[SmallEstate]:
    yield from unsaved_estate(session, databases)


def lend(session, estate, now, **more: Any) -> Loan:
    facts = {
        "community_id": estate.community.id, "kind": "key", "what": " 3幢屋面  钥匙 ", "taken_by": "周师傅", "reach": "8021",
        "house_id": None, "due_at": now + 4 * HOUR, "note": "", **more,
    }  # fmt: skip
    loan = Loan()
    loans.keep(session, loan, facts, estate.actor("assistant"), now)
    return loan


def test_lent_and_back_by_whom(session, estate, now):
    loan = lend(session, estate, now)
    assert (loan.what, loan.lent_at, loan.lent_by, loan.returned_at) == ("3幢屋面  钥匙", now, "assistant员", None)
    assert loans.out(session, estate.community.id, 9) == [loan]
    loans.bring_back(session, loan, estate.actor("steward"), now + HOUR)
    assert (loan.returned_at, loan.returned_by, loan.received_by) == (now + HOUR, "周师傅", "steward员")
    assert loans.out(session, estate.community.id, 9) == []
    other = lend(session, estate, now)
    loans.bring_back(session, other, estate.actor("steward"), now, " 他的徒弟 ")
    assert other.returned_by == "他的徒弟"


def test_what_is_back_does_not_change_any_more(session, estate, now):
    loan = lend(session, estate, now)
    loans.bring_back(session, loan, estate.actor("assistant"), now + HOUR)
    with pytest.raises(Refused):
        loans.bring_back(session, loan, estate.actor("steward"), now + 2 * HOUR)
    with pytest.raises(Refused):
        loans.keep(
            session, loan, {"what": "x", "taken_by": "y", "due_at": now + 9 * HOUR}, estate.actor("steward"), now
        )
    assert loan.returned_at == now + HOUR


def test_overdue_from_its_very_instant_until_it_is_prolonged_or_back(session, estate, now):
    loan = lend(session, estate, now)

    def late(at) -> bool:
        return session.scalar(select(Loan.id).where(loans.overdue(at))) is not None

    assert [late(now + 4 * HOUR - timedelta(seconds=1)), late(now + 4 * HOUR)] == [False, True]
    longer = {"what": loan.what, "taken_by": loan.taken_by, "due_at": now + 8 * HOUR}
    loans.keep(session, loan, longer, estate.actor("assistant"), now + 5 * HOUR)
    assert [late(now + 5 * HOUR), late(now + 8 * HOUR)] == [False, True]
    loans.bring_back(session, loan, estate.actor("assistant"), now + 9 * HOUR)
    assert late(now + 9 * HOUR) is False


@pytest.mark.parametrize(
    "wrong",
    [
        {"what": "  "},
        {"taken_by": ""},
        {"due_at": None},
        {"due_at_hours": 0},
        {"what": "长" * 81},
        {"reach": "电\x00话"},
        {"house_id": 10**6},
    ],
)
def test_what_cannot_be_is_refused(session, estate, now, wrong):
    facts = dict(wrong)
    if "due_at_hours" in facts:
        facts = {"due_at": now + facts.pop("due_at_hours") * HOUR}
    with pytest.raises(Invalid):
        lend(session, estate, now, **facts)


def test_each_step_stands_in_the_duty_record_without_anybodys_name(session, estate, now):
    loan = lend(session, estate, now, taken_by="住户张三")
    same = {"what": loan.what, "taken_by": "住户张三", "due_at": loan.due_at, "note": "带押金条"}
    loans.keep(session, loan, same, estate.actor("assistant"), now)
    loans.keep(session, loan, {**same, "due_at": now + 9 * HOUR}, estate.actor("assistant"), now)
    loans.bring_back(session, loan, estate.actor("assistant"), now + HOUR)
    entries = session.scalars(select(DutyEntry).order_by(DutyEntry.id)).all()
    assert [entry.verb for entry in entries] == ["loan_out", "loan_prolonged", "loan_back"]
    assert all(entry.data == {"loan": loan.id} and "张三" not in entry.note for entry in entries)
