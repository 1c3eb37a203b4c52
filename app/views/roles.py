"""`/roles/…`: what each role may do, in plain words; an administrator makes roles of his own from the same words."""

from __future__ import annotations

from functools import partial
from typing import Any

from flask import abort, flash, redirect, request, url_for
from flask_babel import gettext
from werkzeug.wrappers import Response

from app.adapters.clock import now
from app.errors import LinliError
from app.extensions import db
from app.rules.codes import Role, RowScope
from app.rules.digits import is_number
from app.services import role_admin
from app.services.role_admin import RoleFacts
from app.services.transaction import transaction
from app.views.base import BasePage, expose, has_access, permission_name, sentence
from app.views.base.versions import FIELD, MeanwhileError, hold_against, seen_of, unpack
from app.views.labels import choices, code_label
from app.views.permission_words import WAYS, areas, grants_of, is_reserved, lines_held, role_name


class RoleView(BasePage):
    """The eleven roles of D1 are shown and copied, never changed; own ones have a name, a row scope and ticked lines."""

    route_base = "/roles"
    default_view = "list"

    @expose("/list/")
    @has_access
    def list(self) -> Any:
        """Every role with how many logins have it."""
        found = role_admin.all_roles(db.session())
        return self.render_template(
            "roles/list.html",
            built_in=[(role, role_name(role.name)) for role in found if not role.is_own],
            own=[role for role in found if role.is_own],
        )

    @expose("/show/<int:pk>")
    @has_access
    def show(self, pk: int) -> Any:
        """What one role may do."""
        role = self._role(pk)
        grants = role_admin.grants_of_role(db.session(), pk)
        return self.render_template(
            "roles/show.html",
            role=role,
            name=role_name(role.name),
            areas=[(area, [line for line in area.lines if line.grants <= grants]) for area in areas()],
            is_admin=role.name == Role.ADMIN,
            administration=sorted({view for _p, view in grants if is_reserved((_p, view))}),
        )

    @expose("/add", methods=["GET", "POST"])
    @has_access
    def add(self) -> Any:
        """A new role; `?copy=<id>` begins with what another may do."""
        copied = request.args.get("copy", "")
        ticked: set[str] = set()
        name = ""
        if is_number(copied) and request.method == "GET":
            model = self._role(int(copied))
            ticked = lines_held(role_admin.grants_of_role(db.session(), model.id))
            name = gettext("%(role)s (own)", role=role_name(model.name))
        return self._form(None, name, RowScope.COMMUNITY, ticked)

    @expose("/edit/<int:pk>", methods=["GET", "POST"])
    @has_access
    def edit(self, pk: int) -> Any:
        """Change an own role."""
        role = self._role(pk)
        if not role.is_own:
            abort(404)
        ticked = lines_held(role_admin.grants_of_role(db.session(), pk))
        return self._form(role, role.name, role.scope or "", ticked)

    @expose("/remove/<int:pk>", methods=["POST"])
    @has_access
    @permission_name("edit")
    def remove(self, pk: int) -> Response:
        """Take away an own role that nobody has."""
        actor, at = self.actor(), now()
        try:
            with transaction() as session:
                role_admin.remove_role(session, actor, pk, at)
        except LinliError as error:
            flash(sentence(error), "danger")
            return redirect(url_for("RoleView.show", pk=pk))
        flash(gettext("The role is gone."), "success")
        return redirect(url_for("RoleView.list"))

    def _role(self, pk: int) -> RoleFacts:
        self.actor()
        found = next((role for role in role_admin.all_roles(db.session()) if role.id == pk), None)
        if found is None:
            abort(404)
        return found

    def _form(self, role: RoleFacts | None, name: str, scope: str, ticked: set[str]) -> Any:
        error, status, present = "", 200, {"name": name, "scope": scope, "lines": ticked} if role else {}
        if request.method == "POST":
            name, scope = request.form.get("name", ""), request.form.get("scope", "")
            ticked = set(request.form.getlist("line"))
            actor, at = self.actor(), now()
            try:
                with transaction() as session:
                    key = role.id if role else None
                    hold_against(present, {"name": name, "scope": scope, "lines": ticked}, partial(_told, present))
                    saved = role_admin.save_role(session, actor, key, name, scope, grants_of(ticked), at).id
            except LinliError as refusal:
                error, status = sentence(refusal), 409 if isinstance(refusal, MeanwhileError) else 422
            else:
                flash(gettext("Saved. It holds from the next page that somebody with this role opens."), "success")
                return redirect(url_for("RoleView.show", pk=saved))
        page = self.render_template(
            "roles/form.html",
            role=role,
            name=name,
            scope=scope,
            scopes=choices("row_scope"),
            ticked=ticked,
            areas=areas(),
            ways=WAYS,
            error=error,
            seen=seen_of(present, now()) if role else "",
        )
        return page, status


def _told(present: dict[str, Any], name: str) -> str:
    """What somebody else made of a part of the role."""
    if name == "name":
        return f"{gettext('Name of the role')}: {present['name']}"
    if name == "scope":
        return f"{gettext('Whose records do they see?')} {code_label('row_scope', present['scope'])}"
    before = set(unpack(request.form.get(FIELD)).get("lines", "").split(","))
    words = {line.key: str(line.words) for area in areas() for line in area.lines}
    added = [f"+ {words[key]}" for key in sorted(present["lines"] - before) if key in words]
    return gettext(", ").join(
        [*added, *(f"− {words[key]}" for key in sorted(before - present["lines"]) if key in words)]
    )
