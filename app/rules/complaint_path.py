"""The path of a complaint upward (D5): who decides, step by step. The steps are data (D1); these are the rules over them."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from app.rules.codes import Role


@dataclass(frozen=True)
class Rung:
    """A step of the path upward: whoever has this role decides there."""

    role: str
    position: int


DEFAULT_RUNGS: tuple[tuple[str, bool], ...] = (
    (Role.ASSISTANT, True),
    (Role.DEPUTY, False),
    (Role.SUPERVISOR, True),
    (Role.MANAGER, True),
    (Role.QUALITY, True),
)
"""D5: who decides, from the first to the last, and whether the step is in use; D1: a deputy where a centre has one."""


def level_of(rungs: Sequence[Rung], *roles: str | None) -> Rung | None:
    """The highest step of these roles (the one it was brought to, its holder's, the actor's); the first step for anybody else.
    None for a path without steps."""
    ordered = sorted(rungs, key=lambda rung: rung.position)
    return max(
        (rung for rung in ordered if rung.role in roles),
        key=lambda rung: rung.position,
        default=ordered[0] if ordered else None,
    )


def may_raise(rungs: Sequence[Rung], level: Rung | None, roles: Iterable[str]) -> bool:
    """Whether somebody in these roles may send a complaint up from this step: who stands below it has done so already, and
    does not pass over the one who decides."""
    own = level_of(rungs, *roles)
    return level is None or own is None or own.position >= level.position


def above(rungs: Iterable[Rung], level: Rung | None) -> list[Rung]:
    """The steps above, the nearest first."""
    ordered = sorted(rungs, key=lambda rung: rung.position)
    return [rung for rung in ordered if level is None or rung.position > level.position]


def rises_by_itself(due_at: datetime, since: datetime) -> bool:
    """Whether a clock that ran out sends its complaint up: once a step, for a time that ended while the present decider had
    it. What ran out before belongs to the step below, which has been left for it already."""
    return due_at > since
