"""Form fields that work: days and times as people type them, pickers that search, empty choices that stay empty."""

from collections.abc import Callable, Sequence
from datetime import UTC, date, datetime
from typing import Any

from flask_babel import gettext
from wtforms import DateField, DateTimeLocalField, DecimalField, Field, SelectField, TimeField
from wtforms.fields.choices import SelectChoice
from wtforms.validators import ValidationError

from app.adapters.clock import now
from app.errors import Invalid
from app.rules.typed_time import read_clock, read_day, read_moment
from app.services.ticket_input import clean_text, phone_number
from app.views.base.choosing import Choice, the_one, typed_words, with_details
from app.views.base.local import local, zone
from app.views.base.rows import RowInterface
from app.views.base.safety import sentence

MOST_PICKED = 200
TYPED = "__text"
"""What was typed into a picker's box is sent under the field's name with this behind it."""


def _first(valuelist: Sequence[str]) -> str:
    return valuelist[0].strip() if valuelist else ""


class LocalDateTimeField(DateTimeLocalField):
    """An instant entered in the estate's local time; `data` is aware UTC."""

    def process_data(self, value: datetime | None) -> None:
        """Show the local time."""
        super().process_data(None if value is None else local(value).replace(tzinfo=None))

    def process_formdata(self, valuelist: list[str]) -> None:
        """Read the local time, as the calendar writes it or as somebody typed it."""
        text, self.data = _first(valuelist), None
        if not text:
            return
        moment = read_moment(text, local(now()).replace(tzinfo=None))
        if moment is None:
            raise ValueError(gettext("This is not a time: write it like 2026-03-31 17:30, or choose it."))
        self.data = moment.replace(tzinfo=zone()).astimezone(UTC)

    def _value(self) -> str:
        if self.raw_data:
            return " ".join(self.raw_data)
        return f"{self.data:%Y-%m-%dT%H:%M}" if self.data else ""


class DayField(DateField):
    """A day. A column that keeps days as text (`2026-10-01`) may use it too."""

    def process_data(self, value: Any) -> None:
        """Show the day."""
        super().process_data(read_day(value, local(now()).date()) if isinstance(value, str) else value)

    def process_formdata(self, valuelist: list[str]) -> None:
        """Read the day."""
        text, self.data = _first(valuelist), None
        if text:
            self.data = read_day(text, local(now()).date())
            if self.data is None:
                raise ValueError(gettext("This is not a date: write it like 2026-03-31, or choose it."))

    def _value(self) -> str:
        if self.raw_data:
            return " ".join(self.raw_data)
        return self.data.isoformat() if isinstance(self.data, date) else ""


class ClockTimeField(TimeField):
    """A time of day."""

    def process_formdata(self, valuelist: list[str]) -> None:
        """Read the time."""
        text, self.data = _first(valuelist), None
        if text:
            self.data = read_clock(text)
            if self.data is None:
                raise ValueError(gettext("This is not a time of day: write it like 17:30."))


class ExactField(DecimalField):
    """An exact number; minus zero is zero, and what is infinite is none."""

    def process_formdata(self, valuelist: list[str]) -> None:
        """Read the number."""
        super().process_formdata([_first(valuelist)[:60]] if valuelist else [])
        if self.data is not None:
            if not self.data.is_finite():
                self.data = None
                raise ValueError(gettext("Enter a number, like 89.50."))
            self.data = self.data.copy_abs() if self.data == 0 else self.data


class CodeField(SelectField):
    """One of our codes. Nothing is chosen beforehand, and nothing chosen is None, not the word "None"."""

    def __init__(self, *args: Any, nullable: bool, codes: list[tuple[str, Any]] | Callable[[], Any], **kw: Any) -> None:
        self.codes = codes
        known = [] if callable(codes) else codes
        options = [SelectChoice("", ""), *(SelectChoice(code, label) for code, label in known)]
        super().__init__(*args, choices=options, coerce=lambda value: value or None, **kw)
        if callable(codes):
            self.choices = [SelectChoice("", ""), *(SelectChoice(code, label) for code, label in codes())]
        self.nullable = nullable

    def pre_validate(self, form: Any) -> None:
        """Empty is a choice only where the column may be empty; `DataRequired` says so otherwise."""
        if self.data is not None:
            super().pre_validate(form)


