"""What a month costs (D10): exact figures, changes by days, and parts that are the whole to the fen."""

from datetime import date, timedelta
from decimal import ROUND_HALF_UP, Decimal
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.errors import Invalid
from app.rules.billing import Holder, Span, Trouble, charge, half_up, month_of, share

FIRST, LAST = date(2026, 3, 1), date(2026, 3, 31)
ALWAYS = date(2020, 1, 1)
AREA, RATE = [Span(Decimal("89.50"), ALWAYS)], [Span(Decimal("2.80"), ALWAYS)]
OWNER = Holder(1, ALWAYS, None, (ALWAYS, 1))


def said(parts: list) -> list[str]:
    return [
        f"{p.payer_id}/{p.segment} {p.from_on.day}-{p.to_on.day} {p.quantity}x{p.rate} {p.amount} -{p.waived}"
        for p in parts
    ]


def test_a_whole_month_is_the_area_times_the_rate() -> None:
    parts, trouble = charge(FIRST, LAST, AREA, RATE, [OWNER])
    assert trouble is None
    assert said(parts) == ["1/1 1-31 89.50x2.80 250.60 -0.00"]


def test_a_change_of_owner_splits_the_month_to_the_fen() -> None:
    sold = [
        Holder(1, ALWAYS, date(2026, 3, 15), (ALWAYS, 1)),
        Holder(2, date(2026, 3, 16), None, (date(2026, 3, 16), 2)),
    ]
    parts, _none = charge(FIRST, LAST, AREA, RATE, sold)
    assert said(parts) == ["1/1 1-15 89.50x2.80 121.26 -0.00", "2/2 16-31 89.50x2.80 129.34 -0.00"]
    assert sum(part.amount for part in parts) == Decimal("250.60")


def test_days_nobody_answers_for_are_nobodys() -> None:
    gap = [
        Holder(1, ALWAYS, date(2026, 3, 10), (ALWAYS, 1)),
        Holder(2, date(2026, 3, 21), None, (date(2026, 3, 21), 2)),
    ]
    parts, _none = charge(FIRST, LAST, AREA, RATE, gap)
    assert [part.amount for part in parts] == [Decimal("80.84"), Decimal("88.92")]


def test_of_joint_owners_the_longer_one_pays() -> None:
    parts, _none = charge(FIRST, LAST, AREA, RATE, [Holder(2, date(2026, 3, 5), None, (date(2026, 3, 5), 2)), OWNER])
    assert [part.payer_id for part in parts] == [1]


def test_a_new_rate_within_the_month_counts_by_days() -> None:
    rates = [*RATE, Span(Decimal("3.00"), date(2026, 3, 16))]
    parts, _none = charge(FIRST, LAST, AREA, rates, [OWNER])
    assert said(parts) == ["1/1 1-15 89.50x2.80 121.26 -0.00", "1/2 16-31 89.50x3.00 138.58 -0.00"]


def test_parking_spaces_count_by_days_and_none_is_no_bill() -> None:
    spaces = [Span(Decimal(1), ALWAYS), Span(Decimal(1), date(2026, 3, 17), date(2026, 3, 31))]
    parts, _none = charge(FIRST, LAST, spaces, [Span(Decimal(150), ALWAYS)], [OWNER])
    assert [(part.quantity, part.amount) for part in parts] == [(1, Decimal("77.42")), (2, Decimal("145.16"))]
    assert charge(FIRST, LAST, [], [Span(Decimal(150), ALWAYS)], [OWNER]) == ([], Trouble.NO_QUANTITY)


@pytest.mark.parametrize(
    ("off", "amount", "waived"), [("20", "200.48", "50.12"), ("33.3", "167.15", "83.45"), ("0", "250.60", "0.00")]
)
def test_a_discount_is_taken_off_half_up(off: str, amount: str, waived: str) -> None:
    parts, _none = charge(FIRST, LAST, AREA, RATE, [OWNER], [Span(Decimal(off), ALWAYS)])
    assert [(part.amount, part.waived) for part in parts] == [(Decimal(amount), Decimal(waived))]


