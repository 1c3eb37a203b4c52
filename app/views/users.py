"""`/users/…`: logins, for administrators only: who they are, their roles, communities and buildings, whether they may log in."""

from __future__ import annotations

from functools import partial
from typing import Any

from flask import Response, abort, current_app, flash, jsonify, redirect, request, url_for
from flask_appbuilder import expose, has_access
from flask_appbuilder.security.decorators import permission_name
from flask_appbuilder.security.sqla.models import User
from flask_babel import gettext
from flask_babel import lazy_gettext as _
from sqlalchemy import select
from sqlalchemy.orm import Session, joinedload, selectinload

from app.adapters.clock import now
from app.errors import LinliError
from app.extensions import db
from app.models import Building, Community, Department, House, Person, Staff, StewardBuilding, Tenure
from app.rules.codes import Role
from app.services import role_admin, search, user_admin
from app.services.access import rows
from app.services.actors import Actor, display_name
from app.services.transaction import transaction
from app.services.user_admin import Wanted
from app.services.users import HOUSEHOLD_ROLES
from app.views.base.actor import current_actor
from app.views.base.cells import named, show
from app.views.base.local import local
from app.views.base.model_page import ModelPage
from app.views.base.rows import RowInterface, as_id
from app.views.base.safety import sentence
from app.views.base.versions import MeanwhileError, hold_against, seen_of
from app.views.permission_words import role_name


def role_words(user: User) -> str:
    """The login's roles as people call them."""
    return gettext(", ").join(role_name(role.name) for role in user.roles)


class UserView(ModelPage):
    """Logins. No password or its hash is among the columns; FAB's groups are not used, so they confer nothing."""

    datamodel = RowInterface(User)
    route_base = "/users"
    title, singular = _("Users"), _("User account")
    list_columns = ["last_name", "username", "roles", "email", "active", "last_login", "fail_login_count"]
    show_columns = ["last_name", "username", "email", "roles", "active", "last_login", "fail_login_count"]
    search_columns = ["username", "last_name", "email", "active"]
    order_columns = ["username", "last_name", "email", "active", "last_login", "fail_login_count"]
    labels = {
        "last_name": _("Full name"),
        "username": _("Login name"),
        "roles": _("Roles"),
        "active": _("May log in"),
        "last_login": _("Last log-in"),
        "fail_login_count": _("Failed log-ins since the last good one"),
    }
    texts = {"last_name": display_name, "roles": role_words}
    # The form is our own (`_form_of`); a declared column is what makes the routes exist.
    add_columns = edit_columns = ["email"]
    base_order = ("username", "asc")
    show_template = "users/show.html"
    form_template = "users/form.html"

    def heading(self, item: Any) -> str:
        """The person's name."""
        return display_name(item) or str(item.username)

    @expose("/show/<pk>", methods=["GET"])
    @has_access
    def show(self, pk: str) -> Any:
        """One login with what it is tied to and what can be done about it."""
        options = [
            joinedload(User.staff).joinedload(Staff.department),
            joinedload(User.person),
            selectinload(User.roles),
        ]
        user = self._own(pk, options)
        today = local(now()).date()
        buildings = (
            select(Building)
            .join(StewardBuilding, StewardBuilding.building_id == Building.id)
            .where(StewardBuilding.staff_id == (user.staff.id if user.staff else None))
            .where(StewardBuilding.starts_on <= today)
            .where((StewardBuilding.ends_on.is_(None)) | (StewardBuilding.ends_on >= today))
        )
        return self.render_template(
            self.show_template,
            view=self,
            item=user,
            heading=self.heading(user),
            roles=[(role, role_name(role.name)) for role in user.roles],
            staff=user.staff,
            person=user.person,
            houses=_houses(db.session(), [user.person.id])[user.person.id] if user.person else [],
            buildings=list(db.session().scalars(buildings.order_by(Building.position))) if user.staff else [],
            actions=self.actions_on(user),
        )

    def actions_on(self, user: User) -> list[tuple[str, str, str]]:
        """What else can be done about a login: (words, icon, address)."""
        made = [(gettext("What can this person see?"), "search", url_for("SeesPage.sees", user_id=user.id))]
        if "LoginAdminPage.show" in current_app.view_functions:
            made.append((gettext("Password, lock and second factor"), "key", f"/logins/{user.id}"))
        return made

    @expose("/add", methods=["GET", "POST"])
    @has_access
    def add(self) -> Any:
        """A new login."""
        return self._form_of(None)

    @expose("/edit/<pk>", methods=["GET", "POST"])
    @has_access
    def edit(self, pk: str) -> Any:
        """Change a login."""
        behind = [
            joinedload(getattr(User, name)) for name in ("staff", "person")
        ]  # both named by the other side's backref
        return self._form_of(self._own(pk, behind))

    @expose("/people")
    @has_access
    @permission_name("add")
    def people(self) -> Response:
        """People of households for the picker: `{results: [{id, text}]}`, each with the houses that tell them apart."""
        actor, words = _administrator(), search.clean_words(request.args.get("q"))
        session = db.session()
        condition = Person.name.icontains(words, autoescape=True) if words else Person.id > 0
        found = session.execute(
            select(Person.id, Person.name).where(rows(actor, Person), condition).order_by(Person.name).limit(20)
        ).all()
        houses = _houses(session, [row.id for row in found])
        results = [{"id": row.id, "text": " · ".join([row.name, *houses[row.id][:3]])} for row in found]
        return jsonify(results=results, pagination={"more": False})

    @expose("/userinfo/")
    @has_access
    def userinfo(self) -> Any:
        """One's own login has a page of its own."""
        return redirect("/account/")

    def _form_of(self, user: User | None) -> Any:
        error, status, values = "", 200, _present(user)
        if request.method == "POST":
            values = _sent()
            try:
                with transaction() as session:
                    saved = self._keep(session, user.id if user is not None else None, values)
                    key, active = saved.id, saved.active
            except LinliError as refusal:
                error, status = sentence(refusal), 409 if isinstance(refusal, MeanwhileError) else 422
            else:
                flash(gettext("Saved") if active else gettext("Saved: this login is switched off."), "success")
                return redirect(url_for("UserView.show", pk=key))
            user = db.session().get(User, user.id) if user is not None else None
        return self._form_html(user, values, error), status

    def _keep(self, session: Session, user_id: int | None, values: dict[str, Any]) -> User:
        at, actor = now(), _administrator()
        wanted, today = _wanted(values), local(at).date()
        if user_id is None:
            return user_admin.add_user(session, actor, wanted, at, today)
        held = session.get_one(User, user_id, with_for_update=True, populate_existing=True)
        hold_against(_present(held), values | {"username": held.username}, partial(_told, held))
        return user_admin.change_user(session, actor, user_id, wanted, at, today)

    def _form_html(self, user: User | None, values: dict[str, Any], error: str) -> str:
        session = db.session()
        buildings: dict[int, list[Building]] = {}
        for building in session.scalars(select(Building).order_by(Building.position, Building.id)):
            buildings.setdefault(building.community_id, []).append(building)
        person = session.get(Person, values["person_id"]) if values["person_id"] else None
        return str(
            self.render_template(
                self.form_template,
                view=self,
                user=user,
                values=values,
                error=error,
                roles=[(role, role_name(role.name)) for role in role_admin.all_roles(session)],
                household=HOUSEHOLD_ROLES,
                communities=list(session.scalars(select(Community).order_by(Community.id))),
                buildings=buildings,
                departments=list(session.scalars(select(Department).order_by(Department.position))),
                person=person,
                heading=gettext("New login") if user is None else self.heading(user),
                seen="" if user is None else seen_of(_present(user), now()),
            )
        )


