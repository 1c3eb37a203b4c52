"""Tickets as a table: each leads to its own page, where the steps are (D3, D4, D8)."""

from __future__ import annotations

from typing import Any

from flask_babel import lazy_gettext as _
from flask_babel import lazy_pgettext
from sqlalchemy import ColumnElement
from sqlalchemy.orm import Session

from app.errors import N_, Invalid
from app.extensions import db
from app.models import Category, CategoryWord, Clock, ReturnVisit, Ticket
from app.rules.codes import Priority
from app.services.actors import Actor
from app.services.search_text import number_begins, title_holds
from app.views.base.filter_values import text_condition
from app.views.base.listing import Preset
from app.views.base.model_page import ModelPage
from app.views.base.rows import RowInterface
from app.views.clock_words import calendar_name
from app.views.permitted import may
from app.views.ticket_together import TakesTogether


def ticket_page(number: str | None) -> str | None:
    """The address of a ticket's page."""
    return f"/ticket/{number}" if number else None


class ClockView(ModelPage):
    """Deadlines, the nearest first."""

    datamodel = RowInterface(Clock)
    title, singular = _("Clocks"), _("Clock")
    has_name = False
    list_columns = ["ticket", "name", "state", "started_at", "due_at", "met_at"]
    show_columns = [
        "ticket",
        "name",
        "state",
        "end_reason",
        "calendar",
        "minutes",
        "started_at",
        "warn_at",
        "due_at",
        "met_at",
    ]
    search_columns = ["name", "state", "due_at"]
    order_columns = ["due_at", "started_at", "state", "id"]
    families = {"name": "clock_name", "state": "clock_state", "end_reason": "clock_end"}
    texts = {"calendar": lambda clock: calendar_name(clock.calendar)}
    labels = {"name": _("Clock")}
    base_order = ("due_at", "desc")
    card = ["ticket", "name", "due_at"]
    links = {"ticket": lambda clock: ticket_page(clock.ticket.number)}


class ReturnVisitView(ModelPage):
    """Households asked afterwards."""

    datamodel = RowInterface(ReturnVisit)
    title, singular = _("Return visits"), _("Return visit")
    has_name = False
    list_columns = ["ticket", "state", "due_on", "way", "score", "visited_at"]
    show_columns = ["ticket", "state", "due_on", "way", "score", "visited_at", "tries", "note"]
    search_columns = ["state", "way", "due_on", "score", "visited_at"]
    quick_filters = ["state", "way", "due_on"]
    order_columns = ["due_on", "visited_at", "score", "id"]
    families = {"state": "visit_state", "way": "visit_way"}
    base_order = ("due_on", "desc")
    card = ["ticket", "due_on", "score"]
    presets = (
        Preset("due", _("Due"), (("_flt_0_state", "due"),), _("No household waits to be asked.")),
        Preset("unhappy", _("Unhappy"), (("_flt_1_score", "2"),), _("Nobody gave a 1 or a 2.")),
    )
    empty_hint = _("Finished tickets are asked about: all complaints, and a part of the repairs.")
    links = {"ticket": lambda visit: ticket_page(visit.ticket.number)}


SHORTEST_NUMBER, LONGEST_NUMBER = 4, 8


def title_words(words: str, way: str) -> ColumnElement[bool]:
    """The filter of the title."""
    return title_holds(db.session(), words) if way == "contains" else text_condition(Ticket.title, words, way)


UNDER_WAY = tuple(
    ("_flt_0_state", state) for state in ("registered", "dispatched", "in_progress", "waiting", "reopened")
)
SOONEST = (("_oc_TicketView", "due_at"), ("_od_TicketView", "asc"))


class TicketView(TakesTogether, ModelPage):
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
        "building",
        "community",
        "validity",
        "reporter_phone",
        "created_at",
        "due_at",
        "done_at",
        "urged_count",
    ]
    order_columns = ["number", "created_at", "due_at", "urged_at", "kind", "state", "priority", "id"]
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
    quick_filters = ["state", "kind", "category", "priority", "assignee", "created_at"]
    quick_columns = ["title", "number"]
    card = ["title", "number", "kind", "priority", "house", "created_at", "due_at"]
    hidden_columns = ["description"]
    row_columns = ["number", "priority", "state", "done_at", "closed_at"]
    further_columns = ["community", "building", "reporter_phone", "waiting_until", "urged_count", "urged_at"]
    presets = (
        Preset(
            "open",
            lazy_pgettext("tickets", "Open"),
            (*UNDER_WAY, *SOONEST),
            _("Nothing is open. A good moment for a round."),
        ),
        Preset("mine", _("Mine"), (("_flt_0_assignee", "me"), *UNDER_WAY, *SOONEST), _("Nothing open is yours."), True),
        Preset("overdue", _("Overdue"), (("_flt_1_due_at", "now"), *UNDER_WAY, *SOONEST), _("Nothing is late.")),
        Preset(
            "unassigned",
            _("Nobody's yet"),
            (("_flt_0_assignee", "none"), *UNDER_WAY, *SOONEST),
            _("Every open ticket is in somebody's hands."),
        ),
        Preset(
            "urged",
            _("Asked about again"),
            (("_flt_0_urged_count", "1"), *UNDER_WAY, ("_oc_TicketView", "urged_at"), ("_od_TicketView", "desc")),
            _("Nobody has asked again."),
        ),
        Preset("complaints", _("Complaints"), (("_flt_0_kind", "complaint"),), _("There are no complaints.")),
    )
    text_filters = {"title": title_words}
    empty_hint = _("A ticket is made by every call to the hotline, at the desk and by the households themselves.")
    related = ((ClockView, "ticket"), (ReturnVisitView, "ticket"))

    def leads(self) -> bool:
        """To the ticket's own page, where the steps are."""
        return may("can_view", "TicketPage")

    def row_href(self, item: Any) -> str | None:
        """The ticket's page."""
        return ticket_page(item.number)

    def quick_condition(self, words: str) -> ColumnElement[bool]:
        """A number finds the ticket with it, anything else the titles that hold it: each by an index of its own."""
        if words.isascii() and words.isdecimal() and len(words) >= SHORTEST_NUMBER:
            return Ticket.number == words if len(words) == LONGEST_NUMBER else number_begins(words)
        return title_holds(db.session(), words)

    def heading(self, item: Any) -> str:
        """Its number."""
        return str(item.number)

    def row_class(self, item: Any) -> str:
        """An open emergency is marked."""
        alarm = item.priority == "emergency" and item.closed_at is None and item.done_at is None
        return ' class="is-alarm"' if alarm and item.state != "cancelled" else ""


