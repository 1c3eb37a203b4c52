"""The file of a house in arrears (D10): what it owes and why, whether it rests, what it was reminded of and what comes next."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from sqlalchemy import Select, or_, select
from sqlalchemy.orm import Session, joinedload

from app.models import ArrearsNote, Bill, CollectionHold, House, Staff, StewardBuilding, Ticket
from app.models.base import BIGGEST_ID
from app.rules import arrears as rules
from app.rules.arrears import NOTHING, Age
from app.services import arrears, arrears_case, debts, reminder_cases, reminder_proofs, reminders
from app.services.access import debtors
from app.services.actors import Actor
from app.services.local_time import local_zone
from app.services.policies import figures
from app.services.reminder_proofs import Proof
from app.services.reminders import Outcome

MOST_COMPLAINTS = 20


@dataclass(frozen=True)
class HouseFile:
    """Everything about the arrears of one house. `resting` is the hold of today; `next` says of each payer what comes, or why not."""

    house: House
    steward: Staff | None
    ages: tuple[Age, ...]
    bills: list[Bill]
    reasons: list[ArrearsNote]
    holds: list[CollectionHold]
    resting: CollectionHold | None
    complaints: list[Ticket]
    proofs: list[Proof]
    next: list[Outcome]

    @property
    def total(self) -> Decimal:
        """What is in arrears, in yuan."""
        return sum((bill.amount - bill.paid_yuan for bill in self.bills), start=NOTHING)


def read(session: Session, actor: Actor, house_id: int, now: datetime) -> HouseFile | None:
    """The file, if the house is the actor's to collect from. Nine statements; one more where another house's call told it."""
    today = now.astimezone(local_zone()).date()
    found = session.execute(_with_steward(today).where(House.id == min(house_id, BIGGEST_ID), debtors(actor))).first()
    if found is None:
        return None
    house, steward = found
    known = figures(session, *arrears.AGE_FIGURES, *reminders.ROUND_FIGURES)
    bills, owing = debts.of_house(session, house, today)
    holds = arrears_case.holds(session, house.id)
    resting = reminder_cases.in_force(holds, today)
    complaints = reminder_cases.complaints_of(session, [house.id], {debt.payer_id for debt in owing})
    proofs = reminder_proofs.of_house(session, house.id)
    comes: list[Outcome] = []
    if owing:
        this = reminders.round_of(session, house.community, now, known)
        cases = reminder_cases.cases(owing, {house.id: resting} if resting else {}, complaints)
        comes = reminders.decided(session, this, owing, cases, reminders.made_of(proofs, this.period))
    return HouseFile(
        house=house,
        steward=steward,
        ages=rules.ages(known[key] for key in arrears.AGE_FIGURES),
        bills=bills,
        reasons=arrears_case.reasons(session, house.id),
        holds=holds,
        resting=resting,
        complaints=[one for one in complaints if one.house_id == house.id][:MOST_COMPLAINTS],
        proofs=proofs,
        next=comes,
    )


def _with_steward(today: date) -> Select[Any]:
    """Houses with their community, each with its steward of this day: of several the one who came last."""
    newest = (
        select(StewardBuilding.staff_id)
        .where(
            StewardBuilding.building_id == House.building_id,
            StewardBuilding.starts_on <= today,
            or_(StewardBuilding.ends_on.is_(None), StewardBuilding.ends_on >= today),
        )
        .order_by(StewardBuilding.starts_on.desc(), StewardBuilding.id.desc())
        .limit(1)
        .scalar_subquery()
    )
    return select(House, Staff).outerjoin(Staff, Staff.id == newest).options(joinedload(House.community))
