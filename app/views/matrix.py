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


def table(
    *,
    read: tuple[str, ...],
    write: tuple[str, ...] = (),
    ways: tuple[str, ...] = WRITE,
    export: tuple[str, ...] = (*ADMIN, *DESK, Role.FINANCE, Role.QUALITY),
) -> Grants:
    """A table's pages: who reads, who also changes and in which ways, and who of the readers takes lists along as files."""
    taken = (tuple(role for role in read if role in export), ("can_export",))
    return grant((read, READ), taken, (write, ways)) if write else grant((read, READ), taken)


def resource(read: tuple[str, ...], *further: tuple[tuple[str, ...], tuple[str, ...]]) -> Grants:
    """A REST resource: who reads, and who does what else."""
    return grant((read, (*GET, *INFO)), *further)


FILE_READERS = (Role.MANAGER, Role.SUPERVISOR, Role.ASSISTANT, Role.STEWARD)
"""D15: who opens owners' files at all; whose, is the row scope's answer. No administrator."""
_HOUSEKEEPERS = (*FIELD, Role.FINANCE)
# A list of households leaves the house only with somebody who answers for it (D2).
_TAKERS = (*ADMIN, *SUPERVISION)

_DECIDERS = (*ADMIN, Role.MANAGER, Role.FINANCE)
_COLLECTORS = (*_DECIDERS, Role.STEWARD)
"""Who collects fees house by house (D10, I8): the desk sees a household's total and nothing more."""

_MONEY_TAKERS = (Role.SUPERVISOR, Role.ASSISTANT, Role.STEWARD, Role.FINANCE)
"""Who takes payments (I8). Only finance posts, reverses and receives; the manager reads."""
_BOOK_READERS = _DECIDERS

