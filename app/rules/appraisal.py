"""Monthly appraisal 考核 (D16): weighted figures of one person, scored against target and floor. It counts for pay.

At its target or better a figure earns everything, at its floor or worse nothing, in between in proportion. What had no case
in the month is not judged: its weight is left out, and the others make the hundred.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal

from app.errors import N_, Invalid
from app.rules.codes import Role
from app.rules.month_figures import COUNT, FIGURES, RATE, UP, is_reached

INSPECTION = "inspection"
"""The mean of an outside inspector's scores, from 0 to 100."""
POINTS = "points"
OWN, COMMUNITY = "own", "community"
SCOPES = (OWN, COMMUNITY)
"""What the person has in hand (of fees: the houses of the own buildings), or the whole community."""

CODES = (*(code for code, one in FIGURES.items() if one.unit != COUNT and one.good), INSPECTION)
"""Figures that can be weighted: those with a better direction."""

SIGNED_BY: dict[Role, tuple[Role, ...]] = {
    Role.MANAGER: (Role.SUPERVISOR, Role.ASSISTANT, Role.STEWARD, Role.TECHNICIAN, Role.FINANCE, Role.DEPUTY),
    Role.QUALITY: (Role.MANAGER,),
}
"""Who draws up, goes through and signs whose appraisal: the manager that of the centre's people, the company's quality
department the manager's. Nobody their own."""

ROLES = tuple(role for roles in SIGNED_BY.values() for role in roles)
"""Who is appraised."""

FULL, MOST_LINES = Decimal(100), 8
_TENTH = Decimal("0.1")


@dataclass(frozen=True)
class Weight:
    """One line of a plan: a figure of the own work or of the community, its weight, target and floor in the figure's unit."""

    figure: str
    scope: str
    weight: int
    target: Decimal
    floor: Decimal


def _weights(*rows: tuple[str, str, int, str, str]) -> tuple[Weight, ...]:
    return tuple(
        Weight(figure, scope, weight, Decimal(target), Decimal(floor)) for figure, scope, weight, target, floor in rows
    )


DEFAULTS: dict[str, tuple[Weight, ...]] = {
    Role.SUPERVISOR: _weights(
        ("complaints_in_time", COMMUNITY, 40, "1", "0.8"),
        ("complaint_visits", COMMUNITY, 30, "1", "0.8"),
        ("satisfaction", COMMUNITY, 20, "0.9", "0.6"),
        (INSPECTION, OWN, 10, "90", "60"),
    ),
    Role.ASSISTANT: _weights(
        ("first_response_mean", COMMUNITY, 40, "30", "120"),
        ("in_time", COMMUNITY, 30, "0.9", "0.7"),
        ("satisfaction", COMMUNITY, 20, "0.9", "0.6"),
        (INSPECTION, OWN, 10, "90", "60"),
    ),
    Role.STEWARD: _weights(
        ("collection", OWN, 40, "0.95", "0.8"),
        ("in_time", OWN, 30, "0.9", "0.7"),
        ("satisfaction", OWN, 20, "0.9", "0.6"),
        (INSPECTION, OWN, 10, "90", "60"),
    ),
    Role.TECHNICIAN: _weights(
        ("in_time", OWN, 40, "0.9", "0.7"),
        ("urgent_repair_mean", OWN, 20, "90", "240"),
        ("satisfaction", OWN, 30, "0.9", "0.6"),
        (INSPECTION, OWN, 10, "90", "60"),
    ),
    Role.FINANCE: _weights(
        ("collection", COMMUNITY, 70, "0.95", "0.8"),
        ("satisfaction", COMMUNITY, 10, "0.9", "0.6"),
        (INSPECTION, OWN, 20, "90", "60"),
    ),
    Role.DEPUTY: _weights(
        ("in_time", COMMUNITY, 30, "0.9", "0.7"),
        ("complaints_in_time", COMMUNITY, 20, "1", "0.8"),
        ("satisfaction", COMMUNITY, 20, "0.9", "0.6"),
        ("accept_mean", COMMUNITY, 20, "60", "180"),
        (INSPECTION, OWN, 10, "90", "60"),
    ),
    Role.MANAGER: _weights(
        ("in_time", COMMUNITY, 25, "0.9", "0.7"),
        ("complaints_in_time", COMMUNITY, 20, "1", "0.8"),
        ("satisfaction", COMMUNITY, 20, "0.9", "0.6"),
        ("collection", COMMUNITY, 25, "0.95", "0.8"),
        (INSPECTION, OWN, 10, "90", "60"),
    ),
}
"""Role → its weights where an administrator has set none (†; targets of D4, D10)."""


def judged_by(roles: Iterable[str]) -> tuple[Role, ...]:
    """Whose appraisals somebody with these roles draws up and signs."""
    held = set(roles)
    return tuple(role for signer, judged in SIGNED_BY.items() if signer in held for role in judged)


def unit_of(figure: str) -> str:
    """The unit of a figure that can be weighted."""
    return POINTS if figure == INSPECTION else FIGURES[figure].unit


def good_of(figure: str) -> str:
    """Its better direction."""
    return UP if figure == INSPECTION else FIGURES[figure].good


def check(weights: Sequence[Weight]) -> None:
    """Raises Invalid where a set of weights makes no sense; the weights must be a hundred together."""
    if not weights:
        raise Invalid(N_("Give at least one figure a weight."))
    if len({(one.figure, one.scope) for one in weights}) < len(weights):
        raise Invalid(N_("A figure stands twice: each is weighted once."))
    for one in weights:
        if one.figure not in CODES or one.scope not in SCOPES:
            raise Invalid(N_("There is no such figure to weigh."))
        if not 1 <= one.weight <= 100:
            raise Invalid(N_("A weight is a whole number from 1 to 100."))
        highest = Decimal(1) if unit_of(one.figure) == RATE else Decimal(100_000)
        if not (0 <= one.target <= highest and 0 <= one.floor <= highest):
            raise Invalid(N_("A value is out of its range: percentages go from 0 to 100."))
        if one.target == one.floor or is_reached(one.floor, one.target, good_of(one.figure)):
            raise Invalid(N_("What earns nothing must be worse than the target."))
    total = sum(one.weight for one in weights)
    if total != 100:
        raise Invalid(N_("The weights come to %(total)s, not to 100."), total=total)


def points(value: Decimal | int | None, target: Decimal, floor: Decimal, good: str) -> Decimal | None:
    """What a value earns, from 0 to 100 with one place; None where there was nothing to be judged."""
    if value is None:
        return None
    if is_reached(value, target, good):
        return FULL
    part = (Decimal(value) - floor) / (target - floor)
    return (max(part, Decimal(0)) * 100).quantize(_TENTH, ROUND_HALF_UP)


def total(earned: Iterable[tuple[int, Decimal | None]]) -> Decimal | None:
    """Weight and points of each line → the sum of a hundred with one place; None where nothing could be judged."""
    judged = [(weight, found) for weight, found in earned if found is not None]
    weights = sum(weight for weight, _found in judged)
    if not weights:
        return None
    return (sum((weight * found for weight, found in judged), Decimal(0)) / weights).quantize(_TENTH, ROUND_HALF_UP)
