"""The checks of `make lint` that are our own find what they are for."""

import ast
import re
from pathlib import Path

import pytest

from scripts.check_house_rules import findings


def found(path: str, code: str) -> list[str]:
    return [message for _line, message in findings(path, ast.parse(code))]


@pytest.mark.parametrize(
    ("path", "code"),
    [
        ("app/views/estate.py", "from flask_appbuilder import ModelView"),
        ("app/views/api/tickets.py", "from flask_appbuilder.api import ModelRestApi as Api"),
        ("app/services/tickets.py", "from datetime import datetime\nnow = datetime.now(UTC)"),
        ("app/hotline/voice.py", "import datetime\nnow = datetime.datetime.utcnow()"),
        ("app/jobs/clocks.py", "from datetime import date\ntoday = date.today()"),
        ("app/services/tickets.py", "session.commit()"),
    ],
)
def test_what_breaks_a_rule_is_found(path: str, code: str) -> None:
    assert found(path, code)


@pytest.mark.parametrize(
    ("path", "code"),
    [
        ("app/views/base/page.py", "from flask_appbuilder import ModelView"),
        ("app/views/estate.py", "from flask_appbuilder import expose"),
        ("app/adapters/clock.py", "from datetime import datetime\nnow = datetime.now(UTC)"),
        ("app/services/transaction.py", "session.commit()"),
        ("app/hotline/voice.py", "session.commit()"),
        ("app/services/tickets.py", "now = clock.now()"),
    ],
)
def test_what_keeps_the_rules_is_not(path: str, code: str) -> None:
    assert found(path, code) == []


_PER_CENT = re.compile(r"\* ?100\b(?!\d)|\b100 ?\*|:\.\d%")
_NO_FIGURES = {
    "reports/charts.py", "reports/html.py", "views/survey_paper.py", "templates/workbench/today.html", "templates/arrears/overview.html",
}  # fmt: skip
"""Widths of bars, changes against last month, axes: what is drawn, not what is told."""


def test_no_rate_is_worked_out_beside_the_rules() -> None:
    """Rates are made by `rules.figures.share` and shown by `rate_text` (in templates `|rate`): one definition each (D16)."""
    app = Path(__file__).parents[1] / "app"
    files = [path for end in ("py", "html") for path in app.rglob(f"*.{end}")]
    found = {path.relative_to(app).as_posix() for path in files if _PER_CENT.search(path.read_text(encoding="utf-8"))}
    beside = {name for name in found if not name.startswith(("rules/", "services/demo/"))}
    assert beside == _NO_FIGURES
