"""Sentences of the call flow in a language: spoken to the caller, or written for the staff in the house's own language."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from flask import current_app
from flask_babel import force_locale, gettext

from app.rules import spoken
from app.rules.call_flow.words import Digits, HouseName, Line, Named, Param, Quote, TicketNo, Word
from app.rules.prices import PriceTag
from app.services.names import is_english
from app.services.price_words import tag_words

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
        if isinstance(value, Named | PriceTag):
            return _catalogue_words(value, english=tongue == "en", aloud=True)
        return gettext(value.msgid) if isinstance(value, Word) else value

    return _fill(line, locale, said)


def write(line: Line, locale: str | None = None, ticket_number: str | None = None) -> str:
    """The same sentence for the eye; without `locale` in the house's default language."""
    with force_locale(locale or house_locale()):
        return reread(keep(line, ticket_number))


def keep(line: Line, ticket_number: str | None = None) -> dict[str, Any]:
    """The sentence as a timeline keeps it beside its text, so that every reader's page can say it in its own language:
    `{"msgid", "params": {name: text, {"msgid"} or {"zh", "en"}}}`."""
    return {"msgid": line.msgid, "params": {name: _kept(value, ticket_number) for name, value in line.params.items()}}


def reread(kept: Mapping[str, Any]) -> str:
    """What `keep` kept, in the language that is being written."""
    params = {name: _here(value) if isinstance(value, dict) else value for name, value in kept["params"].items()}
    return " ".join(_here(kept, **params).split())


def _here(kept: Mapping[str, Any], **params: str) -> str:
    msgid = kept.get("msgid")
    if msgid is None:
        return str(kept["en" if is_english() else "zh"])
    return gettext(msgid, **params)


def _kept(value: Param, ticket_number: str | None) -> str | dict[str, str]:
    if isinstance(value, HouseName):
        return value.house.name or spoken.house(value.house.building, value.house.unit, value.house.room, "zh")
    if isinstance(value, Digits | Quote):
        return value.text
    if isinstance(value, TicketNo):
        return ticket_number or ""
    if isinstance(value, Named | PriceTag):
        return {locale: _catalogue_in(value, locale) for locale in ("zh", "en")}
    return {"msgid": value.msgid} if isinstance(value, Word) else value


def _catalogue_in(value: Named | PriceTag, locale: str) -> str:
    with force_locale(locale):
        return _catalogue_words(value, english=locale == "en")


def _catalogue_words(value: Named | PriceTag, *, english: bool, aloud: bool = False) -> str:
    if isinstance(value, PriceTag):
        return tag_words(value, english=english, spoken=aloud)
    return (value.name_en if english else value.name) or value.name


def house_locale() -> str:
    """The language the house keeps its records in (setting BABEL_DEFAULT_LOCALE)."""
    return str(current_app.config.get("BABEL_DEFAULT_LOCALE", "zh"))


def _fill(line: Line, locale: str, form: Callable[[Param], str]) -> str:
    with force_locale(locale):
        return " ".join(gettext(line.msgid, **{name: form(value) for name, value in line.params.items()}).split())
