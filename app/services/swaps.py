"""Swapping shifts (D7): one asks, the other or the manager answers; what is accepted stands on the roster as overrides."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from functools import partial

from flask_babel import gettext
from sqlalchemy import ColumnElement, or_, select, update
from sqlalchemy.orm import Session, joinedload

from app.errors import N_, Forbidden, Invalid, NotFound, Refused
from app.models import DutyShift, DutySwap, Staff
from app.rules.codes import Role, SwapState
from app.rules.roster import in_force
from app.services import duty_log
from app.services.access import rows
from app.services.actors import Actor
from app.services.local_time import local_zone
from app.services.roster import hours_of, shifts_between, staff_of
from app.services.shifts import works_here
from app.services.staff_notices import tell
from app.services.ticket_input import clean_text

DECIDES = (Role.MANAGER, Role.DEPUTY, Role.ADMIN)


def ask(
    session: Session,
    actor: Actor,
    shift_id: int | None,
    other_id: int | None,
    return_id: int | None,
    note: str,
    now: datetime,
) -> DutySwap:
    """Ask `other_id` to take one's own coming shift, and offer to take `return_id`, one of theirs, if given.

    Raises NotFound, Invalid or Refused with what stands against it.
    """
    shift = _shift(session, actor, shift_id)
    if actor.staff_id is None or shift.staff_id != actor.staff_id:
        raise Refused(N_("Only one's own shift can be swapped."))
    other = works_here(session, shift.community_id, other_id)
    if other.id == shift.staff_id:
        raise Invalid(N_("Ask somebody else than yourself."))
    back = _shift(session, actor, return_id) if return_id else None
    if back is not None and (back.staff_id != other.id or back.community_id != shift.community_id):
        raise Invalid(N_("The shift you would take must be theirs."))
    for one in (shift, back):
        if one is not None:
            _can_change_hands(session, one, now)
    _is_free(session, other, shift, back)
    if back is not None:
        _is_free(session, shift.staff, back, shift)
    same = (DutySwap.asker_id == actor.staff_id, DutySwap.tier == shift.tier, DutySwap.starts_at == shift.starts_at)
    if session.scalar(select(DutySwap.id).where(*same, DutySwap.state == SwapState.ASKED)):
        raise Refused(N_("You have asked somebody to take this shift already: withdraw that first."))
    swap = DutySwap(
        community_id=shift.community_id,
        asker_id=actor.staff_id,
        other_id=other.id,
        tier=shift.tier,
        starts_at=shift.starts_at,
        ends_at=shift.ends_at,
        return_tier=back.tier if back else None,
        return_starts_at=back.starts_at if back else None,
        return_ends_at=back.ends_at if back else None,
        note=clean_text(note, 255, lines=False),
        asked_at=now,
    )
    session.add(swap)
    session.flush()
    _log(session, "swap_asked", actor, swap, now, swap.note)
    _tell(session, swap, [other], partial(_asked_words, swap), "asked", now)
    return swap


def answer(session: Session, actor: Actor, swap: DutySwap, accept: bool, words: str, now: datetime) -> DutySwap:
    """Accept or decline: the other one, or who answers for the roster. Accepting puts both overrides on it at once.

    Raises Forbidden for anybody else, Refused when it was answered before, when the roster has changed, or when the hours
    have come.
    """
    if actor.staff_id != swap.other_id and not actor.has(*DECIDES):
        raise Forbidden(N_("Only the person asked or the manager answers this."))
    text = clean_text(words, 255, lines=False)
    if accept:
        _hand_over(session, swap, now)
    _settle(session, actor, swap, SwapState.ACCEPTED if accept else SwapState.DECLINED, text, now)
    _log(session, "swap_accepted" if accept else "swap_declined", actor, swap, now, text)
    people = {swap.asker_id: swap.asker}
    if accept:
        people |= {one.id: one for one in staff_of(session, swap.community_id, (Role.MANAGER, Role.DEPUTY))}
    if actor.staff_id != swap.other_id:
        people[swap.other_id] = swap.other
    people.pop(actor.staff_id or 0, None)
    _tell(session, swap, list(people.values()), partial(_answered_words, swap, accept), str(swap.state), now)
    return swap


def withdraw(session: Session, actor: Actor, swap: DutySwap, now: datetime) -> None:
    """Take back what one has asked. Raises Forbidden or Refused."""
    if actor.staff_id != swap.asker_id:
        raise Forbidden(N_("Only who asked can withdraw it."))
    _settle(session, actor, swap, SwapState.WITHDRAWN, "", now)
    _log(session, "swap_withdrawn", actor, swap, now, "")


def waiting_for(session: Session, actor: Actor, now: datetime) -> list[DutySwap]:
    """What one is asked to take, soonest first; what has begun can no longer be answered and is left out."""
    if actor.staff_id is None:
        return []
    mine = (DutySwap.other_id == actor.staff_id, DutySwap.state == SwapState.ASKED, DutySwap.starts_at > now)
    return _swaps(session, *mine, most=10)


def listed(session: Session, actor: Actor, now: datetime, most: int = 60) -> list[DutySwap]:
    """The swaps somebody may see: their own, and all of their communities where they decide; open ones first."""
    mine = or_(DutySwap.asker_id == actor.staff_id, DutySwap.other_id == actor.staff_id)
    condition = rows(actor, DutySwap) if actor.has(*DECIDES) else mine
    found = _swaps(session, rows(actor, DutySwap), condition, most=most)
    return sorted(found, key=lambda swap: not is_open(swap, now))


def is_open(swap: DutySwap, now: datetime) -> bool:
    """Whether it can still be answered."""
    return swap.state == SwapState.ASKED and swap.starts_at > now


def _swaps(session: Session, *conditions: ColumnElement[bool], most: int) -> list[DutySwap]:
    statement = (
        select(DutySwap)
        .where(*conditions)
        .options(joinedload(DutySwap.asker), joinedload(DutySwap.other), joinedload(DutySwap.community))
        .order_by(DutySwap.starts_at.desc(), DutySwap.id.desc())
        .limit(most)
    )
    return list(session.scalars(statement))


def _shift(session: Session, actor: Actor, shift_id: int | None) -> DutyShift:
    shift = session.scalar(select(DutyShift).where(DutyShift.id == shift_id, rows(actor, DutyShift)))
    if shift is None:
        raise NotFound(N_("This shift is not on the roster any more."))
    return shift


def _can_change_hands(session: Session, shift: DutyShift, now: datetime) -> None:
    if shift.starts_at <= now:
        raise Refused(N_("A shift that has begun is not swapped: the manager can put somebody else there."))
    post = (DutyShift.community_id == shift.community_id, DutyShift.tier == shift.tier)
    held = in_force(shifts_between(session, shift.starts_at, shift.ends_at, *post), shift.starts_at)
    if shift not in held:
        raise Refused(N_("Somebody else has been put there already."))


def _is_free(session: Session, person: Staff, shift: DutyShift, given: DutyShift | None) -> None:
    """Nobody is on two duties at once: whoever takes a shift has none then, except one that they give away for it."""
    for _community, tier, starts_at, ends_at in hours_of(session, person.id, shift.starts_at, shift.ends_at):
        if starts_at >= shift.ends_at or ends_at <= shift.starts_at:
            continue
        if given is not None and tier == given.tier and given.starts_at <= starts_at and ends_at <= given.ends_at:
            continue
        raise Refused(N_("%(name)s has another duty at that time."), name=person.name)


def _hand_over(session: Session, swap: DutySwap, now: datetime) -> None:
    shift = _still_there(session, swap.community_id, swap.tier, swap.asker_id, swap.starts_at, swap.ends_at)
    back = None
    if swap.return_tier and swap.return_starts_at and swap.return_ends_at:
        back = _still_there(
            session, swap.community_id, swap.return_tier, swap.other_id, swap.return_starts_at, swap.return_ends_at
        )
    for one in (shift, back):
        if one is not None:
            _can_change_hands(session, one, now)
    _is_free(session, swap.other, shift, back)
    if back is not None:
        _is_free(session, swap.asker, back, shift)
    _give(session, shift, swap.asker, swap.other)
    if back is not None:
        _give(session, back, swap.other, swap.asker)
    session.flush()


def _still_there(
    session: Session, community_id: int, tier: str, staff_id: int, starts_at: datetime, ends_at: datetime
) -> DutyShift:
    statement = select(DutyShift).where(
        DutyShift.community_id == community_id,
        DutyShift.tier == tier,
        DutyShift.staff_id == staff_id,
        DutyShift.starts_at == starts_at,
        DutyShift.ends_at == ends_at,
    )
    shift = session.scalars(statement.order_by(DutyShift.is_override.desc(), DutyShift.id)).first()
    if shift is None:
        raise Refused(N_("The roster has been changed since: this shift is not there any more."))
    return shift


def _give(session: Session, shift: DutyShift, giver: Staff, taker: Staff) -> None:
    """The telephone that changes hands with the shift goes with it; a person's own does not."""
    number = taker.number if shift.number == giver.number else shift.number
    if not number:
        raise Refused(N_("%(name)s has no telephone number: an emergency could not ring."), name=taker.name)
    if shift.is_override:
        shift.staff_id, shift.number = taker.id, number
        return
    session.add(
        DutyShift(
            community_id=shift.community_id,
            tier=shift.tier,
            staff_id=taker.id,
            number=number,
            starts_at=shift.starts_at,
            ends_at=shift.ends_at,
            is_override=True,
        )
    )


