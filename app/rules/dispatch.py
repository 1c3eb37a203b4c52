"""Who gets a ticket (D3): of the category's department who is on duty and has the skill it needs, the nearest; fewest open
tickets break a tie. Where nobody fits, the head of the department keeps it."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from app.errors import N_

SAME_BUILDING = N_("on duty, at work in the same building")
NEIGHBOUR = N_("on duty, at work in a neighbouring building")
ON_DUTY = N_("on duty, fewest open tickets")
OFF_DUTY = N_("nobody of the department on duty: fewest open tickets")
DEPARTMENT = N_("nobody of the department to name: the department as a whole")
NO_DUTY = N_("nobody of the department on duty: stays with its head")
NO_SKILL = N_("nobody of the department has the skill it needs: stays with its head")
NO_SKILL_ON_DUTY = N_("nobody on duty has the skill it needs: stays with the head of the department")
NOBODY = N_("nobody works in the department here: stays with its head")
NO_SKILL_DEPARTMENT = N_("nobody of the department has the skill it needs: the department as a whole")
OFF = N_("off duty")
UNSKILLED = N_("lacks the skill it needs")
BY_HAND = N_("chosen by hand")
STEWARD = N_("steward of the building")
SUPERVISOR = N_("goes up to the supervisor")
UPWARD = N_("goes up to the next who decides")
HANDED_DOWN = N_("handed back with a decision")
ACCEPTED = N_("accepted the emergency on the telephone")
TAKEN = N_("took the work")
GRABBED = N_("took it from the department's open work")
TAKEN_OVER = N_("took over what was offered")
KEPT_BY_HEAD = (NO_DUTY, NO_SKILL, NO_SKILL_ON_DUTY, NOBODY)
"""Why a ticket is with the head only until somebody can take it."""


@dataclass(frozen=True)
class Candidate:
    """A technician: `positions` are the places, in the estate's plan, of the buildings they are at work in now."""

    staff_id: int
    on_duty: bool
    open_tickets: int
    positions: frozenset[int] = frozenset()
    skilled: bool = True
    """Whether they have the skill the category asks for, or it asks for none."""


@dataclass(frozen=True)
class Ranked:
    """A candidate in their place on the list: whether they may get it by the rule, and why there (an English msgid)."""

    candidate: Candidate
    fits: bool
    reason: str


@dataclass(frozen=True)
class Choice:
    """Who was chosen and why; `reason` is an English msgid; `ranking` holds everybody who was considered, the best first."""

    staff_id: int | None
    reason: str
    ranking: tuple[Ranked, ...] = ()


def choose(candidates: Iterable[Candidate], position: int | None, head_id: int | None = None) -> Choice:
    """The first of the ranking who fits; else the department's head; without one, who has the skill and fewest open tickets.

    `position` is the place of the ticket's building in the estate's plan; None when the matter has no building.
    """
    ranking = rank(candidates, position)
    if ranking and ranking[0].fits:
        return Choice(ranking[0].candidate.staff_id, ranking[0].reason, ranking)
    if head_id is not None:
        return Choice(head_id, _unfit(ranking), ranking)
    if not ranking:
        return Choice(None, DEPARTMENT)
    if not ranking[0].candidate.skilled:
        return Choice(None, NO_SKILL_DEPARTMENT, ranking)
    return Choice(ranking[0].candidate.staff_id, OFF_DUTY, ranking)


def rank(candidates: Iterable[Candidate], position: int | None) -> tuple[Ranked, ...]:
    """Everybody in order: who fits (nearest, fewest open tickets, lowest id), who is off duty, who lacks the skill."""

    def place(one: Candidate) -> tuple[bool, bool, int, int, int]:
        # Where somebody last worked says nothing of where they are off duty.
        near = _distance(one, position) if one.on_duty else 0
        return (not one.skilled, not one.on_duty, near, one.open_tickets, one.staff_id)

    return tuple(_ranked(one, position) for one in sorted(candidates, key=place))


def _ranked(one: Candidate, position: int | None) -> Ranked:
    if not one.skilled:
        return Ranked(one, False, UNSKILLED)
    if not one.on_duty:
        return Ranked(one, False, OFF)
    return Ranked(one, True, (SAME_BUILDING, NEIGHBOUR, ON_DUTY)[_distance(one, position)])


def _unfit(ranking: tuple[Ranked, ...]) -> str:
    """Why nobody of a ranking fits, as the head of the department reads it."""
    if not ranking:
        return NOBODY
    if not any(one.candidate.skilled for one in ranking):
        return NO_SKILL
    return NO_SKILL_ON_DUTY if any(one.candidate.on_duty for one in ranking) else NO_DUTY


def _distance(candidate: Candidate, position: int | None) -> int:
    """0 in the same building, 1 in a neighbouring one, 2 anywhere else."""
    if position is None or not candidate.positions:
        return 2
    return min(min(abs(position - p) for p in candidate.positions), 2)
