"""Sentences of the call flow in a language: spoken to the caller, or written for the staff in the house's own language."""

from __future__ import annotations

from collections.abc import Callable

from flask import current_app
from flask_babel import force_locale, gettext

from app.rules import spoken
from app.rules.call_flow.words import Digits, HouseName, Line, Param, Quote, TicketNo, Word

PAUSE = {"zh": "\N{FULLWIDTH COMMA}", "en": ","}


def speak(line: Line, locale: str, ticket_number: str | None = None) -> str:
    """One sentence as it is said, numbers spelled out (G3). `ticket_number` fills TicketNo."""
    locale = line.locale or locale
    tongue = "en" if spoken.is_english(locale) else "zh"

    def said(value: Param) -> str:
        if isinstance(value, Digits):
            return spoken.digits(value.text, locale)
        if isinstance(value, HouseName):
            return spoken.house(value.house.building, value.house.unit, value.house.room, locale)
        if isinstance(value, Quote):
            return spoken.long_numbers(value.text, locale)
        if isinstance(value, TicketNo):
            return spoken.digits(ticket_number or "", locale, PAUSE[tongue] if value.slowly else "")
        return gettext(value.msgid) if isinstance(value, Word) else value

    return _fill(line, locale, said)


def write(line: Line, locale: str | None = None, ticket_number: str | None = None) -> str:
    """The same sentence for the eye; without `locale` in the house's default language."""

    def written(value: Param) -> str:
        if isinstance(value, HouseName):
            return value.house.name or spoken.house(value.house.building, value.house.unit, value.house.room, "zh")
        if isinstance(value, Digits | Quote):
            return value.text
        if isinstance(value, TicketNo):
            return ticket_number or ""
        return gettext(value.msgid) if isinstance(value, Word) else value

    return _fill(line, locale or house_locale(), written)


def house_locale() -> str:
    """The language the house keeps its records in (setting BABEL_DEFAULT_LOCALE)."""
    return str(current_app.config.get("BABEL_DEFAULT_LOCALE", "zh"))


def _fill(line: Line, locale: str, form: Callable[[Param], str]) -> str:
    with force_locale(locale):
        return " ".join(gettext(line.msgid, **{name: form(value) for name, value in line.params.items()}).split())
