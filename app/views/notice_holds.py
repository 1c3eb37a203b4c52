"""Two people at one draft of a notice: whoever saves or sends second is told what the first one changed."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from flask import request
from flask_babel import gettext
from flask_babel import lazy_gettext as _
from sqlalchemy.orm import Session

from app.adapters.clock import now
from app.errors import N_, Refused
from app.models import Campaign
from app.views.base.versions import FIELD, MOST_TOLD, compare, hold_against, marks_of, plain, seen_of, unpack

_DRAFT = {
    "title": _("Heading"),
    "title_en": _("Heading in English"),
    "text_zh": _("Text in Chinese"),
    "text_en": _("Text in English"),
    "places": _("Buildings"),
    "ways": _("Ways"),
}
_TOLD_BY_NAME = ("places", "ways")
"""Ticked, not written: the draft's page shows them."""


def draft_of(campaign: Campaign) -> dict[str, Any]:
    """A draft as its form shows it."""
    ways = [way for way in ("voice", "sms", "web") if getattr(campaign, f"by_{way}")]
    places = [f"u{place.unit_id}" if place.unit_id else f"b{place.building_id}" for place in campaign.places]
    return {name: getattr(campaign, name) for name in _DRAFT if name not in _TOLD_BY_NAME} | {
        "ways": ways,
        "places": places,
    }


def seen(campaign: Campaign | None) -> str:
    """The hidden field of a page that shows this draft; nothing for a form of something new."""
    return seen_of(marks_of(_plain(draft_of(campaign))), now()) if campaign else ""


def hold_draft(session: Session, campaign: Campaign, sent: Mapping[str, Any]) -> None:
    """Raises MeanwhileError when somebody else has changed the draft since the sent form was opened."""
    session.refresh(campaign, with_for_update={"of": Campaign})
    present = _plain(draft_of(campaign))

    def told(name: str) -> str:
        if name in _TOLD_BY_NAME:
            return gettext("changed: %(what)s", what=_DRAFT[name])
        return f"{_DRAFT[name]}: {present[name][:MOST_TOLD]}"

    hold_against(marks_of(present), marks_of(_plain({name: sent.get(name, "") for name in _DRAFT})), told)


def hold_sending(session: Session, campaign: Campaign) -> None:
    """Raises Refused when the draft is not what the sender's page showed: nobody sends what they have not read."""
    session.refresh(campaign, with_for_update={"of": Campaign})
    changed = compare(unpack(request.form.get(FIELD)), marks_of(_plain(draft_of(campaign))), {})
    if changed:
        changes = gettext("; ").join(str(_DRAFT[name]) for name in changed)
        raise Refused(
            N_("Somebody else has changed this notice meanwhile (%(changes)s): read it once more before you send it."),
            changes=changes,
        )


def _plain(shown: Mapping[str, Any]) -> dict[str, str]:
    return {name: plain(value) for name, value in shown.items()}
