"""Who is on duty (D7), from the shifts of a roster: at an instant, over a stretch of time, and what is wrong with it."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import groupby, pairwise
from typing import Generic, Protocol, TypeVar

from app.rules.codes import RosterTrouble


class Shift(Protocol):
    """What is asked of a shift: whose it is, from when until when, and whether it takes the place of what was planned."""

    @property
    def id(self) -> int: ...
    @property
    def community_id(self) -> int: ...
    @property
    def tier(self) -> str: ...
    @property
    def staff_id(self) -> int: ...
    @property
    def starts_at(self) -> datetime: ...
    @property
    def ends_at(self) -> datetime: ...
    @property
    def is_override(self) -> bool: ...


S = TypeVar("S", bound=Shift)


@dataclass(frozen=True)
class Gap:
    """A stretch nobody covers."""

    starts_at: datetime
    ends_at: datetime


@dataclass(frozen=True)
class Stretch(Generic[S]):
    """A stretch of time in which the same shifts of a duty are in force; empty where nobody is on duty."""

    starts_at: datetime
    ends_at: datetime
    shifts: tuple[S, ...]


@dataclass(frozen=True)
class Double:
    """Two people on one duty, or one person on two, for as long as it lasts. `posts` are (community, tier)."""

    trouble: RosterTrouble
    starts_at: datetime
    ends_at: datetime
    posts: tuple[tuple[int, str], ...]
    staff_ids: tuple[int, ...]


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


def in_force(shifts: Iterable[S], now: datetime) -> list[S]:
    """The shifts of **one duty** that hold at this instant: overrides where there are any, else what is planned.

    A shift holds from its first instant and no longer at its last; the one that began last comes first.
    """
    here = [shift for shift in shifts if shift.starts_at <= now < shift.ends_at]
    winning = [shift for shift in here if shift.is_override]
    return sorted(winning or here, key=lambda shift: (-shift.starts_at.timestamp(), shift.id))


def on_duty(shifts: Iterable[S], now: datetime) -> list[S]:
    """The shifts of **all duties** that hold at this instant, duty by duty in the order they come."""
    by_post: dict[tuple[int, str], list[S]] = {}
    for shift in shifts:
        by_post.setdefault((shift.community_id, shift.tier), []).append(shift)
    return [held for post in by_post.values() for held in in_force(post, now)]


def stretches(shifts: Sequence[S], start: datetime, end: datetime) -> list[Stretch[S]]:
    """One duty from `start` to `end` without a break: who is on duty when. Neighbours with the same shifts are one stretch."""
    pieces = [(begins, ends, tuple(in_force(shifts, begins))) for begins, ends in pairwise(_edges(shifts, start, end))]
    made = []
    for _ids, run in groupby(pieces, key=lambda piece: [shift.id for shift in piece[2]]):
        same = list(run)
        made.append(Stretch(same[0][0], same[-1][1], same[0][2]))
    return made


def doubles(shifts: Sequence[S], start: datetime, end: datetime) -> list[Double]:
    """Who is booked twice between `start` and `end`: two people on one duty, one person on two (also of two communities)."""
    running: dict[tuple[object, ...], tuple[datetime, Callable[[datetime, datetime], Double]]] = {}
    found: list[Double] = []
    edges = _edges(shifts, start, end)
    for begins in edges:
        here = _troubles(on_duty(shifts, begins)) if begins < end else {}
        for key in [key for key in running if key not in here]:
            since, make = running.pop(key)
            found.append(make(since, begins))
        for key, make in here.items():
            running.setdefault(key, (begins, make))
    return sorted(found, key=lambda double: (double.starts_at, double.trouble, double.posts))


def _troubles(held: Sequence[S]) -> dict[tuple[object, ...], Callable[[datetime, datetime], Double]]:
    people: dict[tuple[int, str], set[int]] = {}
    posts: dict[int, set[tuple[int, str]]] = {}
    for shift in held:
        people.setdefault((shift.community_id, shift.tier), set()).add(shift.staff_id)
        posts.setdefault(shift.staff_id, set()).add((shift.community_id, shift.tier))
    crowded = [(RosterTrouble.SAME_DUTY, (post,), tuple(sorted(who))) for post, who in people.items() if len(who) > 1]
    torn = [(RosterTrouble.SAME_PERSON, tuple(sorted(at)), (who,)) for who, at in posts.items() if len(at) > 1]
    return {key: _double(*key) for key in (*crowded, *torn)}


def _double(
    trouble: RosterTrouble, posts: tuple[tuple[int, str], ...], staff_ids: tuple[int, ...]
) -> Callable[[datetime, datetime], Double]:
    return lambda starts_at, ends_at: Double(trouble, starts_at, ends_at, posts, staff_ids)


def _edges(shifts: Iterable[S], start: datetime, end: datetime) -> list[datetime]:
    inside = {edge for shift in shifts for edge in (shift.starts_at, shift.ends_at) if start < edge < end}
    return sorted({start, end, *inside})