def test_what_was_used_is_shared_by_the_days_somebody_answers_for() -> None:
    """Ten units at 4.00 are 40.00, whatever days of the month nobody owned the house or the rate did not hold."""
    used, rate = [Span(Decimal(10), ALWAYS)], [Span(Decimal(4), date(2026, 3, 3), date(2026, 3, 29))]
    late = Holder(2, date(2026, 3, 15), None, (date(2026, 3, 15), 2))
    parts, _none = charge(FIRST, LAST, used, rate, [late], used_up=True)
    assert said(parts) == ["2/1 15-29 10x4 40.00 -0.00"]
    gap = [Holder(1, ALWAYS, date(2026, 3, 10), (ALWAYS, 1)), Holder(2, date(2026, 3, 21), None, (LAST, 2))]
    parts, _none = charge(FIRST, LAST, used, rate, gap, used_up=True)
    assert said(parts) == ["1/1 3-10 10x4 18.82 -0.00", "2/2 21-29 10x4 21.18 -0.00"]
    assert charge(FIRST, date(2026, 3, 14), used, rate, [late], used_up=True) == ([], Trouble.NO_PAYER)
    assert charge(date(2026, 3, 30), LAST, used, rate, [late], used_up=True) == ([], Trouble.NO_RATE)


def test_why_there_is_no_bill() -> None:
    late = [Span(Decimal("2.80"), date(2026, 4, 1))]
    over = [Span(Decimal("2.80"), ALWAYS, date(2026, 2, 28))]
    assert charge(FIRST, LAST, AREA, late, [OWNER]) == ([], Trouble.NO_RATE)
    assert charge(FIRST, LAST, AREA, over, [OWNER]) == ([], Trouble.NO_RATE)
    assert charge(FIRST, LAST, AREA, RATE, []) == ([], Trouble.NO_PAYER)
    assert charge(FIRST, LAST, [Span(Decimal("-5"), ALWAYS)], RATE, [OWNER]) == ([], Trouble.NO_QUANTITY)
    assert charge(FIRST, LAST, AREA, RATE, [OWNER], [Span(Decimal(100), ALWAYS)]) == ([], Trouble.WAIVED)


@pytest.mark.parametrize("period", ["2026-13", "2026-3", "26-03", "", "2026-03-01", "1999-12", "2028-01", "abc"])
def test_what_is_no_month_to_bill(period: str) -> None:
    with pytest.raises(Invalid):
        month_of(period, date(2026, 3, 10))
    assert month_of("2028-02", date(2027, 3, 1)) == (date(2028, 2, 1), date(2028, 2, 29))


def test_halves_go_up() -> None:
    assert [half_up(Decimal(yuan)) for yuan in ("0.005", "0.015", "0.0149", "2.675")] == [
        Decimal("0.01"), Decimal("0.02"), Decimal("0.01"), Decimal("2.68"),
    ]  # fmt: skip
    assert half_up(Fraction(5, 1000)) == Decimal("0.01")


@given(
    fen=st.integers(0, 10**9),
    weights=st.lists(st.fractions(min_value=0, max_value=10**6), min_size=1, max_size=12),
)
def test_shares_are_the_whole_and_off_by_less_than_a_fen(fen: int, weights: list[Fraction]) -> None:
    whole = Decimal(fen).scaleb(-2)
    parts = share(whole, weights)
    total = sum(weights)
    assert sum(parts) == (whole if total else 0)
    for part, weight in zip(parts, weights, strict=True):
        assert part >= 0
        assert not total or abs(Fraction(part) - Fraction(whole) * weight / total) < Fraction(1, 100)


CUTS = st.lists(st.integers(1, 30), unique=True, max_size=4).map(sorted)


@given(area=st.integers(1, 50_000), rate=st.integers(1, 200_000), cuts=CUTS)
def test_however_often_a_house_is_sold_in_a_month_the_parts_are_the_month(
    area: int, rate: int, cuts: list[int]
) -> None:
    starts = [ALWAYS, *(FIRST + timedelta(days=cut) for cut in cuts)]
    ends = [*(start - timedelta(days=1) for start in starts[1:]), None]
    holders = [Holder(key, start, end, (start, key)) for key, (start, end) in enumerate(zip(starts, ends, strict=True))]
    quantity, per = Decimal(area).scaleb(-2), Decimal(rate).scaleb(-4)
    parts, _none = charge(FIRST, LAST, [Span(quantity, ALWAYS)], [Span(per, ALWAYS)], holders)
    assert sum(part.amount for part in parts) == (quantity * per).quantize(Decimal("0.01"), ROUND_HALF_UP)
    assert [part.segment for part in parts] == list(range(1, len(parts) + 1))
