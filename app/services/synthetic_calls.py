"""The synthetic test call: through the real entry every few minutes, marked, outside all lists and figures.

It is a whole call, from the first webhook over a question asked to its end, signed with the carrier's token and posted to
PUBLIC_BASE_URL: address, certificate, proxy, web process, signature, database and call flow all have to be well for it. The tickets
it comes to are opened and taken back (`rehearsals`).
"""

from __future__ import annotations

import hashlib
import hmac
import logging
import secrets
import time
from collections.abc import Callable, Mapping
from contextlib import AbstractContextManager
from datetime import datetime, timedelta
from urllib.parse import urljoin
from xml.etree import ElementTree

from flask import current_app
from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from app.models import Call, HotlineEvent, HotlineNumber
from app.rules.call_flow import FINAL
from app.services.call_store import TEST, Webhook
from app.services.heartbeats import beat, beaten
from app.services.policies import figure
from app.services.rehearsals import OPENED

log = logging.getLogger(__name__)

Begin = Callable[[], AbstractContextManager[Session]]
Post = Callable[[str, Mapping[str, str]], tuple[int, str]]
"""Sends one signed webhook; status and body, status 0 when nothing answered."""

GOOD, TRIED, TICKET = "test_call", "test_call_tried", "test_ticket"
TICKETS = 2
"""One as its words are said, one as it ends: what was taken back is opened anew."""

ANSWERS = ({"Digits": "3"}, {"Digits": "0"}, {"SpeechResult": "热线自检，无需处理"})
"""A question, about no house, in words that name no category and no danger."""

MARK = "LinliTestCall"
FROM = "anonymous"
KEPT = timedelta(hours=24)


def is_test(webhook: Webhook) -> bool:
    """Whether a call is one of ours: nobody without the house's own secret can mark one."""
    given = webhook.params.get(MARK, "")
    return bool(given) and hmac.compare_digest(given.encode(), _mark(webhook.sid).encode())


def call_if_due(begin: Begin, post: Post, public_base_url: str, now: datetime) -> dict[str, int]:
    """Make a test call when the time for one has come. Returns what came of it, counted."""
    with begin() as session:
        minutes = figure(session, "watch.test_call_minutes")
        tried = beaten(session, TRIED)
        # The first one waits, too: the web process may still be starting.
        due = minutes > 0 and tried is not None and now - tried >= timedelta(minutes=minutes)
        if due or tried is None or tried > now:
            beat(session, TRIED, now)
        for name in (GOOD, TICKET):
            if tried is None or (due and beaten(session, name) is None):
                beat(session, name, now)
        number = session.scalar(select(HotlineNumber.number).where(HotlineNumber.active).order_by(HotlineNumber.id))
    if not due:
        return {}
    number = number or current_app.extensions["settings"].hotline_number
    started = time.monotonic()
    sid = f"CAtest{secrets.token_hex(14)}"
    problem = _call(post, public_base_url, sid, str(number))
    took = round((time.monotonic() - started) * 1000)
    with begin() as session:
        call = session.scalars(select(Call).where(Call.provider_sid == sid)).first()
        problem = problem or (None if call and call.status in FINAL else "the call is not in the database")
        if problem is None:
            beat(session, GOOD, now, f"{took} ms")
        opened = call.facts.get(OPENED, 0) if call else 0
        if problem is None and opened == TICKETS:
            beat(session, TICKET, now)
        problem = problem or (None if opened == TICKETS else f"{opened} tickets were opened for it, not {TICKETS}")
        _forget(session, now)
    if problem:
        log.error("the test call failed: %s", problem)
    return {"good": int(problem is None), "failed": int(problem is not None)}


def _call(post: Post, base: str, sid: str, number: str) -> str | None:
    """Dial, ask a question, hang up. What went wrong, or None: how far the call flow came says the call itself."""
    fields = {"CallSid": sid, "From": FROM, "To": number, "Direction": "inbound", MARK: _mark(sid)}
    status, body = post(f"{base}/hotline/voice", {**fields, "CallStatus": "ringing"})
    action = _gather_action(body) if status == 200 else None
    if action is None:
        return f"the first answer was HTTP {status} without a menu"
    for given in ANSWERS:
        if action is None:
            break
        status, body = post(urljoin(f"{base}/", action), {**fields, "CallStatus": "in-progress", **given})
        if status != 200 or "<Response" not in body:
            return f"the answer to {given} was HTTP {status}"
        action = _gather_action(body)
    status, _ = post(f"{base}/hotline/status", {**fields, "CallStatus": "completed", "CallDuration": "1"})
    return None if status in (200, 204) else f"the callback was answered HTTP {status}"


def _gather_action(body: str) -> str | None:
    try:
        gather = ElementTree.fromstring(body).find("Gather")
    except ElementTree.ParseError:
        return None
    return None if gather is None else gather.get("action")


def _mark(sid: str) -> str:
    key = str(current_app.extensions["settings"].secret_key).encode()
    return hmac.new(key, f"test call {sid}".encode(), hashlib.sha256).hexdigest()


def _forget(session: Session, now: datetime) -> None:
    """Nobody needs the test calls of yesterday."""
    old = select(Call.provider_sid).where(Call.direction == TEST, Call.started_at < now - KEPT)
    sids = session.scalars(old.limit(500)).all()
    if sids:
        session.execute(delete(HotlineEvent).where(HotlineEvent.call_sid.in_(sids)))
        session.execute(delete(Call).where(Call.provider_sid.in_(sids)))
