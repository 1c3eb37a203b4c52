"""What a household may ask about in a published report, and as what its question arrives (D14).

A place is a section, or a figure of the month: in an address `fees`, `figure-collection`.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from app.rules.codes import Kind

KIND = Kind.CONSULTATION
"""A question is answered within the half hour of D4, whatever it turns out to be."""

OTHERWISE = "other"
CATEGORIES: dict[str, str] = {"fees": "fee", "figure-collection": "fee"}
"""Place → code of the category a question about it arrives under; every other place: `OTHERWISE`."""

_FIGURE = "figure-"


@dataclass(frozen=True)
class Place:
    """A section, and the figure in it that is meant, or None for the section as a whole."""

    section: str
    figure: str | None = None

    @property
    def anchor(self) -> str:
        """Where it stands on the page, and what an address calls it."""
        return f"{_FIGURE}{self.figure}" if self.figure else self.section

    @property
    def category(self) -> str:
        """The code of the category a question about it arrives under."""
        return CATEGORIES.get(self.anchor, OTHERWISE)


def anchor_of(figure: str) -> str:
    """The anchor of a figure of the month."""
    return Place("figures", figure).anchor


def place_of(text: str, dataset: Mapping[str, Any]) -> Place | None:
    """The place that a text names in this report's frozen data, or None: nobody asks about what does not stand there."""
    if text.startswith(_FIGURE):
        code = text.removeprefix(_FIGURE)
        known = any(figure["code"] == code for figure in dataset.get("figures", ()))
        return Place("figures", code) if known else None
    return Place(text) if text in ("figures", *dataset.get("order", ()), "appendix") else None
