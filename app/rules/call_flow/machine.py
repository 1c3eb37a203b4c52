"""The telephone as a pure state machine: (where the call stands, what was heard, what the house knows) → what happens next."""

from collections.abc import Callable, Mapping

from app.rules.call_flow import booking, danger, emergency, errands, fees, matter, menu, notices
from app.rules.call_flow.asking import NOTICE, again, ask
from app.rules.call_flow.model import EXPECTS, Expect, Facts, Flow, HangUp, Heard, Reply, Step
from app.rules.call_flow.words import line
from app.rules.call_flow.world import Notice, World

Handler = Callable[[Flow, Heard, World], Reply]

HANDLERS: Mapping[Step, Handler] = {
    Step.MENU: menu.menu,
    Step.HOUSE: menu.house,
    Step.WHICH_HOUSE: menu.which_house,
    Step.HOUSE_CHECK: menu.house_check,
    Step.SERVICE: booking.service,
    Step.SERVICE_KIND: booking.kind,
    Step.SERVICE_PRICE: booking.price,
    Step.SERVICE_NOTE: booking.note,
    Step.WAKE_TIME: booking.wake_time,
    Step.WAKE_NUMBER: booking.wake_number,
    Step.WAKE_CHECK: booking.wake_check,
    Step.DESCRIBE: matter.describe,
    Step.RECORD: matter.record,
    Step.SAME: matter.same_matter,
    Step.PLACE: matter.place,
    Step.WHERE: matter.where,
    Step.CONFIRM: matter.confirm,
    Step.PROGRESS: errands.progress_number,
    Step.PROGRESS_NEXT: errands.progress_next,
    Step.FEES_HOUSE: fees.which,
    Step.FEES_PIN: fees.pin,
    Step.FEES: fees.after,
    Step.PERSON: errands.after_person,
    Step.MESSAGE: errands.message,
    Step.EMERGENCY: emergency.which,
    Step.QUEUE: emergency.after_queue,
}
MAX_TURNS = 60
"""A call that goes round in circles for longer than this is taken to the recorded message."""


def begin(locale: str, community: str, outages: tuple[Notice, ...] = (), can_text: bool = False) -> Reply:
    """The first answer: the call is recorded, greeting, announced outages of the caller's buildings, menu (I4)."""
    flow, lines, effects = notices.tell(Flow(Step.MENU, Facts(turn=1), locale), outages, can_text)
    return ask(flow).first(line(NOTICE, community=community), *lines).also(*effects)


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
    if heard.digits == notices.KEY and flow.step in (Step.MENU, Step.DESCRIBE) and flow.facts.may_subscribe:
        return notices.subscribe(flow)
    if heard.digits == "*" and EXPECTS.get(flow.step) in (Expect.KEY, Expect.WORDS) and flow.facts.turn < MAX_TURNS:
        return ask(flow)
    if flow.facts.turn > MAX_TURNS and flow.step not in (Step.MESSAGE, Step.QUEUE, Step.PERSON):
        return ask(flow.at(Step.MESSAGE))
    return danger.instead(flow, heard, world) or danger.beside(flow, heard, world, handler(flow, heard, world))


__all__ = ["HANDLERS", "MAX_TURNS", "advance", "again", "begin"]
