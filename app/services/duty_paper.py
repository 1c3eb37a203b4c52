"""The duty record 值班记录表 of one shift as it is signed (D5, D6): which lines stand on it, in order, each with a mark of its words.

Who and what each line names is looked up by the rights of whoever reads it (check-in calls, reminders and files are confidential,
and a signed paper outlives its reader's rights); the mark shows whether it still says what was signed.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.errors import N_, Refused
from app.models import Community, DutyShift
from app.rules.codes import Tier
from app.rules.roster import Stretch, stretches
from app.services import duty_record
from app.services.access import rows
from app.services.actors import Actor
from app.services.complaint_content import iso, names
from app.services.duty_record import RecordLine
from app.services.roster import shifts_between

SCHEMA = 1
_AROUND = timedelta(days=9)
_STAMP = "%Y%m%dT%H%MZ"
_HOUSE = Actor.system("records")
Rows = dict[str, Any]


@dataclass(frozen=True)
class Shift:
    """A shift of the one on duty, and in which community."""

    community: Community
    starts_at: datetime
    ends_at: datetime
    on_duty: str


@dataclass(frozen=True)
class Kept:
    """A line as its reader sees it. `changed`: it reads differently now than when it was signed."""

    line: RecordLine
    changed: bool


def subject(community: Community, starts_at: datetime) -> str:
    """What a shift's record is called: the community's code and the instant it began."""
    return f"{community.code}-{starts_at.astimezone(UTC):{_STAMP}}"


def find(session: Session, actor: Actor, name: str) -> Shift | None:
    """The shift that `subject` names, under the actor's rows."""
    code, _dash, stamp = name.rpartition("-")
    try:
        at = datetime.strptime(stamp, _STAMP).replace(tzinfo=UTC)
    except ValueError:
        return None
    if not 2000 <= at.year <= 2200:
        return None
    community = session.scalars(select(Community).where(Community.code == code, rows(actor, Community))).first()
    if community is None:
        return None
    return next((one for one in between(session, community, at - _AROUND, at + _AROUND) if one.starts_at == at), None)


def between(session: Session, community: Community, start: datetime, end: datetime) -> list[Shift]:
    """The shifts of the one on duty that touch a period. Those at its ends may be cut off by it."""
    post = (DutyShift.community_id == community.id, DutyShift.tier == Tier.ON_DUTY)
    found = stretches(shifts_between(session, start, end, *post), start, end)
    return [_shift(community, one) for one in found if one.shifts]


def _shift(community: Community, one: Stretch[DutyShift]) -> Shift:
    return Shift(community, one.starts_at, one.ends_at, "、".join(shift.staff.name for shift in one.shifts))


def content(session: Session, shift: Shift) -> Rows:
    """What is signed. Raises Refused where one record cannot hold the shift."""
    whole = duty_record.record(session, _HOUSE, shift.community.id, shift.starts_at, shift.ends_at)
    if whole.left_out:
        raise Refused(N_("This shift has more lines than one record holds: nothing may be missing on what is signed."))
    return {
        "schema": SCHEMA,
        "community": names(shift.community),
        "starts_at": iso(shift.starts_at),
        "ends_at": iso(shift.ends_at),
        "on_duty": shift.on_duty,
        "counts": dict(sorted(whole.counts.items())),
        "lines": [_line(one) for one in whole.lines],
    }


def _line(one: RecordLine) -> Rows:
    what = one.what
    return {
        "source": what.source,
        "id": what.id,
        "at": iso(what.at),
        "code": what.code,
        # A check-in call's `after` is a person's name: everything but states stays with the rows.
        "state": what.after if what.source in ("entry", "ring", "message", "outreach") else None,
        "mark": _mark(one),
    }


def _mark(one: RecordLine) -> str:
    what = one.what
    said = json.dumps([what.who, what.text, what.before, what.after], ensure_ascii=False)
    return hashlib.sha256(said.encode()).hexdigest()[:32]


def read(session: Session, actor: Actor, shift: Shift, kept: Mapping[str, Any]) -> tuple[list[Kept], int]:
    """The kept lines as this actor may read them, and how many lie beyond their rows."""
    found = duty_record.record(session, actor, shift.community.id, shift.starts_at, shift.ends_at)
    known = {(one.what.source, one.what.id): one for one in found.lines}
    shown, hidden = [], 0
    for one in kept["lines"]:
        line = known.get((one["source"], one["id"]))
        if line is None:
            hidden += 1
            continue
        changed = _mark(line) != one["mark"]
        state = one["state"] if one["state"] is not None else line.what.after
        shown.append(Kept(replace(line, what=replace(line.what, code=one["code"], after=state)), changed))
    return shown, hidden
