"""A ticket's life in memory: the same steps as `services.ticket_verbs`, by the same rules, written in bulk at its end."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from app.models import ReturnVisit, Ticket, TicketEntry
from app.rules import clocks as clock_rules
from app.rules import return_visits as visit_rules
from app.rules.clock_policies import REGISTERED, Matter
from app.rules.clock_steps import Happened, take
from app.rules.codes import ClockName, DrawKind, Kind, Role, TicketState, VisitReason, VisitState
from app.rules.complaints import ComplaintFacts
from app.rules.policy_figures import FIGURES
from app.rules.ticket_states import TicketFacts, Transition, decide
from app.services.demo import messages
from app.services.demo.clockwork import Clocks
from app.services.demo.complaint import DemoComplaint
from app.services.demo.staff import Worker
from app.services.demo.visiting import note_check, note_try
from app.services.demo.world import World
from app.services.return_visits import SHARES

_SUPERVISING = (Role.SUPERVISOR, Role.DEPUTY, Role.MANAGER)


@dataclass(frozen=True)
class House:
    """A part of the house that acts by itself: the hotline, the ladder, a job."""

    name: str


Actor = Worker | House
HOTLINE, LADDER, CLOSING, SWEEPER = House("hotline"), House("ladder"), House("close_settled"), House("clocks")
FILING = House("filing")


class Over(Exception):
    """The next step would lie after the world's cutoff: the ticket stays as it is."""


