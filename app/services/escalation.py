"""The emergency ladder (D7): who is rung next, who takes it, and what the ticket's timeline says about it.

Webhooks call `start`, `progress`, `accept`, `decline`, `connected`; the job is `escalation_dial.tick`. Each
locks the ladder's row first: two keys pressed in the same instant are told apart by one conditional update.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any, cast

from sqlalchemy import CursorResult, func, select, update
from sqlalchemy.orm import Session

from app.errors import N_, LinliError, NotFound
from app.models import Call, EscalationAttempt, Ladder, Staff, Ticket
from app.rules import dispatch as dispatch_rules
from app.rules import escalation as rules
from app.rules.call_flow.words import Line
from app.rules.codes import AttemptState, LadderState, TicketState
from app.services import ticket_plans, waiting_lines
from app.services.actors import Actor
from app.services.escalation_sids import believe
from app.services.offers import change_hands
from app.services.spoken_lines import keep, write
from app.services.ticket_verbs import perform
from app.services.tickets import SENTENCE, add_entry

LADDER = Actor.system("ladder")
SPEAKS = N_("%(name)s speaks with the caller.")
ENDED_BEFORE = N_("%(name)s pressed 1, but the line had ended already: others are rung.")


@dataclass(frozen=True)
class Accepted:
    """What pressing 1 came to: it is yours (also the second time you press), or somebody was faster (`taken_by`), or it is over."""

    yours: bool
    taken_by: str | None = None


def start(session: Session, ticket: Ticket, call: Call | None, now: datetime) -> Ladder:
    """Begin to ring the duty roster for this ticket; a ladder that is there already stays the only one.

    Nothing is dialled here: the job `ladder` writes and dials the first attempt within its next tick.
    """
    session.flush()
    found = session.scalars(select(Ladder).where(Ladder.ticket_id == ticket.id)).first()
    if found is not None:
        return found
    ladder = Ladder(
        ticket_id=ticket.id,
        call_id=call.id if call else None,
        state=LadderState.RUNNING,
        started_at=now,
        round=1,
        rung=0,
        next_at=now,
        caller_wants_callback=False,
    )
    session.add(ladder)
    note(session, ticket, "ladder_started", N_("Emergency: the duty roster is being rung."), now)
    ticket_plans.open_with(session, ticket, now)
    session.flush()
    return ladder


def progress(
    session: Session, attempt_id: int, *, sid: str, status: str, answered_by: str | None, now: datetime
) -> None:
    """A progress report of an attempt's leg. Repeated and late ones change nothing; a leg that is over moves the ladder on."""
    ladder, attempt = locked(session, attempt_id)
    if sid and attempt.provider_sid != sid:
        believe(session, attempt, sid, now)
    new = rules.state_after(attempt.state, status)
    if new is not None:
        attempt.state = new
        if new == AttemptState.ANSWERED:
            attempt.answered_at = now
        if new not in rules.LIVE:
            _over(session, ladder, attempt, now)
    if rules.is_machine(answered_by):
        machine(session, attempt_id, now)
    if status in rules.ENDED and attempt.ended_at is None:
        attempt.ended_at = now
        if attempt.id == ladder.accepted_attempt_id and ladder.connected_at is None:
            # The report that caller and taker spoke may still be under way: judged a little later, by the job.
            ladder.next_at = now + rules.REPORT_LASTS
    session.flush()


def machine(session: Session, attempt_id: int, now: datetime) -> None:
    """A machine answered: nobody has accepted, the next one is rung at once (G3)."""
    ladder, attempt = locked(session, attempt_id)
    if attempt.state in rules.LIVE:
        attempt.state, attempt.error = AttemptState.NO_ANSWER, rules.MACHINE
        _over(session, ladder, attempt, now)
        session.flush()


def accept(session: Session, attempt_id: int, now: datetime) -> Accepted:
    """Key 1. The first wins, also in the same instant; a second press of the winner's is still the winner's. A key that comes
    after its line has ended takes nothing: the caller would be connected with nobody."""
    ladder, attempt = locked(session, attempt_id)
    if ladder.state == LadderState.RUNNING and attempt.ended_at is not None:
        _ended_before(session, ladder, attempt, now)
        return Accepted(False)
    if win(session, ladder, attempt, now):
        _take(session, ladder, attempt, now)
    elif ladder.accepted_attempt_id != attempt.id:
        return Accepted(False, _taker_name(session, ladder))
    return Accepted(True)


