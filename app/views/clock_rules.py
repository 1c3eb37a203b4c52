"""The clock rules (D4): each in a sentence, the default where none speaks, and which of them a given matter would get."""

from __future__ import annotations

from typing import Any

from flask import request
from flask_babel import lazy_gettext as _
from sqlalchemy.orm import Session

from app.adapters.clock import now
from app.errors import LinliError
from app.extensions import db
from app.models import ClockPolicy
from app.rules.calendars import decree_known
from app.rules.clock_policies import WARN_PERCENT, Matter
from app.rules.codes import CalendarName, Channel, Grade, Kind, Priority, Validity
from app.services import clock_rules
from app.services.actors import Actor
from app.services.ticket_input import choice
from app.views import clock_words as words
from app.views.base import BasePage, expose, has_access, permission_name, sentence
from app.views.base.local import local
from app.views.base.model_page import ModelPage
from app.views.base.rows import RowInterface
from app.views.labels import choices, code_label


def _clock_choices() -> list[tuple[str, Any]]:
    return [(name, code_label("clock_name", name)) for name in clock_rules.NAMES]


class ClockPolicyView(ModelPage):
    """Which clock a ticket gets and how long it runs; empty columns match everything, the most specific row wins (D4)."""

    datamodel = RowInterface(ClockPolicy)
    title, singular = _("Clock rules"), _("Clock rule")
    has_name = False
    list_columns = [
        "name",
        "starts_when",
        "kind",
        "priority",
        "validity",
        "grade",
        "channel",
        "category_code",
        "minutes",
        "calendar",
        "active",
    ]
    show_columns = [
        "name",
        "kind",
        "priority",
        "category_code",
        "channel",
        "validity",
        "grade",
        "starts_when",
        "minutes",
        "calendar",
        "warn_percent",
        "active",
        "source",
    ]
    search_columns = ["name", "kind", "priority", "channel", "active"]
    order_columns = ["name", "kind", "minutes", "id"]
    add_columns = edit_columns = [
        "name",
        "starts_when",
        "kind",
        "priority",
        "category_code",
        "channel",
        "validity",
        "grade",
        "minutes",
        "ends_same_day",
        "calendar",
        "warn_percent",
        "active",
    ]
    families = {
        "name": "clock_name",
        "kind": "kind",
        "priority": "priority",
        "grade": "grade",
        "validity": "validity",
        "channel": "channel",
        "starts_when": "clock_start",
    }
    labels = {"name": _("Clock"), "category_code": _("Category")}
    options = {
        "name": _clock_choices,
        "calendar": words.calendar_choices,
        "category_code": words.category_choices,
    }
    texts = {
        "minutes": words.length_words,
        "calendar": lambda rule: words.calendar_name(rule.calendar),
        "category_code": lambda rule: words.category_names().get(rule.category_code, rule.category_code or ""),
    }
    form_groups = (
        (_("Which clock"), ("name", "starts_when")),
        (_("Which matters it speaks of"), ("kind", "priority", "category_code", "channel", "validity", "grade")),
        (_("How long it runs"), ("minutes", "ends_same_day", "calendar")),
        (_("Warning and use"), ("warn_percent", "active")),
    )
    form_lead = _("What is left open matches everything. Of several rules for one clock the one that says most wins.")
    help = {
        "name": _("What must have happened in time."),
        "validity": _("Only of complaints, and only once it has been found."),
        "grade": _("Only of complaints, and only once it has been found."),
        "minutes": _("60 are an hour, 1440 a day. Running clocks keep the length they were started with."),
        "ends_same_day": _("Ends at 24:00 of the day it starts; minutes are then not needed."),
        "calendar": _("The hours in which its time counts. Waiting is measured in the same hours."),
        "warn_percent": _("After this part of the time whoever is responsible is warned."),
        "active": _("A rule out of use starts no new clocks."),
    }
    blames = {
        "Give minutes, or let the clock end with the day.": "minutes",
        "Warn after 1 to 100 percent of the time.": "warn_percent",
        "There is no such calendar.": "calendar",
        "There is no such category.": "category_code",
        "Only a complaint gets a finding: choose complaints, or leave the kind open.": "kind",
        "A finding comes after the registration: let the clock start with the finding.": "starts_when",
        "The work is finished then: this clock would never be answered.": "starts_when",
    }
    switches = {
        "ends_same_day": (_("Ends with the day"), _("Runs for the minutes given")),
        "active": (_("In use"), _("Not in use")),
    }
    base_order = ("id", "asc")

    def suggested(self) -> dict[str, Any]:
        """A rule counts round the clock and warns as all do."""
        return {"calendar": CalendarName.ALWAYS, "warn_percent": WARN_PERCENT, "active": True}

    def heading(self, item: Any) -> str:
        """What the rule is about."""
        return f"{code_label('clock_name', item.name)} · {words.applies_to(item)}"

    def save(self, session: Session, item: Any, values: dict[str, Any], actor: Actor) -> None:
        """A rule that makes sense, and of which there is no second."""
        clock_rules.check(session, values, item.id)
        super().save(session, item, values, actor)


class ClockPage(BasePage):
    """`/clocks/`: the rules as one reads them."""

    route_base = "/clocks"
    default_view = "overview"

    @expose("/")
    @has_access
    @permission_name("view")
    def overview(self) -> Any:
        """Every rule in a sentence by its clock, the default as such; `?kind=…` and so on: what such a matter would get."""
        self.actor()
        session = db.session()
        asked, error, found = request.args.to_dict(), "", None
        if "kind" in asked:
            try:
                found = clock_rules.speaking(session, _matter(asked))
            except LinliError as refusal:
                error = sentence(refusal)
        year = local(now()).year
        return self.render_template(
            "clocks/rules.html",
            groups=clock_rules.groups(session),
            words=words,
            asked=asked,
            error=error,
            found=found,
            families={
                "kind": choices("kind"),
                "priority": choices("priority"),
                "channel": choices("channel"),
                "validity": choices("validity"),
                "grade": choices("grade"),
            },
            categories=words.category_choices(),
            undecreed=None if decree_known(year) else year,
        )


def _matter(asked: dict[str, str]) -> Matter:
    category = asked.get("category_code") or None
    return Matter(
        kind=choice(asked.get("kind"), Kind, default=Kind.REPAIR) or Kind.REPAIR,
        channel=choice(asked.get("channel"), Channel, default=Channel.HOTLINE) or Channel.HOTLINE,
        priority=choice(asked.get("priority"), Priority, default=Priority.NORMAL) or Priority.NORMAL,
        validity=choice(asked.get("validity"), Validity),
        grade=choice(asked.get("grade"), Grade),
        category_code=category if category in words.category_names() else None,
    )