MATRIX: dict[str, Grants] = {
    # FAB's own
    "OpenApi": grant((PUBLIC, GET)),  # describes the interface and holds no records (I5: it answers)
    "SwaggerView": grant((ADMIN, ("can_show",))),
    "UserView": grant((ADMIN, (*READ, *WRITE, "can_export")), (EVERYBODY, ("can_userinfo",))),
    "RoleView": grant((ADMIN, (*READ, *WRITE))),
    "SeesPage": grant((ADMIN, ("can_view",))),
    "InvitePage": grant(((*ADMIN, *DESK), ("can_add",))),
    "LoginAdminPage": grant((ADMIN, ("can_view", "can_edit"))),
    # the estate and its people (D2)
    "CommunityView": table(read=STAFF, write=ADMIN),
    "BuildingView": table(read=STAFF, write=ADMIN),
    "UnitView": table(read=STAFF, write=ADMIN),
    "HouseView": table(read=STAFF, write=(*ADMIN, *SUPERVISION)),
    "HotlineNumberView": table(read=(*ADMIN, *SUPERVISION), write=ADMIN),
    "PersonView": table(read=(*ADMIN, *_HOUSEKEEPERS), write=(*ADMIN, *DESK), export=_TAKERS),
    "PersonFileView": grant((FILE_READERS, ("can_show", "can_edit"))),
    "CheckInPage": grant(((Role.MANAGER, Role.SUPERVISOR, Role.STEWARD), ("can_view", "can_keep"))),
    "CheckInCallPage": grant((WORKERS, ("can_view", "can_answer"))),
    "PhoneView": table(read=(*ADMIN, *_HOUSEKEEPERS), export=_TAKERS),
    "TenureView": table(read=(*ADMIN, *_HOUSEKEEPERS), write=(*ADMIN, *DESK), export=_TAKERS),
    "StaffView": table(read=STAFF, write=ADMIN, ways=("can_edit",)),
    "StewardBuildingView": table(read=STAFF, write=(*ADMIN, *SIGNERS)),
    "DepartmentView": table(read=STAFF, write=ADMIN),
    "SkillView": table(read=STAFF, write=ADMIN),
    "CategoryWordView": table(read=(*ADMIN, *DESK, Role.QUALITY), write=ADMIN),
    "CategoryView": table(read=STAFF, write=ADMIN),
    # tickets and calls (D3 … D8)
    "TicketView": (
        *table(read=STAFF),
        *grant(
            ((*ADMIN, *FIELD), ("dispatch_chosen",)), ((*ADMIN, *WORKERS), ("note_chosen",)), (STAFF, ("print_chosen",))
        ),
    ),
    "ClockView": table(read=STAFF),
    "PromisePage": grant((STAFF, ("can_view",))),
    "ReturnVisitView": table(read=STAFF),
    "VisitPage": grant(
        ((*ADMIN, *FIELD, Role.QUALITY), ("can_view",)),
        ((*ADMIN, *FIELD), ("can_step",)),
        ((*SUPERVISION, Role.QUALITY), ("can_check",)),
    ),
    "SurveyPage": grant(
        ((*ADMIN, *FIELD, Role.QUALITY), ("can_view",)), ((Role.MANAGER, Role.STEWARD), ("can_conduct",))
    ),
    "SurveyHouseholds": grant((FIELD, ("can_take",))),
    "QuestionPage": grant(((*ADMIN, *FIELD, Role.QUALITY), ("can_view",)), ((*ADMIN, Role.MANAGER), ("can_write",))),
    "KnowledgePage": grant((STAFF, ("can_view",)), ((*ADMIN, *WORKERS), ("can_mark",))),
    "KnowledgeWritePage": grant(
        ((*ADMIN, *FIELD), ("can_write",)),
        ((*ADMIN, *FIELD, Role.QUALITY), ("can_ask",)),
        ((*SUPERVISION, Role.QUALITY), ("can_review",)),
    ),
    "CallView": table(read=(*ADMIN, *FIELD, Role.QUALITY)),
    "OutageView": table(read=STAFF, write=(*ADMIN, *DESK)),
    "OutagePage": grant(((*ADMIN, *DESK), ("can_end",))),
    "LoanView": table(read=(*ADMIN, *WORKERS, Role.QUALITY), write=(*ADMIN, *WORKERS)),
    "LoanPage": grant(((*ADMIN, *WORKERS), ("can_receive",))),
    "SpecialEventPage": grant(
        ((*ADMIN, *FIELD, Role.QUALITY), ("can_view",)),
        ((*ADMIN, *FIELD), ("can_step",)),
        ((*ADMIN, *DESK, Role.QUALITY), ("can_read_report",)),
        ((*ADMIN, *SUPERVISION), ("can_open",)),
    ),
    "RecordPage": grant(((*ADMIN, *DESK, Role.QUALITY), ("can_view",)), (DESK, ("can_step",))),
    "ComplaintMonthPage": grant(
        ((*ADMIN, *DESK, Role.QUALITY), ("can_view",)), (DESK, ("can_write",)), ((Role.SUPERVISOR,), ("can_review",))
    ),
    # A plan is everybody's of the staff to read; what an emergency needs is ticked by whoever works on tickets (D7).
    "PlanPage": grant(
        (STAFF, ("can_view",)),
        ((*ADMIN, *SUPERVISION, Role.QUALITY), ("can_write", "can_step")),
    ),
    # A drill is planned and called off by whoever writes the plans; its leader, any of the staff, records how it went.
    "DrillPage": grant((STAFF, ("can_view",)), ((*ADMIN, *SUPERVISION), ("can_plan",))),
    "DrillRecordPage": grant((STAFF, ("can_view", "can_record"))),
    "TicketPlanPage": grant((STAFF, ("can_view",)), ((*ADMIN, *WORKERS), ("can_tick",))),
    "MessageView": table(read=(*ADMIN, *DESK)),
    "DutyShiftView": table(read=STAFF, write=(*ADMIN, *SIGNERS)),
    "EscalationAttemptView": table(read=STAFF),
    "DutyPage": grant((STAFF, ("can_view",)), ((*ADMIN, *SIGNERS), ("can_change",))),
    "DutyFeedPage": grant((STAFF, ("can_use",))),
    "HandoverPage": grant((STAFF, ("can_view", "can_sign"))),
    "DutyRecordPage": grant(((*ADMIN, *FIELD, Role.QUALITY), ("can_view",))),
    "DutySwapPage": grant((STAFF, ("can_view", "can_ask"))),
    "DutyRotationPage": grant((STAFF, ("can_view",)), ((*ADMIN, *SIGNERS), ("can_change",))),
    # catalogue, fees, reports (D9, D10, D14)
    "ServiceItemView": table(read=EVERYBODY, write=ADMIN),
    "ServicePriceView": table(read=EVERYBODY, write=ADMIN, ways=("can_add",)),
    "ServiceOrderView": table(read=STAFF),
    "ServiceOrderPage": grant(((*ADMIN, *WORKERS, Role.FINANCE), ("can_step",))),
    "MaterialView": table(read=STAFF, write=ADMIN),
    # What work costs is written by whoever does it; the household is charged by whoever takes money (I8).
    "TicketCostPage": grant(
        (STAFF, ("can_view",)),
        ((*ADMIN, *WORKERS, Role.FINANCE), ("can_write",)),
        ((*ADMIN, *FIELD, Role.FINANCE), ("can_charge",)),
    ),
    "CostMonthPage": grant((STAFF, ("can_view",)), ((*ADMIN, *DESK, Role.FINANCE, Role.QUALITY), ("can_export",))),
    "FeeItemView": table(read=STAFF, write=(*ADMIN, Role.FINANCE)),
    "BillView": table(read=(*ADMIN, Role.MANAGER, Role.FINANCE)),
    "FeeRateView": table(read=_BOOK_READERS),
    "FeeUseView": table(read=_BOOK_READERS, write=(Role.FINANCE,)),
    "FeeConcessionView": table(read=_BOOK_READERS, write=(Role.FINANCE,)),
    "BillingPage": grant((_BOOK_READERS, ("can_view",)), ((Role.FINANCE,), ("can_post",))),
    "MeterView": table(read=_COLLECTORS, write=(Role.FINANCE,)),
    "MeterReadingView": table(read=_COLLECTORS),
    "MeterPage": grant(
        (_COLLECTORS, ("can_view",)), ((Role.STEWARD, Role.FINANCE), ("can_read",)), ((Role.FINANCE,), ("can_keep",))
    ),
    "BankPage": grant((_BOOK_READERS, ("can_view",)), ((Role.FINANCE,), ("can_book",))),
    "PaymentView": table(read=_BOOK_READERS),
    "PaymentPage": grant(
        (_MONEY_TAKERS, ("can_take",)),
        ((*_MONEY_TAKERS, *ADMIN, Role.MANAGER), ("can_view",)),
        ((Role.FINANCE,), ("can_reverse",)),
    ),
    "BooksPage": grant((_BOOK_READERS, ("can_view",)), ((Role.FINANCE,), ("can_receive",))),
    "ArrearsPage": grant((_COLLECTORS, ("can_view", "can_note")), (_DECIDERS, ("can_hold",))),
    "ReminderPage": grant((_COLLECTORS, ("can_view", "can_deliver")), (_DECIDERS, ("can_run",))),
    "ReminderStepView": table(read=_DECIDERS, write=ADMIN),
    "ReportView": table(read=STAFF),
    # figures (D4, I8)
    "ClockPolicyView": table(read=(*ADMIN, *SUPERVISION, Role.QUALITY), write=ADMIN),
    "ClockPage": grant(((*ADMIN, *SUPERVISION, Role.QUALITY), ("can_view",))),
    "ClockTrialPage": grant(
        ((*ADMIN, *SUPERVISION, Role.QUALITY), ("can_view",)),
        ((*ADMIN, *SUPERVISION), ("can_change",)),
        (ADMIN, ("can_force",)),
    ),
    "WorkCalendarView": table(read=(*ADMIN, *SUPERVISION, Role.QUALITY), write=ADMIN),
    "CalendarPage": grant((STAFF, ("can_view",)), (ADMIN, ("can_change",))),
    "ComplaintRungView": table(
        read=(*ADMIN, *SUPERVISION, Role.QUALITY), write=ADMIN, ways=("can_edit",), export=(*ADMIN, *SUPERVISION)
    ),
    "OutsideBodyView": table(read=STAFF, write=(*ADMIN, *SUPERVISION)),
    "ExternalReferenceView": table(read=STAFF),
    "PhraseView": table(read=(*ADMIN, *DESK), write=ADMIN),
    "AuditView": table(read=(*ADMIN, Role.QUALITY)),
    "SettingView": grant((ADMIN, ("can_list", "can_edit"))),
    "HolidayView": table(read=ADMIN, write=ADMIN),
    # REST (I5)
    "CommunityApi": resource(EVERYBODY, (STAFF, ("can_figures",))),
    "BuildingApi": resource(EVERYBODY),
    "HouseApi": resource(EVERYBODY),
    "PersonApi": resource((*ADMIN, *_HOUSEKEEPERS, *HOUSEHOLD)),
    "TenureApi": resource((*ADMIN, *_HOUSEKEEPERS, *HOUSEHOLD)),
    "TicketApi": resource(EVERYBODY, ((*ADMIN, *FIELD, *HOUSEHOLD), ("can_post",)), (EVERYBODY, ("can_step",))),
    "AttachmentApi": resource(EVERYBODY, ((*ADMIN, *WORKERS, *HOUSEHOLD), ("can_post",))),
    "ClockApi": resource(STAFF),
    "ReturnVisitApi": resource(STAFF),
    "SurveyApi": resource((*ADMIN, *FIELD, Role.QUALITY)),
    "CategoryApi": resource(EVERYBODY),
    "ExternalReferenceApi": resource(STAFF),
    "CallApi": resource((*ADMIN, *FIELD, Role.QUALITY)),
    "DepartmentApi": resource(EVERYBODY),
    "DutyShiftApi": resource(STAFF),
    "EscalationAttemptApi": resource(STAFF),
    "CampaignApi": resource((*ADMIN, *FIELD, Role.QUALITY)),
    "CampaignTargetApi": resource((*ADMIN, *FIELD, Role.QUALITY)),
    "SpecialEventApi": resource(
        (*ADMIN, *FIELD, Role.QUALITY),
        ((*ADMIN, *FIELD), ("can_step",)),
        ((*ADMIN, *SUPERVISION), ("can_post",)),
    ),
    "MessageApi": resource((*ADMIN, *DESK)),
    "ServiceItemApi": resource(EVERYBODY),
    "ServiceOrderApi": resource(EVERYBODY, ((*ADMIN, *WORKERS, Role.FINANCE, *HOUSEHOLD), ("can_step",))),
    "FeeItemApi": resource(EVERYBODY),
    "BillApi": resource((*ADMIN, Role.MANAGER, Role.FINANCE, *HOUSEHOLD)),
    "PaymentApi": resource((*_BOOK_READERS, *HOUSEHOLD), ((Role.FINANCE,), ("can_step",))),
    "ReceiptApi": resource((*_BOOK_READERS, *HOUSEHOLD)),
    "ReportApi": resource(EVERYBODY, (STAFF, ("can_step",))),
    # plain pages
    "ReportFiles": grant((EVERYBODY, ("can_view",))),
    "ReportPage": grant((STAFF, ("can_view",)), (DESK, ("can_step",))),
    "LivePage": grant((DESK, ("can_call", "can_confirm")), (WORKERS, ("can_take",))),
    "AppraisalPage": grant(
        ((*WORKERS, Role.FINANCE), ("can_view", "can_step", "can_weights")),
        # The quality department appraises the managers.
        ((Role.MANAGER, Role.QUALITY), ("can_lead",)),
        ((Role.QUALITY,), ("can_view", "can_step", "can_weights")),
        (ADMIN, ("can_weights", "can_plan")),
    ),
    "FigurePage": grant((STAFF, ("can_view",))),
    "PoolPage": grant(((Role.TECHNICIAN,), ("can_take",))),
    "ArchivePage": grant((STAFF, ("can_view",))),
    "OfferPage": grant((WORKERS, ("can_answer",))),
    "WorkLists": grant((STAFF, ("can_view",)), (WORKERS, ("can_unheard",))),
    "Workbench": grant((STAFF, ("can_view",))),
    # The quality department decides on complaints that have come up to it, and puts its name under findings (D5).
    "TicketPage": grant((STAFF, ("can_view",)), ((*ADMIN, *WORKERS, Role.QUALITY), ("can_step",))),
    # Who hears both sides of a dispute: neither of them, and nobody who only does the work (D5).
    "DisputePage": grant(((*ADMIN, *FIELD, Role.QUALITY), ("can_view",)), ((*ADMIN, *FIELD), ("can_step",))),
    "ComplaintRecordPage": grant((STAFF, ("can_view",))),
    "TicketMore": grant((STAFF, ("can_view",)), ((*ADMIN, *WORKERS), ("can_step",))),
    "AttachmentPage": grant((EVERYBODY, ("can_view",))),
    "PhotosPage": grant(((*ADMIN, *WORKERS), ("can_add",))),
    "DeskPage": grant(((*ADMIN, *FIELD), ("can_add",))),
    "HelpPage": grant((EVERYBODY, ("can_view",))),
    "NoticePage": grant(
        ((*ADMIN, *FIELD, Role.QUALITY), ("can_view",)),
        ((*ADMIN, *DESK), ("can_step",)),
        ((*ADMIN, *WORKERS), ("can_alert",)),
    ),
    "SearchPage": grant((STAFF, ("can_search",))),
    "VoicePinPage": grant(((*ADMIN, *DESK), ("can_unlock",))),
    "ImportPage": grant(((*ADMIN, *SIGNERS), ("can_add",))),
    # a household's own pages: whose rows is `services.access`, which step is `rules.household`
    "OwnerPage": grant((HOUSEHOLD, ("can_view",))),
    "OwnerTickets": grant((HOUSEHOLD, ("can_view", "can_add"))),
    "OwnerNew": grant((HOUSEHOLD, ("can_add",))),
    "OwnerHome": grant((HOUSEHOLD, ("can_view", "can_edit"))),
    "OwnerBills": grant((HOUSEHOLD, ("can_view",))),
    "OwnerServices": grant((HOUSEHOLD, ("can_view", "can_add"))),
    "OwnerReportQuestion": grant((HOUSEHOLD, ("can_add",))),
    "OwnerReports": grant((HOUSEHOLD, ("can_view",))),
    "OwnerNotices": grant((HOUSEHOLD, ("can_view",))),
    "OwnerSurveys": grant((HOUSEHOLD, ("can_view", "can_answer"))),
    "OwnerAnswers": grant((HOUSEHOLD, ("can_view",))),
    "OwnerPin": grant((HOUSEHOLD, ("can_view", "can_edit"))),
    "OwnerCalls": grant((HOUSEHOLD, ("can_view", "can_edit"))),
}
"""View → what which roles may do there. Whether a step on a ticket or report is the role's to take is the rule's answer."""
