"""Write the matrix into FAB's tables: once at deployment, never while serving (G2, 9)."""

from typing import Any

from flask import Flask
from flask_appbuilder.security.sqla.models import Permission, PermissionView, Role, ViewMenu, assoc_permissionview_role
from sqlalchemy import delete, insert, select
from sqlalchemy.orm import Session

from app.rules import codes
from app.services.transaction import transaction
from app.views.matrix import MATRIX

ROLES = (*(role.value for role in codes.Role), "public")


def sync_permissions(app: Flask) -> None:
    """Create every role, permission and view there is, and give the roles of D1 exactly what the matrix says.

    May run any number of times. Roles an administrator made, and what they were given, are left alone. Called by
    `flask seed` and by `make run`.
    """
    with app.app_context(), transaction() as session:
        write_permissions(session, app.extensions["appbuilder"].baseviews)


def write_permissions(session: Session, views: list[Any]) -> None:
    """The same inside a transaction that is already open."""
    roles = _named(session, Role, ROLES)
    offered = {(name, view.class_permission_name) for view in views for name in view.base_permissions or ()}
    permissions = _named(session, Permission, {name for name, _ in offered})
    menus = _named(session, ViewMenu, {view for _, view in offered})
    session.flush()
    pairs = _pairs(session, {(permissions[name].id, menus[view].id): (name, view) for name, view in offered})
    wanted = {(pairs[grant], roles[role].id) for grant in pairs for role in granted(*grant)}
    _give(session, wanted, [roles[name].id for name in ROLES])


def granted(permission: str, view: str) -> set[str]:
    """The roles the matrix gives this permission on this view."""
    return {str(role) for roles, names in MATRIX.get(view, ()) if permission in names for role in roles}


def _named(session: Session, model: Any, names: Any) -> dict[str, Any]:
    found = {row.name: row for row in session.scalars(select(model))}
    for name in sorted(set(names) - found.keys()):
        found[name] = model(name=name)
        session.add(found[name])
    return found


def _pairs(session: Session, wanted: dict[tuple[int, int], tuple[str, str]]) -> dict[tuple[str, str], int]:
    columns = (PermissionView.permission_id, PermissionView.view_menu_id, PermissionView.id)
    found = {(row[0], row[1]): row[2] for row in session.execute(select(*columns))}
    missing = [{"permission_id": key[0], "view_menu_id": key[1]} for key in sorted(wanted.keys() - found.keys())]
    if missing:
        session.execute(insert(PermissionView), missing)
        found = {(row[0], row[1]): row[2] for row in session.execute(select(*columns))}
    return {grant: found[key] for key, grant in wanted.items()}


def _give(session: Session, wanted: set[tuple[int, int]], role_ids: list[int]) -> None:
    link = assoc_permissionview_role.c
    held = {
        (row[0], row[1])
        for row in session.execute(select(link.permission_view_id, link.role_id).where(link.role_id.in_(role_ids)))
    }
    for pair_id, role_id in sorted(held - wanted):
        session.execute(
            delete(assoc_permissionview_role).where(link.permission_view_id == pair_id, link.role_id == role_id)
        )
    rows = [{"permission_view_id": pair_id, "role_id": role_id} for pair_id, role_id in sorted(wanted - held)]
    if rows:
        session.execute(insert(assoc_permissionview_role), rows)
