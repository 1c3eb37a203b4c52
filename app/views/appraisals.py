"""`/appraisals/…`: monthly appraisals (D16): the manager's list, one's own, a sheet as page and PDF, and the weights as data."""

from __future__ import annotations

from typing import Any
from urllib.parse import quote

from flask import abort, flash, redirect, request
from flask_babel import force_locale, gettext
from flask_babel import lazy_gettext as _
from sqlalchemy import select
from sqlalchemy.orm import Session, joinedload
from werkzeug.wrappers import Response

from app.adapters.clock import now
from app.errors import LinliError
from app.extensions import db
from app.models import AppraisalPlan, Ticket
from app.rules import appraisal as rules
from app.rules.codes import ItemOutcome, Role
from app.rules.row_scopes import Scope, scope_of
from app.services import appraisal_plans, appraisals
from app.services.access import rows
from app.services.reporting.labels import LABELS
from app.services.reporting.period import month_key, month_of, shift
from app.services.transaction import transaction
from app.views.appraisal_words import amount, name_of, places, sheet_of
from app.views.base import BasePage, expose, has_access, permission_name, sentence
from app.views.base.arguments import number_in
from app.views.base.local import local, month_words, zone
from app.views.base.replay import claimed
from app.views.base.rows import as_id
from app.views.base.versions import hold_against, seen_of
from app.views.permitted import may
from app.views.sheet_answer import asked_language, note_taken, sheet_answer

FURTHEST, BILLS = 10_000, 25
_DONE = {
    "save": _("Kept. The person reads it next."),
    "answer": _("Thank you. It is signed next."),
    "sign": _("Signed: this version does not change any more."),
    "correct": _("The new version is open: change what is to be corrected."),
}


def _mark_of(plan: AppraisalPlan | None) -> dict[str, str]:
    """What two readings of the same plan share."""
    return {"plan": f"{month_key(plan.starts_on)} {list(appraisal_plans.weights_of(plan))}" if plan else ""}


def _sent_mark() -> str:
    """The sent weights, as `_mark_of` writes them; nothing where they cannot be read: a colleague's change is told before that."""
    try:
        return f"{request.form.get('month', '')} {appraisal_plans.read(request.form)}"
    except LinliError:
        return ""


