"""What needs no new matter (I4): progress of tickets, fees, a person, and the message of one who said nothing."""

from app.errors import N_
from app.rules.call_flow import matter
from app.rules.call_flow.asking import again, ask
from app.rules.call_flow.model import Connect, Flow, HangUp, Heard, Open, Reply, Step, World
from app.rules.call_flow.words import Digits, Line, Word, line
from app.rules.codes import Kind
from app.rules.ticket_states import STATE_LABELS

TRIES = 1
LOOK_UPS = 3
FEE_CATEGORY = "fee"
NO_SUCH_KEY = N_("That key has no meaning here.")
NOT_HEARD = N_("I did not hear anything.")


def progress(flow: Flow, world: World) -> Reply:
    """Number and state of what was reported from this number, and nothing else (D15)."""
    flow = flow.know(asked=(*flow.facts.asked, "progress"))
    if not world.own_tickets:
        reply = ask(flow.at(Step.PROGRESS))
        return reply.first(line(N_("From this number there is no open ticket.")))
    told = [_state_line(ticket.number, ticket.state) for ticket in world.own_tickets]
    return ask(flow.at(Step.PROGRESS_NEXT)).first(*told)


def progress_number(flow: Flow, heard: Heard, world: World) -> Reply:
    """A ticket asked for by its number: its state only."""
    if world.looked_up:
        told = _state_line(world.looked_up.number, world.looked_up.state)
        return ask(flow.at(Step.PROGRESS_NEXT)).first(told)
    if flow.facts.tries >= LOOK_UPS - 1:
        return ask(flow.at(Step.PROGRESS_NEXT)).first(line(N_("I have not found the ticket.")))
    return again(flow, line(N_("There is no ticket with this number.") if heard.digits else NOT_HEARD))


def progress_next(flow: Flow, heard: Heard, world: World) -> Reply:
    """1 main menu, 2 goodbye."""
    if heard.digits == "1":
        return ask(flow.at(Step.MENU))
    if heard.digits == "2" or flow.facts.tries >= TRIES:
        return goodbye(flow)
    return again(flow, line(NO_SUCH_KEY if heard.digits else NOT_HEARD))


def fees(flow: Flow, heard: Heard, world: World) -> Reply:
    """1 the finance department rings back, 2 main menu."""
    if heard.digits == "1":
        wanted = line(N_("The caller asks the finance department to call back about fees."))
        flow = flow.know(kind=Kind.CONSULTATION, category=FEE_CATEGORY, callback=True)
        done = matter.finish(flow, world, line(N_("The finance department will call you back.")))
        return done.also(Open(Kind.CONSULTATION, FEE_CATEGORY, wanted, callback=True))
    if heard.digits == "2":
        return ask(flow.at(Step.MENU))
    if flow.facts.tries >= TRIES:
        return goodbye(flow)
    return again(flow, line(NO_SUCH_KEY if heard.digits else NOT_HEARD))


def person(flow: Flow, world: World) -> Reply:
    """Ring the desk in its hours, else the one on duty; without either, a recording."""
    flow = flow.know(asked=(*flow.facts.asked, "person"))
    if world.person_number is None:
        return ask(flow.at(Step.MESSAGE)).first(line(N_("Nobody can be reached at the moment.")))
    ringing = line(N_("One moment, I am connecting you."))
    return Reply(flow.at(Step.PERSON), (ringing,), Connect(world.person_number, world.ring_seconds))


def after_person(flow: Flow, heard: Heard, world: World) -> Reply:
    """They talked, or the caller leaves a message."""
    if heard.dial_status not in ("completed", "answered"):
        return ask(flow.at(Step.MESSAGE)).first(line(N_("Nobody has answered.")))
    flow = flow.at(Step.END, connected=True, ended=True)
    spoke = line(N_("The caller was connected to a person."))
    thanks = line(N_("Thank you for calling. Goodbye."))
    return Reply(flow, (thanks,), HangUp(), (Open(Kind.CONSULTATION, None, spoke),))


def message(flow: Flow, heard: Heard, world: World) -> Reply:
    """The recorded message of a caller who chose nothing or reached nobody: always a ticket, always a call back."""
    if heard.recording:
        flow = flow.know(recorded=True)
        reply = matter.ring_back(flow, world, line(matter.RECORDED_MESSAGE))
    else:
        reply = matter.ring_back(flow, world, line(N_("The caller left no message.")), line(NOT_HEARD))
    return Reply(reply.flow, (), HangUp(), reply.effects) if heard.hung_up else reply


def goodbye(flow: Flow) -> Reply:
    """The end of a call that only asked something."""
    return Reply(flow.at(Step.END, ended=True), (line(N_("Thank you for calling. Goodbye.")),), HangUp())


def _state_line(number: str, state: str) -> Line:
    label = next((text for code, text in STATE_LABELS.items() if code == state), state)
    return line(N_("Ticket %(number)s: %(state)s."), number=Digits(number), state=Word(label))