class PickerField(Field):
    """A row of another table, found by typing: the box asks `<view>/choices/<column>` and only ever sees one's own rows.

    `data` is the row's id. Words that were typed and not picked (no scripts, or in a hurry) count when they can mean only
    one row.
    """

    def __init__(self, *args: Any, datamodel: RowInterface, relation: str, endpoint: str, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.datamodel, self.relation, self.endpoint = datamodel, relation, endpoint
        self.picked: Any = None
        self.typed = ""

    def process(self, formdata: Any, *args: Any, **kwargs: Any) -> None:
        """Keep the words beside the id."""
        self.typed = typed_words(formdata.get(self.name + TYPED)) if formdata else ""
        super().process(formdata, *args, **kwargs)

    def process_data(self, value: Any) -> None:
        """The id the row has now."""
        self.data = value
        self.picked = self.datamodel.get_related_obj(self.relation, value) if value is not None else None

    def process_formdata(self, valuelist: list[str]) -> None:
        """The id that was sent, if such a row is the actor's; else the one row that the words mean."""
        text = _first(valuelist)
        if text:
            self.picked = self.datamodel.get_related_obj(self.relation, text)
        else:
            other = self.datamodel.get_related_interface(self.relation)
            self.picked = the_one(other, self.typed) if self.typed else None
        self.data = getattr(self.picked, "id", None)
        if text and self.picked is None:
            raise ValidationError(gettext("This is not among your choices: choose from the list."))
        if self.typed and self.picked is None:
            raise ValidationError(
                gettext("“%(words)s” is nothing, or several: choose from the list.") % {"words": self.typed}
            )

    @property
    def shown(self) -> Choice | None:
        """The row in both its lines."""
        if self.picked is None:
            return None
        return with_details(type(self.picked), [self.picked])[0]

    @property
    def box(self) -> str:
        """What stands in the box."""
        return self.shown.text if self.shown else self.typed


class ManyField(PickerField):
    """Several rows of another table; `data` is the list of their ids."""

    def process_data(self, value: Any) -> None:
        """The ids there are now."""
        self.data = sorted(value or [])
        self.picked = self._rows(self.data)

    def process_formdata(self, valuelist: list[str]) -> None:
        """The ids that were sent, each a row of the actor's, and the words behind them."""
        sent = list(dict.fromkeys(text.strip() for text in valuelist if text.strip()))[:MOST_PICKED]
        self.picked = self._rows(sent)
        if len(self.picked) != len(sent):
            raise ValidationError(gettext("This is not among your choices: choose from the list."))
        other = self.datamodel.get_related_interface(self.relation)
        for words in filter(
            None, (part.strip() for part in self.typed.replace("，", "、").replace(",", "、").split("、"))
        ):
            found = the_one(other, words)
            if found is None:
                raise ValidationError(
                    gettext("“%(words)s” is nothing, or several: choose from the list.") % {"words": words}
                )
            if found not in self.picked:
                self.picked.append(found)
        self.data = sorted(row.id for row in self.picked)

    def _rows(self, ids: Sequence[Any]) -> list[Any]:
        found = (self.datamodel.get_related_obj(self.relation, one) for one in ids)
        return [row for row in found if row is not None]

    @property
    def chosen(self) -> list[Choice]:
        """The rows, for the chips."""
        return with_details(type(self.picked[0]), self.picked) if self.picked else []


class NumbersField(Field):
    """Telephone numbers in one line, apart by commas or spaces; `data` is their list in E.164."""

    def process_data(self, value: Any) -> None:
        """The numbers there are now."""
        self.data = list(value or [])

    def process_formdata(self, valuelist: list[str]) -> None:
        """Read each."""
        try:
            text = clean_text(_first(valuelist), 400, lines=False)
            for mark in "、，;；":
                text = text.replace(mark, ",")
            numbers = [phone_number(part) for part in text.split(",") if part.strip()]
        except Invalid as error:
            raise ValidationError(sentence(error)) from error
        self.data = list(dict.fromkeys(number for number in numbers if number))

    def _value(self) -> str:
        return self.raw_data[0] if self.raw_data else "、".join(self.data or [])
