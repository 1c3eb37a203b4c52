"""People living alone who are called at their times (D13): three entries of the register and three weeks of calls."""

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from random import Random
from typing import Any

from sqlalchemy import update

from app.errors import N_
from app.models import CheckIn, CheckInContact, CheckInPlan, CheckInStep, Person
from app.rules.call_flow.words import Line, Param, Word
from app.rules.check_ins import Booked, next_time
from app.rules.codes import CheckInFinding, CheckInState, TargetState, TenureRole
from app.services.check_in_steps import HOUSE, RESULTS
from app.services.demo.estate import DemoHouse
from app.services.demo.people import OWNER_HOUSES, Contact
from app.services.demo.staff import Worker
from app.services.demo.world import World
from app.services.spoken_lines import keep, write
from app.services.tickets import SENTENCE

DAYS = 21
ALONE = "独居老人，需定期问候"


@dataclass(frozen=True)
class Agreed:
    """What somebody has agreed to: in which building, when, who else is told; away on the last of these days, if at all."""

    building: int
    weekdays: str
    times: tuple[time, ...]
    note: str
    relation: str
    away: bool = False
    silent: tuple[int, str, CheckInFinding, str] | None = None
    """Days ago, how the calls ended, what was found, in which words."""


AGREED = (
    Agreed(
        3,
        "1234567",
        (time(8, 30), time(19, 0)),
        "听力不佳，敲门要重；备用钥匙在管家处",
        "女儿",
        silent=(6, TargetState.NO_ANSWER, CheckInFinding.WELL, "在小区花园锻炼，手机忘在家里"),
    ),
    Agreed(
        1,
        "1234567",
        (time(9, 0),),
        "行动缓慢，请多等一会儿",
        "儿子",
        silent=(13, TargetState.BUSY, CheckInFinding.TELEPHONE, "座机听筒没放好，已帮忙放好并重新试拨"),
    ),
    Agreed(4, "12345", (time(10, 0),), "", "侄女", away=True),
)


def look_after(world: World, now: datetime) -> None:
    """Write the register with its past; the calls to come are the schedule's."""
    random = Random(f"care:{world.estate.index}")  # of its own: what others draw stays as it is
    taken: set[int] = set()
    for place, agreed in enumerate(AGREED):
        found = _somebody_alone(world, agreed.building, taken)
        if found is not None:
            taken.add(found[0].id)
            _Care(world, random, agreed, *found).write(place, now)


def _somebody_alone(world: World, building: int, taken: set[int]) -> tuple[DemoHouse, Contact] | None:
    day = world.today - timedelta(days=1)
    for house in world.estate.houses:
        there = world.households.at_home_on(house.id, day) if house.id not in taken else []
        if house.building_number == building and len(there) == 1 and house.name not in OWNER_HOUSES:
            only = there[0]
            long_here = only.since < day - timedelta(days=365) and only.until is None
            if long_here and only.role == TenureRole.OWNER and only.person_id is not None:
                return house, only
    return None


