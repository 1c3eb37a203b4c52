"""The evaluation of a survey (D8, D16): answered ÷ asked, satisfaction = answers of 4 or 5 ÷ answers, by building with small
groups merged, against the last survey. Pure: data in, plain data out, so that it can be frozen as it is."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import ROUND_HALF_UP, Decimal
from typing import Any

from app.rules.codes import HouseholdState, QuestionKind
from app.rules.figures import SATISFIED_FROM, Group, merge_small, satisfaction, share

SCORES = (1, 2, 3, 4, 5)
REST = "rest"
_TWO_PLACES = Decimal("0.01")


@dataclass(frozen=True)
class Asked:
    """A household that was asked: its building's code, where it stands, by which way it answered."""

    id: int
    building: str
    state: str
    way: str | None = None


@dataclass(frozen=True)
class Given:
    """One answer of a household to a question (by its key)."""

    household_id: int
    key: str
    score: int | None = None
    chosen: tuple[int, ...] = ()
    has_words: bool = False


@dataclass(frozen=True)
class Shape:
    """A question as it is evaluated. `options`: how many there are to choose from."""

    key: str
    kind: str
    options: int = 0


@dataclass
class _Sum:
    answers: int = 0
    satisfied: int = 0

    def add(self, score: int) -> None:
        self.answers += 1
        self.satisfied += score >= SATISFIED_FROM

    def shown(self) -> dict[str, Any]:
        return {
            "answers": self.answers,
            "satisfied": self.satisfied,
            "rate": _text(share(self.satisfied, self.answers)),
        }


@dataclass
class _Building:
    asked: int = 0
    answered: set[int] = field(default_factory=set)
    scores: _Sum = field(default_factory=_Sum)


def evaluate(
    questions: Sequence[Shape],
    asked: Sequence[Asked],
    given: Iterable[Given],
    smallest: int,
    last: Mapping[str, Any] | None = None,
) -> dict[str, Any]:
    """The figures of a survey as JSON would keep them: counts as numbers, rates as texts with four places or None.

    `last`: the figures of the survey before, of the same questions in the same buildings; questions are compared by key.
    """
    answers = list(given)
    answered = [one for one in asked if one.state == HouseholdState.ANSWERED]
    scores = [one.score for one in answers if one.score is not None]
    made: dict[str, Any] = {
        "asked": len(asked),
        "answered": len(answered),
        "declined": sum(one.state == HouseholdState.DECLINED for one in asked),
        "rate": _text(share(len(answered), len(asked))),
        "satisfaction": _sum(scores).shown(),
        "smallest": smallest,
        "ways": dict(sorted(Counter(str(one.way) for one in answered if one.way).items())),
        "buildings": _by_building(asked, answers, smallest),
        "questions": [_question(shape, [one for one in answers if one.key == shape.key]) for shape in questions],
    }
    if last is not None:
        _compare(made, last)
    return made


def change_points(now: str | None, before: str | None) -> str | None:
    """How many percentage points a rate rose or fell, with one place; None where one of the two is missing."""
    if now is None or before is None:
        return None
    points = (Decimal(now) - Decimal(before)) * 100
    return f"{points.quantize(Decimal('0.1'), ROUND_HALF_UP):+}"


def _sum(scores: Iterable[int]) -> _Sum:
    total = _Sum()
    for score in scores:
        total.add(score)
    return total


def _question(shape: Shape, answers: Sequence[Given]) -> dict[str, Any]:
    made: dict[str, Any] = {"key": shape.key, "kind": str(shape.kind), "answers": len(answers)}
    if shape.kind == QuestionKind.SCORE:
        scores = [one.score for one in answers if one.score is not None]
        made["counts"] = [scores.count(score) for score in SCORES]
        made["mean"] = _mean(scores)
        made["satisfaction"] = _text(satisfaction(scores))
    elif shape.kind in (QuestionKind.CHOICE, QuestionKind.CHOICES):
        counted = Counter(place for one in answers for place in one.chosen)
        made["counts"] = [counted[place] for place in range(shape.options)]
        made["shares"] = [_text(share(counted[place], len(answers))) for place in range(shape.options)]
    return made


def _by_building(asked: Sequence[Asked], answers: Sequence[Given], smallest: int) -> list[dict[str, Any]]:
    """Buildings with fewer answering households than `smallest` are told together, so that nobody is recognised (D14)."""
    found: dict[str, _Building] = defaultdict(_Building)
    at = {one.id: one.building for one in asked}
    for one in asked:
        found[one.building].asked += 1
        if one.state == HouseholdState.ANSWERED:
            found[one.building].answered.add(one.id)
    for answer in answers:
        if answer.score is not None:
            found[at[answer.household_id]].scores.add(answer.score)
    groups = [Group(code, building.asked, frozenset(building.answered)) for code, building in found.items()]
    kept = [group.code for group in merge_small(groups, smallest, REST) if group.code != REST]
    rest = [code for code in found if code not in kept]
    parts = [[code] for code in found if code in kept] + ([rest] if rest else [])
    return [_part(codes, [found[code] for code in codes]) for codes in parts]


def _part(codes: Sequence[str], buildings: Sequence[_Building]) -> dict[str, Any]:
    asked = sum(one.asked for one in buildings)
    answered = sum(len(one.answered) for one in buildings)
    total = _Sum(sum(one.scores.answers for one in buildings), sum(one.scores.satisfied for one in buildings))
    return {
        "codes": list(codes),
        "asked": asked,
        "answered": answered,
        "rate": _text(share(answered, asked)),
        "satisfaction": total.shown(),
    }


def _compare(made: dict[str, Any], last: Mapping[str, Any]) -> None:
    before = {one["key"]: one for one in last.get("questions", [])}
    known = last["satisfaction"]["rate"]
    made["last"] = {
        "asked": last["asked"],
        "answered": last["answered"],
        "rate": last["rate"],
        "satisfaction": known,
        "points": change_points(made["satisfaction"]["rate"], known),
    }
    for question in made["questions"]:
        if question["kind"] == QuestionKind.SCORE and question["key"] in before:
            earlier = before[question["key"]].get("satisfaction")
            question["last"] = {"satisfaction": earlier, "points": change_points(question["satisfaction"], earlier)}


def _mean(scores: Sequence[int]) -> str | None:
    if not scores:
        return None
    return str((Decimal(sum(scores)) / len(scores)).quantize(_TWO_PLACES, ROUND_HALF_UP))


def _text(rate: Decimal | None) -> str | None:
    return None if rate is None else str(rate)
