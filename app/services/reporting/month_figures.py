"""The figures of a month (D14, D16), each beside last month, the same month last year and the target."""

from collections.abc import Sequence
from decimal import Decimal
from typing import Any

from sqlalchemy.orm import Session

from app.rules.month_figures import FIGURES, Value
from app.services.actors import Actor
from app.services.month_matters import Cut
from app.services.month_tallies import NOBODY, tallies, targets, values
from app.services.reporting.period import Month

_HOUSE = Actor.system("report")


def frozen(value: Value) -> int | str | None:
    """A value as JSON keeps it: rates as strings of their digits, so that nothing is ever a float."""
    return str(value) if isinstance(value, Decimal) else value


def month_figures(session: Session, community_id: int, months: Sequence[Month | None]) -> list[dict[str, Any]]:
    """Every figure of the month as a row for the dataset. `months`: this one, the one before, the same of last year; None
    where nothing at all was recorded, so that nothing is compared with it."""
    there = [month for month in months if month is not None]
    counted = tallies(session, _HOUSE, there, Cut(community_id)).get(NOBODY, [])
    measured = {month.key: values(one) for month, one in zip(there, counted, strict=False)}
    wanted = targets(session)

    def value(code: str, month: Month | None) -> int | str | None:
        return None if month is None else frozen(measured.get(month.key, {}).get(code))

    now, last_month, last_year = months
    return [
        {
            "code": code,
            "unit": figure.unit,
            "value": value(code, now),
            "last_month": value(code, last_month),
            "last_year": value(code, last_year),
            "target": frozen(wanted[code]),
            "good": figure.good,
        }
        for code, figure in FIGURES.items()
    ]