def win(session: Session, ladder: Ladder, attempt: EscalationAttempt, now: datetime) -> bool:
    """Whether this attempt is the first to take the emergency. If so the others' telephones stop (the job hangs them up)."""
    taken = update(Ladder).where(Ladder.id == ladder.id, Ladder.state == LadderState.RUNNING)
    taken = taken.values(state=LadderState.ACCEPTED, accepted_attempt_id=attempt.id, ended_at=now, next_at=None)
    won = cast(CursorResult[Any], session.execute(taken)).rowcount == 1
    session.refresh(ladder)
    if won:
        _silence(session, ladder, attempt)
        known = attempt.provider_sid is not None
        attempt.error = None if known else rules.open_dial(attempt.state, attempt.rung)
        attempt.state, attempt.accepted_at = AttemptState.ACCEPTED, now
        attempt.answered_at = attempt.answered_at or now
        # Should the end of this line never be reported, it is looked up.
        ladder.next_at = now + rules.FOLLOW_EVERY if known else None
        note(session, ladder.ticket, "accept", N_("%(name)s has taken the emergency."), now, name=_name(attempt))
        session.flush()
    return won


def stop(session: Session, ladder: Ladder, now: datetime) -> None:
    """Nobody is to be rung any more: the matter was ended, or is in hand without a telephone of the roster."""
    ladder.state, ladder.next_at, ladder.ended_at = LadderState.CANCELLED, None, now
    _silence(session, ladder, None)
    session.flush()


def decline(session: Session, attempt_id: int, now: datetime) -> None:
    """Key 2: the next one is rung at once. After the leg has been given up, or accepted, it changes nothing."""
    ladder, attempt = locked(session, attempt_id)
    if attempt.state in rules.LIVE:
        attempt.state = AttemptState.DECLINED
        _over(session, ladder, attempt, now)
        session.flush()


def connected(session: Session, attempt_id: int, now: datetime) -> None:
    """Caller and taker speak: a person has told the household where the matter stands (clock first_response, I8)."""
    ladder, attempt = locked(session, attempt_id)
    if ladder.connected_at is not None or ladder.accepted_attempt_id != attempt.id:
        return
    ladder.connected_at = now
    ticket = ladder.ticket
    note(session, ticket, "note", SPEAKS, now, name=_name(attempt))
    _step(session, ticket, "contact", taker(attempt), now, {"way": "phone"})
    session.flush()


def not_reached(session: Session, attempt_id: int, now: datetime) -> None:
    """The taker was to be connected with a caller who hung up, and did not reach them: it stays a thing to do."""
    ladder, attempt = locked(session, attempt_id)
    ticket = ladder.ticket
    if ladder.connected_at is None and ladder.accepted_attempt_id == attempt.id:
        ticket.callback_due = True
        text = N_("%(name)s has taken the emergency; the caller could not be reached yet.")
        note(session, ticket, "callback_due", text, now, name=_name(attempt))
        session.flush()


def caller_waits(ladder: Ladder, session: Session) -> bool:
    """Whether the caller is still on the line and wants to stay there: of a call that came in, or of a check-in call."""
    if ladder.call_id is None and not ladder.caller_wants_callback:
        return ladder.connected_at is None and waiting_lines.waiting(session, ladder.ticket_id) is not None
    call = session.get(Call, ladder.call_id) if ladder.call_id else None
    if call is None or call.ended_at is not None or ladder.caller_wants_callback:
        return False
    return not (call.facts or {}).get("connected")


def rung_so_far(session: Session, ladder: Ladder) -> tuple[int, bool]:
    """How many numbers were rung for it, and whether somebody has taken it: what its waiting caller is told."""
    rung = session.scalar(select(func.count(EscalationAttempt.id)).where(EscalationAttempt.ladder_id == ladder.id))
    return rung or 0, ladder.state == LadderState.ACCEPTED


def locked(session: Session, attempt_id: int) -> tuple[Ladder, EscalationAttempt]:
    """The attempt and its ladder, the ladder's row locked. Raises NotFound."""
    ladder_id = session.scalar(select(EscalationAttempt.ladder_id).where(EscalationAttempt.id == attempt_id))
    if ladder_id is None:
        raise NotFound(N_("There is no such attempt."))
    ladder = session.get_one(Ladder, ladder_id, with_for_update=True, populate_existing=True)
    return ladder, session.get_one(EscalationAttempt, attempt_id, populate_existing=True)


