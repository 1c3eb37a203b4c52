"""What a form of an emergency plan says, read and checked: the content of a version (`rules.plans`)."""

from __future__ import annotations

import hashlib
import json
import re
import secrets
from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.errors import N_, Invalid
from app.models import Category
from app.rules.codes import PlanPost
from app.rules.plans import MOST_NUMBERS, MOST_STEPS, MOST_THINGS, Content
from app.services.ticket_input import choice, clean_text, whole_number

NAME_LIMIT, WORD_LIMIT, STEP_LIMIT, STEP_EN_LIMIT, THING_LIMIT = 40, 20, 80, 180, 30
MOST_WORDS = 30
LATEST_MINUTES = 24 * 60
_NUMBER = re.compile(r"\+?\d[\d -]{1,19}", re.ASCII)
_KEY = re.compile(r"[0-9a-f]{8}", re.ASCII)
_BETWEEN = re.compile(r"[\n,，、;；]+")

Raw = Mapping[str, Sequence[str]]
"""A form with its lists: name → values, row by row."""


def read_content(session: Session, sent: Raw) -> dict[str, Any]:
    """The content of a version. Raises Invalid with a sentence that names the row."""
    name = clean_text(_one(sent, "name"), NAME_LIMIT, lines=False)
    if not name:
        raise Invalid(N_("Give the plan a name."))
    steps = _steps(sent)
    if not steps:
        raise Invalid(N_("A plan needs at least one step."))
    return {
        "name": name,
        "name_en": clean_text(_one(sent, "name_en"), NAME_LIMIT * 2, lines=False),
        "words": _words(_one(sent, "words")),
        "categories": _categories(session, sent.get("categories", ())),
        "steps": steps,
        "numbers": _numbers(sent),
        "things": _things(sent),
    }


def fingerprint(plan_id: int, number: int, content: Content) -> str:
    """The hash of what a version says."""
    said = json.dumps([plan_id, number, content], ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(said.encode()).hexdigest()


def _one(sent: Raw, name: str) -> str:
    values = sent.get(name) or ("",)
    return values[0]


def _table(sent: Raw, *names: str) -> list[list[str]]:
    """The rows of a form's table: columns of one name each, as long as the longest."""
    columns = [list(sent.get(name, ())) for name in names]
    length = max(map(len, columns), default=0)
    return [[column[row].strip() if row < len(column) else "" for column in columns] for row in range(length)]


def _words(text: str) -> list[str]:
    found: list[str] = []
    for word in _BETWEEN.split(text.replace("\r", "\n")):
        plain = clean_text(word, WORD_LIMIT * 3, lines=False)
        if len(plain) > WORD_LIMIT:
            raise Invalid(N_("A word that leads to the plan is at most %(limit)s characters long."), limit=WORD_LIMIT)
        if plain and len(plain) < 2:
            raise Invalid(N_("“%(word)s” is too short to lead to a plan: two characters at least."), word=plain)
        if plain and plain not in found:
            found.append(plain)
    if len(found) > MOST_WORDS:
        raise Invalid(N_("At most %(most)s words lead to a plan."), most=MOST_WORDS)
    return found


def _categories(session: Session, codes: Sequence[str]) -> list[str]:
    known = set(session.scalars(select(Category.code)))
    if not known.issuperset(codes):
        raise Invalid(N_("There is no such category."))
    return sorted(set(codes))


def _steps(sent: Raw) -> list[dict[str, Any]]:
    read, taken = [], set()
    names = ("step_order", "step_key", "step_zh", "step_en", "step_post", "step_minutes")
    for row, (order, key, zh, en, post, minutes) in enumerate(_table(sent, *names), 1):
        text = clean_text(zh, STEP_LIMIT * 3, lines=False)
        english = clean_text(en, STEP_EN_LIMIT * 3, lines=False)
        if not text and not english:
            continue
        if not text:
            raise Invalid(N_("Step %(row)s has no Chinese text."), row=row)
        if len(text) > STEP_LIMIT or len(english) > STEP_EN_LIMIT:
            raise Invalid(
                N_("Step %(row)s is too long: at most %(zh)s Chinese and %(en)s English characters."),
                row=row,
                zh=STEP_LIMIT,
                en=STEP_EN_LIMIT,
            )
        known = key if _KEY.fullmatch(key) and key not in taken else secrets.token_hex(4)
        taken.add(known)
        within = whole_number(minutes, 0, LATEST_MINUTES)
        step = {
            "key": known,
            "zh": text,
            "en": english,
            "post": str(choice(post, PlanPost, default=PlanPost.ON_DUTY)),
            "minutes": within or 0,
        }
        place = whole_number(order, 0, 999)
        read.append((row if place is None else place, row, step))
    if len(read) > MOST_STEPS:
        raise Invalid(N_("A plan has at most %(most)s steps: it must fit on the wall."), most=MOST_STEPS)
    return [step for _place, _row, step in sorted(read, key=lambda one: one[:2])]


def _numbers(sent: Raw) -> list[dict[str, str]]:
    found: list[dict[str, str]] = []
    for number, zh, en in _table(sent, "number", "number_zh", "number_en"):
        if not number and not zh and not en:
            continue
        if not _NUMBER.fullmatch(number):
            raise Invalid(N_("“%(number)s” is no telephone number: digits, spaces and hyphens."), number=number[:40])
        if number in [one["number"] for one in found]:
            raise Invalid(N_("The number %(number)s stands there twice."), number=number)
        words = {"zh": _short(zh), "en": _short(en, 2)}
        if not words["zh"]:
            raise Invalid(N_("Say what the number %(number)s is for."), number=number)
        found.append({"number": number, **words})
    if len(found) > MOST_NUMBERS:
        raise Invalid(N_("A plan has at most %(most)s telephone numbers."), most=MOST_NUMBERS)
    return found


def _things(sent: Raw) -> list[dict[str, str]]:
    found: list[dict[str, str]] = []
    for zh, en, place, place_en in _table(sent, "thing_zh", "thing_en", "thing_place", "thing_place_en"):
        if not any((zh, en, place, place_en)):
            continue
        thing = {"zh": _short(zh), "en": _short(en, 2), "place": _short(place), "place_en": _short(place_en, 2)}
        if not thing["zh"] or not thing["place"]:
            raise Invalid(N_("Say of each thing to fetch what it is and where it lies."))
        if thing["zh"] in [one["zh"] for one in found]:
            raise Invalid(N_("“%(text)s” stands there twice."), text=thing["zh"])
        found.append(thing)
    if len(found) > MOST_THINGS:
        raise Invalid(N_("A plan has at most %(most)s things to fetch."), most=MOST_THINGS)
    return found


def _short(value: str, times: int = 1) -> str:
    text = clean_text(value, THING_LIMIT * 4, lines=False)
    if len(text) > THING_LIMIT * times:
        raise Invalid(N_("“%(text)s…” is too long."), text=text[:20])
    return text
