"""The hotline's call flow (I4, D6, I8), pure. `begin` and `advance` lead a call, `end` says what it came to."""

from app.rules.call_flow.ending import FINAL, end, moves_forward
from app.rules.call_flow.machine import advance, begin
from app.rules.call_flow.model import Ending, Expect, Facts, Flow, Heard, Reply, Step
from app.rules.call_flow.world import OpenTicket, World

__all__ = [
    "FINAL",
    "Ending",
    "Expect",
    "Facts",
    "Flow",
    "Heard",
    "OpenTicket",
    "Reply",
    "Step",
    "World",
    "advance",
    "begin",
    "end",
    "moves_forward",
]
