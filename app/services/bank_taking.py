"""Taking a bank's file over (D10): decided as a whole, then booked in batches, each line once whoever starts it and however often.

What could refuse a line is asked before the first is booked: no line is unclear, none is known already, and the sums are those the
reader saw. After that none can be refused, so that the file is taken over whole: the row of the file is the turn, a batch and
how far it has come are one transaction, and a job goes on after a crash. Booking 20,000 lines in one transaction would hold up
the desk's receipts, and on SQLite the hotline, for minutes.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, time

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.errors import N_, Refused
from app.models import BankFile, BankLine, House
from app.rules.bank_match import twin_of
from app.rules.codes import BankFileState, BankLineState, PaymentWay
from app.services import bank_lines, bank_matching, ledger, payments
from app.services.actors import Actor
from app.services.bank_files import still
from app.services.local_time import local_zone
from app.services.one_at_a_time import About, wait_for_turn

BATCH = 100
"""Payments a transaction."""


def start(session: Session, file: BankFile, seen: str, actor: Actor, now: datetime) -> None:
    """Decide on a locked file. `seen`: the overview's. Joins one that is under way. Raises Refused with what stands against it."""
    if file.state in (BankFileState.TAKING, BankFileState.TAKEN):
        return
    still(file, BankFileState.LOOKED)
    wait_for_turn(session, About.BANK, file.community_id)
    found = bank_lines.overview(session, file)
    if found.count(BankLineState.UNCLEAR):
        raise Refused(
            N_("%(count)s lines are unclear: say whose money they are, or set them aside."),
            count=found.count(BankLineState.UNCLEAR),
        )
    if not found.count(BankLineState.FOUND):
        raise Refused(N_("There is no line to be booked in this file."))
    lines = _to_book(session, file.id)
    _refuse_moved_twins(session, file, lines)
    if seen != found.seen:
        raise Refused(
            N_("Something has changed since you looked, such as a bill that was paid: look at the lines again.")
        )
    file.state, file.started_at, file.started_by_id = BankFileState.TAKING, now, actor.user_id
    file.started_by, file.lines_all, file.lines_done = actor.display_name[:80], len(lines), 0
    session.flush()


def _refuse_moved_twins(session: Session, file: BankFile, lines: Sequence[BankLine]) -> None:
    """Nothing may be booked twice, and nothing left out because of a line or payment that is gone by now."""
    left_out = session.scalars(
        select(BankLine).where(BankLine.file_id == file.id, BankLine.state == BankLineState.DUPLICATE)
    ).all()
    rows = [bank_matching.row_of(line) for line in (*lines, *left_out)]
    known = bank_matching.twins(session, file.community_id, rows, file.id)
    if any(_known(line, known) for line in lines):
        raise Refused(N_("Some of these payments have been entered meanwhile: match the lines again."))
    bank_matching.add_lines(known, lines)
    if not all(_known(line, known) for line in left_out):
        raise Refused(N_("Some lines were left out as known already, and that is so no more: match the lines again."))


def _known(line: BankLine, known: bank_matching.Known) -> bool:
    row = bank_matching.row_of(line)
    _where, certain = twin_of(row, known.get(bank_matching.key_of(row), ())) or ("", False)
    return certain


def step(session: Session, file_id: int, now: datetime, batch: int = BATCH) -> bool:
    """Book the next lines in the caller's transaction. Returns whether there are more."""
    wanted = select(BankFile).where(BankFile.id == file_id).with_for_update(of=BankFile)
    file = session.scalars(wanted.execution_options(populate_existing=True)).one()
    if file.state != BankFileState.TAKING:
        return False
    lines = _to_book(session, file.id, batch)
    who = Actor(user_id=file.started_by_id, username=file.started_by, display_name=file.started_by)
    houses = select(House).where(House.id.in_({line.house_id for line in lines}))
    by_id = {house.id: house for house in session.scalars(houses)}
    # All accounts before the first receipt number, as whoever takes a payment does: else the desk and the batch wait for each other.
    for house_id, payer_id in sorted({(line.house_id or 0, line.payer_id or 0) for line in lines}):
        ledger.account(session, ledger.Whose(file.community_id, house_id, payer_id))
    for line in lines:
        _book(session, line, by_id[line.house_id or 0], who, now)
    file.lines_done += len(lines)
    if len(lines) < batch:
        file.state, file.finished_at = BankFileState.TAKEN, now
    session.flush()
    return file.state == BankFileState.TAKING


def under_way(session: Session) -> list[int]:
    """The files that are being taken over."""
    return list(
        session.scalars(select(BankFile.id).where(BankFile.state == BankFileState.TAKING).order_by(BankFile.id))
    )


def _book(session: Session, line: BankLine, house: House, who: Actor, now: datetime) -> None:
    """One line through the one service that takes payments: the oldest bill first, what is more than owed as credit. Its texts
    as one line, as they are read today: what was read before may have line breaks, and those are refused there."""
    midday = datetime.combine(line.paid_on, time(12), local_zone())
    sent = {
        "payer_id": str(line.payer_id), "amount": str(line.amount), "way": PaymentWay.TRANSFER, "credit": "1",
        "reference": " ".join(line.reference.split()), "note": " ".join(f"{line.payer} {line.memo}".split())[:255],
    }  # fmt: skip
    payment = payments.take(session, house, sent, who, now, received_at=min(midday, now))
    line.state, line.payment_id = BankLineState.TAKEN, payment.id


def _to_book(session: Session, file_id: int, most: int | None = None) -> Sequence[BankLine]:
    wanted = (BankLine.file_id == file_id, BankLine.state == BankLineState.FOUND)
    return session.scalars(select(BankLine).where(*wanted).order_by(BankLine.number).limit(most)).all()
