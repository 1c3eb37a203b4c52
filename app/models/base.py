"""Column types and mixins of every table."""

from collections.abc import Iterable
from datetime import UTC, datetime
from decimal import Decimal
from enum import StrEnum
from typing import Any

from flask_appbuilder.models.sqla import Model
from sqlalchemy import JSON, BigInteger, CheckConstraint, DateTime, Integer, String
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.engine import Dialect
from sqlalchemy.orm import Mapped, mapped_column
from sqlalchemy.types import TypeDecorator

__all__ = [
    "BIGGEST_ID",
    "AreaM2",
    "Coded",
    "JsonData",
    "Model",
    "Money",
    "Quantity",
    "Rate",
    "UTCDateTime",
    "one_of",
]

BIGGEST_ID = 2**31 - 1
"""The biggest key of a row: a bigger number breaks the driver instead of finding nothing."""

JsonData = JSON().with_variant(JSONB(), "postgresql")


class UTCDateTime(TypeDecorator[datetime]):
    """An instant: aware datetimes in, aware UTC out. SQLite would drop the zone, so it is converted to UTC before."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError("an instant needs a time zone")
        value = value.astimezone(UTC)
        return value.replace(tzinfo=None) if dialect.name == "sqlite" else value

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        if value is None:
            return None
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)


class FixedDecimal(TypeDecorator[Decimal]):
    """An exact decimal kept as a whole number of its smallest unit (SQLite's Numeric is a float)."""

    impl = BigInteger
    cache_ok = True
    places = 2

    def process_bind_param(self, value: Decimal | int | None, dialect: Dialect) -> int | None:
        if value is None:
            return None
        scaled = Decimal(value).scaleb(self.places)
        if scaled != scaled.to_integral_value():
            raise ValueError(f"{value} has more than {self.places} decimal places")
        return int(scaled)

    def process_result_value(self, value: Any, dialect: Dialect) -> Decimal | None:
        return None if value is None else Decimal(int(value)).scaleb(-self.places)


class Money(FixedDecimal):
    """Yuan with two places, stored as whole fen (I8)."""

    cache_ok = True


class Quantity(FixedDecimal):
    """How much of a material, with two places: 0.35 of a metre."""

    cache_ok = True


class AreaM2(FixedDecimal):
    """Square metres with two places."""

    cache_ok = True


class Rate(FixedDecimal):
    """Yuan per unit, or percent, with four places: a kilowatt-hour costs 0.5653."""

    cache_ok = True
    places = 4


def one_of(column: str, codes: Iterable[str] | type[StrEnum], *, nullable: bool = False) -> CheckConstraint:
    """A database constraint that `column` holds one of `codes`."""
    words = ", ".join(f"'{code}'" for code in codes)
    text = f"{column} IN ({words})"
    return CheckConstraint(f"{column} IS NULL OR {text}" if nullable else text, name=f"{column}_known")


class Coded:
    """A row of a list that administrators keep: a stable code and its name in both languages."""

    code: Mapped[str] = mapped_column(String(40))
    name: Mapped[str] = mapped_column(String(120))
    name_en: Mapped[str] = mapped_column(String(120), default="")
    position: Mapped[int] = mapped_column(Integer, default=0)

    def __repr__(self) -> str:
        return self.name
