"""What happens on an automatic call: its progress, its keys, and what a purpose makes of how it ended.

Webhooks call `said`, `keyed` and `reported`; the job settles what never got as far as a conversation. Each locks the
target's row first, so that a key and a report in the same instant do not undo each other.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import asdict, replace
from datetime import datetime
from types import ModuleType

from flask_babel import force_locale
from sqlalchemy import select
from sqlalchemy.orm import Session

from app.errors import N_, NotFound
from app.models import CampaignTarget
from app.rules import escalation, outbound_flow, reminder_flow
from app.rules import outbound as rules
from app.rules.codes import Outreach, TargetState, WishWay
from app.rules.outbound_flow import Facts, Flow, Outcome, Reply
from app.services import check_in_tell, check_ins, reminder_calls, visit_calls, waiting_lines, wake_calls
from app.services.local_time import local_zone
from app.services.waiting_lines import WAITS
from app.services.wishes import set_calls

Ended = Callable[[Session, CampaignTarget, datetime], None]


def plan_due(session: Session, now: datetime) -> int:
    """Plan what households have booked for this minute."""
    return wake_calls.plan_due(session, now) + check_ins.plan_due(session, now)


def locked(session: Session, target_id: int) -> CampaignTarget:
    """The target, locked against its own other webhooks. Raises NotFound."""
    statement = select(CampaignTarget).where(CampaignTarget.id == target_id).with_for_update(of=CampaignTarget)
    target = session.scalars(statement.execution_options(populate_existing=True)).first()
    if target is None:
        raise NotFound(N_("There is no such call."))
    return target


def reported(
    session: Session, target: CampaignTarget, sid: str, status: str, answered_by: str | None, now: datetime
) -> None:
    """A progress report. Late, repeated and foreign ones change nothing."""
    if target.provider_sid is None and target.state in rules.LIVE:
        target.provider_sid = sid
    if target.provider_sid == sid:
        take_progress(session, target, status, answered_by, now)


def take_progress(
    session: Session, target: CampaignTarget, status: str, answered_by: str | None, now: datetime
) -> None:
    """Move a target by the carrier's word for its call."""
    new = rules.state_after(target.state, status)
    if new == TargetState.UNCLEAR and target.flow.get("heard"):
        new = TargetState.REACHED
    if new == TargetState.ANSWERED:
        target.answered_at = target.answered_at or now
    if new is not None and new in rules.LIVE:
        target.state = new
    elif new is not None:
        settle(session, target, new, now)
    if escalation.is_machine(answered_by):
        _machine(session, target, status, now)
    if status in escalation.ENDED:
        target.ended_at = target.ended_at or now
        if waiting_lines.leave(session, target, now):
            check_ins.hung_up(session, target, now)
    session.flush()


def said(session: Session, target: CampaignTarget, sid: str, answered_by: str | None, now: datetime) -> Reply | None:
    """The telephone was taken: the first words; None when a machine took it, or when nobody is to be spoken to any more."""
    reported(session, target, sid, "in-progress", answered_by, now)
    if target.state != TargetState.ANSWERED or target.provider_sid != sid:
        return None
    flow, talk = Flow(target.purpose, locale=target.locale), _talk(target)
    if not still_wanted(session, target, now) or rests(session, target, now):
        settle(session, target, TargetState.CANCELLED, now)
        return talk.settled_before(flow)
    return _taken(session, target, talk.begin(flow, facts(session, target, now, flow)), now)


def keyed(session: Session, target: CampaignTarget, sid: str, digits: str, now: datetime) -> Reply | None:
    """A key, or silence. None where there is no conversation to go on with."""
    if target.provider_sid != sid or "turn" not in target.flow:
        return None
    flow, talk = _flow(target), _talk(target)
    if digits in outbound_flow.HEARD_KEYS and not flow.over and target.purpose == Outreach.CHECK_IN:
        # Whoever presses a key is there, whatever the carrier's ear or a report that overtook the key has said: it may be
        # somebody asking for help.
        target.state = TargetState.ANSWERED
    if target.state != TargetState.ANSWERED:
        flow = replace(flow, over=True)
        return talk.key(flow, digits, facts(session, target, now, flow))
    known = facts(session, target, now, flow, digits)
    reply = talk.key(flow, digits, known)
    if known.check is not None:
        reminder_calls.note_try(session, target, known.check, now)
    if reply.flow.locale != flow.locale:
        target.locale = reply.flow.locale
    return _taken(session, target, reply, now)


def awaits_secret(target: CampaignTarget) -> bool:
    """Whether the digits that come next are a PIN: they are stored nowhere."""
    return target.purpose == Outreach.REMINDER and reminder_flow.awaits_pin(str(target.flow.get("step", "")))


def again(session: Session, target: CampaignTarget, now: datetime) -> Reply:
    """The present question once more, for a request that was answered before."""
    flow = _flow(target)
    back = replace(flow, turn=max(flow.turn - 1, 0))
    return _talk(target).key(back, outbound_flow.AGAIN, facts(session, target, now, flow))


def settle(
    session: Session, target: CampaignTarget, state: TargetState, now: datetime, reason: str | None = None
) -> None:
    """End a target: its state, and what its purpose makes of it. What has ended already is left alone."""
    if target.state not in rules.OPEN:
        return
    target.state, target.reason, target.leased_until = state, reason or target.reason, None
    if state in (TargetState.EXPIRED, TargetState.CANCELLED, TargetState.IMPOSSIBLE, TargetState.FAILED):
        target.ended_at = target.ended_at or now
    session.flush()
    if target.purpose in _ENDED:
        _ENDED[target.purpose](session, target, now)


