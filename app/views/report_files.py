"""`/reports/…`: the published reports for the people of their community, as file and as page, and the check of a copy (I6)."""

from __future__ import annotations

import logging
import re
from typing import Any

from flask import abort, make_response, request
from flask_babel import get_locale, gettext
from markupsafe import Markup
from sqlalchemy import select
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.orm import defer
from werkzeug.wrappers import Response

from app.errors import LinliError
from app.extensions import db
from app.models import Community, Report, ReportSupplement
from app.reports.html import skyline_of
from app.reports.versions import template_version
from app.reports.web import Ask, web_report
from app.rules.codes import Role
from app.rules.report_questions import anchor_of
from app.services import publication, published_reports, report_openings
from app.services.access import rows
from app.services.reporting.edition import PUBLISHED_STATES, number_of
from app.services.reporting.words import LOCALES
from app.services.transaction import transaction
from app.services.uploads import check_size_and_kind
from app.views.base import BasePage, expose, has_access, open_to_all, permission_name, sentence
from app.views.base.local import month_words
from app.views.permitted import may
from app.views.supplement_words import made_for, supplement_parts

log = logging.getLogger(__name__)

BOTH = "both"
_VERSION = re.compile(r"[1-9]\d{0,4}", re.ASCII)
_SHA256 = re.compile(r"[0-9a-fA-F]{64}", re.ASCII)


