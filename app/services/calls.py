"""The use cases of an inbound call (D6, G4): it comes in, a step is taken, its status changes, a recording is ready.

Each function stores the raw event under its natural key, moves the call forward and returns the answer. The same event a second
time changes nothing and returns the same answer; a late one is kept and changes nothing that was settled. `render` turns
the flow's answer into what the carrier is told; services know nothing of TwiML.
"""

from __future__ import annotations

import logging
from collections.abc import Callable
from dataclasses import replace
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.errors import N_
from app.models import Call, HotlineEvent, Ladder
from app.rules import call_flow
from app.rules.call_flow import FINAL, Facts, Flow, Heard, Reply, Step
from app.rules.call_flow.asking import ask
from app.rules.call_flow.matter import RECORDED_MESSAGE
from app.rules.call_flow.model import SECRET, HangUp, Wait
from app.rules.call_flow.words import line
from app.rules.codes import CallOutcome
from app.rules.digits import is_number
from app.services import call_store as store
from app.services import escalation, outages
from app.services.call_recording import WHOLE, adopt
from app.services.call_store import Webhook
from app.services.call_tickets import Writer
from app.services.call_world import gather
from app.services.callers import reporter_of
from app.services.rehearsals import rehearse
from app.services.spoken_lines import house_locale
from app.services.synthetic_calls import is_test

log = logging.getLogger(__name__)

Render = Callable[[Reply], str]
SPEECH_LIMIT = 1000
DIGITS_LIMIT = 40
SAID_LATER = N_("The caller also said: %(words)s")


def receive_call(session: Session, webhook: Webhook, render: Render, refuse: Callable[[str], str]) -> str:
    """A call comes in: event, call and reserved ticket number are stored, and the greeting with the menu is the answer."""
    locale, begun = house_locale(), None
    community = store.community_of(session, webhook.text("To", store.NUMBER_LIMIT))
    if community is None:
        answer = refuse(locale)
    else:
        name = (community[2] or community[1]) if locale == "en" else community[1]
        heard = outages.greeting(session, community[0], webhook.params.get("From", ""), webhook.received_at)
        begun = call_flow.begin(locale, name, *heard)
        answer = render(begun)
    key = f"voice:{webhook.sid}"
    if not store.add_event(session, key, "voice", webhook, answer):
        return store.answer_of(session, key) or answer
    if is_test(webhook):
        store.create_call(session, webhook, None, locale, store.TEST)
        return answer
    if not store.create_call(session, webhook, community[0] if community else None, locale):
        _complete_call(session, webhook, community[0] if community else None)
    elif begun is not None and begun.effects:
        call = _call_for(session, webhook)
        _keep(call, Writer(session, call, begun.flow, webhook.received_at).apply(begun.effects))
    return answer


def take_step(session: Session, webhook: Webhook, turn: int | None, step: str, render: Render) -> str:
    """The caller answered a question (or stayed silent): one step of the flow, with all it writes."""
    call = _call_for(session, webhook)
    known = _answered_before(session, call, webhook, turn, step)
    if known is not None:
        return known
    flow = flow_of(call)
    key = f"step:{webhook.sid}:{flow.facts.turn if turn is None else turn}:{step}"
    heard = heard_in(webhook)
    if step in (Step.RECORD, Step.MESSAGE):
        store.note_recording(session, call, webhook, step)
    if call.direction == store.TEST and call.status not in FINAL:
        answer = _rehearsed(session, call, _caught_up(flow, turn, step), heard, webhook, render)
    elif call.status in FINAL or call.community_id is None:
        answer = _too_late(session, call, flow, heard, webhook, render)
    elif turn is not None and turn < flow.facts.turn:
        answer = render(_once_more(flow))
    else:
        answer = _go_on(session, call, _caught_up(flow, turn, step), heard, webhook, render)
    store.add_event(session, key, step, kept(webhook, step), answer)
    return answer


def kept(webhook: Webhook, step: str) -> Webhook:
    """The webhook as it may be stored: without the digits of a question whose answer is a secret."""
    if step not in SECRET:
        return webhook
    return webhook.without("Digits")


def take_status(session: Session, webhook: Webhook) -> Call | None:
    """The call's status changed. A final one ends it: the ticket exists at the latest now (I8)."""
    status = webhook.text("CallStatus", 20)
    if webhook.text("Direction", 20).startswith("outbound"):
        store.add_event(session, f"status:{webhook.sid}:{status}", "status", webhook)
        return None
    call = _call_for(session, webhook)
    if not store.add_event(session, f"status:{webhook.sid}:{status}", "status", webhook):
        return call
    if not call_flow.moves_forward(call.status, status):
        return call
    call.status = status
    if status in FINAL:
        duration = webhook.text("CallDuration", 10)
        end_call(session, call, webhook.received_at, int(duration) if is_number(duration, 10) else None)
    return call


