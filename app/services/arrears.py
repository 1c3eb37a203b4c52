"""Arrears (D10): the one place that says which bills are unpaid, which are in arrears, and with how much.

Pages, reminders, the telephone, the desk's card and the monthly report all ask here; what one household or payer owes, and for
which bills, is in `services.debts`. What a bill keeps of its payments is
brought up with every entry of the books (`services.ledger.keep`); when money came in, the books say.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from sqlalchemy import ColumnElement, Subquery, and_, case, func, literal, select, true, type_coerce
from sqlalchemy.orm import Session, aliased, joinedload

from app.models import ArrearsNote, Bill, House, JournalEntry, Posting, Staff, StewardBuilding
from app.models.base import Money
from app.rules import arrears as rules
from app.rules.arrears import NOTHING, Age
from app.rules.codes import BillState
from app.rules.postings import CAME_FROM, MONEY
from app.services import ledger
from app.services.policies import figures

Condition = ColumnElement[bool]

UNPAID = (BillState.OPEN, BillState.PART_PAID)
AGE_FIGURES = ("collection.age_1", "collection.age_2", "collection.age_3", "collection.age_4")
NONE = "none"
"""Stands in addresses for a steward or a reason that there is not."""


def unpaid() -> Condition:
    """Bills of which something is still to be paid, whether or not it is due."""
    return Bill.state.in_(UNPAID)


def overdue(today: date) -> Condition:
    """Bills in arrears: unpaid, and the due day has passed."""
    return and_(unpaid(), Bill.due_on < today)


def rest() -> ColumnElement[Decimal]:
    """What is still to be paid of an unpaid bill (yuan)."""
    return type_coerce(Bill.amount - Bill.paid_yuan, Money)


def came_in(
    session: Session, community_id: int, visible: Condition | None, start: datetime, end: datetime
) -> list[tuple[int, int, Decimal]]:
    """(building, bills that money came in for, how much came in) in this time by the books: what was paid ahead counts when it
    was paid, what was paid back or reversed is taken off in the week in which that was done."""
    bill = case((Posting.debit.in_(CAME_FROM), Posting.bill_id))
    found = (
        select(House.building_id, func.count(func.distinct(bill)), type_coerce(func.sum(ledger.came_in()), Money))
        .select_from(Posting)
        .join(JournalEntry, JournalEntry.id == Posting.entry_id)
        .join(House, House.id == Posting.house_id)
        .where(
            JournalEntry.community_id == community_id,
            JournalEntry.at >= start,
            JournalEntry.at < end,
            Posting.debit.in_(CAME_FROM) | Posting.credit.in_(MONEY),
            true() if visible is None else visible,
        )
        .group_by(House.building_id)
    )
    return list(session.execute(found).tuples())


def ages(session: Session) -> tuple[Age, ...]:
    """The ages in force."""
    return rules.ages(figures(session, *AGE_FIGURES).values())


# ---- a community at a glance -----------------------------------------------------------------------------------------


@dataclass
class Sum:
    """Houses in arrears with their bills and what they owe; `parts` by age, `counts` the houses that owe something so old."""

    parts: list[Decimal]
    counts: list[int]
    houses: int = 0
    bills: int = 0
    total: Decimal = NOTHING

    def add(self, other: Sum) -> None:
        """Put others to these: no house is in both."""
        self.parts = [one + more for one, more in zip(self.parts, other.parts, strict=True)]
        self.counts = [one + more for one, more in zip(self.counts, other.counts, strict=True)]
        self.houses, self.bills, self.total = (
            self.houses + other.houses,
            self.bills + other.bills,
            self.total + other.total,
        )


@dataclass(frozen=True)
class Overview:
    """The arrears of a community by age, by steward (the largest sum first; None: nobody's) and by reason (likewise)."""

    ages: tuple[Age, ...]
    all: Sum
    stewards: list[tuple[Staff | None, Sum]]
    reasons: list[tuple[str | None, Sum]]


@dataclass(frozen=True)
class Wanted:
    """Which houses of a community: of an age (its code), a steward (id or NONE), a reason (code or NONE)."""

    community_id: int
    age: str = ""
    steward: str = ""
    reason: str = ""


@dataclass(frozen=True)
class Owing:
    """One house in arrears."""

    house: House
    total: Decimal
    bills: int
    oldest: date
    parts: tuple[Decimal, ...]
    reason: str | None
    note: str
    steward: Staff | None
    payers: str = ""


def overview(session: Session, visible: Condition, community_id: int, today: date) -> Overview:
    """The arrears of the houses that `visible` (a condition on House) leaves. Four statements, however many bills there are."""
    known = ages(session)
    houses = _houses(known, today, visible, House.community_id == community_id)
    columns: list[Any] = [func.count(), func.sum(houses.c.bills), func.sum(houses.c.total)]
    for age in known:
        part = houses.c[_name(age)]
        columns += [func.sum(part), func.count(case((part > 0, 1)))]
    note = _notes()
    grouped = (
        select(houses.c.building_id, note.reason, *columns)
        .select_from(houses)
        .outerjoin(note, _in_force(note, houses))
        .group_by(houses.c.building_id, note.reason)
    )
    of_building = stewards(session, community_id, today)
    found = Overview(known, _empty(known), [], [])
    by_steward: dict[int | None, Sum] = {}
    by_reason: dict[str | None, Sum] = {}
    for building_id, reason, count, bills, total, *rest_of in session.execute(grouped):
        # PostgreSQL adds whole numbers up to a decimal.
        one = Sum(list(rest_of[0::2]), list(rest_of[1::2]), count, int(bills), total)
        steward = of_building.get(building_id)
        found.all.add(one)
        by_steward.setdefault(steward.id if steward else None, _empty(known)).add(one)
        by_reason.setdefault(reason, _empty(known)).add(one)
    staff = {one.id: one for one in of_building.values()}
    found.stewards.extend((staff.get(key) if key else None, one) for key, one in _largest(by_steward))
    found.reasons.extend(_largest(by_reason))
    return found


def listed(
    session: Session, visible: Condition, wanted: Wanted, today: date, *, skip: int, most: int
) -> tuple[int, list[Owing]]:
    """How many houses there are and a page of them, the largest sum first."""
    known, of_building = ages(session), stewards(session, wanted.community_id, today)
    houses = _houses(known, today, visible, House.community_id == wanted.community_id)
    note = _notes()
    conditions = _narrowed(wanted, known, houses, note, of_building)
    joined = select(func.count()).select_from(houses).outerjoin(note, _in_force(note, houses))
    total = session.scalar(joined.where(*conditions)) or 0
    page = (
        select(House, houses, note.reason, note.note)
        .join(houses, houses.c.house_id == House.id)
        .outerjoin(note, _in_force(note, houses))
        .where(*conditions)
        .order_by(houses.c.total.desc(), House.id)
        .offset(skip)
        .limit(most)
    )
    rows = session.execute(page).all()
    named = payers(session, [row.House.id for row in rows], today)
    found = [
        Owing(
            row.House,
            row.total,
            row.bills,
            row.oldest,
            tuple(row._mapping[_name(age)] for age in known),
            row.reason,
            row.note or "",
            of_building.get(row.House.building_id),
            named.get(row.House.id, ""),
        )
        for row in rows
    ]
    return total, found


def payers(session: Session, house_ids: Sequence[int], today: date) -> Mapping[int, str]:
    """House → the names of those whose bills are in arrears."""
    found: dict[int, dict[int, str]] = {}
    bills = select(Bill).where(overdue(today), Bill.house_id.in_(house_ids)).options(joinedload(Bill.payer))
    for bill in session.scalars(bills.order_by(Bill.house_id, Bill.payer_id)):
        found.setdefault(bill.house_id, {})[bill.payer_id] = bill.payer.name
    return {house_id: "、".join(names.values()) for house_id, names in found.items()}


def stewards(session: Session, community_id: int, today: date) -> dict[int, Staff]:
    """Building → its steward today; of several the one who came last, so that every house counts once."""
    found = session.execute(
        select(StewardBuilding.building_id, Staff)
        .join(Staff, Staff.id == StewardBuilding.staff_id)
        .where(
            StewardBuilding.community_id == community_id,
            StewardBuilding.starts_on <= today,
            (StewardBuilding.ends_on.is_(None)) | (StewardBuilding.ends_on >= today),
        )
        .order_by(StewardBuilding.starts_on, StewardBuilding.id)
    )
    return dict(found.tuples().all())


# ---- the parts of the statements -------------------------------------------------------------------------------------


def _name(age: Age) -> str:
    return f"age_{age.code}"


def _empty(known: Sequence[Age]) -> Sum:
    return Sum([NOTHING for _ in known], [0 for _ in known])


def _largest(found: Mapping[Any, Sum]) -> list[tuple[Any, Sum]]:
    return sorted(found.items(), key=lambda item: (-item[1].total, str(item[0])))


def _houses(known: Sequence[Age], today: date, *conditions: Condition) -> Subquery:
    """A row a house in arrears: total, bills, oldest due day, and a column an age."""
    zero: ColumnElement[Decimal] = literal(NOTHING, Money)
    parts = [func.sum(case((_of_age(age, today), rest()), else_=zero)).label(_name(age)) for age in known]
    return (
        select(
            Bill.house_id,
            House.building_id,
            func.sum(rest()).label("total"),
            func.count().label("bills"),
            func.min(Bill.due_on).label("oldest"),
            *parts,
        )
        .join(House, House.id == Bill.house_id)
        .where(overdue(today), *conditions)
        .group_by(Bill.house_id, House.building_id)
        .subquery("owing")
    )


def _of_age(age: Age, today: date) -> Condition:
    earliest, latest = age.due_between(today)
    return Bill.due_on <= latest if earliest is None else Bill.due_on.between(earliest, latest)


def _notes() -> Any:
    """The newest reason of each house."""
    newest = select(func.max(ArrearsNote.id)).group_by(ArrearsNote.house_id)
    return aliased(ArrearsNote, select(ArrearsNote).where(ArrearsNote.id.in_(newest)).subquery("noted"))


def _in_force(note: Any, houses: Subquery) -> Condition:
    """A reason counts if it was found out since these arrears began."""
    return and_(note.house_id == houses.c.house_id, note.noted_on > houses.c.oldest)


def _narrowed(
    wanted: Wanted, known: Sequence[Age], houses: Subquery, note: Any, of_building: Mapping[int, Staff]
) -> list[Condition]:
    """The conditions behind a number. What is not known leaves nothing."""
    conditions: list[Condition] = []
    if wanted.age:
        age = next((age for age in known if age.code == wanted.age), None)
        conditions.append(houses.c[_name(age)] > 0 if age else literal(False))
    if wanted.steward:
        of_somebody = houses.c.building_id.in_(
            [pk for pk, one in of_building.items() if wanted.steward in (NONE, str(one.id))]
        )
        conditions.append(~of_somebody if wanted.steward == NONE else of_somebody)
    if wanted.reason:
        conditions.append(note.reason.is_(None) if wanted.reason == NONE else note.reason == wanted.reason)
    return conditions
