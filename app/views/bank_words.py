"""Words of the pages of a bank's files."""

from __future__ import annotations

from flask_babel import gettext


def field_words() -> dict[str, str]:
    """What each column of a bank's file may be."""
    return {
        "paid_on": gettext("Day of the payment"),
        "amount": gettext("Money in (yuan)"),
        "out": gettext("Money out (yuan)"),
        "direction": gettext("In or out"),
        "reference": gettext("Bank's reference"),
        "payer": gettext("Payer's name"),
        "account": gettext("Payer's account"),
        "house": gettext("House"),
        "bill": gettext("Bill number"),
        "memo": gettext("Purpose"),
    }


def twin_words(twin: str) -> tuple[str, str]:
    """What a line is a second time, in words, and the address it stands at (empty: on this page)."""
    kind, _colon, rest = twin.partition(":")
    if kind == "payment":
        return gettext("taken by hand"), f"/payments/{rest}"
    if kind == "file":
        file, _colon, row = rest.partition(":")
        return gettext("in another file, row %(row)s", row=row), f"/bank/{file}"
    return gettext("the same as row %(row)s", row=rest), ""
