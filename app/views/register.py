"""The one list of views: what is registered, under which menu, in which order."""

from dataclasses import dataclass
from importlib import import_module
from typing import Any

from flask import Flask
from flask_appbuilder import AppBuilder
from flask_babel import lazy_gettext as _

from app.views import (
    audit_page,
    billing,
    calls,
    catalogue,
    clock_rules,
    complaint_rungs,
    duty,
    estate,
    fees,
    loans,
    materials,
    meters,
    orders,
    outages,
    outside,
    payments,
    people,
    phrases,
    reminder_steps,
    reports,
    settings,
    staff,
    tickets,
    work_calendars,
)
from app.views.api import attachments as attachments_api
from app.views.api import calls as calls_api
from app.views.api import duty as duty_api
from app.views.api import estate as estate_api
from app.views.api import money as money_api
from app.views.api import outbound as outbound_api
from app.views.api import outside as outside_api
from app.views.api import people as people_api
from app.views.api import reports as reports_api
from app.views.api import special_events as special_events_api
from app.views.api import surveys as surveys_api
from app.views.api import tickets as tickets_api
from app.views.base.arguments import install_arguments
from app.views.base.cells import install_filters
from app.views.base.compress import install_compression
from app.views.base.confirming import install_confirming
from app.views.base.headers import install_headers
from app.views.base.history import forget_page_history
from app.views.base.kept_pieces import install_kept_pieces
from app.views.base.language import forget_language_page, install_language
from app.views.base.refusals import install_refusals
from app.views.base.replay import install_replay
from app.views.health import install_health
from app.views.look import install_look
from app.views.preferences import install_preferences
from app.views.ticket_uploads import install_uploads

forget_page_history()
forget_language_page()


@dataclass(frozen=True)
class Section:
    """A menu with its tables, in order."""

    name: str
    label: Any
    icon: str
    views: tuple[type[Any], ...]


MENU: tuple[Section, ...] = (
    Section(
        "Service",
        _("Service"),
        "fa-headphones",
        (
            tickets.TicketView,
            calls.CallView,
            tickets.ClockView,
            tickets.ReturnVisitView,
            duty.EscalationAttemptView,
            calls.MessageView,
            outages.OutageView,
            loans.LoanView,
            outside.ExternalReferenceView,
        ),
    ),
    Section(
        "Estate",
        _("Estate"),
        "fa-building",
        (
            estate.CommunityView,
            estate.BuildingView,
            estate.UnitView,
            estate.HouseView,
            people.PersonView,
            people.TenureView,
            people.PhoneView,
        ),
    ),
    Section(
        "Money",
        _("Catalogue and fees"),
        "fa-yen",
        (
            catalogue.ServiceItemView,
            catalogue.ServicePriceView,
            materials.MaterialView,
            orders.ServiceOrderView,
            fees.FeeItemView,
            billing.FeeRateView,
            billing.FeeUseView,
            meters.MeterView,
            meters.MeterReadingView,
            billing.FeeConcessionView,
            fees.BillView,
            payments.PaymentView,
        ),
    ),
    Section("Reports", _("Reports"), "fa-file-text", (reports.ReportView,)),
    Section(
        "Organisation",
        _("Organisation"),
        "fa-users",
        (
            duty.DutyShiftView,
            staff.StaffView,
            staff.StewardBuildingView,
            staff.DepartmentView,
            staff.SkillView,
            outside.OutsideBodyView,
        ),
    ),
    Section(
        "Rules",
        _("Rules and figures"),
        "fa-sliders",
        (
            tickets.CategoryView,
            tickets.CategoryWordView,
            phrases.PhraseView,
            clock_rules.ClockPolicyView,
            reminder_steps.ReminderStepView,
            complaint_rungs.ComplaintRungView,
            work_calendars.WorkCalendarView,
            work_calendars.HolidayView,
            settings.SettingView,
            estate.HotlineNumberView,
            audit_page.AuditView,
        ),
    ),
)

APIS: tuple[type[Any], ...] = (
    estate_api.CommunityApi,
    estate_api.BuildingApi,
    estate_api.HouseApi,
    people_api.PersonApi,
    people_api.TenureApi,
    tickets_api.TicketApi,
    attachments_api.AttachmentApi,
    tickets_api.ClockApi,
    tickets_api.ReturnVisitApi,
    surveys_api.SurveyApi,
    tickets_api.CategoryApi,
    outside_api.ExternalReferenceApi,
    calls_api.CallApi,
    duty_api.DepartmentApi,
    duty_api.DutyShiftApi,
    duty_api.EscalationAttemptApi,
    duty_api.MessageApi,
    special_events_api.SpecialEventApi,
    outbound_api.CampaignApi,
    outbound_api.CampaignTargetApi,
    money_api.ServiceItemApi,
    money_api.ServiceOrderApi,
    money_api.FeeItemApi,
    money_api.BillApi,
    money_api.PaymentApi,
    money_api.ReceiptApi,
    reports_api.ReportApi,
)

