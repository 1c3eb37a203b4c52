"""An edition: all that one PDF of a report is made from, as JSON. The same edition gives the same bytes."""

import hashlib
import json
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.adapters.report_renderer import Rendered, ReportRenderer
from app.models import Report
from app.rules.codes import ReportState
from app.services.reporting.words import LOCALES

PUBLISHED_STATES = (ReportState.PUBLISHED, ReportState.SUPERSEDED)
Rows = dict[str, Any]


@dataclass(frozen=True)
class Files:
    """The files of an edition by language, the fingerprint of the edition they were made from, whether they are signed."""

    by_locale: dict[str, Rendered]
    fingerprint: str
    is_signed: bool = False


def number_of(report: Report) -> str:
    """The report's number, as it stands on the cover: `sunshine-2026-10-v1`."""
    return f"{report.community.code}-{report.month}-v{report.version}"


def previous_published(session: Session, report: Report) -> Report | None:
    """The community's newest published file before this one: the link of the chain (I8)."""
    query = select(Report).where(
        Report.community_id == report.community_id, Report.id != report.id, Report.state.in_(PUBLISHED_STATES)
    )
    if report.state in PUBLISHED_STATES:
        query = query.where(Report.sha256 == report.previous_sha256)
    return session.scalars(query.order_by(Report.published_at.desc(), Report.id.desc()).limit(1)).first()


def edition_of(session: Session, report: Report, base_url: str, zone: ZoneInfo, published_at: datetime | None) -> Rows:
    """The edition of a report. `published_at` None makes a draft's preview, marked as one."""

    def day(instant: datetime | None) -> str | None:
        return None if instant is None else instant.astimezone(zone).date().isoformat()

    previous = previous_published(session, report)
    return {
        "number": number_of(report),
        "version": report.version,
        "state": "draft" if published_at is None else "published",
        "erratum_reason": report.erratum_reason,
        "reviewed_by": report.reviewed_by, "reviewed_on": day(report.reviewed_at),
        "signed_by": report.signed_by, "signed_on": day(report.signed_at),
        "published_on": day(published_at),
        "previous": {"number": number_of(previous), "sha256": previous.sha256} if previous else None,
        "verify_url": f"{base_url}/reports/{report.community.code}/{report.month}/verify",
        "dataset": report.dataset,
        "texts": report.texts,
    }  # fmt: skip


def fingerprint(edition: Rows) -> str:
    """SHA-256 of an edition's canonical JSON."""
    text = json.dumps(edition, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(text.encode()).hexdigest()


def render_files(edition: Rows, renderer: ReportRenderer | None = None) -> Files:
    """Both languages of an edition. Takes seconds: call it outside transactions. Raises RenderingFailed."""
    if renderer is not None:
        return Files({locale: renderer.render(edition, locale) for locale in LOCALES}, fingerprint(edition))
    with ReportRenderer() as own:
        return Files({locale: own.render(edition, locale) for locale in LOCALES}, fingerprint(edition))
