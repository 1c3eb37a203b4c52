"""A ticket's life in memory: the same steps as `services.ticket_verbs`, by the same rules, written in bulk at its end."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from app.models import ReturnVisit, Ticket, TicketEntry
from app.rules import clocks as clock_rules
from app.rules import return_visits as visit_rules
from app.rules.codes import ClockName, Role, TicketState, VisitState
from app.rules.ticket_states import TicketFacts, decide
from app.services.demo import messages
from app.services.demo.clockwork import Clocks
from app.services.demo.staff import Worker
from app.services.demo.world import World

_SUPERVISING = (Role.SUPERVISOR, Role.DEPUTY, Role.MANAGER)
_FOUND_ONCE = frozenset({ClockName.MANAGEMENT_REPORT, ClockName.PLAN})


@dataclass(frozen=True)
class House:
    """A part of the house that acts by itself: the hotline, the ladder, a job."""

    name: str


Actor = Worker | House
HOTLINE, LADDER, CLOSING, SWEEPER = House("hotline"), House("ladder"), House("close_settled"), House("clocks")


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
            "callback_due": False,
            "counts_in_figures": True,
            **_EMPTY,
            **fields,
        }
        self.assignee: Worker | None = None
        self.worker_id: int | None = None
        self.reply_ways: set[str] = set()
        self.clocks = Clocks(world, self._note_clock)
        self.visits: list[dict[str, Any]] = []
        self.where = where
        self.later: list[tuple[datetime, Callable[[datetime], None]]] = []
        self.now = at
        self.entry("register", by, at, None, note=self.ticket["title"])
        if self.ticket["counts_in_figures"]:
            self._start_clocks(clock_rules.REGISTERED, at)

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
        if at > self.world.cutoff:
            raise Over
        self._catch_up(at)
        self.now = at
        note = note or data.get("reason", "")
        data["note"] = note
        self.clocks.sweep(at)
        transition = decide(verb, self._facts(by), data)
        extra = getattr(self, f"_{verb}")(by, at, data, transition) or {}
        self.ticket["state"] = TicketState(transition.after)
        self.ticket["is_repeat"] = self.ticket["is_repeat"] or transition.repeat
        if transition.to_supervisor:
            self.hand_over(self.world.team.of(Role.SUPERVISOR)[0], "goes up to the supervisor")
        if transition.tell_management:
            self.clocks.meet({ClockName.MANAGEMENT_REPORT}, at)
        self.entry(verb, by, at, transition.before, note, {"responsible": self.ticket["responsible"], **extra})

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
        self.world.writer.add(Ticket, **self.ticket)
        self.clocks.save(self.ticket["id"])
        for visit in self.visits:
            self.world.writer.add(ReturnVisit, ticket_id=self.ticket["id"], **visit)

    def _note_clock(self, verb: str, clock: str, at: datetime) -> None:
        self.entry(verb, SWEEPER, at, self.ticket["state"], data={"clock": clock})

    def _start_clocks(self, moment: str, at: datetime, skip: Iterable[str] = ()) -> None:
        ticket = self.ticket
        matter = clock_rules.Matter(
            ticket["kind"],
            ticket["channel"],
            ticket["priority"],
            ticket["validity"],
            ticket["grade"],
            self.category.code,
        )
        self.clocks.start(moment, matter, at, skip)

    def _answer(self, verb: str, by: Actor, at: datetime, *, told: bool = False, after_done: bool = False) -> None:
        person = isinstance(by, Worker)
        names = clock_rules.names_met(
            verb, kind=self.ticket["kind"], by_person=person, reporter_told=told and person, after_done=after_done
        )
        self.clocks.meet(names, at)
        self.clocks.drop(clock_rules.names_cancelled(verb))

    # -- steps -----------------------------------------------------------------------------------------------------

    def _facts(self, by: Actor) -> TicketFacts:
        person = by if isinstance(by, Worker) else None
        return TicketFacts(
            state=self.ticket["state"],
            kind=self.ticket["kind"],
            channel=self.ticket["channel"],
            validity=self.ticket["validity"],
            grade=self.ticket["grade"],
            reply_ways=frozenset(self.reply_ways),
            visit_due=self.visit_due is not None,
            worker_id=self.worker_id,
            actor_staff_id=person.staff_id if person else None,
            actor_roles=frozenset({person.role}) if person else frozenset(),
            actor_is_system=person is None,
            handled_by_supervisor=self.assignee is not None and self.assignee.role in _SUPERVISING,
        )

    def _dispatch(self, by: Actor, at: datetime, data: dict[str, Any], transition: Any) -> dict[str, Any]:
        self.hand_over(data["to"], data["reason"])
        self.ticket["dispatched_at"] = at
        messages.order(self.world, self.ticket, data["to"].number, self.where, at)
        self._answer("dispatch", by, at)
        return {"reason": data["reason"]}

    def _start(self, by: Actor, at: datetime, data: dict[str, Any], transition: Any) -> dict[str, Any]:
        self.ticket["started_at"] = self.ticket["started_at"] or at
        self._answer("start", by, at)
        return {}

    def _contact(self, by: Actor, at: datetime, data: dict[str, Any], transition: Any) -> dict[str, Any]:
        self._answer("contact", by, at)
        if data.get("plan"):
            self.clocks.meet({ClockName.PLAN}, at)
        self.ticket["callback_due"] = False
        promise = data.get("promise_at")
        if promise is not None:
            self.clocks.drop(clock_rules.names_cancelled("promise"))
            self.clocks.add(ClockName.PROMISE, clock_rules.span_until(at, promise))
        return {"way": "phone", "plan": data.get("plan"), "promise_at": promise.isoformat() if promise else None}

    def _reply(self, by: Actor, at: datetime, data: dict[str, Any], transition: Any) -> dict[str, Any]:
        way = data["way"]
        self.ticket.update(replied_at=at, reply_way=way, callback_due=False)
        self.reply_ways.add(way)
        self._answer("reply", by, at, after_done=self.ticket["done_at"] is not None)
        return {"way": way}

    def _wait(self, by: Actor, at: datetime, data: dict[str, Any], transition: Any) -> dict[str, Any]:
        self.ticket.update(waiting_reason=data["reason"], waiting_until=data["until"])
        self.clocks.pause(at)
        return {"until": data["until"].isoformat()}

    def _resume(self, by: Actor, at: datetime, data: dict[str, Any], transition: Any) -> dict[str, Any]:
        self.ticket.update(waiting_reason=None, waiting_until=None)
        self.clocks.resume(at)
        return {}

    def _finish(self, by: Actor, at: datetime, data: dict[str, Any], transition: Any) -> dict[str, Any]:
        self.ticket["done_at"] = at
        messages.done(self.world, self.ticket, data["note"], at)
        self._answer("finish", by, at, told=bool(self.ticket["reporter_phone"]))
        owes_reply = self.ticket["replied_at"] is None and not self.clocks.is_live(ClockName.REPLY)
        self._start_clocks(clock_rules.DONE, at, () if owes_reply else (ClockName.REPLY,))
        self.worker_id = self.assignee.staff_id if self.assignee else None
        self._plan_visit(at)
        return {"worker_id": self.worker_id}

    def _plan_visit(self, at: datetime) -> None:
        zone = self.world.zone
        reason = visit_rules.reason_to_visit(
            self.ticket["kind"], self.ticket["number"], at.astimezone(zone).date(), breached=self.clocks.breached
        )
        if reason is not None and self.ticket["counts_in_figures"]:
            due_on = visit_rules.due_on(at, zone)
            self.visits.append({"state": VisitState.DUE, "reason": reason, "due_on": due_on, "tries": 0, "note": ""})

    def _visit(self, by: Actor, at: datetime, data: dict[str, Any], transition: Any) -> dict[str, Any]:
        visit = self.visit_due
        assert visit is not None
        visit["tries"] += 1
        visit.update(way=data["way"], visitor_id=by.user_id if isinstance(by, Worker) else None)
        if data.get("unreachable"):
            visit["state"] = VisitState.UNREACHABLE if visit["tries"] >= 3 else VisitState.DUE
        else:
            visit.update(state=VisitState.MADE, score=data["score"], visited_at=at, note=data.get("words", ""))
            self.ticket["visited_at"] = at
        if transition.after == TicketState.REOPENED:
            self._begin_again(at)
        return {"score": data.get("score"), "way": data["way"], "unreachable": data.get("unreachable")}

    def _reopen(self, by: Actor, at: datetime, data: dict[str, Any], transition: Any) -> dict[str, Any]:
        self._begin_again(at)
        return {}

    def _begin_again(self, at: datetime) -> None:
        self.ticket["reopened_count"] += 1
        self.ticket.update(done_at=None, visited_at=None, closed_at=None, replied_at=None, reply_way=None)
        self.reply_ways.clear()
        for visit in self.visits:
            if visit["state"] == VisitState.DUE:
                visit["state"] = VisitState.CANCELLED
        self.clocks.drop(None)
        self._start_clocks(clock_rules.REOPENED, at)

    def _close(self, by: Actor, at: datetime, data: dict[str, Any], transition: Any) -> dict[str, Any]:
        self.ticket["closed_at"] = at
        facts: dict[str, Any] = {
            name: data[name] for name in ("root_cause", "correction", "prevention") if name in data
        }
        self.ticket.update(facts)
        self._answer("close", by, at)
        return facts

    def _cancel(self, by: Actor, at: datetime, data: dict[str, Any], transition: Any) -> dict[str, Any]:
        self.ticket["callback_due"] = False
        self._answer("cancel", by, at)
        return {}

    def _find(self, by: Actor, at: datetime, data: dict[str, Any], transition: Any) -> dict[str, Any]:
        self.ticket.update(validity=data["validity"], grade=data["grade"])
        self.clocks.drop({ClockName.REPLY, ClockName.PROGRESS})
        skip = set(self.clocks.names & _FOUND_ONCE)
        if self.ticket["replied_at"] is not None or self.clocks.is_live(ClockName.PROMISE):
            skip.add(ClockName.REPLY)
        self._start_clocks(clock_rules.FOUND, at, skip)
        if data.get("plan"):
            self.clocks.meet({ClockName.PLAN}, at)
        return {"validity": data["validity"], "grade": data["grade"], "plan": data.get("plan")}


_EMPTY: dict[str, Any] = dict.fromkeys(
    (
        "demand", "house_id", "building_id", "place", "reporter_id", "reporter_name", "reporter_phone", "assignee_id",
        "dispatch_reason", "validity", "grade", "waiting_reason", "waiting_until", "dispatched_at", "started_at",
        "replied_at", "reply_way", "done_at", "visited_at", "closed_at", "due_at", "root_cause", "correction",
        "prevention",
    )
)  # fmt: skip
"""Every column a step may fill, so that all tickets are written by one statement."""
