"""A paper as HTML: a bill, a letter, a record with its sections, a survey's report. Every word comes with it, in its language;
nothing here is looked up or translated."""

from functools import lru_cache
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from app.reports.html import qr_svg

FOLDER = Path(__file__).resolve().parents[1] / "templates" / "sheet"


@lru_cache(maxsize=1)
def _environment() -> Environment:
    made = Environment(loader=FileSystemLoader(FOLDER), autoescape=True, undefined=StrictUndefined, trim_blocks=True)
    made.globals["qr_svg"] = qr_svg
    return made


FORMS = ("sheet", "record", "survey", "code_letter", "plan", "board")
"""The forms of papers there are; a template and a style of each name."""


def sheet_html(sheet: dict[str, Any]) -> str:
    """The document of a sheet. Without `form` a bill: `{locale, number, title, issuer, subtitle, facts: [[label, value]],
    lines: {head, rows}, sums: [[label, value]], due: [label, value], in_words: [label, text] or None, notes: [text], foot}`,
    and where wanted `intro: [text]` and `slip: {title, text, fields: [label]}` to be signed. `{sheets: [sheet]}` are several bills
    or letters, a page each.

    With `form: "record"`: `{locale, number, title, issuer, subtitle, facts: [[label, value]], sections: [{title, text, facts,
    head, rows}], signs: [label], sign_hint, foot}`; of a section what it does not have is None. One that is signed in the
    house has `draft: text or "", signatures: [[label, who, when]], proof: [[label, value]]` besides. With
    `form: "survey"` what `views/survey_paper.py` makes, with `form: "code_letter"` what `views/survey_letters.py` does, with
    `form: "plan"` what `views/plan_paper.py` does, with `form: "board"` what `views/report_board.py` does.
    """
    form = sheet.get("form", "sheet")
    if form not in FORMS:
        raise ValueError(f"there is no form of paper called {form}")
    style = (FOLDER / f"{form}.css").read_text(encoding="utf-8")
    return _environment().get_template(f"{form}.html").render(sheet=sheet, style=style)