@dataclass
class _Care:
    world: World
    random: Random
    agreed: Agreed
    house: DemoHouse
    contact: Contact

    def write(self, place: int, now: datetime) -> None:
        world, agreed = self.world, self.agreed
        world.writer.session.execute(
            update(Person).where(Person.id == self.contact.person_id).values(special_needs=ALONE)
        )
        since = world.today - timedelta(days=DAYS + 30 * (place + 1))
        away = (world.today - timedelta(days=3), world.today + timedelta(days=11)) if agreed.away else (None, None)
        booked = Booked(agreed.weekdays, agreed.times, *away)
        self.plan_id = world.writer.add(
            CheckInPlan,
            person_id=self.contact.person_id,
            house_id=self.house.id,
            community_id=world.estate.community_id,
            number=self.contact.phone,
            weekdays=agreed.weekdays,
            times=",".join(f"{one:%H:%M}" for one in agreed.times),
            consent_by=f"{self.contact.name}（本人）",
            consented_on=since,
            consent_noted_by=self.steward.name,
            note=agreed.note,
            paused_from=away[0],
            paused_until=away[1],
            pause_note="住院" if agreed.away else "",
            next_at=next_time(booked, now, world.zone),
            created_at=world.at(since, 15),
        )
        self._contacts(place)
        self._step("added", world.at(since, 15), by=self.steward)
        if away[0]:
            said = N_("Away from %(first)s until %(last)s.")
            first, last = (f"{day}" for day in away)
            self._step("paused", world.at(away[0], 8), said, by=self.steward, first=first, last=last)
        self._past(booked, since)

    @property
    def steward(self) -> Worker:
        return self.world.team.steward_of(self.agreed.building)

    def _contacts(self, place: int) -> None:
        number = f"+86135{self.world.estate.index:04d}{2000 + place:04d}"
        name = self.contact.name[0] + ("晓敏", "建国", "丽华")[place % 3]
        self.world.writer.add(
            CheckInContact, plan_id=self.plan_id, place=0, name=name, relation=self.agreed.relation, number=number
        )

    def _past(self, booked: Booked, since: date) -> None:
        at = next_time(booked, self.world.at(self.world.today - timedelta(days=DAYS), 0), self.world.zone)
        silent = self.agreed.silent
        while at is not None and at < self.world.cutoff:
            if silent and self.world.local(at).date() == self.world.today - timedelta(days=silent[0]):
                self._silent(at, *silent[1:])
                silent = None
            else:
                self._well(at)
            at = next_time(booked, at, self.world.zone)

    def _well(self, at: datetime) -> None:
        tries = 2 if self.random.randrange(100) < 8 else 1
        call = self._call(at, tries, CheckInState.WELL, TargetState.REACHED)
        answered = at + timedelta(seconds=self.random.randint(18, 45))
        if tries == 2:
            answered = self._tried(call, at, 1, TargetState.NO_ANSWER) + timedelta(minutes=10, seconds=25)
        self._step("well", answered, N_("Key 1: all is well."), call)

    def _silent(self, at: datetime, result: str, finding: CheckInFinding, words: str) -> None:
        told = at + timedelta(minutes=11)
        found = told + timedelta(minutes=self.random.randint(9, 24))
        more: dict[str, Any] = {
            "alerted_at": told,
            "alerted_id": self.steward.staff_id,
            "finding": finding,
            "found_note": words,
            "found_at": found,
            "found_by_id": self.steward.user_id,
            "found_by": self.steward.name,
        }
        call = self._call(at, 2, CheckInState.FOUND, result, **more)
        self._tried(call, at, 1, result)
        self._tried(call, at + timedelta(minutes=10), 2, result)
        self._step("alert", told, N_("%(name)s is asked to go there now."), call, name=self.steward.name)
        self._step("found", found, call_id=call, by=self.steward, words=words, data={"finding": str(finding)})

    def _tried(self, call: int, at: datetime, count: int, result: str) -> datetime:
        ended = at + timedelta(seconds=42)
        said = N_("Call %(count)s: %(result)s.")
        self._step("try", ended, said, call, count=str(count), result=Word(RESULTS[result]))
        return ended

    def _call(self, at: datetime, tries: int, state: CheckInState, result: str, **more: Any) -> int:
        return self.world.writer.add(
            CheckIn,
            key=f"{self.plan_id}:{at:%Y-%m-%dT%H:%M%z}",
            plan_id=self.plan_id,
            person_id=self.contact.person_id,
            house_id=self.house.id,
            community_id=self.world.estate.community_id,
            at=at,
            state=state,
            tries=tries,
            result=result,
            **more,
        )

    def _step(
        self,
        verb: str,
        at: datetime,
        msgid: str = "",
        call_id: int | None = None,
        *,
        by: Worker | None = None,
        words: str = "",
        data: dict[str, Any] | None = None,
        **params: Param,
    ) -> None:
        kept = dict(data or {})
        if msgid:
            said = Line(msgid, params)
            kept[SENTENCE], words = keep(said), write(said)
        self.world.writer.add(
            CheckInStep,
            plan_id=self.plan_id,
            check_in_id=call_id,
            at=at,
            verb=verb,
            actor_id=by.user_id if by else None,
            actor_name=by.name if by else HOUSE.display_name,
            note=words,
            data=kept,
        )
