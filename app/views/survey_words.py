"""A survey in the reader's language: its period, its questions, rates as percentages."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from flask_babel import gettext
from markupsafe import Markup

from app.models import Survey
from app.rules.codes import SurveyCycle
from app.rules.figures import rate_text
from app.rules.surveys import period_code
from app.services.names import is_english


def period_words(cycle: str, starts_on: Any) -> str:
    """`2026年11月`, `2026年第4季度`, `2026年下半年`, `2026年`."""
    year = f"{starts_on:%Y}"
    match SurveyCycle(cycle):
        case SurveyCycle.MONTHLY:
            return gettext("%(year)s-%(month)s", year=year, month=f"{starts_on:%m}")
        case SurveyCycle.QUARTERLY:
            return gettext("quarter %(number)s of %(year)s", number=(starts_on.month + 2) // 3, year=year)
        case SurveyCycle.HALF_YEARLY if starts_on.month < 7:
            return gettext("first half of %(year)s", year=year)
        case SurveyCycle.HALF_YEARLY:
            return gettext("second half of %(year)s", year=year)
    return gettext("year %(year)s", year=year)


def period_of(survey: Survey) -> str:
    """The period of a survey in words."""
    return period_words(survey.cycle, survey.period_starts_on)


def own(thing: Any, name: str) -> str:
    """A text with an English twin (`title`, `title_en`), of a row or of frozen figures."""
    read = thing.get if isinstance(thing, Mapping) else lambda key, default="": getattr(thing, key, default)
    return str((read(f"{name}_en", "") if is_english() else "") or read(name, "") or "")


def option(one: Mapping[str, str]) -> str:
    """An answer to choose."""
    return (one.get("en", "") if is_english() else "") or one.get("zh", "")


def option_html(one: Mapping[str, str]) -> str:
    """The same for a page: Chinese words that have no English ones are marked as Chinese."""
    foreign = is_english() and not one.get("en", "")
    return Markup('<span lang="zh">{}</span>').format(option(one)) if foreign else option(one)


def percent(rate: str | None) -> str:
    """`0.9123` → `91.2 %`; a dash where there is none."""
    return rate_text(rate, nothing="–")


def points(change: str | None) -> str:
    """`+2.5` → `+2.5 points`."""
    return gettext("%(number)s points", number=change) if change is not None else ""


def file_name(survey: Survey, suffix: str) -> str:
    """What a file of a survey is called."""
    return f"{own(survey, 'title')}-{period_code(survey.cycle, survey.period_starts_on)}.{suffix}"


WORDS = {"period_of": period_of, "own": own, "option": option_html, "percent": percent, "points": points}
"""What the templates of surveys ask for."""
