"""`/plan/…`: the library of emergency plans, their versions and what changed, the form, the paper for the wall (D7)."""

from __future__ import annotations

from typing import Any

from flask import abort, flash, redirect, request
from flask_babel import force_locale, gettext
from flask_babel import lazy_gettext as _
from sqlalchemy.orm import Session

from app.adapters.clock import now
from app.errors import LinliError
from app.extensions import db
from app.models import EmergencyPlan, PlanVersion
from app.rules import plans as rules
from app.rules.codes import PlanState
from app.services import drill_lists, plan_after_event, plans, special_view
from app.services.spoken_lines import house_locale
from app.services.transaction import transaction
from app.views.base import BasePage, expose, has_access, permission_name, sentence
from app.views.base.arguments import number_in
from app.views.base.replay import claimed
from app.views.labels import choices
from app.views.permitted import may
from app.views.plan_paper import paper_answer
from app.views.plan_words import WORDS, change_words

_BLANK_ROWS = 3
_TABLES = {
    "steps": ("step_order", "step_key", "step_zh", "step_en", "step_post", "step_minutes"),
    "numbers": ("number", "number_zh", "number_en"),
    "things": ("thing_zh", "thing_en", "thing_place", "thing_place_en"),
}
"""The tables of the form with their columns, each a list of values."""


class PlanPage(BasePage):
    """Rows are the actor's; who writes, reviews and puts in force is the rule's answer."""

    route_base = "/plan"
    default_view = "overview"

    @expose("/")
    @has_access
    @permission_name("view")
    def overview(self) -> Any:
        """The library, and what is on its way; `?show=turn` only what waits for the reader's own step."""
        session, actor = db.session(), self.actor()
        turn = request.args.get("show") == "turn"
        return self.render_template(
            "plans/list.html",
            versions=plans.listed(session, actor),
            waiting=plans.waiting(session, actor, turn=turn),
            turn=turn,
            writes=may("can_write", "PlanPage"),
            **WORDS,
        )

    @expose("/new")
    @has_access
    @permission_name("write")
    def new(self) -> Any:
        """The empty form."""
        return self._form(None, {"kind": [request.args.get("kind", "")]}, "", 200)

    @expose("/new", methods=["POST"])
    @has_access
    @permission_name("write")
    def add(self) -> Any:
        """Keep the draft of a new plan."""
        return self._save(None)

    @expose("/<int:pk>")
    @has_access
    @permission_name("view")
    def show(self, pk: int) -> Any:
        """The version in force, or that of `?version=`, and how it came to be."""
        return self._show(pk, "", 200)

    @expose("/<int:pk>/edit")
    @has_access
    @permission_name("write")
    def edit(self, pk: int) -> Any:
        """The form: the version on its way, else a successor of the one in force."""
        plan = self._plan(db.session(), pk)
        version = plans.on_its_way(plan) or plans.in_force(plan)
        return self._form(plan, _values(version) if version else {}, "", 200)

    @expose("/<int:pk>/edit", methods=["POST"])
    @has_access
    @permission_name("write")
    def change(self, pk: int) -> Any:
        """Keep the draft."""
        return self._save(pk)

    @expose("/<int:pk>/copy", methods=["POST"])
    @has_access
    @permission_name("write")
    def copy(self, pk: int) -> Any:
        """Take a plan for all over as the community's own draft."""
        actor, at = self.actor(), now()
        try:
            with transaction() as session:
                form = claimed(session, actor, at)
                made = plans.copy(session, actor, self._plan(session, pk), at)
                address = form.led_to(f"/plan/{made.plan_id}/edit")
        except LinliError as error:
            return self._show(pk, sentence(error), error.status)
        flash(gettext("Taken over as a draft: put in your own numbers and places."), "success")
        return redirect(address)

    @expose("/<int:pk>/propose/<int:event_id>", methods=["POST"])
    @has_access
    @permission_name("write")
    def propose(self, pk: int, event_id: int) -> Any:
        """After an emergency: a new version of its plan, with the event as its reason (D7)."""
        actor, at = self.actor(), now()
        try:
            with transaction() as session:
                form = claimed(session, actor, at)
                plan = self._plan(session, pk)
                event = special_view.find(session, actor, event_id) or abort(404)
                with force_locale(house_locale()):
                    reason = gettext("After special event %(number)s", number=event.number)
                reason = ": ".join(filter(None, (reason, event.texts.get("improvements", ""))))
                plan_after_event.propose(session, actor, plan, event, reason, at)
                address = form.led_to(f"/plan/{pk}/edit")
        except LinliError as error:
            flash(sentence(error), "danger")
            return redirect(f"/special/{event_id}/report")
        flash(gettext("A new version is begun: write the change into it."), "success")
        return redirect(address)

    @expose("/<int:pk>/retire", methods=["POST"])
    @has_access
    @permission_name("step")
    def retire(self, pk: int) -> Any:
        """Take it out of the library."""
        actor, at = self.actor(), now()
        try:
            with transaction() as session:
                plans.retire(session, actor, self._plan(session, pk), at)
        except LinliError as error:
            return self._show(pk, sentence(error), error.status)
        flash(gettext("The plan is out of the library."), "success")
        return redirect("/plan/")

    @expose("/<int:pk>/<int:number>/<string:step>", methods=["POST"])
    @has_access
    @permission_name("step")
    def step(self, pk: int, number: int, step: str) -> Any:
        """Review, give back, put in force, drop."""
        actor, at = self.actor(), now()
        if step not in rules.STEPS:
            abort(404)
        try:
            with transaction() as session:
                version = plans.find_version(session, actor, pk, number) or abort(404)
                plans.take(session, actor, version, step, at, request.form.get("sha256") or None)
        except LinliError as error:
            return self._show(pk, sentence(error), error.status, number)
        flash(str(_DONE[step]), "success")
        return redirect(f"/plan/{pk}?version={number}")

    @expose("/<int:pk>/plan.pdf")
    @has_access
    @permission_name("view")
    def paper(self, pk: int) -> Any:
        """The paper for the wall: both languages, version and date."""
        return paper_answer(self._version(pk, None))

    # ---- what is shown
    def _plan(self, session: Session, pk: int) -> EmergencyPlan:
        return plans.find(session, self.actor(), pk) or abort(404)

    def _version(self, pk: int, number: int | None) -> PlanVersion:
        wanted = number or number_in(request.args.get("version"), 0, 0, 100_000) or None
        return plans.find_version(db.session(), self.actor(), pk, wanted) or abort(404)

    def _show(self, pk: int, error: str, status: int, number: int | None = None) -> Any:
        db.session().rollback()
        actor, version = self.actor(), self._version(pk, number)
        plan, company = version.plan, version.plan.community_id is None
        before = next((one for one in plan.versions if one.number < version.number and one.forced_at), None)
        page = self.render_template(
            "plans/show.html",
            plan=plan,
            version=version,
            before=before,
            changes=[change_words(one) for one in rules.changes(before.content, version.content)] if before else [],
            coming=plans.on_its_way(plan),
            categories=plans.categories(db.session()),
            steps=rules.allowed(version.state, company, actor.roles) if may("can_step", "PlanPage") else [],
            writes=may("can_write", "PlanPage") and plans.may_write(actor, plan.community_id),
            copies=company and version.state == PlanState.IN_FORCE and bool(actor.roles & rules.WRITERS),
            retires=may("can_step", "PlanPage")
            and bool(actor.roles & (rules.STEPS["force"].company if company else rules.STEPS["force"].roles)),
            drilled=drill_lists.of_plan(db.session(), actor, plan.id) if may("can_view", "DrillPage") else [],
            drills=may("can_plan", "DrillPage") and plans.in_force(plan) is not None and plan.retired_at is None,
            error=error,
            **WORDS,
        )
        return page, status

    def _save(self, pk: int | None) -> Any:
        actor, at, sent = self.actor(), now(), request.form.to_dict(flat=False)
        try:
            with transaction() as session:
                form = claimed(session, actor, at)
                known = self._plan(session, pk) if pk is not None else None
                version = plans.save(session, actor, at, sent, known)
                address = form.led_to(f"/plan/{version.plan_id}?version={version.number}")
        except LinliError as error:
            db.session().rollback()
            known = self._plan(db.session(), pk) if pk is not None else None
            return self._form(known, sent, sentence(error), error.status)
        flash(gettext("The draft is kept; the supervisor reviews it next."), "success")
        return redirect(address)

    def _form(self, plan: EmergencyPlan | None, values: dict[str, list[str]], error: str, status: int) -> Any:
        session, actor = db.session(), self.actor()
        page = self.render_template(
            "plans/form.html",
            plan=plan,
            version=(plans.on_its_way(plan) or plans.in_force(plan)) if plan else None,
            succeeds=plan is not None and any(one.forced_at for one in plan.versions),
            values={name: (value or [""])[0] for name, value in values.items()},
            chosen=values.get("categories", []),
            tables={name: _rows(values, columns) for name, columns in _TABLES.items()},
            error=error,
            kinds=choices("plan_kind"),
            posts=choices("plan_post"),
            categories=plans.categories(session),
            communities=plans.writable_communities(session, actor),
            for_all=bool(actor.roles & rules.COMPANY_WRITERS),
            **WORDS,
        )
        return page, status


