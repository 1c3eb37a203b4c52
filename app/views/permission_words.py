"""Permissions in plain words: what a role may do, by area of work, each line a handful of FAB's technical pairs.

Tables speak for themselves: "See: Houses", "Add: Houses", "Change: Houses" carry the page and its REST twin together. What
is no table is written down in `PAGES`. A permission of the matrix without words fails a test.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from flask_babel import gettext
from flask_babel import lazy_gettext as _

from app.extensions import appbuilder
from app.views.base.model_page import ModelPage

Grant = tuple[str, str]
"""A permission and the view it is for: ("can_list", "TicketView")."""


@dataclass(frozen=True)
class Line:
    """One thing that may be done: its key in forms, its words, what it stands for."""

    key: str
    words: str
    grants: frozenset[Grant]
    way: str = ""
    things: str = ""
    """Of a line about a table: one of `WAYS`, and what the table is called."""


@dataclass(frozen=True)
class Area:
    """An area of work with its lines."""

    key: str
    label: str
    lines: tuple[Line, ...]

    @property
    def tables(self) -> dict[str, dict[str, Line]]:
        """Table → way → line, in order: the grid of the role's form."""
        found: dict[str, dict[str, Line]] = {}
        for line in self.lines:
            if line.way:
                found.setdefault(line.things, {})[line.way] = line
        return found

    @property
    def steps(self) -> tuple[Line, ...]:
        """The lines that are about no table."""
        return tuple(line for line in self.lines if not line.way)


_TABLE_WAYS: tuple[tuple[str, Any, tuple[str, ...], tuple[str, ...]], ...] = (
    ("see", _("See: %(things)s"), ("can_list", "can_show"), ("can_get", "can_info")),
    ("export", _("Take along as a file: %(things)s"), ("can_export",), ()),
    ("add", _("Add: %(things)s"), ("can_add",), ()),
    ("change", _("Change: %(things)s"), ("can_edit",), ()),
)
"""Way → words, permissions of the page, permissions of its REST twin."""

WAYS: dict[str, Any] = {"see": _("See"), "export": _("Export"), "add": _("Add"), "change": _("Change")}
"""The ways as headings of columns."""

