"""The lines of a bank's file before it is taken over: what each will do, and what a person decides of the unclear ones."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from typing import Any

from sqlalchemy import func, select, type_coerce
from sqlalchemy.orm import Session, joinedload

from app.errors import N_, Invalid, Refused
from app.models import BankFile, BankLine, Bill, FeeItem, House
from app.models.base import Money
from app.rules import postings
from app.rules.bank_match import Candidate, Found
from app.rules.codes import BankFileState, BankLineState, BillState
from app.rules.postings import NOTHING, Due
from app.services import bank_matching, payments
from app.services.access import rows
from app.services.actors import Actor
from app.services.bank_files import still
from app.services.ticket_input import clean_text

PAGE = 50

Account = tuple[int, int]


@dataclass(frozen=True)
class Overview:
    """A file in sums: state of its lines → (how many, yuan); what of the ones to be booked pays bills, what is kept as credit."""

    states: dict[str, tuple[int, Decimal]]
    to_bills: Decimal
    to_credit: Decimal

    @property
    def seen(self) -> str:
        """What a reader has before them: booking is refused where it differs by then."""
        count, yuan = self.states.get(BankLineState.FOUND, (0, NOTHING))
        return f"{count}-{yuan}-{self.to_bills}"

    def count(self, state: str) -> int:
        """How many lines are in this state."""
        return self.states.get(state, (0, NOTHING))[0]

    def yuan(self, state: str) -> Decimal:
        """What they come to."""
        return self.states.get(state, (0, NOTHING))[1]


@dataclass
class Shown:
    """A line with what it will do: (fee item, month, yuan) of the bills it pays, the oldest first, and the credit that is left."""

    line: BankLine
    bills: list[tuple[FeeItem, str, Decimal]] = field(default_factory=list)
    credit: Decimal = NOTHING


def overview(session: Session, file: BankFile) -> Overview:
    """The file in sums. Three statements."""
    total = type_coerce(func.sum(BankLine.amount), Money)
    counted = select(BankLine.state, func.count(), total).where(BankLine.file_id == file.id).group_by(BankLine.state)
    states = {state: (count, yuan) for state, count, yuan in session.execute(counted).tuples()}
    paying = (
        select(BankLine.house_id, BankLine.payer_id, total)
        .where(BankLine.file_id == file.id, BankLine.state == BankLineState.FOUND)
        .group_by(BankLine.house_id, BankLine.payer_id)
    )
    coming = {(house or 0, payer or 0): yuan for house, payer, yuan in session.execute(paying).tuples()}
    owed_sum = type_coerce(func.sum(Bill.amount - Bill.paid_yuan), Money)
    owing = (
        select(Bill.house_id, Bill.payer_id, owed_sum)
        .where(
            Bill.community_id == file.community_id,
            Bill.state.in_((BillState.OPEN, BillState.PART_PAID)),
            Bill.house_id.in_(
                select(BankLine.house_id).where(BankLine.file_id == file.id, BankLine.state == BankLineState.FOUND)
            ),
        )
        .group_by(Bill.house_id, Bill.payer_id)
    )
    owed = {(house, payer): yuan for house, payer, yuan in session.execute(owing).tuples()}
    to_bills = sum((min(yuan, owed.get(whose, NOTHING)) for whose, yuan in coming.items()), NOTHING)
    return Overview(states, to_bills, sum(coming.values(), NOTHING) - to_bills)


def lines(session: Session, file: BankFile, state: str, page: int) -> list[Shown]:
    """A page of the file's lines (of one state, or all), each with what it will do as the bills stand now."""
    wanted = [BankLine.file_id == file.id, *([BankLine.state == state] if state else [])]
    found = select(BankLine).where(*wanted).options(joinedload(BankLine.house), joinedload(BankLine.person))
    held = session.scalars(found.order_by(BankLine.number).offset(page * PAGE).limit(PAGE)).all()
    shown = [Shown(line) for line in held]
    _preview(session, file, shown)
    return shown


