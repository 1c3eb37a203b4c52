"""Who may do what (D15): role × view × permission, closed unless a line here opens it.

`sync_permissions` writes it into FAB's tables at deployment; an administrator may change it there afterwards for roles of
their own. A view or menu without a line fails `tests/views/test_matrix.py`. Rows are another matter: `services.access`.
"""

from app.rules.codes import Role

ADMIN = (Role.ADMIN,)
SIGNERS = (Role.MANAGER, Role.DEPUTY)
SUPERVISION = (*SIGNERS, Role.SUPERVISOR)
DESK = (*SUPERVISION, Role.ASSISTANT)
FIELD = (*DESK, Role.STEWARD)
WORKERS = (*FIELD, Role.TECHNICIAN)
STAFF = (Role.ADMIN, *WORKERS, Role.FINANCE, Role.QUALITY)
HOUSEHOLD = (Role.OWNER, Role.RESIDENT)
EVERYBODY = (*STAFF, *HOUSEHOLD)
PUBLIC = ("public",)

READ = ("can_list", "can_show")
WRITE = ("can_add", "can_edit")
GET = ("can_get",)
INFO = ("can_info",)

Grants = tuple[tuple[tuple[str, ...], tuple[str, ...]], ...]


def grant(*pairs: tuple[tuple[str, ...], tuple[str, ...]]) -> Grants:
    """Lines of (roles, permissions)."""
    return pairs


MATRIX: dict[str, Grants] = {
    "OpenApi": grant((PUBLIC, GET)),  # describes the interface and holds no records (I5: it answers)
    "SwaggerView": grant((ADMIN, ("can_show",))),
    "UserView": grant((ADMIN, (*READ, *WRITE, "can_userinfo", "resetpasswords")), (EVERYBODY, ("can_userinfo", "resetmypassword", "userinfoedit"))),
    "RoleView": grant((ADMIN, (*READ, *WRITE, "copyrole"))),
    "MyPasswordPage": grant((EVERYBODY, ("can_this_form_get", "can_this_form_post"))),
    "PasswordPage": grant((ADMIN, ("can_this_form_get", "can_this_form_post"))),
    "MyNamePage": grant((EVERYBODY, ("can_this_form_get", "can_this_form_post"))),
    "Workbench": grant((EVERYBODY, ("can_view",))),
}
"""View → what which roles may do there."""
