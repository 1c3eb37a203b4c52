"""Monthly appraisals (D16): drawn up from the figures, remarked on by the person, signed by the manager; it counts for pay.

The manager's own is drawn up, gone through and signed by the company's quality department (`rules.SIGNED_BY`).

Plan → do → check → act: what was to be improved last month stands on the sheet, and says what became of it before anybody
signs. Each figure keeps the tickets it was made from, so that its evidence stays what it was.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any

from sqlalchemy import ScalarSelect, func, select
from sqlalchemy.orm import Session, joinedload

from app.errors import N_, Forbidden, Invalid, Refused
from app.models import Appraisal, Bill, Community, SignedRecord, Staff, StaffCommunity
from app.rules import appraisal as rules
from app.rules.appraisal import INSPECTION, Weight
from app.rules.codes import AppraisalState, ItemOutcome, RecordKind, RecordState
from app.rules.figures import ratio
from app.rules.month_figures import FIGURES
from app.services import month_lists, policies, signed_records
from app.services.access import rows
from app.services.actors import Actor
from app.services.appraisal_plans import in_force
from app.services.local_time import local_zone
from app.services.month_matters import MATTERS, Cut
from app.services.month_tallies import tally
from app.services.reporting.period import Month, month_of
from app.services.ticket_input import SHORT_LIMIT, clean_text

HOUSE = Actor.system("records")
REMARK_LIMIT, MOST_ITEMS, MOST_INSPECTIONS = 2000, 5, 5
PAGE = 50
Rows = dict[str, Any]


def draw_up(session: Session, actor: Actor, community_id: int, month: str, now: datetime) -> int:
    """Open the sheets of a month that is over for everybody whom the actor appraises, whose role is weighed, and who has none
    yet. Returns how many."""
    judged = rules.judged_by(actor.roles)
    if (
        not judged
        or session.scalar(select(Community.id).where(Community.id == community_id, rows(actor, Community))) is None
    ):
        raise Forbidden(NOT_YOURS)
    span = month_of(month, local_zone())
    if span.ends_at > now:
        raise Refused(N_("A month is appraised after it is over."))
    people = (
        select(Staff)
        .join(StaffCommunity, StaffCommunity.staff_id == Staff.id)
        .where(StaffCommunity.community_id == community_id, Staff.active, Staff.role.in_(judged))
        .where(Staff.id.not_in(select(Appraisal.staff_id).where(_of(community_id, month))))
    )
    made = 0
    for person in session.scalars(people.order_by(Staff.id)).all():
        weights = in_force(session, person.role, month)
        if not weights:
            continue
        sheet = Appraisal(community_id=community_id, staff_id=person.id, month=month, role=person.role, opened_at=now)
        sheet.inspections, sheet.items, sheet.remark = [], [], ""
        sheet.checked = _last_items(session, sheet)
        measure(session, sheet, weights, span)
        session.add(sheet)
        made += 1
    session.flush()
    return made


def _of(community_id: int, month: str) -> Any:
    return (Appraisal.community_id == community_id) & (Appraisal.month == month)


def _last_items(session: Session, sheet: Appraisal) -> list[Rows]:
    """What the sheet before this one wanted improved, and what it found not done."""
    before = session.scalars(
        select(Appraisal)
        .where(
            Appraisal.community_id == sheet.community_id,
            Appraisal.staff_id == sheet.staff_id,
            Appraisal.month < sheet.month,
        )
        .order_by(Appraisal.month.desc())
        .limit(1)
    ).one_or_none()
    if before is None:
        return []
    still = [one for one in before.checked if one.get("outcome") in (ItemOutcome.PARTLY, ItemOutcome.NOT_DONE)]
    return [
        {"text": one["text"], "due_on": one["due_on"], "outcome": "", "note": ""} for one in (*still, *before.items)
    ]


def measure(session: Session, sheet: Appraisal, weights: tuple[Weight, ...], span: Month) -> None:
    """Work out every figure of the sheet as the records say it now, with the tickets it was made from."""
    cuts = {
        rules.OWN: Cut(sheet.community_id, person_id=sheet.staff_id),
        rules.COMMUNITY: Cut(sheet.community_id),
    }
    counted = {scope: tally(session, HOUSE, span, cuts[scope]) for scope in {one.scope for one in weights}}
    lines, earned = [], []
    for one in weights:
        line: Rows = {"figure": one.figure, "scope": one.scope, "weight": one.weight}
        if one.figure == INSPECTION:
            scores = [int(found["score"]) for found in sheet.inspections]
            value: Any = ratio(sum(scores), len(scores))
            line |= {"count": len(scores), "tickets": []}
        else:
            figure = FIGURES[one.figure]
            value = figure.measure(counted[one.scope])
            line["count"] = getattr(counted[one.scope], figure.whole)
            ids = figure.whole in MATTERS
            line["tickets"] = month_lists.numbers(session, HOUSE, figure.whole, span, cuts[one.scope]) if ids else []
        found = rules.points(value, one.target, one.floor, rules.good_of(one.figure))
        earned.append((one.weight, found))
        line |= {"value": _text(value), "target": str(one.target), "floor": str(one.floor), "points": _text(found)}
        lines.append(line)
    sheet.lines, sheet.total = lines, _text(rules.total(earned))


def _text(value: Decimal | int | None) -> str | None:
    return None if value is None else str(value)


def _weights(sheet: Appraisal) -> tuple[Weight, ...]:
    """The weights the sheet was drawn up by: a change of the plan leaves it alone."""
    return tuple(
        Weight(one["figure"], one["scope"], one["weight"], Decimal(one["target"]), Decimal(one["floor"]))
        for one in sheet.lines
    )


def find(session: Session, actor: Actor, pk: int, *, hold: bool = False) -> Appraisal | None:
    """A sheet that is the actor's to read."""
    statement = select(Appraisal).where(Appraisal.id == pk, rows(actor, Appraisal))
    if hold:
        statement = statement.with_for_update()
    else:
        statement = statement.options(joinedload(Appraisal.staff), joinedload(Appraisal.community))
    return session.scalars(statement).one_or_none()


