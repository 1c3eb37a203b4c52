"""The table of clock rules (D4) as an administrator keeps it: what a row may say, and which row speaks of a matter."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.errors import N_, Invalid, Refused
from app.models import Category, ClockPolicy, WorkCalendar
from app.rules.clock_policies import (
    CONDITIONS,
    DONE,
    FOUND,
    LONGEST_MINUTES,
    REGISTERED,
    STARTS,
    Matter,
    Policy,
    PolicyRow,
    fits,
    missing,
    starting,
    weight,
)
from app.rules.codes import ClockName, Kind
from app.services.clock_defaults import default_policies

COLUMNS = ("name", "starts_when", *CONDITIONS, "minutes", "ends_same_day", "calendar", "warn_percent", "active")
"""What a rule says."""

NAMES = tuple(name for name in ClockName if name != ClockName.PROMISE)
"""The clocks a rule may start: a promise sets its own time."""

_TWIN = N_("There is a rule for exactly this already: change that one, or take it out of use.")

_OVER = frozenset({ClockName.DONE, ClockName.INVESTIGATE, ClockName.PLAN, ClockName.MANAGEMENT_REPORT})
"""What finishing the work answers, or makes pointless."""


def check(session: Session, values: Mapping[str, Any], policy_id: int | None = None) -> None:
    """Whether a rule may say this; `values` are all of COLUMNS.

    Raises Invalid for what makes no sense, Refused when another rule in use speaks of exactly the same.
    """
    check_words(session, values)
    if values["active"] and _twin(session, values, policy_id) is not None:
        raise Refused(_TWIN)


def check_words(session: Session, values: Mapping[str, Any]) -> None:
    """Whether a rule makes sense by itself. Raises Invalid."""
    _check_time(values)
    _check_start(values)
    _check_places(session, values)


def check_twins(rules: Sequence[Mapping[str, Any]]) -> None:
    """Whether of these rules no two in use speak of exactly the same. Raises Refused."""
    seen: set[tuple[Any, ...]] = set()
    for values in rules:
        what = tuple(values[column] for column in ("name", "starts_when", *CONDITIONS))
        if values["active"] and what in seen:
            raise Refused(_TWIN)
        if values["active"]:
            seen.add(what)


def _check_time(values: Mapping[str, Any]) -> None:
    minutes, percent = values["minutes"], values["warn_percent"]
    if minutes is None and not values["ends_same_day"]:
        raise Invalid(N_("Give minutes, or let the clock end with the day."))
    if minutes is not None and not 0 <= minutes <= LONGEST_MINUTES:
        raise Invalid(N_("Enter a whole number from %(low)s to %(high)s."), low=0, high=LONGEST_MINUTES)
    if percent is None or not 1 <= percent <= 100:
        raise Invalid(N_("Warn after 1 to 100 percent of the time."))


def _check_start(values: Mapping[str, Any]) -> None:
    name, start = values["name"], values["starts_when"]
    if name not in NAMES:
        raise Invalid(N_("A promise sets its own time: no rule starts it."))
    if start not in STARTS:
        raise Invalid(N_("Say when the clock starts."))
    found = values["validity"] or values["grade"]
    if (found or start == FOUND) and values["kind"] not in (None, Kind.COMPLAINT):
        raise Invalid(N_("Only a complaint gets a finding: choose complaints, or leave the kind open."))
    if found and start == REGISTERED:
        raise Invalid(N_("A finding comes after the registration: let the clock start with the finding."))
    if start == DONE and name in _OVER:
        raise Invalid(N_("The work is finished then: this clock would never be answered."))


def _check_places(session: Session, values: Mapping[str, Any]) -> None:
    if session.scalar(select(WorkCalendar.id).where(WorkCalendar.code == values["calendar"])) is None:
        raise Invalid(N_("There is no such calendar."))
    code = values["category_code"]
    if code is not None and session.scalar(select(Category.id).where(Category.code == code)) is None:
        raise Invalid(N_("There is no such category."))


def _twin(session: Session, values: Mapping[str, Any], policy_id: int | None) -> int | None:
    same = [getattr(ClockPolicy, column).is_not_distinct_from(values[column]) for column in CONDITIONS]
    statement = select(ClockPolicy.id).where(
        ClockPolicy.active,
        ClockPolicy.name == values["name"],
        ClockPolicy.starts_when == values["starts_when"],
        *same,
    )
    return next((found for found in session.scalars(statement) if found != policy_id), None)


def values_of(policy: Any) -> dict[str, Any]:
    """What a rule says, by column."""
    return {column: getattr(policy, column) for column in COLUMNS}


@dataclass(frozen=True)
class Group:
    """The rules of one clock, the most particular first; `fallbacks` speak where none of them does."""

    name: str
    rules: Sequence[ClockPolicy]
    resting: Sequence[ClockPolicy]
    fallbacks: Sequence[Policy]


def groups(session: Session) -> list[Group]:
    """All rules by their clock, in the order of D4. Two statements."""
    rows = session.scalars(select(ClockPolicy).order_by(ClockPolicy.id)).all()
    defaults = default_policies(session)
    found = []
    for name in NAMES:
        mine = sorted((row for row in rows if row.name == name), key=_by_weight)
        found.append(
            Group(
                name,
                [row for row in mine if row.active],
                [row for row in mine if not row.active],
                [one for one in defaults if one.name == name],
            )
        )
    return [group for group in found if group.rules or group.resting or group.fallbacks]


def _by_weight(policy: PolicyRow) -> tuple[Any, ...]:
    count, given = weight(policy)
    return (STARTS.index(policy.starts_when), -count, tuple(not one for one in given))


@dataclass(frozen=True)
class Speaks:
    """The rule that speaks of a matter at a moment, and those that fit and give way to it."""

    rule: PolicyRow
    is_default: bool
    others: Sequence[PolicyRow]


def speaking(session: Session, matter: Matter) -> dict[str, list[Speaks]]:
    """Moment → the clocks such a matter gets then, each with its rule. Two statements."""
    rows = session.scalars(select(ClockPolicy).where(ClockPolicy.active).order_by(ClockPolicy.id)).all()
    defaults = default_policies(session)
    return {moment: _speaking(rows, defaults, moment, matter) for moment in STARTS}


def _speaking(rows: Sequence[ClockPolicy], defaults: Sequence[Policy], moment: str, matter: Matter) -> list[Speaks]:
    chosen = starting(rows, (moment,), matter)
    fitting = [row for row in rows if row.starts_when == moment and fits(row, matter)]
    made = [Speaks(one, False, [row for row in fitting if row.name == one.name and row is not one]) for one in chosen]
    gaps = missing(chosen, (moment,))
    made += [Speaks(one, True, []) for one in defaults if (one.name, one.starts_when) in gaps]
    return sorted(made, key=lambda one: NAMES.index(ClockName(one.rule.name)))
