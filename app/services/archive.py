"""The archive: filed tickets by building and category (D3), each reader's own rows."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, field
from datetime import datetime

from sqlalchemy import ColumnElement, func, or_, select
from sqlalchemy.orm import Session, joinedload

from app.models import Building, Category, Community, Ticket
from app.rules.search_words import read
from app.services.access import rows
from app.services.actors import Actor
from app.services.search_text import number_begins, title_holds

NONE = 0
"""Stands for "no building" and "no category" where one is chosen."""

MOST_COUNTED = 10_000


@dataclass(frozen=True)
class Wanted:
    """What is asked for: filed from `since` until before `until`, of a building and a category (`NONE`: without one), in whose
    number or title the words are."""

    since: datetime
    until: datetime
    community_id: int | None = None
    building_id: int | None = None
    category_id: int | None = None
    words: str = ""

    @property
    def narrowed(self) -> bool:
        """Whether a list is asked for, instead of the shelves."""
        return bool(self.words) or self.building_id is not None or self.category_id is not None


@dataclass
class Shelf:
    """A building with what is filed under it: category → how many."""

    building: Building | None
    community: Community
    numbers: dict[Category | None, int] = field(default_factory=dict)

    @property
    def total(self) -> int:
        """All of them."""
        return sum(self.numbers.values())


def shelves(session: Session, actor: Actor, wanted: Wanted) -> list[Shelf]:
    """The buildings in the order of the estate, each with its categories, the fullest first. Three statements."""
    counted = session.execute(
        select(Ticket.community_id, Ticket.building_id, Ticket.category_id, func.count())
        .where(*_filed(session, actor, wanted))
        .group_by(Ticket.community_id, Ticket.building_id, Ticket.category_id)
    ).all()
    if not counted:
        return []
    categories = {one.id: one for one in session.scalars(select(Category))}
    places = session.execute(
        select(Community, Building)
        .outerjoin(Building, Building.community_id == Community.id)
        .where(Community.id.in_({row[0] for row in counted}))
    ).all()
    communities = {community.id: community for community, _building in places}
    buildings = {building.id: building for _community, building in places if building is not None}
    numbers: dict[tuple[int, int | None], dict[Category | None, int]] = defaultdict(dict)
    for community_id, building_id, category_id, number in counted:
        numbers[community_id, building_id][categories.get(category_id)] = number
    found = [
        Shelf(
            buildings.get(building_id) if building_id is not None else None,
            communities[community_id],
            dict(sorted(of.items(), key=lambda one: -one[1])),
        )
        for (community_id, building_id), of in numbers.items()
    ]
    return sorted(found, key=_place)


def _place(shelf: Shelf) -> tuple[int, bool, int]:
    building = shelf.building
    return shelf.community.id, building is None, building.position if building is not None else 0


def chosen(session: Session, actor: Actor, wanted: Wanted) -> tuple[Building | None, Category | None]:
    """The building, of those the reader sees, and the category that are asked for. At most two statements."""
    building = select(Building).where(Building.id == wanted.building_id, rows(actor, Building))
    category = select(Category).where(Category.id == wanted.category_id)
    return (
        session.scalars(building).one_or_none() if wanted.building_id else None,
        session.scalars(category).one_or_none() if wanted.category_id else None,
    )


def listed(session: Session, actor: Actor, wanted: Wanted, *, skip: int, most: int) -> tuple[int, list[Ticket]]:
    """How many there are (counting stops at `MOST_COUNTED`) and a page of them, the last filed first; past the end, the last
    page. Two statements."""
    conditions = _filed(session, actor, wanted)
    some = select(Ticket.id).where(*conditions).limit(MOST_COUNTED).subquery()
    total = session.scalar(select(func.count()).select_from(some)) or 0
    page = (
        select(Ticket)
        .where(*conditions)
        .options(joinedload(Ticket.house), joinedload(Ticket.building), joinedload(Ticket.category))
        .order_by(Ticket.filed_at.desc(), Ticket.id.desc())
        .offset(min(skip, max(0, (total - 1) // most * most)))
        .limit(most)
    )
    return total, list(session.scalars(page))


def first_filed(session: Session, actor: Actor) -> datetime | None:
    """When the first of the reader's tickets was filed; None while none is."""
    return session.scalar(select(func.min(Ticket.filed_at)).where(Ticket.filed_at.is_not(None), rows(actor, Ticket)))


def _filed(session: Session, actor: Actor, wanted: Wanted) -> list[ColumnElement[bool]]:
    found = [
        Ticket.filed_at.is_not(None),
        Ticket.filed_at >= wanted.since,
        Ticket.filed_at < wanted.until,
        rows(actor, Ticket),
    ]
    if wanted.community_id is not None:
        found.append(Ticket.community_id == wanted.community_id)
    for column, chosen in ((Ticket.building_id, wanted.building_id), (Ticket.category_id, wanted.category_id)):
        if chosen is not None:
            found.append(column.is_(None) if chosen == NONE else column == chosen)
    meant = read(wanted.words)
    if meant.text:
        ways = [title_holds(session, meant.text)]
        if meant.digits and len(meant.digits) <= 8:
            ways.append(number_begins(meant.digits))
        found.append(or_(*ways))
    return found
