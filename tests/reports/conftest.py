"""One rendered report for all tests of this folder that only look at it: a report takes seconds."""

from collections.abc import Callable

import pytest

from app.reports import pdf
from tests.reports import sample


@pytest.fixture(scope="session")
def rendered() -> Callable[[str], bytes]:
    """`rendered("zh")`: the published report of the made-up month, rendered once a language."""
    kept: dict[str, bytes] = {}

    def render(locale: str) -> bytes:
        if locale not in kept:
            kept[locale] = pdf.render(sample.edition(), locale)
        return kept[locale]

    return render
