"""Which templates make a report today: kept with each published one, compared by its page. Apart from `app.reports.pdf`, which
no web worker imports."""

from functools import lru_cache
from hashlib import sha256
from pathlib import Path

from app.reports.html import TEMPLATES
from app.services.reporting.words import CATALOGUE


@lru_cache(maxsize=1)
def template_version() -> str:
    """Which templates, styles, charts and words a report was made with: a hash over them all."""
    files = sorted(path for path in TEMPLATES.rglob("*") if path.is_file())
    code = [Path(__file__).with_name(name) for name in ("html.py", "charts.py", "pdf.py", "archive.py", "attached.py")]
    labels = CATALOGUE.parents[3] / "app" / "services" / "reporting" / "labels.py"
    digest = sha256()
    for path in [*files, *code, labels, CATALOGUE]:
        digest.update(path.name.encode() + b"\0" + path.read_bytes() + b"\0")
    return f"1-{digest.hexdigest()[:16]}"