def own(session: Session, file: BankFile, actor: Actor, number: int) -> BankLine | None:
    """One line of the file by its row, if it is the actor's to see."""
    wanted = (BankLine.file_id == file.id, BankLine.number == number, rows(actor, BankLine))
    return session.scalars(select(BankLine).where(*wanted)).one_or_none()


def candidates(session: Session, line: BankLine, house_id: int | None) -> list[Candidate]:
    """Who may pay for a house, who owes most first."""
    if house_id is None:
        return []
    found = bank_matching.candidates_of(session, [house_id]).get(house_id, [])
    return sorted(found, key=lambda one: (-one.owed, one.person_id))


def assign(
    session: Session, file: BankFile, line: BankLine, sent: Mapping[str, Any], house: House, actor: Actor
) -> None:
    """Say whose money a line is. `sent`: payer_id. Raises Invalid for somebody who has nothing to do with the house."""
    _open(file, line)
    if house.community_id != file.community_id:
        raise Invalid(N_("This house belongs to another community."))
    payer = payments.chosen_payer(session, house, sent.get("payer_id"))
    line.state, line.found, line.doubt = BankLineState.FOUND, Found.HAND, ""
    line.house_id, line.payer_id, line.note, line.decided_by = house.id, payer, "", actor.display_name[:80]
    line.twin = ""
    session.flush()


def set_aside(session: Session, file: BankFile, line: BankLine, sent: Mapping[str, Any], actor: Actor) -> None:
    """Leave a line out, with `note`: why. It is no payment of a household, or is settled elsewhere."""
    _open(file, line)
    note = clean_text(sent.get("note"), 255, lines=False)
    if not note:
        raise Invalid(N_("Write why this line is left out."))
    line.state, line.found, line.doubt, line.house_id, line.payer_id = BankLineState.ASIDE, "", "", None, None
    line.note, line.decided_by, line.twin = note, actor.display_name[:80], ""
    session.flush()


def _open(file: BankFile, line: BankLine) -> None:
    still(file, BankFileState.LOOKED)
    if line.state == BankLineState.DUPLICATE:
        raise Refused(N_("This payment is known already: it is not booked a second time."))
    if line.state == BankLineState.OUTGOING:
        raise Refused(N_("This money went out: it is no payment of a household."))


def _preview(session: Session, file: BankFile, shown: Sequence[Shown]) -> None:
    """What the lines to be booked will pay: earlier lines of the same payer go first, as they will then."""
    mine = {_account(one.line): one for one in shown if one.line.state == BankLineState.FOUND}
    if not mine or file.state != BankFileState.LOOKED:
        return
    houses, last = {house for house, _payer in mine}, max(one.line.number for one in shown)
    before = select(BankLine).where(
        BankLine.file_id == file.id, BankLine.state == BankLineState.FOUND, BankLine.house_id.in_(houses),
        BankLine.number <= last,
    )  # fmt: skip
    owing = select(Bill).where(Bill.house_id.in_(houses), Bill.state.in_((BillState.OPEN, BillState.PART_PAID)))
    dues: dict[Account, list[Due]] = defaultdict(list)
    bills: dict[int, Bill] = {}
    for bill in session.scalars(owing.options(joinedload(Bill.fee_item))):
        bills[bill.id] = bill
        dues[bill.house_id, bill.payer_id].append(
            Due(bill.id, bill.amount - bill.paid_yuan, bill.due_on or date.min, bill.period)
        )
    by_id = {one.line.id: one for one in shown}
    for line in session.scalars(before.order_by(BankLine.number)):
        account = _account(line)
        parts, left = postings.allocate(line.amount, dues[account])
        paid = dict(parts)
        dues[account] = [
            Due(due.bill_id, due.rest - paid.get(due.bill_id, NOTHING), due.due_on, due.period) for due in dues[account]
        ]
        if line.id in by_id:
            one = by_id[line.id]
            one.bills = [(bills[key].fee_item, bills[key].period, yuan) for key, yuan in parts]
            one.credit = left


def _account(line: BankLine) -> Account:
    return (line.house_id or 0, line.payer_id or 0)
