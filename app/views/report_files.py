"""`/reports/…`: the published files for the people of their community, and the page where anybody can check a copy (I6)."""

from __future__ import annotations

import re
from typing import Any

from flask import abort, make_response, request
from sqlalchemy import select
from werkzeug.wrappers import Response

from app.extensions import db
from app.models import Community, Report
from app.services import publication
from app.services.access import rows
from app.services.reporting.edition import PUBLISHED_STATES, number_of
from app.views.base import BasePage, expose, has_access, open_to_all, permission_name

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
        report = self._found(code, month, self._version())
        session = db.session()
        visible = select(Report.id).where(Report.id == report.id, rows(self.actor(), Report))
        if session.scalar(visible) is None:
            abort(404)
        locale = "en" if request.args.get("lang") == "en" else "zh"
        path, content = publication.file_of(report, locale)
        response = make_response(content)
        response.mimetype = "application/pdf"
        response.headers["Content-Disposition"] = f'inline; filename="{path.name}"'
        response.headers["Cache-Control"] = "private, no-cache"
        response.set_etag((report.sha256_en if locale == "en" else report.sha256) or "")
        return response.make_conditional(request)

    @expose("/<string:code>/<string:month>/verify", methods=["GET"])
    @open_to_all("anybody who holds a copy may check it; it shows no figure and no name of a household (I6)")
    def verify(self, code: str, month: str) -> Any:
        """Number, version, hash and state; `?sha256=` compares a hash that somebody computed."""
        given = request.args.get("sha256", "").strip()
        checked = None
        if _SHA256.fullmatch(given):
            checked = publication.check_hash(db.session(), code, month, given.lower())
        return self._page(code, month, checked)

    @expose("/<string:code>/<string:month>/verify", methods=["POST"])
    @open_to_all("the same check for a file; it is read, compared and forgotten")
    def check(self, code: str, month: str) -> Any:
        """Compare an uploaded file. The server computes its hash; the file is not kept."""
        upload = request.files.get("file")
        content = upload.read() if upload is not None else b""
        if not content:
            return self._page(code, month, None, nothing_sent=True)
        return self._page(code, month, publication.check_file(db.session(), code, month, content))

    def _page(self, code: str, month: str, checked: publication.Checked | None, nothing_sent: bool = False) -> Any:
        versions = list(
            db.session().scalars(
                select(Report)
                .join(Community)
                .where(Community.code == code, Report.month == month, Report.state.in_(PUBLISHED_STATES))
                .order_by(Report.version.desc())
            )
        )
        if not versions:
            abort(404)
        return self.render_template(
            "report_pages/verify.html",
            versions=versions,
            latest=versions[0],
            number_of=number_of,
            checked=checked,
            nothing_sent=nothing_sent,
        )

    def _found(self, code: str, month: str, version: int | None) -> Report:
        report = publication.find_published(db.session(), code, month, version)
        if report is None:
            abort(404)
        return report

    def _version(self) -> int | None:
        given = request.args.get("version")
        if given is None or given == "":
            return None
        if not _VERSION.fullmatch(given):
            abort(404)
        return int(given)
