"""The register of check-in calls (D13): kept by steward, supervisor and manager; paused and ended by the household itself, too.

It says who lives alone: confidential like the owner's file (D15). Opening an entry is put on the audit trail by whoever opens
it, every change is a step of the entry's record.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session
from sqlalchemy.orm.attributes import flag_modified

from app.errors import N_, Invalid, NotFound, Refused
from app.models import CheckIn, CheckInContact, CheckInPlan
from app.rules import check_ins as rules
from app.rules.codes import CheckInFinding
from app.services import check_in_tell, edit_changes
from app.services.actors import Actor
from app.services.check_in_input import Draft, away
from app.services.check_in_steps import booked, note
from app.services.check_ins import locked
from app.services.local_time import local_zone
from app.services.ticket_input import choice, clean_text, row_id

WORDS_LIMIT = 2000
_PLAIN = ("number", "weekdays", "times", "consent_by", "consented_on", "steward_id", "note")
_QUIET = (CheckInFinding.WELL, CheckInFinding.AWAY)
_AT_EASE = (CheckInFinding.WELL, CheckInFinding.AWAY, CheckInFinding.TELEPHONE)


def save(
    session: Session, actor: Actor, draft: Draft, now: datetime, known: CheckInPlan | None = None, revision: str = ""
) -> CheckInPlan:
    """Keep a new entry or changes. One that had ended is taken up again, with a consent given since.

    Raises Refused when the person is in the register already, or somebody else changed the entry meanwhile.
    """
    entry = known or _former(session, draft.person.id)
    was = _said(entry) if entry is not None else None
    if entry is None:
        entry = CheckInPlan(person_id=draft.person.id, created_at=now, active=True, pause_note="")
        verb = "added"
    else:
        verb = _may_change(entry, known, draft, revision)
    changed = _put(entry, draft, actor)
    session.add(entry)
    session.flush()
    before = [(one.name, one.relation, one.number, one.locale) for one in entry.contacts]
    if before != [(one.name, one.relation, one.number, one.locale) for one in draft.contacts]:
        changed.append("contacts")
        entry.contacts.clear()
        session.flush()
        entry.contacts = [CheckInContact(place=place, **vars(one)) for place, one in enumerate(draft.contacts)]
    _book(entry, now)
    if changed or verb != "changed":
        # Other contacts are another version of the entry, too: the second of two people is told.
        flag_modified(entry, "note")
        session.flush()
        note(session, entry, verb, actor, now, data={"fields": changed} if verb == "changed" else {})
        if was is not None:
            _tell(session, actor, entry, was, now)
    return entry


def pause(session: Session, actor: Actor, entry: CheckInPlan, sent: Mapping[str, Any], now: datetime) -> None:
    """Mark somebody as away: not called on these days, both included."""
    _is_active(entry)
    was = _said(entry)
    first, last, why = away(sent, now.astimezone(local_zone()).date())
    entry.paused_from, entry.paused_until, entry.pause_note = first, last, why
    _book(entry, now)
    session.flush()
    said = N_("Away from %(first)s until %(last)s.") if last else N_("Away from %(first)s until further notice.")
    note(session, entry, "paused", actor, now, said, first=first.isoformat(), last=last.isoformat() if last else "")
    _tell(session, actor, entry, was, now)


def resume(session: Session, actor: Actor, entry: CheckInPlan, now: datetime) -> None:
    """Somebody is back: called again from the next booked time on."""
    _is_active(entry)
    if entry.paused_from is None:
        raise Refused(N_("Nobody is marked as away here."))
    was = _said(entry)
    entry.paused_from, entry.paused_until, entry.pause_note = None, None, ""
    _book(entry, now)
    session.flush()
    note(session, entry, "resumed", actor, now)
    _tell(session, actor, entry, was, now)


def end(session: Session, actor: Actor, entry: CheckInPlan, words: str | None, now: datetime) -> None:
    """No calls any more: the consent was taken back, or nobody needs them. The record stays."""
    _is_active(entry)
    was = _said(entry)
    entry.active, entry.ended_at, entry.next_at = False, now, None
    entry.paused_from, entry.paused_until, entry.pause_note = None, None, ""
    session.flush()
    note(session, entry, "ended", actor, now, words=clean_text(words, WORDS_LIMIT))
    _tell(session, actor, entry, was, now)
    if actor.person_id is not None and actor.person_id == entry.person_id:
        check_in_tell.of_end(session, entry, now)


def own_entry(session: Session, actor: Actor) -> CheckInPlan | None:
    """One's own entry, as the household itself may see and pause it."""
    if actor.person_id is None:
        return None
    own = select(CheckInPlan).where(CheckInPlan.person_id == actor.person_id, CheckInPlan.active)
    return session.scalars(own).first()


