"""The register of check-in calls with a carrier behind it, for tests: `Register`."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime, timedelta
from typing import Any

from sqlalchemy import select

from app.models import CheckIn, CheckInContact, CheckInPlan, CheckInStep, House, Message, Person, Staff, StewardBuilding
from app.rules.check_ins import next_time
from app.services.check_in_steps import booked
from app.services.local_time import local_zone
from app.services.transaction import transaction
from tests.support.hotline import ZHANG
from tests.support.outbound import Scene

STEWARD, DAUGHTER, NEIGHBOUR = "+8613900139077", "+8613900139088", "+862161234567"
NIGHT = datetime.fromisoformat("2026-03-10T22:00+08:00")
MORNING = datetime.fromisoformat("2026-03-11T08:30+08:00")


def enter(now: datetime = NIGHT, name: str = "张伟", number: str = ZHANG, **given: Any) -> int:
    """An entry of the register for somebody of the tests' estate, made in the evening before. Returns its id."""
    with transaction() as session:
        person = session.scalars(select(Person).where(Person.name == name)).one()
        house = session.get_one(House, person.tenures[0].house_id)
        facts: dict[str, Any] = {
            "weekdays": "1234567", "times": "08:30", "consent_by": name, "consented_on": date(2026, 3, 1),
            "consent_noted_by": "管家", "created_at": now, "pause_note": "", **given,
        }  # fmt: skip
        entry = CheckInPlan(
            person_id=person.id, house_id=house.id, community_id=house.community_id, number=number, **facts
        )
        people = ((0, "张丽", "女儿", DAUGHTER), (1, "邻居老陈", "邻居", NEIGHBOUR))
        entry.contacts = [CheckInContact(place=p, name=n, relation=r, number=t) for p, n, r, t in people]
        session.add(entry)
        session.flush()
        entry.next_at = next_time(booked(entry), now, local_zone())
        return entry.id


def steward_of(house_name: str = "3幢2单元1201") -> int:
    """A steward with a telephone for the building of this house."""
    with transaction() as session:
        house = session.scalars(select(House).where(House.name == house_name)).one()
        staff = Staff(name="刘管家", role="steward", number=STEWARD)
        session.add(staff)
        session.flush()
        session.add(
            StewardBuilding(
                staff_id=staff.id, building_id=house.building_id, community_id=house.community_id,
                starts_on=date(2020, 1, 1),
            )
        )  # fmt: skip
        return staff.id


class Register(Scene):
    """张伟 lives alone and is called at half past eight. `minute(n)` runs the job n minutes after that."""

    def __init__(self, app: Any, session: Any, community: Any, **given: Any) -> None:
        super().__init__(app, session, community)
        self.start = self.present = MORNING
        self.steward_id = steward_of()
        self.entry_id = enter(**given)

    def minute(self, minutes: float) -> Register:
        """The job runs so many minutes after half past eight, and once more a second later; webhooks come in just then."""
        self.present = self.start + timedelta(minutes=minutes)
        self.at(minutes * 60).at(minutes * 60 + 1)
        return self

    def legs(self, number: str = ZHANG) -> list[int]:
        """The places, among all dials, of those to this number."""
        return [place for place, order in enumerate(self.carrier.orders, 1) if order.to == number]

    @property
    def call(self) -> CheckIn:
        return self.calls[-1]

    @property
    def calls(self) -> list[CheckIn]:
        self.session.expire_all()
        self.session.rollback()
        return list(self.session.scalars(select(CheckIn).order_by(CheckIn.at)))

    @property
    def verbs(self) -> list[str]:
        """The record of the latest call."""
        found = select(CheckInStep.verb).where(CheckInStep.check_in_id == self.call.id)
        return list(self.session.scalars(found.order_by(CheckInStep.id)))

    @property
    def told(self) -> Mapping[str, str]:
        """Whom the house wrote about check-in calls → what."""
        self.session.rollback()
        found = select(Message.to, Message.body).where(Message.purpose == "check_in").order_by(Message.id)
        return dict(self.session.execute(found).tuples().all())

    def take(self, number: str = ZHANG, **fields: str) -> Any:
        """The latest call to this number is taken."""
        return self.leg(self.legs(number)[-1]).take(**fields)


def days(count: float) -> float:
    return timedelta(days=count).total_seconds() / 60
