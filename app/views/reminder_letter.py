"""A reminder by letter as a paper of one page (D10): made of what was kept when it was written, with a slip to be signed."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from flask_babel import gettext

from app.models import FeeReminder
from app.rules.capital_amount import capitals
from app.services.calendars import runs_words
from app.views.base.cells import phone_text, yuan
from app.views.base.local import month_words

MOST_LINES = 8
"""Charges that are listed one by one; older ones are summed up in one line, so that the letter stays one page."""


def letter_number(reminder: FeeReminder) -> str:
    """What the household and the desk call the letter: month and the row's number."""
    return f"{reminder.period.replace('-', '')}-{reminder.id:07d}"


def letter_sheet(reminder: FeeReminder, locale: str) -> dict[str, Any]:
    """What stands on the paper, in the present language (see `app.reports.sheet`)."""
    kept = reminder.letter or {}
    community = kept["community"]
    name = community["name_en"] if locale == "en" else community["name"]
    bills = kept["bills"]
    total = sum((Decimal(bill["rest"]) for bill in bills), start=Decimal(0))
    return {
        "locale": locale,
        "number": letter_number(reminder),
        "issuer": gettext("%(community)s service centre", community=name),
        "title": gettext("Reminder of unpaid charges"),
        "subtitle": f"{name} {kept['house']}",
        "facts": [
            [gettext("Number of this letter"), letter_number(reminder)],
            [gettext("To"), kept["payer"]],
            [gettext("House"), f"{name} {kept['house']}"],
            [gettext("Date"), kept["issued_on"]],
        ],
        "intro": [kept["text"][locale]],
        "lines": _lines(bills, locale),
        "sums": [],
        "due": [gettext("To be paid in all (yuan)"), yuan(total)],
        "in_words": [gettext("In capital numerals"), capitals(total)] if locale == "zh" else None,
        "notes": _notes(community, locale),
        "slip": {
            "title": gettext("Receipt"),
            "text": gettext("I have received letter %(number)s.", number=letter_number(reminder)),
            "fields": [gettext("Signature"), gettext("Date"), gettext("Handed over by")],
        },
        "foot": gettext("This is a reminder, no receipt and no tax invoice (fapiao)."),
    }


def _lines(bills: list[dict[str, str]], locale: str) -> dict[str, Any]:
    head = [gettext("Charged"), gettext("Due by"), gettext("Amount (yuan)"), gettext("Still to be paid (yuan)")]
    older, listed = (bills[: -MOST_LINES + 1], bills[-MOST_LINES + 1 :]) if len(bills) > MOST_LINES else ([], bills)
    rows = []
    if older:
        words = gettext("%(count)s charges up to %(month)s", count=len(older), month=month_words(older[-1]["period"]))
        rows.append([words, "", _sum(older, "amount"), _sum(older, "rest")])
    for bill in listed:
        words = f"{month_words(bill['period'])} · {bill[locale]}"
        rows.append([words, bill["due_on"], yuan(Decimal(bill["amount"])), yuan(Decimal(bill["rest"]))])
    return {"head": head, "rows": rows}


def _sum(bills: list[dict[str, str]], name: str) -> str:
    return yuan(sum((Decimal(bill[name]) for bill in bills), start=Decimal(0)))


def _notes(community: dict[str, Any], locale: str) -> list[str]:
    hours = runs_words(community["hours"], locale)
    where = " · ".join(filter(None, (hours, community["address"], phone_text(community["desk_phone"]))))
    return [
        gettext("Pay at the desk: %(where)s.", where=where),
        gettext("At home: your steward comes by appointment. By bank transfer: ask the desk for the account."),
    ]
