"""`/special/…`: special events: proposals with their evidence, the households to be visited, the report to be signed (D5, D7)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from flask import abort, flash, redirect, request
from flask_babel import gettext
from flask_babel import lazy_gettext as _
from sqlalchemy.orm import Session

from app.adapters.clock import now
from app.errors import N_, LinliError, Refused
from app.extensions import db
from app.models import SignedRecord, SpecialEvent
from app.rules.codes import RecordState
from app.rules.special_events import STEPS, allowed, hindrances
from app.services import (
    plan_after_event,
    signed_records,
    special_events,
    special_report,
    special_send,
    special_view,
)
from app.services.policies import figures
from app.services.special_detection import HOUSEHOLDS, WINDOW
from app.services.special_standing import standing_of
from app.services.special_words import title
from app.services.ticket_view import find_ticket
from app.services.transaction import transaction
from app.views.base import BasePage, expose, has_access, permission_name, sentence
from app.views.base.arguments import number_in
from app.views.base.replay import claimed
from app.views.base.versions import hold_texts_against, marks_of, seen_of, touched
from app.views.permitted import may
from app.views.plan_words import plan_name
from app.views.special_paper import kept_paper, paper_answer
from app.views.special_words import entry_line, facts, next_step, report_title, sections

PAGE = 25
FURTHEST = 100_000
TABS = {
    "open": _("Not closed"),
    "proposed": _("To be decided"),
    "confirmed": _("At work"),
    "closed": _("Closed"),
    "rejected": _("Rejected"),
    "all": _("All"),
}
_ON_REPORT = ("write", "review", "sign")
_MANY = ("tickets", "seen")


class SpecialEventPage(BasePage):
    """Rows are the actor's; which steps are offered is the rule's answer."""

    route_base = "/special"
    default_view = "overview"

    @expose("/")
    @has_access
    @permission_name("view")
    def overview(self) -> Any:
        """The events, those that wait for something first; `?show=` limits them."""
        show = request.args.get("show", "open")
        show = show if show in TABS else "open"
        page = number_in(request.args.get("page"), 0, 0, FURTHEST)
        total, found = special_view.listed(db.session(), self.actor(), show, page * PAGE, PAGE)
        return self.render_template(
            "special/list.html",
            rows=found,
            total=total,
            page=page,
            last=max(0, (total - 1) // PAGE),
            show=show,
            tabs=TABS,
            name=title,
            next_step=next_step,
        )

    @expose("/<int:pk>")
    @has_access
    @permission_name("view")
    def show(self, pk: int) -> Any:
        """One event: evidence, households, what happened, what is still owed, and the steps as buttons."""
        return self._show(pk, "", 200)

    @expose("/<int:pk>/<string:step>", methods=["POST"])
    @has_access
    @permission_name("step")
    def step(self, pk: int, step: str) -> Any:
        """Take the step. Refused: the sentence above, and what was typed still in its form."""
        actor, at = self.actor(), now()
        if step not in STEPS:
            abort(404)
        sent: dict[str, Any] = {**request.form.to_dict(), **_lists(step)}
        try:
            with transaction() as session:
                event = special_events.find(session, actor, pk)
                if event is None:
                    abort(404)
                if step == "write":
                    sent = _mine_alone(session, event, sent)
                special_events.perform(session, event, step, actor, at, sent)
        except LinliError as error:
            db.session.rollback()
            words = sentence(error)
            if step in _ON_REPORT and may("can_read_report", "SpecialEventPage"):
                return self._report(pk, words, error.status)
            return self._show(pk, words, error.status, step)
        flash(str(_DONE[step]), "success")
        return redirect(f"/special/{pk}/report" if step in _ON_REPORT else f"/special/{pk}{_ANCHORS.get(step, '')}")

    @expose("/<int:pk>/report")
    @has_access
    @permission_name("read_report")
    def report(self, pk: int) -> Any:
        """The special event report: as it would be reviewed now, or a version (`?version=`) as it was signed."""
        return self._report(pk, "", 200)

    @expose("/<int:pk>/report.pdf")
    @has_access
    @permission_name("read_report")
    def paper(self, pk: int) -> Any:
        """The report as a PDF, in `?lang=` or the page's language; that it left the system is kept."""
        event, records = self._event_with_records(pk)
        record, content = self._version(event, records)
        return paper_answer(self.actor(), event, record, content)

    @expose("/<int:pk>/send", methods=["POST"])
    @has_access
    @permission_name("step")
    def send(self, pk: int) -> Any:
        """Send the signed report with its PDF to those who are told by the decision."""
        actor, at = self.actor(), now()
        event, records = self._event_with_records(pk)
        signed = _signed(records)
        try:
            if signed is None or not special_send.may_send(event, signed, actor):
                raise Refused(N_("The report is sent after the manager has signed it."))
            version = signed.version
            path = kept_paper(event, signed)
            with transaction() as session:
                event = special_events.find(session, actor, pk) or abort(404)
                record = next(one for one in special_report.records(session, event) if one.version == version)
                special_send.send_report(session, actor, event, record, path, at)
        except LinliError as error:
            db.session.rollback()
            return self._show(pk, sentence(error), error.status)
        flash(gettext("The report is on its way; what becomes of it stands below."), "success")
        return redirect(f"/special/{pk}#decision")

    @expose("/open/<string:number>", methods=["POST"])
    @has_access
    @permission_name("open")
    def open(self, number: str) -> Any:
        """Open the special event of an emergency by hand."""
        actor, at = self.actor(), now()
        try:
            with transaction() as session:
                form = claimed(session, actor, at)
                ticket = find_ticket(session, actor, number)
                if ticket is None:
                    abort(404)
                address = form.led_to(f"/special/{special_events.open_emergency(session, actor, ticket, at).id}")
        except LinliError as error:
            flash(sentence(error), "danger")
            return redirect(f"/ticket/{number}")
        flash(gettext("The special event is open; the managers are told."), "success")
        return redirect(address)

    # ---- what is shown
    def _event(self, pk: int) -> SpecialEvent:
        event = special_view.find(db.session(), self.actor(), pk)
        if event is None:
            abort(404)
        return event

    def _show(self, pk: int, error: str, status: int, failed: str = "") -> Any:
        session, actor, event = db.session(), self.actor(), self._event(pk)
        view = special_view.shown(session, actor, event)
        open_now = event.state == "confirmed"
        standing = standing_of(session, event, view.newest) if open_now else None
        steps = allowed(event.state, event.kind, actor.roles) if may("can_step", "SpecialEventPage") else []
        page = self.render_template(
            "special/show.html",
            event=event,
            view=view,
            name=title(event),
            lines=[entry_line(entry, view.visible) for entry in view.entries],
            owed=[gettext(words) % params if params else gettext(words) for words, params in hindrances(standing)]
            if standing
            else [],
            standing=standing,
            steps=steps,
            told=special_send.receivers(session, event) if event.decided_at else [],
            proofs=special_send.proofs(session, actor, event) if event.decided_at else [],
            sends=special_send.may_send(event, _signed(view.records), actor),
            figures=figures(session, HOUSEHOLDS, WINDOW) if event.state == "proposed" else {},
            error=error,
            failed=failed,
            sent=request.form,
            now=now(),
        )
        return page, status

    def _event_with_records(self, pk: int) -> tuple[SpecialEvent, list[SignedRecord]]:
        event = self._event(pk)
        if event.confirmed_at is None:
            abort(404)
        return event, special_report.records(db.session(), event)

    def _version(self, event: SpecialEvent, records: list[SignedRecord]) -> tuple[SignedRecord | None, dict[str, Any]]:
        """The version asked for and what it says: signed and reviewed ones as they were, else as things are now."""
        wanted = number_in(request.args.get("version"), 0, 0, 10_000)
        chosen = next((one for one in records if one.version == wanted), records[0] if records else None)
        if chosen is not None and (chosen.state != RecordState.DRAFT or chosen is not records[0]):
            return chosen, chosen.content
        return chosen, special_report.content(db.session(), event)

    def _report(self, pk: int, error: str, status: int) -> Any:
        session, actor = db.session(), self.actor()
        event, records = self._event_with_records(pk)
        record, content = self._version(event, records)
        newest = records[0] if records else None
        live = special_report.content(session, event)
        page = self.render_template(
            "special/report.html",
            event=event,
            name=title(event),
            heading=report_title(event.kind),
            record=record,
            records=records,
            newest=newest,
            is_newest=record is newest,
            worked_by=plan_after_event.worked_by(session, actor, event),
            plan_name=plan_name,
            outdated=newest is not None and newest.state != RecordState.DRAFT and newest.content != live,
            whole=record is None or record.state == RecordState.DRAFT or signed_records.is_whole(record),
            facts=facts(content),
            sections=sections(content),
            sha256=_hash(event, record, content),
            texts=special_report.TEXTS,
            needed=special_report.needed_texts(event.kind),
            values={**event.texts, **_written()},
            seen=seen_of(marks_of({name: event.texts.get(name, "") for name in special_report.TEXTS}), now()),
            limit=special_report.TEXT_LIMIT,
            steps=allowed(event.state, event.kind, actor.roles) if may("can_step", "SpecialEventPage") else [],
            error=error,
            sent=request.form,
        )
        return page, status


