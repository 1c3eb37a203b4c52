"""How long work that was handed in may wait to be accepted (D3), and who answers for it after that. Pure."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

from app.rules.codes import Role

RANKS = {Role.STEWARD: 0, Role.ASSISTANT: 0, Role.SUPERVISOR: 1, Role.DEPUTY: 2, Role.MANAGER: 3}
"""Whoever may accept work → how high they stand: what one lets lapse goes to their head."""


@dataclass(frozen=True)
class Moments:
    """When whoever was asked is reminded, and when it is passed on."""

    warn_at: datetime
    due_at: datetime


def moments(asked_at: datetime, answer_minutes: int, warn_percent: int) -> Moments:
    """From the moment somebody was asked: warned after so many percent of the time, due at its end."""
    whole = timedelta(minutes=answer_minutes)
    return Moments(asked_at + whole * warn_percent / 100, asked_at + whole)


@dataclass(frozen=True)
class Head:
    """Somebody who may accept the work, as the rule sees them."""

    staff_id: int
    role: str
    department_id: int | None = None
    leads: bool = False

    @property
    def height(self) -> tuple[int, bool]:
        """Rank, and among equals the head of a department."""
        return RANKS.get(Role(self.role), -1), self.leads


def next_up(asked: Head, able: Iterable[Head]) -> Head | None:
    """Whom it is passed on to: the head of the same department, else the lowest of those who stand higher; None: nobody does.

    Whoever it goes to stands higher than who had it, so that it comes to an end.
    """
    higher = [one for one in able if one.staff_id != asked.staff_id and one.height > asked.height]
    if not higher:
        return None
    same = [one for one in higher if one.leads and one.department_id == asked.department_id is not None]
    return min(same or higher, key=lambda one: (one.height, one.staff_id))


def below(role: str) -> frozenset[str]:
    """The roles that stand lower than this one among those who accept work."""
    rank = RANKS.get(Role(role), -1) if role in set(Role) else -1
    return frozenset(other for other, height in RANKS.items() if height < rank)
