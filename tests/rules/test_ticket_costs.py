"""What the work cost: sums half up to the fen, who may write, agree, charge and correct."""

from decimal import Decimal as D

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.errors import Forbidden, Refused
from app.rules import ticket_costs as rules
from app.rules.codes import Bearer, Role, TicketState
from app.rules.ticket_costs import Cost

OWED = Cost(Bearer.OWNER, D("10.00"))
AGREED = Cost(Bearer.OWNER, D("10.00"), accepted=True)
CHARGED = Cost(Bearer.OWNER, D("10.00"), accepted=True, charged=True)
STRUCK = Cost(Bearer.CENTRE, D("10.00"), struck=True)


@pytest.mark.parametrize(
    ("quantity", "price", "expected"),
    [
        ("2", "28.00", "56.00"),
        ("0.35", "6.80", "2.38"),
        ("0.5", "0.01", "0.01"),
        ("0.49", "0.01", "0.00"),
        ("1.25", "0.50", "0.63"),
    ],
)
def test_material_is_rounded_half_up(quantity: str, price: str, expected: str) -> None:
    assert rules.material_yuan(D(quantity), D(price)) == D(expected)


@pytest.mark.parametrize(
    ("minutes", "hour", "expected"),
    [(45, "60", "45.00"), (1, "0.30", "0.01"), (1, "0.29", "0.00"), (25, "80", "33.33")],
)
def test_work_is_its_minutes_at_the_price_of_an_hour(minutes: int, hour: str, expected: str) -> None:
    assert rules.labour_yuan(minutes, D(hour)) == D(expected)


money = st.decimals(min_value=0, max_value=10_000, places=2)


@given(st.lists(st.builds(Cost, st.sampled_from([one.value for one in Bearer]), money, struck=st.booleans())))
def test_who_bears_what_adds_up_to_all_that_is_not_struck(costs: list[Cost]) -> None:
    assert sum(rules.sums(costs).values()) == sum(cost.amount_yuan for cost in costs if not cost.struck)


@pytest.mark.parametrize(
    ("state", "role", "refusal"),
    [
        ("in_progress", Role.TECHNICIAN, None), ("done", Role.ASSISTANT, None), ("visited", Role.STEWARD, None),
        ("in_progress", Role.FINANCE, Forbidden), ("in_progress", Role.QUALITY, Forbidden), ("in_progress", Role.OWNER, Forbidden),
        ("closed", Role.TECHNICIAN, Refused), ("closed", Role.ASSISTANT, Refused), ("cancelled", Role.STEWARD, Refused),
        ("closed", Role.SUPERVISOR, None), ("closed", Role.FINANCE, None), ("closed", Role.MANAGER, None),
    ],
)  # fmt: skip
def test_who_writes_when(state: str, role: Role, refusal: type[Exception] | None) -> None:
    if refusal is None:
        rules.check_write(state, frozenset({role}))
        return
    with pytest.raises(refusal):
        rules.check_write(state, frozenset({role}))


@pytest.mark.parametrize(
    ("cost", "state", "role", "why", "allowed"),
    [
        (OWED, "in_progress", Role.TECHNICIAN, "wrong size", True), (OWED, "in_progress", Role.TECHNICIAN, "", False),
        (STRUCK, "in_progress", Role.TECHNICIAN, "again", False), (CHARGED, "done", Role.TECHNICIAN, "wrong", False),
        (CHARGED, "done", Role.ASSISTANT, "wrong", False), (CHARGED, "done", Role.FINANCE, "wrong", True),
        (CHARGED, "closed", Role.MANAGER, "wrong", True), (AGREED, "closed", Role.ASSISTANT, "wrong", False),
    ],
)  # fmt: skip
def test_a_line_is_struck_with_a_reason_and_a_charged_one_by_who_answers_for_money(
    cost: Cost, state: str, role: Role, why: str, allowed: bool
) -> None:
    if allowed:
        rules.check_strike(cost, state, frozenset({role}), why)
        return
    with pytest.raises(Refused):
        rules.check_strike(cost, state, frozenset({role}), why)


@pytest.mark.parametrize("cost", [Cost(Bearer.CENTRE, D(1)), Cost(Bearer.WARRANTY, D(1)), AGREED, STRUCK])
def test_only_what_the_household_bears_is_agreed_to_and_once(cost: Cost) -> None:
    with pytest.raises(Refused):
        rules.check_accept(cost, frozenset({Role.TECHNICIAN}), "张三")


def test_the_household_is_charged_only_for_what_it_agreed_to_and_when_the_work_is_done() -> None:
    desk = frozenset({Role.ASSISTANT})
    rules.check_charge([AGREED, Cost(Bearer.CENTRE, D(5)), STRUCK], TicketState.DONE, desk)
    for costs, state in (
        ([AGREED], TicketState.IN_PROGRESS),
        ([AGREED, OWED], TicketState.DONE),
        ([CHARGED], TicketState.DONE),
        ([], TicketState.CLOSED),
    ):
        with pytest.raises(Refused):
            rules.check_charge(costs, state, desk)
    with pytest.raises(Forbidden):
        rules.check_charge([AGREED], TicketState.DONE, frozenset({Role.TECHNICIAN}))


@pytest.mark.parametrize(
    ("cost", "wanted"),
    [
        (Cost("owner", D(5)), "to_agree"),
        (Cost("owner", D(5), True), "agreed"),
        (Cost("owner", D(5), True, True), "charged"),
        (Cost("owner", D(5), True, True, bill="open"), "billed"),
        (Cost("owner", D(5), True, True, bill="part_paid"), "billed"),
        (Cost("owner", D(5), True, True, bill="paid"), "paid"),
        (Cost("owner", D(5), True, True, True, "cancelled"), None),
        (Cost("centre", D(5)), None),
        (Cost("warranty", D(5)), None),
    ],
)
def test_how_far_a_line_of_the_household_has_come(cost, wanted):
    assert rules.standing(cost) == wanted


@pytest.mark.parametrize("state", [TicketState.DONE, TicketState.CLOSED])
def test_what_stands_on_a_bill_is_taken_back_by_finance_alone(state):
    billed = Cost("owner", D(5), True, True, bill="paid")
    able = [role for role in Role if rules.may_strike(billed, state, frozenset({role}))]
    assert able == [Role.FINANCE]
    charged = Cost("owner", D(5), True, True)
    assert rules.may_strike(charged, state, frozenset({Role.SUPERVISOR}))
