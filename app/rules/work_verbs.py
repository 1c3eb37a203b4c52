"""Handing work on (D3): to whom accepts it before it is done, to whom goes on with it; the way there; filing. Which state and role
may take these steps, and what they need.

They stand beside the verbs of D3 and I5 in a table of their own and move no state by themselves: the page knows them, REST
those of an acceptance. What they ask about a ticket is `WorkFacts`.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from app.errors import N_, Forbidden, LinliError, Refused, Word
from app.rules.codes import Role, TicketState

S = TicketState

_SUPERVISING = frozenset({Role.MANAGER, Role.DEPUTY, Role.SUPERVISOR})
ACCEPTORS = frozenset({Role.MANAGER, Role.DEPUTY, Role.SUPERVISOR, Role.ASSISTANT, Role.STEWARD})
"""Who may accept work: whoever speaks with the household, and those above. Never who did it."""
WORKERS = ACCEPTORS | {Role.ADMIN, Role.TECHNICIAN}


_GOING = frozenset({S.DISPATCHED, S.IN_PROGRESS, S.REOPENED})


@dataclass(frozen=True)
class WorkFacts:
    """What these steps ask about a ticket and the one who acts. Ids are those of staff."""

    state: str = ""
    roles: frozenset[str] = frozenset()
    staff_id: int | None = None
    """The one who acts: roles, and who of the staff."""
    needs_acceptance: bool = False
    """Several departments have worked on it since it was last opened, or its category asks for it."""
    asked_of: int | None = None
    """Whoever is to accept the work; None while nobody was asked."""
    asked_name: str = ""
    accepted: bool = False
    offered_to: str = ""
    """To whom it is offered; empty while it is not."""
    on_the_way: bool = False
    filed: bool = False
    assignee_id: int | None = None
    actor_worked: bool = False
    """Whether the one who acts has begun the work at some time since it was last opened."""


@dataclass(frozen=True)
class WorkVerb:
    """One row: the states it is taken in, whose it is, what its form must bring."""

    name: str
    sources: frozenset[str]
    roles: frozenset[str]
    required: tuple[str, ...] = ()


WORK_VERBS: dict[str, WorkVerb] = {
    row.name: row
    for row in (
        WorkVerb("submit", frozenset({S.IN_PROGRESS}), WORKERS, ("note",)),
        WorkVerb("approve", frozenset({S.IN_PROGRESS}), ACCEPTORS),
        WorkVerb("return", frozenset({S.IN_PROGRESS}), ACCEPTORS, ("note",)),
        WorkVerb("offer", frozenset({S.DISPATCHED, S.IN_PROGRESS}), WORKERS, ("note",)),
        WorkVerb("depart", _GOING, WORKERS),
        WorkVerb("arrive", _GOING, WORKERS),
        WorkVerb("file", frozenset({S.CLOSED, S.CANCELLED}), _SUPERVISING | {Role.ADMIN, Role.ASSISTANT}),
        WorkVerb("recall", frozenset({S.DISPATCHED, S.IN_PROGRESS}), WORKERS),
    )
}
"""Verb → its row."""

ACCEPTING = ("submit", "approve", "return")
"""The steps of an acceptance: these REST knows, too."""

_MISSING = {
    ("submit", "note"): N_("Write what was done: whoever accepts the work reads it, and then the household."),
    ("return", "note"): N_("Say what is lacking: whoever did the work needs to know."),
    ("offer", "note"): N_("Say why you offer the work: whoever is to take it decides by that."),
}

NOT_YOURS = N_("Your role does not allow this step.")
NOT_NEEDED = N_("One department has done this work alone: finish it, nobody needs to accept it.")
WAITS = N_("The work waits to be accepted by %(name)s.")
NOT_ASKED = N_("This work has not been handed in to be accepted.")
ACCEPTED_ALREADY = N_("The work has been accepted already.")
OWN_WORK = N_("Nobody accepts work of their own.")
OF_ANOTHER = N_("The work was handed in to %(name)s: they accept it, or one of the supervision in their place.")
HAND_IN = N_("Work that needs acceptance is accepted by a named person before it is done: hand it in.")
LOOK_FIRST = N_("Look at the work first, and tick that you accept it.")
NOT_IN_HAND = N_("Only whoever has the work in hand offers it.")
OFFERED = N_("The work is offered to %(name)s already: take that offer back first.")
NOT_OFFERED = N_("This work is not offered to anybody.")
NOT_GOING = N_("Only whoever has the work in hand goes there.")
ON_THE_WAY = N_("You are on the way already.")
FILED_ALREADY = N_("This ticket is filed already.")
NOT_IN_THIS_STATE = N_("On a ticket that is %(state)s this step cannot be taken.")


def decide_work(verb: str, facts: WorkFacts, data: Mapping[str, Any], label: str) -> None:
    """Whether a step may be taken. `label` is the state in words. Raises Forbidden for the role, Refused for the rules."""
    row = WORK_VERBS[verb]
    if not row.roles & facts.roles:
        raise Forbidden(NOT_YOURS)
    if facts.state not in row.sources:
        raise Refused(NOT_IN_THIS_STATE, state=Word(label))
    hindrance = _CHECKS[verb](facts)
    if hindrance is not None:
        raise hindrance
    for name in row.required:
        if not data.get(name):
            raise Refused(_MISSING[(verb, name)])


def hinders_acceptance(facts: WorkFacts) -> LinliError | None:
    """Why this actor may not accept the work, whoever was asked; None when they may."""
    if not facts.roles & ACCEPTORS or facts.staff_id is None:
        return Forbidden(NOT_YOURS)
    if facts.actor_worked or facts.staff_id == facts.assignee_id:
        return Refused(OWN_WORK)
    return None


def check_finish(facts: WorkFacts, *, ticked: bool | None) -> None:
    """Whether work may be called done. Whoever may accept it does so by finishing; `ticked` None: no form asked."""
    if not accepts_by_finishing(facts, asked=True):
        return
    if facts.asked_of is not None:
        raise Refused(WAITS, name=facts.asked_name)
    if hinders_acceptance(facts) is not None:
        raise Refused(HAND_IN)
    if ticked is False:
        raise Refused(LOOK_FIRST)


def accepts_by_finishing(facts: WorkFacts, *, asked: bool = False) -> bool:
    """Whether finishing would be the acceptance itself; `asked`: also of what was handed in to somebody."""
    return facts.needs_acceptance and not facts.accepted and (asked or facts.asked_of is None)


def _submit(facts: WorkFacts) -> LinliError | None:
    if facts.accepted:
        return Refused(ACCEPTED_ALREADY)
    if facts.asked_of is not None:
        return Refused(WAITS, name=facts.asked_name)
    return None if facts.needs_acceptance else Refused(NOT_NEEDED)


def _answer(facts: WorkFacts) -> LinliError | None:
    if facts.asked_of is None:
        return Refused(ACCEPTED_ALREADY if facts.accepted else NOT_ASKED)
    hindrance = hinders_acceptance(facts)
    if hindrance is not None:
        return hindrance
    if facts.staff_id != facts.asked_of and not facts.roles & _SUPERVISING:
        return Refused(OF_ANOTHER, name=facts.asked_name)
    return None


def _in_hand(facts: WorkFacts) -> bool:
    return facts.staff_id is not None and facts.staff_id == facts.assignee_id


def _offer(facts: WorkFacts) -> LinliError | None:
    if not _in_hand(facts):
        return Refused(NOT_IN_HAND)
    if facts.asked_of is not None:
        return Refused(WAITS, name=facts.asked_name)
    return Refused(OFFERED, name=facts.offered_to) if facts.offered_to else None


def _recall(facts: WorkFacts) -> LinliError | None:
    if not facts.offered_to:
        return Refused(NOT_OFFERED)
    return None if _in_hand(facts) else Refused(NOT_IN_HAND)


def _depart(facts: WorkFacts) -> LinliError | None:
    if not _in_hand(facts):
        return Refused(NOT_GOING)
    return Refused(ON_THE_WAY) if facts.on_the_way else None


def _arrive(facts: WorkFacts) -> LinliError | None:
    return None if _in_hand(facts) else Refused(NOT_GOING)


def _file(facts: WorkFacts) -> LinliError | None:
    return Refused(FILED_ALREADY) if facts.filed else None


_CHECKS: dict[str, Callable[[WorkFacts], LinliError | None]] = {
    "submit": _submit,
    "approve": _answer,
    "return": _answer,
    "offer": _offer,
    "recall": _recall,
    "depart": _depart,
    "arrive": _arrive,
    "file": _file,
}
