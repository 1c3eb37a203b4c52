"""Collection of fees (D10): the steps of a month's reminders, what each house was reminded of, why it is in arrears, what rests."""

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
    text,
)
from sqlalchemy.orm import Mapped, mapped_column, relationship

from app.models.base import JsonData, Model, Money, UTCDateTime, one_of
from app.models.estate import House
from app.models.fees import Bill
from app.models.outbound import CampaignTarget
from app.models.people import Person
from app.rules.codes import ArrearsReason, HandingWay, HoldKind, LetterState, ReminderWay

_WAITING = text("letter_state = 'waiting'")


class ReminderStep(Model):
    """One step of a month's reminders. `after_days` counts from the step before it; `text` is what it says, in both languages."""

    __tablename__ = "reminder_step"
    __table_args__ = (
        one_of("way", ReminderWay),
        CheckConstraint("after_days BETWEEN 0 AND 60", name="after_days_range"),
        CheckConstraint("length(text) > 0 AND length(text_en) > 0", name="in_both_languages"),
    )

    id: Mapped[int] = mapped_column(Integer, primary_key=True)
    position: Mapped[int] = mapped_column(Integer, default=0)
    way: Mapped[str] = mapped_column(String(10))
    after_days: Mapped[int] = mapped_column(Integer, default=0)
    text: Mapped[str] = mapped_column(String(400))
    text_en: Mapped[str] = mapped_column(String(600))
    active: Mapped[bool] = mapped_column(Boolean, default=True)

    def __repr__(self) -> str:
        return f"{self.position} {self.way}"


class FeeReminder(Model):
    """That an owner was reminded of what a house owes: once a month and step, because `key` is unique.

    An SMS or call is made by its `target`, which holds what came of it; a letter is kept whole in `letter`, so that the paper
    that was handed over can be shown again. `bills` are what was owed at that moment.
    """

    __tablename__ = "fee_reminder"
    __table_args__ = (
        ForeignKeyConstraint(
            ["house_id", "community_id"], ["house.id", "house.community_id"], name="fk_reminder_house"
        ),
        one_of("way", ReminderWay),
        one_of("letter_state", LetterState, nullable=True),
        one_of("handed_way", HandingWay, nullable=True),
        CheckConstraint("length(period) = 7", name="period_is_month"),
        CheckConstraint("(way = 'letter') = (letter_state IS NOT NULL)", name="letter_has_a_state"),
        CheckConstraint(
            "letter_state IS NULL OR letter_state <> 'handed_over' OR (handed_way IS NOT NULL AND handed_on IS NOT NULL)",
            name="handed_over_how",
        ),
        Index("ix_fee_reminder_community_period", "community_id", "period"),
        Index("ix_fee_reminder_house_period", "house_id", "period"),
        Index("ix_fee_reminder_waiting", "community_id", sqlite_where=_WAITING, postgresql_where=_WAITING),
    )

    id: Mapped[int] = mapped_column(Integer, primary_key=True)
    key: Mapped[str] = mapped_column(String(80), unique=True)
    community_id: Mapped[int] = mapped_column(ForeignKey("community.id"))
    house_id: Mapped[int] = mapped_column(ForeignKey("house.id"))
    payer_id: Mapped[int] = mapped_column(ForeignKey("person.id"), index=True)
    period: Mapped[str] = mapped_column(String(7))
    step_id: Mapped[int] = mapped_column(ForeignKey("reminder_step.id"))
    way: Mapped[str] = mapped_column(String(10))
    amount_yuan: Mapped[Decimal] = mapped_column(Money)
    planned_at: Mapped[datetime] = mapped_column(UTCDateTime)
    target_id: Mapped[int | None] = mapped_column(ForeignKey("campaign_target.id"), index=True)
    letter_state: Mapped[str | None] = mapped_column(String(20))
    letter: Mapped[dict[str, Any] | None] = mapped_column(JsonData)
    handed_way: Mapped[str | None] = mapped_column(String(20))
    handed_on: Mapped[date | None] = mapped_column(Date)
    handed_note: Mapped[str] = mapped_column(String(200), default="")
    noted_at: Mapped[datetime | None] = mapped_column(UTCDateTime)
    noted_by_id: Mapped[int | None] = mapped_column(ForeignKey("ab_user.id"))
    noted_by: Mapped[str] = mapped_column(String(80), default="")

    house: Mapped[House] = relationship(foreign_keys=[house_id], viewonly=True)
    payer: Mapped[Person] = relationship()
    step: Mapped[ReminderStep] = relationship()
    target: Mapped[CampaignTarget | None] = relationship()
    bills: Mapped[list["FeeReminderBill"]] = relationship(order_by="FeeReminderBill.bill_id")

    def __repr__(self) -> str:
        return f"{self.period} {self.way}"


