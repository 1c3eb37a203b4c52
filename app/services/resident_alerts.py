"""Residents are alerted at one press (D7): evacuate or stay clear, by call, text and web, at any hour and beyond any share."""

from __future__ import annotations

from datetime import datetime

from flask_babel import force_locale, gettext
from sqlalchemy import select
from sqlalchemy.orm import Session

from app.errors import N_, Forbidden, Refused
from app.models import Campaign, CampaignPlace, House, Ticket
from app.rules import spoken
from app.rules.codes import OPEN_STATES, CampaignState, Outreach, Priority, Role
from app.services import notices, roster
from app.services.actors import Actor
from app.services.spoken_lines import house_locale
from app.services.tickets import add_entry

IN_CHARGE = (Role.ADMIN, Role.MANAGER, Role.DEPUTY, Role.SUPERVISOR)
TITLES = {"evacuate": N_("Leave the building at once"), "stay_clear": N_("Keep away")}
TEXTS = {
    "evacuate": N_(
        "Emergency at %(place)s. Leave the building at once by the stairs. Do not use the lifts. Help those who need help."
    ),
    "stay_clear": N_("Emergency at %(place)s. Keep away from there and leave the way free for the rescuers."),
}


def may_alert(session: Session, ticket: Ticket, actor: Actor, now: datetime) -> bool:
    """The person in charge: who has the emergency in hand, who is on duty now, or management."""
    in_hand = actor.staff_id is not None and actor.staff_id == ticket.assignee_id
    return in_hand or in_charge(session, ticket.community_id, actor, now)


def in_charge(session: Session, community_id: int, actor: Actor, now: datetime) -> bool:
    """Whoever is on duty in a community now, or leads the centre."""
    if actor.is_system or actor.has(*IN_CHARGE):
        return True
    return actor.staff_id is not None and actor.staff_id in {
        rung.staff_id for rung in roster.ladder(session, community_id, now)
    }


def is_open(ticket: Ticket) -> bool:
    """Whether this is an emergency somebody could still be in danger of."""
    return ticket.priority == Priority.EMERGENCY and ticket.state in OPEN_STATES


def draft(session: Session, ticket: Ticket, what: str, chosen: list[str], now: datetime) -> Campaign:
    """The alert as it would go out, not stored: texts in both languages, the places chosen, every way there is."""
    words = {}
    for locale in ("zh", "en"):
        with force_locale(locale):
            words[locale] = (gettext(TITLES[what]), gettext(TEXTS[what], place=_place(ticket, locale)))
    return Campaign(
        key=f"alert:{ticket.id}:{what}:{now:%Y%m%d%H%M%S%f}",
        community_id=ticket.community_id,
        purpose=Outreach.ALERT,
        title=words["zh"][0],
        title_en=words["en"][0],
        text_zh=words["zh"][1],
        text_en=words["en"][1],
        by_voice=True,
        by_sms=True,
        by_web=True,
        state=CampaignState.DRAFT,
        ticket_id=ticket.id,
        created_at=now,
        places=[
            CampaignPlace(building_id=b, unit_id=u) for b, u in notices.places_of(session, ticket.community_id, chosen)
        ],
    )


def send(session: Session, ticket: Ticket, what: str, chosen: list[str], actor: Actor, now: datetime) -> Campaign:
    """Alert them now. Raises Forbidden for who is not in charge, Refused when there is no emergency or no place."""
    if not may_alert(session, ticket, actor, now):
        raise Forbidden(N_("Residents are alerted by who has the emergency in hand, is on duty, or leads the centre."))
    if not is_open(ticket):
        raise Refused(N_("This is no open emergency: write a notice instead."))
    campaign = draft(session, ticket, what, chosen, now)
    if not campaign.places:
        raise Refused(N_("Choose at least one building or unit."))
    campaign.creator_id, campaign.creator_name = actor.user_id, actor.display_name
    session.add(campaign)
    session.flush()
    count = notices.send(session, campaign, now)
    with force_locale(house_locale()):
        told = gettext(TITLES[what])
        note = gettext("Residents are alerted (%(what)s): %(count)s calls and texts.", what=told, count=count)
    add_entry(session, ticket, "note", actor, now, before=ticket.state, note=note)
    return campaign


def _place(ticket: Ticket, locale: str) -> str:
    """Where it is, in a language: the building, else the place that was named, else the estate."""
    english = locale == "en"
    if ticket.building is not None:
        return spoken.house(ticket.building.number, "", "", "en") if english else ticket.building.name
    community = ticket.community
    return ticket.place or ((community.name_en or community.name) if english else community.name)


def building_of(session: Session, ticket: Ticket) -> str | None:
    """The mark of the building the emergency is in."""
    if ticket.building_id is not None:
        return f"b{ticket.building_id}"
    if ticket.house_id is None:
        return None
    return f"b{session.scalar(select(House.building_id).where(House.id == ticket.house_id))}"
