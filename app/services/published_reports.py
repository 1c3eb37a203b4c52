"""Published reports: found, opened with their bytes proven, and compared with a file that somebody holds (D14)."""

import hashlib
import hmac
from dataclasses import dataclass, replace
from pathlib import Path

from flask import current_app
from sqlalchemy import or_, select
from sqlalchemy.orm import Session, defer

from app.adapters.files import inside
from app.adapters.signature_check import Signature, read_signature
from app.adapters.signing_key import is_ours
from app.errors import N_, NotFound, Refused
from app.models import Community, Report
from app.rules.codes import ReportState
from app.services.reporting.edition import PUBLISHED_STATES


def find_published(session: Session, code: str, month: str, version: int | None = None) -> Report | None:
    """The latest published report of a community's month, or the given version of it."""
    query = (
        select(Report)
        .join(Community)
        .where(Community.code == code, Report.month == month, Report.state.in_(PUBLISHED_STATES))
    )
    if version is not None:
        query = query.where(Report.version == version)
    return session.scalars(query.order_by(Report.version.desc()).limit(1)).first()


def file_of(report: Report, locale: str) -> tuple[Path, bytes]:
    """Path and bytes of a published file. Raises NotFound when it is missing, Refused when its bytes changed on disk."""
    english = locale == "en" and report.file_path_en is not None
    relative, known = (report.file_path_en, report.sha256_en) if english else (report.file_path, report.sha256)
    if relative is None:
        raise NotFound(N_("This report is not published."))
    path = inside(_data_dir(), relative)
    try:
        content = path.read_bytes()
    except OSError:
        raise NotFound(N_("The file of this report is missing: restore it from a backup.")) from None
    if not hmac.compare_digest(hashlib.sha256(content).hexdigest(), known or ""):
        raise Refused(N_("The file of this report is damaged: restore it from a backup."))
    return path, content


@dataclass(frozen=True)
class Checked:
    """What a file that somebody holds turned out to be. `report` None: none of the published files.

    `is_here`: a version of the month that was asked about. `signature` is known where a file was sent and holds one;
    `is_ours`: its certificate signed reports of this house.
    """

    sha256: str
    report: Report | None
    locale: str | None
    is_latest: bool
    is_here: bool = True
    was_sent: bool = False
    signature: Signature | None = None
    is_ours: bool = False


def check_file(session: Session, code: str, month: str, content: bytes) -> Checked:
    """Compare a file with all published versions, in both languages, and read its signature.

    Raises CheckBusy when too many files are being read. Reading takes seconds; the database is asked afterwards.
    """
    signature = read_signature(content)
    found = check_hash(session, code, month, hashlib.sha256(content).hexdigest())
    ours = signature is not None and is_ours(_data_dir(), signature.fingerprint)
    return replace(found, was_sent=True, signature=signature, is_ours=ours)


def check_hash(session: Session, code: str, month: str, digest: str) -> Checked:
    """The same for a SHA-256 (64 lower-case hex digits) alone."""
    query = (
        select(Report)
        .options(defer(Report.dataset), defer(Report.texts))
        .where(or_(Report.sha256 == digest, Report.sha256_en == digest), Report.state.in_(PUBLISHED_STATES))
    )
    report = session.scalars(query.order_by(Report.id).limit(1)).first()
    if report is None:
        return Checked(digest, None, None, False)
    here = (report.community.code, report.month) == (code, month)
    locale = "zh" if report.sha256 == digest else "en"
    return Checked(digest, report, locale, report.state == ReportState.PUBLISHED, here)


def _data_dir() -> Path:
    folder: Path = current_app.extensions["settings"].data_dir
    return folder