def bills(session: Session, actor: Actor, sheet: Appraisal, line: Rows, skip: int, most: int) -> tuple[int, list[Bill]]:
    """How many bills of the sheet's month a collection rate is made from that the actor may see, and a page of them."""
    cut = Cut(sheet.community_id, person_id=sheet.staff_id if line["scope"] == rules.OWN else None)
    return month_lists.bills(session, actor, month_of(sheet.month, local_zone()), cut, skip=skip, most=most)


def content(sheet: Appraisal, remark: str | None = None) -> Rows:
    """What is signed: plain numbers, dates and what staff wrote of themselves; of households nothing but numbers of tickets."""
    return {
        "schema": 1,
        "month": sheet.month,
        "staff_id": sheet.staff_id,
        "name": sheet.staff.name,
        "role": sheet.role,
        "lines": sheet.lines,
        "total": sheet.total,
        "inspections": sheet.inspections,
        "checked": sheet.checked,
        "items": sheet.items,
        "remark": sheet.remark if remark is None else remark,
    }


def subject(sheet: Appraisal) -> str:
    """The name of its record."""
    return f"{sheet.month}-{sheet.staff_id}"


def versions(session: Session, sheet: Appraisal) -> list[SignedRecord]:
    """What was read and signed, the newest first."""
    return signed_records.versions(session, RecordKind.APPRAISAL, sheet.community_id, subject(sheet))


def fingerprint(session: Session, sheet: Appraisal) -> str:
    """The hash of what the sheet says now, as the version it is or would be."""
    known = versions(session, sheet)
    return signed_records.fingerprint(
        RecordKind.APPRAISAL, subject(sheet), known[0].version if known else 1, content(sheet)
    )


# ---- the steps -------------------------------------------------------------------------------------------------------


