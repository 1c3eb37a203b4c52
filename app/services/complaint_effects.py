"""What the steps of every ticket (D3) do to a complaint besides: its finding, its closing, who decides, what was read."""

from __future__ import annotations

from typing import Any

from app.rules import clocks as clock_rules
from app.rules.complaints import MEASURES
from app.rules.ticket_states import READ_FIRST
from app.services import complaint_findings as findings
from app.services import complaint_path as path
from app.services.complaints import complaint_of, is_unread
from app.services.ticket_clocks import TicketClocks
from app.services.ticket_step import Step, move_clocks
from app.services.tickets import add_entry


def find(step: Step) -> dict[str, Any]:
    """The finding takes effect at once, and waits for a second person."""
    ticket, data = step.ticket, step.data
    changed = data["validity"] != ticket.validity or (data["grade"] or ticket.grade) != ticket.grade
    ticket.validity = data["validity"]
    ticket.grade = data["grade"] or ticket.grade
    moved = move_clocks(step, new_finding=changed)
    complaint = complaint_of(step.session, ticket)
    complaint.party = data["party"] or complaint.party
    findings.record(step.session, ticket, step.actor, step.now, reasons=step.note)
    return {
        "validity": ticket.validity,
        "grade": ticket.grade,
        "party": complaint.party,
        "plan": data["plan"],
        **moved,
    }


def close(step: Step) -> dict[str, Any]:
    """What the closing brings along: a written answer, the words of a telephone call, the second person's word, the measures."""
    session, ticket, data = step.session, step.ticket, step.data
    for name, way in (("answer", "written"), ("words", "phone")):
        if data[name]:
            _reply_too(step, way, data[name])
    finding = findings.in_force(ticket)
    if data["confirm"] and findings.may_second(finding, step.actor):
        findings.second(session, ticket, step.actor, step.now, agrees=True, words="")
    return note_measures(step)


def note_measures(step: Step) -> dict[str, Any]:
    """Keep what was brought of cause, correction and prevention; what is recorded already stays where nothing was."""
    complaint = complaint_of(step.session, step.ticket)
    complaint.cause = step.data["cause"] or complaint.cause
    return {"cause": step.data["cause"], **note_texts(step)}


def note_texts(step: Step) -> dict[str, Any]:
    """The words of cause, correction and prevention; any ticket may have them."""
    brought = {name: step.data[name] for name in MEASURES if step.data[name]}
    for name, value in brought.items():
        setattr(step.ticket, name, value)
    return brought


def begin_again(step: Step) -> None:
    """The outcome was rejected: what was found of cause and remedy did not do. It stays on the timeline."""
    complaint_of(step.session, step.ticket).cause = None
    for name in MEASURES:
        setattr(step.ticket, name, None)


def follow(step: Step) -> None:
    """Before a step is noted: a repeat that begins anew has been read, and whoever has it now may stand higher."""
    if step.transition.verb in READ_FIRST and not step.actor.is_system and is_unread(step.ticket):
        complaint = complaint_of(step.session, step.ticket)
        complaint.read_round, complaint.read_at = step.ticket.reopened_count, step.now
        complaint.read_by = step.actor.display_name[:80]
    path.follow(step.session, step.ticket, step.now)


def _reply_too(step: Step, way: str, words: str) -> None:
    ticket = step.ticket
    ticket.replied_at, ticket.reply_way = step.now, way
    answered = clock_rules.names_met(
        "reply", kind=ticket.kind, by_person=not step.actor.is_system, reporter_told=False, after_done=True
    )
    data = {"way": way, "answers": sorted(answered)}
    add_entry(step.session, ticket, "reply", step.actor, step.now, before=ticket.state, note=words, data=data)
    TicketClocks(step.session, ticket, step.actor).meet(answered, step.now)
