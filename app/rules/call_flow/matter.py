"""What it is about: description, place, read-back, number. The ticket is opened as soon as something was said (I8)."""

from dataclasses import replace

from app.errors import N_
from app.rules.call_flow import placing
from app.rules.call_flow.asking import KIND_WORDS, NO_SUCH_KEY, NOT_HEARD, again, ask
from app.rules.call_flow.effects import Amend, Effect, Join, Open, Receipt, StartLadder
from app.rules.call_flow.model import Flow, HangUp, Heard, Reply, Step
from app.rules.call_flow.words import Line, TicketNo, Word, line
from app.rules.call_flow.world import OpenTicket, World
from app.rules.classify import OTHER, Finding, classify
from app.rules.codes import Kind, Priority

TRIES = 1
MAX_ROUNDS = 3
PLACED_KINDS = (Kind.REPAIR, Kind.COMPLAINT)
LIFE_SAFETY = N_(
    "If there is fire, gas or anyone in danger: leave at once, do not use the lift, "
    "and from a safe place dial 119 for fire, 120 for an ambulance, 110 for the police."
)
RECORDED_MESSAGE = N_("The caller left a recording: please listen to it.")


def describe(flow: Flow, heard: Heard, world: World) -> Reply:
    """Speech is the description; 1 asks for a recording, and so does silence after a second try."""
    if heard.digits == "1":
        return ask(flow.at(Step.RECORD, answered=True))
    if heard.speech:
        return _heard_words(flow.know(answered=True), heard.speech, world)
    if flow.facts.tries >= TRIES:
        return ask(flow.at(Step.RECORD)).first(line(N_("I cannot hear you well.")))
    return again(flow, line(NO_SUCH_KEY if heard.digits else NOT_HEARD))


def record(flow: Flow, heard: Heard, world: World) -> Reply:
    """The recording as the second way. Silence ends the call with a number and somebody who rings back."""
    if not heard.recording:
        return _nothing_said(flow, world)
    flow = flow.know(recorded=True, answered=True)
    if flow.facts.ticket_id is not None:
        return _next_question(flow, world).also(Amend(note=line(RECORDED_MESSAGE)))
    reply = _open(flow.know(category=flow.facts.category or OTHER), world, line(RECORDED_MESSAGE))
    return Reply(reply.flow, (), HangUp(), reply.effects) if heard.hung_up else reply


def same_matter(flow: Flow, heard: Heard, world: World) -> Reply:
    """A further contact (I8): 1 makes a new ticket anyway, anything else joins the open one."""
    if heard.digits == "1":
        return _open(flow.know(further_id=None), world, flow.facts.description)
    if heard.digits != "2" and flow.facts.tries < TRIES:
        return again(flow, line(NO_SUCH_KEY if heard.digits else NOT_HEARD))
    known = next((ticket for ticket in world.further if ticket.id == flow.facts.further_id), None)
    if known is None:
        return _open(flow.know(further_id=None), world, flow.facts.description)
    joined = flow.know(joined=True, ticket_id=known.id, ticket_number=known.number)
    return finish(joined, world, line(N_("We have added it."))).also(
        Join(known.id, flow.facts.description, flow.facts.found)
    )


def place(flow: Flow, heard: Heard, world: World) -> Reply:
    """Inside the home, or a public area and then which."""
    if heard.digits == "1":
        inside = line(N_("inside the home"))
        return ask(flow.at(Step.CONFIRM, place_kind="home")).also(Amend(place=inside))
    if heard.digits == "2":
        return ask(flow.at(Step.WHERE, place_kind="public")).also(Amend(place=line(N_("public area"))))
    if flow.facts.tries >= TRIES:
        return ask(flow.at(Step.CONFIRM))
    return again(flow, line(NO_SUCH_KEY if heard.digits else NOT_HEARD))


def where(flow: Flow, heard: Heard, world: World) -> Reply:
    """Which public area, in the caller's words."""
    if heard.speech:
        found = _heard_urgency(flow, heard.speech, world)
        said = Amend(
            place=heard.speech,
            building=world.place.building,
            priority=found.priority if found else None,
            found=found,
        )
        doubts = placing.beside(flow, world.place) if world.place.building is None else ()
        return ask(flow.at(Step.CONFIRM, place=heard.speech)).also(said, *doubts)
    if heard.digits == "2" or flow.facts.tries >= TRIES:
        return ask(flow.at(Step.CONFIRM))
    return again(flow, line(NO_SUCH_KEY if heard.digits else NOT_HEARD))


def confirm(flow: Flow, heard: Heard, world: World) -> Reply:
    """The read-back: 1 right, 2 once more from the description (from the house, where it had only been heard)."""
    facts = flow.facts
    if heard.digits == "1":
        return finish(flow.know(confirmed=True), world)
    if heard.digits == "2" and facts.rounds < MAX_ROUNDS:
        start = Step.WHICH_HOUSE if facts.house_by_voice else Step.DESCRIBE
        return ask(flow.at(start, rounds=facts.rounds + 1, recorded=False, place_kind=None, place="")).first(
            line(N_("Then once more."))
        )
    if heard.digits != "2" and facts.tries < TRIES:
        return again(flow, line(NO_SUCH_KEY if heard.digits else NOT_HEARD))
    note = line(N_("The caller did not confirm the read-back."))
    return finish(flow, world).also(Amend(note=note))


