"""`/complaints/…`: the complaints of a month: figures with their lists, what is missing, summary and cases, the walk through every
record (D5). Review and signature of the summary: `/records/complaint_month/…`."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from flask import abort, flash, redirect, request
from flask_babel import gettext, ngettext
from flask_babel import lazy_gettext as _
from sqlalchemy import select
from sqlalchemy.orm import Session

from app.adapters.clock import now
from app.errors import LinliError
from app.extensions import db
from app.models import ComplaintMonth, SignedRecord
from app.rules.codes import RecordKind
from app.rules.complaint_month import GAP_WORDS, MONTH_WORDS
from app.services import complaint_month_words, complaint_months, papers, signed_records
from app.services.actors import Actor
from app.services.complaint_content import names
from app.services.complaint_months import GROUPS, Item, Month
from app.services.transaction import transaction
from app.views.base import BasePage, expose, has_access, permission_name, sentence
from app.views.base.arguments import number_in
from app.views.base.local import local
from app.views.base.versions import hold_texts_against, marks_of, seen_of
from app.views.complaint_month_words import TITLES, value_words
from app.views.duty_forms import chosen_community, communities
from app.views.permitted import may
from app.views.record_words import hash_of, words_for

SHOWN_MONTHS = 12


SUMMARY_LABELS = {"summary": _("What the month's complaints show, and what is done about it")}
CASE_LABELS = {
    "title": _("Title"),
    "happened": _("What happened"),
    "lesson": _("Lesson"),
    "ticket": _("Ticket number"),
    "training_on": _("Training on"),
    "attended": _("Attended by"),
}


class ComplaintMonthPage(BasePage):
    """Months of the reader's communities; a list behind a number holds the reader's own rows."""

    route_base = "/complaints"
    default_view = "overview"

    @expose("/")
    @has_access
    @permission_name("view")
    def overview(self) -> Any:
        """The last twelve months: how many complaints, and how far the summary is."""
        session, actor = db.session(), self.actor()
        found = communities(session, actor)
        community = chosen_community(found)
        months: list[tuple[Month, int, SignedRecord | None]] = []
        if community is not None:
            this = Month(community, f"{local(now()).date():%Y-%m}")
            statement = select(SignedRecord).where(
                SignedRecord.kind == RecordKind.COMPLAINT_MONTH, SignedRecord.community_id == community.id
            )
            known = {one.subject: one for one in session.scalars(statement.order_by(SignedRecord.version))}
            for back in (0, complaint_months.MONTHS_BACK):
                for name, number in reversed(complaint_months.in_time(session, this.before(back))):
                    month = Month(community, name)
                    months.append((month, number, known.get(month.subject)))
        return self.render_template(
            "complaints/list.html", months=months[:SHOWN_MONTHS], communities=found, community=community
        )

    @expose("/month/<string:subject>")
    @has_access
    @permission_name("view")
    def month(self, subject: str) -> Any:
        """One month: how far the review is, what is missing, the figures, the words."""
        return self._show(subject, "", 200)

    @expose("/month/<string:subject>/list")
    @has_access
    @permission_name("view")
    def listed(self, subject: str) -> Any:
        """The very complaints that a number counted: `?by=finding&value=valid`; without them all of the month."""
        session, month = db.session(), self._month(subject)
        found = complaint_months.items(session, month, self.actor())
        by, value = request.args.get("by", ""), request.args.get("value", "")[:80]
        heading = gettext("Complaints of %(month)s", month=month.month)
        if by:
            if by not in GROUPS:
                abort(404)
            heading = f"{heading} · {TITLES[by]}{gettext(': ')}{value_words(by, value, _categories(found))}"
            found = complaint_months.group(found, by, value)
        return self.render_template(
            "complaints/items.html", month=month, items=found, heading=heading, gap_words=GAP_WORDS
        )

    @expose("/month/<string:subject>/<string:step>", methods=["POST"])
    @has_access
    @permission_name("write")
    def write(self, subject: str, step: str) -> Any:
        """Keep the summary (`summary`), keep a case (`case`), take one out (`drop`)."""
        actor, at, sent = self.actor(), now(), request.form.to_dict()
        steps: dict[str, tuple[Callable[[Session, Month], None], str]] = {
            "summary": (
                lambda s, m: complaint_month_words.write(s, actor, m, sent, at),
                gettext("The summary is kept."),
            ),
            "case": (lambda s, m: complaint_month_words.keep_case(s, actor, m, sent, at), gettext("The case is kept.")),
            "drop": (
                lambda s, m: complaint_month_words.drop_case(s, actor, m, sent.get("key", ""), at),
                gettext("The case is taken out."),
            ),
        }
        if step not in steps:
            abort(404)
        take, words = steps[step]
        try:
            with transaction() as session:
                month = complaint_months.find(session, actor, subject) or abort(404)
                _hold(session, month, step, sent)
                take(session, month)
        except LinliError as error:
            db.session.rollback()
            return self._show(subject, sentence(error), error.status, step)
        flash(words, "success")
        return redirect(f"/complaints/month/{subject}#{'words' if step == 'summary' else 'cases'}")

    @expose("/walk/<string:subject>")
    @has_access
    @permission_name("view")
    def walk(self, subject: str) -> Any:
        """One record after the other: `?at=3` is the third; without it the first that is not reviewed yet."""
        return self._walk(subject, "", 200)

    @expose("/walk/<string:subject>", methods=["POST"])
    @has_access
    @permission_name("review")
    def reviewed(self, subject: str) -> Any:
        """Review the record that was shown, and go on to the next one that waits."""
        actor, at, sent = self.actor(), now(), request.form
        try:
            with transaction() as session:
                month = complaint_months.find(session, actor, subject) or abort(404)
                paper = papers.find(session, actor, RecordKind.COMPLAINT, sent.get("number", ""))
                inside = paper is not None and month.starts_at <= paper.thing.created_at < month.ends_at
                if paper is None or not inside or paper.community.id != month.community.id:
                    abort(404)
                papers.review_again(session, actor, paper, at, sent.get("sha256"), sent.get("remark"))
        except LinliError as error:
            db.session.rollback()
            return self._walk(subject, sentence(error), error.status)
        found = complaint_months.items(db.session(), self._month(subject), actor)
        left = [place for place, one in enumerate(found, 1) if not one.is_reviewed]
        if not left:
            flash(gettext("Every record of the month is reviewed."), "success")
            return redirect(f"/complaints/month/{subject}")
        here = number_in(sent.get("at"), 1, 1, 100_000)
        return redirect(f"/complaints/walk/{subject}?at={next((one for one in left if one > here), left[0])}")

    # ---- what is shown
    def _month(self, subject: str) -> Month:
        return complaint_months.find(db.session(), self.actor(), subject) or abort(404)

    def _show(self, subject: str, error: str, status: int, failed: str = "") -> Any:
        session, actor, at, month = db.session(), self.actor(), now(), self._month(subject)
        found, kept = complaint_months.items(session, month), complaint_months.words(session, month)
        records = papers.versions(session, papers.of_month(month))
        categories = _categories(found)
        page = self.render_template(
            "complaints/month.html",
            month=month,
            total=len(found),
            reviewed=sum(one.is_reviewed for one in found),
            faulty=[one for one in found if one.gaps],
            gap_words=GAP_WORDS,
            missing=[gettext(MONTH_WORDS[gap]) for gap in complaint_months.gaps(found, kept, month, at)],
            figures=[
                (by, TITLES[by], [(value, value_words(by, value, categories), n) for value, n in pairs])
                for by, pairs in ((by, complaint_months.counted(found, by)) for by in GROUPS)
                if pairs
            ],
            spans=complaint_months.in_time(session, month),
            kept=kept,
            record=records[0] if records else None,
            may_write=may("can_write", "ComplaintMonthPage") and actor.has(*complaint_month_words.WRITES),
            may_review=_may_review(actor),
            limit=complaint_month_words.TEXT_LIMIT,
            seen={place: seen_of(marks_of(texts), at) for place, texts in _texts(kept).items()},
            before=month.before(1),
            error=error,
            failed=failed,
            sent=request.form,
        )
        return page, status

    def _walk(self, subject: str, error: str, status: int) -> Any:
        session, actor, month = db.session(), self.actor(), self._month(subject)
        found = complaint_months.items(session, month, actor)
        if not found:
            return redirect(f"/complaints/month/{subject}")
        first = next((place for place, one in enumerate(found, 1) if not one.is_reviewed), 1)
        place = number_in(request.values.get("at"), first, 1, len(found))
        one = found[place - 1]
        paper = papers.of_ticket(one.ticket)
        live = papers.content(session, paper, one.record)
        page = self.render_template(
            "complaints/walk.html",
            month=month,
            place=place,
            total=len(found),
            reviewed=sum(item.is_reviewed for item in found),
            progress=ngettext("%(done)s of %(num)s record reviewed", "%(done)s of %(num)s records reviewed", len(found),
                              done=sum(item.is_reviewed for item in found)),
            item=one,
            words=words_for(session, actor, paper, live),
            sha256=hash_of(paper, one.record, live),
            remark=request.form.get("remark", live["remark"]),
            gap_words=GAP_WORDS,
            may_review=_may_review(actor),
            limit=papers.REMARK_LIMIT,
            error=error,
        )  # fmt: skip
        return page, status


def _may_review(actor: Actor) -> bool:
    return may("can_review", "ComplaintMonthPage") and actor.has(*signed_records.REVIEWS)


def _categories(found: list[Item]) -> dict[str, Any]:
    return {one.ticket.category.code: names(one.ticket.category) for one in found if one.ticket.category}


def _texts(kept: ComplaintMonth | None) -> dict[str, dict[str, str]]:
    """What stands in each form of the month's words: by case its key, the summary and a new case by none."""
    texts = {"": {"summary": kept.summary if kept else ""}}
    cases = kept.cases if kept else []
    return texts | {one["key"]: {name: str(one.get(name) or "") for name in CASE_LABELS} for one in cases}


def _hold(session: Session, month: Month, step: str, sent: Mapping[str, str]) -> None:
    """Two people at the same words: who saves second is told what stands there meanwhile."""
    kept = complaint_months.words(session, month)
    if kept is None or step == "drop":
        return
    session.refresh(kept, with_for_update={"of": ComplaintMonth})
    place = sent.get("key", "") if step == "case" else ""
    labels = CASE_LABELS if step == "case" else SUMMARY_LABELS
    present = _texts(kept).get(place, {})
    if step == "summary" or place:
        mine = {name: sent[name] for name in labels if name in sent}
        hold_texts_against(present, mine, lambda name: labels[name])
