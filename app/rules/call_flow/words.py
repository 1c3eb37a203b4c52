"""What is said on the telephone, not yet in any language: message ids with parameters that the renderer speaks (G3)."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from app.rules.place import HouseKey
from app.rules.prices import PriceTag


@dataclass(frozen=True)
class Digits:
    """A number said digit by digit."""

    text: str


@dataclass(frozen=True)
class HouseName:
    """A house said by its numbers, never by a name of a person (D15)."""

    house: HouseKey


@dataclass(frozen=True)
class Quote:
    """The caller's own words said back; long numbers in them are spelled out."""

    text: str


@dataclass(frozen=True)
class Word:
    """A single translatable word inside a sentence."""

    msgid: str


@dataclass(frozen=True)
class Named:
    """Something the administrators named in both languages."""

    name: str
    name_en: str = ""


@dataclass(frozen=True)
class TicketNo:
    """The number of this call's ticket, known only once the ticket has been opened. `slowly` puts pauses in."""

    slowly: bool = False


Param = str | Digits | HouseName | Quote | Word | TicketNo | Named | PriceTag


@dataclass(frozen=True)
class Line:
    """One sentence: an English msgid and what fills its `%(name)s`. `locale` overrides the caller's ("for English, press 8")."""

    msgid: str
    params: Mapping[str, Param] = field(default_factory=dict)
    locale: str | None = None


def line(msgid: str, **params: Param) -> Line:
    """A sentence. The msgid is marked with N_ where it is written."""
    return Line(msgid, params)
