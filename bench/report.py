"""The report of the demo month, from the records to the PDF, against a plain `HTML(...).write_pdf()` of the same document.

Plain: the finished HTML, charts and all, the same font files, variant and tags, but as the manual's first page shows it:
a font configuration a call, the collector running. Ours also reads the records, makes the figures and draws the charts.
Measured in processor time: both are one thread of pure work.
"""

import os
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path
from typing import Any

from bench.measure import Ratio, median

ROUNDS = 9
LIMIT = 1.0


def run(folder: Path) -> Iterator[Ratio]:
    """On SQLite, in one process, ours and plain by turns."""
    environ = {
        "DATA_DIR": str(folder),
        "DATABASE_URL": f"sqlite:///{folder / 'linli.db'}",
        "LOG_LEVEL": "WARNING",
    }
    for step in (
        ("-m", "flask", "--app", "run", "db", "upgrade"),
        ("-m", "flask", "--app", "run", "seed"),
        (
            "-m",
            "bench.fill",
        ),
    ):
        subprocess.run([sys.executable, *step], env={**os.environ, **environ}, check=True, stdout=subprocess.DEVNULL)
    os.environ.update(environ)
    from app import create_app

    with create_app().app_context():
        yield _measure()


def _measure() -> Ratio:
    from sqlalchemy import select

    from app.adapters.clock import now
    from app.extensions import db
    from app.models import Community
    from app.reports.archive import VARIANT
    from app.reports.html import build_html
    from app.reports.pdf import write_pdf
    from app.services import publication, published_reports
    from app.services.actors import Actor
    from app.services.local_time import local_zone
    from app.services.reporting.dataset import build_dataset
    from app.services.reporting.period import previous_month

    session = db.session()
    at, zone = now(), local_zone()
    community = session.scalars(select(Community).where(Community.code == "sunshine")).one()
    month = previous_month(at, zone)
    report = published_reports.find_published(session, community.code, month)
    if report is None:
        report = publication.build_draft(session, community, month, Actor.system("bench"), at)
    edition = publication.preview_edition(session, report)
    spent: dict[str, list[float]] = {"records and figures": [], "charts and HTML": [], "PDF": []}
    ours, plain = [], []
    for round_number in range(ROUNDS + 1):
        data, read = _timed(partial(build_dataset, session, community, month, at, zone))
        html, built = _timed(partial(build_html, {**edition, "dataset": data}, "zh"))
        _, written = _timed(partial(write_pdf, html, b"bench", VARIANT))
        _, bare = _timed(partial(_plain, html))
        if round_number:  # the first round loads the fonts and the code
            for name, seconds in zip(spent, (read, built, written), strict=True):
                spent[name].append(seconds)
            ours.append(read + built + written)
            plain.append(bare)
    notes = [f"{name}: {median(values) * 1000:.0f} ms" for name, values in spent.items()]
    return Ratio(
        "report of the demo month",
        median(ours) * 1000,
        median(plain) * 1000,
        "CPU ms",
        LIMIT,
        at_least=False,
        notes=notes,
    )


def _plain(html: str) -> bytes:
    from weasyprint import HTML

    content: bytes = HTML(string=html).write_pdf(pdf_variant="pdf/a-3a", pdf_tags=True)
    return content


def _timed(work: Callable[[], Any]) -> tuple[Any, float]:
    started = time.process_time()
    result = work()
    return result, time.process_time() - started
