"""What follows from one step of a call: what the house writes down, and what the telephone does next. Plain data."""

from __future__ import annotations

from dataclasses import dataclass

from app.rules.call_flow.words import Line
from app.rules.classify import Finding


@dataclass(frozen=True)
class Open:
    """Open a ticket now. `description` is either the caller's words or a sentence of ours for the staff."""

    kind: str
    category: str | None
    description: str | Line
    priority: str | None = None
    callback: bool = False
    quiet: bool = False
    by_itself: bool = False
    found: Finding | None = None


@dataclass(frozen=True)
class Amend:
    """Write what has been learnt since (description, place, category) onto the open ticket, with an entry that says so.

    `building`: the number of the building it is in; `elsewhere`: which is not that of the ticket's house, so that it is not there.
    """

    description: str | Line | None = None
    category: str | None = None
    priority: str | None = None
    place: str | Line | None = None
    house_id: int | None = None
    building: str | None = None
    elsewhere: bool = False
    note: Line | None = None
    found: Finding | None = None


@dataclass(frozen=True)
class Join:
    """The call is a further contact on an open ticket (I8); `found` in its words may make that more urgent."""

    ticket_id: int
    words: str
    found: Finding | None = None


@dataclass(frozen=True)
class StartLadder:
    """Ring the duty roster for the ticket just opened (D7)."""


@dataclass(frozen=True)
class Receipt:
    """Send the ticket's number by SMS, where the caller's number takes one."""


@dataclass(frozen=True)
class Callback:
    """Somebody is to ring this caller back: flag and timeline entry."""

    note: Line


@dataclass(frozen=True)
class PinTried:
    """Count a try of the PIN of these people: right for one of them, or wrong (None)."""

    persons: tuple[int, ...]
    right: int | None


@dataclass(frozen=True)
class Order:
    """Order a service of the catalogue on the ticket just opened; its price was said, and accepted by key."""

    item_id: int
    price_id: int | None


@dataclass(frozen=True)
class Wake:
    """Book the one wake-up call of the order: number in E.164, instant in ISO 8601."""

    number: str
    at: str


@dataclass(frozen=True)
class TellOutages:
    """The caller was told of these outages: the call is linked; `wants_end`: a text message when they are over."""

    ids: tuple[int, ...]
    wants_end: bool = False


@dataclass(frozen=True)
class AskAgain:
    """The household asked how these open matters stand: each is urged 催单."""

    ticket_ids: tuple[int, ...]


Effect = AskAgain | TellOutages | Order | Wake | PinTried | Open | Amend | Join | StartLadder | Receipt | Callback
