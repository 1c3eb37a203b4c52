"""The lines of what the work cost, in words."""

from __future__ import annotations

from typing import Any

from flask_babel import gettext

from app.models import TicketCost
from app.rules.ticket_costs import standing
from app.services.single_bills import number
from app.services.ticket_costs import facts_of
from app.views.labels import code_label
from app.views.look import Look


def cost_name(line: TicketCost) -> str:
    """What a line is for, in the reader's language."""
    english = Look().locale == "en" and line.what_en
    return str(english or line.what or code_label("cost_kind", line.kind))


def cost_amount(line: TicketCost) -> str:
    """How much of it: `3 个`, `45 min`."""
    if line.quantity is None:
        return gettext("%(num)s min", num=line.minutes)
    unit = (Look().locale == "en" and line.unit_en) or line.unit
    return f"{line.quantity.normalize():f} {unit}".strip()


def cost_standing(line: TicketCost) -> str:
    """How far a line of the household has come (`cost_standing`); nothing of other lines."""
    return standing(facts_of(line)) or ""


TONES = {"to_agree": "warn", "agreed": "good", "billed": "warn", "paid": "good", "charged": "good"}

WORDS: dict[str, Any] = {
    "cost_name": cost_name,
    "cost_amount": cost_amount,
    "cost_standing": cost_standing,
    "standing_tones": TONES,
    "bill_number": number,
}
"""For every template that shows lines."""