PAGES: tuple[tuple[str, str, Any, tuple[str, ...]], ...] = (
    ("Service", "work", _("Open the first page with what waits for one"), ("Workbench.can_view", "WorkLists.can_view")),
    (
        "Service",
        "figures",
        _("See the figures of a month and what they were counted from"),
        ("FigurePage.can_view", "CommunityApi.can_figures"),
    ),
    (
        "Service",
        "appraisal",
        _("Read and remark on one's own monthly appraisal"),
        ("AppraisalPage.can_view", "AppraisalPage.can_step", "AppraisalPage.can_weights"),
    ),
    ("Service", "appraisal_lead", _("Draw up and sign monthly appraisals"), ("AppraisalPage.can_lead",)),
    ("Service", "appraisal_plan", _("Set what counts how much in appraisals"), ("AppraisalPage.can_plan",)),
    ("Service", "search", _("Use the search box"), ("SearchPage.can_search",)),
    (
        "Service",
        "ticket",
        _("Open a ticket with its timeline"),
        (
            "TicketPage.can_view",
            "TicketMore.can_view",
            "ComplaintRecordPage.can_view",
            "AttachmentPage.can_view",
            "AttachmentApi.can_get",
            "AttachmentApi.can_info",
            "TicketView.print_chosen",
        ),
    ),
    (
        "Service",
        "steps",
        _("Take steps on tickets: dispatch, work, reply, finish, close"),
        (
            "TicketPage.can_step",
            "TicketApi.can_step",
            "TicketMore.can_step",
            "PhotosPage.can_add",
            "AttachmentApi.can_post",
            "TicketView.dispatch_chosen",
            "TicketView.note_chosen",
        ),
    ),
    ("Service", "archive", _("Look through the archive of filed tickets"), ("ArchivePage.can_view",)),
    ("Service", "offers", _("Take over work that colleagues offer, or decline it"), ("OfferPage.can_answer",)),
    ("Service", "visits", _("See return visits with their tries and answers"), ("VisitPage.can_view",)),
    ("Service", "visits_make", _("Make return visits and give them to others"), ("VisitPage.can_step",)),
    ("Service", "visits_check", _("Check return visits, see the month's draw"), ("VisitPage.can_check",)),
    (
        "Service",
        "promises",
        _("See what was promised to households, and whether it was kept"),
        ("PromisePage.can_view",),
    ),
    (
        "Service",
        "surveys",
        _("See opinion surveys, their figures and questions"),
        ("SurveyPage.can_view", "QuestionPage.can_view", "SurveyApi.can_get", "SurveyApi.can_info"),
    ),
    ("Service", "surveys_make", _("Make opinion surveys: open, remind, close"), ("SurveyPage.can_conduct",)),
    ("Service", "surveys_ask", _("Ask households of a survey and note their answers"), ("SurveyHouseholds.can_take",)),
    ("Service", "surveys_write", _("Write the questions of surveys"), ("QuestionPage.can_write",)),
    (
        "Service",
        "knowledge",
        _("Read the knowledge base, say whether an answer helped"),
        ("KnowledgePage.can_view", "KnowledgePage.can_mark"),
    ),
    (
        "Service",
        "knowledge_write",
        _("Write standard answers, see what was asked often without one"),
        ("KnowledgeWritePage.can_write", "KnowledgeWritePage.can_ask"),
    ),
    (
        "Service",
        "knowledge_review",
        _("Review, publish and withdraw standard answers"),
        ("KnowledgeWritePage.can_review",),
    ),
    ("Service", "desk", _("Take down a new ticket at the desk"), ("DeskPage.can_add", "TicketApi.can_post")),
    (
        "Service",
        "calls",
        _("See who is calling while the telephone rings"),
        ("LivePage.can_call", "LivePage.can_confirm"),
    ),
    ("Service", "alarms", _("Take an emergency that rings"), ("LivePage.can_take",)),
    ("Organisation", "duty", _("See the duty roster"), ("DutyPage.can_view", "DutyRotationPage.can_view")),
    (
        "Organisation",
        "duty_own",
        _("Swap one's own shifts, have them in a calendar, sign handovers"),
        (
            "DutySwapPage.can_view",
            "DutySwapPage.can_ask",
            "DutyFeedPage.can_use",
            "HandoverPage.can_view",
            "HandoverPage.can_sign",
        ),
    ),
    ("Service", "duty_record", _("Read and print the duty record"), ("DutyRecordPage.can_view",)),
    (
        "Organisation",
        "duty_change",
        _("Keep the duty roster: rotations and overrides"),
        ("DutyPage.can_change", "DutyRotationPage.can_change"),
    ),
    (
        "Service",
        "special",
        _("See special events"),
        ("SpecialEventPage.can_view", "SpecialEventApi.can_get", "SpecialEventApi.can_info"),
    ),
    (
        "Service",
        "special_steps",
        _("Take steps on special events: confirm, visit, report, close"),
        ("SpecialEventPage.can_step", "SpecialEventApi.can_step"),
    ),
    ("Service", "special_report", _("Read and print special event reports"), ("SpecialEventPage.can_read_report",)),
    ("Service", "complaint_months", _("See the complaints of a month"), ("ComplaintMonthPage.can_view",)),
    ("Service", "complaint_month_words", _("Sum up the complaints of a month"), ("ComplaintMonthPage.can_write",)),
    (
        "Service",
        "complaint_month_walk",
        _("Review the complaint records of a month"),
        ("ComplaintMonthPage.can_review",),
    ),
    ("Service", "records", _("Read and print records to sign"), ("RecordPage.can_view",)),
    ("Service", "records_steps", _("Take steps on records: review, sign, correct"), ("RecordPage.can_step",)),
    (
        "Service",
        "special_open",
        _("Open the special event of an emergency"),
        ("SpecialEventPage.can_open", "SpecialEventApi.can_post"),
    ),
    ("Service", "loan_back", _("Take back keys and items that were lent"), ("LoanPage.can_receive",)),
    ("Service", "dispute", _("Read the file of a dispute between neighbours"), ("DisputePage.can_view",)),
    ("Service", "dispute_step", _("Hear the sides of a dispute, list evidence, note talks"), ("DisputePage.can_step",)),
    ("Service", "plans", _("Read emergency plans"), ("PlanPage.can_view", "TicketPlanPage.can_view")),
    ("Service", "plans_tick", _("Tick the steps of a plan in an emergency"), ("TicketPlanPage.can_tick",)),
    (
        "Service",
        "plans_write",
        _("Write emergency plans, review them, put them in force"),
        ("PlanPage.can_write", "PlanPage.can_step"),
    ),
    ("Service", "outage_end", _("Say that an announced outage is over"), ("OutagePage.can_end",)),
    (
        "Service",
        "notices",
        _("See notices and automatic calls, and whom they reached"),
        (
            "NoticePage.can_view",
            "CampaignApi.can_get",
            "CampaignApi.can_info",
            "CampaignTargetApi.can_get",
            "CampaignTargetApi.can_info",
        ),
    ),
    ("Service", "notices_send", _("Write, send, pause and stop notices"), ("NoticePage.can_step",)),
    ("Service", "notices_alert", _("Alert residents in an emergency"), ("NoticePage.can_alert",)),
    ("Service", "help", _("Read the guide for one's work"), ("HelpPage.can_view",)),
    (
        "Money",
        "order_steps",
        _("Take steps on service orders: quote, schedule, finish, charge, cancel"),
        ("ServiceOrderPage.can_step", "ServiceOrderApi.can_step"),
    ),
    ("Money", "billing", _("See billing runs and what they would do"), ("BillingPage.can_view",)),
    (
        "Money",
        "billing_post",
        _("Post a month's bills, cancel bills"),
        ("BillingPage.can_view", "BillingPage.can_post"),
    ),
    (
        "Money",
        "payments",
        _("Take payments and close one's day"),
        ("PaymentPage.can_take", "PaymentPage.can_view"),
    ),
    (
        "Money",
        "payments_reverse",
        _("Reverse payments, pay credit back, receive counted cash"),
        ("PaymentPage.can_reverse", "PaymentApi.can_step", "BooksPage.can_receive"),
    ),
    (
        "Money",
        "books",
        _("Read the books, receipts and the account of a house"),
        ("BooksPage.can_view", "PaymentPage.can_view", "ReceiptApi.can_get", "ReceiptApi.can_info"),
    ),
    (
        "Money",
        "costs",
        _("See what the work on tickets cost, ticket by ticket and month by month"),
        ("TicketCostPage.can_view", "CostMonthPage.can_view"),
    ),
    ("Money", "costs_write", _("Write down material and working time on tickets"), ("TicketCostPage.can_write",)),
    ("Money", "costs_charge", _("Charge households for what they agreed to bear"), ("TicketCostPage.can_charge",)),
    ("Money", "costs_export", _("Take the costs of a month along as a file"), ("CostMonthPage.can_export",)),
    (
        "Money",
        "arrears",
        _("See arrears house by house, note reasons and letters handed over"),
        ("ArrearsPage.can_view", "ArrearsPage.can_note", "ReminderPage.can_view", "ReminderPage.can_deliver"),
    ),
    (
        "Money",
        "arrears_decide",
        _("Let a house in arrears rest, start the reminders"),
        ("ArrearsPage.can_hold", "ReminderPage.can_run"),
    ),
    ("Estate", "invite", _("Invite households to log in"), ("InvitePage.can_add",)),
    ("Estate", "pin", _("Open a household's locked telephone PIN again"), ("VoicePinPage.can_unlock",)),
    ("Estate", "import", _("Import houses and people from a sheet"), ("ImportPage.can_add",)),
    ("Reports", "files", _("Read published reports"), ("ReportFiles.can_view",)),
    ("Reports", "drafts", _("Read reports while they are being made"), ("ReportPage.can_view",)),
    ("Reports", "report_steps", _("Make, review and sign reports"), ("ReportPage.can_step", "ReportApi.can_step")),
    ("Rules", "clock_rules", _("Read the clock rules"), ("ClockPage.can_view",)),
    ("Rules", "clock_trial", _("See changes of the clock rules tried on past months"), ("ClockTrialPage.can_view",)),
    (
        "Rules",
        "clock_trial_change",
        _("Draft changes of the clock rules and try them on past months"),
        ("ClockTrialPage.can_view", "ClockTrialPage.can_change"),
    ),
    (
        "Rules",
        "clock_force",
        _("Put changed clock rules in force"),
        ("ClockTrialPage.can_view", "ClockTrialPage.can_force"),
    ),
    ("Rules", "work_days", _("See the year's work days and days off"), ("CalendarPage.can_view",)),
    ("Rules", "work_days_change", _("Withdraw a correction of a day"), ("CalendarPage.can_change",)),
    ("Rules", "SettingView.see", _("See the figures"), ("SettingView.can_list",)),
    ("Rules", "SettingView.change", _("Change the figures"), ("SettingView.can_list", "SettingView.can_edit")),
)
"""Section of the menu, key, words, what it stands for. What does not exist in this installation is passed over."""

