"""What a step of a ticket does to its clocks (D4, D5, I8): one rule for the records, the demo and the replay of a past month."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from app.rules.calendars import Calendar
from app.rules.clock_policies import CHANGED, DONE, FOUND, REOPENED, PolicyRow
from app.rules.clocks import ClockFacts, Span, names_cancelled, sooner
from app.rules.codes import ClockEnd, ClockName, TicketState

_ONCE = frozenset({ClockName.MANAGEMENT_REPORT, ClockName.PLAN})
"""Clocks of a finding that a second finding does not start again."""

_OF_THE_FINDING = frozenset({ClockName.REPLY, ClockName.PROGRESS})

CHANGES = frozenset({"dispatch", "start", "wait", "resume", "finish", "reopen"})
"""Steps that move a matter on: who waits for others' help is told of each (D4)."""


@dataclass(frozen=True)
class Latest:
    """The newest clock of a name: as it stands, what it is counted in, and by which rule, started at which moment."""

    facts: ClockFacts
    calendar: Calendar
    policy_id: int | None
    started_when: str | None


class Clocks(Protocol):
    """The clocks of one ticket: rows of the database, or plain facts in memory."""

    def start(self, moments: Sequence[str], at: datetime, skip: frozenset[str]) -> None: ...
    def promise(self, at: datetime, due_at: datetime) -> None: ...
    def meet(self, names: Iterable[str], at: datetime) -> None: ...
    def drop(self, names: Iterable[str] | None, at: datetime, end: str) -> None: ...
    def pause(self, at: datetime) -> None: ...
    def resume(self, at: datetime) -> None: ...
    def live(self) -> frozenset[str]: ...
    def ever(self) -> frozenset[str]: ...
    def latest(self, moment: str) -> Mapping[str, Latest]: ...
    def would_start(self, moment: str, at: datetime) -> Mapping[str, tuple[PolicyRow, Span]]: ...
    def begin(self, policy: PolicyRow, at: datetime, *, waiting: bool) -> None: ...


@dataclass(frozen=True)
class Happened:
    """A step that was taken. `answers`: the clocks it answers, whether they run or not (`clocks.names_met`, the plan).

    `new_finding`: validity or grade differ from what was found before; `major`: the complaint has become a major one, and the
    management was told; `replied`: the household has had its reply since the matter was last opened; `reclassed`: the moment of
    whose clocks category or urgency were changed.
    """

    verb: str
    at: datetime
    after: str
    answers: frozenset[str] = frozenset()
    promise_at: datetime | None = None
    new_finding: bool = False
    major: bool = False
    replied: bool = False
    reclassed: str | None = None


def take(clocks: Clocks, step: Happened) -> None:
    """Move the clocks as the step moves the ticket."""
    at = step.at
    if step.reclassed is not None:
        replan(clocks, step.reclassed, at, waiting=step.after == TicketState.WAITING)
    if step.new_finding:
        _start_found(clocks, step)
    clocks.meet(step.answers, at)
    if step.major:
        clocks.meet({ClockName.MANAGEMENT_REPORT}, at)
    _drop(clocks, step.verb, at)
    if step.promise_at is not None:
        _drop(clocks, "promise", at)
        clocks.promise(at, step.promise_at)
    match step.verb:
        case "wait":
            clocks.pause(at)
        case "resume":
            clocks.resume(at)
        case "finish":
            owes_reply = not step.replied and ClockName.REPLY not in clocks.live()
            clocks.start((DONE,), at, frozenset() if owes_reply else frozenset({ClockName.REPLY}))
    is_reopened = step.verb in ("reopen", "visit") and step.after == TicketState.REOPENED
    if is_reopened:
        clocks.drop(None, at, ClockEnd.REOPENED)
        clocks.start((REOPENED,), at, frozenset())
    if step.verb in CHANGES or is_reopened:
        # What is owed since an earlier change is not owed later because there was one more.
        clocks.start((CHANGED,), at, clocks.live())


def _drop(clocks: Clocks, verb: str, at: datetime) -> None:
    for end, names in names_cancelled(verb).items():
        clocks.drop(names, at, end)


def _start_found(clocks: Clocks, step: Happened) -> None:
    """The clocks of the finding; a reply that was given already, or promised for a time, is not owed again."""
    clocks.drop(_OF_THE_FINDING, step.at, ClockEnd.NEW_FINDING)
    skip = set(clocks.ever() & _ONCE)
    if step.replied or ClockName.PROMISE in clocks.live():
        skip.add(ClockName.REPLY)
    clocks.start((FOUND,), step.at, frozenset(skip))


def replan(clocks: Clocks, moment: str, at: datetime, *, waiting: bool) -> None:
    """The clocks of the opening follow what is known of the ticket since.

    Each is due as if the matter had come in now, where that is sooner; one that the new knowledge alone asks for starts, one that it
    no longer knows ends. What was met, missed or promised stays; while the matter waits, what starts waits with it.
    """
    latest, wanted = clocks.latest(moment), clocks.would_start(moment, at)
    gone = {name for name, one in latest.items() if one.started_when == moment and name not in wanted}
    clocks.drop(gone, at, ClockEnd.RECLASSED)
    for name, (policy, span) in wanted.items():
        before = latest.get(name)
        if before is None or _gives_way(before, policy, span, at):
            clocks.begin(policy, at, waiting=waiting)


def _gives_way(before: Latest, policy: PolicyRow, span: Span, at: datetime) -> bool:
    """Whether a clock is replaced by one of another rule: only a live one, and only by one that is due sooner."""
    if not before.facts.is_live or before.policy_id == getattr(policy, "id", None):
        return False
    return sooner(before.facts, span, at, before.calendar)