def end_call(session: Session, call: Call, now: datetime, duration_seconds: int | None = None) -> None:
    """Close the call's record: outcome, end, and the ticket with what was said so far."""
    call.ended_at = now
    call.duration_seconds = duration_seconds
    flow = flow_of(call)
    if call.direction == store.TEST:
        _rehearse_end(session, call, flow, now)
    if call.community_id is None:
        call.outcome = call.outcome or CallOutcome.ABANDONED
        return
    if flow.facts.ladder and not flow.facts.connected and _spoke_with_taker(session, call):
        flow = flow.know(connected=True)
    ending = call_flow.end(flow)
    writer = Writer(session, call, flow, now)
    _keep(call, writer.apply(ending.effects))
    call.outcome = ending.outcome


def take_recording(session: Session, webhook: Webhook, whole: bool = False) -> None:
    """The carrier says what became of a recording, of a message or of the `whole` call; the file is fetched by a job."""
    call = _call_for(session, webhook)
    sid, status = webhook.text("RecordingSid", store.SID_LIMIT), webhook.text("RecordingStatus", 20)
    if whole:
        if store.add_event(session, f"recording:{sid}:{status}", "recording", webhook):
            adopt(session, call.id, sid)
            store.note_recording(session, call, webhook, WHOLE)
        return
    if store.add_event(session, f"recording:{sid}:{status}", "recording", webhook):
        step = call.step if call.step in (Step.RECORD, Step.MESSAGE) else Step.RECORD.value
        store.note_recording(session, call, webhook, step)
        if status == "completed" and call.status in FINAL and call.step in (Step.RECORD, Step.MESSAGE):
            _recorded_late(session, call, webhook.received_at)


def take_fallback(session: Session, webhook: Webhook, render: Render) -> str:
    """The carrier could not get an answer from us: the caller is asked for a message, and the call ends as `fallback`."""
    key = f"fallback:{webhook.sid}:{webhook.text('ErrorCode', 20)}"
    known = store.answer_of(session, key)
    if known is not None:
        return known
    call = _call_for(session, webhook)
    flow = flow_of(call)
    if call.status in FINAL or call.community_id is None or flow.facts.ended:
        answer = render(Reply(flow, (), HangUp()))
    else:
        flow = flow.know(turn=flow.facts.turn + 1).at(Step.MESSAGE, fallback=True)
        reply = ask(flow).first(line(N_("We are sorry: there is a disturbance on our side.")))
        _keep(call, flow)
        answer = render(reply)
    store.add_event(session, key, "fallback", webhook, answer)
    return answer


def take_wait(session: Session, webhook: Webhook) -> Call:
    """The caller waits in the queue; each round is an event of its own."""
    call = _call_for(session, webhook)
    store.add_event(session, f"wait:{webhook.sid}:{webhook.text('QueueTime', 10)}", "wait", webhook)
    return call


def rung_so_far(session: Session, call: Call) -> tuple[int, bool]:
    """How many numbers the ladder has rung for the waiting caller, and whether somebody has taken it."""
    ladder = session.scalars(select(Ladder).where(Ladder.call_id == call.id)).first()
    return escalation.rung_so_far(session, ladder) if ladder is not None else (0, False)


def take_wait_key(session: Session, webhook: Webhook) -> bool:
    """A key in the queue: 1 leaves it to be called back, on a number that we know. Says whether it was that."""
    call = _call_for(session, webhook)
    digits = webhook.text("Digits", DIGITS_LIMIT)
    store.add_event(session, f"wait-key:{webhook.sid}:{webhook.text('QueueTime', 10)}:{digits}", "wait-key", webhook)
    return digits == "1" and store.caller_number(call.from_number) is not None


def flow_of(call: Call) -> Flow:
    """Where a stored call stands."""
    step = Step(call.step) if call.step in set(Step) else Step.MENU
    return Flow(step, Facts.from_json(call.facts or {}), call.locale)


def heard_in(webhook: Webhook) -> Heard:
    """What one webhook brought of the caller. `Digits=hangup` is Record's word for a receiver put down."""
    digits = webhook.text("Digits", DIGITS_LIMIT)
    return Heard(
        digits="" if digits == "hangup" else digits.rstrip("#") if len(digits) > 1 else digits,
        speech=webhook.text("SpeechResult", SPEECH_LIMIT),
        recording=bool(webhook.text("RecordingSid") or webhook.text("RecordingUrl"))
        and webhook.text("RecordingDuration", 10) != "0",
        hung_up=digits == "hangup",
        dial_status=webhook.text("DialCallStatus", 20),
        queue_result=webhook.text("QueueResult", 20),
    )


def _call_for(session: Session, webhook: Webhook) -> Call:
    """The call of a webhook, locked; made now when a later webhook overtook the first (G3)."""
    call = store.locked_call(session, webhook.sid)
    if call is None:
        community = store.community_of(session, webhook.text("To", store.NUMBER_LIMIT))
        store.create_call(session, webhook, community[0] if community else None, house_locale())
        call = store.locked_call(session, webhook.sid)
        assert call is not None
    return call


