"""What differs between two states of a month's report."""

from typing import Any

import pytest

from app.rules.report_changes import FigureChange, TextChange, difference, figure_changes


def rows(**values: Any) -> list[dict[str, Any]]:
    return [{"code": code, "unit": "count", "value": value} for code, value in values.items()]


@pytest.mark.parametrize(
    ("before", "after", "changed"),
    [
        (rows(requests=213), rows(requests=213), []),
        (rows(requests=213), rows(requests=214), [("requests", 213, 214)]),
        (rows(in_time="0.9343"), rows(in_time=None), [("in_time", "0.9343", None)]),
        (rows(in_time=None), rows(in_time="0"), [("in_time", None, "0")]),
        (rows(a=1, b=2, c=3), rows(c=4, b=2, a=0), [("a", 1, 0), ("c", 3, 4)]),
        (rows(dropped=1, kept=2), rows(kept=2, added=9), []),
        ([], rows(added=9), []),
    ],
)
def test_figures_that_are_another_now(before: Any, after: Any, changed: list[tuple[str, Any, Any]]) -> None:
    assert figure_changes(before, after) == [FigureChange(code, "count", old, new) for code, old, new in changed]


def test_sections_and_texts_that_differ() -> None:
    found = difference(
        {"figures": rows(a=1), "order": ["requests", "visits", "plan"]},
        {"figures": rows(a=1), "order": ["requests", "fees", "plan"]},
        {"plan": {"zh": "旧", "en": "same"}, "improved": {"zh": "走了"}},
        {"plan": {"zh": "新", "en": "same"}, "common": {"en": "came"}},
    )
    assert (found.figures, found.came, found.went) == ([], ["fees"], ["visits"])
    assert found.texts == [
        TextChange("plan", "zh", "旧", "新"), TextChange("improved", "zh", "走了", ""), TextChange("common", "en", "", "came"),
    ]  # fmt: skip
    assert not found.is_none


def test_a_version_does_not_differ_from_itself() -> None:
    data, texts = {"figures": rows(a=1), "order": ["plan"]}, {"plan": {"zh": "话"}}
    assert difference(data, data, texts, texts).is_none
