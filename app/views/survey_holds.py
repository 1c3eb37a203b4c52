"""Two people at one questionnaire, question or draft of a survey: what each form showed, held against what stands there now."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from flask_babel import gettext
from flask_babel import lazy_gettext as _
from sqlalchemy.orm import Session

from app.adapters.clock import now
from app.models import Questionnaire, QuestionnaireItem, Survey
from app.services.questionnaires import options_text
from app.views.base.versions import hold_against, hold_texts_against, marks_of, plain, seen_of

_HEADING = {
    "title": _("Title"),
    "title_en": _("Title in English"),
    "intro": _("Greeting above the questions"),
    "intro_en": _("Greeting in English"),
    "cycle": _("How often"),
    "active": _("In use: offered for new surveys"),
}
_ITEM = {
    "text": _("Question in Chinese"),
    "text_en": _("Question in English"),
    "kind": _("Answered with"),
    "options": _("Answers to choose from"),
    "required": _("Must be answered"),
}
_DRAFT = {
    "questionnaire_id": _("Questionnaire"),
    "places": _("Buildings"),
    "percent": _("Share of the households, in percent"),
    "closes_on": _("Last day"),
    "period": _("Any day of its period"),
}


def heading_of(found: Questionnaire) -> dict[str, Any]:
    """A questionnaire's heading as its form shows it."""
    return {name: getattr(found, name) for name in _HEADING}


def item_of(item: QuestionnaireItem) -> dict[str, Any]:
    """A question as its form shows it."""
    given = {name: getattr(item, name) for name in ("kind", "text", "text_en")}
    return {**given, "options": options_text(item.options), "required": "1" if item.required else ""}


def draft_of(survey: Survey) -> dict[str, Any]:
    """A draft as its form shows it."""
    return {
        "questionnaire_id": survey.questionnaire_id,
        "percent": survey.percent,
        "period": survey.period_starts_on.isoformat(),
        "closes_on": survey.closes_on.isoformat(),
        "places": [str(place.building_id) for place in survey.places],
    }


def seen(shown: Mapping[str, Any] | None) -> str:
    """The hidden field of a form that shows these values; nothing for a form of something new."""
    return seen_of(marks_of(_plain(shown)), now()) if shown else ""


def hold_heading(session: Session, found: Questionnaire, sent: Mapping[str, str]) -> None:
    """Raises MeanwhileError when somebody else has changed the heading since the sent form was opened."""
    session.refresh(found, with_for_update={"of": Questionnaire})
    present = _plain(heading_of(found))
    hold_texts_against(present, {name: sent.get(name, "") for name in present}, _HEADING.__getitem__)


def hold_item(session: Session, item: QuestionnaireItem, sent: Mapping[str, str]) -> None:
    """As `hold_heading`, of a question."""
    session.refresh(item, with_for_update={"of": QuestionnaireItem})
    present = _plain(item_of(item))
    hold_texts_against(present, {name: sent.get(name, "") for name in present}, _ITEM.__getitem__)


def hold_draft(session: Session, survey: Survey, sent: Mapping[str, Any]) -> None:
    """As `hold_heading`, of a draft; `sent` with its `places` as a list. Told by name only: the draft's page shows them."""
    session.refresh(survey, with_for_update={"of": Survey})
    present, mine = _plain(draft_of(survey)), _plain({name: sent.get(name, "") for name in _DRAFT})
    hold_against(marks_of(present), marks_of(mine), lambda name: gettext("changed: %(what)s", what=_DRAFT[name]))


def _plain(shown: Mapping[str, Any] | None) -> dict[str, str]:
    return {name: plain(value) for name, value in (shown or {}).items()}
