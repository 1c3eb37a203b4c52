"""Which house somebody means (D2), spoken or keyed: 三幢二单元十二零一, 3*2*1201, "building three unit two room 1201".

Nothing is guessed: `match` names a house only when building, unit and room were all given and exactly one house fits; everything
else is a short list of candidates to be asked back, or nothing.
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass

MAX_CANDIDATES = 4
MAX_INPUT = 200


@dataclass(frozen=True)
class HouseKey:
    """A real house of the estate: its id, the numbers of building, unit and room, and its name."""

    id: int
    building: str
    unit: str
    room: str
    name: str = ""


@dataclass(frozen=True)
class Reference:
    """What was understood. `compact` is a bare run of digits (`321201`) whose parts are not told apart."""

    building: str | None = None
    unit: str | None = None
    room: str | None = None
    compact: str | None = None

    @property
    def empty(self) -> bool:
        return not (self.building or self.unit or self.room or self.compact)

    @property
    def complete(self) -> bool:
        return bool(self.building and self.unit and self.room)


@dataclass(frozen=True)
class Match:
    """`house` is certain; `candidates` (1 … 4) are to be asked back; neither: not understood or no such house."""

    house: HouseKey | None = None
    candidates: tuple[HouseKey, ...] = ()
    no_such_house: bool = False


_UNITS = {"零": 0, "〇": 0, "○": 0, "幺": 1, "一": 1, "壹": 1, "二": 2, "两": 2, "三": 3, "四": 4, "五": 5}
_UNITS |= {"六": 6, "七": 7, "八": 8, "九": 9}
_SCALES = {"十": 10, "百": 100, "千": 1000}
_CHINESE_RUN = re.compile("[零〇○幺一壹二两三四五六七八九十百千]+")
_TEN = re.compile("([一二三四五六七八九]?)十([一二三四五六七八九]?)")

_WORDS = [
    "zero",
    "one",
    "two",
    "three",
    "four",
    "five",
    "six",
    "seven",
    "eight",
    "nine",
    "ten",
    "eleven",
    "twelve",
    "thirteen",
    "fourteen",
    "fifteen",
    "sixteen",
]
_WORDS += ["seventeen", "eighteen", "nineteen"]
_ENGLISH = {word: str(value) for value, word in enumerate(_WORDS)} | {"oh": "0", "o": "0", "hundred": "00"}
_TENS = {"twenty": 2, "thirty": 3, "forty": 4, "fifty": 5, "sixty": 6, "seventy": 7, "eighty": 8, "ninety": 9}

_BUILDING = re.compile(r"([a-z]?\d{1,3}|[a-z])\s*(?:幢|栋|棟|号楼|號樓|座|大楼|(?:楼|号|动|洞|东)(?=\d{1,2}单元))")
_UNIT = re.compile(r"(\d{1,2})\s*(?:单元|單元|门洞|梯|门(?=\d))")
_FLOOR_ROOM = re.compile(r"(\d{1,2})(?:\s*(?:楼|层)\W{0,2}(\d{1,2})|-(\d{2}))(?!\d)")
_DASHED = re.compile(r"([a-z]?\d{1,3})-(\d{1,2})-(\d{3,4})(?!\d)")
_DASH = re.compile(r"(?<=\d)(?:杠|横杠|横)(?=\d)")
_NUMERAL = "[零〇○幺一二两三四五六七八九十0-9洞拐勾]"
_RADIO = re.compile(
    f"(?<={_NUMERAL})洞(?={_NUMERAL})(?!{_NUMERAL}{{1,2}}单元)|[拐勾](?={_NUMERAL})|(?<={_NUMERAL})[拐勾]"
)
_RADIO_DIGITS = {"洞": "零", "拐": "七", "勾": "九"}
"""0, 7 and 9 as people say them who know the radio."""
_UNIT_UNSAID = re.compile(r"[\W_]*(\d)[\W_]*(\d{4})(?!\d)")
_ROOM = re.compile(r"(\d{3,4})\s*(?:室|房|号)?")
_EN_BUILDING = re.compile(r"(?:building|block|tower)\s*(?:number|no)?\s*(\d{1,3})")
_EN_UNIT = re.compile(r"(?:unit|entrance|staircase)\s*(?:number|no)?\s*(\d{1,2})")
_EN_ROOM = re.compile(r"(?:room|apartment|apt|flat|house)\s*(?:number|no)?\s*(\d[\d ]*)")
_KEYED = re.compile(r"^\s*(\d{1,3})\s*[*\-,\uff0c\u3001/. ]\s*(\d{1,2})\s*[*\-,\uff0c\u3001/. ]\s*(\d{1,4})\s*#?\s*$")


def chinese_to_digits(text: str) -> str:
    """Chinese numerals to Arabic, as rooms are spoken: 幺二零幺 → 1201, 两千零一 → 2001, 十二零一 → 1201, 十二 → 12."""
    return _CHINESE_RUN.sub(lambda found: _chinese_run(found.group()), text)


def _chinese_run(run: str) -> str:
    if "百" in run or "千" in run:
        return str(_positional(run))
    spelled = _TEN.sub(lambda ten: f"{_UNITS.get(ten[1], 1)}{_UNITS.get(ten[2], 0)}", run)
    return "".join(char if char.isdigit() and char.isascii() else str(_UNITS[char]) for char in spelled)


def _positional(run: str) -> int:
    total, digit = 0, 0
    for char in run:
        if char in _SCALES:
            total += (digit or 1) * _SCALES[char]
            digit = 0
        else:
            digit = _UNITS[char]
    # 一千二 is 1200 in speech, 一千零二 is 1002.
    if digit and len(run) >= 2 and run[-2] in _SCALES:
        digit *= max(_SCALES[run[-2]] // 10, 1)
    return total + digit


def _english_to_digits(text: str) -> str:
    out: list[str] = []
    tokens = re.findall(r"[a-z]+|\d+|[^a-z\d\s]+", text)
    index = 0
    while index < len(tokens):
        token = tokens[index]
        following = tokens[index + 1] if index + 1 < len(tokens) else ""
        if token in _TENS:
            low = _ENGLISH.get(following, "")
            if low and low != "0" and len(low) == 1:
                out.append(f"{_TENS[token]}{low}")
                index += 1
            else:
                out.append(f"{_TENS[token]}0")
        else:
            out.append(_ENGLISH.get(token, token))
        index += 1
    return " ".join(out)


def parse(text: str) -> Reference:
    """What house reference a spoken or keyed text holds. Never raises; nonsense is an empty reference."""
    plain = text[:MAX_INPUT].strip().lower()
    plain = plain.translate({0xFF10 + digit: str(digit) for digit in range(10)} | {0xFF0A: "*", 0xFF03: "#"})
    keyed = _KEYED.match(plain)
    if keyed:
        return Reference(keyed[1], keyed[2], keyed[3])
    if re.search("[a-z]", plain):
        english = _parse_english(_english_to_digits(plain))
        if not english.empty:
            return english
    return _parse_chinese(plain_digits(plain))


def plain_digits(text: str) -> str:
    """Chinese words with their numbers in Arabic and without blanks."""
    radio = _RADIO.sub(lambda found: _RADIO_DIGITS[found.group()], text)
    return _DASH.sub("-", re.sub(r"\s+", "", chinese_to_digits(radio)))


def _parse_english(text: str) -> Reference:
    building, unit, room = (pattern.search(text) for pattern in (_EN_BUILDING, _EN_UNIT, _EN_ROOM))
    return Reference(
        building[1] if building else None,
        unit[1] if unit else None,
        room[1].replace(" ", "")[:4] if room else None,
    )


def _parse_chinese(text: str) -> Reference:
    dashed = _DASHED.search(text)
    if dashed:
        return Reference(dashed[1], dashed[2], dashed[3])
    building = _BUILDING.search(text)
    rest = text[building.end() :] if building else text
    unit = _UNIT.search(rest)
    # Most say the room last, some before the unit.
    number = (_number(rest[unit.end() :]) or _number(rest[: unit.start()])) if unit else _number(rest)
    unsaid = _UNIT_UNSAID.match(rest) if building and not unit else None
    if unsaid:
        # 三栋二,1201: five digits are no room. One of the house's own units must be meant, but only "unit" makes it certain.
        number = unsaid[2]
    bare = re.fullmatch(r"(\d{5,9})#?", text)
    if bare:
        return Reference(compact=bare[1])
    return Reference(building[1] if building else None, unit[1] if unit else None, number)


def buildings_in(text: str) -> tuple[str, ...]:
    """The numbers of all buildings that a text names, as `bare` ones in their order."""
    plain = text[:MAX_INPUT].strip().lower()
    found = _EN_BUILDING.findall(_english_to_digits(plain)) if re.search("[a-z]", plain) else []
    digits = plain_digits(plain)
    dashed = _DASHED.search(digits)
    found += [dashed[1]] if dashed else [one[1] for one in _BUILDING.finditer(digits)]
    return tuple(dict.fromkeys(bare(number) for number in found))


def _number(text: str) -> str | None:
    """The room of what follows building and unit: 12楼01, 12-01 or 1201."""
    floor_room, room = _FLOOR_ROOM.search(text), _ROOM.search(text)
    if floor_room and not (room and room.start() < floor_room.start()):
        return f"{int(floor_room[1])}{int(floor_room[2] or floor_room[3]):02d}"
    return room[1] if room else None


_SAID_BUILDING = re.compile("[零〇○幺一二两三四五六七八九十百0-9]+ *(?:幢|栋|棟|号楼|座|号)")


def find(text: str, houses: Iterable[HouseKey]) -> Match:
    """The house a text means. What the words leave open, their sound may answer: then it is asked back, never taken."""
    from app.rules.place_sound import sounds_like

    known = tuple(houses)
    exact = match(parse(text), known)
    if exact.house is not None:
        # 单元时二零一 may be 201, and 1201 as well: what stands right at a number and sounds like one is a doubt, too.
        said = _SAID_BUILDING.search(text)
        other = [house for house in sounds_like(text[said.start() :], known, 1) if house != exact.house] if said else []
        return Match(candidates=(exact.house, *other)[:MAX_CANDIDATES]) if other else exact
    heard = sounds_like(text, known)
    candidates = tuple(dict.fromkeys((*heard, *exact.candidates)))[:MAX_CANDIDATES]
    return Match(candidates=candidates) if candidates else exact


def match(reference: Reference, houses: Iterable[HouseKey]) -> Match:
    """The house meant among the estate's real `houses`; doubt gives candidates, too many give none."""
    if reference.empty:
        return Match()
    if reference.compact:
        fits = [house for house in houses if house.building + house.unit + house.room == reference.compact]
    else:
        fits = [house for house in houses if _fits(reference, house)]
    if not fits:
        return Match(no_such_house=reference.complete or bool(reference.compact))
    if reference.complete and len(fits) == 1:
        return Match(house=fits[0])
    return Match(candidates=tuple(fits)) if len(fits) <= MAX_CANDIDATES else Match()


def _fits(reference: Reference, house: HouseKey) -> bool:
    return all(
        wanted is None or bare(wanted) == bare(real)
        for wanted, real in (
            (reference.building, house.building),
            (reference.unit, house.unit),
            (reference.room, house.room),
        )
    )


def bare(number: str) -> str:
    """A number as it is compared: 03 is 3."""
    return number.strip().lstrip("0").lower() or "0"
