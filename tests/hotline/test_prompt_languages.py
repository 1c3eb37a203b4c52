"""Every sentence the telephone says is in one language, whole: to callers at every question, to whoever is rung at night."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace
from types import ModuleType

import pytest
from flask import Flask

from app.hotline import ladder_twiml, screen, twiml
from app.rules import outbound_flow, reminder_flow
from app.rules.call_flow.effects import Effect
from app.rules.call_flow.machine import HANDLERS, advance, begin
from app.rules.call_flow.model import Facts, Flow, Reply, Step
from app.rules.call_flow.words import Line, Quote, line
from app.services.spoken_lines import speak, write
from scripts import call_flow_diagram as drawn
from tests.support.languages import strange_text

DATA = {"漏水", "明天", "三幢二单元", "3幢2单元1201", "5幢1单元302", "Sunshine Garden", "阳光花园"}
HOLE = re.compile(r"%\((\w+)\)s")


def replies(locale: str) -> Iterator[Reply]:
    """The answers to every input at every question, for callers known and unknown, at the first try and the third."""
    yield begin(locale, {"zh": "阳光花园", "en": "Sunshine Garden"}[locale])
    facts = Facts(turn=2, kind="repair", house=drawn._HOUSES[0], offered=drawn._HOUSES[:1], further_id=9)
    for step in HANDLERS:
        for world in drawn._WORLDS.get(step, {"": drawn._KNOWN}).values():
            for heard in (drawn._INPUTS | drawn._SPECIAL.get(step, {})).values():
                for tries in (0, 1, 2):
                    yield advance(Flow(Step(step), replace(facts, tries=tries), locale), heard, world)


def notes_of(effects: tuple[Effect, ...]) -> Iterator[Line]:
    """What the flow writes down for the staff."""
    for effect in effects:
        for value in vars(effect).values():
            if isinstance(value, Line):
                yield value


@pytest.mark.parametrize("locale", ["zh", "en"])
def test_every_answer_of_the_flow_is_said_in_one_language(app: Flask, locale: str) -> None:
    wrong, said = set(), set()
    with app.app_context():
        for reply in replies(locale):
            for sentence in reply.lines:
                tongue, words = sentence.locale or locale, speak(sentence, locale, "20000009")
                said.add(words)
                if strange_text(words, tongue, DATA):
                    wrong.add(words)
            for note in notes_of(reply.effects):
                if strange_text(write(note, locale, "20000009"), locale, DATA):
                    wrong.add(write(note, locale, "20000009"))
    assert len(said) > 40
    assert not wrong


@pytest.mark.parametrize(
    "module", [twiml, ladder_twiml, screen, outbound_flow, reminder_flow], ids=lambda one: one.__name__
)
@pytest.mark.parametrize("locale", ["zh", "en"])
def test_what_is_said_beside_the_flow_is_in_one_language(app: Flask, module: ModuleType, locale: str) -> None:
    msgids = [
        value for name, value in vars(module).items() if name.isupper() and isinstance(value, str) and " " in value
    ]
    assert msgids
    with app.app_context():
        said = [speak(line(msgid, **dict.fromkeys(HOLE.findall(msgid), Quote("3"))), locale) for msgid in msgids]
    assert not [words for words in said if strange_text(words, locale, DATA)]
