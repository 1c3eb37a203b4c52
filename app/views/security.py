"""Log-in, roles and permissions, without the doors FAB leaves open (design G2, points 1 to 7)."""

import logging
from typing import Any

from flask import Flask, Response, current_app, g, has_request_context, jsonify, session
from flask_appbuilder.security.sqla.manager import SecurityManager
from flask_appbuilder.security.sqla.models import (
    Permission,
    PermissionView,
    Role,
    User,
    ViewMenu,
    assoc_permissionview_role,
    assoc_user_role,
)
from flask_babel import gettext
from flask_jwt_extended import JWTManager
from sqlalchemy import func, or_, select, update
from sqlalchemy.orm import Session
from werkzeug.security import check_password_hash

from app.adapters.clock import now
from app.services.transaction import transaction
from app.services.users import check_password, hash_password
from app.views import administration
from app.views.credentials import FINGERPRINT, fingerprint, still_valid
from app.views.login import LoginApi, LoginPage
from app.views.permissions import write_permissions

log = logging.getLogger(__name__)

LONGEST_PASSWORD = 1024
"""Longer ones are refused unread: hashing is made to be slow."""

Grant = tuple[str, str]
"""A permission and the view it is for: ("can_list", "TicketView")."""


class LinliSecurityManager(SecurityManager):
    """FAB's manager with one set of grants a request, tokens that die with the password, and menus derived from views."""

    authdbview = LoginPage
    security_api = LoginApi
    userdbmodelview = administration.UserView
    rolemodelview = administration.RoleView
    resetmypasswordview = administration.MyPasswordPage
    resetpasswordview = administration.PasswordPage
    userinfoeditview = administration.MyNamePage
    userstatschartview = None

    def __init__(self, appbuilder: Any) -> None:
        super().__init__(appbuilder)
        self.menu_grants: dict[str, set[Grant]] = {}
        administration.scope_to_administrators(self.userdbmodelview, self.user_model)
        administration.scope_to_administrators(self.rolemodelview, self.role_model)

    # -- who is asking ---------------------------------------------------------------------------------------------

    def create_jwt_manager(self, app: Flask) -> JWTManager:
        """FAB's manager whose tokens carry the fingerprint and whose refusals are 401 with a sentence."""
        manager = super().create_jwt_manager(app)
        manager.additional_claims_loader(self._claims)
        manager.unauthorized_loader(_no_token)
        manager.invalid_token_loader(_no_token)
        manager.expired_token_loader(_stale_token)
        manager.user_lookup_error_loader(_stale_token)
        manager.token_verification_failed_loader(_stale_token)
        return manager

    def _claims(self, identity: str) -> dict[str, str]:
        user = self.get_user_by_id(int(identity))
        return {FINGERPRINT: fingerprint(user)} if user else {}

    def load_user(self, pk: int | str) -> User | None:
        """The session's user, unless inactive or the password was changed since."""
        user = self._active_user(pk)
        return user if user and still_valid(user, session.get(FINGERPRINT)) else None

    def load_user_jwt(self, _jwt_header: dict[str, Any], jwt_data: dict[str, Any]) -> User | None:
        """The token's user under the same two conditions."""
        user = self._active_user(jwt_data.get("sub"))
        if user is None or not still_valid(user, jwt_data.get(FINGERPRINT)):
            return None
        g.user = user
        return user

    def _active_user(self, pk: object) -> User | None:
        text = str(pk)
        if not text.isdecimal() or len(text) > 10:
            return None
        user: User | None = self.get_user_by_id(int(text))
        return user if user is not None and user.is_active else None

    def auth_user_db(self, username: str | None, password: str | None) -> User | None:
        """The user whose name and password these are, else None after the same amount of work."""
        user = self._checked(username or "", password or "")
        g.linli_login_failed = user is None
        return user

    def _checked(self, username: str, password: str) -> User | None:
        if not username or not password.strip("\x00") or "\x00" in username or len(password) > LONGEST_PASSWORD:
            return None
        row = self.session.execute(select(User.id, User.password, User.active).where(User.username == username)).first()
        # Hashing is slow by design: no lock on the database is held meanwhile.
        self.session.rollback()
        stored = row.password if row is not None and row.active else None
        matches = check_password_hash(stored or current_app.config["AUTH_DB_FAKE_PASSWORD_HASH_CHECK"], password)
        good = bool(matches and stored)
        if row is not None:
            self._record_login(row.id, good)
        return self.session.get(User, row.id) if good and row is not None else None

    def reset_password(self, userid: int, password: str) -> None:
        """Set a password under the rule every password is under. Raises Invalid; FAB knows a rule in its form only."""
        check_password(password)
        with transaction() as writing:
            writing.execute(update(User).where(User.id == userid).values(password=hash_password(password)))

    @staticmethod
    def _record_login(user_id: int, good: bool) -> None:
        """Keep FAB's counters; an own statement, because its whole-row merge would write back stale columns."""
        values: dict[Any, Any] = {User.fail_login_count: func.coalesce(User.fail_login_count, 0) + 1}
        if good:
            counted = func.coalesce(User.login_count, 0) + 1
            values = {User.login_count: counted, User.fail_login_count: 0, User.last_login: now().replace(tzinfo=None)}
        with transaction() as writing:
            writing.execute(update(User).where(User.id == user_id).values(values))

    # -- what they may do ------------------------------------------------------------------------------------------

    def has_access(self, permission_name: str, view_name: str) -> bool:
        """Whether the user of this request holds the permission. One query a request, whatever the page asks."""
        grants = self.request_grants()
        if permission_name == "menu_access":
            return not grants.isdisjoint(self.menu_grants.get(view_name, set()))
        return (permission_name, view_name) in grants

    def is_item_public(self, permission_name: str, view_name: str) -> bool:
        """Whether nobody in particular holds the permission."""
        return (permission_name, view_name) in self._kept_grants(None)

    def get_user_menu_access(self, menu_names: list[str] | None = None) -> set[str]:
        """The menu entries that lead to something the user may open."""
        return {name for name in menu_names or list(self.menu_grants) if self.has_access("menu_access", name)}

    def request_grants(self) -> frozenset[Grant]:
        """All (permission, view) pairs of the present user, the public ones included."""
        if not has_request_context():
            return frozenset()
        user = g.get("user")
        known = user is not None and user.is_authenticated and user.is_active
        return self._kept_grants(user.id if known else None)

    def _kept_grants(self, user_id: int | None) -> frozenset[Grant]:
        kept: dict[int | None, frozenset[Grant]] = g.setdefault("linli_grants", {})
        if user_id not in kept:
            kept[user_id] = self._read_grants(user_id)
        return kept[user_id]

    def _read_grants(self, user_id: int | None) -> frozenset[Grant]:
        mine = select(assoc_user_role.c.role_id).where(assoc_user_role.c.user_id == user_id)
        public = select(Role.id).where(Role.name == self.auth_role_public)
        role_id = assoc_permissionview_role.c.role_id
        rows = self.session.execute(
            select(Permission.name, ViewMenu.name)
            .select_from(assoc_permissionview_role)
            .join(PermissionView, PermissionView.id == assoc_permissionview_role.c.permission_view_id)
            .join(Permission, Permission.id == PermissionView.permission_id)
            .join(ViewMenu, ViewMenu.id == PermissionView.view_menu_id)
            .where(or_(role_id.in_(mine), role_id.in_(public)))
        )
        return frozenset((row[0], row[1]) for row in rows)

    # -- what is there ---------------------------------------------------------------------------------------------

    def sync_permissions(self, session: Session) -> None:
        """Write the matrix into the tables, inside the caller's transaction. For deployment commands."""
        write_permissions(session, self.appbuilder.baseviews)

    def register_views(self) -> None:
        """Only the pages that are wanted: no statistics from Google, no groups, no permission editor beside the roles."""
        self.appbuilder.add_api(self.security_api)
        self.appbuilder.add_view_no_menu(self.userinfoeditview())
        self.appbuilder.add_view_no_menu(self.resetpasswordview())
        self.appbuilder.add_view_no_menu(self.resetmypasswordview())
        self.auth_view = self.authdbview()
        self.appbuilder.add_view_no_menu(self.auth_view)
        self.user_view = self.appbuilder.add_view_no_menu(self.userdbmodelview)
        self.appbuilder.add_view_no_menu(self.rolemodelview)


def _no_token(_reason: str) -> tuple[Response, int]:
    return jsonify(message=gettext("Please log in: send a token from /api/v1/security/login")), 401


def _stale_token(_header: Any, _payload: Any) -> tuple[Response, int]:
    return jsonify(message=gettext("This login has ended, please log in again")), 401
