"""What a reviewer writes is checked against every known name, phone and home of the community before it enters (D14, I8)."""

import re
from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.models import House, Person, PersonPhone, Phone, Tenure

_ROOM = re.compile(
    r"\d+\s*(?:幢|栋|号楼|座)(?:\s*\d+\s*单元)?\s*\d{3,4}|(?<!\d)\d{3,4}\s*(?:室|房|号房|户)|\b(?:room|flat|apartment)\s*\d{3,4}",
    re.I,
)
_DIGITS = re.compile(r"\+?\d[\d\s\-()]{5,}\d")
_HAN = r"\u3400-\u9fff\U00020000-\U0003ffff"
_TITLES = "先生|女士|小姐|太太|老师|阿姨|叔叔|奶奶|爷爷|师傅|一家|家|业主|业户|住户|租户|房"


@dataclass(frozen=True)
class Found:
    """Parts of a text that point to a household. `certain` may never be printed; `maybe` look like a name inside other
    words (高明 in 提高明显) and may be confirmed by the reviewer."""

    certain: tuple[str, ...] = ()
    maybe: tuple[str, ...] = ()


@dataclass(frozen=True)
class Households:
    """What must not be printed: names, telephones and homes of a community's households, those of former ones included."""

    names: frozenset[str]
    phones: frozenset[str]
    houses: frozenset[str]


def known_households(session: Session, community_id: int) -> Households:
    """Read once for all the texts of a report. Three statements."""
    homes = select(House.id).where(House.community_id == community_id)
    people = select(Tenure.person_id).where(Tenure.house_id.in_(homes))
    phones = (
        select(Phone.number)
        .join(PersonPhone, PersonPhone.phone_id == Phone.id)
        .where(PersonPhone.person_id.in_(people))
    )
    return Households(
        frozenset(session.scalars(select(Person.name).where(Person.id.in_(people)))),
        frozenset(session.scalars(phones)),
        frozenset(session.scalars(select(House.name).where(House.community_id == community_id))),
    )


def find_personal(known: Households, text: str) -> Found:
    """What of the households stands in `text`."""
    if not text.strip():
        return Found()
    lowered = text.lower()
    # The few that stand in the text at all are looked at closely: a pattern for each of thousands would take seconds.
    named = [name for name in known.names if len(name) > 1 and name.lower() in lowered]
    certain = [name for name in named if _stands_alone(name, text)]
    maybe = [name for name in named if name in text and name not in certain]
    certain += [house for house in known.houses if house and house in text]
    certain += [match.group(0) for match in _ROOM.finditer(text)]
    certain += [number for number in _numbers(text) if any(_same_number(number, phone) for phone in known.phones)]
    return Found(tuple(sorted(set(certain))), tuple(sorted(set(maybe))))


def _stands_alone(name: str, text: str) -> bool:
    """Whether a name stands as a word: no Chinese character on either side but a title, or word boundaries in Latin."""
    quoted = re.escape(name)
    if name.isascii():
        return re.search(rf"\b{quoted}\b", text, re.I) is not None
    return re.search(rf"(?<![{_HAN}]){quoted}(?![{_HAN}])|{quoted}(?:{_TITLES})", text) is not None


def _numbers(text: str) -> list[str]:
    return [match.group(0) for match in _DIGITS.finditer(text)]


def _same_number(written: str, known: str) -> bool:
    digits = re.sub(r"\D", "", written)
    return len(digits) >= 7 and re.sub(r"\D", "", known).endswith(digits[-11:])
