"""What stands around every page of a household: its houses, the one it looks at, the community and its hotline."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy.orm import Session

from app.models import Community, House
from app.services import household
from app.services.actors import Actor


@dataclass(frozen=True)
class Frame:
    """`chosen` is the house a household with several wants to look at; None means all of them."""

    homes: list[tuple[House, Community]]
    chosen: House | None
    community: Community | None
    hotline: str | None

    @property
    def house_ids(self) -> frozenset[int]:
        """The houses this page is about."""
        return frozenset({self.chosen.id} if self.chosen else {house.id for house, _ in self.homes})


def frame_of(session: Session, actor: Actor, chosen_id: int | None) -> Frame:
    """The frame of one page; a house that is not the actor's is passed over. One statement."""
    found = household.homes(session, actor)
    homes = [(house, community) for house, community, _number in found]
    numbers = {community.id: number for _house, community, number in found}
    chosen = next(((house, community) for house, community in homes if house.id == chosen_id), None)
    community = chosen[1] if chosen else homes[0][1] if homes else None
    return Frame(
        homes=homes,
        chosen=chosen[0] if chosen and len(homes) > 1 else None,
        community=community,
        hotline=numbers.get(community.id) if community else None,
    )
