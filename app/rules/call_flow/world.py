"""What the call flow may look at, gathered by the service for one step: plain data, never a name."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Any

from app.rules.arrears import Owed
from app.rules.call_flow.words import Named
from app.rules.classify import Word as CategoryWord
from app.rules.place import HouseKey, Match
from app.rules.prices import PriceTag
from app.rules.voice_pin import PinState
from app.rules.whereabouts import Whereabouts


@dataclass(frozen=True)
class Choice:
    """Something of the catalogue that a key chooses: an item, or one of its prices (with what it costs)."""

    id: int
    name: str
    name_en: str = ""
    code: str = ""
    paid: bool = False
    price: PriceTag | None = None

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> Choice:
        """A stored choice."""
        return cls(**{**data, "price": PriceTag(**data["price"]) if data.get("price") else None})


@dataclass(frozen=True)
class Service:
    """An item of the catalogue with today's prices, a choice each; none at all is free of charge."""

    item: Choice
    prices: tuple[Choice, ...] = ()


@dataclass(frozen=True)
class OpenTicket:
    """A ticket that is not done, as far as the flow may speak of it."""

    id: int
    number: str
    state: str
    kind: str = ""
    category: str = ""
    on_the_way: bool = False


@dataclass(frozen=True)
class Notice:
    """An announced outage: what is said of it, until when it is expected to last or since when it should be over (local),
    which buildings (none: all)."""

    id: int
    text: str
    text_en: str = ""
    until: str = ""
    late: str = ""
    buildings: tuple[str, ...] = ()

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> Notice:
        """A stored notice."""
        return cls(**{**data, "buildings": tuple(data.get("buildings", ()))})

    @property
    def named(self) -> Named:
        """The words in both languages."""
        return Named(self.text, self.text_en)


@dataclass(frozen=True)
class Payer:
    """A house that somebody reached on the caller's number owns: who those are, and where their telephone PIN stands."""

    house: HouseKey
    persons: tuple[int, ...]
    pin: PinState


class RecordingNow(StrEnum):
    """Whether what the caller keys is recorded: not at all, yes, it is paused, yes and it cannot be paused."""

    NONE = "none"
    RUNNING = "running"
    PAUSED = "paused"
    FIXED = "fixed"


@dataclass(frozen=True)
class PinCheck:
    """What a keyed PIN came to: whose it is, or how many tries are left after it."""

    person: int | None
    left: int = 0


@dataclass(frozen=True)
class World:
    """What the flow may look at, gathered by the service for this step only: never a name, sums only for a right PIN."""

    houses: tuple[HouseKey, ...] = ()
    match: Match = field(default_factory=Match)
    place: Whereabouts = field(default_factory=Whereabouts)
    words: tuple[CategoryWord, ...] = ()
    further: tuple[OpenTicket, ...] = ()
    own_tickets: tuple[OpenTicket, ...] = ()
    looked_up: OpenTicket | None = None
    payers: tuple[Payer, ...] = ()
    notices: tuple[Notice, ...] = ()
    catalogue: tuple[Service, ...] = ()
    local_now: datetime | None = None
    own_number: str | None = None
    keyed_number: str | None = None
    recording: RecordingNow = RecordingNow.NONE
    pin: PinCheck | None = None
    owed: Owed | None = None
    withheld: bool = False
    person_number: str | None = None
    ring_seconds: int = 30
    can_text: bool = False
