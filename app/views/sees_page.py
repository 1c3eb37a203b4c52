"""`/users/sees/<id>`: what one login can see and do, in plain words, worked out by the very rules that limit its pages."""

from __future__ import annotations

from typing import Any

from flask import abort, request
from flask_appbuilder.security.sqla.models import User
from flask_babel import lazy_gettext as _

from app.adapters.clock import now
from app.extensions import db
from app.models import Building, Community, House
from app.rules.codes import AccessAction
from app.rules.row_scopes import FILE, Scope
from app.services import audit, role_admin
from app.services.actors import actor_of, display_name
from app.services.sees import CONFIDENTIAL, MOST_COUNTED, seen_by
from app.services.transaction import transaction
from app.views.base import BasePage, expose, has_access, permission_name, zone
from app.views.permission_words import areas, role_name

KIND_WORDS: dict[str, Any] = {
    "Ticket": _("Tickets"),
    "House": _("Houses"),
    "Person": _("People of households"),
    "Call": _("Calls"),
    "Bill": _("Bills"),
    "Report": _("Reports"),
    "Message": _("Messages sent"),
    "Staff": _("Staff"),
    "Community": _("Communities"),
    "Building": _("Buildings"),
    FILE: _("Household files"),
    "Recording": _("Voice recordings"),
}

SCOPE_WORDS: dict[str, Any] = {
    Scope.EVERYTHING: _("all there are"),
    Scope.COMMUNITY: _("of their communities"),
    Scope.BUILDING: _("of their buildings"),
    Scope.ASSIGNMENT: _("what is assigned to them"),
    Scope.HANDLED: _("of the matters they handle"),
    Scope.TENURE: _("their own"),
    Scope.PUBLISHED: _("published ones of their communities"),
}

OPENED_BY: dict[str, tuple[str, ...]] = {
    "Ticket": ("TicketView.can_list", "TicketApi.can_get", "OwnerPage.can_view"),
    "House": ("HouseView.can_list", "HouseApi.can_get", "OwnerPage.can_view"),
    "Person": ("PersonView.can_list", "PersonApi.can_get"),
    "Call": ("CallView.can_list", "CallApi.can_get"),
    "Bill": ("BillView.can_list", "BillApi.can_get", "OwnerPage.can_view"),
    "Report": ("ReportView.can_list", "ReportApi.can_get", "ReportFiles.can_view"),
    "Message": ("MessageView.can_list", "MessageApi.can_get"),
    "Staff": ("StaffView.can_list",),
    "Community": ("CommunityView.can_list", "CommunityApi.can_get"),
    "Building": ("BuildingView.can_list", "BuildingApi.can_get"),
    FILE: ("PersonFileView.can_show", "TicketMore.can_read_file"),
    "Recording": ("TicketPage.can_view",),
}
"""Kind → any of these permissions opens a page or resource with its rows; without one the rows are out of reach."""


class SeesPage(BasePage):
    """For administrators; every look is kept."""

    route_base = "/users"
    default_view = "sees"

    @expose("/sees/<int:user_id>")
    @has_access
    @permission_name("view")
    def sees(self, user_id: int) -> Any:
        """Roles, rows, pages and steps of one login."""
        asking, at = self.actor(), now()
        with transaction() as session:
            user = session.get(User, user_id)
            if user is None:
                abort(404)
            audit.record(
                session, asking, AccessAction.PERMISSIONS_VIEWED, user.username, at,
                kind="user", row_id=user.id, address=request.remote_addr,
            )  # fmt: skip
        session, user = db.session(), db.session().get_one(User, user_id)
        actor = actor_of(session, user, at, zone())
        grants = frozenset().union(*(role_admin.grants_of_role(session, role.id) for role in user.roles))
        held = {f"{view}.{permission}" for permission, view in grants}
        seen = [(one, not held.isdisjoint(OPENED_BY[one.kind])) for one in seen_by(session, actor)]
        return self.render_template(
            "users/sees.html",
            user=user,
            name=display_name(user) or user.username,
            roles=[role_name(role.name) for role in user.roles],
            communities=_named(session, Community, actor.community_ids),
            buildings=_named(session, Building, actor.building_ids),
            houses=_named(session, House, actor.house_ids),
            own_scopes=sorted(actor.own_scopes),
            areas=[(area, [line for line in area.lines if line.grants <= grants]) for area in areas()],
            household="OwnerPage.can_view" in held,
            administrates="UserView.can_edit" in held,
            seen=[(one, opened) for one, opened in seen if one.kind not in CONFIDENTIAL],
            confidential=[(one, opened) for one, opened in seen if one.kind in CONFIDENTIAL],
            kind_words=KIND_WORDS,
            scope_words=SCOPE_WORDS,
            most=MOST_COUNTED,
        )


def _named(session: Any, model: Any, ids: frozenset[int]) -> list[str]:
    found = session.query(model).filter(model.id.in_(ids)).order_by(model.id) if ids else []
    return [str(row) for row in found]
