"""HTML → PDF by WeasyPrint 70, tagged, with language and bookmarks; the same edition gives the same bytes (G7a). Papers are
PDF/UA-1, the report is PDF/A-3a besides, with its figures attached (`app.reports.archive`).

Runs in a process of its own (`app.reports.worker`), in a command or in a job, never in a web worker: a page takes tens of
milliseconds of pure Python, and the fonts some 40 MB. One FontConfiguration serves the process, and the garbage collector
rests while rendering: a document is a million small objects that all live to its end.
"""

import gc
import logging
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from functools import lru_cache
from hashlib import sha256
from threading import Lock
from typing import Any

from app.errors import N_, LinliError
from app.reports.archive import VARIANT, attachments, finisher
from app.reports.attached import attached_files
from app.reports.fonts import FOLDER, use_private_fonts
from app.reports.html import build_html
from app.reports.sheet import sheet_html
from app.services.reporting.words import translator

_rendering = Lock()


class RenderFailed(LinliError):
    """The PDF could not be made; nothing was stored."""

    status = 500


class _Faults(logging.Handler):
    """Collects what WeasyPrint and fontTools complain about while a document is rendered."""

    def __init__(self) -> None:
        super().__init__(logging.WARNING)
        self.lines: list[str] = []

    def emit(self, record: logging.LogRecord) -> None:
        self.lines.append(record.getMessage())


@lru_cache(maxsize=1)
def font_configuration() -> Any:
    """The process's one FontConfiguration, on the private fonts."""
    use_private_fonts(FOLDER)
    from weasyprint.text.fonts import FontConfiguration

    return FontConfiguration()


@contextmanager
def _quiet_collector() -> Iterator[None]:
    enabled = gc.isenabled()
    gc.freeze()
    gc.disable()
    try:
        yield
    finally:
        if enabled:
            gc.enable()
        gc.unfreeze()


@contextmanager
def _watched_logs() -> Iterator[_Faults]:
    faults = _Faults()
    loggers = [logging.getLogger(name) for name in ("weasyprint", "fontTools")]
    for logger in loggers:
        logger.addHandler(faults)
    try:
        yield faults
    finally:
        for logger in loggers:
            logger.removeHandler(faults)


def write_pdf(html: str, identifier: bytes, variant: str = "pdf/ua-1", **options: Any) -> bytes:
    """The PDF of a document. Raises RenderFailed when a character has no glyph in any of the report's fonts."""
    with _rendering, _watched_logs() as faults:
        fonts = font_configuration()
        from weasyprint import HTML

        with _quiet_collector():
            content: bytes = HTML(string=html).write_pdf(
                font_config=fonts, pdf_variant=variant, pdf_tags=True, pdf_identifier=identifier, **options
            )
    for line in faults.lines:
        if ".notdef" in line:
            raise RenderFailed(N_("A character of the report is in none of its fonts: %(line)s"), line=line[:200])
    return content


def render(edition: dict[str, Any], locale: str) -> bytes:
    """The report of an edition in `zh` or `en`, as PDF bytes; a published one has a field for its signature."""
    identifier = sha256(f"{edition['number']}/{locale}".encode()).digest()[:16]
    label = (
        translator(locale)("Electronic signature of the service centre") if edition["state"] == "published" else None
    )
    return write_pdf(
        build_html(edition, locale), identifier, VARIANT, finisher=finisher(label),
        attachments=attachments(
            attached_files(edition, locale), datetime.fromisoformat(edition["dataset"]["frozen_at"]).astimezone(UTC)
        ),
    )  # fmt: skip


def render_sheet(sheet: dict[str, Any]) -> bytes:
    """A bill or another paper of one page, or several of them (`app.reports.sheet`), as PDF bytes."""
    papers = sheet.get("sheets") or [sheet]
    identifier = sha256("|".join(f"{one['number']}/{one['locale']}" for one in papers).encode()).digest()[:16]
    return write_pdf(sheet_html(sheet), identifier)
