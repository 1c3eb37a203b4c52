"""Check-in calls to people living alone (D13): planned at the booked minute, and what follows from how each try ended.

Only key 1 says that all is well. Silence is called once more, then told to the steward, then to the emergency contact; a key
that asks for help rings the duty roster. Every state has an instant at which the next step is taken whatever became of
the call (`CheckIn.next_at`), so that a lost report or a dead process ends with a person going there, never with nothing.
"""

from __future__ import annotations

import logging
from datetime import datetime

from flask_babel import force_locale, gettext
from sqlalchemy import or_, select, update
from sqlalchemy.orm import Session

from app.errors import N_, NotFound
from app.models import CampaignTarget, CheckIn, CheckInPlan, Tenure
from app.rules import check_ins as rules
from app.rules import outbound
from app.rules.call_flow.words import Word
from app.rules.check_ins import Step
from app.rules.codes import Channel, CheckInState, Kind, Outreach, TargetState
from app.services import check_in_tell, escalation, waiting_lines
from app.services.call_store import insert_once
from app.services.campaigns import plan, standing
from app.services.check_in_steps import HOUSE, RESULTS, booked, note
from app.services.local_time import local_zone
from app.services.policies import figure, minutes
from app.services.spoken_lines import house_locale
from app.services.tickets import open_ticket

log = logging.getLogger(__name__)
BATCH = 200


def plan_due(session: Session, now: datetime) -> int:
    """Plan the calls whose minute has come, and take the next step of those whose time for it has. Returns how many."""
    entries = select(CheckInPlan).where(CheckInPlan.next_at <= now).order_by(CheckInPlan.next_at, CheckInPlan.id)
    due = list(session.scalars(entries.limit(BATCH).with_for_update(skip_locked=True, of=CheckInPlan)))
    for entry in due:
        _safely(session, f"entry {entry.id}", lambda entry=entry: _begin(session, entry, now))
    waiting = select(CheckIn.id).where(CheckIn.state.in_(rules.OPEN), CheckIn.next_at <= now)
    ids = list(session.scalars(waiting.order_by(CheckIn.next_at, CheckIn.id).limit(BATCH)))
    for check_in_id in ids:
        _safely(session, f"call {check_in_id}", lambda pk=check_in_id: _advance(session, pk, now))
    return len(due) + len(ids)


def still_wanted(session: Session, target: CampaignTarget, now: datetime) -> bool:
    """Before dialling: whether this try is the present one and still agreed. Before speaking: whether nobody knows yet."""
    check_in = session.get(CheckIn, target.check_in_id, populate_existing=True) if target.check_in_id else None
    if check_in is None:
        return False
    if target.state != TargetState.PLANNED:
        return check_in.state in rules.OPEN
    return check_in.state == CheckInState.CALLING and target.key == _key(check_in) and _agreed(check_in)


def contact_still_wanted(session: Session, target: CampaignTarget, now: datetime) -> bool:
    """Whether nobody has said what was found: then the emergency contact is to know."""
    check_in = session.get(CheckIn, target.check_in_id, populate_existing=True) if target.check_in_id else None
    return check_in is not None and check_in.state == CheckInState.CONTACTED


def ended(session: Session, target: CampaignTarget, now: datetime) -> None:
    """What becomes of a try that has ended, or of a key that was pressed after all."""
    check_in = locked(session, target.check_in_id)
    asked_help = bool(target.flow.get("help"))
    confirmed = target.confirmed_at is not None and not asked_help
    if asked_help:
        _help(session, check_in, now)
    elif confirmed and check_in.state in rules.UNHEARD:
        check_in.next_at = None
        note(session, check_in.plan, "answered", HOUSE, now, N_("Key 1 after all: all is well."), check_in=check_in)
        check_in_tell.of_answer(session, check_in, now)
    elif check_in.state == CheckInState.CALLING or (confirmed and check_in.state == CheckInState.WAITING):
        if confirmed or target.key == _key(check_in):
            _after_try(session, check_in, target.state, confirmed, now)
    session.flush()


def contact_ended(session: Session, target: CampaignTarget, now: datetime) -> None:
    """What an emergency contact's telephone did, on record."""
    check_in = locked(session, target.check_in_id)
    contact = check_in_tell.contact_of(check_in, target.number)
    said = N_("The call to %(name)s: %(result)s.")
    result = RESULTS.get(target.state, RESULTS[TargetState.UNKNOWN])
    if target.state == TargetState.REACHED:
        result = N_("heard, confirmed by key") if target.confirmed_at else N_("heard")
    name = contact.name if contact else (target.number or "")
    note(session, check_in.plan, "contact", HOUSE, now, said, check_in=check_in, name=name, result=Word(result))


