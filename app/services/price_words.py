"""A price in words, read on a page or said on the telephone: 0.50 yuan a sheet, 50 % of one month's rent, by quotation, free."""

from __future__ import annotations

from flask_babel import gettext

from app.models import ServicePrice
from app.rules.codes import PriceKind
from app.rules.prices import PriceTag


def tag_of(price: ServicePrice | None) -> PriceTag:
    """The price as plain data; without one nothing is charged."""
    if price is None:
        return PriceTag(PriceKind.FREE)
    return PriceTag(
        price.kind,
        "" if price.amount_yuan is None else f"{price.amount_yuan:,.2f}",
        price.unit,
        price.unit_en or price.unit,
        "" if price.percent is None else f"{price.percent.normalize():f}",
        price.base or "",
        price.base_en or price.base or "",
    )


def tag_words(tag: PriceTag, *, english: bool, spoken: bool = False) -> str:
    """In the language of the surroundings; `english` chooses the names of unit and base, `spoken` words without signs."""
    if tag.kind == PriceKind.FREE:
        return gettext("Free of charge")
    if tag.kind == PriceKind.QUOTATION:
        return gettext("By quotation: we name the price before anything is done")
    if tag.kind == PriceKind.PERCENT:
        base = tag.base_en if english else tag.base
        if spoken:
            return gettext("%(percent)s percent of %(base)s", percent=tag.percent, base=base)
        return gettext("%(percent)s %% of %(base)s", percent=tag.percent, base=base)
    unit = tag.unit_en if english else tag.unit
    if unit and spoken:
        return gettext("%(amount)s yuan for one %(unit)s", amount=tag.amount, unit=unit)
    if unit:
        return gettext("%(amount)s yuan a %(unit)s", amount=tag.amount, unit=unit)
    return gettext("%(amount)s yuan", amount=tag.amount)
