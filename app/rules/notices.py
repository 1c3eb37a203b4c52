"""Whom a notice reaches (D13, D7): from the households of the chosen places to one line a house and way. Pure."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from app.rules.codes import TargetReason, TargetState, TargetWay, TenureRole

ORDER = {TenureRole.TENANT: 0, TenureRole.OWNER: 1, TenureRole.FAMILY: 2, TenureRole.AGENT: 3}
"""Who is told first in a household: who lives there, then who owns it."""

NO_LOGIN = "no_login"
"""Why a notice that stands on the web alone does not reach somebody."""


@dataclass(frozen=True)
class Number:
    """A telephone of somebody: for texts only a mobile one that has not answered STOP; `refused`: wants no such calls."""

    number: str
    texts: bool
    refused: bool = False


@dataclass(frozen=True)
class Member:
    """Somebody of a household, with numbers in the order they are tried."""

    person_id: int
    role: str
    locale: str
    numbers: tuple[Number, ...]
    stopped: bool = False
    """Whether a mobile number of theirs answered STOP."""


@dataclass(frozen=True)
class Household:
    """A house with who is tied to it today; `logs_in`: somebody there reads notices on the web."""

    house_id: int
    name: str
    members: tuple[Member, ...] = ()
    logs_in: bool = False


@dataclass(frozen=True)
class Line:
    """One call or text that is made, or why none is."""

    house_id: int
    way: str
    person_id: int | None = None
    number: str | None = None
    locale: str = "zh"
    state: str = TargetState.PLANNED
    reason: str | None = None


@dataclass
class Reach:
    """What sending would come to: households in all, reached by some way, not reached by any (reason → households)."""

    households: int = 0
    reached: int = 0
    by_way: Counter[str] = field(default_factory=Counter)
    not_reached: Counter[str] = field(default_factory=Counter)


def lines(households: Iterable[Household], ways: Sequence[str], *, everybody: bool) -> list[Line]:
    """A line a household and way: the first of it that can be reached, or `everybody` of it (an alert). A number that is
    shared by households is called once."""
    found: list[Line] = []
    taken: set[tuple[str, str]] = set()
    for household in households:
        for way in ways:
            for line in _of(household, way, everybody):
                key = (way, line.number or "")
                if line.state == TargetState.PLANNED and key in taken:
                    line = Line(line.house_id, way, line.person_id, line.number, line.locale, TargetState.SHARED)
                taken.add(key)
                found.append(line)
    return found


def reach(households: Sequence[Household], planned: Iterable[Line], *, by_web: bool) -> Reach:
    """Count households, not numbers."""
    told: dict[int, set[str]] = {}
    why: dict[int, str] = {}
    for line in planned:
        if line.state == TargetState.IMPOSSIBLE:
            why.setdefault(line.house_id, str(line.reason))
        else:
            told.setdefault(line.house_id, set()).add(line.way)
    counted = Reach(households=len(households))
    for household in households:
        ways = told.get(household.house_id, set()) | ({"web"} if by_web and household.logs_in else set())
        counted.by_way.update(ways)
        if ways:
            counted.reached += 1
        else:
            counted.not_reached[why.get(household.house_id, _without_ways(household))] += 1
    return counted


def _of(household: Household, way: str, everybody: bool) -> list[Line]:
    members = sorted(household.members, key=lambda member: (ORDER.get(TenureRole(member.role), 9), member.person_id))
    reached = [
        Line(household.house_id, way, member.person_id, number.number, member.locale)
        for member in members
        for number in member.numbers
        if not number.refused and (way == TargetWay.VOICE or number.texts)
    ]
    if reached:
        return _once_each(reached) if everybody else reached[:1]
    return [Line(household.house_id, way, state=TargetState.IMPOSSIBLE, reason=_reason(members, way))]


def _once_each(found: list[Line]) -> list[Line]:
    return list({line.number: line for line in reversed(found)}.values())[::-1]


def _reason(members: Sequence[Member], way: str) -> TargetReason:
    if not members:
        return TargetReason.NO_PERSON
    numbers = [number for member in members for number in member.numbers]
    if not numbers:
        return TargetReason.NO_NUMBER
    if all(number.refused for number in numbers) or any(member.stopped for member in members):
        return TargetReason.OPTED_OUT
    return TargetReason.NO_MOBILE


def _without_ways(household: Household) -> str:
    return TargetReason.NO_PERSON if not household.members else NO_LOGIN
