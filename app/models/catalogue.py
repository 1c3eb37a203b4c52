"""The service catalogue (D9): free and paid items, with prices that are valid from a day."""

from datetime import date
from decimal import Decimal

from sqlalchemy import Boolean, CheckConstraint, Date, ForeignKey, Integer, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from app.models.base import Coded, Model, Money, Rate, one_of
from app.models.people import Department
from app.rules.codes import PriceKind


class ServiceItem(Coded, Model):
    """Something a household may ask for. `is_paid` is what the caller is told first; the price is its newest valid one."""

    __tablename__ = "service_item"
    __table_args__ = (UniqueConstraint("code"),)

    id: Mapped[int] = mapped_column(Integer, primary_key=True)
    is_paid: Mapped[bool] = mapped_column(Boolean, default=False)
    description: Mapped[str] = mapped_column(Text, default="")
    description_en: Mapped[str] = mapped_column(Text, default="")
    department_id: Mapped[int | None] = mapped_column(ForeignKey("department.id"), index=True)
    active: Mapped[bool] = mapped_column(Boolean, default=True)

    department: Mapped[Department | None] = relationship()
    prices: Mapped[list["ServicePrice"]] = relationship(
        back_populates="item", order_by="ServicePrice.valid_from", cascade="all, delete-orphan"
    )


class ServicePrice(Model):
    """A fixed sum per unit, a percentage of a stated base, or by quotation; free where nothing is charged."""

    __tablename__ = "service_price"
    __table_args__ = (
        UniqueConstraint("item_id", "variant", "valid_from"),
        one_of("kind", PriceKind),
        CheckConstraint("kind <> 'fixed' OR amount_yuan IS NOT NULL", name="fixed_has_amount"),
        CheckConstraint("kind <> 'percent' OR (percent IS NOT NULL AND base IS NOT NULL)", name="percent_has_base"),
        CheckConstraint("amount_yuan IS NULL OR amount_yuan >= 0", name="amount_not_negative"),
    )

    id: Mapped[int] = mapped_column(Integer, primary_key=True)
    item_id: Mapped[int] = mapped_column(ForeignKey("service_item.id"), index=True)
    variant: Mapped[str] = mapped_column(String(60), default="")
    variant_en: Mapped[str] = mapped_column(String(60), default="")
    kind: Mapped[str] = mapped_column(String(20))
    amount_yuan: Mapped[Decimal | None] = mapped_column(Money)
    unit: Mapped[str] = mapped_column(String(40), default="")
    unit_en: Mapped[str] = mapped_column(String(40), default="")
    percent: Mapped[Decimal | None] = mapped_column(Rate)
    base: Mapped[str | None] = mapped_column(String(120))
    base_en: Mapped[str | None] = mapped_column(String(120))
    valid_from: Mapped[date] = mapped_column(Date)

    item: Mapped[ServiceItem] = relationship(back_populates="prices")

    @property
    def name_en(self) -> str:
        """The English name of what is priced, or nothing."""
        return f"{self.item.name_en} {self.variant_en}".strip() if self.item.name_en else ""

    def __repr__(self) -> str:
        return f"{self.item} {self.variant}".strip()
