"""Emergency plans (D7): which one is opened with a matter, who moves a version on, what changed between two. Pure.

What a version says is plain JSON: `{name, name_en, words: [text], categories: [code], steps: [{key, zh, en, post, minutes}],
numbers: [{number, zh, en}], things: [{zh, en, place, place_en}]}`. A step keeps its `key` from version to version.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from app.errors import N_, Forbidden, Refused
from app.rules.codes import PlanKind, PlanState, Role

Content = Mapping[str, Any]

MOST_STEPS, MOST_NUMBERS, MOST_THINGS = 14, 10, 10
"""As much as still fits on two pages on the wall."""

_FIRST = list(PlanKind)
"""What is told apart by the danger to life: fire before gas, gas before water."""
_LIFE = (PlanKind.FIRE, PlanKind.GAS)


@dataclass(frozen=True)
class Candidate:
    """A plan in force. `own`: of the matter's community, not of all."""

    version_id: int
    kind: str
    own: bool
    content: Content


@dataclass(frozen=True)
class Choice:
    """The plan for a matter. `fits` is False for the general one; `word` is the word of the plan that decided, if any."""

    version_id: int
    fits: bool
    word: str = ""


def choose(candidates: Iterable[Candidate], text: str, category: str | None) -> Choice | None:
    """A plan whose words occur in what was said: fire and gas before all else, then the longest word; else one of the category;
    else the general plan.

    Of equals the community's own before that for all, then the one against the greater danger. None: the library is empty.
    """
    known = sorted(candidates, key=lambda one: (not one.own, _FIRST.index(PlanKind(one.kind)), one.version_id))
    special = [one for one in known if one.kind != PlanKind.GENERAL]
    plain = text.casefold()
    hits = [(one, word) for one in special for word in one.content["words"] if word and word.casefold() in plain]
    if hits:
        best, word = max(hits, key=lambda hit: (*(hit[0].kind == kind for kind in _LIFE), len(hit[1])))
        return Choice(best.version_id, True, word)
    for one in special:
        if category and category in one.content["categories"]:
            return Choice(one.version_id, True)
    general = next((one for one in known if one.kind == PlanKind.GENERAL), None)
    return Choice(general.version_id, False) if general else None


# ---- a version's way -------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Step:
    """One row: from which states to which, and who takes it, for a community's plan and for one of all communities."""

    sources: frozenset[str]
    target: PlanState
    roles: frozenset[str]
    company: frozenset[str]


WRITERS = frozenset({Role.ADMIN, Role.MANAGER, Role.DEPUTY, Role.SUPERVISOR})
COMPANY_WRITERS = frozenset({Role.ADMIN, Role.QUALITY})
_ON_ITS_WAY = frozenset({PlanState.DRAFT, PlanState.REVIEWED})

STEPS: dict[str, Step] = {
    "review": Step(
        frozenset({PlanState.DRAFT}),
        PlanState.REVIEWED,
        frozenset({Role.SUPERVISOR}),
        frozenset({Role.QUALITY}),
    ),
    "return": Step(
        frozenset({PlanState.REVIEWED}),
        PlanState.DRAFT,
        frozenset({Role.SUPERVISOR, Role.MANAGER, Role.DEPUTY}),
        COMPANY_WRITERS,
    ),
    "force": Step(
        frozenset({PlanState.REVIEWED}),
        PlanState.IN_FORCE,
        frozenset({Role.MANAGER, Role.DEPUTY}),
        frozenset({Role.ADMIN}),
    ),
    "drop": Step(_ON_ITS_WAY, PlanState.DROPPED, WRITERS, COMPANY_WRITERS),
}
"""What a row does not allow is refused (D15: the supervisor reviews, the manager signs)."""


def writers(company: bool) -> frozenset[str]:
    """Who writes a plan of all communities, or of one."""
    return COMPANY_WRITERS if company else WRITERS


def decide(name: str, state: str, company: bool, roles: frozenset[str]) -> Step:
    """The step, if it may be taken. Raises Forbidden for the role, Refused for the state."""
    step = STEPS[name]
    if not roles & (step.company if company else step.roles):
        raise Forbidden(N_("Your role does not allow this step."))
    if state not in step.sources:
        raise Refused(N_("This version has moved on already: look at it again."))
    return step


def allowed(state: str, company: bool, roles: frozenset[str]) -> list[str]:
    """The steps somebody may take now."""
    return [
        name
        for name, step in STEPS.items()
        if state in step.sources and roles & (step.company if company else step.roles)
    ]


# ---- what changed ----------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Change:
    """One difference: `what` is name, words, categories, step, number or thing; a side is None where it is absent."""

    what: str
    before: Any
    after: Any


def changes(before: Content, after: Content) -> list[Change]:
    """What two versions say differently, in the order of the plan. A step that only changed its place is one, too."""
    made = [Change(name, before.get(name), after.get(name)) for name in _HEADS if before.get(name) != after.get(name)]
    for what, name, key in _PARTS:
        made += _of_part(what, before[name], after[name], key)
    return made


_HEADS = ("name", "name_en", "words", "categories")
_PARTS = (("step", "steps", "key"), ("number", "numbers", "number"), ("thing", "things", "zh"))


def _of_part(what: str, before: list[Any], after: list[Any], key: str) -> list[Change]:
    old = {one[key]: {**one, "place_in_order": place} for place, one in enumerate(before, 1)}
    new = {one[key]: {**one, "place_in_order": place} for place, one in enumerate(after, 1)}
    moved = [one for one in old if one in new] != [one for one in new if one in old]
    made = []
    for name in [*new, *(name for name in old if name not in new)]:
        one, other = old.get(name), new.get(name)
        if one is None or other is None or _differ(one, other, order=moved and what == "step"):
            made.append(Change(what, one, other))
    return made


def _differ(one: Mapping[str, Any], other: Mapping[str, Any], *, order: bool) -> bool:
    return any(one[name] != other[name] for name in one if order or name != "place_in_order")