def finish(flow: Flow, world: World, *first: Line) -> Reply:
    """The number digit by digit, twice, the SMS that is on its way, and goodbye."""
    lines = [
        *first,
        line(N_("Your ticket number is %(number)s."), number=TicketNo()),
        line(N_("I repeat: %(number)s."), number=TicketNo(slowly=True)),
    ]
    if world.can_text:
        lines.append(line(N_("You will also receive it by text message.")))
    lines.append(line(N_("Thank you for calling. Goodbye.")))
    return Reply(flow.at(Step.END, ended=True), tuple(lines), HangUp(), (Receipt(),))


def goodbye(flow: Flow) -> Reply:
    """The end of a call that only asked something."""
    return Reply(flow.at(Step.END, ended=True), (line(N_("Thank you for calling. Goodbye.")),), HangUp())


def ring_back(flow: Flow, world: World, why: Line, *first: Line) -> Reply:
    """End with a ticket that says that somebody must ring back, unless there is a ticket already."""
    facts = flow.facts
    done = finish(flow.know(callback=True), world, *first, line(N_("We shall call you back.")))
    if facts.ticket_id is not None:
        return done.also(Amend(note=why))
    return done.also(Open(facts.kind or Kind.CONSULTATION, facts.category, why, callback=True))


def _nothing_said(flow: Flow, world: World) -> Reply:
    said_nothing = line(N_("The caller chose %(kind)s but said nothing."), kind=kind_word(flow.facts.kind))
    if flow.facts.ticket_id is not None:
        return finish(flow, world).also(Amend(note=line(N_("The caller did not confirm the read-back."))))
    return ring_back(flow, world, said_nothing, line(NOT_HEARD))


def kind_word(kind: str | None) -> Word:
    """The spoken name of a kind of ticket."""
    return Word(KIND_WORDS.get(kind or "", KIND_WORDS[Kind.CONSULTATION]))


def _heard_words(flow: Flow, words: str, world: World) -> Reply:
    finding = classify(words, world.words)
    priority = finding.priority if flow.facts.kind == Kind.REPAIR else None
    finding = replace(finding, priority=priority, priority_word=finding.priority_word if priority else "")
    flow = flow.know(description=words, category=finding.category, priority=priority, found=finding)
    flow = placing.learn(flow, world.place)
    beside = placing.beside(flow, world.place)
    if flow.facts.ticket_id is not None:
        amended = Amend(words, finding.category, priority, note=line(N_("The caller said it again.")), found=finding)
        return _rung(flow, world, [amended, *placing.certain(flow, world.place), *beside])
    further = _further(flow, world)
    if further:
        return ask(flow.at(Step.SAME, further_id=further.id, further_number=further.number))
    return _open(flow, world, words, beside)


def _heard_urgency(flow: Flow, words: str, world: World) -> Finding | None:
    """How urgent a repair sounds where only its place was asked; what it is about was said before."""
    found = classify(words, world.words)
    if flow.facts.kind != Kind.REPAIR or not found.priority_word:
        return None
    return replace(found, category_word="")


def _further(flow: Flow, world: World) -> OpenTicket | None:
    """The open ticket this one would repeat. A caller who only named a house is told nothing of its tickets (D15)."""
    facts = flow.facts
    if facts.house is None or facts.house_by_voice or facts.category in (None, OTHER):
        return None
    if facts.priority == Priority.EMERGENCY:
        return None
    return next((ticket for ticket in world.further if ticket.category == facts.category), None)


def _open(flow: Flow, world: World, description: str | Line, notes: tuple[Effect, ...] = ()) -> Reply:
    facts = flow.facts
    opened = Open(facts.kind or Kind.CONSULTATION, facts.category, description, facts.priority, found=facts.found)
    return _rung(flow, world, [opened, *notes])


def _rung(flow: Flow, world: World, effects: list[Effect]) -> Reply:
    """The next question; the roster is rung first when the words are those of an emergency, once a call."""
    lines: tuple[Line, ...] = ()
    if flow.facts.priority == Priority.EMERGENCY and not flow.facts.ladder:
        flow = flow.know(ladder=True)
        effects = [*effects, StartLadder()]
        lines = (
            line(LIFE_SAFETY),
            line(N_("The person on duty is being called now. To wait for them on the line, press 9.")),
        )
    return _next_question(flow, world).first(*lines).also(*effects)


def _next_question(flow: Flow, world: World) -> Reply:
    if flow.facts.kind in PLACED_KINDS and flow.facts.place_kind is None:
        return ask(flow.at(Step.PLACE))
    return ask(flow.at(Step.CONFIRM))