RESERVED = (
    "PersonFileView",
    "CheckInPage",
    "CheckInCallPage",
    "WorkLists.can_unheard",
    "PoolPage",
    "TicketMore.can_read_file",
    "UserView",
    "RoleView",
    "SeesPage",
    "LoginAdminPage",
    "AuditView",
    "OpenApi",
    "SwaggerView",
    "OwnerPage",
    "OwnerTickets",
    "OwnerNew",
    "OwnerHome",
    "OwnerBills",
    "OwnerServices",
    "OwnerReports",
    "OwnerPin",
    "OwnerAnswers",
    "OwnerSurveys",
    "OwnerCalls",
    "OwnerNotices",
)
"""What no own role is given: administration, owners' files (D15 names who), households' own pages; and what everybody has."""


def areas() -> list[Area]:
    """Every area with what may be done there, in the reader's language and the order of the menu."""
    from app.views.register import MENU

    made = []
    for section in MENU:
        lines = [line for view in section.views for line in _table_lines(view.__name__)]
        lines = [*_page_lines(section.name), *lines]
        if lines:
            made.append(Area(section.name, str(section.label), tuple(lines)))
    return made


def lines_held(grants: Iterable[Grant]) -> set[str]:
    """The keys of the lines that these pairs hold whole."""
    held = frozenset(grants)
    return {line.key for area in areas() for line in area.lines if line.grants <= held}


