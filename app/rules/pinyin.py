"""How a Chinese name is typed with Latin letters: 张伟 as zhangwei, zhang wei or zw. Pure.

A character may have several readings (单 dan, shan, chan), and which one a family uses only the family knows: all are kept,
as far as a name's readings stay few.
"""

from __future__ import annotations

from itertools import islice, product
from typing import Final

from pypinyin import Style, lazy_pinyin, pinyin

MOST_READINGS: Final = 12
"""Combinations of readings kept of one name."""
LONGEST_NAME: Final = 40
SHORTEST, LONGEST = 2, 30
"""Letters that are taken for pinyin: one alone would find everybody, more is no name."""


def spellings(name: str) -> str:
    """Everything a name may be typed as, each with a blank before it; empty for a name without Chinese characters.

    ` zhangwei zw wei`: whole and by first letters, also from a later character on, so that 欧阳伟 is found by `wei`.
    """
    name = name[:LONGEST_NAME]
    found: dict[str, None] = {}
    for syllables in _readings(name):
        for start in range(len(syllables)):
            rest = syllables[start:]
            for typed in ("".join(rest), "".join(one[0] for one in rest)):
                if len(typed) >= SHORTEST and typed.isascii() and typed[0].isalpha():
                    found[typed] = None
    return "".join(f" {typed}" for typed in found)


def letters(words: str) -> str:
    """What was typed as pinyin: small letters without blanks, apostrophes and the dots of ü; empty where it can be none."""
    plain = words.lower().replace("ü", "v")
    plain = "".join(sign for sign in plain if sign not in " '’-")
    fits = SHORTEST <= len(plain) <= LONGEST and plain.isascii() and plain.isalpha()
    return plain if fits else ""


def _readings(name: str) -> list[tuple[str, ...]]:
    """The readings of a whole name as syllables: the usual one first, then other combinations. ü is v, and also u."""
    usual = tuple(_latin(part) for part in lazy_pinyin(name, style=Style.NORMAL))
    if "".join(usual) == _latin(name):
        return []
    every = pinyin(name, style=Style.NORMAL, heteronym=True)
    parts = [list(dict.fromkeys(_variants(readings))) for readings in every]
    # The first character changes fastest: it is the surname, whose reading is the least certain.
    combined = (reading[::-1] for reading in islice(product(*reversed(parts)), MOST_READINGS))
    return [tuple(filter(None, reading)) for reading in dict.fromkeys((usual, *combined))]


def _variants(readings: list[str]) -> list[str]:
    latin = [_latin(reading) for reading in readings]
    return [*latin, *(one.replace("v", "u") for one in latin if one.startswith(("lv", "nv")))]


def _latin(text: str) -> str:
    return "".join(sign for sign in text.lower().replace("ü", "v") if sign.isalnum())
