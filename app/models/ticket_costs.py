"""Materials as the administrator keeps them, and what the work on a ticket cost (D3)."""

from datetime import datetime
from decimal import Decimal

from sqlalchemy import Boolean, CheckConstraint, ForeignKey, Index, Integer, String, UniqueConstraint, text, true
from sqlalchemy.orm import Mapped, mapped_column, relationship

from app.models.base import Coded, Model, Money, Quantity, UTCDateTime, one_of
from app.models.fees import Bill
from app.models.people import Department
from app.models.tickets import Ticket
from app.rules.codes import Bearer, CostAcceptance, CostKind

_UNCHARGED = text("bearer = 'owner' AND charged_at IS NULL AND struck_at IS NULL")


class Material(Coded, Model):
    """Something that is built in or used up, with its unit and price; a line on a ticket keeps the price of its day."""

    __tablename__ = "material"
    __table_args__ = (
        UniqueConstraint("code"),
        CheckConstraint("price_yuan >= 0", name="price_not_negative"),
    )

    id: Mapped[int] = mapped_column(Integer, primary_key=True)
    unit: Mapped[str] = mapped_column(String(40))
    unit_en: Mapped[str] = mapped_column(String(40), default="")
    price_yuan: Mapped[Decimal] = mapped_column(Money)
    department_id: Mapped[int | None] = mapped_column(ForeignKey("department.id"), index=True)
    active: Mapped[bool] = mapped_column(Boolean, default=True, server_default=true())

    department: Mapped[Department | None] = relationship()


class TicketCost(Model):
    """One line of what the work cost: so much of a material, or so many minutes of work. Never taken away: a mistake is struck
    with its reason, and `replaces_id` names the line that the right one stands for. What the household was charged stands on
    `bill_id`; struck afterwards, the line keeps it, and that bill is cancelled.

    `amount_yuan` is quantity × price to 0.01, half up; of work it is minutes at the price of an hour.
    """

    __tablename__ = "ticket_cost"
    __table_args__ = (
        one_of("kind", CostKind),
        one_of("bearer", Bearer),
        one_of("accepted_way", CostAcceptance, nullable=True),
        CheckConstraint("(kind = 'material') = (quantity IS NOT NULL)", name="material_has_quantity"),
        CheckConstraint("(kind = 'labour') = (minutes IS NOT NULL)", name="labour_has_minutes"),
        CheckConstraint("quantity IS NULL OR quantity > 0", name="quantity_positive"),
        CheckConstraint("minutes IS NULL OR minutes > 0", name="minutes_positive"),
        CheckConstraint("price_yuan >= 0 AND amount_yuan >= 0", name="not_negative"),
        CheckConstraint("accepted_at IS NULL OR bearer = 'owner'", name="accepted_by_owner"),
        CheckConstraint("charged_at IS NULL OR accepted_at IS NOT NULL", name="charged_once_accepted"),
        CheckConstraint("(struck_at IS NULL) = (struck_why = '')", name="struck_with_reason"),
        Index("ix_ticket_cost_ticket", "ticket_id", "id"),
        CheckConstraint("bill_id IS NULL OR charged_at IS NOT NULL", name="billed_is_charged"),
        Index("ix_ticket_cost_at", "at"),
        Index("ix_ticket_cost_uncharged", "at", sqlite_where=_UNCHARGED, postgresql_where=_UNCHARGED),
    )

    id: Mapped[int] = mapped_column(Integer, primary_key=True)
    ticket_id: Mapped[int] = mapped_column(ForeignKey("ticket.id"))
    kind: Mapped[str] = mapped_column(String(20))
    material_id: Mapped[int | None] = mapped_column(ForeignKey("material.id"), index=True)
    what: Mapped[str] = mapped_column(String(120))
    what_en: Mapped[str] = mapped_column(String(120), default="")
    unit: Mapped[str] = mapped_column(String(40), default="")
    unit_en: Mapped[str] = mapped_column(String(40), default="")
    quantity: Mapped[Decimal | None] = mapped_column(Quantity)
    minutes: Mapped[int | None] = mapped_column(Integer)
    price_yuan: Mapped[Decimal] = mapped_column(Money)
    amount_yuan: Mapped[Decimal] = mapped_column(Money)
    bearer: Mapped[str] = mapped_column(String(20))
    at: Mapped[datetime] = mapped_column(UTCDateTime)
    entered_by: Mapped[str] = mapped_column(String(80))
    replaces_id: Mapped[int | None] = mapped_column(ForeignKey("ticket_cost.id"), unique=True)
    accepted_at: Mapped[datetime | None] = mapped_column(UTCDateTime)
    accepted_by: Mapped[str] = mapped_column(String(80), default="")
    accepted_way: Mapped[str | None] = mapped_column(String(20))
    charged_at: Mapped[datetime | None] = mapped_column(UTCDateTime)
    charged_by: Mapped[str] = mapped_column(String(80), default="")
    bill_id: Mapped[int | None] = mapped_column(ForeignKey("bill.id", name="fk_ticket_cost_bill"), index=True)
    struck_at: Mapped[datetime | None] = mapped_column(UTCDateTime)
    struck_by: Mapped[str] = mapped_column(String(80), default="")
    struck_why: Mapped[str] = mapped_column(String(255), default="")

    ticket: Mapped[Ticket] = relationship()
    bill: Mapped[Bill | None] = relationship()

    def __repr__(self) -> str:
        return self.what
