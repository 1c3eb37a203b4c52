"""The telephone PIN of an owner (D15): which six digits are none, and where it stands. Pure."""

from enum import StrEnum
from typing import Final

LENGTH: Final = 6
_RUNS = ("01234567890", "09876543210")


class PinState(StrEnum):
    """Whether sums may be asked for."""

    NONE = "none"
    SET = "set"
    LOCKED = "locked"


def is_pin(digits: str) -> bool:
    """Whether this can have been meant as a PIN: six digits, nothing else."""
    return len(digits) == LENGTH and digits.isascii() and digits.isdigit()


def is_weak(pin: str) -> bool:
    """Whether anybody would try it first: one digit repeated, two or three in turn, up or down the keys."""
    repeated = any(pin == pin[:size] * (LENGTH // size) for size in (1, 2, 3))
    return repeated or any(pin in run for run in _RUNS)
