"""Service orders (D9): requested → (quoted → accepted) → scheduled → done → charged → paid; cancelled. Free ones end at done. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from app.errors import N_, Forbidden, Refused
from app.rules.codes import OrderState, PriceKind, Role

S = OrderState
_DESK: Final = frozenset((Role.ADMIN, Role.MANAGER, Role.DEPUTY, Role.SUPERVISOR, Role.ASSISTANT))
_FIELD: Final = _DESK | {Role.STEWARD, Role.TECHNICIAN}
_HOUSEHOLD: Final = frozenset((Role.OWNER, Role.RESIDENT))
_MONEY: Final = _DESK | {Role.FINANCE}


@dataclass(frozen=True)
class OrderVerb:
    """A step: from which states, into which, by whom."""

    sources: frozenset[OrderState]
    target: OrderState
    roles: frozenset[Role]


VERBS: Final[dict[str, OrderVerb]] = {
    "quote": OrderVerb(frozenset((S.REQUESTED, S.QUOTED)), S.QUOTED, _DESK),
    "accept": OrderVerb(frozenset((S.QUOTED,)), S.ACCEPTED, _DESK | _HOUSEHOLD),
    "schedule": OrderVerb(frozenset((S.REQUESTED, S.ACCEPTED, S.SCHEDULED)), S.SCHEDULED, _DESK | {Role.STEWARD}),
    "finish": OrderVerb(frozenset((S.SCHEDULED,)), S.DONE, _FIELD),
    "charge": OrderVerb(frozenset((S.DONE,)), S.CHARGED, _MONEY),
    "cancel": OrderVerb(frozenset((S.REQUESTED, S.QUOTED, S.ACCEPTED, S.SCHEDULED)), S.CANCELLED, _DESK | _HOUSEHOLD),
}
ORDER_LABELS: Final[dict[OrderState, str]] = {
    S.REQUESTED: N_("requested"),
    S.QUOTED: N_("quoted"),
    S.ACCEPTED: N_("price accepted"),
    S.SCHEDULED: N_("scheduled"),
    S.DONE: N_("done"),
    S.CHARGED: N_("charged"),
    S.PAID: N_("paid"),
    S.CANCELLED: N_("cancelled"),
}


def allowed(state: str, price_kind: str, roles: frozenset[str]) -> list[str]:
    """The steps that may be taken now."""
    return [verb for verb in VERBS if _hindrance(verb, state, price_kind, roles) is None]


def decide(verb: str, state: str, price_kind: str, roles: frozenset[str], is_system: bool = False) -> OrderState:
    """The state after a step. Raises Forbidden for the role, Refused for the state or where the price stands in the way."""
    hindrance = _hindrance(verb, state, price_kind, frozenset(VERBS[verb].roles) if is_system else roles)
    if hindrance is not None:
        raise hindrance
    return VERBS[verb].target


def _hindrance(verb: str, state: str, price_kind: str, roles: frozenset[str]) -> Forbidden | Refused | None:
    row = VERBS[verb]
    if row.roles.isdisjoint(roles):
        return Forbidden(N_("Your role may not do this."))
    if state not in row.sources:
        return Refused(N_("An order that is %(state)s cannot go there."), state=ORDER_LABELS[OrderState(state)])
    if verb == "quote" and price_kind != PriceKind.QUOTATION:
        return Refused(N_("This service has a price: nothing is quoted."))
    if verb == "schedule" and price_kind == PriceKind.QUOTATION and state == S.REQUESTED:
        return Refused(N_("The price comes first: quote it, and schedule once it is accepted."))
    if verb == "charge" and price_kind == PriceKind.FREE:
        return Refused(N_("This service is free of charge: the order ends here."))
    return None
