"""What a row points to, joined beside it: only rows the actor may see, but for what the row tells of itself."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from sqlalchemy import ColumnElement, inspect
from sqlalchemy.sql.util import ClauseAdapter

from app.models import Bill, Call, DutyShift, Payment, StewardBuilding, Tenure, Ticket
from app.services.access import WAYS

Scoped = Callable[[type[Any]], ColumnElement[bool]]

TELLS: dict[type[Any], frozenset[str]] = {
    Bill: frozenset({"house", "payer"}),
    Call: frozenset({"house"}),
    DutyShift: frozenset({"staff"}),
    Payment: frozenset({"house", "payer"}),
    StewardBuilding: frozenset({"staff"}),
    Tenure: frozenset({"house"}),
    Ticket: frozenset({"house", "assignee"}),
}
"""Table → what its rows tell whoever sees them, by name and no more: where a matter is and who has it in hand, which house a bill
is for, who paid what one took oneself, who is on duty."""


def is_scoped(model: type[Any], name: str, target: type[Any]) -> bool:
    """Whether the row that `name` points to is told only to whom it is open. Who did something (a login's name) stands on every
    record; all other tables have a line in `services.access`."""
    return target in WAYS and name not in TELLS.get(model, frozenset())


def related(attribute: Any, scope: Scoped) -> Any:
    """The relationship for a joined load, under the scope of the other table."""
    relation = attribute.property
    target = relation.mapper.class_
    scoped = is_scoped(relation.parent.class_, relation.key, target)
    return attribute.and_(scope(target)) if scoped else attribute


def under_alias(condition: ColumnElement[bool], alias: Any) -> ColumnElement[bool]:
    """The scope of a table as it is said of an alias of it."""
    adapted: ColumnElement[bool] = ClauseAdapter(inspect(alias).selectable).traverse(condition)
    return adapted
