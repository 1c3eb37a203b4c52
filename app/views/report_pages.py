"""`/report/…`: the staff's way with a monthly report: draft, texts, preview, review, signature, publication (D14, D15)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from flask import abort, flash, make_response, redirect, request
from flask_babel import gettext
from flask_babel import lazy_gettext as _
from sqlalchemy import select
from sqlalchemy.orm import defer
from werkzeug.wrappers import Response

from app.adapters.clock import now
from app.errors import LinliError
from app.extensions import db
from app.models import Community, Report
from app.reports.publishing import preview, publish_report
from app.rules.codes import ReportState, Role
from app.services import publication, report_openings
from app.services.access import rows
from app.services.reporting import changes
from app.services.reporting.edition import PUBLISHED_STATES, number_of
from app.services.reporting.period import months_until, previous_month
from app.services.reporting.texts import BLOCKS
from app.services.reporting.words import LOCALES
from app.services.transaction import transaction
from app.views.base import BasePage, expose, has_access, permission_name, sentence, zone
from app.views.base.local import month_words
from app.views.base.versions import hold_texts_against, marks_of, seen_of, touched
from app.views.report_board import board_answer
from app.views.report_changes import figure_rows, section_names
from app.views.sheet_answer import asked_language

MOST_MONTHS = 36
BLOCK_NAMES = {
    "common": _("Complaints of common interest and what was done"),
    "improved": _("What got better"),
    "plan": _("Plan for next month"),
}
STEPS = ("review", "sign", "publish", "rebuild", "erratum")
_OFFERED = {
    ReportState.DRAFT: ("review", "rebuild"),
    ReportState.REVIEWED: ("sign", "rebuild"),
    ReportState.SIGNED: ("publish", "rebuild"),
    ReportState.PUBLISHED: ("erratum",),
    ReportState.SUPERSEDED: (),
}
_ROLE_OF_STEP = {
    "review": (Role.SUPERVISOR,),
    "sign": (Role.MANAGER,),
    "publish": (Role.MANAGER,),
    "rebuild": (Role.MANAGER, Role.DEPUTY, Role.SUPERVISOR, Role.ASSISTANT),
    "erratum": (Role.MANAGER, Role.DEPUTY, Role.SUPERVISOR, Role.ASSISTANT),
}


class ReportPage(BasePage):
    """Reports on their way. Rows are the actor's; whether a step may be taken is the service's answer."""

    route_base = "/report"
    default_view = "overview"

    @expose("/")
    @has_access
    @permission_name("view")
    def overview(self) -> Any:
        """All reports of the actor's communities, newest month first, and the form that starts a draft."""
        session, actor = db.session(), self.actor()
        reports = session.scalars(
            select(Report)
            .where(rows(actor, Report))
            .options(defer(Report.dataset), defer(Report.texts))
            .order_by(Report.month.desc(), Report.community_id, Report.version.desc())
            .limit(60)
        )
        communities = session.scalars(select(Community).where(rows(actor, Community)).order_by(Community.id)).all()
        return self.render_template(
            "report_pages/overview.html",
            reports=list(reports),
            communities=communities,
            months=[(key, month_words(key)) for key in _finished_months()],
            number_of=number_of,
            may_build=actor.has(*_ROLE_OF_STEP["rebuild"]),
        )

    @expose("/build", methods=["POST"])
    @has_access
    @permission_name("step")
    def build(self) -> Response:
        """Start (or make anew) the draft of a month."""
        actor, at = self.actor(), now()
        try:
            with transaction() as session:
                community = session.scalars(
                    select(Community).where(Community.code == request.form.get("community", ""), rows(actor, Community))
                ).first()
                if community is None:
                    abort(404)
                report = publication.build_draft(session, community, request.form.get("month", "").strip(), actor, at)
                address = f"/report/page/{report.id}"
        except LinliError as error:
            flash(sentence(error), "danger")
            address = "/report/"
        return redirect(address)

    @expose("/page/<int:pk>")
    @has_access
    @permission_name("view")
    def page(self, pk: int) -> Any:
        """One version: where it stands, its texts, its steps."""
        return self._page(pk, {}, "", 200)

    @expose("/page/<int:pk>/preview.pdf")
    @has_access
    @permission_name("view")
    def preview(self, pk: int) -> Response:
        """The PDF as it would look now; `?lang=en` in English."""
        report = self._visible(pk)
        locale = "en" if request.args.get("lang") == "en" else "zh"
        response = make_response(preview(report.id, locale).content)
        response.mimetype = "application/pdf"
        response.headers["Content-Disposition"] = f'inline; filename="draft-{pk}-{locale}.pdf"'
        response.headers["Cache-Control"] = "no-store"
        return response

    @expose("/page/<int:pk>/board.pdf")
    @has_access
    @permission_name("view")
    def board(self, pk: int) -> Response:
        """A published report on one sheet for the notice board, with the code that leads to it; `?lang=zh` or `en`."""
        report = self._visible(pk)
        if report.state not in PUBLISHED_STATES:
            abort(404)
        return board_answer(report, asked_language())

    @expose("/page/<int:pk>/texts", methods=["POST"])
    @has_access
    @permission_name("step")
    def texts(self, pk: int) -> Any:
        """Save the text blocks. Refused: the sentence above the form, and what was typed still in it."""
        self._visible(pk)
        actor, at = self.actor(), now()
        typed = {
            block: {locale: request.form[name] for locale in LOCALES if (name := f"{block}-{locale}") in request.form}
            for block in BLOCKS
        }
        confirmed = request.form.get("confirmed") == "1"
        mine = touched(_flat(typed))
        # What the reader left as it was shown stays as it is now: a colleague may be at another block.
        typed = {
            block: {loc: text for loc, text in by.items() if f"{block}-{loc}" in mine} for block, by in typed.items()
        }
        try:
            with transaction() as session:
                report = session.get(Report, pk, with_for_update={"of": Report}, populate_existing=True)
                if report is None:
                    abort(404)
                theirs = _flat(report.texts)
                hold_texts_against(theirs, _flat(typed), lambda name: BLOCK_NAMES[name.partition("-")[0]])
                publication.edit_texts(session, report, actor, at, typed, confirmed)
        except LinliError as error:
            return self._page(pk, typed, sentence(error), error.status)
        flash(gettext("The texts are saved."), "success")
        return redirect(f"/report/page/{pk}")

    @expose("/page/<int:pk>/<string:step>", methods=["POST"])
    @has_access
    @permission_name("step")
    def step(self, pk: int, step: str) -> Any:
        """Review, sign, publish, make the draft anew, start an erratum."""
        self._visible(pk)
        if step not in STEPS:
            abort(404)
        try:
            following = self._take(pk, step)
        except LinliError as error:
            return self._page(pk, {}, sentence(error), error.status)
        flash(gettext("Noted."), "success")
        return redirect(f"/report/page/{following}")

    def _take(self, pk: int, step: str) -> int:
        """Take a step; the id of the report to show afterwards."""
        actor, at = self.actor(), now()
        if step == "publish":
            publish_report(pk, actor, at)
            return pk
        with transaction() as session:
            report = session.get(Report, pk)
            if report is None:
                abort(404)
            if step == "review":
                publication.review(session, report, actor, at)
            elif step == "sign":
                publication.sign(session, report, actor, at)
            else:
                erratum = step == "erratum"
                reason = request.form.get("reason", "").strip() or None
                report = publication.build_draft(
                    session, report.community, report.month, actor, at, erratum=erratum, reason=reason
                )
            return report.id

    def _page(self, pk: int, typed: dict[str, dict[str, str]], error: str, status: int) -> Any:
        db.session().rollback()
        report, actor = self._visible(pk), self.actor()
        texts = {block: {**report.texts.get(block, {}), **typed.get(block, {})} for block in BLOCKS}
        offered = [step for step in _OFFERED[ReportState(report.state)] if actor.has(*_ROLE_OF_STEP[step])]
        page = self.render_template(
            "report_pages/page.html",
            report=report,
            number=number_of(report),
            texts=texts,
            blocks=BLOCKS,
            block_names=BLOCK_NAMES,
            seen=seen_of(marks_of(_whole(report.texts)), now()),
            locales=LOCALES,
            offered=offered,
            may_edit=report.state in (ReportState.DRAFT, ReportState.REVIEWED)
            and actor.has(Role.SUPERVISOR, Role.MANAGER),
            is_published=report.state in PUBLISHED_STATES,
            openings=report_openings.openings(db.session(), report.id),
            error=error,
            **_differences(report),
        )
        return make_response(page, status)

    def _visible(self, pk: int) -> Report:
        report = db.session().scalars(select(Report).where(Report.id == pk, rows(self.actor(), Report))).first()
        if report is None:
            abort(404)
        return report


def _differences(report: Report) -> dict[str, Any]:
    """What the page tells of changes: since the figures were frozen, and from the version before."""
    session = db.session()
    since = changes.changed_since(session, report, zone()) if report.state in PUBLISHED_STATES else []
    before = changes.version_before(session, report)
    found = changes.against(before, report) if before else None
    return {
        "since": figure_rows(since),
        "before": before,
        "difference": found,
        "different_figures": figure_rows(found.figures) if found else [],
        "section_names": section_names,
    }


def _finished_months() -> list[str]:
    """The months a draft can be made of, the latest first."""
    return [month.key for month in reversed(months_until(previous_month(now(), zone()), MOST_MONTHS, zone()))]


def _flat(texts: Mapping[str, Mapping[str, str]]) -> dict[str, str]:
    """`{block: {locale: text}}` → `{"block-locale": text}`."""
    return {f"{block}-{locale}": text for block, by in texts.items() for locale, text in by.items()}


def _whole(texts: Mapping[str, Mapping[str, str]]) -> dict[str, str]:
    """The same of every block in every language, empty ones too: what the form shows."""
    return {f"{block}-{locale}": texts.get(block, {}).get(locale, "") for block in BLOCKS for locale in LOCALES}
