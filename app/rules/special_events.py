"""The life of a special event (D5, D7, I5) as data: which step leads where, who may take it, and what keeps it open.

`decide` says yes or no: Forbidden for the role, Refused with a sentence for what the rules forbid.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from app.errors import N_, Forbidden, Refused
from app.rules.codes import Role, SpecialKind, SpecialState
from app.rules.ticket_states import DESK_ROLES, FRONT_ROLES, SUPERVISING_ROLES

S = SpecialState
MANAGING_ROLES = frozenset({Role.MANAGER, Role.DEPUTY})

Hindrance = tuple[str, dict[str, Any]]
"""A msgid and its parameters."""


@dataclass(frozen=True)
class Step:
    """One row of the table: `target` None keeps the state; `only` is the kind of event it is for."""

    name: str
    sources: frozenset[str]
    target: SpecialState | None
    roles: frozenset[str]
    only: SpecialKind | None = None


def _row(
    name: str,
    sources: set[SpecialState],
    target: SpecialState | None,
    roles: frozenset[str],
    only: SpecialKind | None = None,
) -> Step:
    return Step(name, frozenset(sources), target, roles, only)


STEPS: dict[str, Step] = {
    row.name: row
    for row in (
        _row("confirm", {S.PROPOSED}, S.CONFIRMED, SUPERVISING_ROLES),
        _row("reject", {S.PROPOSED}, S.REJECTED, SUPERVISING_ROLES),
        _row("link", {S.CONFIRMED}, None, SUPERVISING_ROLES),
        _row("leave_out", {S.CONFIRMED}, None, SUPERVISING_ROLES),
        _row("visit", {S.CONFIRMED}, None, FRONT_ROLES, SpecialKind.COLLECTIVE),
        _row("explain", {S.CONFIRMED}, None, SUPERVISING_ROLES, SpecialKind.COLLECTIVE),
        _row("decide", {S.CONFIRMED}, None, MANAGING_ROLES),
        _row("outage", {S.CONFIRMED}, None, DESK_ROLES),
        _row("write", {S.CONFIRMED, S.CLOSED}, None, DESK_ROLES),
        _row("review", {S.CONFIRMED, S.CLOSED}, None, frozenset({Role.SUPERVISOR})),
        _row("sign", {S.CONFIRMED, S.CLOSED}, None, frozenset({Role.MANAGER})),
        _row("close", {S.CONFIRMED}, S.CLOSED, SUPERVISING_ROLES),
    )
}
"""What a row does not allow is refused. What the report needs besides is `services.signed_records`' answer."""

_WRONG_STATE = {
    S.PROPOSED: N_("This special event is only proposed: confirm or reject it first."),
    S.CONFIRMED: N_("This special event is confirmed already."),
    S.REJECTED: N_("This special event was rejected."),
    S.CLOSED: N_("This special event is closed."),
}


def decide(name: str, state: str, kind: str, roles: frozenset[str]) -> Step:
    """The step, if it may be taken by these roles on an event of this state and kind."""
    step = STEPS[name]
    if not step.roles & roles:
        raise Forbidden(N_("Your role does not allow this step."))
    if state not in step.sources:
        raise Refused(_WRONG_STATE[S(state)])
    if step.only is not None and kind != step.only:
        raise Refused(N_("Households are visited for a collective matter only."))
    return step


def allowed(state: str, kind: str, roles: frozenset[str]) -> list[str]:
    """The steps whose buttons make sense now."""
    return [
        step.name
        for step in STEPS.values()
        if state in step.sources and step.roles & roles and step.only in (None, kind)
    ]


@dataclass(frozen=True)
class Standing:
    """What is still owed on a confirmed event. `report`: none, draft, reviewed, signed, or outdated (signed, but the records
    say something else by now)."""

    kind: str
    undecided_tickets: int = 0
    unvisited: int = 0
    open_tickets: int = 0
    decided: bool = False
    outage_open: bool = False
    report: str = "none"


def hindrances(standing: Standing) -> list[Hindrance]:
    """Why the event may not be closed yet, in the order in which it is worked off; empty when it may."""
    found: list[Hindrance] = []
    if standing.undecided_tickets:
        count = standing.undecided_tickets
        found.append((N_("Of %(count)s tickets it has not been said whether they belong to it."), {"count": count}))
    if standing.kind == SpecialKind.COLLECTIVE:
        if standing.unvisited:
            words = N_("%(count)s households have neither been visited in person nor has it been explained why not.")
            found.append((words, {"count": standing.unvisited}))
        if not standing.decided:
            words = N_("The manager has not decided whether the general manager and the developer's centre are told.")
            found.append((words, {}))
    if standing.open_tickets:
        found.append((N_("%(count)s of its tickets are not done yet."), {"count": standing.open_tickets}))
    if standing.outage_open:
        found.append((N_("What is announced on the hotline is not over yet."), {}))
    if standing.report == "outdated":
        found.append((N_("The records have changed since the report was signed: make a new version of it."), {}))
    elif standing.report != "signed":
        found.append((N_("Its special event report is not signed yet."), {}))
    return found