PAGES: tuple[str, ...] = (
    "account_pages:AccountPage",
    "account_pages:OldPages",
    "second_factor:SecondFactorPage",
    "login_admin:LoginAdminPage",
    "welcome:WelcomePage",
    "invitation_pages:InvitePage",
    "duty_calendar:DutyPage",
    "duty_rotations:DutyRotationPage",
    "duty_swaps:DutySwapPage",
    "duty_feed:DutyFeedPage",
    "duty_handovers:HandoverPage",
    "duty_record:DutyRecordPage",
    "report_files:ReportFiles",
    "report_pages:ReportPage",
    "ticket_files:AttachmentPage",
    "ticket_files:PhotosPage",
    "live:LivePage",
    "clock_rules:ClockPage",
    "work_calendars:CalendarPage",
    "clock_trial:ClockTrialPage",
    "promises:PromisePage",
    "workbench_lists:WorkLists",
    "pool:PoolPage",
    "offers:OfferPage",
    "archive:ArchivePage",
    "figures:FigurePage",
    "appraisals:AppraisalPage",
    "ticket_costs:TicketCostPage",
    "cost_months:CostMonthPage",
    "ticket_more:TicketMore",
    "orders:ServiceOrderPage",
    "outages:OutagePage",
    "loans:LoanPage",
    "complaint_record:ComplaintRecordPage",
    "dispute_page:DisputePage",
    "special_events:SpecialEventPage",
    "records:RecordPage",
    "complaint_months:ComplaintMonthPage",
    "plans:PlanPage",
    "drills:DrillPage",
    "drill_record:DrillRecordPage",
    "ticket_plan:TicketPlanPage",
    "ticket_page:TicketPage",
    "desk_page:DeskPage",
    "search_page:SearchPage",
    "preferences:PreferencesPage",
    "help_pages:HelpPage",
    "owner_pages:OwnerPage",
    "owner_tickets:OwnerTickets",
    "owner_new:OwnerNew",
    "owner_home:OwnerHome",
    "owner_bills:OwnerBills",
    "owner_services:OwnerServices",
    "owner_report_question:OwnerReportQuestion",
    "owner_reports:OwnerReports",
    "owner_notices:OwnerNotices",
    "owner_calls:OwnerCalls",
    "owner_answers:OwnerAnswers",
    "owner_surveys:OwnerSurveys",
    "notices:NoticePage",
    "visits:VisitPage",
    "knowledge:KnowledgePage",
    "knowledge_write:KnowledgeWritePage",
    "surveys:SurveyPage",
    "survey_households:SurveyHouseholds",
    "questionnaires:QuestionPage",
    "answer_page:AnswerPage",
    "check_ins:CheckInPage",
    "check_in_calls:CheckInCallPage",
    "billing:BillingPage",
    "bank:BankPage",
    "meters:MeterPage",
    "payments:PaymentPage",
    "books:BooksPage",
    "arrears:ArrearsPage",
    "reminders:ReminderPage",
    "owner_pin:OwnerPin",
    "owner_pin:VoicePinPage",
    "import_page:ImportPage",
    "people:PersonFileView",
    "users:UserView",
    "roles:RoleView",
    "sees_page:SeesPage",
)
"""Plain pages without a menu entry here, as `module:Class` under `app.views` (or with a full module path)."""


def register_views(app: Flask, appbuilder: AppBuilder) -> None:
    """Hang every page and resource on the application. Touches no table: `sync_permissions` writes the permissions."""
    # Chinese readable as it is sent, and a third of the bytes.
    app.json.ensure_ascii = False
    install_compression(app)
    install_arguments(app)
    install_headers(app)
    install_kept_pieces(app)
    install_language(app)
    install_preferences(app)
    install_refusals(app)
    install_confirming(app)
    install_replay(app)
    install_look(app)
    install_uploads(app)
    install_filters(app)
    install_health(app)
    for section in MENU:
        for view in section.views:
            _add_to_menu(appbuilder, section, view)
    for page in PAGES:
        appbuilder.add_view_no_menu(_page(page))
    for api in APIS:
        appbuilder.add_api(api)


def _add_to_menu(appbuilder: AppBuilder, section: Section, view: type[Any]) -> None:
    name = f"{view.__name__} menu"
    appbuilder.add_view(
        view,
        name,
        label=view.title,
        category=section.name,
        category_icon=section.icon,
        category_label=section.label,
    )
    grant = ("can_list", view.__name__)
    appbuilder.sm.menu_grants.setdefault(name, set()).add(grant)
    appbuilder.sm.menu_grants.setdefault(section.name, set()).add(grant)


def _page(path: str) -> type[Any]:
    module, _colon, name = path.partition(":")
    full = module if module.startswith("app.") else f"app.views.{module}"
    page: type[Any] = getattr(import_module(full), name)
    return page
