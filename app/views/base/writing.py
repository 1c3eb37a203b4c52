"""Adding and changing rows: one transaction, checks of the scope before and after, a refusal as a sentence above the form."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from flask import abort, flash, redirect, request, url_for
from flask_appbuilder import expose, has_access
from flask_appbuilder.models.sqla import Model
from flask_babel import gettext
from flask_wtf import FlaskForm
from sqlalchemy import String, inspect
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session
from werkzeug.wrappers import Response

from app.adapters.clock import now
from app.errors import N_, Invalid, LinliError, NotFound
from app.models import Phone
from app.services import record_edits, rule_changes
from app.services.actors import Actor
from app.services.once import Once
from app.services.transaction import transaction
from app.views.base.actor import current_actor
from app.views.base.cells import show
from app.views.base.fields import PickerField
from app.views.base.forms import FieldLook, look_of
from app.views.base.replay import claimed
from app.views.base.safety import sentence
from app.views.base.versions import (
    FIELD,
    TAKE,
    ChangedMeanwhileError,
    Difference,
    compare,
    pack,
    plain,
    read_at,
    unpack,
)


@dataclass(frozen=True)
class Page:
    """What a form's page shows besides the fields."""

    heading: str
    columns: Sequence[str]
    refused: str = ""
    seen: str = ""
    differences: Sequence[Difference] = ()


