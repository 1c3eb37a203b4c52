"""The books (D10): entries and their postings, payments, receipts, credit, and the day closings of those who take money."""

from datetime import date, datetime
from decimal import Decimal
from typing import Any

from sqlalchemy import (
    Boolean,
    CheckConstraint,
    Date,
    ForeignKey,
    ForeignKeyConstraint,
    Index,
    Integer,
    String,
    UniqueConstraint,
)
from sqlalchemy.orm import Mapped, mapped_column, relationship

from app.models.base import JsonData, Model, Money, UTCDateTime, one_of
from app.models.estate import Community, House
from app.models.fees import Bill
from app.models.people import Person
from app.rules.codes import Account, EntryKind, PaymentKind, PaymentState, PaymentWay


class PayerAccount(Model):
    """What one payer of one house has paid ahead. Whoever moves their money waits at this row."""

    __tablename__ = "payer_account"
    __table_args__ = (
        UniqueConstraint("house_id", "payer_id"),
        ForeignKeyConstraint(["house_id", "community_id"], ["house.id", "house.community_id"]),
        CheckConstraint("credit_yuan >= 0", name="credit_not_negative"),
    )

    id: Mapped[int] = mapped_column(Integer, primary_key=True)
    community_id: Mapped[int] = mapped_column(Integer, index=True)
    house_id: Mapped[int] = mapped_column(Integer)
    payer_id: Mapped[int] = mapped_column(ForeignKey("person.id"), index=True)
    credit_yuan: Mapped[Decimal] = mapped_column(Money, default=Decimal(0))


class DayClosing(Model):
    """What one person took since the last closing, by way, and the cash that was counted; finance receives it."""

    __tablename__ = "day_closing"
    __table_args__ = (
        CheckConstraint("counted_yuan >= 0", name="counted_not_negative"),
        CheckConstraint("(received_at IS NULL) = (received_by IS NULL)", name="received_by_whom"),
    )

    id: Mapped[int] = mapped_column(Integer, primary_key=True)
    community_id: Mapped[int] = mapped_column(ForeignKey("community.id"), index=True)
    taken_by_id: Mapped[int] = mapped_column(ForeignKey("ab_user.id"), index=True)
    taken_by: Mapped[str] = mapped_column(String(80))
    closed_at: Mapped[datetime] = mapped_column(UTCDateTime)
    payments: Mapped[int] = mapped_column(Integer)
    sums: Mapped[dict[str, Any]] = mapped_column(JsonData)
    expected_yuan: Mapped[Decimal] = mapped_column(Money)
    counted_yuan: Mapped[Decimal] = mapped_column(Money)
    note: Mapped[str] = mapped_column(String(255), default="")
    received_at: Mapped[datetime | None] = mapped_column(UTCDateTime)
    received_by: Mapped[str | None] = mapped_column(String(80))

    community: Mapped[Community] = relationship()

    @property
    def difference(self) -> Decimal:
        """Counted more (or less) than was taken in cash."""
        return self.counted_yuan - self.expected_yuan

    def __repr__(self) -> str:
        return f"{self.taken_by} {self.closed_at:%Y-%m-%d}"


class Payment(Model):
    """Money that came in from a household, or was paid back to it. What it did stands in the books."""

    __tablename__ = "payment"
    __table_args__ = (
        ForeignKeyConstraint(["house_id", "community_id"], ["house.id", "house.community_id"], name="fk_payment_house"),
        one_of("kind", PaymentKind),
        one_of("way", PaymentWay),
        one_of("state", PaymentState),
        CheckConstraint("amount > 0", name="amount_positive"),
        CheckConstraint("(state = 'reversed') = (reversed_at IS NOT NULL)", name="reversed_when"),
        Index("ix_payment_community_received", "community_id", "received_at"),
        Index("ix_payment_open_till", "taken_by_id", "closing_id"),
    )

    id: Mapped[int] = mapped_column(Integer, primary_key=True)
    community_id: Mapped[int] = mapped_column(ForeignKey("community.id"))
    house_id: Mapped[int] = mapped_column(ForeignKey("house.id"), index=True)
    payer_id: Mapped[int] = mapped_column(ForeignKey("person.id"), index=True)
    kind: Mapped[str] = mapped_column(String(10), default=PaymentKind.PAYMENT)
    way: Mapped[str] = mapped_column(String(10))
    amount: Mapped[Decimal] = mapped_column(Money)
    state: Mapped[str] = mapped_column(String(10), default=PaymentState.POSTED)
    at_home: Mapped[bool] = mapped_column(Boolean, default=False)
    reference: Mapped[str] = mapped_column(String(80), default="")
    note: Mapped[str] = mapped_column(String(255), default="")
    received_at: Mapped[datetime] = mapped_column(UTCDateTime)
    taken_by_id: Mapped[int | None] = mapped_column(ForeignKey("ab_user.id"))
    taken_by: Mapped[str] = mapped_column(String(80))
    closing_id: Mapped[int | None] = mapped_column(ForeignKey("day_closing.id"), index=True)
    reversed_at: Mapped[datetime | None] = mapped_column(UTCDateTime)
    reversed_by: Mapped[str] = mapped_column(String(80), default="")
    reversal_reason: Mapped[str] = mapped_column(String(255), default="")
    created_at: Mapped[datetime] = mapped_column(UTCDateTime)

    community: Mapped[Community] = relationship(foreign_keys=[community_id])
    house: Mapped[House] = relationship(foreign_keys=[house_id], viewonly=True)
    payer: Mapped[Person] = relationship()
    receipt: Mapped["Receipt | None"] = relationship(back_populates="payment")

    def __repr__(self) -> str:
        return f"{self.received_at:%Y-%m-%d} {self.amount}"


