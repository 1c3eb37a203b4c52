"""How many rows a query would give, by the planner's own statistics: asked in a fraction of a millisecond, counted nowhere."""

from collections.abc import Hashable
from time import monotonic
from typing import Any

from sqlalchemy import BindParameter, ClauseElement, Executable, Select
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.orm import Session

BELIEVED = 60.0  # †
"""Seconds."""
MOST_BELIEVED = 1000


class Explained(Executable, ClauseElement):
    """`EXPLAIN (FORMAT JSON)` of a select."""

    inherit_cache = False

    def __init__(self, statement: Select[Any]) -> None:
        self.statement = statement


@compiles(Explained, "postgresql")
def _compile(element: Explained, compiler: Any, **kwargs: Any) -> str:
    return f"EXPLAIN (FORMAT JSON) {compiler.process(element.statement, **kwargs)}"


_told: dict[Hashable, tuple[float, bool]] = {}
"""Questions → until when the answer is believed, and the answer."""


def expects(session: Session, statement: Select[Any], least: int) -> bool:
    """Whether the planner expects at least so many rows; never where there is no planner that says. The answer is believed
    for a minute, and a list page is spared the question: so many rows do not go away, and of a few more some are counted."""
    engine = session.get_bind().engine
    if engine.dialect.name != "postgresql":
        return False
    made, moment = statement._generate_cache_key(), monotonic()
    key = made and (engine, made.key, tuple(map(_value, made.bindparams)), least)
    until, answer = _told.get(key, (0.0, False)) if key else (0.0, False)
    if until > moment:
        return answer
    plan = session.execute(Explained(statement)).scalar_one()
    found = int(plan[0]["Plan"]["Plan Rows"]) >= least
    if key:
        if len(_told) >= MOST_BELIEVED:
            _told.clear()
        _told[key] = (moment + BELIEVED, found)
    return found


def _value(parameter: BindParameter[Any]) -> Hashable:
    value = parameter.effective_value
    return tuple(value) if isinstance(value, list | set | frozenset) else value
