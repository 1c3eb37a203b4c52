"""The hotline's flow as a diagram, drawn by walking the code: every question × every input (docs/hotline.md).

python -m scripts.call_flow_diagram      write it between the markers of docs/hotline.md
"""

import sys
from collections import defaultdict
from dataclasses import replace
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path

from app.rules.arrears import Owed
from app.rules.call_flow.effects import Open as OpenEffect
from app.rules.call_flow.machine import HANDLERS, advance
from app.rules.call_flow.model import EXPECTS, Expect, Facts, Flow, HangUp, Heard, Step, Wait
from app.rules.call_flow.world import Choice, OpenTicket, Payer, PinCheck, Service, World
from app.rules.classify import Word
from app.rules.place import HouseKey, Match
from app.rules.prices import PriceTag
from app.rules.voice_pin import PinState

PAGE = Path(__file__).resolve().parent.parent / "docs" / "hotline.md"
BEGIN, END = "<!-- flow: begin -->", "<!-- flow: end -->"

_HOUSES = (HouseKey(1, "3", "2", "1201"), HouseKey(2, "5", "1", "302"))
_WORDS = (Word("漏水", "water"),)
_TICKET = OpenTicket(9, "20000009", "dispatched", "repair", "water")
_PAYER = Payer(_HOUSES[0], (1,), PinState.SET)
_OTHER_PAYER = Payer(_HOUSES[1], (2,), PinState.SET)
_KNOWN = World(houses=_HOUSES[:1], words=_WORDS, person_number="+862160001000")
_STRANGER = World(words=_WORDS)
_PRICES = (
    Choice(1, "A4", "A4", price=PriceTag("fixed", "0.50")),
    Choice(2, "A3", "A3", price=PriceTag("fixed", "1.00")),
)
_WAKE = Choice(3, "叫醒服务", "Wake-up call", "wake_up")
_SERVING = World(
    words=_WORDS,
    catalogue=(Service(_WAKE), Service(Choice(4, "复印", "Copying", "copy", True), _PRICES)),
    local_now=datetime(2026, 3, 10, 10, 30, tzinfo=UTC),
    own_number="+8613800138001",
)
_INPUTS: dict[str, Heard] = {key: Heard(digits=key) for key in "1234567890*"} | {
    "silence": Heard(),
    "speech": Heard(speech="漏水"),
    "recording": Heard(recording=True),
}
_SPECIAL: dict[Step, dict[str, Heard]] = {
    Step.PERSON: {"they talked": Heard(dial_status="completed"), "nobody": Heard(dial_status="no-answer")},
    Step.QUEUE: {
        "bridged": Heard(queue_result="bridged"),
        "1 called back": Heard(queue_result="leave"),
        "hung up": Heard(queue_result="hangup"),
        "failed": Heard(queue_result="error"),
    },
    Step.WHICH_HOUSE: {
        "a house, said or keyed": Heard(speech="三幢二单元"),
        "0": Heard(digits="0"),
        "silence": Heard(),
    },
    Step.PROGRESS: {"a number": Heard(digits="20000009"), "silence": Heard()},
    Step.EMERGENCY: {
        "1 … 5": Heard(digits="1"),
        "speech": Heard(speech="漏水"),
        "anything else": Heard(digits="7"),
        "silence": Heard(),
    },
    Step.SERVICE: {
        "1": Heard(digits="1"),
        "2": Heard(digits="2"),
        "0": Heard(digits="0"),
        "a name": Heard(speech="复印"),
        "other words": Heard(speech="漏水"),
        "silence": Heard(),
    },
    Step.SERVICE_KIND: {"1": Heard(digits="1"), "0": Heard(digits="0"), "silence": Heard()},
    Step.SERVICE_PRICE: {"1": Heard(digits="1"), "2": Heard(digits="2"), "silence": Heard()},
    Step.SERVICE_NOTE: {"speech": Heard(speech="明天"), "2": Heard(digits="2"), "silence": Heard()},
    Step.WAKE_TIME: {"four digits": Heard(digits="0630"), "silence": Heard()},
    Step.WAKE_NUMBER: {"1, or a number": Heard(digits="1"), "silence": Heard()},
    Step.FEES_PIN: {"six digits": Heard(digits="482917"), "silence": Heard()},
    Step.HOUSE_CHECK: {"1": Heard(digits="1"), "anything else": Heard(digits="2"), "silence": Heard()},
    Step.RECORD: {"recording": Heard(recording=True), "silence": Heard()},
    Step.MESSAGE: {"recording": Heard(recording=True), "silence": Heard()},
}
_WORLDS: dict[Step, dict[str, World]] = {
    Step.MENU: {
        "": _KNOWN,
        "caller unknown": _STRANGER,
        "own tickets": World(own_tickets=(_TICKET,)),
        "owner with a PIN": World(payers=(_PAYER,)),
        "several owners": World(payers=(_PAYER, _OTHER_PAYER)),
    },
    Step.WHICH_HOUSE: {
        "not understood": _STRANGER,
        "certain": World(match=Match(house=_HOUSES[0])),
        "doubt": World(match=Match(candidates=_HOUSES)),
    },
    Step.DESCRIBE: {"": _KNOWN, "reported before": World(words=_WORDS, further=(_TICKET,))},
    Step.SAME: {"": World(further=(_TICKET,))},
    Step.HOUSE: {"": _KNOWN, "for a service": _SERVING},
    Step.SERVICE: {"": _SERVING},
    Step.SERVICE_KIND: {"": _SERVING},
    Step.SERVICE_PRICE: {"": _SERVING, "a wake-up call": _SERVING},
    Step.WAKE_TIME: {"": _SERVING},
    Step.WAKE_NUMBER: {"": _SERVING},
    Step.FEES_HOUSE: {"": World(payers=(_PAYER, _OTHER_PAYER))},
    Step.FEES_PIN: {
        "right": World(pin=PinCheck(1), owed=Owed(1, Decimal("252.00"), Decimal(0))),
        "wrong": World(pin=PinCheck(None, 1)),
        "wrong, locked": World(pin=PinCheck(None, 0)),
    },
    Step.PROGRESS: {"found": World(looked_up=_TICKET), "not found": _STRANGER},
}


