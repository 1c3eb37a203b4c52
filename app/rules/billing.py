"""What a house is charged for a month (D10). Pure: quantities, rates, payers and concessions by days in, parts to the fen out.

A month's charge is quantity × rate, half-up to 0.01. Where payer, rate, quantity or concession change within the month, it is
shared out by days with the largest remainder, so that the parts add up to the whole exactly. Days nobody answers for are
reckoned and not charged to anybody; what a meter counted is charged whole to those who answer for the others.
"""

from __future__ import annotations

from calendar import monthrange
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import ROUND_HALF_UP, Decimal
from enum import StrEnum
from fractions import Fraction
from typing import Final

from app.errors import N_, Invalid

FEN: Final = Decimal("0.01")
NOTHING: Final = Decimal("0.00")
MONTHS_AHEAD: Final = 12
"""How far ahead a month may be billed."""


class Trouble(StrEnum):
    """Why something of a house is not charged."""

    NO_RATE = "no_rate"
    NO_PAYER = "no_payer"
    NO_QUANTITY = "no_quantity"
    NO_READING = "no_reading"
    READ_AFTER_RUN = "read_after_run"
    WAIVED = "waived"
    OTHER_WAY = "other_way"


@dataclass(frozen=True)
class Span:
    """A value from a day to a day, both included; no end: until further notice."""

    value: Decimal
    starts_on: date
    ends_on: date | None = None

    def holds_on(self, day: date) -> bool:
        """Whether it counts on this day."""
        return self.starts_on <= day and (self.ends_on is None or day <= self.ends_on)


@dataclass(frozen=True)
class Holder:
    """Who pays from a day to a day; `rank` decides among several: the one who has been there longest."""

    payer_id: int
    starts_on: date
    ends_on: date | None
    rank: tuple[date, int]


@dataclass(frozen=True)
class Part:
    """One bill: a payer, the days, and what is left after a concession."""

    payer_id: int
    segment: int
    from_on: date
    to_on: date
    quantity: Decimal
    rate: Decimal
    amount: Decimal
    waived: Decimal


@dataclass(frozen=True)
class _Chunk:
    payer_id: int | None
    quantity: Decimal
    rate: Decimal
    off: Decimal
    from_on: date
    to_on: date

    @property
    def days(self) -> int:
        return (self.to_on - self.from_on).days + 1


def month_of(period: str, today: date) -> tuple[date, date]:
    """First and last day of `YYYY-MM`. Raises Invalid for what is no month, or lies too far ahead."""
    try:
        first = date.fromisoformat(f"{period}-01")
    except (ValueError, TypeError):
        raise Invalid(N_("Write the month like 2026-03.")) from None
    if len(period) != 7 or not 2000 <= first.year <= 2100:
        raise Invalid(N_("Write the month like 2026-03."))
    if (first.year - today.year) * 12 + first.month - today.month > MONTHS_AHEAD:
        raise Invalid(N_("This month is too far ahead to be billed."))
    return first, first.replace(day=monthrange(first.year, first.month)[1])


def half_up(yuan: Decimal | Fraction) -> Decimal:
    """To the fen, halves up (D10)."""
    if isinstance(yuan, Fraction):
        fen = yuan * 100
        return Decimal(int(fen + Fraction(1, 2))).scaleb(-2)
    return yuan.quantize(FEN, ROUND_HALF_UP)


def is_odd(amount: Decimal, before: Decimal, percent: int) -> bool:
    """Whether a charge differs from the month before's by more than so many percent of it."""
    return abs(amount - before) * 100 > before * percent


def share(whole: Decimal, weights: Sequence[Fraction]) -> list[Decimal]:
    """Parts of `whole` by weight, to the fen; together exactly the whole: the largest remainders get the fen that are left."""
    total = sum(weights, Fraction(0))
    if not total:
        return [NOTHING for _ in weights]
    exact = [Fraction(whole) * 100 * weight / total for weight in weights]
    fen = [int(one) for one in exact]
    left = int(whole * 100) - sum(fen)
    order = sorted(range(len(weights)), key=lambda place: (fen[place] - exact[place], place))
    for place in order[:left]:
        fen[place] += 1
    return [Decimal(one).scaleb(-2) for one in fen]