class AppraisalPage(BasePage):
    """Sheets are the reader's by their rows: one's own, the manager's community. Who may take which step is the service's answer."""

    route_base = "/appraisals"
    default_view = "overview"

    @expose("/")
    @has_access
    @permission_name("view")
    def overview(self) -> Any:
        """The sheets of a community's month for whoever may read them all; else one's own. `?show=turn`: what waits for one."""
        return self._list("", 200)

    @expose("/draw", methods=["POST"])
    @has_access
    @permission_name("lead")
    def draw(self) -> Any:
        """Open the sheets of a month for everybody who has none yet."""
        actor, at, month = self.actor(), now(), request.form.get("month", "")
        community = as_id(request.form.get("community", "")) or abort(404)
        try:
            with transaction() as session:
                made = appraisals.draw_up(session, actor, community, month, at)
        except LinliError as error:
            db.session.rollback()
            return self._list(sentence(error), error.status)
        flash(gettext("Appraisals drawn up: %(number)s.", number=made), "success")
        return redirect(f"/appraisals/?community={community}&month={quote(month)}")

    @expose("/<int:pk>")
    @has_access
    @permission_name("view")
    def show(self, pk: int) -> Any:
        """One sheet."""
        return self._show(pk, "", 200)

    @expose("/<int:pk>/<string:step>", methods=["POST"])
    @has_access
    @permission_name("step")
    def step(self, pk: int, step: str) -> Any:
        """save, answer, sign, correct. Refused: the sentence above, and what was typed still in its form."""
        actor, at, sent = self.actor(), now(), request.form
        if step not in _DONE:
            abort(404)
        try:
            with transaction() as session:
                form = claimed(session, actor, at)
                sheet = appraisals.find(session, actor, pk, hold=True) or abort(404)
                if step == "save":
                    appraisals.save(session, actor, sheet, sent, at)
                elif step == "answer":
                    appraisals.answer(session, actor, sheet, sent.get("remark"), at, sent.get("sha256"))
                elif step == "sign":
                    appraisals.sign(session, actor, sheet, at, sent.get("sha256"))
                else:
                    appraisals.correct(session, actor, sheet, sent.get("reason"), at)
                form.led_to(f"/appraisals/{pk}")
        except LinliError as error:
            db.session.rollback()
            return self._show(pk, sentence(error), error.status)
        flash(str(_DONE[step]), "success")
        return redirect(f"/appraisals/{pk}")

    @expose("/<int:pk>.pdf")
    @has_access
    @permission_name("view")
    def pdf(self, pk: int) -> Response:
        """The same on paper, in `?lang=` or the page's language; that it left the system is kept."""
        session = db.session()
        sheet = appraisals.find(session, self.actor(), pk) or abort(404)
        known, sha256 = appraisals.versions(session, sheet), appraisals.fingerprint(session, sheet)
        locale = asked_language()
        with force_locale(locale):
            paper = sheet_of(sheet, known[0] if known else None, sha256, locale)
            name = f"{gettext('Monthly appraisal')}-{sheet.month}-{sheet.staff.name}"
        note_taken(self.actor(), name, "appraisal", pk)
        return sheet_answer(paper, f"{name}.pdf")

    @expose("/<int:pk>/evidence/<int:place>")
    @has_access
    @permission_name("view")
    def evidence(self, pk: int, place: int) -> Any:
        """The tickets a figure of the sheet was made from, those the reader may see."""
        session, actor = db.session(), self.actor()
        sheet = appraisals.find(session, actor, pk) or abort(404)
        if place >= len(sheet.lines):
            abort(404)
        line = sheet.lines[place]
        found = (
            select(Ticket)
            .where(Ticket.id.in_(set(line["tickets"])), rows(actor, Ticket))
            .order_by(Ticket.created_at.desc(), Ticket.id)
        )
        known = {
            one.id: one for one in session.scalars(found.options(joinedload(Ticket.house), joinedload(Ticket.category)))
        }
        shown = [known[one] for one in line["tickets"] if one in known]
        return self.render_template(
            "appraisals/evidence.html",
            sheet=sheet,
            line=line,
            name=name_of(line),
            shown=shown,
            gone=len(line["tickets"]) - len(shown),
        )

    @expose("/<int:pk>/bills/<int:place>")
    @has_access
    @permission_name("view")
    def bills(self, pk: int, place: int) -> Any:
        """The bills of the month that a collection rate of the sheet is made from, those the reader may see."""
        session, actor = db.session(), self.actor()
        sheet = appraisals.find(session, actor, pk) or abort(404)
        if place >= len(sheet.lines) or sheet.lines[place]["figure"] != "collection":
            abort(404)
        line, page = sheet.lines[place], number_in(request.args.get("page"), 0, 0, FURTHEST)
        found = appraisals.bills(session, actor, sheet, line, page * BILLS, BILLS)
        return self.render_template(
            "appraisals/bills.html",
            sheet=sheet,
            line=line,
            name=name_of(line),
            total=found[0],
            rows=found[1],
            gone=max(0, line["count"] - found[0]),
            page=page,
            last=max(0, (found[0] - 1) // BILLS),
        )

    @expose("/weights")
    @has_access
    @permission_name("weights")
    def weights(self) -> Any:
        """What counts how much for each role; an administrator's form."""
        return self._weights("", 200)

    @expose("/weights", methods=["POST"])
    @has_access
    @permission_name("plan")
    def plan(self) -> Any:
        """Put weights in force from a month on."""
        actor, at = self.actor(), now()
        try:
            with transaction() as session:
                form = claimed(session, actor, at)
                self._hold(session)
                appraisal_plans.set_plan(session, actor, request.form, at)
                address = form.led_to("/appraisals/weights")
        except LinliError as error:
            db.session.rollback()
            return self._weights(sentence(error), error.status)
        flash(gettext("The weights are in force from that month on."), "success")
        return redirect(address)

    def _hold(self, session: Session) -> None:
        """Two administrators at one role's weights: who saves second is told what was set meanwhile."""
        last = appraisal_plans.last_set(session, request.form.get("role", ""), held=True)
        hold_against(
            _mark_of(last),
            {"plan": _sent_mark()},
            lambda _name: gettext(
                "%(name)s has set weights from %(month)s on, see below",
                name=last.made_by if last else "",
                month=month_key(last.starts_on) if last else "",
            ),
        )

    def _list(self, refusal: str, status: int) -> Any:
        session, actor = db.session(), self.actor()
        whole = actor.has(Role.MANAGER, Role.QUALITY)
        last = month_key(shift(month_key(local(now()).date()), -1))
        month = request.values.get("month", "") or last
        try:
            month_of(month, zone())
        except LinliError:
            month = last if refusal else abort(404)
        turn = request.args.get("show") == "turn"
        known = appraisals.communities(session, actor) if whole else []
        community = as_id(request.values.get("community", "")) or (known[0].id if known else None)
        if whole and known and community not in {one.id for one in known}:
            abort(404)
        wanted: dict[str, Any] = {"own": True}
        kept: dict[str, Any] = {}
        if turn:
            wanted, kept = {"turn": True}, {"show": "turn"}
        elif whole:
            wanted, kept = {"community_id": community, "month": month}, {"community": community, "month": month}
        number = number_in(request.args.get("page"), 0, 0, FURTHEST)
        total, found = appraisals.listed(session, actor, **wanted, skip=number * appraisals.PAGE)
        page = self.render_template(
            "appraisals/list.html",
            sheets=found,
            total=total,
            page=number,
            last=max(0, (total - 1) // appraisals.PAGE),
            kept=kept,
            whole=whole and not turn,
            turn=turn,
            communities=known,
            community=community,
            month=month,
            title=month_words(month),
            earlier=month_key(shift(month, -1)),
            later=month_key(shift(month, 1)) if month < last else "",
            over=month <= last,
            leads=may("can_lead", "AppraisalPage"),
            company=actor.has(Role.QUALITY) and not actor.has(Role.MANAGER),
            refusal=refusal,
        )
        return page, status

    def _show(self, pk: int, refusal: str, status: int) -> Any:
        session, actor = db.session(), self.actor()
        sheet = appraisals.find(session, actor, pk) or abort(404)
        mine = actor.staff_id is not None and actor.staff_id == sheet.staff_id
        leads = may("can_lead", "AppraisalPage") and appraisals.leads(actor, sheet)
        page = self.render_template(
            "appraisals/show.html",
            sheet=sheet,
            records=appraisals.versions(session, sheet),
            sha256=appraisals.fingerprint(session, sheet),
            mine=mine,
            leads=leads and sheet.state != "signed",
            corrects=leads and sheet.state == "signed",
            of_manager=sheet.role == Role.MANAGER,
            form=places(sheet, request.form if refusal else None),
            outcomes=tuple(ItemOutcome),
            title=month_words(sheet.month),
            amount=amount,
            name_of=name_of,
            bills=may("can_list", "BillView"),
            own_bills=mine
            and any(scope_of("Bill", role) != Scope.NOTHING for role in actor.roles if role in list(Role)),
            refusal=refusal,
            typed=request.form if refusal else {},
        )
        return page, status

    def _weights(self, refusal: str, status: int) -> Any:
        session = db.session()
        known = appraisal_plans.listed(session)
        role = request.values.get("role", "")
        role = role if role in rules.ROLES else str(Role.STEWARD)
        this = month_key(local(now()).date())
        current = {str(one): appraisal_plans.in_force(session, one, this) for one in rules.ROLES}
        page = self.render_template(
            "appraisals/weights.html",
            plans=[(plan, appraisal_plans.weights_of(plan)) for plan in known],
            current=current,
            roles=rules.ROLES,
            role=role,
            month=request.form.get("month") or this,
            form=dict(request.form) if refusal else appraisal_plans.as_sent(current[role]),
            codes=rules.CODES,
            names=LABELS,
            unit_of=rules.unit_of,
            most=rules.MOST_LINES,
            amount=amount,
            name_of=name_of,
            edits=may("can_plan", "AppraisalPage"),
            seen=seen_of(_mark_of(appraisal_plans.last_set(session, role)), now()),
            refusal=refusal,
        )
        return page, status
