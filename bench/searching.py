"""Words looked for among a million tickets: in the list of tickets and in the header's box, each beside a bare lookup by an index.

The list is held against the bare page of as many tickets of one house, by its index. The header's box finds tickets, houses,
people, calls and staff at once; it is held against a bare answer of the very same finds, of each of the same types, looked up by
their unique keys. The bare ones know what to find and ask nobody who they are.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from multiprocessing.connection import Connection
from urllib.parse import quote

from bench.measure import Ratio
from bench.tickets import COMMON, RARE

LIMIT = 3.0
PHONE, ROOM = "13800000604", "3-1-501"
WORDS = (("two-character word", COMMON), ("rare word", RARE), ("telephone number", PHONE), ("room", ROOM))
BARE_HOUSE = "bare/house"
NOBODY = "2147483647"
"""A key that is nobody's: a type in which nothing is found is looked up all the same."""
TEXT = "text"
_ADDRESSES = {
    "tickets": r"/ticket/(\d{8})",
    "houses": r"/houseview/show/(\d+)",
    "people": r"/personview/show/(\d+)",
    "calls": r"/callview/show/(\d+)",
    "staff": r"/staffview/show/(\d+)",
}

Compared = Callable[[str, str, str, float], Ratio]
"""Name, our path, the bare path, the limit."""


def in_list(served: Connection, house: int, compared: Compared) -> Iterator[Ratio]:
    """The list's own box."""
    for name, word in WORDS[:2]:
        path = f"/ticketview/list/?q={quote(word)}"
        rows = _text(served, path).count("<tr") - 1
        bare = f"{BARE_HOUSE}?house={house}&rows={rows}"
        yield compared(f"list: {name} ({word}) ÷ bare lookup of {rows} tickets", path, bare, LIMIT)


def in_header(served: Connection, compared: Compared) -> Iterator[Ratio]:
    """The header's box, its page and its suggestions."""
    for path, bare, what in (
        ("/search", "bare/lookup", "search page"),
        ("/search/suggest", "bare/lookup.json", "suggestions"),
    ):
        for name, word in WORDS:
            asked = f"{path}?q={quote(word)}"
            found = _found(_text(served, asked))
            keys = "&".join(f"{kind}={','.join(found.get(kind, [NOBODY]))}" for kind in _types(word))
            total = sum(map(len, found.values()))
            yield compared(f"{what}: {name} ({word}) ÷ bare lookup of the same {total}", asked, f"{bare}?{keys}", LIMIT)


def _types(word: str) -> list[str]:
    """The types that the box looks for these words in."""
    from app.rules.search_words import read
    from app.views.search_page import types_meant

    return types_meant(read(word))


def _found(answer: str) -> dict[str, list[str]]:
    """The keys of what an answer leads to, by its type."""
    found = {kind: list(dict.fromkeys(re.findall(address, answer))) for kind, address in _ADDRESSES.items()}
    if not any(found.values()):
        raise RuntimeError("the search found nothing")
    return {kind: ids for kind, ids in found.items() if ids}


def _text(served: Connection, path: str) -> str:
    served.send((TEXT, path))
    return str(served.recv())
