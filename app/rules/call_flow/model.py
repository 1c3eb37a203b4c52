"""The vocabulary of the call flow: its steps, what is known so far, what was heard, what happens next. All frozen, all plain data."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, fields, replace
from enum import StrEnum
from typing import Any

from app.rules.call_flow.effects import Effect
from app.rules.call_flow.words import Line
from app.rules.call_flow.world import Choice, Notice
from app.rules.classify import Finding
from app.rules.place import HouseKey


class Step(StrEnum):
    """The questions, each the last segment of an action URL (I4). These names are stable."""

    MENU = "menu"
    HOUSE = "house"
    WHICH_HOUSE = "which-house"
    HOUSE_CHECK = "house-check"
    SERVICE = "service"
    SERVICE_KIND = "service-kind"
    SERVICE_PRICE = "service-price"
    SERVICE_NOTE = "service-note"
    WAKE_TIME = "wake-time"
    WAKE_NUMBER = "wake-number"
    WAKE_CHECK = "wake-check"
    DESCRIBE = "describe"
    RECORD = "record"
    SAME = "same-matter"
    PLACE = "place"
    WHERE = "where"
    CONFIRM = "confirm"
    PROGRESS = "progress"
    PROGRESS_NEXT = "progress-next"
    FEES_HOUSE = "fees-house"
    FEES_PIN = "fees-pin"
    FEES = "fees"
    PERSON = "person"
    MESSAGE = "message"
    EMERGENCY = "emergency"
    QUEUE = "queue"
    END = "end"


class Expect(StrEnum):
    """What a question takes."""

    KEY = "key"
    WORDS = "words"
    DIGITS = "digits"
    HOUSE = "house"


EXPECTS: Mapping[Step, Expect] = {
    Step.MENU: Expect.KEY,
    Step.HOUSE: Expect.KEY,
    Step.WHICH_HOUSE: Expect.HOUSE,
    Step.HOUSE_CHECK: Expect.KEY,
    Step.SERVICE: Expect.WORDS,
    Step.SERVICE_KIND: Expect.KEY,
    Step.SERVICE_PRICE: Expect.KEY,
    Step.SERVICE_NOTE: Expect.WORDS,
    Step.WAKE_TIME: Expect.DIGITS,
    Step.WAKE_NUMBER: Expect.DIGITS,
    Step.WAKE_CHECK: Expect.KEY,
    Step.DESCRIBE: Expect.WORDS,
    Step.SAME: Expect.KEY,
    Step.PLACE: Expect.KEY,
    Step.WHERE: Expect.WORDS,
    Step.CONFIRM: Expect.KEY,
    Step.PROGRESS: Expect.DIGITS,
    Step.PROGRESS_NEXT: Expect.KEY,
    Step.FEES_HOUSE: Expect.KEY,
    Step.FEES_PIN: Expect.DIGITS,
    Step.FEES: Expect.KEY,
    Step.EMERGENCY: Expect.WORDS,
}
"""KEY: one digit. WORDS: speech, or one digit. DIGITS: several, ended by #. HOUSE: speech, or several digits ended by #."""

SECRET = frozenset({Step.FEES_PIN})
"""Questions whose answer is kept nowhere as it was keyed."""

ONE_DIGIT = frozenset(step for step, expect in EXPECTS.items() if expect in (Expect.KEY, Expect.WORDS))


ASKED, TAKEN = "asked", "taken"
"""`Facts.screened`: the telephone rung by key 0 was answered, by a person or a machine; a person pressed 1."""


