"""Names found by the letters people type: zhangwei, zw. Indexed by pairs of letters on PostgreSQL, as titles are."""

from __future__ import annotations

from typing import Any

from sqlalchemy import Boolean, ColumnElement, Text, and_, literal
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.functions import FunctionElement

from app.rules.pinyin import letters


class _HasPairs(FunctionElement[bool]):
    """Whether a text has every pair of neighbouring letters of another: what the index over `linli_grams` answers."""

    name = "has_pairs"
    type = Boolean()
    inherit_cache = True


@compiles(_HasPairs)
def _anywhere(element: Any, compiler: Any, **kwargs: Any) -> str:
    return "(1 = 1)"


@compiles(_HasPairs, "postgresql")
def _indexed(element: Any, compiler: Any, **kwargs: Any) -> str:
    text, words = (compiler.process(clause, **kwargs) for clause in element.clauses)
    return f"linli_grams({text}) @> linli_grams({words})"


def spelled_so(model: Any, words: str) -> ColumnElement[bool] | None:
    """The condition that a row's name is typed like these words or begins so; None where they can be no pinyin."""
    typed = letters(words)
    if not typed:
        return None
    start = f" {typed}"
    return and_(_HasPairs(model.pinyin, literal(start, Text)), model.pinyin.contains(start))