_ONLY = {"own tickets": "5", "caller unknown": "1234", "owner with a PIN": "6", "several owners": "6"}
"""What only one key of the menu looks at."""


def edges() -> dict[tuple[str, str], list[str]]:
    """From and to of every change of question, with the inputs that cause it; repeats of the same question are left out."""
    found: dict[tuple[str, str], list[str]] = defaultdict(list)
    for step in Step:
        if step not in HANDLERS:
            continue
        for tries in (0, 2):
            for name, heard in _SPECIAL.get(step, _INPUTS).items():
                for world_name, world in _WORLDS.get(step, {"": _KNOWN}).items():
                    _walk(found, step, tries, name, heard, world_name, world)
    return found


def _walk(
    found: dict[tuple[str, str], list[str]],
    step: Step,
    tries: int,
    name: str,
    heard: Heard,
    world_name: str,
    world: World,
) -> None:
    item = _WAKE if "wake-up" in world_name else _SERVING.catalogue[1].item
    choices = tuple(one.item for one in _SERVING.catalogue) if step == Step.SERVICE else _PRICES
    serving = step.value.startswith(("service", "wake")) or "service" in world_name
    facts = Facts(
        turn=2,
        tries=tries,
        kind="service" if serving else "repair",
        house=_HOUSES[0],
        offered=_HOUSES[:1],
        further_id=9,
    )
    if serving:
        facts = replace(facts, item=item, choices=choices, wake_at="2026-03-11T06:30:00", wake_number="+8613800138001")
    if world_name in ("certain", "doubt", "found") and name in ("silence", "0"):
        return  # nothing was said that could be matched
    if world_name in _ONLY and name not in _ONLY[world_name]:
        return
    if name == "9":
        return  # drawn once, from every question
    reply = advance(Flow(step, facts), heard, world)
    goal = "end" if isinstance(reply.verb, HangUp) else reply.flow.step.value
    if goal == step.value and not isinstance(reply.verb, Wait):
        return
    if tries and name != "silence" and goal in {to for (start, to) in found if start == step.value}:
        return
    label = f"{name} ({world_name})" if world_name else name
    if world_name and name in found[(step.value, goal)]:
        return
    if tries:
        if name != "silence" and "not understood" not in world_name:
            return
        label = f"{name} again"
    if any(isinstance(effect, OpenEffect) for effect in reply.effects):
        label += " ✎"
    if label not in found[(step.value, goal)]:
        found[(step.value, goal)].append(label)


def mermaid() -> str:
    """The diagram. ✎ marks where the ticket is opened."""
    lines = ["```mermaid", "flowchart TD", '  start(["a call comes in: event, call, number"]) --> menu']
    for (start, goal), labels in edges().items():
        if labels:
            lines.append(f'  {_node(start)} -- "{_short(labels)}" --> {_node(goal)}')
    lines.append(f'  any["every one-digit question"] -- "9 ✎" --> {_node("emergency")}')
    lines += [f'  {_node(step.value)} -- "words of danger ✎" --> {_node("queue")}' for step in _left_by_danger()]
    lines.append("```")
    return "\n".join(lines)


def _left_by_danger() -> list[Step]:
    """The questions that words of danger leave at once."""
    world = replace(_KNOWN, words=(*_WORDS, Word("着火", "fire", "emergency")))
    spoken = [step for step, expect in EXPECTS.items() if expect in (Expect.WORDS, Expect.HOUSE)]
    kinds = {step: "service" if step.value.startswith("service") else "repair" for step in spoken}
    flows = [Flow(step, Facts(turn=2, kind=kinds[step])) for step in spoken if step != Step.EMERGENCY]
    return [flow.step for flow in flows if isinstance(advance(flow, Heard(speech="着火了"), world).verb, Wait)]


def _node(name: str) -> str:
    return f"{name.replace('-', '_')}[{name}]" if name != "end" else 'finish(["number, goodbye"])'


def _short(labels: list[str]) -> str:
    return " / ".join(labels)


def page_with(diagram: str) -> str:
    """The page with the diagram in its place."""
    text = PAGE.read_text(encoding="utf-8")
    before, rest = text.split(BEGIN, 1)
    return f"{before}{BEGIN}\n{diagram}\n{END}{rest.split(END, 1)[1]}"


if __name__ == "__main__":
    PAGE.write_text(page_with(mermaid()), encoding="utf-8")
    sys.exit(0)