def still_wanted(session: Session, target: CampaignTarget, now: datetime) -> bool:
    """Whether what this call is about is still open: asked before dialling, and once more before speaking."""
    ask = _WANTED.get(target.purpose)
    return ask is None or ask(session, target, now)


def rests(session: Session, target: CampaignTarget, now: datetime) -> bool:
    """Whether what this call is about is paused for the time being: it waits for the next day."""
    return target.purpose == Outreach.REMINDER and reminder_calls.rests(session, target, now)


def facts(session: Session, target: CampaignTarget, now: datetime, flow: Flow, digits: str = "") -> Facts:
    """What the call may say at this turn, in its language. `digits` are what was keyed."""
    community, campaign = target.campaign.community, target.campaign
    english = flow.locale == "en"
    local = now.astimezone(local_zone())
    known = Facts(
        community=(community.name_en or community.name) if english else community.name,
        text=(campaign.text_en if english else campaign.text_zh) or campaign.text_zh or campaign.text_en,
        hour=local.hour,
        minute=local.minute,
    )
    if target.purpose == Outreach.RETURN_VISIT and target.ticket is not None:
        return replace(known, number=target.ticket.number, matter=visit_calls.matter(target.ticket, english))
    if target.purpose == Outreach.CHECK_IN_CONTACT and target.check_in is not None:
        with force_locale("en" if english else "zh"):
            return replace(known, text=check_in_tell.contact_words(target.check_in))
    if target.purpose == Outreach.REMINDER:
        return reminder_calls.facts(session, target, known, flow, digits, now)
    return known


def _talk(target: CampaignTarget) -> ModuleType:
    """The machine that knows what this purpose says."""
    return reminder_flow if target.purpose == Outreach.REMINDER else outbound_flow


def _taken(session: Session, target: CampaignTarget, reply: Reply, now: datetime) -> Reply:
    """Write what a turn settled, and keep where the conversation stands."""
    heard = reply.outcome == Outcome.HEARD or bool(target.flow.get("heard"))
    kept = {name: target.flow[name] for name in ("amount",) if name in target.flow}
    target.flow = {**asdict(reply.flow), **kept, "heard": heard}
    if reply.outcome == Outcome.SCORE and not visit_calls.score(session, target, reply.score, now):
        reply = outbound_flow.settled_before(reply.flow)
        settle(session, target, TargetState.CANCELLED, now)
    elif reply.outcome in (Outcome.SCORE, Outcome.CONFIRMED, Outcome.HELP):
        target.confirmed_at, target.score = now, reply.score
        asks_help = reply.outcome == Outcome.HELP
        target.flow = {**target.flow, "help": asks_help, WAITS: asks_help and target.ended_at is None}
        settle(session, target, TargetState.REACHED, now)
    elif reply.outcome == Outcome.AMOUNT:
        target.confirmed_at, target.flow = now, {**target.flow, "amount": True}
    elif reply.outcome == Outcome.CALL_BACK:
        reminder_calls.call_back(session, target, now)
        target.confirmed_at = target.confirmed_at or now
        settle(session, target, TargetState.REACHED, now)
    elif reply.outcome in (Outcome.UNCLEAR, Outcome.OPTED_OUT):
        if reply.outcome == Outcome.OPTED_OUT and target.number:
            where = target.community_id
            set_calls(session, target.number, target.purpose, False, WishWay.CALL, now, community_id=where)
        settle(session, target, TargetState.REACHED if heard else TargetState.UNCLEAR, now)
    session.flush()
    return reply


def _machine(session: Session, target: CampaignTarget, status: str, now: datetime) -> None:
    """A machine answered: nobody was reached, whatever was said to it. A key pressed before outweighs the detection."""
    if target.confirmed_at is not None:
        return
    if target.state == TargetState.REACHED:
        target.state = TargetState.ANSWERED
    settle(session, target, TargetState.MACHINE, now)
    if status not in escalation.ENDED and target.state == TargetState.MACHINE:
        target.ended_at = None


def _flow(target: CampaignTarget) -> Flow:
    names = ("turn", "misses", "locale", "over", "step")
    known = {name: target.flow[name] for name in names if name in target.flow}
    return Flow(target.purpose, **known)


_ENDED: dict[str, Ended] = {
    Outreach.RETURN_VISIT: visit_calls.ended,
    Outreach.WAKE_UP: wake_calls.ended,
    Outreach.CHECK_IN: check_ins.ended,
    Outreach.CHECK_IN_CONTACT: check_ins.contact_ended,
}
"""What a purpose makes of a call that has ended."""

_WANTED: dict[str, Callable[[Session, CampaignTarget, datetime], bool]] = {
    Outreach.RETURN_VISIT: visit_calls.still_wanted,
    Outreach.WAKE_UP: wake_calls.still_wanted,
    Outreach.CHECK_IN: check_ins.still_wanted,
    Outreach.CHECK_IN_CONTACT: check_ins.contact_still_wanted,
    Outreach.REMINDER: reminder_calls.still_wanted,
}
"""Whether a purpose still wants its call."""
