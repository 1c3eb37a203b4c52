"""Whose money the lines of a bank's file are: what the rule asks of the records, a few statements for the whole file. Reads only."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import TypeVar

from sqlalchemy import func, select, type_coerce
from sqlalchemy.orm import Session

from app.models import BankFile, BankLine, Bill, PayerAccount, Payment, Person, Tenure
from app.models.base import Money
from app.rules.bank_match import Candidate, Doubt, Twin, Whose, bill_ids, house_finder, payer_of, twin_of, whose
from app.rules.bank_sheet import BankRow
from app.rules.codes import (
    BankFileState,
    BankLineState,
    BillState,
    PaymentKind,
    PaymentState,
    PaymentWay,
    TenureRole,
)
from app.rules.postings import NOTHING
from app.services.callers import all_houses

CHUNK = 500
"""Values in one `IN`."""

Key = tuple[str, date, Decimal]
Known = dict[Key, list[Twin]]
_COUNTING = (BankLineState.FOUND, BankLineState.UNCLEAR, BankLineState.TAKEN, BankLineState.ASIDE)
T = TypeVar("T")


@dataclass(frozen=True)
class Matched:
    """What is to become of a line. `twin`: what it is a second time: `file:12:7` (file and row), `row:7` or `payment:5`."""

    state: BankLineState
    found: str = ""
    doubt: str = ""
    house_id: int | None = None
    payer_id: int | None = None
    twin: str = ""


def match(
    session: Session,
    community_id: int,
    rows: Sequence[BankRow],
    file_id: int | None = None,
    decided: Sequence[BankLine] = (),
) -> list[Matched]:
    """What is to become of each line, in their order; `file_id`: the file they stand in already, `decided`: its lines that a
    person has decided on, which stay."""
    incoming = [row for row in rows if row.incoming]
    known = twins(session, community_id, incoming, file_id)
    add_lines(known, decided)
    places = _places(session, community_id, incoming)
    houses = {one.house_id for one in places.values() if isinstance(one, Whose)}
    candidates = candidates_of(session, houses)
    return [
        Matched(BankLineState.OUTGOING) if not row.incoming else _of(row, places[row.row], candidates, known)
        for row in rows
    ]


def key_of(row: BankRow) -> Key:
    """By what a payment is known again."""
    return row.reference, row.paid_on, row.yuan


def row_of(line: BankLine) -> BankRow:
    """A kept line as it was read."""
    return BankRow(
        line.number, line.paid_on, line.amount, True, line.reference, line.payer, line.account, line.house_text,
        line.bill_text, line.memo,
    )  # fmt: skip


def add_lines(known: Known, lines: Iterable[BankLine]) -> None:
    """Put lines of this file to what is known: what is like them is a second one."""
    for line in lines:
        twin = Twin(f"row:{line.number}", line.account, line.payer, line.state == BankLineState.ASIDE)
        known.setdefault(key_of(row_of(line)), []).append(twin)


def twins(session: Session, community_id: int, rows: Sequence[BankRow], file_id: int | None) -> Known:
    """The lines that are known already (reference, day and sum), in other files, and as transfers taken by hand (reference and
    sum). What was reversed counts no more. Lines of this file are put to it as they are met: the first one stands."""
    known: Known = defaultdict(list)
    by_hand: dict[tuple[str, Decimal], str] = {}
    for part in _chunks({row.reference for row in rows}):
        lines = (
            select(BankLine)
            .join(BankFile, BankFile.id == BankLine.file_id)
            .outerjoin(Payment, Payment.id == BankLine.payment_id)
            .where(
                BankLine.community_id == community_id,
                BankLine.reference.in_(part),
                BankLine.file_id != (file_id or 0),
                BankFile.state != BankFileState.DROPPED,
                BankLine.state.in_(_COUNTING),
                func.coalesce(Payment.state, PaymentState.POSTED) == PaymentState.POSTED,
            )
        )
        for line in session.scalars(lines.order_by(BankLine.id)):
            twin = Twin(
                f"file:{line.file_id}:{line.number}", line.account, line.payer, line.state == BankLineState.ASIDE
            )
            known[key_of(row_of(line))].append(twin)
        taken = select(Payment.reference, Payment.amount, Payment.id).where(
            Payment.community_id == community_id,
            Payment.reference.in_(part),
            Payment.way == PaymentWay.TRANSFER,
            Payment.kind == PaymentKind.PAYMENT,
            Payment.state == PaymentState.POSTED,
            ~select(BankLine.id).where(BankLine.payment_id == Payment.id).exists(),
        )
        for reference, yuan, payment in session.execute(taken).tuples():
            by_hand[reference, yuan] = f"payment:{payment}"
    for reference, day, yuan in {key_of(row) for row in rows}:
        if (reference, yuan) in by_hand:
            known[reference, day, yuan].append(Twin(by_hand[reference, yuan]))
    return known


def candidates_of(session: Session, houses: Iterable[int]) -> dict[int, list[Candidate]]:
    """House → who may pay for it: today's owners and tenants, who owes of it, who has paid ahead."""
    owed: dict[int, dict[int, Decimal]] = defaultdict(dict)
    total = type_coerce(func.sum(Bill.amount - Bill.paid_yuan), Money)
    for part in _chunks(houses):
        heads = select(Tenure.house_id, Tenure.person_id).where(
            Tenure.house_id.in_(part),
            Tenure.ends_on.is_(None),
            Tenure.role.in_((TenureRole.OWNER, TenureRole.TENANT)),
        )
        ahead = select(PayerAccount.house_id, PayerAccount.payer_id).where(
            PayerAccount.house_id.in_(part), PayerAccount.credit_yuan > 0
        )
        for house, person in (*session.execute(heads).tuples(), *session.execute(ahead).tuples()):
            owed[house][person] = NOTHING
        open_bills = (
            select(Bill.house_id, Bill.payer_id, total)
            .where(Bill.house_id.in_(part), Bill.state.in_((BillState.OPEN, BillState.PART_PAID)))
            .group_by(Bill.house_id, Bill.payer_id)
        )
        for house, person, yuan in session.execute(open_bills).tuples():
            owed[house][person] = yuan
    names: dict[int, str] = {}
    for part in _chunks({person for people in owed.values() for person in people}):
        named = select(Person.id, Person.name).where(Person.id.in_(part))
        names |= dict(session.execute(named).tuples().all())
    return {
        house: [Candidate(person, names.get(person, ""), yuan) for person, yuan in sorted(people.items())]
        for house, people in owed.items()
    }


