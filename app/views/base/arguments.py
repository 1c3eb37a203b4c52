"""Addresses that make no sense give the first page, not an error (G2, 4)."""

import json
import re
from datetime import datetime
from typing import Any

from flask import Flask, abort, request
from werkzeug.datastructures import ImmutableMultiDict

BIGGEST_PAGE = 10_000_000
LONGEST_TEXT = 200
EARLIEST_YEAR, LATEST_YEAR = 2000, 2200
_PAGING = re.compile(r"^(page|psize|end)_\w+$")
_NO_NUMBERS = "linli.no_numbers"


def number_in(text: str | None, default: int, low: int, high: int) -> int:
    """The whole number in `text` held between `low` and `high`, or the default where there is none."""
    if text is None or not re.fullmatch(r"-?\d{1,12}", text.strip(), re.ASCII):
        return default
    return max(low, min(int(text), high))


def is_number_or_nothing(text: str) -> bool:
    """Whether `number_in` takes the text at its word."""
    return not text.strip() or (number_in(text, -1, 0, BIGGEST_PAGE) >= 0 and not text.strip().startswith("-"))


def is_readable(value: Any) -> bool:
    """Whether every text in what came as JSON can be written down: half a surrogate pair cannot, in names or in values."""
    try:
        json.dumps(value, ensure_ascii=False).encode()
    except (UnicodeEncodeError, RecursionError):
        return False
    return True


def is_believable(instant: datetime) -> bool:
    """Whether an instant that came with an address or a form can be one of ours; beyond, its time zone may lead out of the calendar."""
    return EARLIEST_YEAR <= instant.year <= LATEST_YEAR


def had_no_numbers() -> bool:
    """Whether the address asked for a page or a size that was no number."""
    return _NO_NUMBERS in request.environ


def _refuse_nul() -> None:
    """No address has a NUL in its path: PostgreSQL would refuse it deep inside a query."""
    if "\x00" in request.path:
        abort(404)


def _tidy() -> None:
    """Drop paging arguments that are no numbers before FAB's views call int() on them."""
    if not any(_PAGING.match(name) for name in request.args):
        return
    pairs = []
    for name, value in request.args.items(multi=True):
        if _PAGING.match(name):
            if not is_number_or_nothing(value):
                request.environ[_NO_NUMBERS] = True
            value = str(number_in(value, 25 if name.startswith("psize_") else 0, 0, BIGGEST_PAGE))
        pairs.append((name, value))
    request.args = ImmutableMultiDict(pairs)


def install_arguments(app: Flask) -> None:
    """Tidy the address of every request."""
    app.before_request(_refuse_nul)
    app.before_request(_tidy)
