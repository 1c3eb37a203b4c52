"""Adding and changing rows: one transaction, checks of the scope before and after, a refusal as a sentence above the form."""

from __future__ import annotations

from collections.abc import Sequence
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

from app.errors import N_, Invalid, LinliError, NotFound
from app.services.actors import Actor
from app.services.transaction import transaction
from app.views.base.actor import current_actor
from app.views.base.safety import sentence


class WritesRows:
    """The writing half of `ModelPage`. FAB commits first and hooks afterwards, and swallows what a hook refuses."""

    @expose("/add", methods=["GET", "POST"])
    @has_access
    def add(self) -> Any:
        """A new row."""
        form = self.add_form()
        if form.validate_on_submit():
            answer = self._try(form, None)
            if answer is not None:
                return answer
        return self._form_page(form, gettext("New: %(thing)s", thing=str(self.singular)), self.add_columns)

    @expose("/edit/<pk>", methods=["GET", "POST"])
    @has_access
    def edit(self, pk: str) -> Any:
        """Change a row."""
        item = self._own(pk)
        form = self.edit_form(data=self._present(item))
        heading = gettext("Change: %(thing)s", thing=self.heading(item))
        if form.validate_on_submit():
            answer = self._try(form, pk)
            if answer is not None:
                return answer
        return self._form_page(form, heading, self.edit_columns)

    def _present(self, item: Any) -> dict[str, Any]:
        return {column: getattr(item, self._attribute(column)) for column in self.edit_columns}

    def _attribute(self, column: str) -> str:
        """The attribute a form column is written to: a relationship is written by its foreign key."""
        mapper = inspect(self.datamodel.obj)
        if column not in mapper.relationships:
            return column
        foreign = next(iter(mapper.relationships[column].local_columns))
        return str(mapper.get_property_by_column(foreign).key)

    def _form_page(self, form: FlaskForm, heading: str, columns: Sequence[str]) -> Any:
        status = 422 if request.method == "POST" else 200
        page = self.render_template(self.add_template, view=self, form=form, heading=heading, columns=columns)
        return page, status

    def _try(self, form: FlaskForm, pk: str | None) -> Response | None:
        """Write inside one transaction; a refusal rolls everything back and becomes a sentence above the form."""
        columns = self.add_columns if pk is None else self.edit_columns
        values = {self._attribute(column): _filled(form[column].data) for column in columns}
        actor = current_actor()
        if actor is None:
            abort(401)
        try:
            with transaction() as session:
                key = self._write(session, actor, values, pk)
        except IntegrityError:
            flash(gettext("This contradicts what is already recorded (is there such a row already?)."), "danger")
            return None
        except LinliError as error:
            flash(sentence(error), "danger")
            return None
        flash(gettext("Saved"), "success")
        return redirect(url_for(f"{self.endpoint}.show", pk=key))

    def _write(self, session: Session, actor: Actor, values: dict[str, Any], pk: str | None) -> int:
        item = self.datamodel.obj() if pk is None else self.datamodel.one(pk)
        if item is None:
            raise NotFound(N_("There is nothing here, or it is not yours to see."))
        self.save(session, item, values, actor)
        session.flush()
        if self.datamodel.one(item.id) is None:
            raise Invalid(N_("You may not move this to where you could not see it."))
        return int(item.id)

    def save(self, session: Session, item: Model, values: dict[str, Any], actor: Actor) -> None:
        """Put the values on the row. A table with rules of its own calls its service here instead."""
        for name, value in values.items():
            column = inspect(type(item)).columns.get(name)
            empty = value is None and column is not None and not column.nullable
            setattr(item, name, "" if empty and isinstance(column.type, String) else value)
        session.add(item)


def _filled(value: Any) -> Any:
    return None if value == "" else value
