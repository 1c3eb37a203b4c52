"""The states of a service order as D9 has them."""

import pytest

from app.errors import Forbidden, Refused
from app.rules.codes import OrderState, PriceKind
from app.rules.service_orders import VERBS, allowed, decide

DESK = frozenset({"assistant"})
QUOTED_WAY = ["quote", "accept", "schedule", "finish", "charge"]


def walk(price: str, verbs: list[str], roles: frozenset[str] = DESK) -> str:
    state = OrderState.REQUESTED
    for verb in verbs:
        state = decide(verb, state, price, roles)
    return state


@pytest.mark.parametrize(
    ("price", "verbs", "end"),
    [
        ("quotation", QUOTED_WAY, "charged"),
        ("quotation", ["quote", "quote", "cancel"], "cancelled"),
        ("fixed", ["schedule", "schedule", "finish", "charge"], "charged"),
        ("percent", ["schedule", "finish", "charge"], "charged"),
        ("free", ["schedule", "finish"], "done"),
        ("free", ["cancel"], "cancelled"),
    ],
)
def test_an_order_goes_its_way(price, verbs, end):
    assert walk(price, verbs) == end


@pytest.mark.parametrize(
    ("price", "verbs"),
    [
        ("quotation", ["schedule"]),
        ("quotation", ["quote", "schedule"]),
        ("quotation", ["accept"]),
        ("fixed", ["quote"]),
        ("fixed", ["finish"]),
        ("fixed", ["charge"]),
        ("free", ["schedule", "finish", "charge"]),
        ("fixed", ["schedule", "finish", "cancel"]),
        ("free", ["cancel", "schedule"]),
    ],
)
def test_no_step_is_left_out(price, verbs):
    with pytest.raises(Refused):
        walk(price, verbs)


@pytest.mark.parametrize(
    ("role", "may"),
    [
        ("assistant", {"quote", "cancel"}),
        ("owner", {"cancel"}),
        ("technician", set()),
        ("finance", set()),
        ("quality", set()),
    ],
)
def test_who_may_do_what_with_a_new_order(role, may):
    assert set(allowed("requested", PriceKind.QUOTATION, frozenset({role}))) == may
    with pytest.raises(Forbidden):
        decide("quote", OrderState.REQUESTED, "quotation", frozenset({"quality"}))


@pytest.mark.parametrize("state", list(OrderState))
@pytest.mark.parametrize("price", list(PriceKind))
def test_what_is_offered_can_be_done_and_nothing_else(state, price):
    offered = set(allowed(state, price, DESK))
    for verb in VERBS:
        if verb in offered:
            assert decide(verb, state, price, DESK) in set(OrderState)
        else:
            with pytest.raises((Refused, Forbidden)):
                decide(verb, state, price, DESK)
