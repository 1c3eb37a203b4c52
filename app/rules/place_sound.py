"""Houses misheard (D2): speech recognition writes 三动二但愿 for 三栋二单元. Words that sound like numbers, buildings and units are
read as such; what comes out is a list of real houses to be asked back, never an answer.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from itertools import product
from typing import Final

from pypinyin import lazy_pinyin

from app.rules.place import MAX_CANDIDATES, MAX_INPUT, HouseKey, Reference, match, parse

_SYLLABLES: Final = {
    "ling": "零",
    "lin": "零",
    "yao": "一",
    "yi": "一",
    "er": "二",
    "liang": "二",
    "lian": "二",
    "san": "三",
    "shan": "三",
    "si": "四十",
    "shi": "十四",
    "wu": "五",
    "liu": "六",
    "niu": "六",
    "qi": "七",
    "ba": "八",
    "jiu": "九",
    "zhuang": "幢",
    "chuang": "幢",
    "zuang": "幢",
    "dong": "栋",
    "zuo": "座",
    "zhuo": "座",
    "lou": "楼",
    "hao": "号",
}
"""What a syllable may stand for, the likeliest first; no tones, and n for ng, s for sh, l for n as many speak."""

_EXACT: Final = frozenset("零〇○幺一壹二两三四五六七八九十百千幢栋棟座楼号层室房0123456789-")
_UNIT_SOUND: Final = (frozenset(("dan", "dang", "tan")), frozenset(("yuan", "yan", "yun", "yang")))
_ENGLISH: Final = {
    **{"to": "two", "too": "two", "for": "four", "fore": "four", "won": "one", "ate": "eight", "tree": "three"},
    **{"free": "three", "sex": "six", "unite": "unit", "bidding": "building", "rum": "room"},
}
_REACH: Final = 2
_MOST_DOUBTS: Final = 7
"""Doubtful characters that are tried in every combination; 3 ** 7 readings are read in some ten milliseconds."""


def sounds_like(text: str, houses: Iterable[HouseKey], most_changes: int = 99) -> tuple[HouseKey, ...]:
    """The real houses (at most four) that a misheard text may mean, the longest room first, then the least changed."""
    known = {(house.building.lower(), house.unit, house.room): house for house in houses}
    found: dict[HouseKey, int] = {}
    for changes, reading in readings(text[:MAX_INPUT].strip().lower()):
        if changes > most_changes:
            continue
        for house in _houses(parse(reading), known):
            found[house] = min(changes, found.get(house, changes))
    # Of 二零要 behind a unit the longer room is likelier: what sounds like a digit was meant as one.
    return tuple(sorted(found, key=lambda house: (-len(house.room), found[house])))[:MAX_CANDIDATES]


def _houses(reference: Reference, known: dict[tuple[str, str, str], HouseKey]) -> list[HouseKey]:
    if reference.building and reference.unit and reference.room:
        house = known.get((reference.building, reference.unit.lstrip("0"), reference.room.lstrip("0")))
        return [house] if house else []
    if reference.building and reference.room:
        return list(match(reference, known.values()).candidates)
    return []


def readings(text: str) -> Iterable[tuple[int, str]]:
    """(how many characters were changed, the text read so), each combination of the doubtful ones."""
    if re.search("[a-z]{2}", text):
        words = [_ENGLISH.get(word, word) for word in re.findall(r"[a-z]+|\d+|\W", text)]
        yield 1, "".join(words)
        return
    options = _options(_with_units(text))
    for chosen in product(*options):
        changes = sum(char != choices[0] for char, choices in zip(chosen, options, strict=True))
        yield changes, "".join(chosen)


def _with_units(text: str) -> str:
    """Two characters that sound like 单元 are it, when a number stands before them."""
    syllables = _syllables(text)
    out = list(text)
    for index in range(1, len(text) - 1):
        pair = syllables[index] in _UNIT_SOUND[0] and syllables[index + 1] in _UNIT_SOUND[1]
        if pair and (text[index - 1] in _EXACT or syllables[index - 1] in _SYLLABLES):
            out[index], out[index + 1] = "单", "元"
    return "".join(out)


def _options(text: str) -> list[str]:
    """For each character what it may be: itself, and near to numbers or units what it sounds like."""
    syllables, fixed = _syllables(text), [char in _EXACT or char in "单元" for char in text]
    options, doubts = [], 0
    for index, char in enumerate(text):
        sound = _SYLLABLES.get(syllables[index], "")
        near = any(fixed[max(0, index - _REACH) : index + _REACH + 1])
        if fixed[index] or not sound or not near or doubts >= _MOST_DOUBTS:
            options.append(char)
        else:
            doubts += 1
            options.append(char + sound)
    return options


def _syllables(text: str) -> list[str]:
    """One syllable a character; what is no Chinese stands for itself."""
    return [lazy_pinyin(char)[0] if "\u4e00" <= char <= "\u9fff" else char for char in text]
