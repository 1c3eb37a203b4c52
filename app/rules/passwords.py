"""Which passwords are too easy, and the sentence that says why. Pure: the same rule for every door."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Any, Final

from app.errors import N_
from app.rules.common_passwords import COMMON

SHORTEST: Final = 10
LONGEST: Final = 256
LONG: Final = 16
"""From here on a sentence of one kind of characters is good enough."""

FEWEST_DIFFERENT: Final = 5
OWN_REST: Final = 7
"""A password that holds a name needs this many characters beside it."""

PRODUCT: Final = ("linli", "邻里")
_LEET: Final = str.maketrans("@4031!5$7", "aaoelisst")
_ROWS: Final = (
    "qwertyuiop",
    "asdfghjkl",
    "zxcvbnm",
    "1qaz2wsx3edc4rfv5tgb6yhn7ujm8ik9ol0p",
    "qazwsxedcrfvtgbyhnujmikolp",
)

Complaint = tuple[str, dict[str, Any]]


def complaint(password: str, names: Iterable[str] = ()) -> Complaint | None:
    """What is wrong with a password, as a sentence and its parameters; None for a good one.

    `names` is whatever belongs to the person: login name, parts of the name, e-mail address, telephone number.
    """
    if not SHORTEST <= len(password) <= LONGEST:
        return N_("A password has %(low)s to %(high)s characters."), {"low": SHORTEST, "high": LONGEST}
    if not all(c.isprintable() for c in password):
        return N_("A password has no line breaks or invisible characters."), {}
    if _made_of(password, _own(names)):
        return N_("A password must not be made of your own name, login name, address or number."), {}
    if len(set(password.casefold())) < FEWEST_DIFFERENT or _runs(password):
        return N_("This password is too regular: rows like 123456 and repeated characters are tried first."), {}
    if _common(password):
        return N_("This is one of the passwords everybody uses; it would be guessed at once."), {}
    if _made_of(password, PRODUCT):
        return N_("A password must not be made of the product's name."), {}
    if len(password) < LONG and _one_kind(password):
        return N_("Mix letters with digits or signs, or take a sentence of %(long)s characters."), {"long": LONG}
    return None


def _own(names: Iterable[str]) -> set[str]:
    parts: set[str] = set()
    for name in names:
        text = name.casefold().strip()
        parts.update({text, text.partition("@")[0], text.removeprefix("+86")})
        parts.update(re.split(r"[\s._@-]+", text))
    return {part for part in parts if len(part) >= (2 if not part.isascii() else 3)}


def _made_of(password: str, names: Iterable[str]) -> bool:
    text = password.casefold()
    return any(name in text and len(text.replace(name, "")) < OWN_REST for name in names)


def _common(password: str) -> bool:
    text = password.casefold()
    # Digits and signs hung onto a word everybody takes do not make it another word, nor does 0 for o.
    head = re.sub(r"[\W\d_]+$", "", text)
    forms = {text, head, head.translate(_LEET), text.translate(_LEET), re.sub(r"[\W\d_]+", "", text)}
    if forms & COMMON:
        return True
    return any(text == common * (len(text) // len(common)) for common in COMMON if len(common) >= 3)


def _runs(password: str) -> bool:
    """Rows of the alphabet, of digits or of the keyboard, forwards or backwards, that make up most of it."""
    text = password.casefold()
    near = sum(
        1
        for one, two in zip(text, text[1:], strict=False)
        if ord(two) - ord(one) in (-1, 0, 1) or _neighbours(one, two)
    )
    return near >= 0.75 * (len(text) - 1)


def _neighbours(one: str, two: str) -> bool:
    return any(one + two in row or two + one in row for row in _ROWS)


def _one_kind(password: str) -> bool:
    if any(c.isalpha() and c.upper() == c.lower() for c in password):
        return False  # Chinese characters: thousands to choose from
    kinds = (str.islower, str.isupper, str.isdigit, lambda c: not c.isalnum())
    return sum(1 for kind in kinds if any(kind(c) for c in password)) < 2