def rate_on(rates: Sequence[Span], day: date) -> Decimal | None:
    """The rate of a day: of those that have begun the latest; None before the first and after the end."""
    begun = [one for one in rates if one.starts_on <= day]
    latest = max(begun, key=lambda one: one.starts_on, default=None)
    return latest.value if latest is not None and latest.holds_on(day) else None


def charge(
    first: date,
    last: date,
    quantities: Sequence[Span],
    rates: Sequence[Span],
    holders: Sequence[Holder],
    concessions: Sequence[Span] = (),
    *,
    used_up: bool = False,
) -> tuple[list[Part], Trouble | None]:
    """The parts of a month, in the order of the days; or why there is none. `used_up`: the quantity is what was used from `first`
    to `last`, not what a whole month costs: it is shared by the days that have a payer and a rate, and never made less by others."""
    chunks = list(_chunks(first, last, quantities, rates, holders, concessions))
    if not chunks:
        no_rate = all(rate_on(rates, day) is None for day in _days(first, last))
        return [], Trouble.NO_RATE if no_rate else Trouble.NO_QUANTITY
    if used_up:
        chunks = [one for one in chunks if one.payer_id is not None]
    days = sum(one.days for one in chunks) if used_up else (last - first).days + 1
    if not days:
        return [], Trouble.NO_PAYER
    weights = [Fraction(one.quantity) * Fraction(one.rate) * one.days for one in chunks]
    whole = half_up(sum(weights, Fraction(0)) / days)
    parts: list[Part] = []
    waived = False
    for one, amount in zip(chunks, share(whole, weights), strict=True):
        off = half_up(amount * one.off / 100)
        waived = waived or off > 0
        if one.payer_id is not None and amount > off:
            parts.append(
                Part(
                    one.payer_id, len(parts) + 1, one.from_on, one.to_on, one.quantity, one.rate, amount - off, off,
                )
            )  # fmt: skip
    if parts:
        return parts, None
    if all(one.payer_id is None for one in chunks):
        return [], Trouble.NO_PAYER
    return [], Trouble.WAIVED if waived else Trouble.NO_QUANTITY


def _chunks(
    first: date,
    last: date,
    quantities: Sequence[Span],
    rates: Sequence[Span],
    holders: Sequence[Holder],
    concessions: Sequence[Span],
) -> Iterable[_Chunk]:
    """Runs of days on which all is the same; without the days that have no rate or no quantity."""
    held: _Chunk | None = None
    edges = _edges(first, last, (*quantities, *rates, *holders, *concessions))
    for from_on, to_on in edges:
        rate = rate_on(rates, from_on)
        quantity = sum((one.value for one in quantities if one.holds_on(from_on)), Decimal(0))
        if rate is None or quantity <= 0:
            continue
        off = max((one.value for one in concessions if one.holds_on(from_on)), default=Decimal(0))
        made = _Chunk(_payer_on(holders, from_on), quantity, rate, off, from_on, to_on)
        if held is not None and _alike(held, made):
            held = _Chunk(held.payer_id, held.quantity, held.rate, held.off, held.from_on, to_on)
            continue
        if held is not None:
            yield held
        held = made
    if held is not None:
        yield held


def _alike(one: _Chunk, other: _Chunk) -> bool:
    same = (one.payer_id, one.quantity, one.rate, one.off) == (other.payer_id, other.quantity, other.rate, other.off)
    return same and one.to_on + timedelta(days=1) == other.from_on


def _edges(first: date, last: date, spans: Iterable[Span | Holder]) -> list[tuple[date, date]]:
    """The month cut where any span begins or has ended."""
    cuts = {first}
    for one in spans:
        if first < one.starts_on <= last:
            cuts.add(one.starts_on)
        if one.ends_on is not None and first <= one.ends_on < last:
            cuts.add(one.ends_on + timedelta(days=1))
    starts = sorted(cuts)
    return [
        (start, (starts[place + 1] - timedelta(days=1)) if place + 1 < len(starts) else last)
        for place, start in enumerate(starts)
    ]


def _payer_on(holders: Sequence[Holder], day: date) -> int | None:
    there = [one for one in holders if one.starts_on <= day and (one.ends_on is None or day <= one.ends_on)]
    first = min(there, key=lambda one: one.rank, default=None)
    return first.payer_id if first else None


def _days(first: date, last: date) -> Iterable[date]:
    return (first + timedelta(days=count) for count in range((last - first).days + 1))