def _settle(session: Session, actor: Actor, swap: DutySwap, state: SwapState, words: str, now: datetime) -> None:
    """Write the answer; of two who answer at once the first one counts."""
    values = {"state": state, "answered_at": now, "answered_by": actor.display_name[:80], "answer": words}
    taken = session.execute(
        update(DutySwap).where(DutySwap.id == swap.id, DutySwap.state == SwapState.ASKED).values(**values)
    )
    if not taken.rowcount:  # type: ignore[attr-defined]
        raise Refused(N_("This has been answered already."))
    session.refresh(swap)


def _log(session: Session, verb: str, actor: Actor, swap: DutySwap, now: datetime, words: str) -> None:
    span = (swap.starts_at, swap.ends_at)
    duty_log.note(
        session,
        verb,
        actor,
        now,
        community_id=swap.community_id,
        tier=swap.tier,
        staff_id=swap.asker_id,
        other_id=swap.other_id,
        span=span,
        words=words,
    )


def _tell(
    session: Session, swap: DutySwap, people: list[Staff], words: Callable[[], str], mark: str, now: datetime
) -> None:
    tell(session, people, swap.community_id, "duty_swap", words, now, f"{swap.id}:{mark}")


def _asked_words(swap: DutySwap) -> str:
    start = f"{swap.starts_at.astimezone(local_zone()):%m-%d %H:%M}"
    if swap.return_starts_at is None:
        return gettext("%(name)s asks you to take the duty from %(start)s.", name=swap.asker.name, start=start)
    other = f"{swap.return_starts_at.astimezone(local_zone()):%m-%d %H:%M}"
    return gettext(
        "%(name)s asks you to take the duty from %(start)s and would take yours from %(other)s.",
        name=swap.asker.name,
        start=start,
        other=other,
    )


def _answered_words(swap: DutySwap, accepted: bool) -> str:
    start = f"{swap.starts_at.astimezone(local_zone()):%m-%d %H:%M}"
    names = {"one": swap.asker.name, "other": swap.other.name, "start": start}
    if accepted:
        return gettext("Duty from %(start)s: %(other)s takes it for %(one)s.", **names)
    return gettext("Duty from %(start)s: the swap of %(one)s with %(other)s is declined.", **names)
