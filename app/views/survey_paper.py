"""The figures of a survey as the rows of a file and as a paper; free texts stay inside and are on neither."""

from __future__ import annotations

from typing import Any

from flask_babel import gettext

from app.adapters.clock import now
from app.models import Survey
from app.rules.codes import QuestionKind, SurveyState
from app.views.base.cells import named
from app.views.base.local import day_text, local_text
from app.views.labels import code_label
from app.views.survey_words import option, own, percent, period_of, points

Row = list[Any]


def csv_rows(survey: Survey, figures: dict[str, Any]) -> tuple[list[str], list[Row]]:
    """The heading and the rows: one a figure, so that a spreadsheet can filter them."""
    head = [
        gettext("Part of the figures"),
        gettext("Figure"),
        gettext("Answer given"),
        gettext("Count"),
        gettext("Of how many"),
        gettext("Share"),
    ]
    lines = [
        [gettext("Survey"), own(survey, "title"), period_of(survey), None, None, None],
        [gettext("All"), gettext("Have answered"), "", figures["answered"], figures["asked"], percent(figures["rate"])],
        [gettext("All"), gettext("Satisfaction"), "", *_satisfied(figures["satisfaction"])],
    ]
    for part in figures["buildings"]:
        name = _names(part)
        lines.append([name, gettext("Have answered"), "", part["answered"], part["asked"], percent(part["rate"])])
        lines.append([name, gettext("Satisfaction"), "", *_satisfied(part["satisfaction"])])
    for number, question in enumerate(figures["questions"], 1):
        lines += _question_rows(number, question)
    return head, lines


def survey_sheet(survey: Survey, figures: dict[str, Any], locale: str) -> dict[str, Any]:
    """What stands on the paper, in the present language (see `app.reports.sheet`)."""
    closed = survey.state == SurveyState.CLOSED
    return {
        "form": "survey",
        "locale": locale,
        "number": f"S{survey.id:06d}{'' if closed else f'-{now():%Y%m%d%H%M%S}'}",
        "issuer": gettext("%(community)s service centre", community=named(survey.community)),
        "title": own(survey, "title"),
        "subtitle": f"{period_of(survey)} · {code_label('survey_cycle', survey.cycle)}",
        "state": "" if closed else gettext("Interim figures: the survey is still open."),
        "tiles": _tiles(figures),
        "questions_title": gettext("The questions"),
        "questions": [_question_words(number, one) for number, one in enumerate(figures["questions"], 1)],
        "buildings_title": gettext("By building"),
        "buildings": {
            "head": [
                gettext("Building"),
                gettext("Households asked"),
                gettext("Have answered"),
                gettext("Share"),
                gettext("Satisfaction"),
            ],
            "rows": [
                [
                    _names(part),
                    str(part["asked"]),
                    str(part["answered"]),
                    percent(part["rate"]),
                    percent(part["satisfaction"]["rate"]),
                ]
                for part in figures["buildings"]
            ],
        },
        "facts": _facts(survey),
        "notes": [
            gettext("Satisfaction: answers of 4 or 5 ÷ all answers from 1 to 5."),
            gettext(
                "Buildings with fewer than %(count)s answering households are told together, so that nobody is recognised.",
                count=figures["smallest"],
            ),
        ],
        "foot": gettext("Printed at %(when)s", when=local_text(now())),
    }


def _facts(survey: Survey) -> list[list[str]]:
    found = [[gettext("Buildings"), "、".join(place.building.name for place in survey.places)]]
    if survey.opened_at:
        found.append([gettext("Asked from"), f"{local_text(survey.opened_at)} · {survey.opened_by}"])
    if survey.closed_at:
        found.append([gettext("Closed"), f"{local_text(survey.closed_at)} · {survey.closed_by}"])
    else:
        found.append([gettext("Open until"), day_text(survey.closes_on)])
    if survey.percent < 100:
        found.append(
            [gettext("Sample"), gettext("%(percent)s %% of the households, drawn by lot", percent=survey.percent)]
        )
    if survey.figures_sha256:
        found.append([gettext("Check sum"), survey.figures_sha256])
    return found


def _tiles(figures: dict[str, Any]) -> list[list[str]]:
    last = figures.get("last")
    before = gettext("last time %(rate)s", rate=percent(last["satisfaction"])) if last else ""
    change = points(last["points"]) if last else ""
    return [
        [gettext("Households asked"), str(figures["asked"]), ""],
        [gettext("Have answered"), str(figures["answered"]), percent(figures["rate"])],
        [
            gettext("Satisfaction"),
            percent(figures["satisfaction"]["rate"]),
            " · ".join(filter(None, (before, change))),
        ],
    ]


def _question_words(number: int, question: dict[str, Any]) -> dict[str, Any]:
    kind, answers = question["kind"], question["answers"]
    made: dict[str, Any] = {
        "text": f"{number}. {own(question, 'text')}",
        "note": gettext("%(count)s answers", count=answers),
        "bars": [],
    }
    if kind == QuestionKind.SCORE:
        last = question.get("last")
        parts = [
            made["note"],
            gettext("mean %(mean)s", mean=question["mean"] or "–"),
            gettext("satisfaction %(rate)s", rate=percent(question["satisfaction"])),
        ]
        if last and last["points"] is not None:
            parts.append(
                gettext("last time %(rate)s", rate=percent(last["satisfaction"])) + f" ({points(last['points'])})"
            )
        made["note"] = " · ".join(parts)
        labels = [str(score) for score in (1, 2, 3, 4, 5)]
        made["bars"] = _bars(labels, question["counts"], answers)[::-1]
    elif kind in (QuestionKind.CHOICE, QuestionKind.CHOICES):
        made["bars"] = _bars([option(one) for one in question["options"]], question["counts"], answers)
    else:
        made["note"] += gettext("; the words are read inside the centre")
    return made


def _bars(labels: list[str], counts: list[int], answers: int) -> list[dict[str, Any]]:
    return [
        {"label": label, "count": count, "width": f"{100 * count / answers:.1f}" if answers else "0"}
        for label, count in zip(labels, counts, strict=True)
    ]


def _question_rows(number: int, question: dict[str, Any]) -> list[Row]:
    part, text, answers = gettext("Question %(number)s", number=number), own(question, "text"), question["answers"]
    rows: list[Row] = [[part, text, gettext("Answers"), answers, None, None]]
    if question["kind"] == QuestionKind.SCORE:
        satisfied = sum(question["counts"][3:])
        rows.append([part, text, gettext("Satisfaction"), satisfied, answers, percent(question["satisfaction"])])
        rows.append([part, text, gettext("Mean"), question["mean"], None, None])
        labels = ["1", "2", "3", "4", "5"]
    else:
        labels = [option(one) for one in question["options"]]
    for label, count in zip(labels, question.get("counts", []), strict=False):
        share = percent(f"{count / answers:.4f}") if answers else percent(None)
        rows.append([part, text, label, count, answers, share])
    return rows


def _satisfied(figures: dict[str, Any]) -> Row:
    return [figures["satisfied"], figures["answers"], percent(figures["rate"])]


def _names(part: dict[str, Any]) -> str:
    return "、".join(part["names"])
