"""The side navigation: what people come to do, grouped by task; each line is there only for whom it opens."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from flask import current_app, request, url_for
from flask_babel import gettext
from flask_babel import lazy_gettext as _

from app.rules.codes import Role
from app.services.actors import Actor
from app.views.base.actor import current_actor
from app.views.permitted import may


@dataclass(frozen=True)
class Entry:
    """One line: label, icon, the view, its method, the permission that opens it, and the roles whose work it is not."""

    label: Any
    icon: str
    view: str
    method: str = "list"
    permission: str = "can_list"
    not_for: tuple[str, ...] = ()


@dataclass(frozen=True)
class Link:
    """A line as it is shown. `name` is the view's: scripts hang a number on it; `key` follows `g` on the keyboard."""

    label: str
    icon: str
    href: str
    here: bool
    name: str = ""
    key: str = ""


@dataclass(frozen=True)
class Section:
    """A group of lines under a heading; `open` unless folded on this device."""

    label: str
    links: list[Link]
    code: str = ""
    open: bool = True


FOLDED_COOKIE = "linli_nav"
"""Codes of the folded groups, with dots between them; written by the page's script."""

KEYS = {
    "Workbench": "h",
    "TicketView": "t",
    "VisitPage": "v",
    "CallView": "c",
    "HouseView": "u",
    "PersonView": "p",
    "BillView": "b",
    "ReportPage": "r",
    "DutyPage": "d",
}
"""The letter that leads to a line, after `g`."""

_ON_PHONES = ("TicketView", "BillView", "ReportPage")
"""The lists of the bar at the bottom of a phone: the first that is open to the actor."""


PHONE = "telephone"
"""Stands for what the telephone page itself asks: the simulator is on, and the desk or an administrator is here."""

_HANDS = (Role.TECHNICIAN,)
_HANDS_AND_MONEY = (Role.TECHNICIAN, Role.FINANCE)

SECTIONS: tuple[tuple[Any, tuple[Entry, ...]], ...] = (
    ("", (Entry(_("My work"), "home", "Workbench", "index", "can_view"),)),
    (
        _("Service"),
        (
            Entry(_("Tickets"), "ticket", "TicketView"),
            Entry(_("Return visits"), "visit", "VisitPage", "overview", "can_view"),
            Entry(_("Promises"), "clock", "PromisePage", "overview", "can_view", (Role.FINANCE,)),
            Entry(_("Knowledge base"), "book", "KnowledgePage", "overview", "can_view", (Role.FINANCE,)),
            Entry(_("Opinion surveys"), "star", "SurveyPage", "overview", "can_view"),
            Entry(_("Archive"), "book", "ArchivePage", "overview", "can_view", _HANDS_AND_MONEY),
            Entry(_("Calls"), "phone", "CallView"),
            Entry(_("Duty record"), "book", "DutyRecordPage", "record", "can_view"),
            Entry(_("Special events"), "alert", "SpecialEventPage", "overview", "can_view"),
            Entry(_("Complaints of the month"), "book", "ComplaintMonthPage", "overview", "can_view"),
            Entry(_("Records to sign"), "pen", "RecordPage", "overview", "can_view"),
            Entry(_("Keys and items lent"), "key", "LoanView"),
            Entry(_("Emergency plans"), "book", "PlanPage", "overview", "can_view", (Role.FINANCE,)),
            Entry(_("Drills"), "bell", "DrillPage", "overview", "can_view", (Role.FINANCE,)),
            Entry(_("Announced outages"), "bell", "OutageView", not_for=_HANDS_AND_MONEY),
            Entry(_("Notices and calls"), "info", "NoticePage", "overview", "can_view"),
            Entry(_("Check-in calls"), "heart", "CheckInPage", "register", "can_view"),
            Entry(_("Messages sent"), "message", "MessageView"),
            Entry(_("Telephone simulator"), "chat", "phone", "page", PHONE),
        ),
    ),
    (
        _("Estate"),
        (
            Entry(_("Houses"), "house", "HouseView", not_for=_HANDS),
            Entry(_("People"), "people", "PersonView"),
            Entry(_("Buildings"), "building", "BuildingView", not_for=_HANDS_AND_MONEY),
            Entry(_("Communities"), "pin", "CommunityView", not_for=_HANDS_AND_MONEY),
            Entry(_("Import houses and people"), "plus", "ImportPage", "form", "can_add"),
        ),
    ),
    (
        _("Management"),
        (
            Entry(_("Figures of the month"), "list", "FigurePage", "overview", "can_view"),
            Entry(_("Monthly appraisals"), "star", "AppraisalPage", "overview", "can_view"),
            Entry(_("Monthly reports"), "report", "ReportPage", "overview", "can_view", _HANDS),
            Entry(_("Duty roster"), "calendar", "DutyPage", "calendar", "can_view"),
            Entry(_("Staff"), "user", "StaffView", not_for=_HANDS_AND_MONEY),
        ),
    ),
    (
        _("Money"),
        (
            Entry(_("Take payments"), "money", "PaymentPage", "desk", "can_take"),
            Entry(_("Bank files"), "list", "BankPage", "overview", "can_view"),
            Entry(_("Read meters"), "list", "MeterPage", "round", "can_view"),
            Entry(_("Billing"), "list", "BillingPage", "overview", "can_view"),
            Entry(_("Bills"), "money", "BillView"),
            Entry(_("Payments"), "money", "PaymentView"),
            Entry(_("The books"), "book", "BooksPage", "overview", "can_view"),
            Entry(_("Arrears"), "clock", "ArrearsPage", "overview", "can_view"),
            Entry(_("Fee reminders"), "message", "ReminderPage", "preview", "can_view"),
            Entry(_("Fee items"), "list", "FeeItemView", not_for=_HANDS),
            Entry(_("Discounts and waivers"), "list", "FeeConcessionView"),
            Entry(_("Parking spaces and other numbers"), "list", "FeeUseView"),
            Entry(_("Service catalogue"), "star", "ServiceItemView", not_for=_HANDS),
            Entry(_("Service orders"), "star", "ServiceOrderView"),
            Entry(_("Material and costs"), "tool", "CostMonthPage", "overview", "can_view"),
            Entry(_("Materials"), "list", "MaterialView", not_for=_HANDS),
        ),
    ),
    (
        _("Set-up"),
        (
            Entry(_("Categories"), "list", "CategoryView", permission="can_edit"),
            Entry(_("Weights of the appraisal"), "star", "AppraisalPage", "weights", "can_plan"),
            Entry(_("Words that decide"), "list", "CategoryWordView", permission="can_edit"),
            Entry(_("Stock phrases"), "message", "PhraseView", permission="can_edit"),
            Entry(_("Reminder steps"), "list", "ReminderStepView", permission="can_edit"),
            Entry(_("Clock rules"), "clock", "ClockPage", "overview", "can_view"),
            Entry(_("Work calendars"), "calendar", "WorkCalendarView", permission="can_edit"),
            Entry(_("Departments"), "people", "DepartmentView", permission="can_edit"),
            Entry(_("Hotline numbers"), "phone", "HotlineNumberView", permission="can_edit"),
            Entry(_("Settings"), "gear", "SettingView", permission="can_edit"),
            Entry(_("Holidays"), "calendar", "CalendarPage", "year", "can_change"),
            Entry(_("Job runs"), "clock", "JobRunView"),
            Entry(_("Users"), "user", "UserView"),
            Entry(_("Roles"), "shield", "RoleView"),
            Entry(_("Audit trail"), "book", "AuditView"),
        ),
    ),
)
"""Heading → lines, in the order they are shown."""


