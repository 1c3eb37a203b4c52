"""Opinion surveys (D8): who makes which, for which period, what a question may be, what an answer must be. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, Final

from app.errors import N_, Forbidden, Invalid
from app.rules.codes import QuestionKind, Role, SurveyCycle

CONDUCTORS: Final[dict[str, frozenset[str]]] = {
    SurveyCycle.MONTHLY: frozenset({Role.STEWARD, Role.MANAGER}),
    SurveyCycle.QUARTERLY: frozenset({Role.STEWARD, Role.MANAGER}),
    SurveyCycle.HALF_YEARLY: frozenset({Role.STEWARD, Role.MANAGER}),
    SurveyCycle.YEARLY: frozenset({Role.MANAGER}),
}
"""Who makes a survey: the steward for the own buildings, the yearly one the manager, who may stand in for a steward."""

WRITERS: Final = frozenset({Role.ADMIN, Role.MANAGER})
"""Who writes the questions."""

TAKERS: Final = frozenset({Role.MANAGER, Role.DEPUTY, Role.SUPERVISOR, Role.ASSISTANT, Role.STEWARD})
"""Who notes what a household says on the telephone or at the door."""

MONTHS: Final = {
    SurveyCycle.MONTHLY: 1,
    SurveyCycle.QUARTERLY: 3,
    SurveyCycle.HALF_YEARLY: 6,
    SurveyCycle.YEARLY: 12,
}
MOST_QUESTIONS, MOST_OPTIONS, LEAST_OPTIONS = 40, 12, 2
TEXT_LIMIT = 1000
CHOOSING: Final = frozenset({QuestionKind.CHOICE, QuestionKind.CHOICES})


@dataclass(frozen=True)
class Question:
    """A question as answers are checked against it. `options`: how many there are."""

    id: int
    kind: str
    required: bool
    options: int = 0


@dataclass(frozen=True)
class Answer:
    """One checked answer: a score, chosen options by their place from 0, or words."""

    question_id: int
    score: int | None = None
    chosen: tuple[int, ...] = ()
    words: str = ""


def period_of(cycle: str, day: date) -> date:
    """The first day of the period a day belongs to."""
    months = MONTHS[SurveyCycle(cycle)]
    return date(day.year, (day.month - 1) // months * months + 1, 1)


def period_end(cycle: str, starts_on: date) -> date:
    """The first day after a period."""
    months = starts_on.month - 1 + MONTHS[SurveyCycle(cycle)]
    return date(starts_on.year + months // 12, months % 12 + 1, 1)


def period_code(cycle: str, starts_on: date) -> str:
    """`2026-11`, `2026-Q4`, `2026-H2`, `2026`."""
    match SurveyCycle(cycle):
        case SurveyCycle.MONTHLY:
            return f"{starts_on:%Y-%m}"
        case SurveyCycle.QUARTERLY:
            return f"{starts_on:%Y}-Q{(starts_on.month + 2) // 3}"
        case SurveyCycle.HALF_YEARLY:
            return f"{starts_on:%Y}-H{(starts_on.month + 5) // 6}"
    return f"{starts_on:%Y}"


def may_conduct(cycle: str, roles: frozenset[str], buildings: frozenset[int], own: frozenset[int]) -> None:
    """Whether somebody may make this survey in these buildings: a steward in the own ones. Raises Forbidden."""
    able = CONDUCTORS[SurveyCycle(cycle)] & roles
    if not able:
        raise Forbidden(
            N_("The yearly survey is made by the manager.")
            if cycle == SurveyCycle.YEARLY
            else N_("This survey is made by the steward of the buildings or by the manager.")
        )
    if Role.MANAGER not in able and not buildings <= own:
        raise Forbidden(N_("A steward makes surveys in the own buildings only."))


def check_answers(questions: Sequence[Question], sent: Mapping[int, Sequence[str]]) -> list[Answer]:
    """The answers of one household. `sent`: question → the values that were sent. Raises Invalid with the number of the first
    question that is not answered as it must be, or when nothing at all was answered."""
    found = []
    for number, question in enumerate(questions, 1):
        answer = _read(question, [value for value in sent.get(question.id, ()) if value.strip()], number)
        if answer is None and question.required:
            raise Invalid(N_("Please answer question %(number)s."), number=number)
        if answer is not None:
            found.append(answer)
    if not found:
        raise Invalid(N_("Please answer at least one question."))
    return found


def _read(question: Question, values: Sequence[str], number: int) -> Answer | None:
    if not values:
        return None
    if question.kind == QuestionKind.TEXT:
        words = values[0].replace("\r\n", "\n").strip()
        if len(words) > TEXT_LIMIT:
            raise Invalid(
                N_("The answer to question %(number)s is too long: at most %(limit)s characters."),
                number=number,
                limit=TEXT_LIMIT,
            )
        return Answer(question.id, words=words)
    most = 5 if question.kind == QuestionKind.SCORE else question.options
    low = 1 if question.kind == QuestionKind.SCORE else 0
    places = sorted({_whole(value, low, low + most - 1, number) for value in values})
    if len(places) > 1 and question.kind != QuestionKind.CHOICES:
        raise Invalid(N_("Question %(number)s has one answer only."), number=number)
    if question.kind == QuestionKind.SCORE:
        return Answer(question.id, score=places[0])
    return Answer(question.id, chosen=tuple(places))


def _whole(text: str, low: int, high: int, number: int) -> int:
    if not text.isascii() or not text.isdecimal() or len(text) > 3 or not low <= int(text) <= high:
        raise Invalid(N_("The answer to question %(number)s is none of those offered."), number=number)
    return int(text)


def check_question(kind: Any, options: Sequence[Any]) -> None:
    """Whether a question has the options its kind needs. Raises Invalid."""
    if kind in CHOOSING and not LEAST_OPTIONS <= len(options) <= MOST_OPTIONS:
        raise Invalid(
            N_("A question to choose from has %(low)s to %(high)s answers, one a line."),
            low=LEAST_OPTIONS,
            high=MOST_OPTIONS,
        )
