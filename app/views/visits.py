"""`/visit/…`: return visits to be made, each with its tries, answers and check; asking by phone, text, link and in person (D8)."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, datetime
from typing import Any

from flask import abort, flash, redirect, request
from flask_babel import gettext
from flask_babel import lazy_gettext as _
from sqlalchemy.orm import Session

from app.adapters.clock import now
from app.errors import LinliError
from app.extensions import db
from app.models import ReturnVisit
from app.rules.codes import CheckResult, VisitState, VisitWay
from app.services import visit_asks, visit_checks, visit_desk, visit_notes
from app.services.draws import members_of, rounds_of
from app.services.policies import figure
from app.services.signatures import drawn
from app.services.ticket_view import find_ticket
from app.services.transaction import transaction
from app.services.visit_answers import Standing
from app.views.base import BasePage, expose, has_access, local, permission_name, sentence
from app.views.base.arguments import number_in
from app.views.base.replay import claimed
from app.views.base.rows import as_id
from app.views.duty_forms import chosen_community, communities
from app.views.labels import choices, code_label
from app.views.permitted import may
from app.views.ticket_uploads import taken_photos
from app.views.timeline_words import house_name

PAGE = 25
TABS = {
    "mine": _("For me"),
    "due": _("All due"),
    "unreachable": _("Unreachable"),
    "made": _("Made"),
}
CHECK_TABS = {"checks": _("To be checked"), "checked": _("Checked")}
NOTHING = {
    "mine": (
        _("No household waits to be asked by you."),
        _("What is done is asked after by the rules; it stands here."),
    ),
    "due": (_("No household waits to be asked."), _("Complaints are all asked after, and a part of the repairs.")),
    "unreachable": (_("Every household was reached."), _("Who could not be reached in several tries stands here.")),
    "made": (_("No household has been asked yet."), _("What came of a visit stands here.")),
    "checks": (
        _("No visit waits to be checked."),
        _("A part of the visits people make is drawn for the quality check."),
    ),
    "checked": (_("No visit has been checked yet."), _("What the quality check found stands here.")),
}


class VisitPage(BasePage):
    """Rows are the actor's; who may make, give and check a visit, is the rule's answer."""

    route_base = "/visit"
    default_view = "overview"

    @expose("/")
    @has_access
    @permission_name("view")
    def overview(self) -> Any:
        """The visits under one heading; `?show=`."""
        session, actor = db.session(), self.actor()
        checks = may("can_check", "VisitPage")
        tabs = {**TABS, **(CHECK_TABS if checks else {})}
        show = request.args.get("show", "")
        show = show if show in tabs else "mine" if may("can_step", "VisitPage") else "checks" if checks else "due"
        page = number_in(request.args.get("page"), 0, 0, 100_000)
        visits, found, total = [], [], 0
        if show in TABS:
            total, visits = visit_desk.listed(session, actor, show, skip=page * PAGE, most=PAGE)
        else:
            found = visit_checks.listed(session, actor, done=show == "checked", skip=page * PAGE, most=PAGE + 1)
        counted = {**visit_desk.counts(session, actor), "checks": visit_checks.count_open(session, actor)}
        return self.render_template(
            "visits/list.html",
            show=show,
            tabs=tabs,
            counted=counted,
            visits=visits,
            checks=found[:PAGE],
            nothing=NOTHING[show],
            page=page,
            more=len(found) > PAGE or total > (page + 1) * PAGE,
            today=local(now()).date(),
            me=actor.staff_id,
        )

    @expose("/<int:pk>")
    @has_access
    @permission_name("view")
    def show(self, pk: int) -> Any:
        """One visit: what can be done now, all tries, what the household said, what the check found."""
        return self._page(pk, "", 200)

    @expose("/<int:pk>/phone", methods=["POST"])
    @has_access
    @permission_name("step")
    def phone(self, pk: int) -> Any:
        """What came of a call."""

        def do(session: Session, visit: ReturnVisit, at: datetime) -> None:
            standing = visit_notes.note_phone(session, visit, self.actor(), at, request.form.to_dict())
            flash(_noted(standing), "success")

        return self._do(pk, do)

    @expose("/<int:pk>/ask/<string:way>", methods=["POST"])
    @has_access
    @permission_name("step")
    def ask(self, pk: int, way: str) -> Any:
        """Send the question by text (`sms`) or as a link (`web`)."""
        if way not in (VisitWay.SMS, VisitWay.WEB):
            abort(404)

        def do(session: Session, visit: ReturnVisit, at: datetime) -> None:
            visit_asks.ask(session, visit, way, self.actor(), at)
            flash(gettext("The question is on its way to the household."), "success")

        return self._do(pk, do)

    @expose("/<int:pk>/give", methods=["POST"])
    @has_access
    @permission_name("step")
    def give(self, pk: int) -> Any:
        """Give the visit to somebody, or to nobody by name."""

        def do(session: Session, visit: ReturnVisit, at: datetime) -> None:
            visit_desk.assign(session, visit, as_id(request.form.get("staff_id", "")), self.actor(), at)
            flash(gettext("Noted whose visit it is."), "success")

        return self._do(pk, do)

    @expose("/<int:pk>/sign")
    @has_access
    @permission_name("step")
    def sign(self, pk: int) -> Any:
        """The form for the household's door: score, words, signature."""
        return self._sign(pk, "", 200)

    @expose("/<int:pk>/sign", methods=["POST"])
    @has_access
    @permission_name("step")
    def signed(self, pk: int) -> Any:
        """Keep what was said and signed at the door."""
        actor, at, sent = self.actor(), now(), request.form.to_dict()
        self._own(db.session(), pk)
        try:
            signature = drawn(sent.get("signature"))
            with taken_photos(at, "photos", *([signature] if signature else [])) as files, transaction() as session:
                form = claimed(session, actor, at)
                standing = visit_notes.note_in_person(session, self._own(session, pk), actor, at, sent, files)
                address = form.led_to(f"/visit/{pk}")
        except LinliError as error:
            return self._sign(pk, sentence(error), error.status)
        flash(_noted(standing), "success")
        return redirect(address)

    @expose("/<int:pk>/check")
    @has_access
    @permission_name("check")
    def check(self, pk: int) -> Any:
        """The form of the quality check."""
        return self._check(pk, "", 200)

    @expose("/<int:pk>/check", methods=["POST"])
    @has_access
    @permission_name("check")
    def checked(self, pk: int) -> Any:
        """Keep what the check found."""
        try:
            with transaction() as session:
                visit_checks.check(session, self._own(session, pk), self.actor(), now(), request.form.to_dict())
        except LinliError as error:
            return self._check(pk, sentence(error), error.status)
        flash(gettext("The quality check is noted."), "success")
        return redirect(f"/visit/{pk}")

    @expose("/for/<string:number>", methods=["POST"])
    @has_access
    @permission_name("step")
    def ask_after(self, number: str) -> Any:
        """Ask after a ticket that no rule wants asked after."""
        actor, at = self.actor(), now()
        try:
            with transaction() as session:
                ticket = find_ticket(session, actor, number) or abort(404)
                pk = visit_desk.ask_after(session, ticket, actor, at).id
        except LinliError as error:
            flash(sentence(error), "danger")
            return redirect(f"/ticket/{number}")
        return redirect(f"/visit/{pk}")

    @expose("/draws")
    @has_access
    @permission_name("check")
    def draws(self) -> Any:
        """The month's draws, so that they can be recounted; a seed is shown once its month is over."""
        session, actor = db.session(), self.actor()
        found = communities(session, actor)
        community = chosen_community(found)
        this_month = local(now()).date().replace(day=1)
        month = _month(request.args.get("month", "")) or this_month
        rounds = rounds_of(session, community.id, month) if community else []
        return self.render_template(
            "visits/draws.html",
            community=community,
            communities=found,
            month=month,
            is_over=month < this_month,
            rounds=[(one, members_of(session, one.id)) for one in rounds],
        )

    # ---- what is shown
    def _do(self, pk: int, do: Callable[[Session, ReturnVisit, datetime], None]) -> Any:
        actor, at = self.actor(), now()
        try:
            with transaction() as session:
                form = claimed(session, actor, at)
                do(session, self._own(session, pk), at)
                address = form.led_to(f"/visit/{pk}")
        except LinliError as error:
            return self._page(pk, sentence(error), error.status)
        return redirect(address)

    def _page(self, pk: int, error: str, status: int) -> Any:
        db.session().rollback()
        session, actor, at = db.session(), self.actor(), now()
        visit = self._own(session, pk)
        due = visit.state == VisitState.DUE
        steps = may("can_step", "VisitPage")
        why_not_me = visit_desk.why_not_me(session, visit, actor) if steps else None
        mine = due and steps and why_not_me is None
        shown = self.render_template(
            "visits/show.html",
            visit=visit,
            ticket=visit.ticket,
            error=error,
            sent=request.form,
            who=house_name,
            due=due,
            mine=mine,
            why_not=gettext(why_not_me) if due and why_not_me else "",
            why_no_text=_said(visit_asks.why_not(session, visit, actor, at)) if mine else "",
            people=visit_desk.permitted(session, visit, at) if due and may("can_step", "VisitPage") else [],
            worker=visit_desk.name_of(session, visit.worker_id),
            results=[(str(code), code_label("visit_result", code)) for code in visit_notes.BY_PHONE],
            most_tries=figure(session, "visits.max_tries"),
            today=local(at).date(),
            may_check=may("can_check", "VisitPage") and visit.state == VisitState.MADE,
        )
        return shown, status

    def _sign(self, pk: int, error: str, status: int) -> Any:
        db.session().rollback()
        session, actor = db.session(), self.actor()
        visit = self._own(session, pk)
        hindrance = visit_desk.why_not_me(session, visit, actor)
        page = self.render_template(
            "visits/sign.html",
            visit=visit,
            ticket=visit.ticket,
            error=error or (gettext(hindrance) if hindrance else ""),
            open=hindrance is None,
            sent=request.form,
            who=house_name,
        )
        return page, status if error or not hindrance else 409

    def _check(self, pk: int, error: str, status: int) -> Any:
        db.session().rollback()
        session, actor = db.session(), self.actor()
        visit = self._own(session, pk)
        hindrance = ""
        try:
            visit_checks.hindrance(visit, actor)
        except LinliError as refused:
            hindrance = sentence(refused)
        page = self.render_template(
            "visits/check.html",
            visit=visit,
            ticket=visit.ticket,
            error=error or hindrance,
            open=not hindrance and visit.state == VisitState.MADE and not (visit.check and visit.check.checked_at),
            sent=request.form,
            who=house_name,
            results=[(str(code), code_label("check_result", code)) for code in CheckResult],
            ways=choices("visit_way"),
        )
        return page, status if error or not hindrance else 409

    def _own(self, session: Session, pk: int) -> ReturnVisit:
        return visit_desk.find_visit(session, self.actor(), pk) or abort(404)


def _noted(standing: Standing | None) -> str:
    if standing == Standing.FURTHER:
        return gettext("The household had answered already: this is kept as a further answer.")
    return gettext("The return visit is noted.")


def _said(msgid: str | None) -> str:
    return gettext(msgid) if msgid else ""


def _month(text: str) -> date | None:
    """The first day of `YYYY-MM`; None for anything else."""
    try:
        found = date.fromisoformat(f"{text}-01") if len(text) == 7 else None
    except ValueError:
        return None
    return found if found and 2000 <= found.year <= 2200 else None