def save(session: Session, actor: Actor, sheet: Appraisal, sent: Mapping[str, str], now: datetime) -> None:
    """The part of whoever signs: what became of last month's items, new ones, an inspector's scores; figures as they are now.

    Whom it is about reads it anew afterwards. `sha256` says which state the form showed: Refused when somebody has changed it since.
    """
    _lead(actor, sheet)
    _open(sheet)
    if (seen := sent.get("sha256")) is not None and seen != fingerprint(session, sheet):
        raise Refused(
            N_(
                "Somebody else has changed this appraisal meanwhile: compare it with what you wrote, which is still here, and save again."
            )
        )
    outcomes = []
    for place, one in enumerate(sheet.checked):
        outcome = sent.get(f"outcome{place}", one["outcome"])
        if outcome not in ("", *ItemOutcome):
            raise Invalid(N_("Choose what became of each item."))
        note = clean_text(sent.get(f"note{place}", one["note"]), SHORT_LIMIT, lines=False)
        outcomes.append({**one, "outcome": outcome, "note": note})
    items, inspections = _items(sent), _inspections(sent)
    sheet.checked, sheet.items, sheet.inspections = outcomes, items, inspections
    measure(session, sheet, _weights(sheet), month_of(sheet.month, local_zone()))
    sheet.state, sheet.opened_at = AppraisalState.OPEN, now
    session.flush()


def _items(sent: Mapping[str, str]) -> list[Rows]:
    found = []
    for place in range(MOST_ITEMS):
        text = clean_text(sent.get(f"item{place}"), SHORT_LIMIT, lines=False)
        if text:
            found.append({"text": text, "due_on": _day(sent.get(f"due{place}", "")).isoformat()})
    return found


def _inspections(sent: Mapping[str, str]) -> list[Rows]:
    found = []
    for place in range(MOST_INSPECTIONS):
        by, score = clean_text(sent.get(f"by{place}"), 80, lines=False), sent.get(f"score{place}", "").strip()
        if not by and not score:
            continue
        if not by:
            raise Invalid(N_("Say who inspected."))
        if not (score.isascii() and score.isdecimal() and len(score) < 4 and int(score) <= 100):
            raise Invalid(N_("An inspector's score is a whole number from 0 to 100."))
        note = clean_text(sent.get(f"finding{place}"), SHORT_LIMIT, lines=False)
        found.append({"by": by, "score": int(score), "on": _day(sent.get(f"on{place}", "")).isoformat(), "note": note})
    return found


def _day(text: str) -> date:
    try:
        found = date.fromisoformat(text.strip())
    except ValueError:
        found = None
    if found is None or not 2000 <= found.year < 2200:
        raise Invalid(N_("Give the day as YYYY-MM-DD."))
    return found


def answer(
    session: Session, actor: Actor, sheet: Appraisal, remark: str | None, now: datetime, sha256: str | None
) -> None:
    """Whom it is about has read it and says what is to be said."""
    if actor.staff_id is None or actor.staff_id != sheet.staff_id:
        raise Forbidden(N_("Only whom it is about remarks on an appraisal."))
    _open(sheet)
    if sheet.state != AppraisalState.OPEN:
        raise Refused(N_("You have read this appraisal already."))
    if sha256 != fingerprint(session, sheet):
        raise Refused(N_("This record has changed since you opened it: read it again before you put your name to it."))
    sheet.remark = clean_text(remark, REMARK_LIMIT)
    _read(session, actor, sheet, now)


def _read(session: Session, actor: Actor, sheet: Appraisal, now: datetime) -> SignedRecord:
    record = signed_records.draft(
        session, actor, RecordKind.APPRAISAL, sheet.community_id, subject(sheet), content(sheet), now
    )
    if record.state == RecordState.DRAFT:
        signed_records.read(session, actor, record, now)
    sheet.state = AppraisalState.ANSWERED
    session.flush()
    return record


def sign(session: Session, actor: Actor, sheet: Appraisal, now: datetime, sha256: str | None) -> None:
    """The manager (of the manager's own: the quality department) signs what the person has read; after the days for a remark also
    without one."""
    if actor.staff_id is not None and actor.staff_id == sheet.staff_id:
        raise Forbidden(N_("Nobody signs an appraisal of their own."))
    _lead(actor, sheet)
    _open(sheet)
    if any(not one["outcome"] for one in sheet.checked):
        raise Refused(N_("Say first what became of last month's items."))
    if sha256 != fingerprint(session, sheet):
        raise Refused(N_("This record has changed since you opened it: read it again before you put your name to it."))
    if sheet.state == AppraisalState.OPEN:
        days = policies.figure(session, "appraisal.remark_days")
        if sheet.opened_at + timedelta(days=days) > now:
            raise Refused(
                N_(
                    "The person has not read it yet. Without a remark it can be signed %(days)s days after it was laid before them."
                ),
                days=days,
            )
        record = _read(session, HOUSE, sheet, now)
    else:
        record = versions(session, sheet)[0]
    signed_records.sign(session, actor, record, now, record.sha256, asked=True)
    sheet.state = AppraisalState.SIGNED
    session.flush()


