"""What a description is about and how urgent it sounds (D3), by a table of words that administrators keep. Pure."""

from collections.abc import Iterable
from dataclasses import dataclass

from app.rules.codes import Priority

_RANK = {Priority.EMERGENCY: 0, Priority.URGENT: 1, Priority.NORMAL: 2, Priority.LOW: 3}
OTHER = "other"


@dataclass(frozen=True)
class Word:
    """A word heard in a description, the category (its code) it points to, and the urgency it carries, if any."""

    word: str
    category: str
    priority: str | None = None


@dataclass(frozen=True)
class Finding:
    """`category` is a code, `other` when no word fits; `priority` is None when no word carries an urgency. The words that
    decided stand beside."""

    category: str
    priority: str | None = None
    category_word: str = ""
    priority_word: str = ""


def classify(text: str, words: Iterable[Word]) -> Finding:
    """The longest word that occurs wins the category, the earliest of equals; the most urgent word gives the priority."""
    plain = text.casefold()
    hits = [(word, plain.find(word.word.casefold())) for word in words if word.word and word.word.casefold() in plain]
    if not hits:
        return Finding(OTHER)
    best, _ = min(hits, key=lambda hit: (_rank(hit[0].priority) != 0, -len(hit[0].word), hit[1]))
    urgent = [word for word, _ in hits if word.priority]
    if not urgent:
        return Finding(best.category, category_word=best.word)
    most = min(urgent, key=lambda word: (_rank(word.priority), -len(word.word)))
    return Finding(best.category, most.priority, best.word, most.word)


def more_urgent(one: str | None, other: str | None) -> bool:
    """Whether one urgency is higher than another; what is no urgency is higher than none."""
    return _rank(one) < _rank(other)


def _rank(priority: str | None) -> int:
    return _RANK.get(Priority(priority), 2) if priority in set(Priority) else 4
