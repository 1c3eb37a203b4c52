"""Fee items and bills (D10). Money is whole fen underneath; a bill is unique by house, item, period, payer and segment (I8)."""

from datetime import date, datetime
from decimal import Decimal

from sqlalchemy import (
    CheckConstraint,
    Date,
    ForeignKey,
    ForeignKeyConstraint,
    Index,
    Integer,
    String,
    UniqueConstraint,
    text,
)
from sqlalchemy.orm import Mapped, mapped_column, relationship

from app.models.base import Coded, Model, Money, Rate, UTCDateTime, one_of
from app.models.estate import Community, House
from app.models.people import Person
from app.rules.codes import BillState, FeeBasis

_LIVE = text("state <> 'cancelled'")
_UNPAID = text("state IN ('open', 'part_paid')")


class FeeItem(Coded, Model):
    """What is charged, per what, at which rate (yuan per unit of the basis)."""

    __tablename__ = "fee_item"
    __table_args__ = (
        UniqueConstraint("community_id", "code"),
        one_of("basis", FeeBasis),
        CheckConstraint("rate >= 0", name="rate_not_negative"),
    )

    id: Mapped[int] = mapped_column(Integer, primary_key=True)
    community_id: Mapped[int] = mapped_column(ForeignKey("community.id"), index=True)
    basis: Mapped[str] = mapped_column(String(30))
    rate: Mapped[Decimal] = mapped_column(Rate)
    valid_from: Mapped[date] = mapped_column(Date)
    ends_on: Mapped[date | None] = mapped_column(Date)

    community: Mapped[Community] = relationship()


class Bill(Model):
    """One house's charge for one fee item and period."""

    __tablename__ = "bill"
    __table_args__ = (
        ForeignKeyConstraint(["house_id", "community_id"], ["house.id", "house.community_id"], name="fk_bill_house"),
        one_of("state", BillState),
        CheckConstraint("length(period) = 7", name="period_is_month"),
        CheckConstraint("amount >= 0", name="amount_not_negative"),
        CheckConstraint("paid_yuan >= 0 AND paid_yuan <= amount", name="paid_within_amount"),
        Index(
            "uq_bill_live",
            "house_id",
            "fee_item_id",
            "period",
            "payer_id",
            "segment",
            unique=True,
            sqlite_where=_LIVE,
            postgresql_where=_LIVE,
        ),
        Index("ix_bill_community_period", "community_id", "period"),
        Index("ix_bill_unpaid", "community_id", "due_on", sqlite_where=_UNPAID, postgresql_where=_UNPAID),
    )

    id: Mapped[int] = mapped_column(Integer, primary_key=True)
    community_id: Mapped[int] = mapped_column(ForeignKey("community.id"))
    house_id: Mapped[int] = mapped_column(ForeignKey("house.id"), index=True)
    fee_item_id: Mapped[int] = mapped_column(ForeignKey("fee_item.id"), index=True)
    payer_id: Mapped[int] = mapped_column(ForeignKey("person.id"), index=True)
    period: Mapped[str] = mapped_column(String(7))
    segment: Mapped[int] = mapped_column(Integer, default=1)
    quantity: Mapped[Decimal] = mapped_column(Rate)
    rate: Mapped[Decimal] = mapped_column(Rate)
    amount: Mapped[Decimal] = mapped_column(Money)
    paid_yuan: Mapped[Decimal] = mapped_column(Money, default=Decimal(0))
    state: Mapped[str] = mapped_column(String(20), default=BillState.OPEN)
    from_on: Mapped[date | None] = mapped_column(Date)
    to_on: Mapped[date | None] = mapped_column(Date)
    waived_yuan: Mapped[Decimal] = mapped_column(Money, default=Decimal(0), server_default=text("0"))
    issued_on: Mapped[date] = mapped_column(Date)
    due_on: Mapped[date] = mapped_column(Date)
    paid_at: Mapped[datetime | None] = mapped_column(UTCDateTime)
    cancelled_at: Mapped[datetime | None] = mapped_column(UTCDateTime)
    cancelled_by: Mapped[str | None] = mapped_column(String(80))
    cancel_reason: Mapped[str | None] = mapped_column(String(255))

    community: Mapped[Community] = relationship(foreign_keys=[community_id])
    house: Mapped[House] = relationship(foreign_keys=[house_id], viewonly=True)
    fee_item: Mapped[FeeItem] = relationship()
    payer: Mapped[Person] = relationship()

    def __repr__(self) -> str:
        return f"{self.period} {self.amount}"