def _of(row: BankRow, place: Whose | Doubt, candidates: dict[int, list[Candidate]], known: Known) -> Matched:
    there = known.setdefault(key_of(row), [])
    twin, certain = twin_of(row, there) or ("", False)
    if certain:
        return Matched(BankLineState.DUPLICATE, twin=twin)
    there.append(Twin(f"row:{row.row}", row.account, row.payer))
    if twin:
        house = place.house_id if isinstance(place, Whose) else None
        return Matched(BankLineState.UNCLEAR, doubt=Doubt.PERHAPS_TWICE, house_id=house, twin=twin)
    return _whose(row, place, candidates)


def _whose(row: BankRow, place: Whose | Doubt, candidates: dict[int, list[Candidate]]) -> Matched:
    if isinstance(place, Doubt):
        return Matched(BankLineState.UNCLEAR, doubt=place)
    there = candidates.get(place.house_id, [])
    if place.payer_id is not None:
        if any(one.person_id == place.payer_id for one in there):
            return Matched(BankLineState.FOUND, place.found, "", place.house_id, place.payer_id)
        # Who sold the house pays by the account of old: that is not the buyer's money.
        return Matched(BankLineState.UNCLEAR, place.found, Doubt.PAYER_LEFT, place.house_id)
    payer = payer_of(row, there)
    if isinstance(payer, Doubt):
        return Matched(BankLineState.UNCLEAR, place.found, payer, place.house_id)
    return Matched(BankLineState.FOUND, place.found, "", place.house_id, payer)


def _places(session: Session, community_id: int, rows: Sequence[BankRow]) -> dict[int, Whose | Doubt]:
    """Row → the house it is for, or why none is certain."""
    bills: dict[tuple[str, int], tuple[int, int]] = {}
    for part in _chunks({key for row in rows for _month, key in bill_ids(row)}):
        named = select(Bill.period, Bill.id, Bill.house_id, Bill.payer_id)
        named = named.where(Bill.community_id == community_id, Bill.id.in_(part))
        bills |= {(period, key): (house, payer) for period, key, house, payer in session.execute(named).tuples()}
    before: dict[str, set[tuple[int, int]]] = defaultdict(set)
    for accounts in _chunks({row.account for row in rows if row.account}):
        paid = (
            select(BankLine.account, BankLine.house_id, BankLine.payer_id)
            .join(Payment, Payment.id == BankLine.payment_id)
            .where(
                BankLine.community_id == community_id,
                BankLine.account.in_(accounts),
                Payment.state == PaymentState.POSTED,
            )
            .distinct()
        )
        for account, house, payer in session.execute(paid).tuples():
            if house and payer:
                before[account].add((house, payer))
    houses_of = house_finder(all_houses(session, community_id))
    return {row.row: whose(row, bills, houses_of, before) for row in rows}


def _chunks(values: Iterable[T]) -> Iterator[list[T]]:
    held = sorted(set(values))  # type: ignore[type-var]
    return (held[start : start + CHUNK] for start in range(0, len(held), CHUNK))