def _administrator() -> Actor:
    actor = current_actor()
    if actor is None or not actor.has(Role.ADMIN):
        abort(403)
    return actor


def _houses(session: Session, people: list[int]) -> dict[int, list[str]]:
    """Person → the houses they have or had, by name."""
    found: dict[int, list[str]] = {person_id: [] for person_id in people}
    statement = (
        select(Tenure.person_id, House.name).join(House).where(Tenure.person_id.in_(people)).order_by(House.name)
    )
    for row in session.execute(statement):
        if row.name not in found[row.person_id]:
            found[row.person_id].append(row.name)
    return found


_PLAIN = ("name", "username", "email", "number")
_MANY = ("role_ids", "community_ids", "building_ids")


def _present(user: User | None) -> dict[str, Any]:
    staff = user.staff if user is not None else None
    today = local(now()).date()
    links = staff.building_links if staff else []
    return {
        "name": display_name(user) if user is not None else "",
        "username": user.username if user is not None else "",
        "email": (user.email or "") if user is not None else "",
        "number": (staff.number or "") if staff else "",
        "active": user.active if user is not None else True,
        "role_ids": {role.id for role in user.roles} if user is not None else set(),
        "community_ids": {link.community_id for link in staff.community_links} if staff else set(),
        "building_ids": {link.building_id for link in links if link.ends_on is None or link.ends_on >= today},
        "department_id": staff.department_id if staff else None,
        "person_id": user.person.id if user is not None and user.person else None,
    }


def _sent() -> dict[str, Any]:
    form = request.form
    values: dict[str, Any] = {name: form.get(name, "").replace("\x00", "").strip()[:254] for name in _PLAIN}
    for name in _MANY:
        values[name] = {key for text in form.getlist(name) if (key := as_id(text)) is not None}
    values["active"] = form.get("active") == "1"
    values["department_id"] = as_id(form.get("department_id", ""))
    values["person_id"] = as_id(form.get("person_id", ""))
    values["password"] = form.get("password", "")[:1024]
    return values


def _wanted(values: dict[str, Any]) -> Wanted:
    many = {name: frozenset(values[name]) for name in _MANY}
    one = {name: values[name] for name in (*_PLAIN, "active", "department_id", "person_id", "password")}
    return Wanted(**one, **many)


def _told(user: User, name: str) -> str:
    """What somebody else made of a field of the form, in words."""
    staff = user.staff
    buildings = _present(user)["building_ids"]
    said: dict[str, tuple[Any, Any]] = {
        "name": (_("Full name"), display_name(user)),
        "email": (_("E-mail"), user.email),
        "number": (_("Telephone number"), staff and staff.number),
        "active": (_("May log in"), bool(user.active)),
        "role_ids": (_("Roles"), role_words(user)),
        "department_id": (_("Department"), staff and named(staff.department)),
        "community_ids": (_("Communities"), [named(link.community) for link in staff.community_links] if staff else ""),
        "building_ids": (_("Buildings"), [link.building.name for link in staff.building_links
                                          if link.building_id in buildings] if staff else ""),
        "person_id": (_("Who of the households it is"), user.person and user.person.name),
    }  # fmt: skip
    label, value = said[name]
    return f"{label}: {gettext(', ').join(value) if isinstance(value, list) else show(value) or '–'}"
