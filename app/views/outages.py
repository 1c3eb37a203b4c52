"""Announced outages: what callers of the buildings hear first, announced and ended by the desk."""

from __future__ import annotations

from typing import Any

from flask import abort, flash, redirect
from flask_babel import gettext, ngettext
from flask_babel import lazy_gettext as _
from sqlalchemy import select
from sqlalchemy.orm import Session

from app.adapters.clock import now
from app.errors import N_, Invalid, LinliError
from app.extensions import db
from app.models import Campaign, Outage
from app.services import outage_history, outage_texts, outage_watch, outages
from app.services.access import rows
from app.services.actors import Actor
from app.services.policies import hours
from app.services.ticket_timeline import Happening
from app.services.transaction import transaction
from app.views.base import BasePage, expose, has_access, permission_name, sentence
from app.views.base.model_page import ModelPage
from app.views.base.rows import RowInterface
from app.views.outage_words import outage_line, with_details
from app.views.permitted import may
from app.views.timeline_words import Line


class OutageView(ModelPage):
    """An outage greets callers of its buildings before the menu, links their calls, and texts whoever asked when it is over."""

    datamodel = RowInterface(Outage)
    title, singular = _("Announced outages"), _("Announced outage")
    has_name = False
    list_columns = ["kind", "text_zh", "buildings", "starts_at", "ends_at", "ended_at"]
    show_columns = [
        "kind", "community", "buildings", "text_zh", "text_en", "starts_at", "ends_at", "tell", "ended_at", "announced_by",
    ]  # fmt: skip
    search_columns = ["kind", "starts_at", "ended_at", "community"]
    row_columns = ["ends_at", "ended_at"]
    order_columns = ["starts_at", "ends_at", "ended_at", "kind", "id"]
    add_columns = ["community", "buildings", "kind", "text_zh", "text_en", "starts_at", "ends_at", "tell"]
    edit_columns = ["buildings", "kind", "text_zh", "text_en", "starts_at", "ends_at", "tell"]
    families = {"kind": "outage_kind", "tell": "outage_tell"}
    labels = {
        "kind": _("What is out"),
        "text_zh": _("What callers hear"),
        "text_en": _("What callers hear in English"),
        "starts_at": _("From"),
        "ends_at": _("Expected until"),
        "ended_at": _("Over since"),
        "announced_by": _("Announced by"),
        "tell": _("Tell the households by text message"),
    }
    card = ["text_zh", "starts_at", "ends_at"]
    form_groups = (
        (_("Which houses"), ("community", "buildings")),
        (_("What is out"), ("kind", "text_zh", "text_en")),
        (_("From when until when"), ("starts_at", "ends_at")),
        (_("Of its own accord"), ("tell",)),
    )
    help = {
        "buildings": _("None: all buildings of the community."),
        "text_zh": _(
            "One or two sentences in Chinese, read out as they stand: which houses, what happened, until when."
        ),
        "text_en": _("Callers who chose English hear this; without it, the Chinese."),
        "tell": _(
            "One person of each household of the buildings gets it, if they want notices. When times or buildings change they are told"
            " again; a danger reaches every mobile number, also at night."
        ),
        "ends_at": _("Callers are told. It is over only when you say so, with the button on its page."),
    }
    blames = {
        "The end lies before the start.": "ends_at",
        "Choose buildings of this community.": "buildings",
        "Write what callers hear.": "text_zh",
        "At most 300 characters: callers must get to the menu.": "text_zh",
        "At once and at any hour is for danger: whoever is on duty, or leads the centre, chooses it. Choose within the hours.": "tell",
    }
    empty_hint = _("Announce an outage before the telephone rings: callers of its buildings hear of it first.")
    base_order = ("starts_at", "desc")
    show_template = "outages/show.html"

    def save(self, session: Session, item: Any, values: dict[str, Any], actor: Actor) -> None:
        """Its buildings are the community's; who announced it and when is kept."""
        buildings, at = values.pop("buildings", None), now()
        text = " ".join(str(values.get("text_zh") or "").split())
        if not text:
            raise Invalid(N_("Write what callers hear."))
        if len(text) > 300 or len(str(values.get("text_en") or "")) > 600:
            raise Invalid(N_("At most 300 characters: callers must get to the menu."))
        values |= {"text_zh": text, "text_en": " ".join(str(values.get("text_en") or "").split())}
        if item.announced_at is None:
            values |= {"announced_at": at, "announced_by": actor.display_name[:80]}
        super().save(session, item, values, actor)
        chosen = [each.id for each in item.buildings] if buildings is None else buildings
        outages.announce(session, item, chosen, actor, at)

    def told(self, item: Outage) -> tuple[int, int]:
        """(calls told, numbers that wait for the end)."""
        return outages.waiting_for(db.session(), item)

    def suggested(self) -> dict[str, Any]:
        """Nobody is written to unless somebody chooses so."""
        return {"tell": "no"}

    def texted(self, item: Outage) -> Campaign | None:
        """The texts that were planned last."""
        return outage_texts.latest(db.session(), item)

    def history(self, item: Outage) -> list[Line]:
        """What was announced, changed and ended, the latest first."""
        happened = [
            Happening("outage", one.id, one.at, one.verb, one.actor_name, None, None, "", one.data)
            for one in outage_history.entries(db.session(), item.id)
        ]
        return [with_details(outage_line(one)) for one in happened]

    def overdue(self, item: Outage) -> bool:
        """Whether it should be over, by its expected end or its age."""
        wanted = outage_watch.overdue(now(), hours(db.session(), "outage.ask_hours"))
        return db.session().scalar(select(Outage.id).where(Outage.id == item.id, wanted)) is not None

    def row_class(self, item: Any) -> str:
        """One past its expected end is marked."""
        late = item.ended_at is None and item.ends_at is not None and item.ends_at <= now()
        return ' class="is-alarm"' if late else ""

    def may_end(self, item: Outage) -> bool:
        """Whether the reader may say that it is over."""
        return item.ended_at is None and may("can_end", "OutagePage")


class OutagePage(BasePage):
    """`/outage/<id>/end`: it is over."""

    route_base = "/outage"

    @expose("/<int:outage_id>/end", methods=["POST"])
    @has_access
    @permission_name("end")
    def end(self, outage_id: int) -> Any:
        """Tell whoever asked for it; a second press is told that it is over already."""
        actor = self.actor()
        try:
            with transaction() as session:
                wanted = (Outage.id == outage_id, rows(actor, Outage))
                outage = session.scalars(select(Outage).where(*wanted)).one_or_none()
                if outage is None:
                    abort(404)
                count = outages.end(session, outage, actor, now())
        except LinliError as error:
            flash(sentence(error), "danger")
        else:
            said = ngettext("%(num)d text message is on its way.", "%(num)d text messages are on their way.", count)
            flash(" ".join((gettext("It is over: callers are not greeted with it any more."), said)), "success")
        return redirect(f"/outageview/show/{outage_id}")
