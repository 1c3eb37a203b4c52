"""A survey's letter to a household without a mobile number (D8): what stands on its paper, in the household's language."""

from __future__ import annotations

from typing import Any

from flask import current_app
from flask_babel import force_locale, gettext

from app.models import SurveyHousehold
from app.views.base.cells import named, phone_text
from app.views.base.local import day_text
from app.views.survey_words import own


def letters_sheet(found: list[tuple[SurveyHousehold, str]]) -> dict[str, Any]:
    """All of them as one file, a page each (see `app.reports.sheet`)."""
    return {"form": "code_letter", "sheets": [_letter(household, code) for household, code in found]}


def _letter(household: SurveyHousehold, code: str) -> dict[str, Any]:
    survey = household.survey
    locale = "en" if household.locale.startswith("en") else "zh"
    with force_locale(locale):
        community = named(survey.community)
        issuer = gettext("%(community)s service centre", community=community)
        return {
            "locale": locale,
            "number": f"{survey.id}-{household.id}",
            "issuer": issuer,
            "to": household.person.name if household.person else gettext("To the household"),
            "house": f"{community} {household.house.name}",
            "title": own(survey, "title"),
            "intro": [own(survey, "intro") or gettext("Please tell us your opinion: it takes two minutes.")],
            "address": f"{current_app.extensions['settings'].public_base_url}/a/{code}",
            "scan": gettext("Scan this with your telephone, or open this address:"),
            "qr_title": gettext("QR code of the address where the survey is answered"),
            "code_words": gettext("Your code"),
            "code": code,
            "notes": [
                gettext(
                    "Until %(day)s. The code works once and for your household only.", day=day_text(survey.closes_on)
                ),
                gettext("Answers are evaluated together; who gave which is not shown."),
                *_without(phone_text(survey.community.desk_phone)),
            ],
            "foot": issuer,
        }


def _without(phone: str) -> list[str]:
    return (
        [gettext("Without a telephone of this kind: call %(phone)s, and we note your answers.", phone=phone)]
        if phone
        else []
    )
