"""Tickets as a table: each leads to its own page, where the steps are (D3, D4, D8)."""

from __future__ import annotations

from flask_babel import lazy_gettext as _

from app.models import Category, Clock, ReturnVisit, Ticket
from app.views.base.model_page import ModelPage
from app.views.base.rows import RowInterface


def ticket_page(number: str | None) -> str | None:
    """The address of a ticket's page."""
    return f"/ticket/{number}" if number else None


class ClockView(ModelPage):
    """Deadlines, the nearest first."""

    datamodel = RowInterface(Clock)
    title, singular = _("Clocks"), _("Clock")
    has_name = False
    list_columns = ["ticket", "name", "state", "started_at", "due_at", "met_at"]
    show_columns = ["ticket", "name", "state", "calendar", "minutes", "started_at", "warn_at", "due_at", "met_at"]
    search_columns = ["name", "state", "due_at"]
    order_columns = ["due_at", "started_at", "state", "id"]
    families = {"name": "clock_name", "state": "clock_state", "calendar": "calendar"}
    labels = {"name": _("Clock")}
    base_order = ("due_at", "desc")
    links = {"ticket": lambda clock: ticket_page(clock.ticket.number)}


class ReturnVisitView(ModelPage):
    """Households asked afterwards."""

    datamodel = RowInterface(ReturnVisit)
    title, singular = _("Return visits"), _("Return visit")
    has_name = False
    list_columns = ["ticket", "state", "due_on", "way", "score", "visited_at"]
    show_columns = ["ticket", "state", "due_on", "way", "score", "visited_at", "tries", "note"]
    search_columns = ["state", "way", "due_on"]
    order_columns = ["due_on", "visited_at", "score", "id"]
    families = {"state": "visit_state", "way": "visit_way"}
    base_order = ("due_on", "desc")
    links = {"ticket": lambda visit: ticket_page(visit.ticket.number)}


class TicketView(ModelPage):
    """Matters, newest first."""

    datamodel = RowInterface(Ticket)
    title, singular = _("Tickets"), _("Ticket")
    list_columns = [
        "number",
        "kind",
        "title",
        "house",
        "priority",
        "state",
        "assignee",
        "created_at",
        "due_at",
    ]
    show_columns = [
        "number",
        "kind",
        "channel",
        "priority",
        "state",
        "category",
        "title",
        "description",
        "house",
        "place",
        "reporter_name",
        "reporter_phone",
        "department",
        "assignee",
        "validity",
        "grade",
        "created_at",
        "due_at",
        "done_at",
        "closed_at",
    ]
    search_columns = [
        "number",
        "title",
        "kind",
        "state",
        "category",
        "priority",
        "channel",
        "house",
        "assignee",
        "reporter_phone",
        "created_at",
    ]
    order_columns = ["number", "created_at", "due_at", "kind", "state", "priority", "id"]
    families = {
        "kind": "kind",
        "channel": "channel",
        "priority": "priority",
        "state": "ticket_state",
        "validity": "validity",
        "grade": "grade",
    }
    base_order = ("created_at", "desc")
    links = {"number": lambda ticket: ticket_page(ticket.number)}
    related = ((ClockView, "ticket"), (ReturnVisitView, "ticket"))


class CategoryView(ModelPage):
    """What matters are about, and which department they go to."""

    datamodel = RowInterface(Category)
    title, singular = _("Categories"), _("Category")
    list_columns = show_columns = ["name", "name_en", "code", "department", "default_priority", "active"]
    search_columns = ["name", "department", "active"]
    add_columns = ["code", "name", "name_en", "department", "default_priority", "active", "position"]
    edit_columns = ["name", "name_en", "department", "default_priority", "active", "position"]
    order_columns = ["position", "name", "code", "id"]
    families = {"default_priority": "priority"}
    base_order = ("position", "asc")