class ReportFiles(BasePage):
    """Published reports. A file is bytes of the disk whose hash is compared before they leave."""

    route_base = "/reports"
    default_view = "verify"

    @expose("/<string:code>/<string:month>.pdf")
    @has_access
    @permission_name("view")
    def file(self, code: str, month: str) -> Response:
        """The latest published report of a month; `?version=n` an earlier one, `?lang=en` the English file."""
        report = self._visible(code, month)
        locale = "en" if request.args.get("lang") == "en" else "zh"
        path, content = published_reports.file_of(report, locale)
        response = make_response(content)
        response.mimetype = "application/pdf"
        response.headers["Content-Disposition"] = f'inline; filename="{path.name}"'
        response.headers["Cache-Control"] = "private, no-cache"
        response.set_etag((report.sha256_en if locale == "en" else report.sha256) or "")
        response = response.make_conditional(request)
        if response.status_code == 200:
            self._count(report.id, report_openings.FILE)
        return response

    @expose("/<string:code>/<string:month>/read")
    @has_access
    @permission_name("view")
    def read(self, code: str, month: str) -> Any:
        """The same report as a page, from the same frozen data; `?version=n` an earlier one, `?lang=` zh, en or both."""
        report = self._visible(code, month)
        locale = "en" if str(get_locale()).startswith("en") else "zh"
        chosen = request.args.get("lang", "")
        chosen = chosen if chosen in (*LOCALES, BOTH) else locale
        # In both, the reader's own language stands first.
        shown = sorted(LOCALES, key=lambda one: one != locale) if chosen == BOTH else [chosen]
        try:
            own = self._own(report)
            edition = publication.preview_edition(db.session(), report)
            texts, refused = [web_report(edition, one, self._asks(report, first=one == shown[0])) for one in shown], ""
        except LinliError as error:
            texts, refused, own = [], sentence(error), None
        page = self.render_template(
            "report_pages/read.html",
            report=report,
            number=number_of(report),
            texts=texts,
            refused=refused,
            chosen=chosen,
            latest=published_reports.find_published(db.session(), code, month),
            skyline=skyline_of(report.dataset) if texts else "",
            month_words=month_words,
            own=own,
            own_parts=supplement_parts(own) if own else [],
            may_ask=may("can_add", "OwnerReportQuestion"),
            is_todays_wording=report.template_version in (None, template_version()),
        )
        # Who chooses a language has the page open already.
        if texts and "lang" not in request.args:
            self._count(report.id, report_openings.PAGE)
        return make_response(page, 200 if texts else 409)

    @expose("/<string:code>/<string:month>/verify", methods=["GET"])
    @open_to_all("anybody who holds a copy may check it; it shows no figure and no name of a household (I6)")
    def verify(self, code: str, month: str) -> Any:
        """Number, version, hash and state; `?sha256=` compares a hash that somebody computed."""
        given = request.args.get("sha256", "").strip()
        checked = None
        if _SHA256.fullmatch(given):
            checked = published_reports.check_hash(db.session(), code, month, given.lower())
        return self._page(code, month, checked)

    @expose("/<string:code>/<string:month>/verify", methods=["POST"])
    @open_to_all("the same check for a file; it is read, compared and forgotten")
    def check(self, code: str, month: str) -> Any:
        """Compare an uploaded file and read its signature. The file is not kept."""
        sent = request.files.get("file")
        if sent is None or not sent.filename:
            return self._page(code, month, None, refused=gettext("Please choose the PDF file to be checked."))
        try:
            upload = check_size_and_kind(sent.stream, sent.filename, kinds=("pdf",))
            checked = published_reports.check_file(db.session(), code, month, upload.content)
        except LinliError as error:
            return self._page(code, month, None, refused=sentence(error), status=error.status)
        return self._page(code, month, checked)

    def _page(
        self, code: str, month: str, checked: published_reports.Checked | None, refused: str = "", status: int = 200
    ) -> Any:
        versions = list(
            db.session().scalars(
                select(Report)
                .join(Community)
                .where(Community.code == code, Report.month == month, Report.state.in_(PUBLISHED_STATES))
                .options(defer(Report.dataset), defer(Report.texts))
                .order_by(Report.version.desc())
            )
        )
        if not versions:
            abort(404)
        page = self.render_template(
            "report_pages/verify.html",
            versions=versions,
            latest=versions[0],
            number_of=number_of,
            checked=checked,
            verdict=_verdict(checked) if checked else "",
            refused=refused,
        )
        return make_response(page, status)

    def _found(self, code: str, month: str, version: int | None) -> Report:
        report = published_reports.find_published(db.session(), code, month, version)
        if report is None:
            abort(404)
        return report

    def _count(self, report_id: int, way: str) -> None:
        """Count that a household opened it. A report is read whether or not it can be counted; a HEAD reads nothing."""
        if request.method != "GET" or not self.actor().has(Role.OWNER, Role.RESIDENT):
            return
        try:
            with transaction() as session:
                report_openings.note(session, report_id, way)
        except SQLAlchemyError:
            log.warning("An opening of report %s was not counted", report_id, exc_info=True)

    def _own(self, report: Report) -> ReportSupplement | None:
        """The reader's supplement, made now where there is none. A report is read whether or not it can be kept."""
        if request.method != "GET":
            return None
        report_id = report.id
        try:
            return made_for(self.actor(), report)
        except SQLAlchemyError:
            db.session().rollback()
            log.warning("A supplement of report %s was not made", report_id, exc_info=True)
            return None

    def _asks(self, report: Report, first: bool) -> Ask:
        """What stands behind a figure's name: its place, named once in the page, and for a household the way to ask."""
        asks = may("can_add", "OwnerReportQuestion")
        words, lang = gettext("Ask"), str(get_locale())

        def ask(code: str) -> Markup:
            place = anchor_of(code)
            mark = Markup(' id="{}"').format(place) if first else Markup()
            if not asks:
                return Markup("<span{}></span>").format(mark)
            return Markup(' <a class="r-ask no-print"{} href="/owner/reports/{}/ask?about={}" lang="{}">{}</a>').format(
                mark, report.id, place, lang, words
            )

        return ask

    def _visible(self, code: str, month: str) -> Report:
        """The published report of the address, for those whose community's it is."""
        report = self._found(code, month, self._version())
        if db.session().scalar(select(Report.id).where(Report.id == report.id, rows(self.actor(), Report))) is None:
            abort(404)
        return report

    def _version(self) -> int | None:
        given = request.args.get("version")
        if given is None or given == "":
            return None
        if not _VERSION.fullmatch(given):
            abort(404)
        return int(given)


def _verdict(checked: published_reports.Checked) -> str:
    """One word for what the file turned out to be: its sentence stands in the template."""
    if checked.report is not None:
        if not checked.is_here:
            return "elsewhere"
        return "latest" if checked.is_latest else "superseded"
    signature = checked.signature
    if signature is None:
        return "unknown"
    if not checked.is_ours:
        return "foreign"
    if not signature.intact:
        return "changed"
    return "unpublished" if signature.whole else "added"
