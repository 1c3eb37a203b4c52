"""The report as one HTML document: the frozen edition and the language in, a string out. Pure but for reading templates.

`edition` is the dictionary `app.services.reporting.edition.edition_of` makes (the frozen dataset, the text blocks, who
reviewed and signed, number, version, verify address). Nothing here looks at the database, the clock or the settings:
the same edition gives the same document.
"""

from collections.abc import Callable
from datetime import date
from decimal import Decimal
from functools import lru_cache
from pathlib import Path
from typing import Any
from urllib.parse import quote

import segno
from babel.dates import format_date
from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup

from app.reports import charts
from app.rules.figures import rate_text
from app.rules.month_figures import is_reached
from app.services.calendars import runs_words
from app.services.reporting.labels import DEFINITIONS, LABELS, TITLES
from app.services.reporting.words import Translate, translator

MARKS = {
    "zh": {"comma": "、", "semicolon": "；", "stop": "。", "colon": "：", "gap": ""},
    "en": {"comma": ", ", "semicolon": "; ", "stop": ".", "colon": ": ", "gap": " "},
}
CHARTS = ("compared_bars", "bars", "stacked_bars", "one_bar", "hours", "trend")
TEMPLATES = Path(__file__).resolve().parents[1] / "templates" / "report"


def month_start(month: str) -> date:
    """The first day of a `YYYY-MM` month."""
    return date(int(month[:4]), int(month[5:7]), 1)


def month_name(month: str, locale: str) -> str:
    """2026年10月, October 2026."""
    day = month_start(month)
    return f"{day.year}年{day.month}月" if locale == "zh" else format_date(day, "MMMM y", locale="en")


def day_name(day: str | None, locale: str) -> str:
    """2026年11月3日, 3 November 2026; an empty day is a dash."""
    if not day:
        return "—"
    value = date.fromisoformat(day)
    if locale == "zh":
        return f"{value.year}年{value.month}月{value.day}日"
    return format_date(value, "d MMMM y", locale="en")


def phone_name(number: str | None) -> str:
    """An E.164 number as people read it: mainland numbers without their country code."""
    if not number:
        return "—"
    if number.startswith("+861") and len(number) == 14:
        return f"{number[3:6]} {number[6:10]} {number[10:]}"
    if number.startswith("+86") and len(number) in (13, 14):
        area = 2 if number[3] in "12" else 3
        return f"0{number[3 : 3 + area]}-{number[3 + area : -4]} {number[-4:]}"
    return number


