"""How a value of a row is shown: labels for codes, local time, money with two places, yes and no, never None."""

import re
from datetime import date, datetime, time
from decimal import Decimal
from functools import lru_cache
from typing import Any

import phonenumbers
from flask import Flask, g
from flask_babel import gettext
from jinja2 import pass_context

from app.extensions import db
from app.rules.figures import rate_text, share
from app.services.names import departments_in_english, is_english, named
from app.views.base.local import day_text, local_text
from app.views.labels import code_label


def yuan(amount: Decimal | None) -> str:
    """`1,234.50`; nothing for None."""
    return "" if amount is None else f"{amount:,.2f}"


def plain_decimal(value: Decimal) -> str:
    """Two places, more only where they say something: 2.80, but 0.5653; thousands grouped: 1,234.50."""
    text = f"{value:,f}"
    whole, _, places = text.partition(".")
    return f"{whole}.{places.rstrip('0').ljust(2, '0')}"


_E164 = re.compile(r"^\+\d{7,15}$", re.ASCII)


@lru_cache(maxsize=4096)
def phone_text(number: str | None) -> str:
    """A telephone number in groups: `138 0013 8001`, `021 6000 0000`; another country's with its code."""
    if not number:
        return ""
    try:
        found = phonenumbers.parse(number, "CN")
    except phonenumbers.NumberParseException:
        return number
    national = phonenumbers.format_number(found, phonenumbers.PhoneNumberFormat.NATIONAL)
    if found.country_code != 86:
        return str(phonenumbers.format_number(found, phonenumbers.PhoneNumberFormat.INTERNATIONAL))
    if re.fullmatch(r"1\d{10}", national.replace(" ", "")):
        plain = national.replace(" ", "")
        return f"{plain[:3]} {plain[3:7]} {plain[7:]}"
    return str(national)


def plain_text(value: str) -> str:
    """A text as it is; a telephone number in groups."""
    return phone_text(value) if value[:1] == "+" and _E164.match(value) else value


_IN_WORDS = re.compile(r"(?<![\w+])\+\d{7,15}(?!\d)", re.ASCII)


def in_groups(text: str) -> str:
    """A sentence with its telephone numbers as people write them: "+8613800138001 called" → "138 0013 8001 called"."""
    return _IN_WORDS.sub(lambda found: phone_text(found[0]), text) if "+" in text else text


_HAN = re.compile("[\u3400-\u9fff]")


def has_chinese(text: str) -> bool:
    """Whether a kept text has Chinese characters, so that a reader's machine can be told its language."""
    return _HAN.search(text) is not None


def responsible(ticket: Any) -> str:
    """Who has a ticket in hand, in the reader's language: the person, else the department, else what was written down."""
    return named(ticket.assignee) or named(ticket.department) or post_name(ticket.responsible or "")


def post_name(kept: str) -> str:
    """Who had a step in hand, as the step kept it: a person's name, or a department's in the reader's language."""
    if not kept or not is_english():
        return kept
    if "linli_departments" not in g:
        g.linli_departments = departments_in_english(db.session())
    return str(g.linli_departments.get(kept, kept))


def read(item: Any, path: str) -> Any:
    """The value at a dotted path; None where a link in between is empty. A name is the one of the reader's language."""
    for part in path.split("."):
        if item is None:
            return None
        item = named(item) if part == "name" and hasattr(item, "name_en") else getattr(item, part)
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
        return "、".join(plain_text(named(part)) for part in value)
    return plain_text(named(value) if hasattr(value, "__mapper__") else str(value))


def install_filters(app: Flask) -> None:
    """The filters `code`, `localtime`, `day`, `yuan`, `plain_decimal`, `named`, `responsible`, `rate` and `rate_of` for every template."""
    app.jinja_env.filters.update(
        # With the context: Jinja would work out a constant's label once, in the language of whoever came first.
        code=pass_context(lambda _context, value, family: code_label(family, value)),
        localtime=local_text,
        day=day_text,
        yuan=yuan,
        plain_decimal=plain_decimal,
        named=named,
        responsible=responsible,
        has_chinese=has_chinese,
        phone=phone_text,
        rate=lambda value: rate_text(value, nothing="–"),
        rate_of=lambda part, whole: rate_text(share(part, whole), nothing="–"),
    )
