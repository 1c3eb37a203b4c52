"""The side navigation: what people come to do, grouped by task; each line is there only for whom it opens."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from flask import current_app, request, url_for
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
            Entry(_("Return visits"), "visit", "ReturnVisitView", not_for=_HANDS_AND_MONEY),
            Entry(_("Calls"), "phone", "CallView"),
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
            Entry(_("Monthly reports"), "report", "ReportPage", "overview", "can_view", _HANDS),
            Entry(_("Duty roster"), "calendar", "DutyShiftView"),
            Entry(_("Staff"), "user", "StaffView", not_for=_HANDS_AND_MONEY),
        ),
    ),
    (
        _("Money"),
        (
            Entry(_("Bills"), "money", "BillView"),
            Entry(_("Fee items"), "list", "FeeItemView", not_for=_HANDS),
            Entry(_("Service catalogue"), "star", "ServiceItemView", not_for=_HANDS),
        ),
    ),
    (
        _("Set-up"),
        (
            Entry(_("Categories"), "list", "CategoryView", permission="can_edit"),
            Entry(_("Clock rules"), "clock", "ClockPolicyView", permission="can_edit"),
            Entry(_("Departments"), "people", "DepartmentView", permission="can_edit"),
            Entry(_("Hotline numbers"), "phone", "HotlineNumberView", permission="can_edit"),
            Entry(_("Settings"), "gear", "SettingView", permission="can_edit"),
            Entry(_("Holidays"), "calendar", "HolidayView", permission="can_edit"),
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
        wanted = (entry for entry in entries if not actor.roles <= frozenset(entry.not_for))
        links = [link for entry in wanted if (link := _link(entry)) is not None]
        if links:
            sections.append(Section(str(label), links))
    return sections


def _link(entry: Entry) -> Link | None:
    endpoint = _endpoint(entry)
    if endpoint is None or not _opens(entry):
        return None
    href = url_for(endpoint)
    here = request.path == href if href == "/" else request.path.startswith(_stem(href))
    return Link(str(entry.label), entry.icon, href, here)


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
