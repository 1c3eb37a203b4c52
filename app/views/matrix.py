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


def table(*, read: tuple[str, ...], write: tuple[str, ...] = (), ways: tuple[str, ...] = WRITE) -> Grants:
    """A table's pages: who reads and who also changes, and in which ways."""
    return grant((read, READ), (write, ways)) if write else grant((read, READ))


def resource(read: tuple[str, ...], *further: tuple[tuple[str, ...], tuple[str, ...]]) -> Grants:
    """A REST resource: who reads, and who does what else."""
    return grant((read, (*GET, *INFO)), *further)


_OWN_PAGES = ("can_userinfo", "resetmypassword", "userinfoedit")
_FORM = ("can_this_form_get", "can_this_form_post")
_HOUSEKEEPERS = (*FIELD, Role.FINANCE)

MATRIX: dict[str, Grants] = {
    # FAB's own
    "OpenApi": grant((PUBLIC, GET)),  # describes the interface and holds no records (I5: it answers)
    "SwaggerView": grant((ADMIN, ("can_show",))),
    "UserView": grant((ADMIN, (*READ, *WRITE, "resetpasswords")), (EVERYBODY, _OWN_PAGES)),
    "RoleView": grant((ADMIN, (*READ, *WRITE, "copyrole"))),
    "MyPasswordPage": grant((EVERYBODY, _FORM)),
    "PasswordPage": grant((ADMIN, _FORM)),
    "MyNamePage": grant((EVERYBODY, _FORM)),
    # the estate and its people (D2)
    "CommunityView": table(read=STAFF, write=ADMIN),
    "BuildingView": table(read=STAFF, write=ADMIN),
    "UnitView": table(read=STAFF, write=ADMIN),
    "HouseView": table(read=STAFF, write=(*ADMIN, *SUPERVISION)),
    "HotlineNumberView": table(read=(*ADMIN, *SUPERVISION), write=ADMIN),
    "PersonView": table(read=(*ADMIN, *_HOUSEKEEPERS), write=(*ADMIN, *DESK), ways=("can_edit",)),
    "PhoneView": table(read=(*ADMIN, *_HOUSEKEEPERS)),
    "TenureView": table(read=(*ADMIN, *_HOUSEKEEPERS), write=(*ADMIN, *DESK)),
    "StaffView": table(read=STAFF, write=ADMIN, ways=("can_edit",)),
    "StewardBuildingView": table(read=STAFF, write=(*ADMIN, *SIGNERS)),
    "DepartmentView": table(read=STAFF, write=ADMIN),
    "CategoryView": table(read=STAFF, write=ADMIN),
    # tickets and calls (D3 … D8)
    "TicketView": table(read=STAFF),
    "ClockView": table(read=STAFF),
    "ReturnVisitView": table(read=STAFF),
    "CallView": table(read=(*ADMIN, *FIELD, Role.QUALITY)),
    "MessageView": table(read=(*ADMIN, *DESK)),
    "DutyShiftView": table(read=STAFF, write=(*ADMIN, *SIGNERS)),
    "EscalationAttemptView": table(read=STAFF),
    # catalogue, fees, reports (D9, D10, D14)
    "ServiceItemView": table(read=EVERYBODY, write=ADMIN),
    "ServicePriceView": table(read=EVERYBODY, write=ADMIN, ways=("can_add",)),
    "FeeItemView": table(read=STAFF, write=(*ADMIN, Role.FINANCE)),
    "BillView": table(read=(*ADMIN, Role.MANAGER, Role.FINANCE)),
    "ReportView": table(read=STAFF),
    # figures (D4, I8)
    "ClockPolicyView": table(read=(*ADMIN, *SUPERVISION, Role.QUALITY), write=ADMIN, ways=("can_edit",)),
    "SettingView": table(read=ADMIN, write=ADMIN),
    "HolidayView": table(read=ADMIN, write=ADMIN),
    # REST (I5)
    "CommunityApi": resource(EVERYBODY),
    "BuildingApi": resource(EVERYBODY),
    "HouseApi": resource(EVERYBODY),
    "PersonApi": resource((*ADMIN, *_HOUSEKEEPERS, *HOUSEHOLD)),
    "TenureApi": resource((*ADMIN, *_HOUSEKEEPERS, *HOUSEHOLD)),
    "TicketApi": resource(EVERYBODY, ((*ADMIN, *FIELD, *HOUSEHOLD), ("can_post",)), (EVERYBODY, ("can_step",))),
    "ClockApi": resource(STAFF),
    "ReturnVisitApi": resource(STAFF),
    "CategoryApi": resource(EVERYBODY),
    "CallApi": resource((*ADMIN, *FIELD, Role.QUALITY)),
    "DepartmentApi": resource(EVERYBODY),
    "DutyShiftApi": resource(STAFF),
    "EscalationAttemptApi": resource(STAFF),
    "MessageApi": resource((*ADMIN, *DESK)),
    "ServiceItemApi": resource(EVERYBODY),
    "FeeItemApi": resource(EVERYBODY),
    "BillApi": resource((*ADMIN, Role.MANAGER, Role.FINANCE, *HOUSEHOLD)),
    "ReportApi": resource(EVERYBODY, (STAFF, ("can_step",))),
    # plain pages
    "ReportFiles": grant((EVERYBODY, ("can_view",))),
    "ReportPage": grant((STAFF, ("can_view",)), (DESK, ("can_step",))),
    "Workbench": grant((STAFF, ("can_view",))),
    "TicketPage": grant((STAFF, ("can_view",)), ((*ADMIN, *WORKERS), ("can_step",))),
    "DeskPage": grant(((*ADMIN, *FIELD), ("can_add",))),
    "SearchPage": grant((STAFF, ("can_search",))),
    "ImportPage": grant(((*ADMIN, *SIGNERS), ("can_add",))),
    "OwnerPage": grant((HOUSEHOLD, ("can_view", "can_add"))),
}
"""View → what which roles may do there. Whether a step on a ticket or report is the role's to take is the rule's answer."""
