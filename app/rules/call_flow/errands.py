"""What needs no new matter (I4): progress of tickets, fees, a person, and the message of one who said nothing."""

from app.errors import N_
from app.rules.call_flow import matter
from app.rules.call_flow.asking import NO_SUCH_KEY, NOT_HEARD, again, ask
from app.rules.call_flow.effects import AskAgain, Open
from app.rules.call_flow.ending import TALKED
from app.rules.call_flow.model import ASKED, Connect, Flow, HangUp, Heard, Reply, Step
from app.rules.call_flow.words import Digits, Line, Word, line
from app.rules.call_flow.world import OpenTicket, World
from app.rules.codes import OPEN_STATES, Kind
from app.rules.ticket_states import STATE_LABELS

TRIES = 1
LOOK_UPS = 3
NOT_TOLD = N_(
    "Progress is told only to the number that reported the matter, or to a number we know of the household. "
    "You see it on your own page of the owners' portal, too, or ask a person: key 0 of the main menu."
)


def progress(flow: Flow, world: World) -> Reply:
    """Number and state of what this caller's number or houses reported, and nothing else (D15)."""
    flow = flow.know(asked=(*flow.facts.asked, "progress"))
    if world.withheld:
        return ask(flow.at(Step.PROGRESS_NEXT)).first(line(NOT_TOLD))
    if not world.own_tickets:
        reply = ask(flow.at(Step.PROGRESS))
        return reply.first(line(N_("From this number there is no open ticket.")))
    return _told(flow, world.own_tickets)


def _told(flow: Flow, tickets: tuple[OpenTicket, ...]) -> Reply:
    """What is told of these, and that whoever still waits has asked again."""
    told = [_state_line(ticket) for ticket in tickets]
    waiting = tuple(ticket.id for ticket in tickets if ticket.state in OPEN_STATES)
    reply = ask(flow.at(Step.PROGRESS_NEXT))
    if not waiting:
        return reply.first(*told)
    noted = line(N_("That you ask again is noted, and whoever is responsible sees it."))
    return reply.first(*told, noted).also(AskAgain(waiting))


def progress_number(flow: Flow, heard: Heard, world: World) -> Reply:
    """An older ticket of the caller's own asked for by its number: its state only. A stranger's is as if there were none."""
    if world.looked_up:
        return _told(flow, (world.looked_up,))
    if flow.facts.tries >= LOOK_UPS - 1:
        return ask(flow.at(Step.PROGRESS_NEXT)).first(line(N_("I have not found the ticket.")), line(NOT_TOLD))
    return again(flow, line(N_("From this number there is no ticket with this number.") if heard.digits else NOT_HEARD))


def progress_next(flow: Flow, heard: Heard, world: World) -> Reply:
    """1 main menu, 2 goodbye."""
    if heard.digits == "1":
        return ask(flow.at(Step.MENU))
    if heard.digits == "2" or flow.facts.tries >= TRIES:
        return matter.goodbye(flow)
    return again(flow, line(NO_SUCH_KEY if heard.digits else NOT_HEARD))


def person(flow: Flow, world: World) -> Reply:
    """Ring the desk in its hours, else the one on duty; without either, a recording."""
    flow = flow.know(asked=(*flow.facts.asked, "person"), screened="")
    if world.person_number is None:
        return ask(flow.at(Step.MESSAGE)).first(line(N_("Nobody can be reached at the moment.")))
    ringing = line(N_("One moment, I am connecting you."))
    return Reply(flow.at(Step.PERSON), (ringing,), Connect(world.person_number, world.ring_seconds))


def after_person(flow: Flow, heard: Heard, world: World) -> Reply:
    """They talked, or the caller leaves a message."""
    # A leg that answered and pressed nothing was a voicemail.
    if heard.dial_status not in ("completed", "answered") or flow.facts.screened == ASKED:
        return ask(flow.at(Step.MESSAGE)).first(line(N_("Nobody has answered.")))
    flow = flow.at(Step.END, connected=True, ended=True)
    spoke = line(TALKED)
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


ON_THE_WAY = N_("somebody is on the way to you")


def _state_line(ticket: OpenTicket) -> Line:
    label = next((text for code, text in STATE_LABELS.items() if code == ticket.state), ticket.state)
    state = Word(ON_THE_WAY if ticket.on_the_way else label)
    return line(N_("Ticket %(number)s: %(state)s."), number=Digits(ticket.number), state=state)
