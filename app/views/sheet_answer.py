"""A sheet as a PDF for one reader: in which language, and the answer that carries it."""

from __future__ import annotations

from typing import Any
from urllib.parse import quote

from flask import Response, make_response, request
from flask_babel import get_locale

from app.adapters.clock import now
from app.adapters.report_renderer import ReportRenderer
from app.extensions import db
from app.rules.codes import AccessAction
from app.services import audit
from app.services.actors import Actor
from app.services.transaction import transaction

LANGUAGES = ("zh", "en")


def asked_language() -> str:
    """The paper's language: `?lang=`, else the page's."""
    asked = request.args.get("lang", "")
    return asked if asked in LANGUAGES else "en" if str(get_locale()).startswith("en") else "zh"


def taken_answer(
    actor: Actor, sheet: dict[str, Any], name: str, kind: str, row_id: int | None, cache: str = "private, no-store"
) -> Response:
    """`sheet_answer` of a paper about a row: that it left the system, under its name, stands on the audit trail."""
    note_taken(actor, name, kind, row_id)
    return sheet_answer(sheet, f"{name}.pdf", cache)


def note_taken(actor: Actor, subject: str, kind: str, row_id: int | None) -> None:
    """That `subject` left the system stands on the audit trail. What was read before in this request is read anew after it."""
    note_each_taken(actor, [(subject, kind, row_id)])


def note_each_taken(actor: Actor, taken: list[tuple[str, str, int | None]]) -> None:
    """The same for several papers in one file: (subject, kind, row) each."""
    at = now()
    with transaction() as session:
        for subject, kind, row_id in taken:
            audit.record(session, actor, AccessAction.EXPORTED, subject, at, kind=kind, row_id=row_id)


def sheet_answer(sheet: dict[str, Any], name: str, cache: str = "private, no-store") -> Response:
    """The PDF of a sheet (see `app.reports.sheet`) under a file name, kept by no cache. The session is given back before the
    second that rendering takes."""
    db.session.rollback()
    with ReportRenderer() as renderer:
        made = renderer.sheet(sheet)
    answer = make_response(made)
    answer.mimetype = "application/pdf"
    answer.headers["Content-Disposition"] = f"inline; filename*=UTF-8''{quote(name)}"
    answer.headers["Cache-Control"] = cache
    return answer
