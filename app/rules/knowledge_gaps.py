"""Asked often and has no answer (D13): which questions are open, and which belong together. Pure."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass

from app.rules.codes import Kind, TicketState
from app.rules.knowledge import runs

LONGEST_PHRASE = 8
_SETTLED = frozenset({TicketState.DONE, TicketState.VISITED, TicketState.CLOSED})


@dataclass(frozen=True)
class Asked:
    """A question of a household: the ticket it stands on, its category and its words."""

    ticket_id: int
    category_id: int | None
    words: str


@dataclass(frozen=True)
class Group:
    """Questions that belong together: of one category, all with these words."""

    category_id: int | None
    words: str
    ticket_ids: tuple[int, ...]


def is_gap(kind: str, state: str, *, counts: bool, found_nothing: bool, used: bool) -> bool:
    """Whether a ticket is a question without an answer: a consultation for which the search found nothing, or that was settled
    without a standard answer. What is cancelled or outside the figures (a call that only asked for progress) is none."""
    if used or not counts or kind != Kind.CONSULTATION or state == TicketState.CANCELLED:
        return False
    return found_nothing or state in _SETTLED


def groups(asked: Iterable[Asked], often: int) -> list[Group]:
    """What was asked `often` times or more, by category and words; the most frequent first.

    In each category the phrase that most questions share makes a group (of equals the longest, then the first by its signs), then
    again among the rest. A question stands in one group only; in which order they are given does not matter.
    """
    by_category: dict[int | None, dict[int, frozenset[str]]] = defaultdict(dict)
    for one in asked:
        by_category[one.category_id][one.ticket_id] = phrases(one.words)
    found = [
        Group(category_id, words, members)
        for category_id, left in by_category.items()
        for words, members in _cluster(left, often)
    ]
    return sorted(found, key=lambda one: (-len(one.ticket_ids), one.category_id or 0, one.words))


def _cluster(left: dict[int, frozenset[str]], often: int) -> list[tuple[str, tuple[int, ...]]]:
    holders: dict[str, set[int]] = defaultdict(set)
    for ticket_id, said in left.items():
        for phrase in said:
            holders[phrase].add(ticket_id)
    found = []
    while holders:
        words = min(holders, key=lambda phrase: (-len(holders[phrase]), -len(phrase), phrase))
        members = set(holders[words])
        if len(members) < often:
            break
        found.append((words, tuple(sorted(members))))
        holders = {phrase: rest for phrase, ids in holders.items() if (rest := ids - members)}
    return found


def phrases(text: str) -> frozenset[str]:
    """What two questions can have in common: any two to eight neighbouring Chinese characters, any English word."""
    found: set[str] = set()
    for run in runs(text):
        if run.isascii():
            found.add(run)
            continue
        for start in range(len(run) - 1):
            for end in range(start + 2, min(start + LONGEST_PHRASE, len(run)) + 1):
                found.add(run[start:end])
    return frozenset(found)