class CategoryWordView(ModelPage):
    """The words by which hotline, text messages and desk tell what a matter is about and how urgent it is (D3)."""

    datamodel = RowInterface(CategoryWord)
    title, singular = _("Words that decide"), _("Word")
    list_columns = show_columns = ["word", "category", "priority", "active"]
    search_columns = ["word", "category", "priority", "active"]
    quick_columns = ["word"]
    add_columns = edit_columns = ["word", "category", "priority", "active"]
    order_columns = ["word", "priority", "id"]
    families = {"priority": "priority"}
    labels = {"word": _("Word"), "priority": _("Urgency")}
    form_groups = ((_("When somebody says"), ("word",)), (_("then it is"), ("category", "priority", "active")))
    help = {
        "word": _(
            "As people say it, such as 漏水 or no water. Of several words in a sentence the longest decides the category."
        ),
        "priority": _(
            "Empty: as the category says. The most urgent word of a repair decides; emergency rings the duty roster at once."
        ),
        "active": _("A word out of use is not listened for any more."),
    }
    blames = {
        "Write the word.": "word",
        "A single character would ring the duty roster far too often: write at least two.": "word",
    }
    switches = {"active": (_("In use"), _("Not in use"))}
    base_order = ("word", "asc")
    empty_hint = _("The words come with the reference data: `flask seed`.")

    def save(self, session: Session, item: Any, values: dict[str, Any], actor: Actor) -> None:
        """A word has no blanks around it and is long enough not to ring by mistake."""
        word = " ".join(str(values.get("word") or "").split())
        if not word:
            raise Invalid(N_("Write the word."))
        if len(word) < 2 and values.get("priority") == Priority.EMERGENCY:
            raise Invalid(N_("A single character would ring the duty roster far too often: write at least two."))
        super().save(session, item, values | {"word": word}, actor)


class CategoryView(ModelPage):
    """What matters are about, and which department they go to."""

    datamodel = RowInterface(Category)
    title, singular = _("Categories"), _("Category")
    list_columns = ["name", "name_en", "code", "department", "default_priority", "active"]
    show_columns = [
        "name",
        "name_en",
        "code",
        "department",
        "skill",
        "default_priority",
        "photo_after",
        "needs_acceptance",
        "active",
    ]
    search_columns = ["name", "department", "skill", "active"]
    edit_columns = [*show_columns[:2], *show_columns[3:], "position"]
    add_columns = ["code", *edit_columns]
    order_columns = ["position", "name", "code", "id"]
    families = {"default_priority": "priority"}
    form_groups = (
        (_("The category"), ("code", "name", "name_en")),
        (_("Where its matters go"), ("department", "skill", "default_priority")),
        (_("Before the work counts as done"), ("photo_after", "needs_acceptance")),
        (_("In lists"), ("active", "position")),
    )
    help = {
        "code": _("A short English word, such as water. It never changes afterwards."),
        "department": _("New tickets of this category are dispatched there."),
        "skill": _("Only who has it gets the work by the rule or may take it. Empty: anybody of the department."),
        "default_priority": _("Unless the desk says otherwise."),
        "photo_after": _("The work is finished only with a photo that shows it afterwards."),
        "needs_acceptance": _(
            "A named person accepts the work before it is done, also where one department did it alone. Work that crosses "
            "departments is always accepted."
        ),
        "active": _("A category out of use is not offered any more; its tickets stay."),
        "position": _("Smaller numbers come first in lists."),
    }
    switches = {
        "active": (_("In use"), _("Not in use")),
        "photo_after": (_("Photo owed"), _("No photo owed")),
        "needs_acceptance": (_("Is accepted"), _("Only across departments")),
    }
    labels = {
        "skill": _("Skill it needs"),
        "photo_after": _("Photo of the finished work"),
        "needs_acceptance": _("Acceptance of the work"),
    }
    related = ((CategoryWordView, "category"),)
    base_order = ("position", "asc")
