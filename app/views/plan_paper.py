"""An emergency plan on paper, for the wall: Chinese and English together on one or two pages, with version and date."""

from __future__ import annotations

from typing import Any

from flask_babel import force_locale, gettext
from werkzeug.wrappers import Response

from app.adapters.clock import now
from app.models import PlanVersion
from app.rules.codes import PlanState
from app.views.base.local import local, local_text
from app.views.labels import code_label
from app.views.plan_words import within
from app.views.sheet_answer import sheet_answer

_ROOMY = 8
"""More steps than this are set closer."""


def paper_answer(version: PlanVersion) -> Response:
    """The PDF."""
    return sheet_answer(paper(version), f"{version.content['name']}-v{version.number}.pdf")


def paper(version: PlanVersion) -> dict[str, Any]:
    """What stands on the paper, each thing in both languages (see `app.reports.sheet`)."""
    both = {locale: _words(version, locale) for locale in ("zh", "en")}
    zh, en = both["zh"], both["en"]
    content = version.content
    return {
        "form": "plan",
        "locale": "zh",
        "number": f"plan-{version.plan_id}-v{version.number}",
        "close": len(content["steps"]) > _ROOMY,
        "issuer": zh["issuer"],
        "title": content["name"],
        "title_en": content["name_en"],
        "draft": [] if version.state == PlanState.IN_FORCE else [zh["draft"], en["draft"]],
        "heads": {name: [zh[name], en[name]] for name in ("steps", "numbers", "things")},
        "steps": [
            [place, one["zh"], one["en"], zh["posts"][place - 1], en["posts"][place - 1], *_within(both, place)]
            for place, one in enumerate(content["steps"], 1)
        ],
        "numbers": [[one["number"], one["zh"], one["en"]] for one in content["numbers"]],
        "things": [[one["zh"], one["en"], one["place"], one["place_en"]] for one in content["things"]],
        "foot": [zh["foot"], en["foot"]],
    }


def _within(both: dict[str, dict[str, Any]], place: int) -> list[str]:
    return [both[locale]["within"][place - 1] for locale in ("zh", "en")]


def _words(version: PlanVersion, locale: str) -> dict[str, Any]:
    plan, steps = version.plan, version.content["steps"]
    community = plan.community
    with force_locale(locale):
        since = f"{local(version.forced_at):%Y-%m-%d}" if version.forced_at else gettext("not in force")
        return {
            "issuer": str(community) if community else gettext("All communities"),
            "draft": code_label("plan_state", version.state),
            "steps": gettext("Steps"),
            "numbers": gettext("Telephone numbers"),
            "things": gettext("Things to fetch"),
            "posts": [code_label("plan_post", one["post"]) for one in steps],
            "within": [within(one["minutes"]) for one in steps],
            "foot": gettext(
                "Version %(number)s · in force since %(day)s · printed at %(when)s",
                number=version.number,
                day=since,
                when=local_text(now()),
            ),
        }