class Formats:
    """Numbers, rates, durations and changes in one language. None is a dash: nothing was there to be measured."""

    def __init__(self, locale: str, _: Translate) -> None:
        self.locale, self._ = locale, _

    def count(self, value: int | None) -> str:
        return "—" if value is None else f"{value:,}"

    def week(self, runs: list[list[str]]) -> str:
        return runs_words(runs, self.locale)

    def rate(self, value: str | None, places: int = 1) -> str:
        return rate_text(value, places)

    def yuan(self, value: str | None) -> str:
        return "—" if value is None else f"{Decimal(value):,.2f}"

    def minutes(self, value: int | None) -> str:
        if value is None:
            return "—"
        hours, rest = divmod(value, 60)
        if not hours:
            return self._("%(minutes)s min", minutes=rest)
        if not rest:
            return self._("%(hours)s h", hours=hours)
        return self._("%(hours)s h %(minutes)s min", hours=hours, minutes=rest)

    def seconds(self, value: int | None) -> str:
        if value is None:
            return "—"
        if value < 120:
            return self._("%(seconds)s s", seconds=value)
        return self._("%(minutes)s min %(seconds)s s", minutes=value // 60, seconds=value % 60)

    def value(self, unit: str, value: Any) -> str:
        """A value of a figure by its unit: count, rate, minutes, seconds, yuan."""
        form: Callable[[Any], str] = getattr(self, unit)
        return form(value)

    def change(self, figure: dict[str, Any], against: str) -> str:
        """The change against `last_month` or `last_year`: percentage points for rates, percent for the rest."""
        now, before = figure["value"], figure[against]
        if now is None or before is None:
            return ""
        if figure["unit"] == "rate":
            points = (Decimal(now) - Decimal(before)) * 100
            if abs(points) < Decimal("0.05"):
                return self._("unchanged")
            return self._("%(change)s pts", change=f"{points:+.1f}").replace("-", "−")
        if now == before:
            return self._("unchanged")
        if not before:
            return ""
        return f"{(Decimal(now) - before) / before * 100:+.0f}%".replace("-", "−")

    def verdict(self, figure: dict[str, Any]) -> str:
        """`met`, `missed` or nothing, against the target."""
        met = is_reached(figure["value"], figure["target"], figure["good"])
        return "" if met is None else "met" if met else "missed"

    def direction(self, figure: dict[str, Any]) -> str:
        """`better`, `worse` or `same` than last month where the figure has a good direction."""
        now, before = figure["value"], figure["last_month"]
        if now is None or before is None or not figure["good"] or Decimal(now) == Decimal(before):
            return "same"
        return "better" if (Decimal(now) > Decimal(before)) == (figure["good"] == "up") else "worse"


def data_uri(svg: str) -> str:
    """An SVG as an address for CSS: a decoration there is no content for a reading aid."""
    return "data:image/svg+xml," + quote(svg)


def skyline_of(data: dict[str, Any]) -> str:
    """The cover's picture of a frozen dataset as an address; a community keeps its own from month to month."""
    community = data["community"]
    return data_uri(charts.skyline(community["buildings"], 7 + sum(map(ord, community["code"]))))


def qr_svg(text: str, title: str) -> Markup:
    """A QR code as inline SVG with a title. Error correction M: a phone reads it from paper with a fold."""
    matrix = segno.make(text, error="m", micro=False).matrix
    size = len(matrix)
    dark = "".join(f"M{x} {y}h1v1h-1z" for y, row in enumerate(matrix) for x, bit in enumerate(row) if bit)
    return Markup(
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="-2 -2 {size + 4} {size + 4}" role="img">'
        f'<title>{title}</title><rect x="-2" y="-2" width="{size + 4}" height="{size + 4}" fill="#ffffff"/>'
        f'<path d="{dark}" fill="#1f2d35"/></svg>'
    )


@lru_cache(maxsize=1)
def environment() -> Environment:
    """The report's own Jinja environment: strict, so that a missing figure is an error and never a hole."""
    return Environment(
        loader=FileSystemLoader(TEMPLATES), autoescape=True, undefined=StrictUndefined, trim_blocks=True,
        lstrip_blocks=True,
    )  # fmt: skip


def name_of(row: dict[str, Any], locale: str) -> str:
    """The name of a building, category or code in the document's language."""
    _ = translator(locale)
    if row.get("code") == "rest":
        return _("Others (merged)")
    if locale == "en" and row.get("number"):
        return _("Building %(number)s", number=row["number"])
    if locale == "en" and row.get("name_en"):
        return str(row["name_en"])
    return str(row.get("name") or _(LABELS.get(row.get("code", ""), row.get("code", ""))))


def build_html(edition: dict[str, Any], locale: str) -> str:
    """The whole document in `zh` or `en`."""
    return (
        environment().get_template("report.html").render(**context_of(edition, locale), charts=_drawn(), ask=_nothing)
    )


def context_of(edition: dict[str, Any], locale: str) -> dict[str, Any]:
    """What the templates of paper and page have in common. `charts` and `ask`, what stands behind a figure's name, are theirs."""
    _ = translator(locale)
    data = edition["dataset"]
    formats = Formats(locale, _)

    return {
        "_": _, "f": formats, "locale": locale, "edition": edition, "data": data,
        "label": lambda code: _(LABELS[code]), "title": lambda code: _(TITLES[code]),
        "definition": lambda code: _(DEFINITIONS[code]), "name_of": lambda row: name_of(row, locale),
        "names": lambda rows: MARKS[locale]["comma"].join(name_of(row, locale) for row in rows),
        "month_name": lambda month: month_name(month, locale), "day_name": lambda day: day_name(day, locale),
        "phone": phone_name, "community": name_of({**data["community"], "code": ""}, locale),
        "marks": MARKS[locale], "figures": {figure["code"]: figure for figure in data["figures"]},
        "skyline": skyline_of(data),
        "qr": qr_svg(edition["verify_url"], _("QR code of the address where this report can be checked")),
        "style": Markup((TEMPLATES / "report.css").read_text(encoding="utf-8")),
    }  # fmt: skip


def _nothing(_code: str) -> str:
    return ""


def _drawn() -> dict[str, Callable[..., Markup]]:
    def safe(draw: Callable[..., str]) -> Callable[..., Markup]:
        return lambda *arguments, **options: Markup(draw(*arguments, **options))

    return {name: safe(getattr(charts, name)) for name in CHARTS}
