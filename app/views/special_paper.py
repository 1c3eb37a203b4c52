"""The special event report as a PDF: the same words as the page, on paper, with who reviewed and signed exactly what."""

from __future__ import annotations

import secrets
from typing import Any

from flask import current_app
from flask_babel import force_locale, gettext
from werkzeug.wrappers import Response

from app.adapters.clock import now
from app.adapters.report_renderer import ReportRenderer
from app.extensions import db
from app.models import SignedRecord, SpecialEvent
from app.rules.codes import RecordState
from app.services import signed_records
from app.services.actors import Actor
from app.services.names import named
from app.services.special_report import KIND
from app.services.special_words import title
from app.services.spoken_lines import house_locale
from app.views.base.local import local_text
from app.views.sheet_answer import asked_language, taken_answer
from app.views.special_words import facts, report_title, sections

HOUSES = ("records", "special_events")
"""How the house signs what it has written by itself."""


def paper_answer(actor: Actor, event: SpecialEvent, record: SignedRecord | None, content: dict[str, Any]) -> Response:
    """The PDF of a version, or of the draft as things are now; that it left the system is kept."""
    locale = asked_language()
    with force_locale(locale):
        sheet = paper(event, record, content, locale)
        name = f"{report_title(event.kind)}-{event.number}-v{record.version if record else 1}"
    return taken_answer(actor, sheet, name, "special_event", event.id)


def kept_paper(event: SpecialEvent, record: SignedRecord) -> str:
    """The PDF of a signed version as a file below DATA_DIR, in the house's language: what a mail takes along. The same version
    is the same file."""
    data_dir = current_app.extensions["settings"].data_dir
    relative = f"special/{event.number}-v{record.version}-{record.sha256[:12]}.pdf"
    target = data_dir / relative
    locale = house_locale()
    with force_locale(locale):
        sheet = paper(event, record, record.content, locale)
    db.session.rollback()
    if not target.exists():
        with ReportRenderer() as renderer:
            made = renderer.sheet(sheet)
        target.parent.mkdir(parents=True, exist_ok=True)
        # Another request may write the same at once: whole files only.
        part = target.with_name(f"{target.name}.{secrets.token_hex(4)}")
        part.write_bytes(made)
        part.replace(target)
    return relative


def paper(event: SpecialEvent, record: SignedRecord | None, content: dict[str, Any], locale: str) -> dict[str, Any]:
    """What stands on the paper, in the present language (see `app.reports.sheet`)."""
    signed = record is not None and record.state == RecordState.SIGNED
    version = record.version if record else 1
    return {
        "form": "record",
        "locale": locale,
        "number": f"{event.number}-v{version}",
        "issuer": gettext("%(community)s service centre", community=named(event.community)),
        "title": report_title(event.kind),
        "subtitle": title(event),
        "draft": "" if signed else gettext("Not signed yet"),
        "facts": facts(content),
        "sections": sections(content),
        "signs": [],
        "sign_hint": "",
        **signatures(record, signed_records.fingerprint(KIND, str(event.id), version, content)),
        "foot": gettext("Printed at %(when)s", when=local_text(now())),
    }


def signatures(record: SignedRecord | None, sha256: str) -> dict[str, Any]:
    """Who wrote, reviewed and signed, and the proof of what: the end of any record that is signed."""
    people = [
        [gettext("Written"), _author(record), record.drafted_at if record else None],
        [gettext("Reviewed by the supervisor"), (record.reviewed_by or "") if record else "", record.reviewed_at if record else None],
        [gettext("Signed by the manager"), (record.signed_by or "") if record else "", record.signed_at if record else None],
    ]  # fmt: skip
    proof = [[gettext("Version"), str(record.version if record else 1)]]
    if record is not None and record.reason:
        proof.append([gettext("What this version corrects"), record.reason])
    proof.append([gettext("SHA-256 of what is signed"), sha256])
    return {"signatures": [[label, who, local_text(at)] for label, who, at in people], "proof": proof}


def _author(record: SignedRecord | None) -> str:
    """Who wrote it; the house itself in words."""
    if record is None:
        return ""
    return gettext("by itself") if record.drafted_by in HOUSES else record.drafted_by