@dataclass(frozen=True)
class Facts:
    """What a call knows so far; kept as JSON in `call.facts`. `turn` counts the answers given."""

    turn: int = 0
    tries: int = 0
    rounds: int = 0
    answered: bool = False
    kind: str | None = None
    category: str | None = None
    priority: str | None = None
    house: HouseKey | None = None
    house_by_voice: bool = False
    house_said: str = ""
    building: str | None = None
    offered: tuple[HouseKey, ...] = ()
    found: Finding | None = None
    description: str = ""
    recorded: bool = False
    place_kind: str | None = None
    place: str = ""
    ticket_id: int | None = None
    ticket_number: str | None = None
    further_id: int | None = None
    further_number: str = ""
    joined: bool = False
    confirmed: bool = False
    asked: tuple[str, ...] = ()
    payers: tuple[int, ...] = ()
    holds: int = 0
    notices: tuple[Notice, ...] = ()
    subscribed: bool = False
    may_subscribe: bool = False
    page: int = 0
    more_pages: bool = False
    choices: tuple[Choice, ...] = ()
    item: Choice | None = None
    variant: Choice | None = None
    wake_at: str = ""
    wake_number: str = ""
    emergency: bool = False
    ladder: bool = False
    callback: bool = False
    connected: bool = False
    screened: str = ""
    fallback: bool = False
    ended: bool = False

    def to_json(self) -> dict[str, Any]:
        """Only what differs from the beginning."""
        blank = asdict(Facts())
        return {name: value for name, value in asdict(self).items() if value != blank[name]}

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> Facts:
        """The facts of a stored call; names of older or newer versions are ignored."""
        known = {field.name for field in fields(cls)}
        values = {name: value for name, value in data.items() if name in known}
        if values.get("house"):
            values["house"] = HouseKey(**values["house"])
        if values.get("found"):
            values["found"] = Finding(**values["found"])
        values["offered"] = tuple(HouseKey(**house) for house in values.get("offered", ()))
        values["asked"] = tuple(values.get("asked", ()))
        values["choices"] = tuple(Choice.from_json(one) for one in values.get("choices", ()))
        for name in ("item", "variant"):
            if values.get(name):
                values[name] = Choice.from_json(values[name])
        values["notices"] = tuple(Notice.from_json(one) for one in values.get("notices", ()))
        values["payers"] = tuple(values.get("payers", ()))
        return cls(**values)


@dataclass(frozen=True)
class Heard:
    """What one webhook brought. `hung_up`: the recording ended because the caller put the receiver down."""

    digits: str = ""
    speech: str = ""
    recording: bool = False
    hung_up: bool = False
    dial_status: str = ""
    queue_result: str = ""

    @property
    def silent(self) -> bool:
        """Nothing came."""
        return not (self.digits or self.speech or self.recording)


@dataclass(frozen=True)
class Ask:
    """Ask a question at `flow.step`."""

    expect: Expect


@dataclass(frozen=True)
class TakeRecording:
    """Beep and record at `flow.step`."""


@dataclass(frozen=True)
class Connect:
    """Dial a person for so many seconds, then go on at `flow.step`."""

    number: str
    seconds: int


@dataclass(frozen=True)
class Wait:
    """Put the caller into the queue of the ticket until somebody takes the emergency."""


@dataclass(frozen=True)
class Hold:
    """Wait so many seconds, then go on at `flow.step`."""

    seconds: int


@dataclass(frozen=True)
class HangUp:
    """Say goodbye."""


Verb = Ask | TakeRecording | Connect | Wait | Hold | HangUp


@dataclass(frozen=True)
class Flow:
    """Where a call stands."""

    step: Step
    facts: Facts
    locale: str = "zh"

    def at(self, step: Step, **changes: Any) -> Flow:
        """The same call at another question; the tries start anew."""
        return replace(self, step=step, facts=replace(self.facts, **({"tries": 0} | changes)))

    def know(self, **changes: Any) -> Flow:
        """The same question, knowing more."""
        return replace(self, facts=replace(self.facts, **changes))


@dataclass(frozen=True)
class Reply:
    """One answer of the flow: the new state, what is said, what the telephone does next, what the house writes down."""

    flow: Flow
    lines: tuple[Line, ...]
    verb: Verb
    effects: tuple[Effect, ...] = ()

    def first(self, *lines: Line) -> Reply:
        """The same answer with sentences said before it."""
        return replace(self, lines=(*lines, *self.lines))

    def also(self, *effects: Effect) -> Reply:
        """The same answer with effects before its own."""
        return replace(self, effects=(*effects, *self.effects))


@dataclass(frozen=True)
class Ending:
    """What is written when a call is over: outcome (I5) and the effects still owed."""

    outcome: str
    effects: tuple[Effect, ...] = ()
