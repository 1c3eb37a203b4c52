"""Whether a complaint belongs to a collective matter (D5), and how many of its households nobody has visited yet.

The closing of a complaint asks here. Whoever keeps collective matters answers with `answers`; without anybody who does,
no complaint is one.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from sqlalchemy.orm import Session

from app.models import Ticket


@dataclass(frozen=True)
class Collective:
    """A collective matter as the closing sees it: its households, and how many of them were not visited in person yet."""

    households: int
    unvisited: int


Source = Callable[[Session, Ticket], Collective | None]
_sources: list[Source] = []


def answers(source: Source) -> Source:
    """Register who knows collective matters: a function of a ticket, None for one that belongs to none."""
    if source not in _sources:
        _sources.append(source)
    return source


def collective_of(session: Session, ticket: Ticket) -> Collective | None:
    """The collective matter a complaint belongs to, if any."""
    return next((found for source in _sources if (found := source(session, ticket)) is not None), None)
