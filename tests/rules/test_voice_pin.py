"""What can be a telephone PIN, and what everybody would try first."""

import pytest

from app.rules.voice_pin import is_pin, is_weak


@pytest.mark.parametrize(
    ("digits", "may_be"),
    [
        ("482917", True),
        ("48291", False),
        ("4829170", False),
        ("", False),
        ("48a917", False),
        ("４８２９１７", False),
    ],
)
def test_a_pin_has_six_digits(digits, may_be):
    assert is_pin(digits) == may_be


@pytest.mark.parametrize(
    ("pin", "weak"),
    [
        ("000000", True),
        ("123456", True),
        ("987654", True),
        ("121212", True),
        ("123123", True),
        ("567890", True),
        ("482917", False),
        ("112358", False),
    ],
)
def test_what_anybody_would_try_first_is_weak(pin, weak):
    assert is_weak(pin) == weak
