"""What may go wrong at the test carrier, on purpose: SIMULATOR_FAULTS="repeat=0.05 reorder=0.05 drop=0.1 seed=7 machine=+86139…".

Probabilities are of each callback. The same seed and the same order of events give the same faults.
"""

from __future__ import annotations

import random
from collections.abc import Iterator
from dataclasses import dataclass, field

REORDER_SECONDS = 2.0


@dataclass
class Faults:
    """`delay_seconds`: the longest a callback is late. `repeat`: a callback, and a document's request, comes twice.
    `reorder`: a callback does not wait for those before it. `drop`: a callback never comes. `machines`: numbers that a
    voicemail answers. `lost_answers`: numbers whose call is made though the request times out. `refused`: numbers that
    are refused. `busy`: the carrier asks to slow down (429) for so many requests."""

    delay_seconds: float = 0.0
    repeat: float = 0.0
    reorder: float = 0.0
    drop: float = 0.0
    machines: frozenset[str] = frozenset()
    lost_answers: frozenset[str] = frozenset()
    refused: frozenset[str] = frozenset()
    busy: int = 0
    seed: int = 0
    chance: random.Random = field(init=False, repr=False)

    def __post_init__(self) -> None:
        self.chance = random.Random(self.seed)

    def happens(self, probability: float) -> bool:
        """Whether something of this probability happens now."""
        return probability > 0 and self.chance.random() < probability

    def deliveries(self) -> Iterator[tuple[float, bool]]:
        """How one callback comes: (seconds late, out of its order), none when it is lost."""
        if self.happens(self.drop):
            return
        for _ in range(2 if self.happens(self.repeat) else 1):
            out_of_order = self.happens(self.reorder)
            late = self.chance.uniform(0, self.delay_seconds) if self.delay_seconds else 0.0
            yield (late + (self.chance.uniform(0, REORDER_SECONDS) if out_of_order else 0.0), out_of_order)


def read(text: str) -> Faults:
    """The faults of a setting. Raises ValueError for nonsense."""
    given: dict[str, str] = {}
    for word in text.split():
        name, equals, value = word.partition("=")
        if not equals:
            raise ValueError(word)
        given[name] = value
    numbers = {"machine": "machines", "lost_answer": "lost_answers", "refused": "refused"}
    values: dict[str, object] = {}
    for name, value in given.items():
        if name in numbers:
            values[numbers[name]] = frozenset(value.split(","))
        elif name in ("repeat", "reorder", "drop"):
            values[name] = _share(value)
        elif name == "delay":
            values["delay_seconds"] = float(value)
        elif name in ("seed", "busy"):
            values[name] = int(value)
        else:
            raise ValueError(word)
    return Faults(**values)  # type: ignore[arg-type]


def _share(text: str) -> float:
    value = float(text)
    if not 0 <= value <= 1:
        raise ValueError(text)
    return value