def _complete_call(session: Session, webhook: Webhook, community_id: int | None) -> None:
    """The first webhook came after another: it may know what that one did not."""
    call = store.locked_call(session, webhook.sid)
    if call is not None:
        call.from_number = call.from_number or store.shown_number(webhook.params.get("From", ""))
        call.to_number = call.to_number or webhook.text("To", store.NUMBER_LIMIT) or None
        call.community_id = call.community_id or community_id
        call.started_at = min(call.started_at, webhook.received_at)


def _answered_before(session: Session, call: Call, webhook: Webhook, turn: int | None, step: str) -> str | None:
    """The stored answer to this very question. Without a turn in its address a step is taken at most once a visit."""
    if turn is not None:
        return store.answer_of(session, f"step:{webhook.sid}:{turn}:{step}")
    if call.step == step and call.status not in FINAL:
        return None
    return session.scalar(
        select(HotlineEvent.answer)
        .where(HotlineEvent.call_sid == webhook.sid, HotlineEvent.kind == step[:30])
        .order_by(HotlineEvent.id.desc())
        .limit(1)
    )


def _caught_up(flow: Flow, turn: int | None, step: str) -> Flow:
    """The flow at the question that was really answered: an earlier webhook may still be on its way, or lie in the journal."""
    if step in set(Step) and step != Step.END and flow.step != step:
        flow = replace(flow, step=Step(step))
    return flow.know(turn=max(turn or 0, flow.facts.turn))


def _go_on(session: Session, call: Call, flow: Flow, heard: Heard, webhook: Webhook, render: Render) -> str:
    now = webhook.received_at
    world = gather(session, call, flow, heard, now)
    reply = call_flow.advance(flow, heard, world)
    flow_after = Writer(session, call, reply.flow, now).apply(reply.effects)
    if call_flow.moves_forward(call.status, "in-progress"):
        call.status = "in-progress"
    _keep(call, flow_after)
    if flow_after.facts.house is not None and call.person_id is None:
        person = reporter_of(session, call, flow_after.facts.house.id, now)
        call.person_id = person.id if person else None
    if flow_after.facts.ended:
        call.outcome = call_flow.end(flow_after).outcome
    return render(replace(reply, flow=flow_after))


def _rehearsed(session: Session, call: Call, flow: Flow, heard: Heard, webhook: Webhook, render: Render) -> str:
    """A step of a test call: taken like any other, and taken back."""
    community = store.community_of(session, call.to_number or "")
    answer = None
    if community is not None:
        answer = rehearse(session, call, community[0], lambda: _go_on(session, call, flow, heard, webhook, render))
    return answer if answer is not None else render(Reply(flow, (), HangUp()))


def _rehearse_end(session: Session, call: Call, flow: Flow, now: datetime) -> None:
    community = store.community_of(session, call.to_number or "")
    if community is not None:
        effects = call_flow.end(flow).effects
        rehearse(session, call, community[0], lambda: Writer(session, call, flow, now).apply(effects))


def _spoke_with_taker(session: Session, call: Call) -> bool:
    """Whether caller and taker were connected: the queue's own report may come after the call's end, or never."""
    return (
        session.scalar(select(Ladder.id).where(Ladder.call_id == call.id, Ladder.connected_at.is_not(None))) is not None
    )


def _recorded_late(session: Session, call: Call, now: datetime) -> None:
    """The caller hung up while recording, and the recording is heard of only after the end: the ticket says so, once."""
    flow = flow_of(call)
    if flow.facts.recorded or flow.facts.ticket_id is None:
        return
    writer = Writer(session, call, flow, now)
    writer.note(line(RECORDED_MESSAGE))
    _keep(call, flow.know(recorded=True))


def _keep(call: Call, flow: Flow) -> None:
    call.step, call.locale, call.facts = flow.step.value, flow.locale, flow.facts.to_json()
    call.house_id = flow.facts.house.id if flow.facts.house else None


def _once_more(flow: Flow) -> Reply:
    """The present question again, for a webhook that came from an earlier one."""
    if flow.step == Step.QUEUE:
        return Reply(flow, (), Wait())
    if flow.step in (Step.END, Step.PERSON):
        return Reply(flow, (), HangUp())
    return ask(flow)


def _too_late(session: Session, call: Call, flow: Flow, heard: Heard, webhook: Webhook, render: Render) -> str:
    """A step that arrives after the call's end changes nothing that was settled; what it brings is kept on the ticket."""
    writer = Writer(session, call, flow, webhook.received_at)
    if heard.speech and call.community_id is not None:
        writer.note(line(SAID_LATER, words=heard.speech))
    if heard.recording:
        _recorded_late(session, call, webhook.received_at)
    return render(Reply(flow, (), HangUp()))
