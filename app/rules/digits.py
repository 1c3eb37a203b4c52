"""Figures that come from outside. Python takes ² and ٣ for digits as well; no telephone, form or address of ours does. Pure."""

from __future__ import annotations


def is_number(text: str, most: int = 9) -> bool:
    """Whether this is a whole number without a sign in ASCII digits, `most` of them at most."""
    return 0 < len(text) <= most and text.isascii() and text.isdecimal()
