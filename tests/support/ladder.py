"""An emergency under way with a carrier behind it, for tests of the ladder: `Scene`."""

from __future__ import annotations

from datetime import datetime, timedelta

from sqlalchemy import select

from app.adapters.clock import now as present
from app.models import DutyShift, EscalationAttempt, Ladder, Staff, StaffCommunity, Ticket, TicketEntry
from app.services.escalation_dial import tick
from app.services.transaction import transaction
from tests.support.carrier import FakeCarrier, Leg
from tests.support.hotline import ON_DUTY

BACKUP, MANAGER = "+8613900139002", "+8613900139003"
BASE = "https://hotline.example.org"
ROSTER = [ON_DUTY, BACKUP, MANAGER]


def fill_roster(session, community) -> None:
    """A backup and a manager behind the one on duty."""
    now = present()
    for tier, name, role, number in (("backup", "备班", "steward", BACKUP), ("manager", "经理", "manager", MANAGER)):
        staff = Staff(name=name, role=role, number=number)
        staff.community_links.append(StaffCommunity(community_id=community.id))
        session.add(staff)
        session.flush()
        span = {"starts_at": now - timedelta(days=400), "ends_at": now + timedelta(days=4000)}
        session.add(DutyShift(community_id=community.id, tier=tier, staff_id=staff.id, number=number, **span))
    session.commit()


class Scene:
    """An emergency under way: `at(seconds)` runs the job that long after the first ring, `leg(n)` is the n-th call made."""

    def __init__(self, app, session, carrier: FakeCarrier, line) -> None:
        self.app, self.session, self.carrier, self.line = app, session, carrier, line
        self.start: datetime = self.ladder.next_at

    def at(self, seconds: float) -> Scene:
        instant = self.start + timedelta(seconds=seconds)
        if 0 < seconds < 30:
            # Webhooks are stamped with the present: on a slow machine this instant of ours may already be over.
            instant = max(instant, present())
        tick(transaction, self.carrier, BASE, instant)
        return self

    def due(self) -> Scene:
        """Run the job at the moment the ladder waits for."""
        return self.at((self.ladder.next_at - self.start).total_seconds())

    def leg(self, number: int) -> Leg:
        self.carrier.statuses.setdefault(self.carrier.sid(number), "in-progress")
        return Leg(self.app, self.carrier.orders[number - 1], self.carrier.sid(number))

    def fresh(self) -> None:
        self.session.expire_all()
        self.session.rollback()

    @property
    def ladder(self) -> Ladder:
        self.fresh()
        return self.session.scalars(select(Ladder)).one()

    @property
    def ticket(self) -> Ticket:
        self.fresh()
        return self.session.scalars(select(Ticket)).one()

    @property
    def attempts(self) -> list[tuple[str, str]]:
        self.fresh()
        rows = self.session.scalars(select(EscalationAttempt).order_by(EscalationAttempt.id))
        return [(attempt.number, attempt.state) for attempt in rows]

    @property
    def notes(self) -> list[str]:
        self.fresh()
        return list(self.session.scalars(select(TicketEntry.note).order_by(TicketEntry.id)))
