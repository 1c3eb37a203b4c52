"""An appraisal in words: its figures, its forms and its paper."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from flask_babel import gettext
from flask_babel import lazy_gettext as _

from app.adapters.clock import now
from app.models import Appraisal, SignedRecord
from app.rules.appraisal import COMMUNITY, INSPECTION, POINTS, unit_of
from app.rules.codes import RecordState
from app.rules.month_figures import RATE
from app.services.appraisals import HOUSE, MOST_INSPECTIONS, MOST_ITEMS
from app.services.names import named
from app.services.reporting.labels import LABELS
from app.views.base.local import local_text, month_words
from app.views.figure_words import shown
from app.views.labels import code_label

INSPECTED = _("Outside inspection")


def name_of(line: Mapping[str, Any]) -> str:
    """A line's figure, and whose it is."""
    code = line["figure"]
    figure = str(INSPECTED) if code == INSPECTION else gettext(LABELS[code])
    return gettext("%(figure)s (whole community)", figure=figure) if line["scope"] == COMMUNITY else figure


def amount(value: Any, figure: str) -> str:
    """A value, target or floor of a figure."""
    unit = unit_of(figure)
    if value is None:
        return gettext("no cases")
    if unit == POINTS:
        return gettext("%(points)s points", points=f"{Decimal(value).normalize():f}")
    return shown(Decimal(value) if unit == RATE else int(Decimal(value)), unit)


def places(sheet: Appraisal, typed: Mapping[str, str] | None) -> dict[str, Any]:
    """What stands in the manager's form: as typed, else as kept."""
    form: dict[str, Any] = {}
    for place, one in enumerate(sheet.checked):
        form |= {f"outcome{place}": one["outcome"], f"note{place}": one["note"]}
    for place in range(MOST_ITEMS):
        one = sheet.items[place] if place < len(sheet.items) else {"text": "", "due_on": ""}
        form |= {f"item{place}": one["text"], f"due{place}": one["due_on"]}
    for place in range(MOST_INSPECTIONS):
        one = (
            sheet.inspections[place]
            if place < len(sheet.inspections)
            else {"by": "", "score": "", "on": "", "note": ""}
        )
        form |= {
            f"by{place}": one["by"],
            f"score{place}": one["score"],
            f"on{place}": one["on"],
            f"finding{place}": one["note"],
        }
    return form | ({name: typed[name] for name in form if name in typed} if typed else {})


def sheet_of(sheet: Appraisal, record: SignedRecord | None, sha256: str, locale: str) -> dict[str, Any]:
    """The paper (see `app.reports.sheet`), in the present language."""
    signed = record is not None and record.state == RecordState.SIGNED
    version = record.version if record else 1
    return {
        "form": "record",
        "locale": locale,
        "number": f"{sheet.month}-{sheet.staff_id}-v{version}",
        "issuer": gettext("%(community)s service centre", community=named(sheet.community)),
        "title": gettext("Monthly appraisal"),
        "subtitle": f"{sheet.staff.name} · {month_words(sheet.month)}",
        "draft": "" if signed else gettext("Not signed yet"),
        "facts": [
            [gettext("Name"), sheet.staff.name],
            [gettext("Role"), code_label("role", sheet.role)],
            [gettext("Month"), month_words(sheet.month)],
            [gettext("Total"), total_text(sheet)],
        ],
        "sections": _sections(sheet),
        "signs": [],
        "sign_hint": "",
        **_signatures(record, sha256),
        "foot": gettext("Printed at %(when)s", when=local_text(now())),
    }


def total_text(sheet: Appraisal) -> str:
    """The points of the sheet."""
    return gettext("%(points)s points", points=sheet.total) if sheet.total else gettext("no cases")


def _section(title: str, **what: Any) -> dict[str, Any]:
    return {"title": title, "text": None, "facts": None, "head": None, "rows": None} | what


def _sections(sheet: Appraisal) -> list[dict[str, Any]]:
    figures = [
        [
            name_of(one), amount(one["value"], one["figure"]), amount(one["target"], one["figure"]),
            amount(one["floor"], one["figure"]), str(one["weight"]), one["points"] or "–",
        ]
        for one in sheet.lines
    ]  # fmt: skip
    head = [
        gettext("Figure"),
        gettext("Value"),
        gettext("Target"),
        gettext("Zero at"),
        gettext("Weight"),
        gettext("Points"),
    ]
    sections = [_section(gettext("Figures"), head=head, rows=figures)]
    if sheet.inspections:
        head = [gettext("Inspector"), gettext("Day"), gettext("Points"), gettext("What the inspector found")]
        found = [[one["by"], one["on"], str(one["score"]), one["note"]] for one in sheet.inspections]
        sections.append(_section(str(INSPECTED), head=head, rows=found))
    if sheet.checked:
        head = [gettext("To improve"), gettext("Finish by"), gettext("Outcome"), gettext("Note")]
        found = [
            [
                one["text"],
                one["due_on"],
                code_label("item_outcome", one["outcome"]) if one["outcome"] else "–",
                one["note"],
            ]
            for one in sheet.checked
        ]
        sections.append(_section(gettext("What became of last month's items"), head=head, rows=found))
    if sheet.items:
        found = [[one["text"], one["due_on"]] for one in sheet.items]
        sections.append(
            _section(gettext("To improve next"), head=[gettext("To improve"), gettext("Finish by")], rows=found)
        )
    sections.append(_section(gettext("The person's remark"), text=sheet.remark or gettext("No remark.")))
    return sections


def _signatures(record: SignedRecord | None, sha256: str) -> dict[str, Any]:
    read = ""
    if record is not None and record.reviewed_by:
        read = gettext("no remark within the time") if record.reviewed_by == HOUSE.display_name else record.reviewed_by
    people = [
        [gettext("Read by the person"), read, local_text(record.reviewed_at if record else None)],
        [gettext("Signed by the manager"), (record.signed_by or "") if record else "", local_text(record.signed_at if record else None)],
    ]  # fmt: skip
    proof = [[gettext("Version"), str(record.version if record else 1)]]
    if record is not None and record.reason:
        proof.append([gettext("What this version corrects"), record.reason])
    return {"signatures": people, "proof": [*proof, [gettext("SHA-256 of what is signed"), sha256]]}
