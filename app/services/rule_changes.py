"""Changes of what the trade is done by (prices, rates, clock rules, figures): each leaves an entry in the audit trail."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime, time
from decimal import Decimal
from typing import Any

from sqlalchemy import inspect
from sqlalchemy.orm import MANYTOONE, Session

from app.models import (
    Category,
    CategoryWord,
    ClockPolicy,
    Community,
    ComplaintRung,
    FeeItem,
    Holiday,
    HotlineNumber,
    Material,
    ReminderStep,
    ServiceItem,
    ServicePrice,
    WorkCalendar,
)
from app.rules.codes import AccessAction
from app.services import audit
from app.services.actors import Actor

RULES: frozenset[type[Any]] = frozenset(
    (
        Category,
        CategoryWord,
        ClockPolicy,
        Community,
        ComplaintRung,
        FeeItem,
        Holiday,
        HotlineNumber,
        Material,
        ReminderStep,
        ServiceItem,
        ServicePrice,
        WorkCalendar,
    )
)
"""Tables whose rows decide how much, how long, who and when."""

FIGURE = "figure"
"""The kind of an entry about a figure of `rules.policy_figures`; its subject is the figure's key."""

REASON = "reason"
"""The first of an entry's changes, where somebody said why."""

_UNTOLD = ("id", "pinyin")

Kept = str | int | bool | None
Values = dict[str, Kept]


def values_of(item: Any) -> Values:
    """The row's values as the trail keeps them; a row it points to by that row's name. Empty for tables that are no rules."""
    if type(item) not in RULES:
        return {}
    mapper = inspect(type(item))
    ties = {tie.key: tie for tie in mapper.relationships if tie.direction is MANYTOONE}
    pointing = {column for tie in ties.values() for column in tie.local_columns}
    plain = [a.key for a in mapper.column_attrs if a.key not in _UNTOLD and a.columns[0] not in pointing]
    return {name: kept(getattr(item, name)) for name in (*plain, *ties)}


def record(
    session: Session, actor: Actor, item: Any, before: Mapping[str, Kept] | None, now: datetime, reason: str = ""
) -> None:
    """Note what a written row says now instead of `before`; None for a new row. Nothing where nothing changed.

    `reason`: why somebody did it, where they were asked.
    """
    if type(item) not in RULES:
        return
    session.refresh(item)
    present, is_new = values_of(item), before is None
    was = dict.fromkeys(present) if before is None else before
    changes = [[name, was[name], value] for name, value in present.items() if value != was[name]]
    changes = [change for change in changes if change[2] != "" or not is_new]
    if not changes:
        return
    if reason:
        changes.insert(0, [REASON, None, reason])
    action = AccessAction.RULE_ADDED if is_new else AccessAction.RULE_CHANGED
    audit.record(
        session, actor, action, str(item), now, kind=str(item.__tablename__), row_id=int(item.id), changes=changes
    )


def record_gone(session: Session, actor: Actor, item: Any, now: datetime) -> None:
    """Note that a row is about to be taken away, with what it said."""
    changes = [[name, value, None] for name, value in values_of(item).items() if value not in (None, "")]
    kind, row_id = str(item.__tablename__), int(item.id)
    audit.record(session, actor, AccessAction.RULE_CHANGED, str(item), now, kind=kind, row_id=row_id, changes=changes)


def record_figure(session: Session, actor: Actor, key: str, before: int, after: int, now: datetime) -> None:
    """Note that a figure was changed."""
    if before != after:
        changes = [["value", before, after]]
        audit.record(session, actor, AccessAction.RULE_CHANGED, key, now, kind=FIGURE, changes=changes)


def kept(value: Any) -> Kept:
    """A value as the trail keeps it."""
    if value is None or isinstance(value, bool | int | str):
        return value
    if isinstance(value, Decimal):
        whole, _point, places = f"{value:f}".partition(".")
        return f"{whole}.{places.rstrip('0').ljust(2, '0')}"
    if isinstance(value, datetime | date | time):
        return value.isoformat()
    return str(value)
