"""Announced outages and wishes about calls and texts in words, for the duty record and the outage's page."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime
from typing import Any

from flask_babel import gettext
from flask_babel import lazy_gettext as _

from app.services.names import is_english
from app.services.ticket_timeline import Happening
from app.services.wishes import TEXTS
from app.views.base.local import local_text
from app.views.labels import code_label
from app.views.timeline_words import Line

DID = {
    "announced": _("Outage announced"),
    "changed": _("Announced outage changed"),
    "ended": _("Announced outage over"),
}
_TONES = {"announced": "warn", "changed": "warn", "ended": "good"}


def outage_line(what: Happening) -> Line:
    """What was announced, changed or ended, as it was said then."""
    said = what.data.get("said", {})
    did = str(DID.get(what.code, what.code))
    title = f"{did}{gettext(': ')}{code_label('outage_kind', said.get('kind'))}"
    text = (said.get("text_en") if is_english() else "") or said.get("text_zh", "")
    return Line(
        what.at,
        "check" if what.code == "ended" else "alert",
        _TONES.get(what.code, "calm"),
        title,
        what.who,
        text,
        None,
        _details(what, said),
    )


def with_details(made: Line) -> Line:
    """The line with its details as the last of its words, for a page that shows no details by themselves."""
    told = [gettext("%(label)s: %(value)s", label=label, value=value) for label, value in made.details if value]
    return replace(made, text=" ".join(part for part in (made.text, gettext("; ").join(told)) if part), details=[])


def _details(what: Happening, said: Mapping[str, Any]) -> list[tuple[str, str]]:
    if what.code == "ended":
        texts = what.data.get("texts", 0)
        return [(gettext("Told by text message"), str(texts))] if texts else []
    buildings = gettext(", ").join(said.get("buildings", [])) or gettext("all of the community")
    return [
        (gettext("Buildings"), buildings),
        (gettext("From"), _moment(said.get("starts_at"))),
        (gettext("Expected until"), _moment(said.get("ends_at")) or gettext("not known")),
        (
            gettext("Told by text message"),
            code_label("outage_tell", said["tell"]) if said.get("tell", "no") != "no" else "",
        ),
    ]


def _moment(text: str | None) -> str:
    return local_text(datetime.fromisoformat(text)) if text else ""


def wish_line(what: Happening) -> Line:
    """Which calls or texts a number wants, or none any more, and how it was said."""
    wanted = what.after == "wanted"
    if what.code == TEXTS:
        title = gettext("Wants text messages again") if wanted else gettext("Wants no more text messages")
    else:
        title = gettext("Wants automatic calls and texts again") if wanted else gettext("Wants no more automatic calls")
        title = f"{title}{gettext(': ')}{code_label('outreach', what.code)}"
    who = f"{what.who} {what.text}".strip()
    return Line(what.at, "chat", "calm", title, who, "", None, [(gettext("How"), code_label("wish_way", what.before))])
