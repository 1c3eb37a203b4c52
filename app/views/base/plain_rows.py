"""Lists read as plain columns: a mapped object a row, and one for everything it points to, costs more than the rest of the page.

A list is read so where all it shows are columns of its table and the names of what they point to. Where a view's functions
(`links`, `row_class`, `row_href`; `heading` where rows can be ticked) look at the row, the view says at which columns: `row_columns`.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from flask_appbuilder.models.sqla import Model
from sqlalchemy import ColumnElement, Select, and_, case, inspect, true, type_coerce
from sqlalchemy.orm import ColumnProperty, RelationshipProperty, aliased

from app.models import Building, Category, Community, Department, House, Person, Phone, Staff, Ticket, Unit
from app.models.base import UTCDateTime
from app.views.base.related import Scoped, is_scoped, under_alias

SHOWN_BY: dict[type[Any], str] = {
    Building: "name",
    Category: "name",
    Community: "name",
    Department: "name",
    House: "name",
    Person: "name",
    Phone: "number",
    Staff: "name",
    Ticket: "number",
    Unit: "name",
}
"""What a row of these tables is called where another row points to it: one column, so that it can be read by a join."""


@dataclass(frozen=True, eq=False)
class PlainRows:
    """Columns in the order of the list, then the key and the further ones by name, and what must be joined for them."""

    model: type[Model]
    columns: tuple[ColumnElement[Any], ...]
    joins: tuple[tuple[Any, type[Model] | None, ColumnElement[bool]], ...]
    """The other row, its table where only the actor's are told, and how the two hang together."""

    def of(self, wanted: Select[Any], scope: Scoped) -> Select[Any]:
        """The same rows as a select of these columns."""
        made = wanted.with_only_columns(*self.columns).select_from(self.model)
        for other, scoped, condition in self.joins:
            own = true() if scoped is None else under_alias(scope(scoped), other)
            made = made.outerjoin(other, and_(condition, own))
        return made


def plain_rows(view: Any, columns: Sequence[str], english: bool, ticked: bool = False) -> PlainRows | None:
    """How a view's list is read as plain columns; None where its rows must be mapped objects."""
    if any(column in view.texts for column in columns):
        return None
    looks = ticked or view.looks_at_rows() or any(column in view.links for column in columns)
    if view.row_columns is None and looks:
        return None
    return _plain_rows(view.datamodel.obj, tuple(columns), tuple(view.row_columns or ()), english)


@lru_cache(maxsize=300)
def _plain_rows(
    model: type[Model], columns: tuple[str, ...], further: tuple[str, ...], english: bool
) -> PlainRows | None:
    attributes, made, joins = inspect(model).attrs, [], []
    for column in columns:
        prop = attributes.get(column)
        if isinstance(prop, RelationshipProperty):
            target = prop.mapper.class_
            pairs = prop.local_remote_pairs or ()
            if prop.uselist or target not in SHOWN_BY or len(pairs) != 1:
                return None
            other, (mine, theirs) = aliased(target), pairs[0]
            scoped = target if is_scoped(model, column, target) else None
            joins.append((other, scoped, mine == getattr(other, prop.mapper.get_property_by_column(theirs).key)))
            made.append(_name(other, SHOWN_BY[target], english).label(column))
        elif not isinstance(prop, ColumnProperty):
            return None
        elif column == "name":
            made.append(_name(model, column, english).label(column))
        else:
            made.append(_raw(getattr(model, column)).label(column))
    needed = dict.fromkeys([inspect(model).primary_key[0].key, *further])
    made += [_raw(getattr(model, name)).label(name) for name in needed if name not in columns]
    return PlainRows(model, tuple(made), tuple(joins))


def _raw(column: Any) -> ColumnElement[Any]:
    """Instants as the database gives them, UTC with or without a zone: tables show local time, whatever they come in."""
    return type_coerce(column, column.type.impl) if isinstance(column.type, UTCDateTime) else column


def _name(other: Any, shown_by: str, english: bool) -> ColumnElement[Any]:
    name = getattr(other, shown_by)
    if not english or not hasattr(other, "name_en"):
        return name
    return case((other.name_en != "", other.name_en), else_=name)
