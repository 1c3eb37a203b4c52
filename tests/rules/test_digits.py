"""What counts as a number from outside."""

import pytest

from app.rules.call_flow.booking import wake_instant
from app.rules.digits import is_number


@pytest.mark.parametrize("text", ["0", "007", "123456789"])
def test_ascii_digits_are_a_number(text: str) -> None:
    assert is_number(text)
    assert int(text) >= 0


@pytest.mark.parametrize("text", ["", "²", "1²", "１２", "٣", "-1", "+1", " 1", "1.0", "1_0", "1234567890"])
def test_everything_else_is_none(text: str) -> None:
    assert not is_number(text)


def test_how_long_it_may_be_is_said() -> None:
    assert is_number("1234567890", 10)
    assert not is_number("123", 2)


def test_a_time_of_day_is_keyed_in_digits_of_a_telephone(now) -> None:
    assert wake_instant("0630", now) is not None
    assert wake_instant("0６30", now) is None