def _rows(values: dict[str, list[str]], columns: tuple[str, ...]) -> list[dict[str, str]]:
    """The rows of a table of the form as they were, and some empty ones."""
    length = max((len(values.get(name, [])) for name in columns), default=0)
    found = []
    for row in range(length):
        line = {name: (values.get(name) or [])[row] if row < len(values.get(name) or []) else "" for name in columns}
        if any(value for name, value in line.items() if name not in ("step_order", "step_post", "step_minutes")):
            found.append(line)
    return [*found, *(dict.fromkeys(columns, "") for _blank in range(_BLANK_ROWS))]


def _values(version: PlanVersion) -> dict[str, list[str]]:
    """A version as its form sends it."""
    content = version.content
    fields = {
        "name": [content["name"]],
        "name_en": [content["name_en"]],
        "words": ["、".join(content["words"])],
        "categories": list(content["categories"]),
        "reason": [version.reason if version.state in plans.ON_ITS_WAY else ""],
        "step_order": [str(place * 10) for place, _step in enumerate(content["steps"], 1)],
    }
    for name in ("key", "zh", "en", "post", "minutes"):
        fields[f"step_{name}"] = [str(step[name]) for step in content["steps"]]
    fields["number"] = [one["number"] for one in content["numbers"]]
    for name in ("zh", "en"):
        fields[f"number_{name}"] = [one[name] for one in content["numbers"]]
    for name in ("zh", "en", "place", "place_en"):
        fields[f"thing_{name}"] = [one[name] for one in content["things"]]
    return fields


_DONE = {
    "review": _("Reviewed: the manager puts it in force next."),
    "return": _("Given back: it is a draft again."),
    "force": _("In force: it is opened with emergencies from now on. Print it for the wall."),
    "drop": _("The draft is dropped."),
}
