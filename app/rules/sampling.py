"""Drawing a sample that anybody can recount: from a seed, a member's place in its list and a percentage. Pure.

The draw is the ordered pivotal method (Deville and Tillé 1998): every member is equally likely, and after any number of
members as many are taken as the percentage says, rounded up or down, without a pattern such as "every third".
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache
from hashlib import sha256
from typing import Final, TypeVar

BLOCK: Final = 100
"""Places that are drawn together: of a hundred, a whole percentage is a whole number of members."""

Member = TypeVar("Member")


def is_taken(seed: str, place: int, percent: int) -> bool:
    """Whether the member at `place` (from 0) is in the sample. The same for every recount."""
    return place % BLOCK in _taken_of_block(seed, place // BLOCK, percent)


def sample(members: Sequence[Member], percent: int, seed: str) -> list[Member]:
    """The drawn members, in their order: `percent` of them, rounded up or down."""
    return [member for place, member in enumerate(members) if is_taken(seed, place, percent)]


@lru_cache(maxsize=256)
def _taken_of_block(seed: str, block: int, percent: int) -> frozenset[int]:
    """Two at a time fight it out: `held` carries the chance of all that are undecided so far, in hundredths."""
    if not 0 <= percent <= 100:
        raise ValueError("a percentage lies between 0 and 100")
    if percent in (0, 100):
        return frozenset(range(BLOCK) if percent else ())
    taken: set[int] = set()
    holder, held = 0, percent
    for place in range(1, BLOCK):
        both = held + percent
        if both < 100:
            if _below(both, seed, block, place) >= held:
                holder = place
            held = both
            continue
        stays = _below(200 - both, seed, block, place) < 100 - percent
        winner, loser = (holder, place) if stays else (place, holder)
        taken.add(winner)
        holder, held = loser, both - 100
    return frozenset(taken)


def _below(limit: int, seed: str, block: int, place: int) -> int:
    """A whole number from 0 up to `limit`, the limit excluded, all as likely as one another."""
    digest = sha256(f"{seed}:{block}:{place}".encode()).digest()
    return int.from_bytes(digest[:16], "big") % limit
