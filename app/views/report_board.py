"""A published report on one sheet for the notice board: the month in figures, large, and the code that leads to the whole report."""

from __future__ import annotations

from typing import Any

from flask import current_app
from werkzeug.wrappers import Response

from app.models import Report
from app.reports.html import Formats, month_name, name_of, phone_name
from app.services.reporting.edition import number_of
from app.services.reporting.labels import LABELS
from app.services.reporting.words import Translate, translator
from app.views.sheet_answer import sheet_answer

SHOWN = (
    "requests",
    "in_time",
    "first_response_mean",
    "handling_mean",
    "satisfaction",
    "complaint_rate",
    "complaints_in_time",
    "calls",
    "collection",
)
"""The figures of the cover page of a notice, in this order; one that was not measured in the month is left out."""


def board_answer(report: Report, locale: str) -> Response:
    """The PDF of one page in `zh` or `en`."""
    return sheet_answer(board_sheet(report, locale), f"{number_of(report)}-board-{locale}.pdf")


def board_sheet(report: Report, locale: str) -> dict[str, Any]:
    """What stands on it (see `app.reports.sheet`), from the frozen figures alone."""
    _, data = translator(locale), report.dataset
    formats = Formats(locale, _)
    figures = {figure["code"]: figure for figure in data["figures"]}
    address = f"{current_app.extensions['settings'].public_base_url}/reports/{report.community.code}/{report.month}"
    community = name_of({**data["community"], "code": ""}, locale)
    return {
        "form": "board",
        "locale": locale,
        "number": number_of(report),
        "issuer": _("%(community)s service centre", community=community),
        "title": _("Monthly service report"),
        "community": community,
        "month": month_name(data["month"], locale),
        "version": _("Erratum: version %(version)s", version=report.version) if report.version > 1 else "",
        "figures": [
            _figure(figures[code], formats, _)
            for code in SHOWN
            if code in figures and figures[code]["value"] is not None
        ],
        "scan": _("Scan the code to read the whole report"),
        "scan_hint": _("Owners and residents log in; anybody can check there whether a copy is genuine."),
        "read": f"{address}/read",
        "verify": f"{address}/verify",
        "qr_title": _("QR code of the address where this report is read"),
        "hotline": [_("24-hour hotline"), phone_name(data["hotline"])],
        "proof": [["SHA-256", report.sha256 or ""]],
        "foot": _("All figures are those of the published report; no household is named in it."),
    }


def _figure(figure: dict[str, Any], formats: Formats, _: Translate) -> dict[str, str]:
    unit, value, target = figure["unit"], figure["value"], figure["target"]
    change = formats.change(figure, "last_month")
    return {
        "name": _(LABELS[figure["code"]]),
        "value": formats.value(unit, value),
        "change": f"{change} {_('on last month')}" if change else _("no comparison"),
        "target": ""
        if target is None
        else _("target %(target)s", target=formats.rate(target, 0) if unit == "rate" else formats.value(unit, target)),
        "verdict": {"met": _("reached"), "missed": _("missed")}.get(formats.verdict(figure), ""),
    }
