"""What the words in the search box may mean: a ticket number, a telephone, a room, or just words. Pure."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass, field
from typing import Final

from app.rules.place import Reference, parse

LONGEST: Final = 60
TICKET_DIGITS: Final = 8
SHORTEST_PHONE: Final = 4
WHOLE_PHONE: Final = 10
"""National digits from which a number is taken for a whole one: 13800138001 has 11, 21 6000 0000 has 10."""

_LOOSE: Final = re.compile(r"[\s()./·•-]")
_SHORT_PLACE: Final = re.compile(r"(\d{1,3})\s*[-/. #]\s*(\d{3,4})\s*室?")
_THREE_PARTS: Final = re.compile(r"\d{1,3}\s*[-/. ]\s*\d{1,2}\s*[-/. ]\s*\d{3,4}")
_ROOM_ONLY: Final = re.compile(r"(\d{3,4})\s*(?:室|房|号)?")


@dataclass(frozen=True)
class SearchWords:
    """The words and what else they may be. `digits` is empty unless they are a number, however it is spelled; `phone` is its
    part without country code and leading zero, from four digits on."""

    text: str
    digits: str = ""
    phone: str = ""
    place: Reference = field(default_factory=Reference)

    @property
    def ticket(self) -> str:
        """A whole ticket number, or nothing."""
        return self.digits if len(self.digits) == TICKET_DIGITS else ""

    @property
    def whole_phone(self) -> bool:
        """Whether the number is long enough to be a whole one."""
        return len(self.phone) >= WHOLE_PHONE

    @property
    def is_place(self) -> bool:
        """Whether a building, a unit or a room was named."""
        return bool(self.place.building or self.place.unit or self.place.room)


def clean(text: str | None) -> str:
    """What was typed, without what a database cannot hold; full-width letters and digits are taken for plain ones."""
    plain = unicodedata.normalize("NFKC", (text or "")[: LONGEST * 2])
    return " ".join("".join(c if c.isprintable() else " " for c in plain).split())[:LONGEST]


def read(text: str | None) -> SearchWords:
    """Take the words apart. Never raises.

    `3-2-1201`, `3幢2单元1201`, `3栋1201室`, `12楼01` are rooms; `+86 138 0013 8001`, `0086-13800138001` a telephone.
    """
    words = clean(text)
    digits = _digits(words)
    phone = _national(digits) if len(digits) >= SHORTEST_PHONE else ""
    return SearchWords(words, digits, phone, _place(words, digits))


def _digits(words: str) -> str:
    plain = _LOOSE.sub("", words)
    plain = plain.removeprefix("+")
    return plain if plain.isascii() and plain.isdecimal() else ""


def _national(digits: str) -> str:
    for prefix in ("0086", "86"):
        if digits.startswith(prefix) and len(digits) - len(prefix) >= WHOLE_PHONE:
            return digits.removeprefix(prefix).lstrip("0")
    return digits.lstrip("0")


def _place(words: str, digits: str) -> Reference:
    short = _SHORT_PLACE.fullmatch(words)
    if short:
        return Reference(building=short[1], room=short[2])
    bare = _ROOM_ONLY.fullmatch(words)
    if bare:
        return Reference(room=bare[1])
    if digits and not _THREE_PARTS.fullmatch(words):
        return Reference()
    found = parse(words)
    return Reference() if found.compact else found
