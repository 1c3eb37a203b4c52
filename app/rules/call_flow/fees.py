"""Key 6 (D15): sums are told to an owner who keys the telephone PIN, to nobody else; whoever wants more is rung back."""

from app.errors import N_
from app.rules.call_flow import matter
from app.rules.call_flow.asking import NO_SUCH_KEY, NOT_HEARD, again, ask
from app.rules.call_flow.effects import Open, PinTried
from app.rules.call_flow.model import Flow, Heard, Hold, Reply, Step
from app.rules.call_flow.words import Line, line
from app.rules.call_flow.world import Payer, RecordingNow, World
from app.rules.codes import Kind
from app.rules.voice_pin import PinState, is_pin

TRIES = 1
FEE_CATEGORY = "fee"
NO_SUMS = N_(
    "Amounts are told on the telephone only to an owner who calls from a number we know and keys a telephone PIN. "
    "You set the PIN on your own page of the owners' portal; there, and at the desk, you also see your bills."
)
NOT_PAUSED = N_(
    "This call is recorded and the recording cannot be paused, so we do not ask for your PIN. "
    "On your own page and at the desk you see your bills."
)
LOCKED = N_("The telephone PIN is locked. Set a new one on your own page, or ask the desk to open it again.")


HOLD_SECONDS, MOST_HOLDS = 2, 5
"""How long, and how often, a caller waits for the recording to be paused before the PIN is given up."""


def enter(flow: Flow, world: World) -> Reply:
    """Key 6: the PIN is asked of an owner's number; where it is several owners', which house first."""
    flow = flow.know(answered=True, asked=(*flow.facts.asked, "fees"))
    if len({payer.persons for payer in world.payers}) > 1:
        return ask(flow.at(Step.FEES_HOUSE, offered=tuple(payer.house for payer in world.payers)))
    return _pin(flow, world.payers[0] if world.payers else None, world)


def which(flow: Flow, heard: Heard, world: World) -> Reply:
    """Whose bills: the owners who share a number are told apart by their houses, never by their names."""
    offered = flow.facts.offered
    if len(heard.digits) == 1 and heard.digits in "12345678" and int(heard.digits) <= len(offered):
        chosen = offered[int(heard.digits) - 1]
        return _pin(flow, next((payer for payer in world.payers if payer.house.id == chosen.id), None), world)
    if flow.facts.tries >= TRIES:
        return ask(flow.at(Step.FEES, offered=()))
    return again(flow, line(NO_SUCH_KEY if heard.digits else NOT_HEARD))


def pin(flow: Flow, heard: Heard, world: World) -> Reply:
    """Six digits. What cannot be a PIN is no try; a wrong one is, over all calls together. Not before the recording is paused."""
    if flow.facts.holds and not heard.digits:
        return _unrecorded(flow, world)
    if not is_pin(heard.digits) or world.pin is None:
        if flow.facts.tries >= TRIES:
            return ask(flow.at(Step.FEES, payers=()))
        return again(flow, line(N_("A PIN has six digits.") if heard.digits else NOT_HEARD))
    tried = PinTried(flow.facts.payers, world.pin.person)
    if world.pin.person is not None:
        return ask(flow.at(Step.FEES, payers=())).first(*_sums(world)).also(tried)
    if world.pin.left <= 0:
        return ask(flow.at(Step.FEES, payers=())).first(line(LOCKED)).also(tried)
    # The tries of `again` are for silence: a PIN tried twice is not a caller who does not answer.
    asked = ask(flow.at(Step.FEES_PIN))
    return asked.first(line(N_("That was not right. Tries left: %(left)s."), left=str(world.pin.left))).also(tried)


def after(flow: Flow, heard: Heard, world: World) -> Reply:
    """1 the finance department rings back, 2 main menu."""
    if heard.digits == "1":
        wanted = line(N_("The caller asks the finance department to call back about fees."))
        flow = flow.know(kind=Kind.CONSULTATION, category=FEE_CATEGORY, callback=True)
        done = matter.finish(flow, world, line(N_("The finance department will call you back.")))
        return done.also(Open(Kind.CONSULTATION, FEE_CATEGORY, wanted, callback=True))
    if heard.digits == "2":
        return ask(flow.at(Step.MENU))
    if flow.facts.tries >= TRIES:
        return matter.goodbye(flow)
    return again(flow, line(NO_SUCH_KEY if heard.digits else NOT_HEARD))


def _pin(flow: Flow, payer: Payer | None, world: World) -> Reply:
    if payer is None or payer.pin == PinState.NONE:
        return ask(flow.at(Step.FEES, offered=())).first(line(NO_SUMS))
    if payer.pin == PinState.LOCKED:
        return ask(flow.at(Step.FEES, offered=())).first(line(LOCKED))
    return _unrecorded(flow.at(Step.FEES_PIN, payers=payer.persons, offered=(), holds=0), world)


def _unrecorded(flow: Flow, world: World) -> Reply:
    """Ask for the PIN once no recording hears it; the job that pauses it is given some seconds."""
    if world.recording == RecordingNow.NONE:
        return ask(flow.know(holds=0))
    if world.recording == RecordingNow.PAUSED:
        return ask(flow.know(holds=0)).first(line(N_("The recording is paused while you key it in.")))
    holds = flow.facts.holds + 1
    if world.recording == RecordingNow.FIXED or holds > MOST_HOLDS:
        return ask(flow.at(Step.FEES, payers=(), holds=0)).first(line(NOT_PAUSED))
    said = (line(N_("One moment please: the recording is being paused for your PIN.")),) if holds == 1 else ()
    return Reply(flow.know(holds=holds), said, Hold(HOLD_SECONDS))


def _sums(world: World) -> list[Line]:
    owed = world.owed
    if owed is None or owed.count == 0:
        return [line(N_("All your bills are paid. Thank you."))]
    said = [
        line(N_("Open bills: %(count)s, together %(sum)s yuan."), count=str(owed.count), sum=f"{owed.sum:.2f}"),
    ]
    if owed.late:
        said.append(line(N_("Of these %(sum)s yuan are overdue."), sum=f"{owed.late:.2f}"))
    else:
        said.append(line(N_("None of them is overdue.")))
    return said
