"""Roles of the administrator's own making: a name, a row scope, and what it may do. The roles of D1 are never changed here."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from flask_appbuilder.security.sqla.models import Permission, PermissionView, ViewMenu, assoc_user_role
from flask_appbuilder.security.sqla.models import Role as RoleRow
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from app.errors import N_, Forbidden, Invalid, NotFound, Refused
from app.models import RoleScope
from app.rules.codes import AccessAction, Role, RowScope
from app.services import audit
from app.services.actors import Actor
from app.services.ticket_input import clean_text

BUILT_IN = (*(role.value for role in Role), "public")
NAME_LIMIT = 64

Grant = tuple[str, str]


@dataclass(frozen=True)
class RoleFacts:
    """A role for a list: how many logins have it, and its row scope where it is an own one."""

    id: int
    name: str
    is_own: bool
    users: int
    scope: str | None


def all_roles(session: Session) -> list[RoleFacts]:
    """Every role but the stranger's: those of D1 in their order, then own ones by name."""
    held = select(func.count()).select_from(assoc_user_role).where(assoc_user_role.c.role_id == RoleRow.id)
    rows = session.execute(
        select(RoleRow.id, RoleRow.name, held.scalar_subquery().label("users"), RoleScope.scope)
        .outerjoin(RoleScope, RoleScope.role_id == RoleRow.id)
        .where(RoleRow.name != "public")
    )
    found = [RoleFacts(row.id, row.name, row.name not in BUILT_IN, row.users, row.scope) for row in rows]
    order = {name: place for place, name in enumerate(BUILT_IN)}
    return sorted(found, key=lambda role: (role.is_own, order.get(role.name, 0), role.name))


def grants_of_role(session: Session, role_id: int) -> frozenset[Grant]:
    """What a role may do, as (permission, view)."""
    statement = (
        select(Permission.name, ViewMenu.name)
        .select_from(RoleRow)
        .join(RoleRow.permissions)
        .join(Permission, Permission.id == PermissionView.permission_id)
        .join(ViewMenu, ViewMenu.id == PermissionView.view_menu_id)
        .where(RoleRow.id == role_id)
    )
    return frozenset((row[0], row[1]) for row in session.execute(statement))


def save_role(
    session: Session, actor: Actor, role_id: int | None, name: str, scope: str, grants: Iterable[Grant], now: datetime
) -> RoleRow:
    """Make an own role (`role_id` None) or change one: its name, its rows, and exactly these permissions."""
    role = _own(session, actor, role_id) if role_id is not None else _new(session, actor)
    role.name = _free_name(session, name, role_id)
    if scope not in set(RowScope):
        raise Invalid(N_("Choose which rows the role sees."))
    chosen = _pairs(session, frozenset(grants))
    if not chosen:
        raise Invalid(N_("Choose at least one thing the role may do."))
    role.permissions = chosen
    session.flush()
    line = session.get(RoleScope, role.id)
    if line is None:
        session.add(RoleScope(role_id=role.id, scope=scope))
    else:
        line.scope = scope
    subject = f"{role.name}: {scope}, {len(chosen)}"
    audit.record(session, actor, AccessAction.ROLE_CHANGED, subject, now, kind="role", row_id=role.id)
    return role


def remove_role(session: Session, actor: Actor, role_id: int, now: datetime) -> None:
    """Take away an own role that nobody has."""
    role = _own(session, actor, role_id)
    if session.scalar(select(func.count()).select_from(assoc_user_role).where(assoc_user_role.c.role_id == role_id)):
        raise Refused(N_("Somebody still has this role: give them another one first."))
    line = session.get(RoleScope, role_id)
    if line is not None:
        session.delete(line)
    role.permissions = []
    session.flush()
    audit.record(session, actor, AccessAction.ROLE_CHANGED, f"{role.name}: -", now, kind="role")
    session.delete(role)
    session.flush()


def _new(session: Session, actor: Actor) -> RoleRow:
    _only_administrators(actor)
    role = RoleRow(name="")
    session.add(role)
    return role


def _own(session: Session, actor: Actor, role_id: int) -> RoleRow:
    _only_administrators(actor)
    role = session.get(RoleRow, role_id)
    if role is None:
        raise NotFound(N_("There is nothing here, or it is not yours to see."))
    if role.name in BUILT_IN:
        raise Refused(N_("This role belongs to the product: copy it to a role of your own and change that."))
    return role


def _only_administrators(actor: Actor) -> None:
    if not actor.has(Role.ADMIN):
        raise Forbidden(N_("Your role does not allow this."))


def _free_name(session: Session, name: str, role_id: int | None) -> str:
    text = clean_text(name, NAME_LIMIT, lines=False)
    if not text:
        raise Invalid(N_("A role needs a name."))
    with session.no_autoflush:
        taken = session.scalars(select(RoleRow.id).where(func.lower(RoleRow.name) == text.lower())).first()
    if text.lower() in BUILT_IN or (taken is not None and taken != role_id):
        raise Refused(N_("There is a role of this name already."))
    return text


def _pairs(session: Session, grants: frozenset[Grant]) -> list[PermissionView]:
    with session.no_autoflush:
        rows = session.scalars(
            select(PermissionView)
            .join(Permission, Permission.id == PermissionView.permission_id)
            .join(ViewMenu, ViewMenu.id == PermissionView.view_menu_id)
            .where(Permission.name.in_({name for name, _view in grants}))
        ).all()
    return [pair for pair in rows if (pair.permission.name, pair.view_menu.name) in grants]
