"""The report as a page: the same frozen edition, section templates and chart definitions as the PDF's, in another frame.

What only paper needs (cover, running heads, page numbers) stays there; what only a page needs is added here: every chart a
second time as a telephone shows it, the head of its column at every cell, so that a table can become cards, and a way
to ask behind each figure. A figure is written by the same line of the same template, so that page and file cannot differ.
"""

from collections.abc import Callable
from dataclasses import dataclass
from html.parser import HTMLParser
from typing import Any

from jinja2 import UndefinedError
from markupsafe import Markup

from app.errors import N_, LinliError
from app.reports import charts
from app.reports.html import CHARTS, context_of, environment, month_name, name_of
from app.services.reporting.labels import TITLES
from app.services.reporting.words import translator

Ask = Callable[[str], str]
"""A figure's code → what stands behind its name; markup, or nothing."""


class CannotBeShown(LinliError):
    """The frozen data are of a kind that today's templates do not know."""

    status = 409


@dataclass(frozen=True)
class WebPart:
    """A section: its code, its title, its content as markup without a heading of its own."""

    code: str
    title: str
    content: Markup


@dataclass(frozen=True)
class WebReport:
    """A report in one language, in the order of its contents. `letter` stands before the sections."""

    locale: str
    lang: str
    title: str
    letter: Markup
    parts: tuple[WebPart, ...]


def web_report(edition: dict[str, Any], locale: str, ask: Ask = lambda _code: "") -> WebReport:
    """The edition in `zh` or `en`. Raises CannotBeShown where its data lack what today's templates ask for."""
    try:
        return _made(edition, locale, ask)
    except (UndefinedError, LookupError, TypeError, AttributeError, ValueError, ArithmeticError):
        raise CannotBeShown(
            N_("This report was made by an earlier version of the house and can only be read as a file.")
        ) from None


def _made(edition: dict[str, Any], locale: str, ask: Ask) -> WebReport:
    context = {**context_of(edition, locale), "charts": _drawn_twice(), "ask": ask}
    _ = translator(locale)
    data = edition["dataset"]
    community, month = name_of({**data["community"], "code": ""}, locale), month_name(data["month"], locale)
    return WebReport(
        locale=locale,
        lang="zh-CN" if locale == "zh" else "en",
        title=_("%(community)s: monthly service report, %(month)s", community=community, month=month),
        letter=_for_screens(environment().get_template("letter.html").render(**context)),
        parts=tuple(_part(code, context, locale) for code in codes_of(data)),
    )


def codes_of(data: dict[str, Any]) -> list[str]:
    """The sections of a frozen dataset as they stand in the document."""
    return ["figures", *data["order"], "appendix"]


def _part(code: str, context: dict[str, Any], locale: str) -> WebPart:
    section = context["data"]["sections"].get(code, {})
    content = environment().get_template(f"sections/{code}.html").render(**context, section=section)
    return WebPart(code, translator(locale)(TITLES[code]), _for_screens(content))


def _drawn_twice() -> dict[str, Callable[..., Markup]]:
    """Each chart for a wide screen and for a telephone; the style sheet shows one of them, to reading aids too."""

    def both(draw: Callable[..., str]) -> Callable[..., Markup]:
        return lambda *arguments: Markup(
            f'<div class="r-chart only-wide">{draw(*arguments)}</div>'
            f'<div class="r-chart only-narrow">{draw(*arguments, width=charts.NARROW)}</div>'
        )

    return {name: both(getattr(charts, name)) for name in CHARTS}


def _for_screens(markup: str) -> Markup:
    parser = _Screens()
    parser.feed(markup)
    parser.close()
    return Markup("".join(parser.out))


class _Screens(HTMLParser):
    """Writes our own markup anew: cells with the head of their column, headings one level down (the page has one above)."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=False)
        self.out: list[str] = []
        self.heads: list[str] = []
        self.is_head = False
        self.column = 0

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        text = self.get_starttag_text() or ""
        if tag == "table":
            self.heads = []
        elif tag == "thead":
            self.is_head = True
        elif tag == "tr":
            self.column = 0
        elif tag in ("th", "td"):
            if self.is_head:
                self.heads.append("")
            elif tag == "td" and self.column < len(self.heads):
                label = self.heads[self.column].replace('"', "&quot;")
                text = f'{text[:-1]} data-label="{label}">'
            self.column += 1
        self.out.append("<h3" + text[3:] if tag == "h2" else text)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.out.append(self.get_starttag_text() or "")

    def handle_endtag(self, tag: str) -> None:
        if tag == "thead":
            self.is_head = False
        self.out.append(f"</{'h3' if tag == 'h2' else tag}>")

    def handle_data(self, data: str) -> None:
        self._add(data)

    def handle_entityref(self, name: str) -> None:
        self._add(f"&{name};")

    def handle_charref(self, name: str) -> None:
        self._add(f"&#{name};")

    def _add(self, text: str) -> None:
        if self.is_head and self.heads:
            self.heads[-1] += text.strip("\n")
        self.out.append(text)
