"""Whose money a line of a bank's file is (D10): the bill it names, the house it names, the account that paid before. Pure.

Nothing is guessed: a house counts when building, unit and room are named and one house fits, a payer when the line leaves one
possible. Everything else is a doubt with its reason, and a person decides.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum

from app.rules.bank_sheet import BankRow
from app.rules.place import HouseKey, bare, parse

_BILL = re.compile(r"(?<!\d)(\d{6})-(\d{7,9})(?!\d)")
_BETWEEN_HOUSES = re.compile(r"[\s、，,；;/+&和及与]+|(?<=[室房])(?=[\da-zA-Z一二两三四五六七八九十])")
_BARE_ROOM = re.compile(r"(\d{3,4})[室房号]?")


class Doubt(StrEnum):
    """Why nobody can tell by itself whose money it is."""

    NO_HOUSE = "no_house"
    NO_SUCH_BILL = "no_such_bill"
    TWO_HOUSES = "two_houses"
    NO_PAYER = "no_payer"
    SEVERAL_PAYERS = "several_payers"
    SHARED_ACCOUNT = "shared_account"
    PAYER_LEFT = "payer_left"
    PERHAPS_TWICE = "perhaps_twice"


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


@dataclass(frozen=True)
class Twin:
    """What is known already under a line's reference, day and sum: `where` (`file:12:7`, `row:7`, `payment:5`), who paid it by what
    account as far as that is said; `aside`: somebody left it out."""

    where: str
    account: str = ""
    payer: str = ""
    aside: bool = False

    def of_another(self, row: BankRow) -> bool:
        """Whether both say who paid, and say different ones: a voucher's number may stand for many payments."""
        pairs = ((self.account, row.account), (self.payer, row.payer))
        return any(mine and other and mine != other for mine, other in pairs)


def twin_of(row: BankRow, known: Iterable[Twin]) -> tuple[str, bool] | None:
    """What a line is a second time, and whether that is certain. In one file another payer's line is a payment of its own; where
    another file says another payer, or the first was left out, a person decides."""
    near = [one for one in known if not (one.where.startswith("row:") and one.of_another(row))]
    sure = [one for one in near if not one.aside and not one.of_another(row)]
    found = sure or near
    return (found[0].where, bool(sure)) if found else None


def house_finder(houses: Iterable[HouseKey]) -> Callable[[str], frozenset[int]]:
    """A function from a text to the houses it names whole: by name, or with building, unit and room (of a second one the room
    alone will do: 3-2-1201、1202)."""
    names: dict[str, set[int]] = {}
    for house in houses:
        parts = "-".join(bare(part) for part in (house.building, house.unit, house.room))
        for key in (parts, house.name):
            names.setdefault(key, set()).add(house.id)
    seen: dict[str, frozenset[int]] = {}

    def find(text: str) -> frozenset[int]:
        if text not in seen:
            # Piece by piece first: in "12-1-101 3月" the month is no part of the room. A house written 3,2,1201 is one word.
            pieces = (_BETWEEN_HOUSES.split(text), text.split(), [text])
            seen[text] = next((found for one in pieces if (found := _named(one, names))), frozenset())
        return seen[text]

    return find


def _named(pieces: Sequence[str], names: Mapping[str, set[int]]) -> frozenset[int]:
    found: set[int] = set()
    before = ""
    for piece in pieces:
        said, room = parse(piece), _BARE_ROOM.fullmatch(piece)
        if said.complete:
            before = f"{bare(said.building or '')}-{bare(said.unit or '')}"
        number = said.room if said.complete else room[1] if room and before else None
        whole = f"{before}-{bare(number)}" if number else ""
        found |= names.get(piece.strip(), set()) or names.get(whole, set())
    return frozenset(found)


def bill_ids(row: BankRow) -> list[tuple[str, int]]:
    """The bills a line names: (month `YYYY-MM`, id). A bill's number is its month and its id (`202603-0001234`)."""
    named = _BILL.findall(f"{row.bill} {row.memo}")
    return list(dict.fromkeys((f"{month[:4]}-{month[4:]}", int(key)) for month, key in named if int(key) < 2**31))


def whose(
    row: BankRow,
    bills: Mapping[tuple[str, int], tuple[int, int]],
    houses_of: Callable[[str], Collection[int]],
    paid_before: Mapping[str, Collection[tuple[int, int]]],
) -> Whose | Doubt:
    """Where a line belongs: `bills` (month, id) → (house, payer), `houses_of` a text → the houses it names, `paid_before` an
    account → every (house, payer) it has paid for: an employer's or a clearing account pays for many."""
    named = bill_ids(row)
    of_bills = {bills[one] for one in named if one in bills}
    if named and not of_bills:
        return Doubt.NO_SUCH_BILL
    houses = {house for text in (row.house, row.memo) if text for house in houses_of(text)}
    if len({house for house, _payer in of_bills} | houses) > 1:
        return Doubt.TWO_HOUSES
    if of_bills:
        house, payer = next(iter(of_bills))
        return Whose(house, payer if len(of_bills) == 1 else None, Found.BILL)
    if houses:
        return Whose(next(iter(houses)), None, Found.HOUSE)
    before = paid_before.get(row.account, ()) if row.account else ()
    if len(before) > 1:
        return Doubt.SHARED_ACCOUNT
    return Whose(*next(iter(before)), Found.ACCOUNT) if before else Doubt.NO_HOUSE


def payer_of(row: BankRow, candidates: Sequence[Candidate]) -> int | Doubt:
    """Who of the house has paid: whose name the line bears, else the only one there is, else the only one who owes."""
    if not candidates:
        return Doubt.NO_PAYER
    # Banks write 张 三 for 张三.
    words = f"{row.payer} {''.join(row.payer.split())} {row.memo}"
    named = [one for one in candidates if len(one.name) > 1 and one.name in words]
    if len(named) == 1:
        return named[0].person_id
    if len(candidates) == 1:
        return candidates[0].person_id
    owing = [one for one in candidates if one.owed > 0]
    return owing[0].person_id if len(owing) == 1 and not named else Doubt.SEVERAL_PAYERS
