"""Meters of houses and what they showed (D10). What was used since the reading before stands with each reading."""

from datetime import date, datetime
from decimal import Decimal

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
    text,
)
from sqlalchemy.orm import Mapped, mapped_column, relationship

from app.models.base import Model, Rate, UTCDateTime, one_of
from app.models.estate import Community, House
from app.models.fees import FeeItem
from app.rules.codes import MeterKind

_COUNTS = text("struck_at IS NULL")


class Meter(Model):
    """A meter of a house, from its first day to the day it was taken out."""

    __tablename__ = "meter"
    __table_args__ = (
        ForeignKeyConstraint(["house_id", "community_id"], ["house.id", "house.community_id"], name="fk_meter_house"),
        one_of("kind", MeterKind),
        UniqueConstraint("community_id", "number"),
        CheckConstraint("digits BETWEEN 3 AND 9", name="digits_range"),
        CheckConstraint("start_value >= 0", name="start_not_negative"),
        CheckConstraint("ends_on IS NULL OR ends_on >= starts_on", name="ends_after_start"),
        CheckConstraint("length(number) > 0", name="number_given"),
    )

    id: Mapped[int] = mapped_column(Integer, primary_key=True)
    community_id: Mapped[int] = mapped_column(ForeignKey("community.id"))
    house_id: Mapped[int] = mapped_column(ForeignKey("house.id"), index=True)
    fee_item_id: Mapped[int | None] = mapped_column(ForeignKey("fee_item.id"), index=True)
    kind: Mapped[str] = mapped_column(String(20))
    number: Mapped[str] = mapped_column(String(40))
    digits: Mapped[int] = mapped_column(Integer, default=5)
    starts_on: Mapped[date] = mapped_column(Date)
    start_value: Mapped[Decimal] = mapped_column(Rate, default=Decimal(0))
    ends_on: Mapped[date | None] = mapped_column(Date)

    community: Mapped[Community] = relationship(foreign_keys=[community_id])
    house: Mapped[House] = relationship(foreign_keys=[house_id], viewonly=True)
    fee_item: Mapped[FeeItem | None] = relationship()

    def __repr__(self) -> str:
        return self.number


class MeterReading(Model):
    """What a meter showed on a day. A wrong one is struck with its reason, never changed."""

    __tablename__ = "meter_reading"
    __table_args__ = (
        ForeignKeyConstraint(
            ["house_id", "community_id"], ["house.id", "house.community_id"], name="fk_meter_reading_house"
        ),
        CheckConstraint("value >= 0", name="value_not_negative"),
        CheckConstraint("used >= 0", name="used_not_negative"),
        CheckConstraint("(struck_at IS NULL) = (struck_by = '')", name="struck_by_whom"),
        Index(
            "uq_meter_reading_day", "meter_id", "read_on", unique=True, sqlite_where=_COUNTS, postgresql_where=_COUNTS
        ),
        Index("ix_meter_reading_month", "community_id", "read_on"),
    )

    id: Mapped[int] = mapped_column(Integer, primary_key=True)
    meter_id: Mapped[int] = mapped_column(ForeignKey("meter.id"))
    community_id: Mapped[int] = mapped_column(ForeignKey("community.id"))
    house_id: Mapped[int] = mapped_column(ForeignKey("house.id"), index=True)
    read_on: Mapped[date] = mapped_column(Date)
    value: Mapped[Decimal] = mapped_column(Rate)
    used: Mapped[Decimal] = mapped_column(Rate)
    sure: Mapped[bool] = mapped_column(Boolean, default=False)
    note: Mapped[str] = mapped_column(String(255), default="")
    at: Mapped[datetime] = mapped_column(UTCDateTime)
    read_by: Mapped[str] = mapped_column(String(80))
    struck_at: Mapped[datetime | None] = mapped_column(UTCDateTime)
    struck_by: Mapped[str] = mapped_column(String(80), default="")
    struck_reason: Mapped[str] = mapped_column(String(255), default="")

    meter: Mapped[Meter] = relationship()
    community: Mapped[Community] = relationship(foreign_keys=[community_id])
    house: Mapped[House] = relationship(foreign_keys=[house_id], viewonly=True)

    def __repr__(self) -> str:
        return f"{self.read_on} {self.value.normalize():f}"