def folded_groups() -> frozenset[str]:
    """The groups that this device keeps folded; what the cookie says besides is passed over."""
    known = {entries[0].view for _label, entries in SECTIONS}
    return frozenset(known.intersection(request.cookies.get(FOLDED_COOKIE, "").split(".")))


def navigation(actor: Actor | None) -> list[Section]:
    """The sections this actor may use; a line whose view does not exist or is shut is left out."""
    if actor is None:
        return []
    folded = folded_groups()
    sections = []
    for label, entries in SECTIONS:
        wanted = (entry for entry in entries if not actor.roles <= frozenset(entry.not_for))
        links = [link for entry in wanted if (link := _link(entry)) is not None]
        if links:
            code = entries[0].view
            here = any(link.here for link in links)
            sections.append(Section(str(label), links, code, here or code not in folded))
    return sections


def tabs(sections: list[Section]) -> list[Link]:
    """The bar of a phone: my work, a new ticket, and the list this role looks into most."""
    links = {link.name: link for section in sections for link in section.links}
    shown = [links["Workbench"]] if "Workbench" in links else []
    if may("can_add", "DeskPage"):
        href = "/ticket/new"
        shown.append(Link(gettext("New ticket"), "plus", href, request.path == href, "DeskPage"))
    lists = [links[name] for name in _ON_PHONES if name in links]
    return shown + lists[:1]


def _link(entry: Entry) -> Link | None:
    endpoint = _endpoint(entry)
    if endpoint is None or not _opens(entry):
        return None
    href = url_for(endpoint)
    here = request.path == href if href == "/" else request.path.startswith(_stem(href))
    return Link(str(entry.label), entry.icon, href, here, entry.view, KEYS.get(entry.view, ""))


def _opens(entry: Entry) -> bool:
    if entry.permission != PHONE:
        return may(entry.permission, entry.view)
    actor = current_actor()
    simulated = current_app.extensions["settings"].carrier == "simulator"
    return simulated and actor is not None and actor.has(Role.ASSISTANT, Role.ADMIN)


def _stem(href: str) -> str:
    """`/ticketview/list/` → `/ticketview/`: show and edit pages belong to the same line."""
    return href.removesuffix("list/") if href.endswith("list/") else href


def _endpoint(entry: Entry) -> str | None:
    name = f"{entry.view}.{entry.method}"
    return name if name in current_app.view_functions else None
