"""Holes in a roster that must cover every hour (D7)."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True)
class Gap:
    """A stretch nobody covers."""

    starts_at: datetime
    ends_at: datetime


def gaps(shifts: Iterable[tuple[datetime, datetime]], start: datetime, end: datetime) -> list[Gap]:
    """The stretches between `start` and `end` that no shift covers; shifts may overlap and come in any order."""
    found = []
    covered_to = start
    for begins, ends in sorted(shifts):
        if begins >= end:
            break
        if begins > covered_to:
            found.append(Gap(covered_to, begins))
        covered_to = max(covered_to, ends)
    if covered_to < end:
        found.append(Gap(covered_to, end))
    return found
