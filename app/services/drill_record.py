"""How a drill went (D7): begun and ticked on the spot or recorded afterwards, with photos; what was found, what is improved. Never
commits."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, date, datetime
from functools import partial
from typing import Any

from flask_babel import gettext
from sqlalchemy import select
from sqlalchemy.orm import Session

from app.errors import N_, Forbidden, Invalid, NotFound, Refused
from app.models import DrillFinding, DrillPhoto, PlanDrill
from app.models.base import BIGGEST_ID
from app.rules import drills as rules
from app.rules.codes import DrillState, MessagePurpose
from app.rules.typed_time import read_clock, read_day
from app.services.access import rows
from app.services.actors import Actor
from app.services.attachments import Taken
from app.services.attachments_content import PDF
from app.services.drills import name, note, one_of, team
from app.services.local_time import local_zone
from app.services.plan_input import Raw
from app.services.policies import figure
from app.services.staff_notices import tell
from app.services.ticket_input import NOTE_LIMIT, SHORT_LIMIT, clean_text, past_instant, row_id


def steps_of(drill: PlanDrill) -> dict[str, datetime]:
    """When each step was done, by its key."""
    return {key: datetime.fromisoformat(at) for key, at in drill.steps.items()}


def begin(session: Session, actor: Actor, drill: PlanDrill, now: datetime) -> None:
    """It begins now: steps are ticked as they are done. The caller holds the drill, here and below."""
    _allowed(actor, drill)
    if drill.began_at is not None:
        raise Refused(N_("The drill goes on already: record how it went."))
    drill.began_at = now
    session.flush()
    note(session, drill, "begin", actor, now)


def tick(session: Session, actor: Actor, drill: PlanDrill, step: str, now: datetime) -> None:
    """A step is done now; ticked twice the first time counts."""
    _allowed(actor, drill)
    if drill.began_at is None:
        raise Refused(N_("The drill has not begun yet."))
    if step not in {one["key"] for one in drill.version.content["steps"]}:
        raise NotFound(N_("There is no such step."))
    if step not in drill.steps:
        drill.steps = {**drill.steps, step: _kept(now)}
        session.flush()


def record(session: Session, actor: Actor, drill: PlanDrill, sent: Raw, files: Sequence[Taken], now: datetime) -> None:
    """Keep how it went, or put a record right with the reason: what it said before stays in the history."""
    rules.check_open(drill.state, held=True)
    rules.check_leader(actor.roles, actor.staff_id, drill.leader_id)
    again = drill.state == DrillState.HELD
    reason = clean_text(one_of(sent, "reason"), SHORT_LIMIT)
    if again and not reason:
        raise Invalid(N_("Say why the record is put right."))
    before = _said(drill) if again else {}
    began_at, ended_at, steps = _times(drill, sent, now)
    rules.check_record(began_at, ended_at, steps, now)
    observed = clean_text(one_of(sent, "observed"), NOTE_LIMIT)
    drill.began_at, drill.ended_at = began_at, ended_at
    drill.steps = {key: _kept(at) for key, at in steps.items()}
    drill.observed = observed
    came = {row_id(value) for value in sent.get("came") or []}
    for member in drill.members:
        member.came = member.staff_id in came
    drill.state = DrillState.HELD
    drill.recorded_at, drill.recorded_by = now, actor.display_name[:80]
    session.flush()
    note(session, drill, "correct" if again else "record", actor, now, reason, {"before": before} if again else {})
    add_photos(session, actor, drill, files, "", now)


def add_photos(
    session: Session, actor: Actor, drill: PlanDrill, files: Sequence[Taken], caption: str, now: datetime
) -> int:
    """Photos of the drill; one it has already is passed over. Returns how many came to it."""
    rules.check_open(drill.state, held=True)
    rules.check_leader(actor.roles, actor.staff_id, drill.leader_id)
    if any(item.content.content_type == PDF for item in files):
        raise Invalid(N_("A drill is shown by photos: JPEG, PNG or WebP."))
    known = set(session.scalars(select(DrillPhoto.sha256).where(DrillPhoto.drill_id == drill.id)))
    fresh = {item.sha256: item for item in files if item.sha256 not in known}
    most = figure(session, "uploads.most_on_ticket")
    if len(known) + len(fresh) > most:
        raise Invalid(N_("A drill holds at most %(most)s photos."), most=most)
    text = clean_text(caption, SHORT_LIMIT, lines=False)
    session.add_all(_photo(drill, item, text, actor, now) for item in fresh.values())
    if fresh:
        note(session, drill, "photo", actor, now, text, {"photos": len(fresh)})
    session.expire(drill, ["photos"])
    return len(fresh)


def find_photo(session: Session, actor: Actor, photo_id: int) -> DrillPhoto | None:
    """The photo of this id, if its drill is the actor's to see."""
    if not 0 < photo_id <= BIGGEST_ID:
        return None
    return session.scalars(select(DrillPhoto).where(DrillPhoto.id == photo_id, rows(actor, DrillPhoto))).first()


