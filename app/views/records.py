"""`/records/…`: records to sign, each a page and a PDF: reviewed by the supervisor, signed by the manager, corrected by a new
version (D5, D7)."""

from __future__ import annotations

from typing import Any

from flask import abort, flash, redirect, request
from flask_babel import force_locale, gettext
from flask_babel import lazy_gettext as _
from sqlalchemy import func, select
from sqlalchemy.orm import joinedload
from werkzeug.wrappers import Response

from app.adapters.clock import now
from app.errors import LinliError
from app.extensions import db
from app.models import SignedRecord
from app.rules.codes import RecordKind, RecordState
from app.services import papers, papers_due, signed_records
from app.services.access import rows
from app.services.papers import Paper
from app.services.transaction import transaction
from app.views.base import BasePage, expose, has_access, permission_name, sentence
from app.views.base.arguments import number_in
from app.views.permitted import may
from app.views.record_words import address_of, hash_of, name_of, sheet_of, words_for
from app.views.sheet_answer import asked_language, note_taken, sheet_answer

PAGE = 25
FURTHEST = 100_000
TABS = {
    "review": _("For the supervisor's review"),
    "sign": _("For the manager's signature"),
    "signed": _("Signed"),
    "all": _("All"),
}
_STATES = {"review": RecordState.DRAFT, "sign": RecordState.REVIEWED, "signed": RecordState.SIGNED}
_DONE = {
    "review": _("Reviewed: the manager signs it next."),
    "sign": _("Signed: this version does not change any more."),
    "correct": _("The new version is open; the supervisor reviews it next."),
}


class RecordPage(BasePage):
    """What a record is about is the reader's by its own rows; who may take which step is the service's answer."""

    route_base = "/records"
    default_view = "overview"

    @expose("/")
    @has_access
    @permission_name("view")
    def overview(self) -> Any:
        """The records on their way, one's own turn first; `?show=` and `?kind=` limit them."""
        session, actor = db.session(), self.actor()
        show = request.args.get("show", "")
        show = show if show in TABS else papers_due.turn_of(actor) or "all"
        kind = request.args.get("kind", "")
        kind = kind if kind in set(RecordKind) else ""
        page = number_in(request.args.get("page"), 0, 0, FURTHEST)
        wanted = [rows(actor, SignedRecord)]
        if show in _STATES:
            wanted.append(SignedRecord.state == _STATES[show])
        if kind:
            wanted.append(SignedRecord.kind == kind)
        total = session.scalar(select(func.count()).select_from(SignedRecord).where(*wanted)) or 0
        statement = select(SignedRecord).where(*wanted).options(joinedload(SignedRecord.community))
        statement = statement.order_by(SignedRecord.drafted_at.desc(), SignedRecord.id.desc())
        return self.render_template(
            "records/list.html",
            records=list(session.scalars(statement.offset(page * PAGE).limit(PAGE))),
            total=total,
            page=page,
            last=max(0, (total - 1) // PAGE),
            show=show,
            kind=kind,
            kinds=tuple(kind for kind in RecordKind if kind != RecordKind.APPRAISAL),
            tabs=TABS,
            name_of=name_of,
            address_of=address_of,
        )

    @expose("/<string:kind>/<string:subject>")
    @has_access
    @permission_name("view")
    def show(self, kind: str, subject: str) -> Any:
        """One record as it would be reviewed now, or a version (`?version=`) as it was."""
        return self._show(self._paper(kind, subject), "", 200)

    @expose("/<string:kind>/<string:subject>.pdf")
    @has_access
    @permission_name("view")
    def pdf(self, kind: str, subject: str) -> Response:
        """The same as a PDF, in `?lang=` or the page's language; that it left the system is kept."""
        session, actor, paper = db.session(), self.actor(), self._paper(kind, subject)
        record, kept = self._version(paper, papers.versions(session, paper))
        locale = asked_language()
        with force_locale(locale):
            words = words_for(session, actor, paper, kept)
            sheet = sheet_of(paper, record, words, hash_of(paper, record, kept), locale)
        note_taken(actor, f"{words.title} {sheet['number']}", "signed_record", record.id if record else None)
        return sheet_answer(sheet, f"{words.title}-{sheet['number']}.pdf")

    @expose("/<string:kind>/<string:subject>/<string:step>", methods=["POST"])
    @has_access
    @permission_name("step")
    def step(self, kind: str, subject: str, step: str) -> Any:
        """Review, sign or correct it. Refused: the sentence above, and what was typed still in its form."""
        actor, at, sent = self.actor(), now(), request.form
        if step not in _DONE:
            abort(404)
        try:
            with transaction() as session:
                paper = papers.find(session, actor, kind, subject)
                if paper is None:
                    abort(404)
                if step == "review":
                    papers.review(session, actor, paper, at, sent.get("sha256"), sent.get("remark"))
                elif step == "sign":
                    papers.sign(session, actor, paper, at, sent.get("sha256"))
                else:
                    papers.correct(session, actor, paper, at, sent.get("reason"), sent.get("remark"))
        except LinliError as error:
            db.session.rollback()
            return self._show(self._paper(kind, subject), sentence(error), error.status)
        flash(str(_DONE[step]), "success")
        return redirect(f"/records/{kind}/{subject}")

    def _paper(self, kind: str, subject: str) -> Paper:
        return papers.find(db.session(), self.actor(), kind, subject) or abort(404)

    def _version(self, paper: Paper, records: list[SignedRecord]) -> tuple[SignedRecord | None, dict[str, Any]]:
        """The version asked for and what it says: signed and reviewed ones as they were, else as things are now."""
        wanted = number_in(request.args.get("version"), 0, 0, 10_000)
        chosen = next((one for one in records if one.version == wanted), records[0] if records else None)
        if chosen is not None and (chosen.state != RecordState.DRAFT or chosen is not records[0]):
            return chosen, chosen.content
        return chosen, papers.content(db.session(), paper, chosen)

    def _show(self, paper: Paper, error: str, status: int) -> Any:
        session, actor, at = db.session(), self.actor(), now()
        records = papers.versions(session, paper)
        newest = records[0] if records else None
        early = not papers.is_whole(paper, at)
        record, kept = self._version(paper, records)
        live = papers.content(session, paper, newest)
        steps = may("can_step", "RecordPage")
        page = self.render_template(
            "records/show.html",
            paper=paper,
            words=words_for(session, actor, paper, kept),
            name=name_of(paper.kind, paper.subject),
            record=record,
            records=records,
            is_newest=record is newest,
            outdated=newest is not None
            and newest.state != RecordState.DRAFT
            and papers.changed(paper, newest.content, live),
            whole=record is None or record.state == RecordState.DRAFT or signed_records.is_whole(record),
            sha256=hash_of(paper, record, kept),
            live_sha256=hash_of(paper, newest, live),
            remark=request.form.get("remark", live["remark"]),
            early=gettext(paper.early) if early and paper.early else "",
            may_review=steps and actor.has(*signed_records.REVIEWS) and not early,
            may_sign=steps and actor.has(*signed_records.SIGNS),
            may_correct=steps and actor.has(*papers.CORRECTS),
            limit=papers.REMARK_LIMIT,
            error=error,
            sent=request.form,
        )
        return page, status
