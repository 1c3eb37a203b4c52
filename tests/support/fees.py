"""Bills in arrears and the round that reminds of them, for tests: `Fees`."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any

from flask import Flask
from sqlalchemy import select
from sqlalchemy.orm import Session

from app.models import Bill, CampaignTarget, Community, FeeItem, FeeReminder, House, Message, Tenure, Ticket
from app.rules.reminders import Why
from app.services import outbound_dial, reminders
from app.services.actors import Actor
from app.services.tickets import open_ticket
from app.services.transaction import transaction
from tests.support.carrier import FakeCarrier, Leg
from tests.support.outbound import fast_texts

START = datetime.fromisoformat("2026-03-05T10:00+08:00")
"""The day on which March's reminders begin."""

ROBOT = Actor.system("tests")


class Fees:
    """A community whose houses owe, with the carrier behind it. Days count from the round's first."""

    def __init__(self, app: Flask, session: Session, community: Community) -> None:
        self.app, self.session, self.carrier = app, session, FakeCarrier()
        self.community_id = community.id
        with transaction() as writing:
            fast_texts(writing)
            item = FeeItem(
                community_id=community.id, code="property", name="物业费", name_en="Property fee", basis="per_m2_month",
                rate=Decimal("2.80"), valid_from=date(2020, 1, 1),
            )  # fmt: skip
            writing.add(item)
            writing.flush()
            self.item_id = item.id

    def bill(self, house: str, *, due: date = date(2026, 1, 25), yuan: str = "252.00", **given: Any) -> int:
        """A bill of the owner of a house (by its name); its id."""
        with transaction() as session:
            found = session.scalars(select(House).where(House.name == house)).one()
            owner = select(Tenure.person_id).where(Tenure.house_id == found.id, Tenure.role == "owner")
            bill = Bill(
                community_id=found.community_id, house_id=found.id, fee_item_id=self.item_id,
                payer_id=given.pop("payer_id", None) or session.scalars(owner).one(), period=f"{due:%Y-%m}",
                quantity=found.area_m2, rate=Decimal("2.80"), amount=Decimal(yuan), issued_on=due.replace(day=1),
                due_on=due, **given,
            )  # fmt: skip
            session.add(bill)
            session.flush()
            return bill.id

    def pay(self, *bill_ids: int) -> None:
        with transaction() as session:
            for bill in session.scalars(select(Bill).where(Bill.id.in_(bill_ids))):
                bill.paid_yuan, bill.state, bill.paid_at = bill.amount, "paid", START

    def complain(self, house: str, category: str = "fee", kind: str = "complaint") -> int:
        with transaction() as session:
            found = session.scalars(select(House).where(House.name == house)).one()
            ticket = open_ticket(
                session, community=found.community, kind=kind, channel="desk", category_code=category, title="收费有误",
                house=found, actor=ROBOT, now=START,
            )  # fmt: skip
            return ticket.id

    def settle(self, ticket_id: int) -> None:
        with transaction() as session:
            session.get_one(Ticket, ticket_id).state = "closed"

    def run(self, days: float = 0) -> dict[str, int]:
        """The round as it is run so many days later: what it planned."""
        with transaction() as session:
            counts = reminders.run(session, session.get_one(Community, self.community_id), self.at(days))
        self._fresh()
        return {way: count for way, count in counts.items() if count}

    def dial(self, days: float = 0, seconds: float = 0) -> FakeCarrier:
        """The engine's job, so many days later."""
        at = self.at(days) + timedelta(seconds=seconds)
        outbound_dial.tick(transaction, self.carrier, "https://hotline.example.org", at)
        self._fresh()
        return self.carrier

    def leg(self, number: int = 1) -> Leg:
        return Leg(self.app, self.carrier.orders[number - 1], self.carrier.sid(number))

    def why(self, days: float = 0) -> dict[str, Why | None]:
        """House → why it is not reminded at that moment; None where it is."""
        found = reminders.outcomes(self.session, self.session.get_one(Community, self.community_id), self.at(days))
        answer = {one.debt.house.name: None if one.planned else one.decision.why for one in found}
        self._fresh()
        return answer

    @property
    def made(self) -> Sequence[tuple[str, str, str | None]]:
        """(house, way, state of its call or text) a reminder, in order."""
        found = self.session.execute(
            select(House.name, FeeReminder.way, CampaignTarget.state)
            .join(House, House.id == FeeReminder.house_id)
            .outerjoin(CampaignTarget, CampaignTarget.id == FeeReminder.target_id)
            .order_by(FeeReminder.id)
        ).all()
        self._fresh()
        return [(row[0], row[1], row[2]) for row in found]

    @property
    def texts(self) -> list[tuple[str, str]]:
        """(number, words) of the reminders handed to the outbox."""
        found = select(Message.to, Message.body).where(Message.purpose == "reminder").order_by(Message.id)
        texts = [(row[0], row[1]) for row in self.session.execute(found)]
        self._fresh()
        return texts

    @staticmethod
    def at(days: float) -> datetime:
        return START + timedelta(days=days)

    def _fresh(self) -> None:
        self.session.expire_all()
        self.session.rollback()