def add_finding(session: Session, actor: Actor, drill: PlanDrill, sent: Raw, now: datetime) -> DrillFinding:
    """What the drill showed and what is to be improved, by whom until when; they are told."""
    if drill.state != DrillState.HELD:
        raise Refused(N_("Record how the drill went first."))
    rules.check_leader(actor.roles, actor.staff_id, drill.leader_id)
    finding = clean_text(one_of(sent, "finding"), NOTE_LIMIT)
    improvement = clean_text(one_of(sent, "improvement"), NOTE_LIMIT)
    if not finding or not improvement:
        raise Invalid(N_("Say what was found, and what is to be improved."))
    responsible = row_id(one_of(sent, "staff_id"))
    if responsible is None:
        raise Invalid(N_("Say who is to improve it."))
    person = team(session, drill.community_id, [responsible])[0]
    made = DrillFinding(
        drill_id=drill.id,
        finding=finding,
        improvement=improvement,
        staff=person,
        until=_until(one_of(sent, "until"), now),
        noted_at=now,
        noted_by=actor.display_name[:80],
    )
    session.add(made)
    session.flush()
    session.expire(drill, ["findings"])
    note(session, drill, "finding", actor, now, finding, {"who": person.name, "until": made.until.isoformat()})
    words = partial(_improve_words, drill, made)
    tell(session, [person], drill.community_id, MessagePurpose.DRILL, words, now, f"improve:{made.id}")
    return made


def end_finding(session: Session, actor: Actor, drill: PlanDrill, finding_id: int, done: object, now: datetime) -> None:
    """The improvement is made: what was done. Raises Forbidden for who is neither responsible nor leads, Refused the second time."""
    wanted = select(DrillFinding).where(DrillFinding.id == finding_id, DrillFinding.drill_id == drill.id)
    made = session.scalars(wanted).first() if 0 < finding_id <= BIGGEST_ID else None
    if made is None:
        raise NotFound(N_("There is no such improvement."))
    if not rules.may_end(actor.roles, actor.staff_id, drill.leader_id, made.staff_id):
        raise Forbidden(N_("An improvement is ended by whoever is to make it, or by those who plan drills."))
    if made.done_at is not None:
        raise Refused(N_("This improvement is made already."))
    words = clean_text(done, NOTE_LIMIT)
    if not words:
        raise Invalid(N_("Say what was done."))
    made.done_at, made.done_by, made.done = now, actor.display_name[:80], words
    session.flush()
    note(session, drill, "improve", actor, now, words, {"finding": made.finding})


# ---- inside ----------------------------------------------------------------------------------------------------------
def _allowed(actor: Actor, drill: PlanDrill) -> None:
    rules.check_open(drill.state)
    rules.check_leader(actor.roles, actor.staff_id, drill.leader_id)


def _kept(at: datetime) -> str:
    return at.astimezone(UTC).isoformat()


def _times(drill: PlanDrill, sent: Raw, now: datetime) -> tuple[datetime, datetime, dict[str, datetime]]:
    """Beginning, end, and the time of each step that has one. What the form shows to the minute keeps the seconds it was ticked at."""
    began_text, ended_text = one_of(sent, "began_at"), one_of(sent, "ended_at")
    if not began_text or not ended_text:
        raise Invalid(N_("Say when the drill began and when it ended."))
    zone = local_zone()
    began_at = _same(past_instant(began_text, now, zone), drill.began_at)
    ended_at = _same(past_instant(ended_text, now, zone), drill.ended_at)
    known, found = steps_of(drill), {}
    for step in drill.version.content["steps"]:
        text = one_of(sent, f"step_{step['key']}")
        if not text:
            continue
        clock = read_clock(text[:20])
        if clock is None:
            raise Invalid(N_("This is not a time: write it like 17:30."))
        found[step["key"]] = _same(rules.at_clock(began_at, clock.hour, clock.minute, zone), known.get(step["key"]))
    # The end is told to the minute, too: what was ticked within that minute is not after it.
    last = max([ended_at, *(at for at in found.values() if 0 < (at - ended_at).total_seconds() < 60)])
    return began_at, last, found


def _same(told: datetime, kept: datetime | None) -> datetime:
    """What was kept, where a form that shows minutes tells the same minute."""
    if kept is not None and told.replace(second=0, microsecond=0) == kept.replace(second=0, microsecond=0):
        return kept
    return told


def _said(drill: PlanDrill) -> dict[str, Any]:
    """What a record said before it was put right."""
    assert drill.began_at is not None
    assert drill.ended_at is not None
    return {
        "began_at": _kept(drill.began_at),
        "ended_at": _kept(drill.ended_at),
        "steps": drill.steps,
        "observed": drill.observed,
        "came": [one.staff.name for one in drill.members if one.came],
    }


def _until(text: str, now: datetime) -> date:
    today = now.astimezone(local_zone()).date()
    found = read_day(text[:40], today) if text else None
    if found is None:
        raise Invalid(N_("Say until when it is to be improved."))
    if found < today:
        raise Invalid(N_("This day has passed already: choose one in the future."))
    return found


def _photo(drill: PlanDrill, item: Taken, caption: str, actor: Actor, now: datetime) -> DrillPhoto:
    return DrillPhoto(
        drill_id=drill.id,
        name=item.content.name,
        caption=caption,
        file_path=item.file_path,
        thumb_path=item.thumb_path,
        sha256=item.sha256,
        size_bytes=len(item.content.data),
        uploader_name=actor.display_name[:80],
        at=now,
    )


def _improve_words(drill: PlanDrill, made: DrillFinding) -> str:
    return gettext(
        "After the drill of the plan %(plan)s you are to improve until %(day)s: %(what)s",
        plan=name(drill.version),
        day=made.until,
        what=made.improvement,
    )
