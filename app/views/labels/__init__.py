"""The words people read: a label for every code of I5 and every column shown, translated when shown; one module an area."""

from typing import Any

from app.views.labels import (
    clocks,
    complaints,
    disputes,
    duty,
    hotline,
    knowledge,
    money,
    outbound,
    people,
    plans,
    records,
    tickets,
    visits,
)

_AREAS = (
    people,
    tickets,
    complaints,
    disputes,
    clocks,
    hotline,
    duty,
    plans,
    records,
    money,
    visits,
    knowledge,
    outbound,
)

CODES: dict[str, dict[str, Any]] = {family: labels for area in _AREAS for family, labels in area.CODES.items()}
"""Family of codes → code → label. A test holds every code of `rules.codes` to have one."""

FAMILIES: dict[str, type[Any]] = {family: held for area in _AREAS for family, held in area.FAMILIES.items()}


def code_label(family: str, code: object) -> str:
    """The label of a code in the reader's language; an unknown code is shown as it is, nothing for None."""
    if code is None or code == "":
        return ""
    return str(CODES.get(family, {}).get(str(code), code))


def choices(family: str) -> list[tuple[str, Any]]:
    """(code, label) pairs for a select box, in the order of the rule book."""
    return list(CODES[family].items())
