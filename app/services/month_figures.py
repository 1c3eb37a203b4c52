"""The figures of a month side by side with last month and target, as an actor may see them: for the page and for REST."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass

from sqlalchemy.orm import Session

from app.rules.month_figures import FIGURES, Figure, Tally, Value, reached
from app.services.actors import Actor
from app.services.month_matters import Cut
from app.services.month_tallies import EVERYTHING, NOBODY, tallies, targets
from app.services.reporting.period import Month

_OF_PART = {"calls": "calls", "bills": "collection", "houses": "complaint_rate"}
"""What not everybody may count → the figure that needs it."""


@dataclass(frozen=True)
class Line:
    """One figure of a month: its value and last month's, each with how many records it is made from and counts."""

    figure: Figure
    value: Value
    before: Value
    target: Value
    tally: Tally
    tally_before: Tally

    @property
    def whole(self) -> int:
        """How many records the figure is made from."""
        return int(getattr(self.tally, self.figure.whole))

    @property
    def part(self) -> int | None:
        """How many of them a rate counts."""
        return int(getattr(self.tally, self.figure.part)) if self.figure.part else None

    @property
    def whole_before(self) -> int:
        """The same of last month."""
        return int(getattr(self.tally_before, self.figure.whole))

    @property
    def reached(self) -> bool | None:
        """Whether the target is reached."""
        return reached(self.figure.code, self.value, self.target)


def left_out(cut: Cut, hidden: Collection[str]) -> frozenset[str]:
    """Codes of the figures that are not told: parts the reader may not count, and what knows nothing of this cut."""
    gone = {_OF_PART[part] for part in hidden}
    if cut.of_work:
        gone |= {"calls", "complaint_rate"}
    if cut.category_id is not None or cut.department_id is not None:
        gone.add("collection")
    return frozenset(gone)


def compared(
    session: Session, actor: Actor, month: Month, before: Month, cut: Cut, hidden: Collection[str] = ()
) -> list[Line]:
    """Every figure the reader may see, in order. `hidden`: of calls, bills, houses those they may not. Two statements."""
    parts = [part for part in EVERYTHING if part not in hidden]
    counted = tallies(session, actor, [month, before], cut, parts=parts).get(NOBODY)
    now, then = counted or [Tally(), Tally()]
    wanted, gone = targets(session), left_out(cut, hidden)
    return [
        Line(figure, figure.measure(now), figure.measure(then), wanted[code], now, then)
        for code, figure in FIGURES.items()
        if code not in gone
    ]