def locked(session: Session, check_in_id: int | None) -> CheckIn:
    """One call of the register, locked. Who locks its target, too, does so before. Raises NotFound."""
    statement = select(CheckIn).where(CheckIn.id == check_in_id).with_for_update(of=CheckIn)
    found = session.scalars(statement.execution_options(populate_existing=True)).first()
    if found is None:
        raise NotFound(N_("There is no such call."))
    return found


def lives_there(session: Session, entry: CheckInPlan, now: datetime) -> bool:
    """Whether the person is still tied to the house of the entry."""
    today = now.astimezone(local_zone()).date()
    tied = (Tenure.person_id == entry.person_id, Tenure.house_id == entry.house_id, Tenure.starts_on <= today)
    still = or_(Tenure.ends_on.is_(None), Tenure.ends_on >= today)
    return session.scalar(select(Tenure.id).where(*tied, still).limit(1)) is not None


# ---- a booked time ---------------------------------------------------------------------------------------------------


def _begin(session: Session, entry: CheckInPlan, now: datetime) -> None:
    """The booked times that have come: the last one is called; of earlier ones, which nobody looked for, it is kept that
    they were missed."""
    assert entry.next_at is not None
    if not lives_there(session, entry, now):
        _set_next(session, entry, None, active=False, ended_at=now)
        note(session, entry, "ended", HOUSE, now, N_("Does not live in this house any more: the calls have ended."))
        return
    times = rules.due_times(booked(entry), entry.next_at, now, local_zone())
    for at in times:
        check_in = _insert(session, entry, at)
        if check_in is None:
            continue
        if at == times[-1]:
            _try(session, check_in, now)
        else:
            check_in.state = CheckInState.MISSED
            note(session, entry, "missed", HOUSE, now, N_("Nobody could call at this time."), check_in=check_in)
    _set_next(session, entry, rules.next_time(booked(entry), times[-1], local_zone()))


def _set_next(session: Session, entry: CheckInPlan, at: datetime | None, **more: object) -> None:
    """Past the row's version: that the next time has moved on is no change anybody's form must be told of."""
    values = {"next_at": at, **more}
    session.execute(update(CheckInPlan).where(CheckInPlan.id == entry.id).values(**values))
    session.expire(entry, list(values))


def _insert(session: Session, entry: CheckInPlan, at: datetime) -> CheckIn | None:
    """The row of a booked time, once; None when it is there."""
    key = f"{entry.id}:{at:%Y-%m-%dT%H:%M%z}"
    values = {
        "key": key,
        "plan_id": entry.id,
        "person_id": entry.person_id,
        "house_id": entry.house_id,
        "community_id": entry.community_id,
        "at": at,
        "state": CheckInState.CALLING.value,
        "tries": 0,
        "found_note": "",
        "found_by": "",
    }
    if not insert_once(session, CheckIn.__table__, values, "key"):
        return None
    return session.scalars(select(CheckIn).where(CheckIn.key == key)).one()


def _try(session: Session, check_in: CheckIn, now: datetime) -> None:
    """Plan one more call of this time: the first at its minute, the next at once."""
    entry = check_in.plan
    start = now if check_in.tries else check_in.at
    latest = start + minutes(session, "check_in.latest_minutes")
    check_in.tries += 1
    check_in.state, check_in.next_at = CheckInState.CALLING, latest + rules.GRACE
    day = check_in.at.astimezone(local_zone()).date()
    plan(
        session,
        standing(session, check_in.community_id, Outreach.CHECK_IN, day, now),
        _key(check_in),
        number=entry.number,
        not_before=start,
        expires_at=latest,
        locale=check_in.person.locale,
        person_id=check_in.person_id,
        house_id=check_in.house_id,
        check_in_id=check_in.id,
    )
    session.flush()


def _key(check_in: CheckIn) -> str:
    return f"checkin:{check_in.id}:{check_in.tries}"


def _agreed(check_in: CheckIn) -> bool:
    entry = check_in.plan
    return entry.active and not rules.is_away(booked(entry), check_in.at.astimezone(local_zone()).date())


def _advance(session: Session, check_in_id: int, now: datetime) -> None:
    """The time for the next step has come. The target is locked first, as its webhooks do."""
    tries = select(CampaignTarget).where(
        CampaignTarget.check_in_id == check_in_id, CampaignTarget.purpose == Outreach.CHECK_IN
    )
    statement = tries.order_by(CampaignTarget.id.desc()).limit(1).with_for_update(of=CampaignTarget)
    target = session.scalars(statement.execution_options(populate_existing=True)).first()
    check_in = locked(session, check_in_id)
    if check_in.next_at is None or check_in.next_at > now:
        return
    if check_in.state == CheckInState.ALERTED:
        _contacts(session, check_in, now)
    elif check_in.state == CheckInState.WAITING:
        if _agreed(check_in):
            _try(session, check_in, now)
        else:
            _skip(session, check_in, now)
    else:
        _overdue(session, check_in, target, now)
    session.flush()


