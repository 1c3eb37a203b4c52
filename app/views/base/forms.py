"""A form made from a table: the right field for each column, limits of the column as limits of the field, its look."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from flask_babel import lazy_gettext as _
from flask_wtf import FlaskForm
from sqlalchemy import Boolean, Column, Date, Integer, String, Text, Time, inspect
from sqlalchemy.orm import RelationshipProperty
from wtforms import BooleanField, EmailField, Field, IntegerField, StringField, TelField, TextAreaField
from wtforms.validators import DataRequired, InputRequired, Length, NumberRange, Optional, ValidationError

from app.errors import Invalid
from app.models import Phone
from app.models.base import FixedDecimal, UTCDateTime
from app.services.ticket_input import clean_text, phone_number
from app.views.base import fields
from app.views.base.safety import sentence
from app.views.labels import choices

LARGEST = 10**9
FEW = 5
"""Up to so many codes stand there as buttons to choose from; more are a list."""

UNITS: dict[str, Any] = {
    "area_m2": _("m²"),
    "minutes": _("minutes"),
    "warn_percent": "%",
    "percent": "%",
    "amount_yuan": _("yuan"),
    "rate": _("yuan"),
}
"""Column → what its number counts, shown beside the field."""

KINDS = {"desk_phone": "tel", "email": "email", "day": "date"}
"""Columns kept as text that are something else for people; a view's `inputs` overrides."""


@dataclass(frozen=True)
class FieldLook:
    """How a field is drawn (`templates/crud/fields.html`)."""

    kind: str
    unit: Any = ""
    help: Any = ""
    attributes: Mapping[str, str] = field(default_factory=dict)
    words: tuple[Any, Any] = (_("Yes"), _("No"))


_DRAWN: tuple[tuple[type[Field], str, dict[str, str]], ...] = (
    (fields.ManyField, "many", {}),
    (fields.PickerField, "picker", {}),
    (fields.NumbersField, "text", {"inputmode": "tel"}),
    (fields.LocalDateTimeField, "input", {"type": "datetime-local", "step": "300"}),
    (fields.DayField, "input", {"type": "date"}),
    (fields.ClockTimeField, "input", {"type": "time", "step": "300"}),
    (fields.ExactField, "input", {"type": "text", "inputmode": "decimal"}),
    (IntegerField, "input", {"type": "text", "inputmode": "numeric"}),
    (BooleanField, "switch", {}),
    (TextAreaField, "area", {"rows": "3"}),
    (TelField, "input", {"type": "tel"}),
    (EmailField, "input", {"type": "email", "spellcheck": "false"}),
    (StringField, "input", {}),
)


def look_of(view: Any, column: str, made: Field) -> FieldLook:
    """The look of one field: by its type, with the view's unit, help and words."""
    help_text, unit = view.help_of(column), view.units.get(column, UNITS.get(column, ""))
    if isinstance(made, fields.CodeField):
        kind = "chips" if len(made.choices) - 1 <= FEW else "select"
        return FieldLook(kind, unit, help_text)
    for drawn, kind, attributes in _DRAWN:
        if isinstance(made, drawn):
            return FieldLook(kind, unit, help_text, attributes, view.switches.get(column, FieldLook.words))
    return FieldLook("input", unit, help_text)


def form_for(view: Any, columns: list[str]) -> type[FlaskForm]:
    """A form class for these columns of the view's table."""
    made = {column: _field(view, column) for column in columns}
    return type(f"{type(view).__name__}Form", (FlaskForm,), made)


def _field(view: Any, column: str) -> Any:
    prop = inspect(view.datamodel.obj).attrs[column]
    label = view.label_of(column)
    if isinstance(prop, RelationshipProperty):
        return _related(view, column, prop, label)
    table_column = prop.columns[0]
    if column in view.options:
        return fields.CodeField(
            label, [_presence(table_column)], nullable=table_column.nullable, codes=view.options[column]
        )
    if column in view.families:
        known = choices(view.families[column])
        return fields.CodeField(label, [_presence(table_column)], nullable=table_column.nullable, codes=known)
    return _plain(table_column, label, view.inputs.get(column, KINDS.get(column, "")))


def _related(view: Any, column: str, prop: Any, label: Any) -> Any:
    if prop.mapper.class_ is Phone:
        return fields.NumbersField(label)
    where = {"datamodel": view.datamodel, "relation": column, "endpoint": f"{view.route_base}/choices/{column}"}
    if prop.uselist:
        return fields.ManyField(label, **where)
    return fields.PickerField(label, [_presence(next(iter(prop.local_columns)))], **where)


def _presence(column: Column[Any]) -> Any:
    return Optional() if column.nullable else DataRequired(_("This is required."))


def _plain(column: Column[Any], label: Any, shape: str) -> Field:
    kind = column.type
    may_be_empty = column.nullable or column.default is not None
    presence: list[Any] = [Optional() if may_be_empty else InputRequired(_("This is required."))]
    default = column.default.arg if column.default is not None and column.default.is_scalar else None
    if isinstance(kind, Boolean):
        return BooleanField(label, default=bool(default))
    if isinstance(kind, UTCDateTime):
        return fields.LocalDateTimeField(label, presence)
    if isinstance(kind, Date) or shape == "date":
        return fields.DayField(label, presence)
    if isinstance(kind, Time):
        return fields.ClockTimeField(label, presence, default=default)
    if isinstance(kind, FixedDecimal):
        limits = [NumberRange(0, LARGEST), _places(kind.places)]
        return fields.ExactField(label, [*presence, *limits], places=None, default=default)
    if isinstance(kind, Integer):
        return IntegerField(label, [*presence, NumberRange(-LARGEST, LARGEST)], default=default)
    return _text(kind, label, presence, default, shape)


def _text(kind: Any, label: Any, presence: list[Any], default: Any, shape: str) -> Field:
    area = isinstance(kind, Text)
    limit = (kind.length if isinstance(kind, String) else None) or 4000
    checks = [*presence, Length(max=limit), _readable(limit, lines=area)]
    if shape == "tel":
        return TelField(label, [*checks, _telephone], default=default)
    if shape == "email":
        return EmailField(label, [*checks, _address], default=default)
    return (TextAreaField if area else StringField)(label, checks, default=default)


def _telephone(_form: Any, made: Field) -> None:
    try:
        phone_number(made.data)
    except Invalid as error:
        raise ValidationError(sentence(error)) from error


def _address(_form: Any, made: Field) -> None:
    name, at, host = (made.data or "").rpartition("@")
    if made.data and (not name or not at or "." not in host or any(letter.isspace() for letter in made.data)):
        raise ValidationError(_("This is not an e-mail address: it looks like name@example.com."))


def _places(most: int) -> Any:
    def check(_form: Any, made: Field) -> None:
        if made.data is None or not made.data.is_finite():
            return
        if -made.data.normalize().as_tuple().exponent > most:
            raise ValidationError(_("At most %(places)s decimal places.") % {"places": most})

    return check


def _readable(limit: int, *, lines: bool) -> Any:
    def check(_form: Any, made: Field) -> None:
        try:
            made.data = clean_text(made.data, limit, lines=lines)
        except Invalid as error:
            raise ValidationError(sentence(error)) from error

    return check