def _written() -> dict[str, str]:
    """What the reader of the sent form has written themselves; the rest may have been written by a colleague meanwhile."""
    sent = {name: request.form[name] for name in special_report.TEXTS if name in request.form}
    return {name: sent[name] for name in touched(sent)}


def _mine_alone(session: Session, event: SpecialEvent, sent: Mapping[str, Any]) -> dict[str, Any]:
    """What was sent without the texts that its reader left alone. Raises MeanwhileError when a colleague has changed one of the
    others since."""
    session.refresh(event, with_for_update={"of": SpecialEvent})
    mine = _written()
    hold_texts_against(event.texts, mine, lambda name: gettext(special_report.TEXTS[name]))
    return {name: value for name, value in sent.items() if name not in special_report.TEXTS or name in mine}


def _signed(records: list[SignedRecord]) -> SignedRecord | None:
    return next((one for one in records if one.state == RecordState.SIGNED), None)


def _hash(event: SpecialEvent, record: SignedRecord | None, content: dict[str, Any]) -> str:
    version = record.version if record else 1
    return signed_records.fingerprint(special_report.KIND, str(event.id), version, content)


def _lists(step: str) -> dict[str, Any]:
    """What a form says with boxes: the tickets that belong to it among those it showed."""
    if step != "confirm" or "seen" not in request.form:
        return {}
    return {name: request.form.getlist(name) for name in _MANY}


_DONE = {
    "confirm": _("Confirmed: the managers are told at once."),
    "reject": _("Rejected; it is not proposed again unless another household reports the same."),
    "link": _("The ticket belongs to it."),
    "leave_out": _("The ticket is left out."),
    "visit": _("The visit is recorded."),
    "explain": _("The explanation is recorded."),
    "decide": _("The decision is recorded."),
    "outage": _("Callers hear of it now; change the words under announced outages."),
    "write": _("The report is kept; the supervisor reviews it next."),
    "review": _("Reviewed: the manager signs it next."),
    "sign": _("Signed: this version does not change any more."),
    "close": _("The special event is closed."),
}
_ANCHORS = {
    "visit": "#visits",
    "explain": "#visits",
    "link": "#tickets",
    "leave_out": "#tickets",
    "decide": "#decision",
}