def correct(session: Session, actor: Actor, sheet: Appraisal, reason: str | None, now: datetime) -> None:
    """Open the version after a signed one, and say why. Raises Invalid without a reason."""
    _lead(actor, sheet)
    if sheet.state != AppraisalState.SIGNED:
        raise Refused(N_("Only what is signed is corrected by a new version."))
    signed_records.draft(
        session, actor, RecordKind.APPRAISAL, sheet.community_id, subject(sheet), content(sheet), now, reason
    )
    sheet.state, sheet.opened_at = AppraisalState.OPEN, now
    session.flush()


NOT_YOURS = N_("Your role does not allow this step.")


def leads(actor: Actor, sheet: Appraisal) -> bool:
    """Whether going through this sheet and signing it is the actor's. That the row is theirs has been asked."""
    own = actor.staff_id is not None and actor.staff_id == sheet.staff_id
    here = actor.sees_everything or sheet.community_id in actor.community_ids
    return here and not own and sheet.role in rules.judged_by(actor.roles)


def _lead(actor: Actor, sheet: Appraisal) -> None:
    if not leads(actor, sheet):
        raise Forbidden(NOT_YOURS)


def _open(sheet: Appraisal) -> None:
    if sheet.state == AppraisalState.SIGNED:
        raise Refused(N_("This version is signed and does not change any more."))


# ---- whose turn it is ------------------------------------------------------------------------------------------------


def turns(actor: Actor) -> Any:
    """The sheets that wait for the actor: their own to be read, and for whoever signs those that were read."""
    own = (Appraisal.state == AppraisalState.OPEN) & (Appraisal.staff_id == (actor.staff_id or 0))
    mine = rows(actor, Appraisal) & own
    judged = rules.judged_by(actor.roles)
    if not judged:
        return mine
    others = Appraisal.role.in_(judged) & (Appraisal.staff_id != (actor.staff_id or 0))
    return mine | (rows(actor, Appraisal) & others & (Appraisal.state == AppraisalState.ANSWERED))


def waiting_count(actor: Actor) -> ScalarSelect[int]:
    """How many, as a column of a larger statement."""
    return select(func.count(Appraisal.id)).where(turns(actor)).scalar_subquery()


def listed(
    session: Session,
    actor: Actor,
    *,
    community_id: int | None = None,
    month: str = "",
    turn: bool = False,
    own: bool = False,
    skip: int = 0,
) -> tuple[int, list[Appraisal]]:
    """How many sheets there are that the actor may read, and a page of them (`PAGE`), the newest month first."""
    wanted: list[Any] = [rows(actor, Appraisal)]
    if community_id is not None:
        wanted.append(Appraisal.community_id == community_id)
    if month:
        wanted.append(Appraisal.month == month)
    if turn:
        wanted.append(turns(actor))
    if own:
        wanted.append(Appraisal.staff_id == (actor.staff_id or 0))
    total = session.scalar(select(func.count(Appraisal.id)).where(*wanted)) or 0
    statement = select(Appraisal).join(Staff, Staff.id == Appraisal.staff_id).where(*wanted)
    statement = statement.options(joinedload(Appraisal.staff), joinedload(Appraisal.community))
    ordered = statement.order_by(Appraisal.month.desc(), Staff.name, Appraisal.id)
    return total, list(session.scalars(ordered.offset(skip).limit(PAGE)))


def communities(session: Session, actor: Actor) -> list[Community]:
    """Those whose sheets the actor may read whole."""
    return list(session.scalars(select(Community).where(rows(actor, Community)).order_by(Community.id)))
