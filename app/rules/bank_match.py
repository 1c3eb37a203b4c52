"""Whose money a line of a bank's file is (D10): the bill it names, the house it names, the account that paid before. Pure.

Nothing is guessed: a house counts when building, unit and room are named and one house fits, a payer when the line leaves one
possible. Everything else is a doubt with its reason, and a person decides.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum

from app.rules.bank_sheet import BankRow
from app.rules.place import HouseKey, bare, parse

_BILL = re.compile(r"(?<!\d)(\d{6})-(\d{7,9})(?!\d)")


class Doubt(StrEnum):
    """Why nobody can tell by itself whose money it is."""

    NO_HOUSE = "no_house"
    NO_SUCH_BILL = "no_such_bill"
    TWO_HOUSES = "two_houses"
    NO_PAYER = "no_payer"
    SEVERAL_PAYERS = "several_payers"


class Found(StrEnum):
    """By what the house was found."""

    BILL = "bill"
    HOUSE = "house"
    ACCOUNT = "account"
    HAND = "hand"


@dataclass(frozen=True)
class Candidate:
    """Somebody who may pay for a house: their name, and what they owe of it."""

    person_id: int
    name: str
    owed: Decimal


@dataclass(frozen=True)
class Whose:
    """Where a line belongs; `payer_id` is open where only the house is known."""

    house_id: int
    payer_id: int | None
    found: Found


def house_finder(houses: Iterable[HouseKey]) -> Callable[[str], int | None]:
    """A function from a text to the one house it names whole: by its name, or with building, unit and room."""
    names: dict[str, set[int]] = {}
    for house in houses:
        parts = "-".join(bare(part) for part in (house.building, house.unit, house.room))
        for key in (parts, house.name):
            names.setdefault(key, set()).add(house.id)
    seen: dict[str, int | None] = {}

    def find(text: str) -> int | None:
        if text not in seen:
            # Word by word first: in "12-1-101 3月" the month is no part of the room.
            fits = next((found for part in (*text.split(), text) if (found := _named(part, names))), set())
            seen[text] = next(iter(fits)) if len(fits) == 1 else None
        return seen[text]

    return find


def _named(text: str, names: Mapping[str, set[int]]) -> set[int]:
    said = parse(text)
    parts = "-".join(bare(part or "") for part in (said.building, said.unit, said.room)) if said.complete else ""
    return names.get(text.strip(), set()) or names.get(parts, set())


def bill_ids(row: BankRow) -> list[tuple[str, int]]:
    """The bills a line names: (month `YYYY-MM`, id). A bill's number is its month and its id (`202603-0001234`)."""
    named = _BILL.findall(f"{row.bill} {row.memo}")
    return list(dict.fromkeys((f"{month[:4]}-{month[4:]}", int(key)) for month, key in named if int(key) < 2**31))


def whose(
    row: BankRow,
    bills: Mapping[tuple[str, int], tuple[int, int]],
    house_of: Callable[[str], int | None],
    paid_before: Mapping[str, tuple[int, int]],
) -> Whose | Doubt:
    """Where a line belongs: `bills` (month, id) → (house, payer), `house_of` a text → the house it names without doubt,
    `paid_before` an account → (house, payer) of its last payment."""
    named = bill_ids(row)
    of_bills = {bills[one] for one in named if one in bills}
    if named and not of_bills:
        return Doubt.NO_SUCH_BILL
    houses = [found for text in (row.house, row.memo) if text and (found := house_of(text)) is not None]
    if len({house for house, _payer in of_bills} | set(houses[:1])) > 1:
        return Doubt.TWO_HOUSES
    if of_bills:
        house, payer = next(iter(of_bills))
        return Whose(house, payer if len(of_bills) == 1 else None, Found.BILL)
    if houses:
        return Whose(houses[0], None, Found.HOUSE)
    if row.account and row.account in paid_before:
        return Whose(*paid_before[row.account], Found.ACCOUNT)
    return Doubt.NO_HOUSE


def payer_of(row: BankRow, candidates: Sequence[Candidate]) -> int | Doubt:
    """Who of the house has paid: whose name the line bears, else the only one there is, else the only one who owes."""
    if not candidates:
        return Doubt.NO_PAYER
    words = f"{row.payer} {row.memo}"
    named = [one for one in candidates if len(one.name) > 1 and one.name in words]
    if len(named) == 1:
        return named[0].person_id
    if len(candidates) == 1:
        return candidates[0].person_id
    owing = [one for one in candidates if one.owed > 0]
    return owing[0].person_id if len(owing) == 1 and not named else Doubt.SEVERAL_PAYERS
