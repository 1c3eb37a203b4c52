"""What a row of the import sheet says (issue 2, line 2): house, person, phones and tenure, or what is wrong with it. Pure.

A row is one person of one house; further rows of the same house add people. Only building, unit and room are needed.
"""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal, InvalidOperation
from typing import Any

import phonenumbers

from app.errors import N_
from app.rules.codes import HouseState, TenureRole
from app.rules.sheet_cells import Problem, Wrong, day_of, text_of

HEADER_WITHIN_ROWS = 10
LONGEST_NAME = 80
MOST_PHONES = 10
LARGEST_AREA = Decimal(100_000)

HEADERS: dict[str, tuple[str, ...]] = {
    "building": ("楼栋", "楼号", "幢", "building"),
    "unit": ("单元", "unit"),
    "room": ("房号", "室号", "room"),
    "floor": ("楼层", "floor"),
    "area": ("面积", "建筑面积", "area"),
    "state": ("房屋状态", "状态", "state"),
    "name": ("姓名", "业主姓名", "name"),
    "role": ("身份", "与房屋关系", "role"),
    "phones": ("电话", "手机", "联系电话", "phones", "phone"),
    "email": ("邮箱", "电子邮箱", "e-mail", "email"),
    "since": ("起始日期", "入住日期", "since"),
    "until": ("截止日期", "until"),
}
"""Column → the titles it may carry, in Chinese or English; what stands in brackets behind a title is passed over."""

REQUIRED = ("building", "unit", "room")

_STATES = {
    "未售": HouseState.UNSOLD,
    "已交付": HouseState.HANDED_OVER,
    "空置": HouseState.VACANT,
    "自住": HouseState.OCCUPIED,
    "入住": HouseState.OCCUPIED,
    "已入住": HouseState.OCCUPIED,
    "装修": HouseState.RENOVATING,
    "装修中": HouseState.RENOVATING,
    "出租": HouseState.LET,
    "已出租": HouseState.LET,
} | {state.value: state for state in HouseState}
_ROLES = {
    "业主": TenureRole.OWNER,
    "产权人": TenureRole.OWNER,
    "租户": TenureRole.TENANT,
    "租客": TenureRole.TENANT,
    "家属": TenureRole.FAMILY,
    "家人": TenureRole.FAMILY,
    "代理人": TenureRole.AGENT,
} | {role.value: role for role in TenureRole}

_NUMBER = re.compile(r"[0-9A-Za-z一-鿿-]{1,12}")
_MAIL = re.compile(r"[^\s@<>,;]{1,64}@[^\s@<>,;]{1,180}\.[^\s@<>,;]{2,}")
_CHINESE_MOBILE = re.compile(r"\+861[3-9]\d{9}")
_BETWEEN_PHONES = re.compile(r"[;；、,，/\n]+")


@dataclass(frozen=True)
class SheetRow:
    """One good row. What was left empty is None."""

    row: int
    building: str
    unit: str
    room: str
    floor: int | None
    area_m2: Decimal | None
    state: HouseState | None
    name: str | None
    role: TenureRole
    phones: tuple[str, ...]
    email: str | None
    since: date | None
    until: date | None

    @property
    def key(self) -> tuple[str, str, str]:
        """Building, unit and room: the house."""
        return (self.building, self.unit, self.room)

    @property
    def house_name(self) -> str:
        """What the house is called: 3幢2单元1201."""
        return f"{self.building}幢{self.unit}单元{self.room}"


def read_rows(cells: Sequence[Sequence[Any]]) -> tuple[list[SheetRow], list[Problem]]:
    """Good rows and problems. Both may be empty; with any problem nothing of the sheet is to be written."""
    place = _find_header(cells)
    if place is None:
        titles = "、".join(HEADERS[name][0] for name in REQUIRED)
        msgid = N_("The header row was not found: the sheet needs the columns %(titles)s.")
        return [], [Problem(1, "", msgid, {"titles": titles})]
    header_row, columns = place
    rows: list[SheetRow] = []
    problems: list[Problem] = []
    for number, row in enumerate(cells[header_row + 1 :], start=header_row + 2):
        values = {name: row[index] if index < len(row) else None for name, index in columns.items()}
        if all(value is None or str(value).strip() == "" for value in values.values()):
            continue
        good = _read_row(number, values, problems)
        if good is not None:
            rows.append(good)
    problems.extend(_contradictions(rows))
    if not rows and not problems:
        problems.append(Problem(header_row + 2, "", N_("The sheet has no rows."), {}))
    return rows, sorted(problems, key=lambda problem: problem.row)


def _find_header(cells: Sequence[Sequence[Any]]) -> tuple[int, dict[str, int]] | None:
    for number, row in enumerate(cells[:HEADER_WITHIN_ROWS]):
        columns: dict[str, int] = {}
        for index, value in enumerate(row):
            name = _column_of(value)
            if name is not None:
                columns.setdefault(name, index)
        if all(name in columns for name in REQUIRED):
            return number, columns
    return None


def _column_of(title: Any) -> str | None:
    words = re.split(r"[(（*\n]", str(title or "").strip().lower())[0].strip()
    parts = {words, *words.split(" ")}
    return next((name for name, titles in HEADERS.items() if not parts.isdisjoint(titles)), None)