def _overdue(session: Session, check_in: CheckIn, target: CampaignTarget | None, now: datetime) -> None:
    """Nothing was heard of a call for too long: whatever became of it, it has not said that all is well."""
    result: str = TargetState.UNKNOWN
    if target is not None and target.state == TargetState.PLANNED:
        target.state, target.ended_at, result = TargetState.EXPIRED, now, TargetState.EXPIRED
    elif target is not None and target.state not in outbound.OPEN:
        result = target.state
    _after_try(session, check_in, result, False, now)


# ---- what follows ----------------------------------------------------------------------------------------------------


def _after_try(session: Session, check_in: CheckIn, result: str, confirmed: bool, now: datetime) -> None:
    check_in.result = str(result)
    step = rules.after_try(
        result,
        confirmed=confirmed,
        asked_help=False,
        wanted=_agreed(check_in),
        tries=check_in.tries,
        most=figure(session, "check_in.tries"),
    )
    if step == Step.WELL:
        check_in.state, check_in.next_at = CheckInState.WELL, None
        note(session, check_in.plan, "well", HOUSE, now, N_("Key 1: all is well."), check_in=check_in)
        return
    if step == Step.SKIP:
        _skip(session, check_in, now)
        return
    said = N_("Call %(count)s: %(result)s.")
    result_word = Word(RESULTS.get(result, RESULTS[TargetState.UNKNOWN]))
    count = str(check_in.tries)
    note(session, check_in.plan, "try", HOUSE, now, said, check_in=check_in, count=count, result=result_word)
    if step == Step.AGAIN:
        check_in.state = CheckInState.WAITING
        check_in.next_at = now + minutes(session, "check_in.retry_minutes")
    else:
        _alert(session, check_in, now)


def _alert(session: Session, check_in: CheckIn, now: datetime) -> None:
    people = check_in_tell.responsible(session, check_in.plan, now)
    check_in.state, check_in.alerted_at = CheckInState.ALERTED, now
    check_in.alerted_id = people[0].id if people else None
    check_in.next_at = now + minutes(session, "check_in.contact_minutes")
    check_in_tell.of_silence(session, check_in, people, now)
    said = N_("%(name)s is asked to go there now.") if people else N_("There is nobody of the staff to send there.")
    names = "、".join(person.name for person in people)
    note(session, check_in.plan, "alert", HOUSE, now, said, check_in=check_in, name=names)


def _contacts(session: Session, check_in: CheckIn, now: datetime) -> None:
    check_in.state, check_in.contacted_at, check_in.next_at = CheckInState.CONTACTED, now, None
    check_in_tell.of_contacts(session, check_in, now)


def _skip(session: Session, check_in: CheckIn, now: datetime) -> None:
    check_in.state, check_in.next_at = CheckInState.SKIPPED, None
    said = N_("Away, or the calls have ended: not called any more.")
    note(session, check_in.plan, "skipped", HOUSE, now, said, check_in=check_in)


def _help(session: Session, check_in: CheckIn, now: datetime) -> None:
    """A key that asks for help, at whatever point: an emergency of its own, and the duty roster is rung (D7)."""
    if check_in.state == CheckInState.HELP:
        return
    with force_locale(house_locale()):
        title = gettext("Asks for help at the check-in call")
        words = gettext(
            "Pressed a key for help at the check-in call. Waits on the line, or is to be called back at once; lives alone."
        )
    ticket = open_ticket(
        session,
        community=check_in.community,
        kind=Kind.EMERGENCY,
        channel=Channel.HOTLINE,
        title=title,
        description=words,
        house=check_in.house,
        reporter_person=check_in.person,
        reporter_phone=check_in.plan.number,
        callback_due=True,
        actor=HOUSE,
        now=now,
    )
    escalation.start(session, ticket, None, now)
    check_in.state, check_in.next_at, check_in.ticket_id = CheckInState.HELP, None, ticket.id
    said = N_("A key for help: ticket %(number)s, the duty roster is being rung.")
    note(session, check_in.plan, "help", HOUSE, now, said, check_in=check_in, number=ticket.number)
    check_in_tell.of_help(session, check_in, ticket.number, now)


def hung_up(session: Session, target: CampaignTarget, now: datetime) -> None:
    """Whoever asked for help and waited on the line is gone from it: called back by whoever takes the emergency."""
    found = waiting_lines.emergency_of(session, target)
    if found is not None:
        escalation.note(session, found[0], "callback_due", N_("The caller hung up while waiting: call back."), now)


def _safely(session: Session, what: str, do: object) -> None:
    """One bad row is logged and does not block the rest; it is looked at again with the next tick."""
    try:
        with session.begin_nested():
            do()  # type: ignore[operator]
    except Exception:
        log.exception("check-in %s could not be moved on", what)
