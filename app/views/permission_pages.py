"""What may be done on pages that are no tables, in plain words, by area of the menu: key, words, the permissions behind them.

What does not exist in this installation is passed over. A permission of the matrix without words fails a test.
"""

from __future__ import annotations

from typing import Any

from flask_babel import lazy_gettext as _

Said = tuple[str, Any, tuple[str, ...]]
"""The key of the line in forms, its words, what it stands for (`View.permission`)."""

_SERVICE: tuple[Said, ...] = (
    ("work", _("Open the first page with what waits for one"), ("Workbench.can_view", "WorkLists.can_view")),
    (
        "figures",
        _("See the figures of a month and what they were counted from"),
        ("FigurePage.can_view", "CommunityApi.can_figures"),
    ),
    (
        "appraisal",
        _("Read and remark on one's own monthly appraisal"),
        ("AppraisalPage.can_view", "AppraisalPage.can_step", "AppraisalPage.can_weights"),
    ),
    ("appraisal_lead", _("Draw up and sign monthly appraisals"), ("AppraisalPage.can_lead",)),
    ("appraisal_plan", _("Set what counts how much in appraisals"), ("AppraisalPage.can_plan",)),
    ("search", _("Use the search box"), ("SearchPage.can_search",)),
    (
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
    ("archive", _("Look through the archive of filed tickets"), ("ArchivePage.can_view",)),
    ("offers", _("Take over work that colleagues offer, or decline it"), ("OfferPage.can_answer",)),
    ("visits", _("See return visits with their tries and answers"), ("VisitPage.can_view",)),
    ("visits_make", _("Make return visits and give them to others"), ("VisitPage.can_step",)),
    ("visits_check", _("Check return visits, see the month's draw"), ("VisitPage.can_check",)),
    (
        "promises",
        _("See what was promised to households, and whether it was kept"),
        ("PromisePage.can_view",),
    ),
    (
        "surveys",
        _("See opinion surveys, their figures and questions"),
        ("SurveyPage.can_view", "QuestionPage.can_view", "SurveyApi.can_get", "SurveyApi.can_info"),
    ),
    ("surveys_make", _("Make opinion surveys: open, remind, close"), ("SurveyPage.can_conduct",)),
    ("surveys_ask", _("Ask households of a survey and note their answers"), ("SurveyHouseholds.can_take",)),
    ("surveys_write", _("Write the questions of surveys"), ("QuestionPage.can_write",)),
    (
        "knowledge",
        _("Read the knowledge base, say whether an answer helped"),
        ("KnowledgePage.can_view", "KnowledgePage.can_mark"),
    ),
    (
        "knowledge_write",
        _("Write standard answers, see what was asked often without one"),
        ("KnowledgeWritePage.can_write", "KnowledgeWritePage.can_ask"),
    ),
    (
        "knowledge_review",
        _("Review, publish and withdraw standard answers"),
        ("KnowledgeWritePage.can_review",),
    ),
    ("desk", _("Take down a new ticket at the desk"), ("DeskPage.can_add", "TicketApi.can_post")),
    (
        "calls",
        _("See who is calling while the telephone rings"),
        ("LivePage.can_call", "LivePage.can_confirm"),
    ),
    ("alarms", _("Take an emergency that rings"), ("LivePage.can_take",)),
    ("duty_record", _("Read and print the duty record"), ("DutyRecordPage.can_view",)),
    (
        "special",
        _("See special events"),
        ("SpecialEventPage.can_view", "SpecialEventApi.can_get", "SpecialEventApi.can_info"),
    ),
    (
        "special_steps",
        _("Take steps on special events: confirm, visit, report, close"),
        ("SpecialEventPage.can_step", "SpecialEventApi.can_step"),
    ),
    ("special_report", _("Read and print special event reports"), ("SpecialEventPage.can_read_report",)),
    ("complaint_months", _("See the complaints of a month"), ("ComplaintMonthPage.can_view",)),
    ("complaint_month_words", _("Sum up the complaints of a month"), ("ComplaintMonthPage.can_write",)),
    (
        "complaint_month_walk",
        _("Review the complaint records of a month"),
        ("ComplaintMonthPage.can_review",),
    ),
    ("records", _("Read and print records to sign"), ("RecordPage.can_view",)),
    ("records_steps", _("Take steps on records: review, sign, correct"), ("RecordPage.can_step",)),
    (
        "special_open",
        _("Open the special event of an emergency"),
        ("SpecialEventPage.can_open", "SpecialEventApi.can_post"),
    ),
    ("loan_back", _("Take back keys and items that were lent"), ("LoanPage.can_receive",)),
    ("dispute", _("Read the file of a dispute between neighbours"), ("DisputePage.can_view",)),
    ("dispute_step", _("Hear the sides of a dispute, list evidence, note talks"), ("DisputePage.can_step",)),
    ("plans", _("Read emergency plans"), ("PlanPage.can_view", "TicketPlanPage.can_view")),
    ("drills", _("See drills of the emergency plans, with photos"), ("DrillPage.can_view", "DrillRecordPage.can_view")),
    ("drills_plan", _("Plan drills of the emergency plans"), ("DrillPage.can_plan",)),
    (
        "drills_record",
        _("Record drills one leads, end improvements one is responsible for"),
        ("DrillRecordPage.can_record",),
    ),
    ("plans_tick", _("Tick the steps of a plan in an emergency"), ("TicketPlanPage.can_tick",)),
    (
        "plans_write",
        _("Write emergency plans, review them, put them in force"),
        ("PlanPage.can_write", "PlanPage.can_step"),
    ),
    ("outage_end", _("Say that an announced outage is over"), ("OutagePage.can_end",)),
    (
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
    ("notices_send", _("Write, send, pause and stop notices"), ("NoticePage.can_step",)),
    ("notices_alert", _("Alert residents in an emergency"), ("NoticePage.can_alert",)),
    ("help", _("Read the guide for one's work"), ("HelpPage.can_view",)),
)

_ORGANISATION: tuple[Said, ...] = (
    ("duty", _("See the duty roster"), ("DutyPage.can_view", "DutyRotationPage.can_view")),
    (
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
    (
        "duty_change",
        _("Keep the duty roster: rotations and overrides"),
        ("DutyPage.can_change", "DutyRotationPage.can_change"),
    ),
)

_MONEY: tuple[Said, ...] = (
    (
        "order_steps",
        _("Take steps on service orders: quote, schedule, finish, charge, cancel"),
        ("ServiceOrderPage.can_step", "ServiceOrderApi.can_step"),
    ),
    ("billing", _("See billing runs and what they would do"), ("BillingPage.can_view",)),
    (
        "billing_post",
        _("Post a month's bills, cancel bills"),
        ("BillingPage.can_view", "BillingPage.can_post"),
    ),
    ("meters", _("See the meters and their readings"), ("MeterPage.can_view",)),
    ("meters_read", _("Read meters on the round"), ("MeterPage.can_view", "MeterPage.can_read")),
    (
        "meters_keep",
        _("Exchange meters, strike readings, bring readings from a sheet"),
        ("MeterPage.can_view", "MeterPage.can_keep"),
    ),
    ("bank", _("See the bank's files and what became of their lines"), ("BankPage.can_view",)),
    (
        "bank_book",
        _("Upload the bank's files, decide on their lines and book them"),
        ("BankPage.can_view", "BankPage.can_book"),
    ),
    (
        "payments",
        _("Take payments and close one's day"),
        ("PaymentPage.can_take", "PaymentPage.can_view"),
    ),
    (
        "payments_reverse",
        _("Reverse payments, pay credit back, receive counted cash"),
        ("PaymentPage.can_reverse", "PaymentApi.can_step", "BooksPage.can_receive"),
    ),
    (
        "books",
        _("Read the books, receipts and the account of a house"),
        ("BooksPage.can_view", "PaymentPage.can_view", "ReceiptApi.can_get", "ReceiptApi.can_info"),
    ),
    (
        "costs",
        _("See what the work on tickets cost, ticket by ticket and month by month"),
        ("TicketCostPage.can_view", "CostMonthPage.can_view"),
    ),
    ("costs_write", _("Write down material and working time on tickets"), ("TicketCostPage.can_write",)),
    ("costs_charge", _("Charge households for what they agreed to bear"), ("TicketCostPage.can_charge",)),
    ("costs_export", _("Take the costs of a month along as a file"), ("CostMonthPage.can_export",)),
    (
        "arrears",
        _("See arrears house by house, note reasons and letters handed over"),
        ("ArrearsPage.can_view", "ArrearsPage.can_note", "ReminderPage.can_view", "ReminderPage.can_deliver"),
    ),
    (
        "arrears_decide",
        _("Let a house in arrears rest, start the reminders"),
        ("ArrearsPage.can_hold", "ReminderPage.can_run"),
    ),
)

_ESTATE: tuple[Said, ...] = (
    ("invite", _("Invite households to log in"), ("InvitePage.can_add",)),
    ("pin", _("Open a household's locked telephone PIN again"), ("VoicePinPage.can_unlock",)),
    ("import", _("Import houses and people from a sheet"), ("ImportPage.can_add",)),
)

_REPORTS: tuple[Said, ...] = (
    ("files", _("Read published reports"), ("ReportFiles.can_view",)),
    ("drafts", _("Read reports while they are being made"), ("ReportPage.can_view",)),
    ("report_steps", _("Make, review and sign reports"), ("ReportPage.can_step", "ReportApi.can_step")),
)

_RULES: tuple[Said, ...] = (
    ("clock_rules", _("Read the clock rules"), ("ClockPage.can_view",)),
    ("clock_trial", _("See changes of the clock rules tried on past months"), ("ClockTrialPage.can_view",)),
    (
        "clock_trial_change",
        _("Draft changes of the clock rules and try them on past months"),
        ("ClockTrialPage.can_view", "ClockTrialPage.can_change"),
    ),
    (
        "clock_force",
        _("Put changed clock rules in force"),
        ("ClockTrialPage.can_view", "ClockTrialPage.can_force"),
    ),
    ("work_days", _("See the year's work days and days off"), ("CalendarPage.can_view",)),
    ("work_days_change", _("Withdraw a correction of a day"), ("CalendarPage.can_change",)),
    ("SettingView.see", _("See the figures"), ("SettingView.can_list",)),
    ("SettingView.change", _("Change the figures"), ("SettingView.can_list", "SettingView.can_edit")),
)

PAGES: dict[str, tuple[Said, ...]] = {
    "Service": _SERVICE,
    "Organisation": _ORGANISATION,
    "Money": _MONEY,
    "Estate": _ESTATE,
    "Reports": _REPORTS,
    "Rules": _RULES,
}
"""Section of the menu → its lines, in order."""
