"""The order in which a technician walks: what presses first, and of what presses alike the nearest next (D3). Pure."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

EMERGENCY, LATE, SOON, LATER = range(4)
SOON_WITHIN = timedelta(hours=2)


@dataclass(frozen=True)
class Stop:
    """A job: `position` is its building's place in the estate's plan (None: unknown), `here` that the work goes on there now."""

    id: int
    urgency: int
    position: int | None = None
    floor: int = 0
    here: bool = False


def urgency(now: datetime, due_at: datetime | None, *, emergency: bool, pressing: bool) -> int:
    """How much a job presses: `pressing` when a time of it ran out or the household asked again."""
    if emergency:
        return EMERGENCY
    if pressing or (due_at is not None and due_at <= now):
        return LATE
    return SOON if due_at is not None and due_at - now <= SOON_WITHIN else LATER


def walk(stops: Iterable[Stop]) -> list[int]:
    """The ids in order. Within one urgency: from where one is to the nearest building, in it from the lowest floor up; where the
    place is unknown, last; else as they came."""
    left = list(stops)
    at = next((stop.position for stop in left if stop.here and stop.position is not None), None)
    order: list[int] = []
    while left:
        most = min(stop.urgency for stop in left)
        best = min((stop for stop in left if stop.urgency == most), key=lambda stop: _nearness(stop, at))
        left.remove(best)
        order.append(best.id)
        at = best.position if best.position is not None else at
    return order


def _nearness(stop: Stop, at: int | None) -> tuple[bool, int, int]:
    if stop.position is None:
        return (True, 0, 0)
    return (False, abs(stop.position - at) if at is not None else 0, stop.floor)
