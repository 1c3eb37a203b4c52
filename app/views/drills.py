"""`/drill/…`: the drills of the emergency plans: the year's list, planning, moving, calling off (D7). How one went: `drill_record`."""

from __future__ import annotations

from typing import Any

from flask import abort, flash, redirect, request
from flask_babel import gettext
from sqlalchemy.orm import Session

from app.adapters.clock import now
from app.errors import LinliError
from app.extensions import db
from app.models import Community, PlanDrill
from app.services import drill_lists, drills
from app.services.policies import figure
from app.services.transaction import transaction
from app.views.base import BasePage, expose, has_access, permission_name, sentence
from app.views.base.arguments import number_in
from app.views.base.local import local
from app.views.base.replay import claimed
from app.views.base.rows import as_id
from app.views.drill_shown import drill_page
from app.views.drill_words import WORDS, year_paper
from app.views.duty_forms import chosen_community, communities, field_moment, staff_of_community
from app.views.permitted import may
from app.views.sheet_answer import asked_language, taken_answer

PAGE = 25
FURTHEST = 10_000
_FIELDS = ("plan_id", "community_id", "starts_at", "place", "aim", "others", "leader_id", "reason")


class DrillPage(BasePage):
    """Rows are the actor's; who plans is the rule's answer."""

    route_base = "/drill"
    default_view = "overview"

    @expose("/")
    @has_access
    @permission_name("view")
    def overview(self) -> Any:
        """The drills of a year (`?year=`), or `?show=`: overdue, mine, improve (what is still to be improved), undrilled (plans)."""
        session, actor, at = db.session(), self.actor(), now()
        here = communities(session, actor)
        place = chosen_community(here) if request.args.get("community") else None
        year = number_in(request.args.get("year"), local(at).year, 2000, 2200)
        page, show = number_in(request.args.get("page"), 0, 0, FURTHEST), request.args.get("show", "")
        show = show if show in (*drill_lists.SHOWS, "undrilled") else ""
        days = figure(session, drill_lists.EVERY)
        where = place.id if place else None
        total, found = _part(session, actor, at, show, year, where, page)
        return self.render_template(
            "drills/list.html",
            rows=found,
            total=total,
            page=page,
            last=max(0, (total - 1) // PAGE),
            show=show,
            year=year,
            years=drill_lists.years(session, actor, at),
            communities=here,
            community=place,
            kept={"show": show, "year": year if not show else "", "community": where or ""},
            due=drill_lists.undrilled(session, actor, at, days, where) if show in ("", "undrilled") else [],
            days=days,
            today=local(at).date(),
            plans=may("can_plan", "DrillPage"),
            **WORDS,
        )

    @expose("/year.pdf")
    @has_access
    @permission_name("view")
    def paper(self) -> Any:
        """The list of a year of one community on paper."""
        session, actor, at = db.session(), self.actor(), now()
        place = chosen_community(communities(session, actor)) or abort(404)
        year = number_in(request.args.get("year"), local(at).year, 2000, 2200)
        _total, found = drill_lists.listed(session, actor, at, year=year, community_id=place.id)
        days = figure(session, drill_lists.EVERY)
        due = drill_lists.undrilled(session, actor, at, days, place.id) if year == local(at).year else []
        sheet = year_paper(year, place, found, due, asked_language())
        return taken_answer(actor, sheet, f"{sheet['title']}-{sheet['subtitle']}", "plan_drill", None)

    @expose("/new")
    @has_access
    @permission_name("plan")
    def new(self) -> Any:
        """The empty form; `?plan=` chooses the plan, `?community=` whose people take part."""
        return self._form(None, {"plan_id": [request.args.get("plan", "")]}, "", 200)

    @expose("/new", methods=["POST"])
    @has_access
    @permission_name("plan")
    def add(self) -> Any:
        """Plan it. Refused: the sentence above the form, what was written still in it."""
        actor, at, sent = self.actor(), now(), request.form.to_dict(flat=False)
        try:
            with transaction() as session:
                form = claimed(session, actor, at)
                address = form.led_to(f"/drill/{drills.plan(session, actor, sent, at).id}")
        except LinliError as error:
            return self._form(None, sent, sentence(error), error.status)
        flash(gettext("Planned; whoever takes part is told."), "success")
        return redirect(address)

    @expose("/<int:pk>")
    @has_access
    @permission_name("view")
    def show(self, pk: int) -> Any:
        """One drill: who takes part, how it went, what was found and is improved."""
        return drill_page(self, pk)

    @expose("/<int:pk>/edit")
    @has_access
    @permission_name("plan")
    def edit(self, pk: int) -> Any:
        """The form with what is planned."""
        drill = drills.find(db.session(), self.actor(), pk) or abort(404)
        return self._form(drill, _values(drill), "", 200)

    @expose("/<int:pk>/edit", methods=["POST"])
    @has_access
    @permission_name("plan")
    def change(self, pk: int) -> Any:
        """Another hour, place, leader, other people."""
        actor, at, sent = self.actor(), now(), request.form.to_dict(flat=False)
        try:
            with transaction() as session:
                form = claimed(session, actor, at)
                drill = drills.hold(session, actor, pk, request.form.get("seen"))
                drills.change(session, actor, drill, sent, at)
                address = form.led_to(f"/drill/{pk}")
        except LinliError as error:
            db.session.rollback()
            known = drills.find(db.session(), actor, pk) or abort(404)
            return self._form(known, sent, sentence(error), error.status)
        flash(gettext("Changed; whoever takes part is told."), "success")
        return redirect(address)

    @expose("/<int:pk>/cancel", methods=["POST"])
    @has_access
    @permission_name("plan")
    def cancel(self, pk: int) -> Any:
        """Call it off."""
        actor, at = self.actor(), now()
        try:
            with transaction() as session:
                form = claimed(session, actor, at)
                drills.cancel(session, actor, drills.hold(session, actor, pk), request.form.get("reason"), at)
                address = form.led_to(f"/drill/{pk}")
        except LinliError as error:
            return drill_page(self, pk, sentence(error), error.status)
        flash(gettext("Called off; whoever takes part is told."), "success")
        return redirect(address)

    # ---- what is shown
    def _form(self, drill: PlanDrill | None, values: dict[str, list[str]], error: str, status: int) -> Any:
        session, actor = db.session(), self.actor()
        place, here = drill.community if drill else None, communities(session, actor)
        if place is None:
            place = _wanted(here, values) or chosen_community(here)
        page = self.render_template(
            "drills/form.html",
            drill=drill,
            community=place,
            communities=here,
            versions=drills.plannable(session, place.id) if place and drill is None else [],
            people=staff_of_community(session, actor, place.id) if place else [],
            values={name: (values.get(name) or [""])[0] for name in _FIELDS},
            members={as_id(value) for value in values.get("members", [])},
            error=error,
            **WORDS,
        )
        return page, status


def _part(session: Session, actor: Any, at: Any, show: str, year: int, where: int | None, page: int) -> Any:
    """How many rows, and a page of them: drills, or improvements still to be made."""
    if show == "undrilled":
        return 0, []
    if show == "improve":
        return drill_lists.improvements(session, actor, where, page * PAGE, PAGE)
    return drill_lists.listed(session, actor, at, year=year, show=show, community_id=where, skip=page * PAGE, most=PAGE)


def _wanted(here: list[Community], values: dict[str, list[str]]) -> Community | None:
    wanted = as_id((values.get("community_id") or [""])[0])
    return next((one for one in here if one.id == wanted), None)


def _values(drill: PlanDrill) -> dict[str, list[str]]:
    """A drill as its form sends it."""
    return {
        "starts_at": [field_moment(drill.starts_at)],
        "place": [drill.place],
        "aim": [drill.aim],
        "others": [drill.others],
        "leader_id": [str(drill.leader_id)],
        "members": [str(one.staff_id) for one in drill.members],
    }
