"""Where something is, in words that answer another question (D2): 三号楼电梯, 3幢2单元楼道着火了, "the lift of building 3". Pure.

A house is taken only when it is named whole, a building only when exactly one of the estate's is named; what remains in doubt is a
short list for whoever takes the matter. Nothing is asked back here: these words were said where no house was asked.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass

from app.rules import place
from app.rules.place import MAX_CANDIDATES, MAX_INPUT, HouseKey, Match
from app.rules.place_sound import readings


@dataclass(frozen=True)
class Whereabouts:
    """`house` and `building` (its number) are certain, a house's own building too; `houses` and `buildings` (at most four)
    are what the words may mean."""

    house: HouseKey | None = None
    building: str | None = None
    houses: tuple[HouseKey, ...] = ()
    buildings: tuple[str, ...] = ()

    def elsewhere(self, house: HouseKey | None) -> bool:
        """Whether the words certainly name another building than a house's."""
        return house is not None and self.building is not None and self.building != house.building


_ANY = re.compile("(?:[这那整每哪同另有全某本]|任何)(?:一|1|两|2)(?:幢|栋|棟|座)")
"""这一栋楼, 每一幢: one of them, not the first."""
_MEASURE = re.compile("[一两](?:座|(?:幢|栋|棟)楼)|[a-z]?[12]座(?!\\d)")
"""一栋楼没水, 一座假山: a whole one, or the first? That is a doubt."""
_EN_ANY = re.compile(r"\b(?:this|that|the|each|every|whole|any|a|my|our) (?:building|block|tower)\b")


def locate(text: str, houses: Iterable[HouseKey], *, doubts: bool = True) -> Whereabouts:
    """What house or building of the estate's a text names. Without `doubts` nothing is read by its sound alone."""
    known = tuple(houses)
    said = _ANY.sub("", text[:MAX_INPUT])
    found = place.find(said, known) if doubts else place.match(place.parse(said), known)
    if found.house is not None:
        return Whereabouts(found.house, found.house.building)
    return _building(said, known, found, doubts)


def names_building(text: str) -> bool:
    """Whether a text may name a building or a house at all: a look that needs no houses."""
    said = _ANY.sub("", text[:MAX_INPUT])
    return bool(place.buildings_in(said)) or place.parse(said).complete


def _building(said: str, known: tuple[HouseKey, ...], found: Match, doubts: bool) -> Whereabouts:
    real = {place.bare(house.building): house.building for house in known}
    measured = set(place.buildings_in(" ".join(_MEASURE.findall(said.lower()))))
    named = dict.fromkeys(place.buildings_in(said))
    certain = [number for number in named if number not in measured]
    fits = tuple(real[number] for number in named if number in real)
    # All houses of a small building are no answer: only a room that was said makes a list of houses.
    houses = found.candidates if place.parse(said).room or not named else ()
    if len(certain) == len(named) == len(fits) == 1:
        return Whereabouts(building=fits[0], houses=tuple(house for house in houses if house.building == fits[0]))
    if fits or not doubts:
        return Whereabouts(houses=houses, buildings=fits[:MAX_CANDIDATES])
    heard = (number for _, reading in readings(said.strip().lower()) for number in place.buildings_in(reading))
    alike = tuple(dict.fromkeys(real[number] for number in heard if number in real))[:MAX_CANDIDATES]
    return Whereabouts(houses=houses, buildings=() if houses else alike)
