"""What differs between two states of a month's report: figures, sections, texts. Frozen data in, differences out."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

Row = Mapping[str, Any]


@dataclass(frozen=True)
class FigureChange:
    """A figure that is another now; None: nothing was there to be measured."""

    code: str
    unit: str
    before: Any
    after: Any


@dataclass(frozen=True)
class TextChange:
    """A text block in one language that says something else."""

    block: str
    locale: str
    before: str
    after: str


@dataclass(frozen=True)
class Difference:
    """All that differs between two versions."""

    figures: list[FigureChange]
    came: list[str]
    went: list[str]
    texts: list[TextChange]

    @property
    def is_none(self) -> bool:
        return not (self.figures or self.came or self.went or self.texts)


def figure_changes(before: Iterable[Row], after: Iterable[Row]) -> list[FigureChange]:
    """Figures that both know and of which the month's own value differs, in the order of `before`.

    A figure that only one of them knows was added to or taken from the report: no record of the month changed.
    """
    now = {row["code"]: row["value"] for row in after}
    return [
        FigureChange(row["code"], row["unit"], row["value"], now[row["code"]])
        for row in before
        if row["code"] in now and now[row["code"]] != row["value"]
    ]


def difference(before: Row, after: Row, texts_before: Row, texts_after: Row) -> Difference:
    """What differs between two frozen datasets of a month with their text blocks."""
    old, new = before["order"], after["order"]
    texts = []
    for block in dict.fromkeys([*texts_before, *texts_after]):
        was, is_now = texts_before.get(block, {}), texts_after.get(block, {})
        texts += [
            TextChange(block, locale, was.get(locale, ""), is_now.get(locale, ""))
            for locale in dict.fromkeys([*was, *is_now])
            if was.get(locale, "") != is_now.get(locale, "")
        ]
    return Difference(
        figures=figure_changes(before["figures"], after["figures"]),
        came=[code for code in new if code not in old],
        went=[code for code in old if code not in new],
        texts=texts,
    )
