"""What billing is made of (D10): rates with their first day, what a house has of an item, concessions, runs."""

from datetime import date, datetime
from decimal import Decimal

from sqlalchemy import CheckConstraint, Date, ForeignKey, ForeignKeyConstraint, Index, Integer, String, UniqueConstraint
from sqlalchemy.orm import Mapped, declared_attr, mapped_column, relationship

from app.models.base import Model, Money, Rate, UTCDateTime, one_of
from app.models.estate import Community, House
from app.models.fees import FeeItem
from app.rules.codes import RunState


class FeeRate(Model):
    """A rate of a fee item, from a day on until the next one's."""

    __tablename__ = "fee_rate"
    __table_args__ = (
        UniqueConstraint("fee_item_id", "valid_from"),
        CheckConstraint("rate >= 0", name="rate_not_negative"),
    )

    id: Mapped[int] = mapped_column(Integer, primary_key=True)
    fee_item_id: Mapped[int] = mapped_column(ForeignKey("fee_item.id"))
    rate: Mapped[Decimal] = mapped_column(Rate)
    valid_from: Mapped[date] = mapped_column(Date)

    fee_item: Mapped[FeeItem] = relationship()


def _ends_after_start() -> CheckConstraint:
    return CheckConstraint("ends_on IS NULL OR ends_on >= starts_on", name="ends_after_start")


class FeeOfHouse:
    """What holds of a fee item for a house, from a day on and perhaps until another."""

    id: Mapped[int] = mapped_column(Integer, primary_key=True)
    community_id: Mapped[int] = mapped_column(ForeignKey("community.id"), index=True)
    house_id: Mapped[int] = mapped_column(ForeignKey("house.id"), index=True)
    fee_item_id: Mapped[int] = mapped_column(ForeignKey("fee_item.id"))
    starts_on: Mapped[date] = mapped_column(Date)
    ends_on: Mapped[date | None] = mapped_column(Date)

    @declared_attr
    @classmethod
    def community(cls) -> Mapped[Community]:
        return relationship(foreign_keys=[cls.community_id])

    @declared_attr
    @classmethod
    def house(cls) -> Mapped[House]:
        return relationship(foreign_keys=[cls.house_id], viewonly=True)

    @declared_attr
    @classmethod
    def fee_item(cls) -> Mapped[FeeItem]:
        return relationship()


class FeeUse(FeeOfHouse, Model):
    """How many of an item a house has from a day on: parking spaces of its vehicles."""

    __tablename__ = "fee_use"
    __table_args__ = (
        ForeignKeyConstraint(["house_id", "community_id"], ["house.id", "house.community_id"], name="fk_fee_use_house"),
        CheckConstraint("quantity > 0", name="quantity_positive"),
        _ends_after_start(),
    )

    quantity: Mapped[Decimal] = mapped_column(Rate)
    note: Mapped[str] = mapped_column(String(120), default="")

    def __repr__(self) -> str:
        return f"{self.starts_on}"


class FeeConcession(FeeOfHouse, Model):
    """So many percent less of an item for a house, for a time: who decided it and why; 100 percent is a waiver."""

    __tablename__ = "fee_concession"
    __table_args__ = (
        ForeignKeyConstraint(
            ["house_id", "community_id"], ["house.id", "house.community_id"], name="fk_fee_concession_house"
        ),
        # Four decimal places: 100 percent is 1,000,000.
        CheckConstraint("percent > 0 AND percent <= 1000000", name="percent_range"),
        _ends_after_start(),
        CheckConstraint("length(reason) > 0", name="reason_given"),
    )

    percent: Mapped[Decimal] = mapped_column(Rate)
    reason: Mapped[str] = mapped_column(String(255))
    decided_by: Mapped[str] = mapped_column(String(80))
    decided_at: Mapped[datetime] = mapped_column(UTCDateTime)

    def __repr__(self) -> str:
        return f"{self.percent.normalize():f} %"


class BillingRun(Model):
    """A community's month: how far its billing has come. Whoever bills a batch of houses holds this row meanwhile."""

    __tablename__ = "billing_run"
    __table_args__ = (
        UniqueConstraint("community_id", "period"),
        one_of("state", RunState),
        Index("ix_billing_run_running", "state"),
    )

    id: Mapped[int] = mapped_column(Integer, primary_key=True)
    community_id: Mapped[int] = mapped_column(ForeignKey("community.id"))
    period: Mapped[str] = mapped_column(String(7))
    state: Mapped[str] = mapped_column(String(10), default=RunState.RUNNING)
    last_house_id: Mapped[int] = mapped_column(Integer, default=0)
    houses: Mapped[int] = mapped_column(Integer, default=0)
    houses_done: Mapped[int] = mapped_column(Integer, default=0)
    bills: Mapped[int] = mapped_column(Integer, default=0)
    amount: Mapped[Decimal] = mapped_column(Money, default=Decimal(0))
    started_at: Mapped[datetime] = mapped_column(UTCDateTime)
    started_by: Mapped[str] = mapped_column(String(80))
    finished_at: Mapped[datetime | None] = mapped_column(UTCDateTime)

    community: Mapped[Community] = relationship()
