"""The end of a call, however it ends (I8): no call without a ticket, no ticket without what was said so far."""

from app.errors import N_
from app.rules.call_flow.effects import Amend, Callback, Effect, Join, Open, Receipt, StartLadder
from app.rules.call_flow.matter import kind_word
from app.rules.call_flow.model import TAKEN, Ending, Facts, Flow, Step
from app.rules.call_flow.words import HouseName, Line, Quote, line
from app.rules.codes import CallOutcome, Kind

FINAL = ("completed", "busy", "failed", "no-answer", "canceled")
"""Twilio's words for a call that is over."""

TALKED = N_("The caller was connected to a person.")

_ORDER = {"queued": 0, "initiated": 0, "ringing": 1, "in-progress": 2, **dict.fromkeys(FINAL, 3)}


def moves_forward(before: str, after: str) -> bool:
    """Whether a status may follow another: callbacks come late, twice and out of order (G3)."""
    return after in _ORDER and _ORDER[after] > _ORDER.get(before, -1)


def end(flow: Flow) -> Ending:
    """What the call came to and what is still to be written."""
    facts = flow.facts
    if facts.screened == TAKEN and not facts.ended:
        # They talked, and the caller was the first to hang up: the report of the other line comes too late, or never.
        flow = flow.know(connected=True)
        facts = flow.facts
    if facts.ticket_id is not None:
        return _with_ticket(flow)
    if facts.connected:
        return Ending(CallOutcome.CONNECTED, (Open(Kind.CONSULTATION, None, line(TALKED)),))
    if flow.step == Step.SAME and facts.further_id is not None:
        return Ending(CallOutcome.CONTACT_ON_TICKET, (Join(facts.further_id, facts.description, facts.found),))
    if facts.kind is None and facts.asked and set(facts.asked) <= {"progress", "fees", "outage"}:
        asked = line(N_("The caller only asked for the progress of tickets, about fees or an announced outage."))
        category = "fee" if "fees" in facts.asked else None
        return Ending(CallOutcome.NO_MATTER, (Open(Kind.CONSULTATION, category, asked, quiet=True),))
    if facts.notices and facts.kind is None and not facts.answered and not _was_asked(facts):
        # Who hears what is out and puts the receiver down has been answered; a hundred call backs would help nobody.
        heard = line(N_("The caller heard of an announced outage and hung up."))
        return Ending(CallOutcome.NO_MATTER, (Open(Kind.CONSULTATION, None, heard, quiet=True),))
    outcome = CallOutcome.ABANDONED if facts.answered or not _was_asked(facts) else CallOutcome.SILENT
    outcome = CallOutcome.FALLBACK if facts.fallback else outcome
    opened = Open(facts.kind or Kind.CONSULTATION, facts.category, so_far(facts), facts.priority, callback=True)
    receipt: tuple[Effect, ...] = (Receipt(),) if facts.kind else ()
    return Ending(outcome, (opened, *receipt))


def _with_ticket(flow: Flow) -> Ending:
    facts = flow.facts
    effects: list[Effect] = []
    if not facts.ended and not facts.joined:
        effects.append(Receipt())
        if facts.emergency and not facts.connected:
            effects.append(Callback(line(N_("The caller hung up while waiting: call back."))))
        elif not facts.connected:
            effects.append(Amend(note=line(N_("The caller hung up before the end of the questions."))))
    return Ending(_outcome(facts), tuple(effects))


def _outcome(facts: Facts) -> str:
    if facts.connected:
        return CallOutcome.CONNECTED
    if facts.joined:
        return CallOutcome.CONTACT_ON_TICKET
    if facts.fallback:
        return CallOutcome.FALLBACK
    if not facts.answered:
        return CallOutcome.SILENT
    return CallOutcome.TICKET


def _was_asked(facts: Facts) -> bool:
    """Whether at least one question was answered by silence; before that the caller simply hung up."""
    return facts.tries > 0 or facts.turn > 1


def so_far(facts: Facts) -> Line:
    """What is known of a call that ended early, as a sentence for the staff."""
    if facts.house is not None:
        return line(
            N_("The caller hung up early. Choice: %(kind)s. House: %(house)s."),
            kind=kind_word(facts.kind),
            house=HouseName(facts.house),
        )
    if facts.kind is None and "person" in facts.asked:
        return line(N_("The caller asked for a person and hung up before anybody answered."))
    if facts.kind is None:
        return line(N_("The caller hung up before saying what it is about."))
    return line(
        N_("The caller hung up early. Choice: %(kind)s. %(house)s"),
        kind=kind_word(facts.kind),
        house=Quote(facts.house_said),
    )


__all__ = ["FINAL", "StartLadder", "end", "moves_forward", "so_far"]
