"""The telephone as a pure state machine: (where the call stands, what was heard, what the house knows) → what happens next."""

from collections.abc import Callable, Mapping

from app.rules.call_flow import emergency, errands, matter, menu
from app.rules.call_flow.asking import NOTICE, again, ask
from app.rules.call_flow.model import EXPECTS, Expect, Facts, Flow, HangUp, Heard, Reply, Step, World
from app.rules.call_flow.words import line

Handler = Callable[[Flow, Heard, World], Reply]

HANDLERS: Mapping[Step, Handler] = {
    Step.MENU: menu.menu,
    Step.HOUSE: menu.house,
    Step.WHICH_HOUSE: menu.which_house,
    Step.HOUSE_CHECK: menu.house_check,
    Step.DESCRIBE: matter.describe,
    Step.RECORD: matter.record,
    Step.SAME: matter.same_matter,
    Step.PLACE: matter.place,
    Step.WHERE: matter.where,
    Step.CONFIRM: matter.confirm,
    Step.PROGRESS: errands.progress_number,
    Step.PROGRESS_NEXT: errands.progress_next,
    Step.FEES: errands.fees,
    Step.PERSON: errands.after_person,
    Step.MESSAGE: errands.message,
    Step.EMERGENCY: emergency.which,
    Step.QUEUE: emergency.after_queue,
}
MAX_TURNS = 60
"""A call that goes round in circles for longer than this is taken to the recorded message."""


def begin(locale: str, community: str) -> Reply:
    """The first answer: the call is recorded, greeting, menu (I4)."""
    reply = ask(Flow(Step.MENU, Facts(turn=1), locale))
    return reply.first(line(NOTICE, community=community))


def advance(flow: Flow, heard: Heard, world: World) -> Reply:
    """One step of the call. Never raises for anything a caller can do."""
    handler = HANDLERS.get(flow.step)
    if handler is None or flow.facts.ended:
        return Reply(flow, (), HangUp())
    # A key without meaning is an answer too: only who says nothing at all is silent (I5). A recording ends with a key, too.
    spoke = bool(heard.speech or (heard.digits and flow.step in EXPECTS))
    flow = flow.know(turn=flow.facts.turn + 1, answered=flow.facts.answered or spoke)
    if heard.digits == "9" and flow.step in EXPECTS:
        return emergency.enter(flow, world)
    if heard.digits == "*" and EXPECTS.get(flow.step) in (Expect.KEY, Expect.WORDS) and flow.facts.turn < MAX_TURNS:
        return ask(flow)
    if flow.facts.turn > MAX_TURNS and flow.step not in (Step.MESSAGE, Step.QUEUE, Step.PERSON):
        return ask(flow.at(Step.MESSAGE))
    return handler(flow, heard, world)


__all__ = ["HANDLERS", "MAX_TURNS", "advance", "again", "begin"]
