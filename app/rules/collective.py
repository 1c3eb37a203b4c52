"""Five households on the same matter (D5, I8): which tickets are about the same, and when they are a collective matter.

Pure: the tickets of the time around come in, the matter that one of them makes comes out. Households count, never calls.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from app.rules.codes import Kind

KINDS = frozenset({Kind.COMPLAINT.value, Kind.REPAIR.value})
"""Only these are counted (I8)."""

_NO_PLACE = (
    "室内 户内 屋内 家里 家中 厨房 卫生间 洗手间 厕所 浴室 客厅 餐厅 卧室 主卧 次卧 阳台 书房 玄关 "
    "公共区域 公共部位 小区 小区内 本小区 楼内 本楼 楼里"
).split()
_NO_PLACE_EN = (
    "inside the home",
    "public area",
    "home",
    "kitchen",
    "bathroom",
    "toilet",
    "living room",
    "bedroom",
    "balcony",
)


@dataclass(frozen=True)
class Sighting:
    """A ticket as far as it says what and where. `house_id` None is a household nobody knows: evidence, but it counts for none."""

    ticket_id: int
    at: datetime
    house_id: int | None
    building_id: int | None = None
    place: str = ""


@dataclass(frozen=True)
class Matter:
    """Households on the same matter, found by their building or by the place they state; the other is None."""

    building_id: int | None
    place: str | None
    tickets: tuple[Sighting, ...]

    @property
    def households(self) -> frozenset[int]:
        """The different houses."""
        return _houses(self.tickets)


def place_key(text: str | None) -> str:
    """What makes two stated places the same: their letters and digits, without blanks and marks, in one width and case.

    Empty for what is no place others could mean, too: a room of one's own home, or no more than "public area".
    """
    plain = unicodedata.normalize("NFKC", text or "").casefold()
    key = "".join(c for c in plain if unicodedata.category(c)[0] in "LN")
    return "" if key in NO_PLACES else key


def find(one: Sighting, others: Iterable[Sighting], households: int, window: timedelta) -> Matter | None:
    """The matter that `one` makes with `others`, all of one community and category; None below so many households.

    By the building or by the same stated place, whichever brings more households together; both ends of the window count.
    """
    others = [other for other in others if other.ticket_id != one.ticket_id]
    found = []
    for by in (_of_building, _of_place):
        group = [one, *(other for other in others if by(one) and by(other) == by(one))]
        seen = _best_window(one, group, window)
        if len(_houses(seen)) >= households:
            by_building = by is _of_building
            place = None if by_building else place_key(one.place)
            found.append(Matter(one.building_id if by_building else None, place, tuple(seen)))
    return max(found, key=lambda matter: len(matter.households), default=None)


def _best_window(one: Sighting, group: Sequence[Sighting], window: timedelta) -> list[Sighting]:
    """Of all windows that hold `one`, the one with most households: each may be moved back until it ends with a ticket."""
    ordered = sorted(group, key=lambda seen: (seen.at, seen.ticket_id))
    ends = sorted({seen.at for seen in ordered if one.at <= seen.at <= one.at + window})
    windows = [[seen for seen in ordered if end - window <= seen.at <= end] for end in ends]
    return max(windows, key=lambda seen: len(_houses(seen)))


def _of_building(seen: Sighting) -> object:
    return seen.building_id


def _of_place(seen: Sighting) -> object:
    return place_key(seen.place)


def _houses(tickets: Iterable[Sighting]) -> frozenset[int]:
    return frozenset(seen.house_id for seen in tickets if seen.house_id is not None)


NO_PLACES = frozenset({*_NO_PLACE, *("".join(words.split()) for words in _NO_PLACE_EN)})
"""What people state as a place although nobody else would mean the same by it."""
