"""Files of a bank with the money that came in (D10): the columns of each bank, the files, their lines and what became of them."""

from datetime import date, datetime
from decimal import Decimal
from typing import Any

from sqlalchemy import (
    CheckConstraint,
    Date,
    ForeignKey,
    ForeignKeyConstraint,
    Index,
    Integer,
    LargeBinary,
    String,
    UniqueConstraint,
    text,
)
from sqlalchemy.orm import Mapped, mapped_column, relationship

from app.models.base import JsonData, Model, Money, UTCDateTime, one_of
from app.models.estate import Community, House
from app.models.ledger import Payment
from app.models.people import Person
from app.rules.codes import BankFileState, BankLineState

_KEPT = text("state <> 'dropped'")
_TAKING = text("state = 'taking'")


class BankFormat(Model):
    """Which column of a bank's files is what, known again by the row of titles (`signature`)."""

    __tablename__ = "bank_format"
    __table_args__ = (UniqueConstraint("community_id", "signature"),)

    id: Mapped[int] = mapped_column(Integer, primary_key=True)
    community_id: Mapped[int] = mapped_column(ForeignKey("community.id"))
    name: Mapped[str] = mapped_column(String(80))
    signature: Mapped[str] = mapped_column(String(64))
    columns: Mapped[dict[str, Any]] = mapped_column(JsonData)
    kept_at: Mapped[datetime] = mapped_column(UTCDateTime)
    kept_by: Mapped[str] = mapped_column(String(80))


class BankFile(Model):
    """A file as it was uploaded, with its hash; it is taken over whole, line by line, by whoever comes first."""

    __tablename__ = "bank_file"
    __table_args__ = (
        one_of("state", BankFileState),
        CheckConstraint("size_bytes > 0", name="size_positive"),
        Index("uq_bank_file_kept", "community_id", "sha256", unique=True, sqlite_where=_KEPT, postgresql_where=_KEPT),
        Index("ix_bank_file_taking", "id", sqlite_where=_TAKING, postgresql_where=_TAKING),
    )

    id: Mapped[int] = mapped_column(Integer, primary_key=True)
    community_id: Mapped[int] = mapped_column(ForeignKey("community.id"), index=True)
    name: Mapped[str] = mapped_column(String(80))
    sha256: Mapped[str] = mapped_column(String(64))
    size_bytes: Mapped[int] = mapped_column(Integer)
    content: Mapped[bytes] = mapped_column(LargeBinary, deferred=True)
    state: Mapped[str] = mapped_column(String(10))
    format_id: Mapped[int | None] = mapped_column(ForeignKey("bank_format.id"))
    uploaded_at: Mapped[datetime] = mapped_column(UTCDateTime)
    uploaded_by: Mapped[str] = mapped_column(String(80))
    started_at: Mapped[datetime | None] = mapped_column(UTCDateTime)
    started_by_id: Mapped[int | None] = mapped_column(ForeignKey("ab_user.id"))
    started_by: Mapped[str] = mapped_column(String(80), default="")
    lines_done: Mapped[int] = mapped_column(Integer, default=0)
    lines_all: Mapped[int] = mapped_column(Integer, default=0)
    finished_at: Mapped[datetime | None] = mapped_column(UTCDateTime)

    community: Mapped[Community] = relationship()
    format: Mapped[BankFormat | None] = relationship()

    def __repr__(self) -> str:
        return self.name


class BankLine(Model):
    """One line of a file: what the bank says, whose money it is, the payment it became."""

    __tablename__ = "bank_line"
    __table_args__ = (
        ForeignKeyConstraint(
            ["house_id", "community_id"], ["house.id", "house.community_id"], name="fk_bank_line_house"
        ),
        one_of("state", BankLineState),
        UniqueConstraint("file_id", "number"),
        CheckConstraint("amount > 0", name="amount_positive"),
        CheckConstraint(
            "state NOT IN ('found', 'taken') OR (house_id IS NOT NULL AND payer_id IS NOT NULL)", name="found_is_whose"
        ),
        CheckConstraint("(state = 'taken') = (payment_id IS NOT NULL)", name="taken_is_paid"),
        Index("ix_bank_line_reference", "community_id", "reference"),
        Index("ix_bank_line_account", "community_id", "account"),
        Index("ix_bank_line_state", "file_id", "state", "number"),
    )

    id: Mapped[int] = mapped_column(Integer, primary_key=True)
    file_id: Mapped[int] = mapped_column(ForeignKey("bank_file.id"))
    community_id: Mapped[int] = mapped_column(ForeignKey("community.id"))
    number: Mapped[int] = mapped_column(Integer)
    paid_on: Mapped[date] = mapped_column(Date)
    amount: Mapped[Decimal] = mapped_column(Money)
    reference: Mapped[str] = mapped_column(String(80))
    payer: Mapped[str] = mapped_column(String(120), default="")
    account: Mapped[str] = mapped_column(String(60), default="")
    house_text: Mapped[str] = mapped_column(String(80), default="")
    bill_text: Mapped[str] = mapped_column(String(40), default="")
    memo: Mapped[str] = mapped_column(String(200), default="")
    state: Mapped[str] = mapped_column(String(10))
    found: Mapped[str] = mapped_column(String(10), default="")
    doubt: Mapped[str] = mapped_column(String(20), default="")
    twin: Mapped[str] = mapped_column(String(40), default="")
    house_id: Mapped[int | None] = mapped_column(ForeignKey("house.id"), index=True)
    payer_id: Mapped[int | None] = mapped_column(ForeignKey("person.id"), index=True)
    note: Mapped[str] = mapped_column(String(255), default="")
    decided_by: Mapped[str] = mapped_column(String(80), default="")
    payment_id: Mapped[int | None] = mapped_column(ForeignKey("payment.id"), unique=True)

    file: Mapped[BankFile] = relationship()
    house: Mapped[House | None] = relationship(foreign_keys=[house_id], viewonly=True)
    person: Mapped[Person | None] = relationship()
    payment: Mapped[Payment | None] = relationship()

    def __repr__(self) -> str:
        return f"{self.reference} {self.amount}"
