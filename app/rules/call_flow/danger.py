"""Words of danger (D7) wherever a caller may speak: what is said decides, not the key that was pressed before."""

from app.errors import N_
from app.rules.call_flow import emergency
from app.rules.call_flow.matter import LIFE_SAFETY
from app.rules.call_flow.model import EXPECTS, Flow, Heard, Reply, Step
from app.rules.call_flow.words import line
from app.rules.call_flow.world import World
from app.rules.classify import classify
from app.rules.codes import Kind, Priority


def is_danger(heard: Heard, world: World) -> bool:
    """Whether the administrators' words make an emergency of what was said."""
    return bool(heard.speech) and classify(heard.speech, world.words).priority == Priority.EMERGENCY


def instead(flow: Flow, heard: Heard, world: World) -> Reply | None:
    """The emergency branch instead of the question's own answer; None where the question goes on.

    A repair described keeps its questions while the roster is rung (`matter`). A complaint may speak of what is past:
    there the caller decides (`beside`).
    """
    asked = flow.step in EXPECTS and flow.step != Step.EMERGENCY and not flow.facts.ladder
    if not asked or not is_danger(heard, world) or (flow.facts.kind == Kind.COMPLAINT and flow.step == Step.DESCRIBE):
        return None
    if flow.facts.kind == Kind.REPAIR and flow.step == Step.DESCRIBE:
        return None
    return emergency.told(flow, heard, world)


def beside(flow: Flow, heard: Heard, world: World, reply: Reply) -> Reply:
    """A complaint with words of danger: the way to help is said before the next question."""
    complaint = flow.step == Step.DESCRIBE and flow.facts.kind == Kind.COMPLAINT and not flow.facts.ladder
    if not complaint or not is_danger(heard, world):
        return reply
    return reply.first(
        line(LIFE_SAFETY), line(N_("If it is happening now, press 9: the person on duty is called at once."))
    )
