"""The jobs of what leaves the house: the outbox and the emergency ladder. Each owns its transactions."""

from datetime import datetime

from flask import current_app

from app.adapters.carrier import carrier_for
from app.adapters.outgoing import channels
from app.services.escalation_dial import tick
from app.services.outbox_delivery import deliver_due
from app.services.transaction import transaction


def outbox(now: datetime) -> dict[str, int]:
    """Send every message that is due, and look into those whose hand-over was never answered. Counts by state."""
    return deliver_due(transaction, channels(current_app.extensions["settings"]), now)


def ladder(now: datetime) -> dict[str, int]:
    """Move every emergency that is due: ring the next, hang up what rings in vain."""
    settings = current_app.extensions["settings"]
    return tick(transaction, carrier_for(settings, "outbound"), settings.public_base_url, now)