class WritesRows:
    """The writing half of `ModelPage`. FAB commits first and hooks afterwards, and swallows what a hook refuses.

    - `form_groups`: (heading, columns) in the order people think; `help`: column → a sentence under the field;
    - `units`: column → what the number counts; `switches`: column → the two words of a switch;
    - `inputs`: column → `tel`, `email` or `date` for a text that is one; `options`: column → callable → (value, label) pairs;
    - `blames`: msgid of a refusal of `save` → the column it is about.
    """

    form_groups: Sequence[tuple[Any, Sequence[str]]] = ()
    help: Mapping[str, Any] = {}
    units: Mapping[str, Any] = {}
    switches: Mapping[str, tuple[Any, Any]] = {}
    inputs: Mapping[str, str] = {}
    options: Mapping[str, Callable[[], list[tuple[str, Any]]]] = {}
    blames: Mapping[str, str] = {}
    form_lead: Any = ""

    @expose("/add", methods=["GET", "POST"])
    @has_access
    def add(self) -> Any:
        """A new row."""
        form, refused = self.add_form(data=self.suggested()), ""
        if form.validate_on_submit():
            answer = self._try(form, None)
            if not isinstance(answer, str):
                return answer
            refused = answer
        heading = gettext("New: %(thing)s", thing=str(self.singular))
        return self._form_page(form, Page(heading, self.add_columns, refused))

    @expose("/edit/<pk>", methods=["GET", "POST"])
    @has_access
    def edit(self, pk: str) -> Any:
        """Change a row."""
        item = self._own(pk)
        present = self._present(item)
        form = self.edit_form(data=present)
        heading = gettext("Change: %(thing)s", thing=self.heading(item))
        page = Page(heading, self.edit_columns, seen=request.form.get(FIELD) or pack(_plain(present), now()))
        if form.validate_on_submit():
            try:
                answer = self._try(form, pk)
            except ChangedMeanwhileError as error:
                return self._conflict_page(form, page, error, pk)
            if not isinstance(answer, str):
                return answer
            page = Page(heading, self.edit_columns, answer, page.seen)
        return self._form_page(form, page, item)

    # -- what the form shows ---------------------------------------------------------------------------------------

    def suggested(self) -> dict[str, Any]:
        """Column → what an empty form begins with."""
        return {}

    def help_of(self, column: str) -> Any:
        """The sentence under a field."""
        return self.help.get(column, "")

    def look_of(self, column: str, made: Any) -> FieldLook:
        """How a field is drawn."""
        return look_of(self, column, made)

    def grouped(self, columns: Sequence[str]) -> list[tuple[Any, list[str]]]:
        """These columns in the declared groups; what no group names comes last, without a heading."""
        groups = [(title, [name for name in names if name in columns]) for title, names in self.form_groups]
        named_ones = {name for _title, names in groups for name in names}
        rest = [name for name in columns if name not in named_ones]
        return [group for group in [*groups, ("", rest)] if group[1]]

    def _present(self, item: Any) -> dict[str, Any]:
        return {column: self._value(item, column) for column in self.edit_columns}

    def _value(self, item: Any, column: str) -> Any:
        value = getattr(item, self._attribute(column))
        if not isinstance(value, list):
            return value
        return [row.number if isinstance(row, Phone) else row.id for row in value]

    def _attribute(self, column: str) -> str:
        """The attribute a form column is written to: a relationship to one row is written by its foreign key."""
        mapper = inspect(self.datamodel.obj)
        relationship = mapper.relationships.get(column)
        if relationship is None or relationship.uselist:
            return column
        foreign = next(iter(relationship.local_columns))
        return str(mapper.get_property_by_column(foreign).key)

    def _form_page(self, form: FlaskForm, page: Page, item: Any = None, status: int = 0) -> Any:
        status = status or (422 if request.method == "POST" else 200)
        back = url_for(f"{self.endpoint}.show", pk=item.id) if item is not None else url_for(f"{self.endpoint}.list")
        rendered = self.render_template(self.add_template, view=self, form=form, page=page, item=item, back=back)
        return rendered, status

    def _conflict_page(self, form: FlaskForm, page: Page, error: ChangedMeanwhileError, pk: str) -> Any:
        item, seen = self._own(pk), unpack(page.seen)
        edits = record_edits.since(self.datamodel.session, item, read_at(page.seen))
        differences = []
        for column in error.columns:
            mine = plain(self._filled(form)[self._attribute(column)])
            differences.append(
                Difference(
                    column,
                    self.label_of(column),
                    self.cell(item, column).text,
                    self._mine(form[column], column),
                    touched=mine != seen.get(column),
                    edit=edits.get(column),
                )
            )
        told = Page(page.heading, page.columns, "", pack(error.now, now()), differences)
        return self._form_page(form, told, item, 409)

    def _mine(self, field: Any, column: str) -> str:
        if isinstance(field, PickerField):
            rows = field.picked if isinstance(field.picked, list) else [field.picked]
            return "、".join(show(row) for row in rows if row is not None)
        return show(field.data, self.families.get(column))

    # -- writing ---------------------------------------------------------------------------------------------------

    def _filled(self, form: FlaskForm) -> dict[str, Any]:
        columns = [column for column in (*self.add_columns, *self.edit_columns) if column in form]
        return {self._attribute(column): None if form[column].data == "" else form[column].data for column in columns}

    def _try(self, form: FlaskForm, pk: str | None) -> Response | str:
        """Write inside one transaction; a refusal rolls everything back and is returned as a sentence."""
        actor = current_actor()
        if actor is None:
            abort(401)
        try:
            with transaction() as session:
                sent = claimed(session, actor, now()) if pk is None else Once()
                key = self._write(session, actor, self._filled(form), pk)
                address = sent.led_to(url_for(f"{self.endpoint}.show", pk=key))
        except IntegrityError:
            return gettext("This contradicts what is already recorded (is there such a row already?).")
        except LinliError as error:
            return self._blamed(form, error)
        flash(gettext("Saved"), "success")
        return redirect(address)

    def _blamed(self, form: FlaskForm, error: LinliError) -> str:
        """A refusal stands at the field it is about, where the view says which; else above the form."""
        column = self.blames.get(error.msgid, "")
        if column not in form:
            return sentence(error)
        form[column].errors = [*form[column].errors, sentence(error)]
        return ""

    def _write(self, session: Session, actor: Actor, values: dict[str, Any], pk: str | None) -> int:
        item = self.datamodel.obj() if pk is None else self.datamodel.one(pk)
        if item is None:
            raise NotFound(N_("There is nothing here, or it is not yours to see."))
        if pk is not None:
            values = self._settled(session, item, values)
        before = rule_changes.values_of(item) if pk is not None else None
        edited = [] if pk is None else self._edited(item, values)
        self.save(session, item, values, actor)
        session.flush()
        if self.datamodel.one(item.id) is None:
            raise Invalid(N_("You may not move this to where you could not see it."))
        at = now()
        record_edits.note(session, actor, item, edited, at)
        rule_changes.record(session, actor, item, before, at)
        return int(item.id)

    def _edited(self, item: Any, values: Mapping[str, Any]) -> list[str]:
        """The form's columns that `values` change."""
        present = self._present(item)
        wanted = {column: values.get(self._attribute(column)) for column in present}
        return [column for column, value in present.items() if plain(value) != plain(wanted[column])]

    def _settled(self, session: Session, item: Any, values: dict[str, Any]) -> dict[str, Any]:
        """The values to write. Raises ChangedMeanwhileError when somebody else changed what the form's reader saw."""
        seen = unpack(request.form.get(FIELD))
        if not seen:
            return values
        session.refresh(item, with_for_update={"of": type(item)})
        present = self._present(item)
        for column, value in present.items():
            if request.form.get(TAKE + column) == "theirs":
                values = values | {self._attribute(column): value}
        mine = {column: values.get(self._attribute(column)) for column in present}
        differing = compare(seen, _plain(present), _plain(mine))
        if differing:
            raise ChangedMeanwhileError(differing, _plain(present))
        return values

    def save(self, session: Session, item: Model, values: dict[str, Any], actor: Actor) -> None:
        """Put the values on the row. A table with rules of its own calls its service here instead."""
        for name, value in values.items():
            column = inspect(type(item)).columns.get(name)
            empty = value is None and column is not None and not column.nullable
            setattr(item, name, "" if empty and isinstance(column.type, String) else value)
        session.add(item)


def _plain(values: Mapping[str, Any]) -> dict[str, str]:
    return {name: plain(value) for name, value in values.items()}