class FeeReminderBill(Model):
    """A bill that a reminder was about, and what was still to be paid of it then."""

    __tablename__ = "fee_reminder_bill"
    __table_args__ = (UniqueConstraint("reminder_id", "bill_id"),)

    id: Mapped[int] = mapped_column(Integer, primary_key=True)
    reminder_id: Mapped[int] = mapped_column(ForeignKey("fee_reminder.id"))
    bill_id: Mapped[int] = mapped_column(ForeignKey("bill.id"), index=True)
    rest_yuan: Mapped[Decimal] = mapped_column(Money)

    reminder: Mapped[FeeReminder] = relationship(back_populates="bills")
    bill: Mapped[Bill] = relationship()

    def __repr__(self) -> str:
        return f"{self.bill_id} {self.rest_yuan}"


class ArrearsNote(Model):
    """Why a house is in arrears, as somebody found out. The newest is in force as long as the arrears are no newer than it;
    a trigger refuses changes."""

    __tablename__ = "arrears_note"
    __table_args__ = (
        ForeignKeyConstraint(
            ["house_id", "community_id"], ["house.id", "house.community_id"], name="fk_arrears_note_house"
        ),
        one_of("reason", ArrearsReason),
        Index("ix_arrears_note_house", "house_id", "id"),
    )

    id: Mapped[int] = mapped_column(Integer, primary_key=True)
    community_id: Mapped[int] = mapped_column(ForeignKey("community.id"), index=True)
    house_id: Mapped[int] = mapped_column(ForeignKey("house.id"))
    reason: Mapped[str] = mapped_column(String(20))
    note: Mapped[str] = mapped_column(String(400), default="")
    noted_on: Mapped[date] = mapped_column(Date)
    at: Mapped[datetime] = mapped_column(UTCDateTime)
    actor_id: Mapped[int | None] = mapped_column(ForeignKey("ab_user.id"))
    actor_name: Mapped[str] = mapped_column(String(80))

    house: Mapped[House] = relationship(foreign_keys=[house_id], viewonly=True)

    def __repr__(self) -> str:
        return self.reason


class CollectionHold(Model):
    """That a house is not reminded from a day on: until a day, or until somebody lifts it."""

    __tablename__ = "collection_hold"
    __table_args__ = (
        ForeignKeyConstraint(["house_id", "community_id"], ["house.id", "house.community_id"], name="fk_hold_house"),
        one_of("kind", HoldKind),
        CheckConstraint("ends_on IS NULL OR ends_on >= starts_on", name="ends_after_start"),
        Index("ix_collection_hold_house", "house_id"),
    )

    id: Mapped[int] = mapped_column(Integer, primary_key=True)
    community_id: Mapped[int] = mapped_column(ForeignKey("community.id"), index=True)
    house_id: Mapped[int] = mapped_column(ForeignKey("house.id"))
    kind: Mapped[str] = mapped_column(String(20))
    note: Mapped[str] = mapped_column(String(400), default="")
    starts_on: Mapped[date] = mapped_column(Date)
    ends_on: Mapped[date | None] = mapped_column(Date)
    set_at: Mapped[datetime] = mapped_column(UTCDateTime)
    set_by_id: Mapped[int | None] = mapped_column(ForeignKey("ab_user.id"))
    set_by: Mapped[str] = mapped_column(String(80))
    lifted_at: Mapped[datetime | None] = mapped_column(UTCDateTime)
    lifted_by: Mapped[str] = mapped_column(String(80), default="")

    house: Mapped[House] = relationship(foreign_keys=[house_id], viewonly=True)

    def __repr__(self) -> str:
        return self.kind
