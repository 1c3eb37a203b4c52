"""A form made from a table: the right field for each column, limits of the column as limits of the field."""

from typing import Any

from flask_babel import lazy_gettext as _
from flask_wtf import FlaskForm
from sqlalchemy import Boolean, Column, Date, Integer, String, Text, Time, inspect
from sqlalchemy.orm import RelationshipProperty
from wtforms import BooleanField, DateField, DecimalField, Field, IntegerField, StringField, TextAreaField, TimeField
from wtforms.validators import DataRequired, InputRequired, Length, NumberRange, Optional, ValidationError

from app.errors import Invalid
from app.models.base import FixedDecimal, UTCDateTime
from app.services.ticket_input import clean_text
from app.views.base.fields import CodeField, LocalDateTimeField, PickerField
from app.views.base.safety import sentence
from app.views.labels import choices

LARGEST = 10**9


def form_for(view: Any, columns: list[str]) -> type[FlaskForm]:
    """A form class for these columns of the view's table."""
    made = {column: _field(view, column) for column in columns}
    return type(f"{type(view).__name__}Form", (FlaskForm,), made)


def _field(view: Any, column: str) -> Any:
    prop = inspect(view.datamodel.obj).attrs[column]
    label = view.label_of(column)
    if isinstance(prop, RelationshipProperty):
        foreign = next(iter(prop.local_columns))
        return PickerField(
            label,
            [_presence(foreign)],
            datamodel=view.datamodel,
            relation=column,
            endpoint=f"{view.route_base}/choices/{column}",
        )
    table_column = prop.columns[0]
    if column in view.families:
        known = choices(view.families[column])
        return CodeField(label, [_presence(table_column)], nullable=table_column.nullable, codes=known)
    return _plain(table_column, label)


def _presence(column: Column[Any]) -> Any:
    return Optional() if column.nullable else DataRequired(_("This is required."))


def _plain(column: Column[Any], label: Any) -> Field:
    kind = column.type
    may_be_empty = column.nullable or column.default is not None
    presence: list[Any] = [Optional() if may_be_empty else InputRequired(_("This is required."))]
    default = column.default.arg if column.default is not None and column.default.is_scalar else None
    if isinstance(kind, Boolean):
        return BooleanField(label, default=bool(default))
    if isinstance(kind, UTCDateTime):
        return LocalDateTimeField(label, presence)
    if isinstance(kind, Date):
        return DateField(label, presence)
    if isinstance(kind, Time):
        return TimeField(label, presence, default=default)
    if isinstance(kind, FixedDecimal):
        limits = [NumberRange(0, LARGEST), _places(kind.places)]
        return DecimalField(label, [*presence, *limits], places=None, default=default)
    if isinstance(kind, Integer):
        return IntegerField(label, [*presence, NumberRange(-LARGEST, LARGEST)], default=default)
    area = isinstance(kind, Text)
    limit = (kind.length if isinstance(kind, String) else None) or 4000
    checks = [*presence, Length(max=limit), _readable(limit, lines=area)]
    return (TextAreaField if area else StringField)(label, checks, default=default)


def _places(most: int) -> Any:
    def check(_form: Any, field: Field) -> None:
        if field.data is None or not field.data.is_finite():
            return
        if -field.data.normalize().as_tuple().exponent > most:
            raise ValidationError(_("At most %(places)s decimal places.") % {"places": most})

    return check


def _readable(limit: int, *, lines: bool) -> Any:
    def check(_form: Any, field: Field) -> None:
        try:
            field.data = clean_text(field.data, limit, lines=lines)
        except Invalid as error:
            raise ValidationError(sentence(error)) from error

    return check
