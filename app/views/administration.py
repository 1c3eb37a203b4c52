"""FAB's own users and roles, for administrators only, under the same safety; and everybody's own password."""

from typing import Any

from flask import abort, flash, g, request
from flask_appbuilder.actions import action
from flask_appbuilder.fieldwidgets import BS3PasswordFieldWidget
from flask_appbuilder.models.sqla import Model
from flask_appbuilder.security.forms import ResetPasswordForm
from flask_appbuilder.security.sqla.models import Role, User
from flask_appbuilder.security.views import (
    ResetMyPasswordView,
    ResetPasswordView,
    RoleModelView,
    UserDBModelView,
    UserInfoEditView,
)
from flask_babel import gettext
from flask_babel import lazy_gettext as _
from sqlalchemy import ColumnElement, false, true
from wtforms import PasswordField
from wtforms.validators import DataRequired, ValidationError

from app.errors import Invalid
from app.rules import codes
from app.services.users import check_password
from app.views.base.actor import current_actor
from app.views.base.cells import show
from app.views.base.rows import RowInterface, as_id
from app.views.base.safety import SafeView, sentence
from app.views.labels import code_label


def administrators_rows(model: type[Model]) -> ColumnElement[bool]:
    """Everything for an administrator, nothing for anybody else but one's own login."""
    actor = current_actor()
    if actor is None:
        return false()
    if actor.has(codes.Role.ADMIN):
        return true()
    return User.id == actor.user_id if model is User else false()


def scope_to_administrators(view: Any, model: type[Model]) -> None:
    """Give one of FAB's view classes the scoped door instead of its bare one."""
    view.datamodel = RowInterface(model, scope=administrators_rows)


class GoodPassword:
    """A form's validator: the rule of `services.users`, said at the field."""

    def __call__(self, _form: Any, field: Any) -> None:
        try:
            check_password(field.data or "")
        except Invalid as error:
            raise ValidationError(sentence(error)) from error


class UserView(SafeView, UserDBModelView):
    """Logins. No password or its hash is among the columns; groups are not used, so they confer nothing."""

    list_columns = ["username", "last_name", "first_name", "email", "active", "roles"]
    show_columns = ["username", "last_name", "first_name", "email", "active", "roles", "last_login", "fail_login_count"]
    show_fieldsets = None
    user_show_fieldsets = [(None, {"fields": ["username", "last_name", "first_name", "email", "roles"]})]
    search_columns = ["username", "email", "active", "roles"]
    order_columns = ["username", "email", "active"]
    add_columns = ["last_name", "first_name", "username", "active", "email", "roles", "password", "conf_password"]
    edit_columns = ["last_name", "first_name", "username", "active", "email", "roles"]
    validators_columns: dict[str, Any] = {}
    description_columns = {"active": _("It's not a good policy to remove a user, just make it inactive")}
    formatters_columns = {
        "active": show,
        "roles": lambda roles: show([code_label("role", role.name) for role in roles]),
    }
    add_form_extra_fields = {
        **UserDBModelView.add_form_extra_fields,
        "password": PasswordField(_("Password"), [DataRequired(), GoodPassword()], widget=BS3PasswordFieldWidget()),
    }


class RoleView(SafeView, RoleModelView):
    """Roles and what they may do. The eleven of D1 follow the matrix; others are the administrator's."""

    search_columns = ["name"]

    @action("copyrole", _("Copy Role"), _("Copy the selected roles?"), icon="fa-copy", single=False)
    def copy_role(self, items: list[Role]) -> None:
        """A new role with the same permissions, ready to be renamed."""
        for item in items:
            name = f"{item.name} copy"[:64]
            if self.datamodel.session.query(Role).filter_by(name=name).first() is None:
                self.datamodel.session.add(Role(name=name, permissions=list(item.permissions)))
        self.datamodel.session.commit()


class PasswordForm(ResetPasswordForm):
    """A new password, twice."""

    password = PasswordField(_("Password"), [DataRequired(), GoodPassword()], widget=BS3PasswordFieldWidget())


class MyPasswordPage(ResetMyPasswordView):
    """One's own password. Sessions and tokens made with the old one end with it."""

    form = PasswordForm


class PasswordPage(ResetPasswordView):
    """Somebody else's password, set by an administrator."""

    form = PasswordForm

    def form_post(self, form: Any) -> None:
        """Set it for the user named in the address, if there is one."""
        user_id = as_id(request.args.get("pk"))
        if user_id is None or self.appbuilder.sm.get_user_by_id(user_id) is None:
            abort(404)
        self.appbuilder.sm.reset_password(user_id, form.password.data)
        flash(gettext("Password Changed"), "info")


class MyNamePage(UserInfoEditView):
    """One's own name."""

    def form_get(self, form: Any) -> None:
        """Fill in the present name."""
        user = self.appbuilder.sm.get_user_by_id(g.user.id)
        form.first_name.data, form.last_name.data = user.first_name, user.last_name
