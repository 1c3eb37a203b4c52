"""What a complaint of the demo has besides its ticket: findings with a second person, who decides, cause and measures."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING, Any

from app.models import Complaint, ComplaintFinding
from app.rules import complaint_path as path
from app.rules.codes import FindingState, TicketState
from app.rules.complaint_path import Rung
from app.rules.complaints import MEASURES, ComplaintFacts
from app.rules.ticket_states import READ_FIRST
from app.services.demo import outside
from app.services.demo.staff import Worker
from app.services.demo.world import World

if TYPE_CHECKING:
    from app.services.demo.life import Life

RUNGS = [Rung(role, place) for place, (role, active) in enumerate(path.DEFAULT_RUNGS, 1) if active]


@dataclass
class DemoComplaint:
    """The same as `models.Complaint` in memory. `finder_staff_id` is who made the finding in force."""

    world: World
    row: dict[str, Any]
    findings: list[dict[str, Any]] = field(default_factory=list)
    references: list[dict[str, Any]] = field(default_factory=list)
    worded: set[str] = field(default_factory=set)
    signed: bool = False

    @classmethod
    def begin(cls, world: World, ticket: dict[str, Any], at: datetime, *, on_the_spot: bool) -> DemoComplaint:
        """The row of a complaint that has just been registered."""
        empty = dict.fromkeys(("party", "cause", "level", "level_since", "settled_at", "read_at", "read_by"))
        opened = None if on_the_spot else at
        row = {**empty, "ticket_id": ticket["id"], "record_opened_at": opened, "opinion": "", "read_round": 0}
        return cls(world, row)

    @property
    def finding(self) -> dict[str, Any] | None:
        """The finding in force."""
        return self.findings[-1] if self.findings else None

    def facts(self, ticket: dict[str, Any], by: Worker | None) -> ComplaintFacts:
        """What the rules ask."""
        finding = self.finding
        state = finding["state"] if finding else None
        known = {name for name in MEASURES if ticket[name]} | ({"root_cause"} if self.row["cause"] else set())
        return ComplaintFacts(
            measures=frozenset(known),
            worded=frozenset(self.worded),
            signed=self.signed,
            waiting=state == FindingState.WAITING,
            objected=state == FindingState.OBJECTED,
            own_finding=bool(finding and by and finding["finder_staff_id"] == by.staff_id),
            unread=self.is_unread(ticket),
            outside_open=sum(row["answered_at"] is None for row in self.references),
        )

    def is_unread(self, ticket: dict[str, Any]) -> bool:
        """Whether a repeat has not been read yet."""
        return bool(ticket["is_repeat"]) and self.row["read_round"] < ticket["reopened_count"]

    def read(self, ticket: dict[str, Any], by: Worker, at: datetime) -> None:
        """The supervisor has read what was done before."""
        self.row |= {"read_round": ticket["reopened_count"], "read_at": at, "read_by": by.name}

    def find(self, ticket: dict[str, Any], by: Worker, at: datetime, party: str | None, reasons: str) -> None:
        """A finding; the one before is superseded."""
        if self.findings:
            self.findings[-1]["state"] = FindingState.SUPERSEDED
        self.row["party"] = party or self.row["party"]
        second = dict.fromkeys(("second_at", "second_id", "second_staff_id", "second_name"))
        self.findings.append(
            {
                **second,
                "ticket_id": ticket["id"],
                "validity": ticket["validity"],
                "grade": ticket["grade"],
                "party": self.row["party"],
                "reasons": reasons,
                "state": FindingState.WAITING,
                "found_at": at,
                "finder_id": by.user_id,
                "finder_staff_id": by.staff_id,
                "finder_name": by.name,
                "second_words": "",
            }
        )

    def second(self, by: Worker, at: datetime, *, agrees: bool, words: str) -> None:
        """The second person's word."""
        assert self.finding is not None
        self.finding.update(
            state=FindingState.CONFIRMED if agrees else FindingState.OBJECTED,
            second_at=at,
            second_id=by.user_id,
            second_staff_id=by.staff_id,
            second_name=by.name,
            second_words=words,
        )

    def begin_again(self, ticket: dict[str, Any]) -> None:
        """The outcome was rejected."""
        self.worded, self.signed, self.row["cause"] = set(), False, None
        ticket.update(dict.fromkeys(MEASURES))

    def follow(self, holder: Worker | None, at: datetime) -> None:
        """Whoever has it now may stand higher."""
        present = path.level_of(RUNGS, self.row["level"], None)
        reached = path.level_of(RUNGS, self.row["level"], holder.role if holder else None)
        if present and reached and reached.position > present.position:
            self.row |= {"level": reached.role, "level_since": at}

    def hand_down(self, life: Life, person: Worker, at: datetime) -> None:
        """With a decision it goes to somebody who carries it out."""
        present = path.level_of(RUNGS, None, person.role)
        self.row |= {"level": present.role if present else None, "level_since": at}
        life.hand_over(person, "handed back with a decision")

    def next(self, holder: Worker | None) -> tuple[str, Worker] | None:
        """The next step above with somebody on it."""
        level = path.level_of(RUNGS, self.row["level"], holder.role if holder else None)
        for rung in path.above(RUNGS, level):
            people = [one for one in self.world.team.workers if one.role == rung.role]
            if people:
                return rung.role, people[0]
        return None

    def replied(self, way: str, data: dict[str, Any]) -> None:
        """The household was replied to."""
        self.worded |= {way} if data["note"] else set()
        self.signed = self.signed or bool(data.get("signed"))

    def after_step(self, life: Life, verb: str, by: Any, at: datetime) -> None:
        """What every step does to a complaint besides."""
        if verb in READ_FIRST and isinstance(by, Worker) and self.is_unread(life.ticket):
            self.read(life.ticket, by, at)
        self.follow(life.assignee, at)

    def on_breach(self, life: Life, by: Any, clock: str, at: datetime) -> None:
        """As the sweep does: what ran out on the present decider's watch goes up by itself."""
        over = life.ticket["state"] in (TicketState.VISITED, TicketState.CLOSED, TicketState.CANCELLED)
        since = self.row["level_since"] or life.ticket["created_at"]
        if not over and path.rises_by_itself(at, since):
            rise(life, by, at, clock=clock)

    def save(self) -> None:
        """Collect the rows."""
        self.world.writer.add(Complaint, **self.row)
        for one in self.findings:
            self.world.writer.add(ComplaintFinding, **one)
        outside.save(self.world, self.references)


def rise(life: Life, by: Any, at: datetime, *, why: str = "", clock: str | None = None) -> None:
    """Hand it to the next who decides, as `complaint_path.rise` does."""
    complaint = life.complaint
    found = complaint.next(life.assignee) if complaint is not None else None
    if complaint is None or found is None:
        return
    role, person = found
    giver = life.assignee
    complaint.row |= {"level": role, "level_since": at}
    life.hand_over(person, "goes up to the next who decides")
    data = {
        "responsible": person.name,
        "level": role,
        "from_staff_id": giver.staff_id if giver else None,
        "from": giver.name if giver else None,
        "clock": clock,
    }
    life.entry("escalate", by, at, life.ticket["state"], why, data)