def grants_of(keys: Iterable[str]) -> frozenset[Grant]:
    """The pairs behind the chosen lines, and what every login has."""
    wanted = set(keys)
    chosen = [line.grants for area in areas() for line in area.lines if line.key in wanted]
    return frozenset().union(*chosen)


def offered() -> set[Grant]:
    """Every pair there is in this installation."""
    return {(name, view.class_permission_name) for view in appbuilder.baseviews for name in view.base_permissions or ()}


def is_reserved(grant: Grant) -> bool:
    """Whether no role of one's own is ever given this."""
    return grant[1] in RESERVED or f"{grant[1]}.{grant[0]}" in RESERVED


def _table_lines(name: str) -> list[Line]:
    view = next((view for view in appbuilder.baseviews if type(view).__name__ == name), None)
    if not isinstance(view, ModelPage) or name in RESERVED:
        return []
    twin, there, made = name.removesuffix("View") + "Api", offered(), []
    for way, words, own, rest in _TABLE_WAYS:
        grants = {(permission, name) for permission in own} | {(permission, twin) for permission in rest}
        grants &= there
        if any(view_name == name for _permission, view_name in grants):
            things = str(view.title)
            made.append(Line(f"{name}.{way}", str(words) % {"things": things}, frozenset(grants), way, things))
    return made


def _page_lines(section: str) -> list[Line]:
    there, made = offered(), []
    for area, key, words, pairs in PAGES:
        grants = {(permission, view) for view, _dot, permission in (pair.partition(".") for pair in pairs)} & there
        if area == section and grants:
            made.append(Line(key, str(words), frozenset(grants)))
    return made


def role_name(name: str) -> str:
    """A role as people call it: the label of one of D1, the name an administrator gave."""
    from app.views.labels import code_label

    return gettext("Everybody, without logging in") if name == "public" else code_label("role", name)
