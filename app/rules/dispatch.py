"""Who gets a ticket (D3): the technician on duty who is nearest, fewest open tickets breaking a tie."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from app.errors import N_

SAME_BUILDING = N_("on duty, at work in the same building")
NEIGHBOUR = N_("on duty, at work in a neighbouring building")
ON_DUTY = N_("on duty, fewest open tickets")
OFF_DUTY = N_("nobody of the department on duty: fewest open tickets")
DEPARTMENT = N_("nobody of the department to name: the department as a whole")
BY_HAND = N_("chosen by hand")
STEWARD = N_("steward of the building")
SUPERVISOR = N_("goes up to the supervisor")
ACCEPTED = N_("accepted the emergency on the telephone")
TAKEN = N_("took the work")


@dataclass(frozen=True)
class Candidate:
    """A technician: `positions` are the places, in the estate's plan, of the buildings they are at work in now."""

    staff_id: int
    on_duty: bool
    open_tickets: int
    positions: frozenset[int] = frozenset()


@dataclass(frozen=True)
class Choice:
    """Who was chosen and why; `reason` is an English msgid."""

    staff_id: int | None
    reason: str


def choose(candidates: Iterable[Candidate], position: int | None) -> Choice:
    """The nearest on duty: same building, then neighbouring ones, then anybody; fewest open tickets, then lowest id.

    `position` is the place of the ticket's building in the estate's plan; None when the matter has no building.
    """
    people = list(candidates)
    if not people:
        return Choice(None, DEPARTMENT)
    on_duty = [c for c in people if c.on_duty]
    if not on_duty:
        # Where somebody last worked says nothing of where they are off duty.
        return Choice(min(people, key=lambda c: (c.open_tickets, c.staff_id)).staff_id, OFF_DUTY)
    chosen = min(on_duty, key=lambda c: (_distance(c, position), c.open_tickets, c.staff_id))
    return Choice(chosen.staff_id, (SAME_BUILDING, NEIGHBOUR, ON_DUTY)[_distance(chosen, position)])


def _distance(candidate: Candidate, position: int | None) -> int:
    """0 in the same building, 1 in a neighbouring one, 2 anywhere else."""
    if position is None or not candidate.positions:
        return 2
    return min(min(abs(position - p) for p in candidate.positions), 2)