def _read_row(number: int, values: Mapping[str, Any], problems: list[Problem]) -> SheetRow | None:
    read: dict[str, Any] = {}
    before = len(problems)
    for name, reader in _READERS.items():
        value = values.get(name)
        try:
            read[name] = reader(value)
        except Wrong as wrong:
            problems.append(Problem(number, name, wrong.msgid, wrong.params))
    for name, msgid in _left_out(read):
        problems.append(Problem(number, name, msgid, {}))
    if len(problems) > before:
        return None
    return SheetRow(row=number, role=read.pop("role") or TenureRole.OWNER, area_m2=read.pop("area"), **read)


def _left_out(read: Mapping[str, Any]) -> Iterable[tuple[str, str]]:
    for name in REQUIRED:
        if name in read and read[name] is None:
            yield name, N_("This cell must not be empty.")
    if "name" in read and read["name"] is None and (read.get("phones") or read.get("email")):
        yield "name", N_("A phone or e-mail needs the person's name.")
    since, until = read.get("since"), read.get("until")
    if since and until and until < since:
        yield "until", N_("The end lies before the beginning.")


def _contradictions(rows: Iterable[SheetRow]) -> Iterable[Problem]:
    first: dict[tuple[str, str, str], SheetRow] = {}
    people: dict[tuple[object, ...], int] = {}
    for row in rows:
        other = first.setdefault(row.key, row)
        for column, mine, theirs in (("area", row.area_m2, other.area_m2), ("state", row.state, other.state)):
            if mine is not None and theirs is not None and mine != theirs:
                msgid = N_("Row %(other)s says something else about the same house.")
                yield Problem(row.row, column, msgid, {"other": other.row})
        if row.name is not None:
            same = people.setdefault((row.key, row.name, row.role), row.row)
            if same != row.row:
                yield Problem(row.row, "name", N_("The same person stands in row %(other)s already."), {"other": same})


# -- cells -------------------------------------------------------------------------------------------------------------


def _number_without(suffixes: str) -> Any:
    def read(value: Any) -> str | None:
        text = text_of(value, 20)
        if text is None:
            return None
        text = re.sub(f"({suffixes})$", "", text.replace(" ", ""))
        if not _NUMBER.fullmatch(text):
            raise Wrong(N_("%(value)s is no number of a building, unit or room."), value=text)
        return text

    return read


def parse_area(value: Any) -> Decimal | None:
    """Square metres above zero with two places at most, as a number or as text. Raises for anything else."""
    text = text_of(value, 30)
    if text is None:
        return None
    try:
        area = Decimal(re.sub(r"\s*(㎡|m²|m2|平方米|平米)$", "", text).replace(",", ""))
    except InvalidOperation:
        raise Wrong(N_("%(value)s is no area in square metres."), value=text) from None
    if not area.is_finite() or not 0 < area <= LARGEST_AREA:
        raise Wrong(N_("%(value)s is no area in square metres."), value=text)
    if area != area.quantize(Decimal("0.01")):
        raise Wrong(N_("An area has two decimal places at most, not %(value)s."), value=text)
    return area.quantize(Decimal("0.01"))


def parse_phones(value: Any) -> tuple[str, ...]:
    """Telephone numbers in E.164, read as Chinese ones unless they say otherwise; several are separated by ; 、 , or /."""
    text = text_of(value, 300)
    numbers: list[str] = []
    for part in _BETWEEN_PHONES.split(text or ""):
        if part.strip():
            number = _phone(part.strip())
            if number not in numbers:
                numbers.append(number)
    if len(numbers) > MOST_PHONES:
        raise Wrong(N_("At most %(limit)s telephone numbers a person."), limit=MOST_PHONES)
    return tuple(numbers)


def _phone(text: str) -> str:
    try:
        parsed = phonenumbers.parse(text, "CN")
    except phonenumbers.NumberParseException:
        raise Wrong(N_("%(value)s is no telephone number."), value=text) from None
    number = phonenumbers.format_number(parsed, phonenumbers.PhoneNumberFormat.E164)
    # New mobile ranges are handed out faster than the library learns of them.
    if parsed.extension or not (phonenumbers.is_valid_number(parsed) or _CHINESE_MOBILE.fullmatch(number)):
        raise Wrong(N_("%(value)s is no telephone number."), value=text)
    return number


def _floor(value: Any) -> int | None:
    text = text_of(value, 20)
    if text is None:
        return None
    text = re.sub(r"(层|楼|F|f)$", "", text)
    if not re.fullmatch(r"-?\d{1,3}", text):
        raise Wrong(N_("%(value)s is no floor."), value=text)
    return int(text)


def _word(table: Mapping[str, Any]) -> Any:
    def read(value: Any) -> Any:
        text = text_of(value, 30)
        if text is None:
            return None
        if text.lower() not in table:
            words = "、".join(word for word in table if not word.isascii())
            raise Wrong(N_("%(value)s is not one of: %(choices)s."), value=text, choices=words)
        return table[text.lower()]

    return read


def _mail(value: Any) -> str | None:
    text = text_of(value, 254)
    if text is not None and not _MAIL.fullmatch(text):
        raise Wrong(N_("%(email)s is no e-mail address."), email=text)
    return text


_READERS: dict[str, Any] = {
    "building": _number_without("幢|栋|座|号楼|楼"),
    "unit": _number_without("单元"),
    "room": _number_without("室|号"),
    "floor": _floor,
    "area": parse_area,
    "state": _word(_STATES),
    "name": lambda value: text_of(value, LONGEST_NAME),
    "role": _word(_ROLES),
    "phones": parse_phones,
    "email": _mail,
    "since": day_of,
    "until": day_of,
}