class Life:
    """One ticket. `fields` are the columns of the registered ticket; each `act` takes a step and moves it on."""

    def __init__(
        self, world: World, at: datetime, by: Actor, fields: dict[str, Any], number: str | None = None, where: str = ""
    ) -> None:
        self.world = world
        self.category = world.categories[fields.pop("category")]
        self.ticket: dict[str, Any] = {
            "id": world.writer.reserve(Ticket),
            "number": number or world.reserve_number(at),
            "community_id": world.estate.community_id,
            "state": TicketState.REGISTERED,
            "category_id": self.category.id,
            "department_id": self.category.department_id,
            "responsible": self.category.department_name,
            "created_at": at,
            "reopened_count": 0,
            "is_repeat": False,
            "is_collective": False,
            "callback_due": False,
            "counts_in_figures": True,
            **_EMPTY,
            **fields,
        }
        self.assignee: Worker | None = None
        on_the_spot = bool(self.ticket.pop("on_the_spot", False))
        self.complaint = (
            DemoComplaint.begin(world, self.ticket, at, on_the_spot=on_the_spot)
            if self.ticket["kind"] == Kind.COMPLAINT and self.ticket["counts_in_figures"]
            else None
        )
        self.worker_id: int | None = None
        self.reply_ways: set[str] = set()
        self.clocks = Clocks(world, self._matter(), self._note_clock)
        self.visits: list[dict[str, Any]] = []
        self.where = where
        self.later: list[tuple[datetime, Callable[[datetime], None]]] = []
        self.now = at
        self.clocks.actor = by.name
        self.entry("register", by, at, None, note=self.ticket["title"])
        if self.ticket["counts_in_figures"]:
            self.clocks.start((REGISTERED,), at, frozenset())

    @property
    def visit_due(self) -> dict[str, Any] | None:
        """The return visit still owed."""
        return next((visit for visit in self.visits if visit["state"] == VisitState.DUE), None)

    def entry(
        self, verb: str, by: Actor, at: datetime, before: str | None, note: str = "", data: dict[str, Any] | None = None
    ) -> None:
        """Append a line to the timeline."""
        self.world.writer.add(
            TicketEntry,
            ticket_id=self.ticket["id"],
            at=at,
            verb=verb,
            from_state=before,
            to_state=self.ticket["state"],
            actor_id=by.user_id if isinstance(by, Worker) else None,
            actor_name=by.name,
            note=note,
            data={key: value for key, value in (data or {}).items() if value not in (None, "")},
        )

    def act(self, verb: str, by: Actor, at: datetime, *, note: str = "", **data: Any) -> None:
        """Take a step as `perform` would. Raises Over when it lies in the future, Refused when the rules forbid it."""
        self.go_to(at)
        note = note or data.get("reason", "")
        data["note"] = note
        transition = decide(verb, self._facts(by), data)
        extra = getattr(self, f"_{verb}")(by, at, data, transition) or {}
        extra["answers"] = self._move_clocks(by, at, data, transition)
        if verb == "finish":
            self._plan_visit(at)
        self.ticket["state"] = TicketState(transition.after)
        self.ticket["is_repeat"] = self.ticket["is_repeat"] or transition.repeat
        if transition.to_supervisor:
            self.hand_over(self.world.team.of(Role.SUPERVISOR)[0], "goes up to the supervisor")
        if self.complaint is not None:
            self.complaint.after_step(self, verb, by, at)
        self.entry(verb, by, at, transition.before, note, {"responsible": self.ticket["responsible"], **extra})

    def go_to(self, at: datetime) -> None:
        """Let time come to `at`: what happens beside the steps happens, clocks run out. Raises Over when it lies in the future."""
        if at > self.world.cutoff:
            raise Over
        self._catch_up(at)
        self.now = at
        self.clocks.sweep(at)

    def _catch_up(self, at: datetime) -> None:
        """What happens beside the steps, before the next of them."""
        due = [event for event in self.later if event[0] < at]
        self.later = [event for event in self.later if event[0] >= at]
        for moment, happen in due:
            happen(moment)

    def hand_over(self, person: Worker, reason: str) -> None:
        """Make a person responsible."""
        self.assignee = person
        self.ticket.update(assignee_id=person.staff_id, responsible=person.name, dispatch_reason=reason)

    def save(self) -> None:
        """Collect ticket, clocks and visits for writing, as they stand at the cutoff."""
        self.clocks.sweep(self.world.cutoff)
        self.ticket["due_at"] = self.clocks.earliest_due()
        self._file()
        self.world.writer.add(Ticket, **self.ticket)
        self.clocks.save(self.ticket["id"])
        if self.complaint is not None:
            self._catch_up(self.world.cutoff)
            self.complaint.save()
        for visit in self.visits:
            self.world.writer.add(ReturnVisit, ticket_id=self.ticket["id"], **visit)

    def _file(self) -> None:
        """What has been closed for long enough was filed in the night after (D3)."""
        closed_at = self.ticket["closed_at"]
        if self.ticket["state"] != TicketState.CLOSED or closed_at is None:
            return
        day = self.world.local(closed_at).date() + timedelta(days=FIGURES["filing.after_days"].default + 1)
        at = self.world.at(day, 2)
        if at <= self.world.cutoff and self.visit_due is None:
            self.ticket["filed_at"] = at
            self.entry("file", FILING, at, self.ticket["state"])

    def _note_clock(self, verb: str, clock: str, at: datetime) -> None:
        self.entry(verb, SWEEPER, at, self.ticket["state"], data={"clock": clock})
        if verb == "breach" and self.complaint is not None:
            self.complaint.on_breach(self, SWEEPER, clock, at)

    def _matter(self) -> Matter:
        ticket = self.ticket
        return Matter(
            ticket["kind"],
            ticket["channel"],
            ticket["priority"],
            ticket["validity"],
            ticket["grade"],
            self.category.code,
        )

    def _move_clocks(self, by: Actor, at: datetime, data: dict[str, Any], transition: Transition) -> list[str]:
        """Move the clocks by the rules of the step; the names it answers, which the timeline keeps."""
        verb, person = transition.verb, isinstance(by, Worker)
        names = clock_rules.names_met(
            verb,
            kind=self.ticket["kind"],
            by_person=person,
            reporter_told=verb == "finish" and person and bool(self.ticket["reporter_phone"]),
            after_done=verb == "reply" and self.ticket["done_at"] is not None,
        )
        answers = frozenset() if data.get("unreachable") else names | ({ClockName.PLAN} if data.get("plan") else set())
        self.clocks.matter, self.clocks.actor = self._matter(), by.name
        step = Happened(
            verb,
            at,
            transition.after,
            answers=answers,
            promise_at=data.get("promise_at"),
            new_finding=verb == "find",
            major=transition.tell_management,
            replied=self.ticket["replied_at"] is not None,
        )
        take(self.clocks, step)
        return sorted(answers)

    # -- steps -----------------------------------------------------------------------------------------------------

    def _facts(self, by: Actor) -> TicketFacts:
        person = by if isinstance(by, Worker) else None
        return TicketFacts(
            state=self.ticket["state"],
            kind=self.ticket["kind"],
            channel=self.ticket["channel"],
            validity=self.ticket["validity"],
            grade=self.ticket["grade"],
            collective=self.ticket["is_collective"],
            reply_ways=frozenset(self.reply_ways),
            visit_due=self.visit_due is not None,
            worker_id=self.worker_id,
            actor_staff_id=person.staff_id if person else None,
            actor_roles=frozenset({person.role}) if person else frozenset(),
            actor_is_system=person is None,
            handled_by_supervisor=self.assignee is not None and self.assignee.role in _SUPERVISING,
            written=bool(self.ticket.get("is_written")),
            complaint=self.complaint.facts(self.ticket, person) if self.complaint else ComplaintFacts(),
            owed=tuple(clock_rules.owed_at_close(clock.facts for clock in self.clocks.clocks)),
        )

    def _dispatch(self, by: Actor, at: datetime, data: dict[str, Any], transition: Any) -> dict[str, Any]:
        self.hand_over(data["to"], data["reason"])
        self.ticket["dispatched_at"] = at
        messages.order(self.world, self.ticket, data["to"].number, self.where, at)
        return {"reason": data["reason"]}

    def _start(self, by: Actor, at: datetime, data: dict[str, Any], transition: Any) -> dict[str, Any]:
        self.ticket["started_at"] = self.ticket["started_at"] or at
        return {"department_id": self.world.department_id(by.department) if isinstance(by, Worker) else None}

    def _contact(self, by: Actor, at: datetime, data: dict[str, Any], transition: Any) -> dict[str, Any]:
        self.ticket["callback_due"] = False
        promise = data.get("promise_at")
        return {"way": "phone", "plan": data.get("plan"), "promise_at": promise.isoformat() if promise else None}

    def _reply(self, by: Actor, at: datetime, data: dict[str, Any], transition: Any) -> dict[str, Any]:
        way = data["way"]
        self.ticket.update(replied_at=at, reply_way=way, callback_due=False)
        self.reply_ways.add(way)
        if self.complaint is not None:
            self.complaint.replied(way, data)
        return {"way": way, "signed": data.get("signed") or None}

    def _wait(self, by: Actor, at: datetime, data: dict[str, Any], transition: Any) -> dict[str, Any]:
        self.ticket.update(waiting_reason=data["reason"], waiting_until=data["until"])
        return {"until": data["until"].isoformat()}

    def _resume(self, by: Actor, at: datetime, data: dict[str, Any], transition: Any) -> dict[str, Any]:
        self.ticket.update(waiting_reason=None, waiting_until=None)
        return {}

    def _finish(self, by: Actor, at: datetime, data: dict[str, Any], transition: Any) -> dict[str, Any]:
        self.ticket["done_at"] = at
        messages.done(self.world, self.ticket, data["note"], at)
        self.worker_id = self.assignee.staff_id if self.assignee else None
        return {"worker_id": self.worker_id}

    def _plan_visit(self, at: datetime) -> None:
        ticket, world = self.ticket, self.world
        if not ticket["counts_in_figures"]:
            return
        percent = visit_rules.share_of(ticket["kind"], *(FIGURES[key].default for key in SHARES))
        reason = visit_rules.reason_to_visit(
            ticket["kind"],
            breached=self.clocks.breached,
            repeat=ticket["is_repeat"] and ticket["reopened_count"] > 0,
            drawn=lambda: world.draws.taken(
                DrawKind.VISIT, percent, at, ticket_id=ticket["id"], turn=ticket["reopened_count"]
            ),
        )
        if reason is not None:
            self._add_visit(reason, visit_rules.due_on(at, world.zone))

    def _add_visit(self, reason: VisitReason, due_on: date) -> None:
        self.visits.append(
            {
                "id": self.world.writer.reserve(ReturnVisit),
                "state": VisitState.DUE,
                "reason": reason,
                "due_on": due_on,
                "worker_id": self.worker_id,
                "tries": 0,
                "note": "",
            }
        )

    def _try_again(self, visit: dict[str, Any], at: datetime) -> None:
        if self.ticket["kind"] == Kind.COMPLAINT:
            days = FIGURES["visits.again_days"].default
            self._add_visit(VisitReason.AGAIN, self.world.local(at).date() + timedelta(days=days))

    def _visit(self, by: Actor, at: datetime, data: dict[str, Any], transition: Any) -> dict[str, Any]:
        visit = self.visit_due
        assert visit is not None
        result = visit_rules.result_of(data["way"], unreachable=bool(data.get("unreachable")))
        note_try(self.world.writer, visit["id"], by, at, data["way"], result, data.get("score"), data["note"])
        visit["tries"] += 1
        visit.update(way=data["way"], visitor_id=by.user_id if isinstance(by, Worker) else None)
        if result in visit_rules.IN_VAIN:
            given_up = visit_rules.is_given_up(visit["tries"], FIGURES["visits.max_tries"].default)
            if given_up:
                visit.update(state=VisitState.UNREACHABLE, visited_at=at)
                self._try_again(visit, at)
        else:
            visit.update(state=VisitState.MADE, score=data["score"], visited_at=at, note=data.get("words", ""))
            self.ticket["visited_at"] = at
            self._draw_check(visit, by, at)
        if transition.after == TicketState.REOPENED:
            self._begin_again(at)
        return {"score": data.get("score"), "way": data["way"], "unreachable": data.get("unreachable")}

    def _draw_check(self, visit: dict[str, Any], by: Actor, at: datetime) -> None:
        """A visit somebody made may be drawn for the quality check: by the supervisor, of whose own by the quality department."""
        if not isinstance(by, Worker) or visit["way"] not in visit_rules.BY_PEOPLE:
            return
        world, ticket = self.world, self.ticket
        percent = FIGURES["visits.check_percent"].default
        turn = ticket["reopened_count"]
        if world.draws.taken(DrawKind.CHECK, percent, at, ticket_id=ticket["id"], turn=turn, visit_id=visit["id"]):
            checker = world.team.of(Role.QUALITY if by.role == Role.SUPERVISOR else Role.SUPERVISOR)[0]
            note_check(world.writer, world.random, visit["id"], visit["score"], at, world.zone, world.cutoff, checker)

    def _reopen(self, by: Actor, at: datetime, data: dict[str, Any], transition: Any) -> dict[str, Any]:
        self._begin_again(at)
        return {}

    def _begin_again(self, at: datetime) -> None:
        self.ticket["reopened_count"] += 1
        self.ticket.update(done_at=None, visited_at=None, closed_at=None, replied_at=None, reply_way=None)
        self.reply_ways.clear()
        if self.complaint is not None:
            self.complaint.begin_again(self.ticket)
        for visit in self.visits:
            if visit["state"] == VisitState.DUE:
                visit["state"] = VisitState.CANCELLED

    def _close(self, by: Actor, at: datetime, data: dict[str, Any], transition: Any) -> dict[str, Any]:
        self.ticket["closed_at"] = at
        facts: dict[str, Any] = {
            name: data[name] for name in ("root_cause", "correction", "prevention") if name in data
        }
        self.ticket.update(facts)
        if self.complaint is not None:
            self.complaint.row["cause"] = data.get("cause")
            facts["cause"] = data.get("cause")
        return facts

    def _cancel(self, by: Actor, at: datetime, data: dict[str, Any], transition: Any) -> dict[str, Any]:
        self.ticket["callback_due"] = False
        return {}

    def _find(self, by: Actor, at: datetime, data: dict[str, Any], transition: Any) -> dict[str, Any]:
        self.ticket.update(validity=data["validity"], grade=data["grade"])
        if self.complaint is not None and isinstance(by, Worker):
            self.complaint.find(self.ticket, by, at, data.get("party"), data["note"])
        return {name: data.get(name) for name in ("validity", "grade", "party", "plan")}


_EMPTY: dict[str, Any] = dict.fromkeys(
    (
        "demand", "house_id", "building_id", "place", "reporter_id", "reporter_name", "reporter_phone", "assignee_id",
        "dispatch_reason", "validity", "grade", "waiting_reason", "waiting_until", "dispatched_at", "started_at",
        "replied_at", "reply_way", "done_at", "visited_at", "closed_at", "due_at", "root_cause", "correction",
        "prevention", "sent_back", "left_at", "arrived_at",
        "filed_at",
    )
)  # fmt: skip
"""Every column a step may fill, so that all tickets are written by one statement."""
