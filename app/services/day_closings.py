"""The day closing (D10, I8): who takes money closes their own day with the cash they counted; finance receives it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any

from sqlalchemy import ColumnElement, and_, exists, func, literal, select, update
from sqlalchemy.orm import Session, joinedload

from app.errors import N_, Invalid, Refused
from app.models import BankLine, DayClosing, Payment
from app.rules.codes import Account, EntryKind, PaymentKind, PaymentState, PaymentWay, Role
from app.rules.postings import NOTHING, Move
from app.services import ledger
from app.services.access import rows
from app.services.actors import Actor
from app.services.payments import yuan_of
from app.services.ticket_input import clean_text

WAITING_PAGE = 25


@dataclass(frozen=True)
class Till:
    """What one person took in a community and has not closed yet."""

    payments: list[Payment]

    @property
    def sums(self) -> dict[str, Decimal]:
        """Way → what came in by it less what was paid back, in the order of the ways; only those there were."""
        found = dict.fromkeys(PaymentWay, NOTHING)
        for one in self.payments:
            if one.state == PaymentState.POSTED:
                found[PaymentWay(one.way)] += one.amount if one.kind == PaymentKind.PAYMENT else -one.amount
        return {str(way): yuan for way, yuan in found.items() if yuan}

    @property
    def cash(self) -> Decimal:
        """What must lie in the till."""
        return self.sums.get(PaymentWay.CASH, NOTHING)


def till(session: Session, actor: Actor, community_id: int) -> Till:
    """The actor's own."""
    mine = (
        Payment.taken_by_id == actor.user_id,
        Payment.community_id == community_id,
        Payment.closing_id.is_(None),
        # What came by a bank's file lies at the bank: nobody counts it.
        ~exists().where(BankLine.payment_id == Payment.id),
        rows(actor, Payment),
    )
    shown = (joinedload(Payment.house), joinedload(Payment.receipt))
    found = select(Payment).where(*mine).options(*shown).order_by(Payment.received_at, Payment.id)
    return Till(list(session.scalars(found)))


def close(session: Session, community_id: int, sent: Mapping[str, Any], actor: Actor, now: datetime) -> DayClosing:
    """Close: `counted` is the cash in the till, `seen` how many payments the reader saw, `note` why it differs.

    Raises Refused when there is nothing to close or a payment has come in since the page was read."""
    if actor.user_id is None:
        raise Refused(N_("Only who took the money closes the day."))
    found = till(session, actor, community_id)
    if not found.payments:
        raise Refused(N_("There is nothing to close."))
    if str(sent.get("seen", "")) != str(len(found.payments)):
        raise Refused(N_("Another payment has come in since you counted: look at the list again."))
    counted = _counted(sent.get("counted"))
    note = clean_text(sent.get("note"), 255, lines=False)
    if counted != found.cash and not note:
        raise Invalid(
            N_("The cash differs by %(difference)s yuan from what was taken: count again, or write why."),
            difference=f"{counted - found.cash:+,.2f}",
        )
    row = DayClosing(
        community_id=community_id,
        taken_by_id=actor.user_id,
        taken_by=actor.display_name[:80],
        closed_at=now,
        payments=len(found.payments),
        sums={way: str(yuan) for way, yuan in found.sums.items()},
        expected_yuan=found.cash,
        counted_yuan=counted,
        note=note,
    )
    session.add(row)
    session.flush()
    ids = [one.id for one in found.payments]
    still = update(Payment).where(Payment.id.in_(ids), Payment.closing_id.is_(None))
    done = session.execute(still.values(closing_id=row.id).execution_options(synchronize_session=False))
    if done.rowcount != len(ids):  # type: ignore[attr-defined]
        raise Refused(N_("Another payment has come in since you counted: look at the list again."))
    return row


def closings(session: Session, actor: Actor, community_id: int) -> list[DayClosing]:
    """The newest 30 of a community the actor may see."""
    wanted = (rows(actor, DayClosing), DayClosing.community_id == community_id)
    return list(session.scalars(select(DayClosing).where(*wanted).order_by(DayClosing.id.desc()).limit(30)))


def turns(actor: Actor) -> ColumnElement[bool]:
    """The days whose cash the actor may receive now: of the actor's rows, counted by somebody else."""
    return and_(rows(actor, DayClosing), DayClosing.received_at.is_(None), DayClosing.taken_by_id != actor.user_id)


def waiting_count(actor: Actor) -> ColumnElement[int]:
    """How many, as a column of somebody else's statement; finance alone receives."""
    if not actor.has(Role.FINANCE):
        return literal(0)
    return select(func.count(DayClosing.id)).where(turns(actor)).scalar_subquery()


def waiting(session: Session, actor: Actor, *, skip: int = 0) -> list[DayClosing]:
    """A page of them with one more row where there is a next, the longest waiting first."""
    wanted = select(DayClosing).where(turns(actor)).options(joinedload(DayClosing.community))
    return list(session.scalars(wanted.order_by(DayClosing.id).offset(skip).limit(WAITING_PAGE + 1)))


def own(session: Session, actor: Actor, key: int) -> DayClosing | None:
    """One closing, if it is the actor's to see; locked."""
    wanted = select(DayClosing).where(DayClosing.id == key, rows(actor, DayClosing))
    return session.scalars(
        wanted.with_for_update(of=DayClosing).execution_options(populate_existing=True)
    ).one_or_none()


def receive(session: Session, row: DayClosing, actor: Actor, now: datetime) -> DayClosing:
    """Finance has the cash: what it differs by goes into the books. Raises Refused for one that is received already."""
    if row.received_at is not None:
        raise Refused(N_("This day is received already."))
    if row.taken_by_id == actor.user_id:
        raise Refused(N_("Somebody else receives the cash you counted yourself."))
    row.received_at, row.received_by = now, actor.display_name[:80]
    if row.difference:
        move = Move(Account.CASH, Account.CASH_DIFFERENCE, abs(row.difference))
        moves = [move if row.difference > 0 else move.back()]
        ledger.post(session, row.community_id, EntryKind.COUNT, moves, actor, now, closing_id=row.id, note=row.note)
    session.flush()
    return row


def _counted(given: Any) -> Decimal:
    return NOTHING if str(given).strip() in ("0", "0.0", "0.00") else yuan_of(given)
