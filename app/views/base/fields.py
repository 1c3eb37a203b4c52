"""Form fields that work: native date and time pickers, remote pickers for other tables, empty choices that stay empty."""

from datetime import UTC, datetime
from typing import Any

from flask_babel import gettext
from markupsafe import Markup, escape
from wtforms import DateTimeLocalField, Field, SelectField
from wtforms.fields.choices import SelectChoice
from wtforms.validators import ValidationError
from wtforms.widgets import html_params

from app.views.base.local import local, zone
from app.views.base.rows import RowInterface


class LocalDateTimeField(DateTimeLocalField):
    """An instant entered in the estate's local time; `data` is aware UTC. The browser's own picker sets date *and* time."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, format=["%Y-%m-%dT%H:%M", "%Y-%m-%dT%H:%M:%S"], **kwargs)

    def process_data(self, value: datetime | None) -> None:
        """Show the local time."""
        super().process_data(None if value is None else local(value).replace(tzinfo=None))

    def process_formdata(self, valuelist: list[str]) -> None:
        """Read the local time."""
        super().process_formdata(valuelist)
        if isinstance(self.data, datetime) and self.data.tzinfo is None:
            self.data = self.data.replace(tzinfo=zone()).astimezone(UTC)

    def _value(self) -> str:
        if self.raw_data:
            return " ".join(self.raw_data)
        return f"{self.data:%Y-%m-%dT%H:%M}" if self.data else ""


class CodeField(SelectField):
    """One of our codes. Nothing is chosen beforehand, and nothing chosen is None, not the word "None"."""

    def __init__(self, *args: Any, nullable: bool, codes: list[tuple[str, Any]], **kwargs: Any) -> None:
        options = [SelectChoice("", ""), *(SelectChoice(code, label) for code, label in codes)]
        super().__init__(*args, choices=options, coerce=lambda value: value or None, **kwargs)
        self.nullable = nullable

    def pre_validate(self, form: Any) -> None:
        """Empty is a choice only where the column may be empty; `DataRequired` says so otherwise."""
        if self.data is not None:
            super().pre_validate(form)


class PickerField(Field):
    """A row of another table, found by typing: the box asks `<view>/choices/<column>` and only ever sees one's own rows.

    `data` is the row's id. FAB renders every row of the other table into the page (5,000 houses: 430 kB).
    """

    def __init__(self, *args: Any, datamodel: RowInterface, relation: str, endpoint: str, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.datamodel, self.relation, self.endpoint = datamodel, relation, endpoint
        self.picked: Any = None

    def process_data(self, value: Any) -> None:
        """The id the row has now."""
        self.data = value
        self.picked = self.datamodel.get_related_obj(self.relation, value) if value is not None else None

    def process_formdata(self, valuelist: list[str]) -> None:
        """The id that was sent, if such a row is the actor's."""
        text = valuelist[0].strip() if valuelist else ""
        self.picked = self.datamodel.get_related_obj(self.relation, text) if text else None
        self.data = getattr(self.picked, "id", None)
        if text and self.picked is None:
            raise ValidationError(self.gettext("Not a valid choice"))

    def __call__(self, **kwargs: Any) -> Markup:
        """A select box with the present choice; `static/crud/picker.js` fetches the others."""
        attributes = {"id": self.id, "name": self.name, "class": "form-control linli-picker", "data-url": self.endpoint}
        attributes["data-none"] = gettext("Nothing found")
        option = ""
        if self.picked is not None:
            option = f'<option value="{self.data}" selected>{escape(self.picked)}</option>'
        return Markup(f"<select {html_params(**attributes)}><option></option>{option}</select>")