class Receipt(Model):
    """The number of a payment's receipt: gapless in its community, given in the transaction of the payment."""

    __tablename__ = "receipt"
    __table_args__ = (UniqueConstraint("community_id", "number"), CheckConstraint("number > 0", name="number_positive"))

    id: Mapped[int] = mapped_column(Integer, primary_key=True)
    community_id: Mapped[int] = mapped_column(ForeignKey("community.id"))
    number: Mapped[int] = mapped_column(Integer)
    payment_id: Mapped[int] = mapped_column(ForeignKey("payment.id"), unique=True)
    issued_at: Mapped[datetime] = mapped_column(UTCDateTime)

    community: Mapped[Community] = relationship()
    payment: Mapped[Payment] = relationship(back_populates="receipt")

    def __repr__(self) -> str:
        return f"{self.number:08d}"


class ReceiptCounter(Model):
    """The last receipt number of a community; whoever takes the next one waits here until the other's payment stands."""

    __tablename__ = "receipt_counter"

    community_id: Mapped[int] = mapped_column(ForeignKey("community.id"), primary_key=True)
    last: Mapped[int] = mapped_column(Integer, default=0)


class JournalEntry(Model):
    """One matter in the books; append-only. A correction is an entry that names the one it undoes."""

    __tablename__ = "journal_entry"
    __table_args__ = (
        one_of("kind", EntryKind),
        Index("ix_journal_entry_community_at", "community_id", "at"),
    )

    id: Mapped[int] = mapped_column(Integer, primary_key=True)
    community_id: Mapped[int] = mapped_column(ForeignKey("community.id"))
    kind: Mapped[str] = mapped_column(String(20))
    booked_on: Mapped[date] = mapped_column(Date)
    at: Mapped[datetime] = mapped_column(UTCDateTime)
    actor_id: Mapped[int | None] = mapped_column(ForeignKey("ab_user.id"))
    actor_name: Mapped[str] = mapped_column(String(80), default="")
    note: Mapped[str] = mapped_column(String(255), default="")
    payment_id: Mapped[int | None] = mapped_column(ForeignKey("payment.id"), index=True)
    closing_id: Mapped[int | None] = mapped_column(ForeignKey("day_closing.id"), unique=True)
    reverses_id: Mapped[int | None] = mapped_column(ForeignKey("journal_entry.id"), unique=True)

    postings: Mapped[list["Posting"]] = relationship(back_populates="entry", order_by="Posting.id")

    def __repr__(self) -> str:
        return f"{self.booked_on} {self.kind}"


class Posting(Model):
    """So much from one account (credit) to another (debit): by its form every entry balances to 0.00. Append-only."""

    __tablename__ = "posting"
    __table_args__ = (
        one_of("debit", Account),
        one_of("credit", Account),
        CheckConstraint("debit <> credit", name="between_two_accounts"),
        CheckConstraint("amount > 0", name="amount_positive"),
        CheckConstraint(
            "(debit <> 'receivable' AND credit <> 'receivable') OR bill_id IS NOT NULL", name="receivable_of_a_bill"
        ),
        CheckConstraint("(debit <> 'credit' AND credit <> 'credit') OR payer_id IS NOT NULL", name="credit_of_a_payer"),
        Index("ix_posting_house_payer", "house_id", "payer_id"),
    )

    id: Mapped[int] = mapped_column(Integer, primary_key=True)
    entry_id: Mapped[int] = mapped_column(ForeignKey("journal_entry.id"), index=True)
    community_id: Mapped[int] = mapped_column(ForeignKey("community.id"))
    debit: Mapped[str] = mapped_column(String(20))
    credit: Mapped[str] = mapped_column(String(20))
    amount: Mapped[Decimal] = mapped_column(Money)
    house_id: Mapped[int | None] = mapped_column(ForeignKey("house.id"))
    payer_id: Mapped[int | None] = mapped_column(ForeignKey("person.id"))
    bill_id: Mapped[int | None] = mapped_column(ForeignKey("bill.id"), index=True)

    entry: Mapped[JournalEntry] = relationship(back_populates="postings")
    bill: Mapped[Bill | None] = relationship()
