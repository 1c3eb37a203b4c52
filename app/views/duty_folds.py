"""The duty record on a screen: runs of rings and messages folded to one line, the rest in pages. Paper has every line.

All lines stay in the page, in their order; what is folded or on another page is hidden from screens only (`duty_record.css`).
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from itertools import groupby

from app.services.duty_record import RecordLine
from app.services.escalation import LADDER, SPEAKS
from app.services.tickets import SENTENCE
from app.views.timeline_words import Line

PAGE = 30
"""Lines of one page; a fold is one."""

SHORTEST = 3
_OF_RINGING = frozenset(("alarm", "note"))
"""What the ladder notes on the ticket of each ring and each round; that caller and taker speak is no noise."""

Shown = tuple[RecordLine, Line]


@dataclass
class Piece:
    """Lines that are shown together: a fold, or lines one below the other. `page` counts from 0."""

    lines: list[Shown]
    folded: bool = False
    page: int = 0
    counts: dict[str, int] = field(default_factory=dict)
    tickets: list[tuple[str, int]] = field(default_factory=list)
    number: int = 0

    @property
    def start(self) -> datetime:
        """When its first line happened."""
        return self.lines[0][1].at

    @property
    def end(self) -> datetime:
        """When its last line happened."""
        return self.lines[-1][1].at


def pieces(lines: Sequence[Shown], *, fold: bool = True) -> list[Piece]:
    """The lines in pieces, each with its page; what is hidden in a fold takes the place of one line."""
    made: list[Piece] = []
    used = 0
    for hidden, run in groupby(lines, key=lambda one: fold and _is_noise(one[0])):
        block = list(run)
        if hidden and len(block) >= SHORTEST:
            made.append(_folded(block, used // PAGE, len(made)))
            used += 1
            continue
        for one in block:
            page, last = used // PAGE, made[-1] if made else None
            if last is not None and not last.folded and last.page == page:
                last.lines.append(one)
            else:
                made.append(Piece([one], page=page))
            used += 1
    return made


def _is_noise(one: RecordLine) -> bool:
    what = one.what
    if what.source != "entry":
        return what.source in ("ring", "message")
    said = what.data.get(SENTENCE, {}).get("msgid")
    return what.who == LADDER.display_name and what.code in _OF_RINGING and said != SPEAKS


def _folded(block: list[Shown], page: int, number: int) -> Piece:
    counts = Counter(one.what.source for one, _ in block)
    return Piece(block, True, page, dict(counts), _tickets(one for one, _ in block), number)


def _tickets(lines: Iterable[RecordLine]) -> list[tuple[str, int]]:
    return list(Counter(number for one in lines for number, _title in one.tickets).items())
