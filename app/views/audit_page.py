"""The audit trail (D2, D15): who logged in, read, heard, exported, changed a price or figure. Read here, changed nowhere."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from flask import url_for
from flask_babel import gettext
from flask_babel import lazy_gettext as _

from app.extensions import appbuilder
from app.models import AccessEntry
from app.rules.codes import AccessAction
from app.rules.policy_figures import FIGURES
from app.services.edit_changes import ANSWER, CHECK_IN, PLAN, ROTATION
from app.services.rule_changes import FIGURE, REASON
from app.views.base.cells import show
from app.views.base.model_page import ModelPage
from app.views.base.rows import RowInterface
from app.views.check_in_words import FIELDS as CHECK_IN_FIELDS
from app.views.column_labels import COLUMN_LABELS
from app.views.knowledge_words import FIELDS as ANSWER_FIELDS
from app.views.permitted import may
from app.views.plan_words import WHAT as PLAN_PARTS
from app.views.settings import shown_figure


@dataclass(frozen=True)
class Record:
    """A kind of record without a table's page: its name, where it stands, the words of its fields and their codes."""

    name: Any
    view: str
    method: str
    fields: Mapping[str, Any]
    families: Mapping[str, str]


RECORDS = {
    ROTATION: Record(
        _("Rotation"), "DutyRotationPage", "edit",
        {
            "days": _("Days"), "days_off": _("Days off"), "days_on": _("Days on"), "handoffs": _("Hours of handover"),
            "number": _("Telephone number"), "pattern": _("The next person comes"), "people": _("Who, in which order"),
            "starts_on": _("The first person begins on"), "until": _("The last shift ends at"),
        },
        {"tier": "tier", "pattern": "rotation_pattern", "days": "duty_days"},
    ),
    CHECK_IN: Record(
        _("Check-in calls"), "CheckInPage", "show",
        {**CHECK_IN_FIELDS, "paused_from": _("Away from"), "paused_until": _("Away until")}, {},
    ),
    PLAN: Record(
        _("Emergency plan"), "PlanPage", "show",
        {**PLAN_PARTS, "steps": _("Steps"), "numbers": _("Telephone numbers"), "things": _("Things to fetch")},
        {},
    ),
    ANSWER: Record(
        _("Standard answer"), "KnowledgePage", "show",
        {
            **ANSWER_FIELDS, "change_note": _("What has changed"), "is_public": _("Owners and residents may read it, too"),
            "valid_from": _("Valid from"), "valid_until": _("Valid until"),
        },
        {},
    ),
}  # fmt: skip


def _page_of(kind: str | None) -> ModelPage | None:
    """The table's page whose rows entries of this kind are about."""
    pages = (view for view in appbuilder.baseviews if isinstance(view, ModelPage) and view.show_columns)
    return next((view for view in pages if view.datamodel.obj.__tablename__ == kind), None)


def _subject_href(entry: AccessEntry) -> str | None:
    """Where what it was about stands, for readers who may open it."""
    if entry.subject_kind == FIGURE:
        return url_for("SettingView.list", _anchor=entry.subject) if may("can_list", "SettingView") else None
    if (record := RECORDS.get(entry.subject_kind or "")) and entry.changes:
        may_open = entry.subject_id and may("can_change" if record.method == "edit" else "can_view", record.view)
        return url_for(f"{record.view}.{record.method}", pk=entry.subject_id) if may_open else None
    page = _page_of(entry.subject_kind) if entry.changes else None
    ways = {"person": "PersonView", "user": "UserView", "role": "RoleView"}
    view = page.endpoint if page else ways.get(entry.subject_kind or "")
    if not view or not entry.subject_id or not may("can_show", view):
        return None
    return url_for(f"{view}.show", pk=entry.subject_id)


def _subject(entry: AccessEntry) -> str:
    """What it was about: `Fee item: 物业费`, `Percent of finished repairs visited`."""
    if entry.subject_kind == FIGURE:
        return gettext(FIGURES[entry.subject].label) if entry.subject in FIGURES else entry.subject
    if (record := RECORDS.get(entry.subject_kind or "")) and entry.changes:
        return f"{record.name}{gettext(': ')}{entry.subject}"
    page = _page_of(entry.subject_kind) if entry.changes else None
    return f"{page.singular}{gettext(': ')}{entry.subject}" if page else entry.subject


def _changes(entry: AccessEntry) -> str:
    """What changed from what to what: `Rate (yuan): 2.80 → 2.90`; of something new, what it says."""
    return gettext("; ").join(_one_change(entry, *change) for change in entry.changes or ())


def _one_change(entry: AccessEntry, column: str, before: Any, after: Any) -> str:
    if entry.subject_kind == FIGURE and entry.subject in FIGURES:
        figure = shown_figure(FIGURES[entry.subject], after)
        return f"{figure.told(before)} → {figure.told(after)}"
    if record := RECORDS.get(entry.subject_kind or ""):
        told = [show(value, record.families.get(column)) or gettext("(empty)") for value in (before, after)]
        return f"{record.fields.get(column) or COLUMN_LABELS.get(column, column)}{gettext(': ')}{' → '.join(told)}"
    page = _page_of(entry.subject_kind)
    label = page.labels.get(column) if page else None
    told = [_told(page, column, value) for value in (before, after)]
    alone = entry.action == AccessAction.RULE_ADDED or column == REASON
    words = told[1] if alone else " → ".join(told)
    return f"{label or COLUMN_LABELS.get(column, column)}{gettext(': ')}{words}"


def _told(page: ModelPage | None, column: str, value: Any) -> str:
    if page and isinstance(value, bool) and column in page.switches:
        return str(page.switches[column][0 if value else 1])
    return show(value, page.families.get(column) if page else None) or gettext("(empty)")


class AuditView(ModelPage):
    """The newest first. No form, no verb, no deletion: the database itself refuses a change."""

    datamodel = RowInterface(AccessEntry)
    title, singular = _("Audit trail"), _("Audit entry")
    has_name = False
    list_columns = show_columns = ["at", "actor_name", "user.username", "action", "subject", "changes", "address"]
    search_columns = ["action", "actor_name", "subject", "address", "at"]
    order_columns = ["at", "actor_name", "action", "id"]
    families = {"action": "access_action"}
    labels: dict[str, Any] = {
        "action": _("What was done"),
        "subject": _("What about"),
        "changes": _("From what to what"),
        "address": _("From which address"),
        "user.username": _("User name"),
    }
    base_order = ("id", "desc")
    links = {"subject": _subject_href}
    texts = {"subject": _subject, "changes": _changes}
    card = ["at", "actor_name", "subject", "changes"]
