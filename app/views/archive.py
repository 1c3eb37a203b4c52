"""`/archive/`: filed tickets, year by year, on the shelves of their building and category, with a search."""

from __future__ import annotations

from datetime import date, datetime, time
from typing import Any

from flask import request
from flask_babel import gettext

from app.adapters.clock import now
from app.extensions import db
from app.models import Building, Category
from app.services import archive
from app.views.base import BasePage, expose, has_access, permission_name
from app.views.base.arguments import number_in
from app.views.base.cells import named
from app.views.base.local import local, zone
from app.views.base.rows import as_id

PAGE, FURTHEST = 25, archive.MOST_COUNTED // 25
LONGEST_WORDS = 60
_EARLIEST = 2000


class ArchivePage(BasePage):
    """What is on the shelves is the reader's own rows."""

    route_base = "/archive"
    default_view = "overview"

    @expose("/")
    @has_access
    @permission_name("view")
    def overview(self) -> Any:
        """`?year=YYYY`, narrowed by `community`, `building`, `category` (0: without one) and `q`: the shelves, or a list."""
        session, actor, this_year = db.session(), self.actor(), local(now()).year
        first = archive.first_filed(session, actor)
        years = list(range(this_year, (local(first).year if first else this_year) - 1, -1))
        year = number_in(request.args.get("year"), this_year, _EARLIEST, this_year + 1)
        wanted = _asked(year)
        shelves = [] if wanted.narrowed else archive.shelves(session, actor, wanted)
        page = number_in(request.args.get("page"), 0, 0, FURTHEST)
        total, tickets = (
            archive.listed(session, actor, wanted, skip=page * PAGE, most=PAGE) if wanted.narrowed else (0, [])
        )
        last = max(0, (total - 1) // PAGE)
        return self.render_template(
            "archive/overview.html",
            years=years,
            year=year,
            shelves=shelves,
            several=len({shelf.community.id for shelf in shelves}) > 1,
            wanted=wanted,
            heading=_heading(*archive.chosen(session, actor, wanted), wanted),
            tickets=tickets,
            total=total,
            page=min(page, last),
            last=last,
            most=archive.MOST_COUNTED,
            kept=_kept(wanted, year),
        )


def _asked(year: int) -> archive.Wanted:
    return archive.Wanted(
        _midnight(year),
        _midnight(year + 1),
        community_id=as_id(request.args.get("community", "")),
        building_id=_chosen("building"),
        category_id=_chosen("category"),
        words=request.args.get("q", "").strip()[:LONGEST_WORDS],
    )


def _chosen(name: str) -> int | None:
    value = request.args.get(name, "")
    return archive.NONE if value == "0" else as_id(value)


def _midnight(year: int) -> datetime:
    return datetime.combine(date(year, 1, 1), time(), zone())


def _kept(wanted: archive.Wanted, year: int) -> dict[str, Any]:
    """The address of this list, but for its page."""
    asked = {
        "year": year,
        "community": wanted.community_id,
        "building": wanted.building_id,
        "category": wanted.category_id,
        "q": wanted.words or None,
    }
    return {name: value for name, value in asked.items() if value is not None}


def _heading(building: Building | None, category: Category | None, wanted: archive.Wanted) -> str:
    """The shelf in words: building and category, as far as they are chosen."""
    parts = []
    if wanted.building_id is not None:
        parts.append(building.name if building else gettext("no building"))
    if wanted.category_id is not None:
        parts.append(str(named(category)) if category else gettext("no category"))
    return " · ".join(parts) or gettext("Search results")
