"""The side navigation: what people come to do, grouped by task; each line is there only for whom it opens."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from flask import current_app, request, url_for
from flask_babel import lazy_gettext as _

from app.services.actors import Actor
from app.views.permitted import may


@dataclass(frozen=True)
class Entry:
    """One line: label, icon, the view, its method, and the permission that opens it."""

    label: Any
    icon: str
    view: str
    method: str = "list"
    permission: str = "can_list"


@dataclass(frozen=True)
class Link:
    """A line as it is shown."""

    label: str
    icon: str
    href: str
    here: bool


@dataclass(frozen=True)
class Section:
    """A group of lines under a heading."""

    label: str
    links: list[Link]


SECTIONS: tuple[tuple[Any, tuple[Entry, ...]], ...] = (
    ("", (Entry(_("My work"), "home", "Workbench", "index", "can_view"),)),
    (
        _("Service"),
        (
            Entry(_("Tickets"), "ticket", "TicketView"),
            Entry(_("Return visits"), "visit", "ReturnVisitView"),
            Entry(_("Calls"), "phone", "CallView"),
            Entry(_("Messages sent"), "message", "MessageView"),
        ),
    ),
    (
        _("Estate"),
        (
            Entry(_("Houses"), "house", "HouseView"),
            Entry(_("People"), "people", "PersonView"),
            Entry(_("Buildings"), "building", "BuildingView"),
            Entry(_("Communities"), "pin", "CommunityView"),
            Entry(_("Import houses and people"), "plus", "ImportPage", "form", "can_add"),
        ),
    ),
    (
        _("Management"),
        (
            Entry(_("Monthly reports"), "report", "ReportPage", "overview", "can_view"),
            Entry(_("Duty roster"), "calendar", "DutyShiftView"),
            Entry(_("Staff"), "user", "StaffView"),
        ),
    ),
    (
        _("Money"),
        (
            Entry(_("Bills"), "money", "BillView"),
            Entry(_("Fee items"), "list", "FeeItemView"),
            Entry(_("Service catalogue"), "star", "ServiceItemView"),
        ),
    ),
    (
        _("Set-up"),
        (
            Entry(_("Categories"), "list", "CategoryView"),
            Entry(_("Clock rules"), "clock", "ClockPolicyView"),
            Entry(_("Departments"), "people", "DepartmentView"),
            Entry(_("Hotline numbers"), "phone", "HotlineNumberView"),
            Entry(_("Settings"), "gear", "SettingView"),
            Entry(_("Holidays"), "calendar", "HolidayView"),
            Entry(_("Job runs"), "clock", "JobRunView"),
            Entry(_("Users"), "user", "UserView"),
            Entry(_("Roles"), "shield", "RoleView"),
        ),
    ),
)
"""Heading → lines, in the order they are shown."""


def navigation(actor: Actor | None) -> list[Section]:
    """The sections this actor may use; a line whose view does not exist or is shut is left out."""
    if actor is None:
        return []
    sections = []
    for label, entries in SECTIONS:
        links = [link for entry in entries if (link := _link(entry)) is not None]
        if links:
            sections.append(Section(str(label), links))
    return sections


def _link(entry: Entry) -> Link | None:
    endpoint = _endpoint(entry)
    if endpoint is None or not may(entry.permission, entry.view):
        return None
    href = url_for(endpoint)
    here = request.path == href if href == "/" else request.path.startswith(_stem(href))
    return Link(str(entry.label), entry.icon, href, here)


def _stem(href: str) -> str:
    """`/ticketview/list/` → `/ticketview/`: show and edit pages belong to the same line."""
    return href.removesuffix("list/") if href.endswith("list/") else href


def _endpoint(entry: Entry) -> str | None:
    name = f"{entry.view}.{entry.method}"
    return name if name in current_app.view_functions else None
