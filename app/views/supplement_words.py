"""A household's supplement in words: the sections that its paper and the report's page share (see `app.reports.sheet`)."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from flask_babel import force_locale, gettext

from app.adapters.clock import now
from app.extensions import db
from app.models import Report, ReportSupplement
from app.rules.codes import Role
from app.services import supplements
from app.services.actors import Actor
from app.services.transaction import transaction
from app.views.base.cells import is_english, named, yuan
from app.views.base.local import local_text, month_words
from app.views.labels import code_label

Section = dict[str, Any]


def made_for(actor: Actor, report: Report) -> ReportSupplement | None:
    """The supplement of a household that reads the report, made now where there is none; None for the staff and for who
    had no house there in the month. Where it is made, what was read before in this request is read anew afterwards."""
    if not actor.has(Role.OWNER, Role.RESIDENT) or actor.person_id is None:
        return None
    kept = supplements.supplement_of(db.session(), actor, report)
    if kept is not None:
        return kept
    at = now()
    with transaction() as session:
        return supplements.make(session, actor, report, at)


def supplement_number(supplement: ReportSupplement) -> str:
    """What stands on its paper: the community's code, the month, its own number."""
    return f"{supplement.community.code}-{supplement.month}-s{supplement.id}"


def supplement_sheet(supplement: ReportSupplement, actor: Actor, locale: str) -> dict[str, Any]:
    """The paper, in a language."""
    with force_locale(locale):
        return {
            "form": "record",
            "locale": locale,
            "number": supplement_number(supplement),
            "issuer": gettext("%(community)s service centre", community=named(supplement.community)),
            "title": gettext("Your own month: supplement to the service report"),
            "subtitle": f"{named(supplement.community)} · {month_words(supplement.month)}",
            "facts": [
                [gettext("For"), supplement.person.name],
                [gettext("Made at"), local_text(supplement.made_at)],
                ["SHA-256", supplement.content_sha256],
            ],
            "sections": supplement_parts(supplement),
            "signs": [],
            "sign_hint": "",
            "foot": gettext("Only for the person named above; it is no part of the published report."),
        }


def supplement_parts(supplement: ReportSupplement) -> list[Section]:
    """Houses, matters, visits, bills, payments and balance, in the present language."""
    content = supplement.content
    return [
        _section(gettext("Your houses"), facts=[_house(one) for one in content["houses"]]),
        _matters(content["tickets"]),
        _visits(content["visits"]),
        _bills(content["bills"]),
        _payments(content["payments"]),
        _balance(content),
    ]


def _section(
    title: str,
    text: str | None = None,
    facts: list[list[str]] | None = None,
    head: list[str] | None = None,
    rows: list[list[str]] | None = None,
) -> Section:
    return {"title": title, "text": text, "facts": facts or None, "head": head if rows else None, "rows": rows or None}


def _house(house: dict[str, Any]) -> list[str]:
    words = code_label("tenure_role", house["role"])
    if house["since"]:
        words += " · " + gettext("from %(day)s", day=house["since"])
    if house["until"]:
        words += " · " + gettext("until %(day)s", day=house["until"])
    return [house["name"], words]


def _named(row: dict[str, str] | None) -> str:
    if row is None:
        return "–"
    return row["name_en"] if is_english() and row["name_en"] else row["name"]


def _matters(tickets: list[dict[str, Any]]) -> Section:
    rows = [
        [
            one["number"], one["registered_on"], one["title"], f"{code_label('kind', one['kind'])} · {_named(one['category'])}",
            code_label("ticket_state", one["state"]), one["done_on"] or "–",
        ]
        for one in tickets
    ]  # fmt: skip
    head = [
        gettext("Number"),
        gettext("Reported"),
        gettext("Matter"),
        gettext("Kind"),
        gettext("State"),
        gettext("Done"),
    ]
    return _section(gettext("Your matters"), None if rows else gettext("You reported nothing."), head=head, rows=rows)


def _visits(visits: list[dict[str, Any]]) -> Section:
    rows = [
        [
            one["on"] or "–", one["ticket"], code_label("visit_way", one["way"]) if one["way"] else "–",
            gettext("%(score)s of 5", score=one["score"]) if one["score"] else "–",
        ]
        for one in visits
    ]  # fmt: skip
    head = [gettext("Day"), gettext("Matter"), gettext("Way"), gettext("Your score")]
    return _section(gettext("Return visits to you"), None if rows else gettext("There was none."), head=head, rows=rows)


def _bills(bills: list[dict[str, Any]]) -> Section:
    rows = [
        [
            _named(one["item"]), one["house"], yuan(Decimal(one["amount"])), yuan(Decimal(one["paid"])),
            code_label("bill_state", one["state"]), one["due_on"],
        ]
        for one in bills
    ]  # fmt: skip
    head = [
        gettext("Charged"), gettext("House"), gettext("Amount (yuan)"), gettext("Paid (yuan)"), gettext("State"),
        gettext("Due by"),
    ]  # fmt: skip
    return _section(
        gettext("Your bills of the month"), None if rows else gettext("There was none."), head=head, rows=rows
    )


def _payments(payments: list[dict[str, Any]]) -> Section:
    rows = [
        [
            one["on"] or "–", code_label("payment_kind", one["kind"]), code_label("payment_way", one["way"]),
            yuan(Decimal(one["amount"])), code_label("payment_state", one["state"]), one["receipt"] or "–",
        ]
        for one in payments
    ]  # fmt: skip
    head = [
        gettext("Day"), gettext("Kind"), gettext("Way"), gettext("Amount (yuan)"), gettext("State"), gettext("Receipt"),
    ]  # fmt: skip
    return _section(
        gettext("Your payments in the month"), None if rows else gettext("There was none."), head=head, rows=rows
    )


def _balance(content: dict[str, Any]) -> Section:
    return _section(
        gettext("Your balance"),
        gettext("As known when this supplement was made, over all months."),
        facts=[
            [gettext("Still to be paid (yuan)"), yuan(Decimal(content["owed"]))],
            [gettext("Paid ahead (yuan)"), yuan(Decimal(content["credit"]))],
        ],
    )
