"""The steps that only complaints have (D5), beside those of every ticket: which state and role may take them.

They are asked for like the others (`POST /api/v1/ticket/<id>/<verb>`, a button on the page); a table of its own keeps
that of D3 and I5 as it is.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from app.errors import N_, Forbidden, Refused, Word
from app.rules.codes import Kind, Role, TicketState
from app.rules.ticket_states import (
    DESK_ROLES,
    FRONT_ROLES,
    OPEN,
    STATE_LABELS,
    SUPERVISING_ROLES,
    TicketFacts,
    Verb,
)

S = TicketState

SECOND_ROLES = SUPERVISING_ROLES | {Role.QUALITY}
"""Who puts the second name under a finding: those who answer for the desk, and the quality department."""

UNSETTLED = OPEN | {S.DONE, S.VISITED}

COMPLAINT_VERBS: dict[str, Verb] = {
    row.name: row
    for row in (
        Verb("confirm", UNSETTLED | {S.CLOSED}, None, SECOND_ROLES),
        Verb("object", UNSETTLED, None, SECOND_ROLES, ("note",)),
        Verb(
            "settle",
            frozenset({S.REGISTERED, S.DISPATCHED}),
            S.DONE,
            FRONT_ROLES,
            ("opinion",),
        ),
        Verb("escalate", UNSETTLED, None, FRONT_ROLES, ("note",)),
        Verb("decide", UNSETTLED, None, SECOND_ROLES, ("note",)),
        Verb("causes", UNSETTLED, None, FRONT_ROLES),
        Verb("mark", UNSETTLED, None, DESK_ROLES),
        Verb("refer", UNSETTLED, None, DESK_ROLES),
        Verb("forward", UNSETTLED, None, SUPERVISING_ROLES, ("note",)),
        Verb("answered", UNSETTLED, None, DESK_ROLES, ("note",)),
        Verb("dispute", UNSETTLED, None, FRONT_ROLES),
    )
}
"""Verb → its row, as in `ticket_states.VERB_TABLE`."""

_MISSING = {
    ("object", "note"): N_("An objection needs its reasons."),
    ("settle", "opinion"): N_("Settled on the spot: write down what the household says to it."),
    ("escalate", "note"): N_("Say why it goes up: who decides next should know."),
    ("decide", "note"): N_("Write down the decision."),
    ("forward", "note"): N_("Write the letter: what happened, what is asked for, and by when."),
    ("answered", "note"): N_("Write down what was answered."),
}


def decide_complaint(verb: str, facts: TicketFacts, data: Mapping[str, Any]) -> None:
    """Whether a step of complaints may be taken. Raises Forbidden for the role, Refused for what the rules forbid."""
    row = COMPLAINT_VERBS[verb]
    if not facts.actor_is_system and not (row.roles & facts.actor_roles):
        raise Forbidden(N_("Your role does not allow this step."))
    if facts.kind != Kind.COMPLAINT:
        raise Refused(N_("Only a complaint has this step."))
    if facts.state not in row.sources:
        label = STATE_LABELS.get(S(facts.state), facts.state)
        raise Refused(N_("On a complaint that is %(state)s this step cannot be taken any more."), state=Word(label))
    for name in row.required:
        if not data.get(name):
            raise Refused(_MISSING[(verb, name)])
    if verb in ("confirm", "object"):
        _check_second(facts)


def _check_second(facts: TicketFacts) -> None:
    if facts.validity is None:
        raise Refused(N_("There is no finding yet."))
    if not facts.complaint.waiting:
        raise Refused(N_("This finding does not wait for a second person any more."))
    if facts.complaint.own_finding:
        raise Refused(N_("The second person is another one: nobody confirms or objects to a finding of their own."))