def my_entry(session: Session, actor: Actor) -> CheckInPlan:
    """The same, for a step on it. Raises NotFound."""
    entry = own_entry(session, actor)
    if entry is None:
        raise NotFound(N_("No check-in calls are agreed with you."))
    return entry


def found(session: Session, actor: Actor, check_in_id: int, sent: Mapping[str, Any], now: datetime) -> CheckIn:
    """Somebody says what was found after a silence: the task is done, nobody else is alarmed. Raises Invalid or Refused."""
    check_in = locked(session, row_id(check_in_id))
    if check_in.state not in rules.UNHEARD:
        if check_in.found_by:
            raise Refused(N_("%(name)s has said already what was found."), name=check_in.found_by)
        raise Refused(N_("Nobody is to be looked for here."))
    finding, words = choice(sent.get("finding"), CheckInFinding), clean_text(sent.get("note"), WORDS_LIMIT)
    if finding is None:
        raise Invalid(N_("Say what you found."))
    if not words and finding not in _QUIET:
        raise Invalid(N_("Write in a few words what happened and what was done."))
    alarmed = check_in.contacted_at is not None
    check_in.state, check_in.next_at = "found", None
    check_in.finding, check_in.found_note, check_in.found_at = finding, words, now
    check_in.found_by_id, check_in.found_by = actor.user_id, actor.display_name[:80]
    session.flush()
    note(session, check_in.plan, "found", actor, now, check_in=check_in, words=words, data={"finding": str(finding)})
    if alarmed and finding in _AT_EASE:
        check_in_tell.of_all_well(session, check_in, now)
    return check_in


def _former(session: Session, person_id: int) -> CheckInPlan | None:
    entry = session.scalars(select(CheckInPlan).where(CheckInPlan.person_id == person_id).with_for_update()).first()
    if entry is not None and entry.active:
        raise Refused(N_("This person is in the register already: change the entry there."))
    return entry


def _may_change(entry: CheckInPlan, known: CheckInPlan | None, draft: Draft, revision: str) -> str:
    """The verb of a step on an entry that is there: changed, or taken up again."""
    if known is not None and revision != str(entry.revision):
        raise Refused(N_("Somebody else has changed this entry meanwhile. Look at it again, then change it."))
    if known is not None and known.person_id != draft.person.id:
        raise Invalid(N_("Choose the person from the list."))
    if entry.active:
        return "changed"
    ended_on = entry.ended_at.astimezone(local_zone()).date() if entry.ended_at else date.min
    if draft.consented_on < ended_on:
        raise Invalid(N_("The calls ended on %(day)s. Ask anew and write the new day."), day=ended_on.isoformat())
    entry.active, entry.ended_at = True, None
    return "taken_up"


def _put(entry: CheckInPlan, draft: Draft, actor: Actor) -> list[str]:
    """Write the draft into the entry. Returns the names of what changed."""
    wanted = {name: getattr(draft, name) for name in _PLAIN} | {
        "house_id": draft.house.id,
        "community_id": draft.house.community_id,
    }
    changed = [name for name, value in wanted.items() if getattr(entry, name) != value]
    if "consent_by" in changed or "consented_on" in changed:
        entry.consent_noted_by = actor.display_name[:80]
    for name in changed:
        setattr(entry, name, wanted[name])
    return [name for name in changed if name != "community_id"]


def _book(entry: CheckInPlan, now: datetime) -> None:
    """The next time from now on; one that has come and that the job has not taken up yet is not lost by a change."""
    zone, times = local_zone(), booked(entry)
    if entry.next_at is not None and entry.next_at <= now and rules.is_booked(times, entry.next_at, zone):
        return
    entry.next_at = rules.next_time(times, now, zone) if entry.active else None


_SAYS = ("weekdays", "times", "consented_on", "active", "paused_from", "paused_until")
_CONFIDENTIAL = ("number", "house_id", "steward_id", "consent_by", "note", "contacts")


def _said(entry: CheckInPlan) -> dict[str, Any]:
    said = {name: getattr(entry, name) for name in (*_SAYS, *_CONFIDENTIAL)}
    return said | {"contacts": [(one.name, one.relation, one.number, one.locale) for one in entry.contacts]}


def _tell(session: Session, actor: Actor, entry: CheckInPlan, was: Mapping[str, Any], now: datetime) -> None:
    """On the audit trail, whose readers may not know who lives alone: the entry's number, no name, no house."""
    what = (edit_changes.CHECK_IN, entry.id, f"#{entry.id}")
    edit_changes.record(session, actor, *what, was, _said(entry), now, masked=_CONFIDENTIAL)


def _is_active(entry: CheckInPlan) -> None:
    if not entry.active:
        raise Refused(N_("These calls have ended."))
