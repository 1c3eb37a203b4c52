"""`/figures/`: the figures of a month with last month and target beside them, and the records behind each number (D16)."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any
from urllib.parse import urlencode

from flask import abort, request
from flask_babel import gettext
from sqlalchemy import select

from app.adapters.clock import now
from app.errors import Invalid
from app.extensions import db
from app.models import Building, Category, Community, Department, Staff, StaffCommunity
from app.rules.codes import Role
from app.rules.month_figures import FIGURES, Tally, value_of
from app.services import month_lists, month_tallies
from app.services.access import rows
from app.services.actors import Actor
from app.services.month_figures import compared
from app.services.month_matters import MATTERS, OTHERS, Cut
from app.services.reporting.labels import DEFINITIONS, LABELS
from app.services.reporting.period import Month, month_key, month_of, shift
from app.views.base import BasePage, expose, has_access, permission_name
from app.views.base.arguments import number_in
from app.views.base.local import local, month_words, zone
from app.views.base.rows import as_id
from app.views.figure_words import MATTERS as WORDS
from app.views.figure_words import shown
from app.views.permitted import may

PAGE, FURTHEST = 25, 100_000
COMPARES_PEOPLE = (Role.ADMIN, Role.MANAGER, Role.DEPUTY, Role.SUPERVISOR, Role.QUALITY)
COLUMNS = ("requests", "in_time", "first_response_mean", "complaints", "satisfaction")
"""What stands of each building, category, department or person."""

_NEEDS = {"calls": ("can_list", "CallView"), "bills": ("can_list", "BillView"), "houses": ("can_list", "HouseView")}
_OF_LIST = {"calls": "calls", "bills": "bills", "occupied": "houses"}


def hidden() -> list[str]:
    """What the reader may not count, because they may not list it."""
    return [part for part, needed in _NEEDS.items() if not may(*needed)]


@dataclass(frozen=True)
class Group:
    """A building, category, department or person with its figures."""

    name: str
    cut: Cut
    tally: Tally


class FigurePage(BasePage):
    """Figures of the actor's own rows, and what stands behind each."""

    route_base = "/figures"
    default_view = "overview"

    @expose("/")
    @has_access
    @permission_name("view")
    def overview(self) -> Any:
        """`?month=YYYY-MM`, narrowed by `community`, `building`, `category`, `department`, `person`; `by` compares groups."""
        at, actor, session = now(), self.actor(), db.session()
        this = month_key(local(at).date())
        month = _month(request.args.get("month") or this)
        cut, choices = _chosen(actor)
        by = request.args.get("by", "")
        if by and by not in _groupings(actor):
            abort(404)
        before = month_of(month_key(shift(month.key, -1)), zone())
        return self.render_template(
            "figures/month.html",
            lines=compared(session, actor, month, before, cut, hidden()),
            groups=_groups(actor, month, cut, by, choices) if by else [],
            columns=[FIGURES[code] for code in COLUMNS],
            by=by,
            groupings=_groupings(actor),
            choices=choices,
            cut={name: value for name, value in asdict(cut).items() if value is not None},
            month=month.key,
            title=month_words(month.key),
            before=before.key,
            after=month_key(shift(month.key, 1)) if month.key < this else "",
            running=month.key == this,
            names=LABELS,
            definitions=DEFINITIONS,
            shown=shown,
            query=query,
            value_of=value_of,
        )

    @expose("/<string:month>/<string:what>")
    @has_access
    @permission_name("view")
    def behind(self, month: str, what: str) -> Any:
        """The records behind a number, exactly as many as it says."""
        span, actor, session = _month(month), self.actor(), db.session()
        if what not in MATTERS and what not in OTHERS:
            abort(404)
        if what in _OF_LIST and not may(*_NEEDS[_OF_LIST[what]]):
            abort(403)
        cut = Cut(**{f"{name}_id": as_id(request.args.get(name, "")) for name in _ARGUMENTS})
        page = number_in(request.args.get("page"), 0, 0, FURTHEST)
        places = {"skip": page * PAGE, "most": PAGE}
        found: dict[str, Any] = {}
        if what == "calls":
            total, found["calls"] = month_lists.calls(session, actor, span, cut, **places)
        elif what == "bills":
            total, found["bills"] = month_lists.bills(session, actor, span, cut, **places)
        elif what == "occupied":
            total, found["houses"] = month_lists.households(session, actor, cut, **places)
        else:
            total, found["figure"] = month_lists.tickets(session, actor, what, span, cut, **places)
        return self.render_template(
            "workbench/queue.html",
            heading=gettext("%(what)s of %(span)s", what=str(WORDS[what]), span=month_words(span.key)),
            hint="",
            nothing=gettext("Nothing was found."),
            total=total,
            page=page,
            last=max(0, (total - 1) // PAGE),
            kept={name: value for name, value in request.args.items() if name in _ARGUMENTS},
            back=("/figures/?" + urlencode({"month": span.key} | query(asdict(cut))), gettext("Figures of the month")),
            now=now(),
            spoken=shown,
            **found,
        )


_ARGUMENTS = ("community", "building", "category", "department", "person")


def query(cut: dict[str, Any]) -> dict[str, Any]:
    """A cut as arguments of an address."""
    return {name.removesuffix("_id"): value for name, value in cut.items() if value is not None}


def _month(key: str) -> Month:
    try:
        return month_of(key, zone())
    except Invalid:
        abort(404)


def _groupings(actor: Actor) -> dict[str, str]:
    found = {"building": gettext("Buildings"), "category": gettext("Categories"), "department": gettext("Departments")}
    return found | ({"person": gettext("Staff")} if actor.has(*COMPARES_PEOPLE) else {})


def _chosen(actor: Actor) -> tuple[Cut, dict[str, list[Any]]]:
    """What is narrowed to, and what there is to choose from; 404 for what is not the actor's to choose. Five statements."""
    session = db.session()
    choices: dict[str, list[Any]] = {
        "community": list(session.scalars(select(Community).where(rows(actor, Community)).order_by(Community.id)))
    }
    community = _one("community", choices["community"])
    if community is None and choices["community"]:
        community = choices["community"][0].id
    buildings = select(Building).where(rows(actor, Building), Building.community_id == community)
    choices["building"] = list(session.scalars(buildings.order_by(Building.position, Building.id)))
    choices["category"] = list(session.scalars(select(Category).order_by(Category.position, Category.id)))
    choices["department"] = list(session.scalars(select(Department).order_by(Department.id)))
    people = select(Staff).join(StaffCommunity, StaffCommunity.staff_id == Staff.id)
    people = people.where(rows(actor, Staff), StaffCommunity.community_id == community)
    if not actor.has(*COMPARES_PEOPLE):
        people = people.where(Staff.id == (actor.staff_id or 0))
    choices["person"] = list(session.scalars(people.order_by(Staff.name, Staff.id)))
    return Cut(community, *(_one(name, choices[name]) for name in _ARGUMENTS[1:])), choices


def _one(name: str, known: list[Any]) -> int | None:
    text = request.args.get(name, "")
    if not text:
        return None
    found = as_id(text)
    if found is None or all(one.id != found for one in known):
        abort(404)
    return found


def _groups(actor: Actor, month: Month, cut: Cut, by: str, choices: dict[str, list[Any]]) -> list[Group]:
    counted = month_tallies.tallies(db.session(), actor, [month], cut, by=by, parts=month_tallies.WORK)
    kept = asdict(cut)
    return [
        Group(one, Cut(**{**kept, f"{by}_id": one.id}), counted[one.id][0]) for one in choices[by] if one.id in counted
    ]
