"""`/owner/`: a household's own pages, made for a telephone (D15: own rows only). Here: home, "more", the choice of a house."""

from __future__ import annotations

from typing import Any

from flask import redirect, request
from flask import session as browser

from app.adapters.clock import now
from app.extensions import db
from app.rules.household import station
from app.services import household, own_file, owner_bills, owner_matters, survey_own
from app.views.base import expose, has_access, local, permission_name
from app.views.base.rows import as_id
from app.views.owner_base import CHOSEN, OwnerBase
from app.views.owner_words import state_words
from app.views.survey_words import own


class OwnerPage(OwnerBase):
    """The first page of owners and residents."""

    default_view = "index"

    @expose("/")
    @has_access
    @permission_name("view")
    def index(self) -> Any:
        """What needs the household now, its open matters, the latest report."""
        session, actor, frame, at = db.session(), self.actor(), self.frame(), now()
        chosen = frame.chosen.id if frame.chosen else None
        found = owner_matters.matters(session, actor, frame.house_ids if chosen else None)
        today = local(at).date()
        return self.page(
            "owner/index.html",
            frame=frame,
            matters=found,
            to_rate=[ticket for ticket in found.finished if ticket.state == "done"][:3],
            appointments=_appointments(found.open, today),
            owed=owner_bills.owed(session, actor, chosen),
            today=today,
            surveys=survey_own.open_for(session, actor),
            report=next(iter(household.reports(session, actor, 1)), None),
            station=station,
            own_words=own,
            state_words=state_words,
            promised=owner_matters.promised,
        )

    @expose("/more")
    @has_access
    @permission_name("view")
    def more(self) -> Any:
        """Everything that has no tab of its own."""
        return self.page("owner/more.html", tab="more")

    @expose("/privacy")
    @has_access
    @permission_name("view")
    def privacy(self) -> Any:
        """Who may see what of a household, in plain words."""
        return self.page("owner/privacy.html", tab="more", readings=own_file.readings(db.session(), self.actor()))

    @expose("/house/choose", methods=["POST"])
    @has_access
    @permission_name("view")
    def choose(self) -> Any:
        """Look at one house, or at all of them."""
        wanted = as_id(request.form.get("house_id", ""))
        if wanted is not None and wanted in self.actor().house_ids:
            browser[CHOSEN] = wanted
        else:
            browser.pop(CHOSEN, None)
        return redirect("/owner/")


def _appointments(tickets: list[Any], today: Any) -> list[tuple[Any, Any]]:
    """Times that were named to the household and come today or tomorrow, the next first."""
    named = []
    for ticket in tickets:
        when = owner_matters.promised(ticket) or (ticket.waiting_until if ticket.state == "waiting" else None)
        if when is not None and 0 <= (local(when).date() - today).days <= 1:
            named.append((when, ticket))
    return sorted(named, key=lambda pair: pair[0])[:3]
