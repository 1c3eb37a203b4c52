"""How a value of a row is shown: labels for codes, local time, money with two places, yes and no, never None."""

from datetime import date, datetime, time
from decimal import Decimal
from typing import Any

from flask import Flask
from flask_babel import get_locale, gettext

from app.views.base.local import day_text, local_text
from app.views.labels import code_label


def yuan(amount: Decimal | None) -> str:
    """`1,234.50`; nothing for None."""
    return "" if amount is None else f"{amount:,.2f}"


def plain_decimal(value: Decimal) -> str:
    """Two places, more only where they say something: 2.80, but 0.5653."""
    text = f"{value:f}"
    whole, _, places = text.partition(".")
    return f"{whole}.{places.rstrip('0').ljust(2, '0')}"


def is_english() -> bool:
    """Whether this answer is in English."""
    locale = get_locale()
    return locale is not None and locale.language == "en"


def named(thing: Any) -> str:
    """A row of a kept list in the reader's language: `name_en` where the page is English and there is one."""
    if thing is None:
        return ""
    if getattr(thing, "name_en", "") and is_english():
        return str(thing.name_en)
    return str(thing)


def read(item: Any, path: str) -> Any:
    """The value at a dotted path; None where a link in between is empty."""
    for part in path.split("."):
        if item is None:
            return None
        item = getattr(item, part)
    return item


def show(value: Any, family: str | None = None) -> str:
    """A value as text for people."""
    if value is None:
        return ""
    if family is not None:
        return code_label(family, value)
    if isinstance(value, bool):
        return gettext("Yes") if value else gettext("No")
    if isinstance(value, datetime):
        return local_text(value)
    if isinstance(value, date):
        return day_text(value)
    if isinstance(value, time):
        return f"{value:%H:%M}"
    if isinstance(value, Decimal):
        return plain_decimal(value)
    if isinstance(value, list | tuple):
        return "、".join(named(part) for part in value)
    return named(value) if hasattr(value, "__mapper__") else str(value)


def install_filters(app: Flask) -> None:
    """The filters `code`, `localtime`, `day`, `yuan` and `named` for every template."""
    app.jinja_env.filters.update(
        code=lambda value, family: code_label(family, value),
        localtime=local_text,
        day=day_text,
        yuan=yuan,
        named=named,
    )
