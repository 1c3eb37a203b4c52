"""Service orders (D9) with the price of their day, and the wake-up calls that were booked."""

from datetime import datetime
from decimal import Decimal

from sqlalchemy import CheckConstraint, ForeignKey, ForeignKeyConstraint, Index, Integer, String, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from app.models.base import Model, Money, Rate, UTCDateTime, one_of
from app.models.catalogue import ServiceItem
from app.models.estate import House
from app.models.tickets import Ticket
from app.rules.codes import OrderState, PriceKind, WakeUpState


class ServiceOrder(Model):
    """What a household ordered. Kind, amount, unit, percent and base are the price of its day; what happened stands on the ticket."""

    __tablename__ = "service_order"
    __table_args__ = (
        ForeignKeyConstraint(["house_id", "community_id"], ["house.id", "house.community_id"], name="fk_order_house"),
        one_of("state", OrderState),
        one_of("price_kind", PriceKind),
        CheckConstraint("count > 0", name="count_positive"),
        CheckConstraint("quoted_yuan IS NULL OR quoted_yuan >= 0", name="quoted_not_negative"),
        CheckConstraint("charged_yuan IS NULL OR charged_yuan >= 0", name="charged_not_negative"),
        Index("ix_service_order_community_state", "community_id", "state"),
    )

    id: Mapped[int] = mapped_column(Integer, primary_key=True)
    ticket_id: Mapped[int] = mapped_column(ForeignKey("ticket.id"), unique=True)
    item_id: Mapped[int] = mapped_column(ForeignKey("service_item.id"), index=True)
    community_id: Mapped[int] = mapped_column(ForeignKey("community.id"))
    house_id: Mapped[int | None] = mapped_column(Integer, index=True)
    variant: Mapped[str] = mapped_column(String(60), default="")
    count: Mapped[int] = mapped_column(Integer, default=1)
    price_kind: Mapped[str] = mapped_column(String(20))
    amount_yuan: Mapped[Decimal | None] = mapped_column(Money)
    unit: Mapped[str] = mapped_column(String(40), default="")
    percent: Mapped[Decimal | None] = mapped_column(Rate)
    base: Mapped[str | None] = mapped_column(String(120))
    state: Mapped[str] = mapped_column(String(20), default=OrderState.REQUESTED)
    created_at: Mapped[datetime] = mapped_column(UTCDateTime, index=True)
    quoted_yuan: Mapped[Decimal | None] = mapped_column(Money)
    price_accepted_at: Mapped[datetime | None] = mapped_column(UTCDateTime)
    scheduled_at: Mapped[datetime | None] = mapped_column(UTCDateTime)
    done_at: Mapped[datetime | None] = mapped_column(UTCDateTime)
    charged_yuan: Mapped[Decimal | None] = mapped_column(Money)
    charged_at: Mapped[datetime | None] = mapped_column(UTCDateTime)
    bill_id: Mapped[int | None] = mapped_column(ForeignKey("bill.id", name="fk_service_order_bill"), unique=True)
    revision: Mapped[int] = mapped_column(Integer, default=1)

    __mapper_args__ = {"version_id_col": revision}

    ticket: Mapped[Ticket] = relationship()
    item: Mapped[ServiceItem] = relationship()
    house: Mapped[House | None] = relationship(foreign_keys=[house_id, community_id], viewonly=True)

    def __repr__(self) -> str:
        return f"{self.item} {self.variant}".strip()


class WakeUp(Model):
    """One wake-up call (D9): to this number at this instant, once. Unreached it counts as do not disturb and is not repeated."""

    __tablename__ = "wake_up"
    __table_args__ = (
        one_of("state", WakeUpState),
        Index(
            "uq_wake_up_booked",
            "number",
            "at",
            unique=True,
            sqlite_where=text("state = 'booked'"),
            postgresql_where=text("state = 'booked'"),
        ),
        Index("ix_wake_up_state_at", "state", "at"),
    )

    id: Mapped[int] = mapped_column(Integer, primary_key=True)
    order_id: Mapped[int] = mapped_column(ForeignKey("service_order.id"), unique=True)
    number: Mapped[str] = mapped_column(String(20))
    at: Mapped[datetime] = mapped_column(UTCDateTime)
    locale: Mapped[str] = mapped_column(String(8), default="zh")
    state: Mapped[str] = mapped_column(String(20), default=WakeUpState.BOOKED)
    placed_at: Mapped[datetime | None] = mapped_column(UTCDateTime)
    provider_sid: Mapped[str | None] = mapped_column(String(64), index=True)

    order: Mapped[ServiceOrder] = relationship()

    def __repr__(self) -> str:
        return f"{self.number} {self.at:%Y-%m-%d %H:%M}"
