"""Log-in, roles and permissions, without the doors FAB leaves open (design G2, points 1 to 7)."""

import logging
from typing import Any

from flask import Flask, Response, g, has_request_context, jsonify, session
from flask_appbuilder.security.sqla.manager import SecurityManager
from flask_appbuilder.security.sqla.models import (
    User,
)
from flask_babel import gettext
from flask_jwt_extended import JWTManager
from sqlalchemy.orm import Session

from app.services.askers import Asker, Grant, grants_of
from app.services.login_state import live_user, store_password
from app.services.transaction import transaction
from app.services.users import check_password, hash_password, names_of
from app.views.base.actor import asking_user
from app.views.credentials import FINGERPRINT, SESSION_KEY, asker_of, fingerprint
from app.views.login import LoginApi, LoginPage
from app.views.login_check import check
from app.views.permissions import write_permissions

log = logging.getLogger(__name__)


class LinliSecurityManager(SecurityManager):
    """FAB's manager with one set of grants a request, tokens that die with the password, and menus derived from views."""

    authdbview = LoginPage
    security_api = LoginApi
    userstatschartview = None

    def __init__(self, appbuilder: Any) -> None:
        super().__init__(appbuilder)
        self.menu_grants: dict[str, set[Grant]] = {}

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
        found = live_user(self.session, int(identity), None)
        return {FINGERPRINT: fingerprint(*found)} if found else {}

    def load_user(self, pk: int | str) -> Asker | None:  # type: ignore[override]
        """The session's user, unless inactive, logged out, or made with an earlier password."""
        return asker_of(pk, session.get(FINGERPRINT), session.get(SESSION_KEY))

    def load_user_jwt(self, _jwt_header: dict[str, Any], jwt_data: dict[str, Any]) -> Asker | None:
        """The token's user under the same conditions."""
        user = asker_of(jwt_data.get("sub"), jwt_data.get(FINGERPRINT))
        if user is not None:
            g.user = user
        return user

    def auth_user_db(self, username: str | None, password: str | None) -> User | None:
        """The user whose name and password these are, else None after the same amount of work; locks hold here, too."""
        answer = check(username or "", password or "")
        return None if answer.user_id is None else self.session.get(User, answer.user_id)

    def reset_password(self, userid: int, password: str) -> None:
        """Set a password under the rule every password is under. Raises Invalid; FAB knows a rule in its form only."""
        with transaction() as writing:
            user = writing.get_one(User, userid)
            check_password(password, names_of(user))
            store_password(writing, user, hash_password(password), given=g.get("user") is None or g.user.id != userid)

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
        user = asking_user()
        if isinstance(user, Asker):
            return user.grants
        return self._kept_grants(user.id if user is not None else None)

    def _kept_grants(self, user_id: int | None) -> frozenset[Grant]:
        kept: dict[int | None, frozenset[Grant]] = g.__dict__.setdefault("linli_grants", {})
        if user_id not in kept:
            kept[user_id] = grants_of(self.session, user_id, str(self.auth_role_public))
        return kept[user_id]

    # -- what is there ---------------------------------------------------------------------------------------------

    def sync_permissions(self, session: Session) -> None:
        """Write the matrix into the tables, inside the caller's transaction. For deployment commands."""
        write_permissions(session, self.appbuilder.baseviews)

    def register_views(self) -> None:
        """Only the door: users and roles are pages of our own (`views.users`, `views.roles`)."""
        self.appbuilder.add_api(self.security_api)
        self.auth_view = self.authdbview()
        self.appbuilder.add_view_no_menu(self.auth_view)


def _no_token(_reason: str) -> tuple[Response, int]:
    return jsonify(message=gettext("Please log in: send a token from /api/v1/security/login")), 401


def _stale_token(_header: Any, _payload: Any) -> tuple[Response, int]:
    return jsonify(message=gettext("This login has ended, please log in again")), 401
