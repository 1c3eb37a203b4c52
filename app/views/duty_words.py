"""What was done to a roster or a handover, in words."""

from __future__ import annotations

from flask_babel import gettext
from flask_babel import lazy_gettext as _

from app.models import DutyEntry
from app.views.base.local import local
from app.views.duty_forms import hours
from app.views.labels import code_label

DID = {
    "rotation_added": _("Rotation made"),
    "rotation_changed": _("Rotation changed"),
    "rotation_ended": _("Rotation ended"),
    "override_added": _("Put on duty in another's place"),
    "override_removed": _("Override taken back"),
    "shift_added": _("Shift put on the roster"),
    "shift_changed": _("Shift changed"),
    "swap_asked": _("Swap asked"),
    "swap_accepted": _("Swap accepted"),
    "swap_declined": _("Swap declined"),
    "swap_withdrawn": _("Swap withdrawn"),
    "loan_out": _("Lent out"),
    "loan_prolonged": _("Lent for longer"),
    "loan_back": _("Back from a loan"),
    "handover_made": _("Handover written"),
    "handover_remark": _("Remark on the handover"),
    "handover_signed": _("Handover signed"),
    "handover_void": _("Handover void: the roster was changed"),
    "handover_late": _("Manager told: handover not signed"),
}


def actor_words(name: str) -> str:
    """Who did it; the house itself in words."""
    return gettext("by itself") if name in ("handover", "check_in") else name


def entry_title(entry: DutyEntry) -> str:
    """What was done."""
    return str(DID.get(entry.verb, entry.verb.replace("_", " ")))


def entry_words(entry: DutyEntry) -> str:
    """With which duty, whose shift, to whom, which hours, and what was said."""
    parts = [entry_title(entry)]
    if entry.tier:
        parts.append(code_label("tier", entry.tier))
    if entry.staff and entry.other:
        parts.append(gettext("%(one)s → %(other)s", one=entry.staff.name, other=entry.other.name))
    elif entry.staff:
        parts.append(entry.staff.name)
    if entry.starts_at and entry.ends_at:
        parts.append(f"{local(entry.starts_at):%m-%d} {hours(entry.starts_at, entry.ends_at)}")
    if entry.note:
        parts.append(entry.note)
    return " · ".join(parts)