def taker(attempt: EscalationAttempt) -> Actor:
    """The person behind an attempt, as somebody who acts."""
    staff = attempt.staff
    if staff is None:
        return LADDER
    return Actor(
        user_id=staff.user_id,
        username=staff.name,
        display_name=staff.name,
        roles=frozenset((staff.role,)),
        staff_id=staff.id,
        department_id=staff.department_id,
    )


def note(session: Session, ticket: Ticket, verb: str, msgid: str, now: datetime, **params: str) -> None:
    """A line in the timeline: in the house's own language, and so kept that a page can say it in its reader's."""
    said = Line(msgid, params)
    data = {SENTENCE: keep(said)}
    add_entry(session, ticket, verb, LADDER, now, before=ticket.state, note=write(said), data=data)


def _over(session: Session, ladder: Ladder, attempt: EscalationAttempt, now: datetime) -> None:
    """An attempt ended without acceptance: written down, and the next is due at once if this was the one being rung."""
    name = _name(attempt)
    said = {
        AttemptState.DECLINED: N_("%(name)s passes it on."),
        AttemptState.BUSY: N_("%(name)s is busy."),
        AttemptState.FAILED: N_("%(name)s could not be rung."),
    }.get(AttemptState(attempt.state), N_("%(name)s did not answer."))
    note(session, ladder.ticket, "note", said, now, name=name)
    if ladder.state == LadderState.RUNNING and (attempt.round, attempt.rung) == (ladder.round, ladder.rung):
        ladder.rung += 1
        ladder.next_at = now


def give_up(session: Session, ladder: Ladder, attempt: EscalationAttempt, now: datetime) -> None:
    """The time to accept is over. Who is listening just then may still press 1: the first key wins."""
    attempt.state = AttemptState.NO_ANSWER
    attempt.error = attempt.error or "not accepted in time"
    _over(session, ladder, attempt, now)


def failed(session: Session, ladder: Ladder, attempt: EscalationAttempt, now: datetime) -> None:
    """The carrier refused the dial: the next one at once."""
    attempt.state, attempt.ended_at = AttemptState.FAILED, now
    _over(session, ladder, attempt, now)
    session.flush()


def _ended_before(session: Session, ladder: Ladder, attempt: EscalationAttempt, now: datetime) -> None:
    """Whoever pressed 1 as the line broke thinks that it is theirs: the timeline says once that it is not."""
    if attempt.error != rules.KEY_TOO_LATE:
        attempt.error = rules.KEY_TOO_LATE
        note(session, ladder.ticket, "note", ENDED_BEFORE, now, name=_name(attempt))
        session.flush()


def _silence(session: Session, ladder: Ladder, but: EscalationAttempt | None) -> None:
    others = select(EscalationAttempt).where(
        EscalationAttempt.ladder_id == ladder.id, EscalationAttempt.state.in_(rules.LIVE)
    )
    for other in session.scalars(others):
        if but is None or other.id != but.id:
            other.state = AttemptState.CANCELLED


def _take(session: Session, ladder: Ladder, attempt: EscalationAttempt, now: datetime) -> None:
    """The winner becomes responsible, and the ticket is in progress."""
    ticket, staff = ladder.ticket, attempt.staff
    if staff is not None:
        if ticket.state in (TicketState.REGISTERED, TicketState.REOPENED, TicketState.DISPATCHED):
            _step(session, ticket, "dispatch", LADDER, now, {"assignee_id": staff.id})
        change_hands(session, ticket, staff, dispatch_rules.ACCEPTED)
        _step(session, ticket, "start", taker(attempt), now, {})
    session.flush()


def _step(session: Session, ticket: Ticket, verb: str, actor: Actor, now: datetime, data: dict[str, Any]) -> None:
    """A step of the ticket that follows by itself. What the rules refuse at this moment does not undo the acceptance."""
    try:
        with session.begin_nested():
            perform(session, ticket, verb, actor, now, data)
    except LinliError as error:
        session.refresh(ticket)
        note(session, ticket, "note", error.msgid, now, **{name: str(value) for name, value in error.params.items()})


def _name(attempt: EscalationAttempt) -> str:
    return attempt.staff.name if attempt.staff else attempt.number


def _taker_name(session: Session, ladder: Ladder) -> str | None:
    staff_name = (
        select(Staff.name)
        .join(EscalationAttempt, EscalationAttempt.staff_id == Staff.id)
        .where(EscalationAttempt.id == ladder.accepted_attempt_id)
    )
    return session.scalar(staff_name)
