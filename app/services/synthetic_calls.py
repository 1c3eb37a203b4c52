"""The synthetic test call: through the real entry every few minutes, marked, outside all lists and figures.

It is the first webhook of a call, the answer to its menu and its end, signed with the carrier's token and posted to
PUBLIC_BASE_URL: address, certificate, proxy, web process, signature, database and call flow all have to be well for it.
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

log = logging.getLogger(__name__)

Begin = Callable[[], AbstractContextManager[Session]]
Post = Callable[[str, Mapping[str, str]], tuple[int, str]]
"""Sends one signed webhook; status and body, status 0 when nothing answered."""

GOOD, TRIED = "test_call", "test_call_tried"
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
        if tried is None:
            beat(session, GOOD, now)
        number = session.scalar(select(HotlineNumber.number).where(HotlineNumber.active).order_by(HotlineNumber.id))
    if not due:
        return {}
    number = number or current_app.extensions["settings"].hotline_number
    started = time.monotonic()
    sid = f"CAtest{secrets.token_hex(14)}"
    problem = _call(post, public_base_url, sid, str(number))
    took = round((time.monotonic() - started) * 1000)
    with begin() as session:
        status = session.scalar(select(Call.status).where(Call.provider_sid == sid))
        problem = problem or (None if status in FINAL else "the call is not in the database")
        if problem is None:
            beat(session, GOOD, now, f"{took} ms")
        _forget(session, now)
    if problem:
        log.error("the test call failed: %s", problem)
    return {"good": int(problem is None), "failed": int(problem is not None)}


def _call(post: Post, base: str, sid: str, number: str) -> str | None:
    """Dial, stay silent at the menu, hang up. What went wrong, or None."""
    fields = {"CallSid": sid, "From": FROM, "To": number, "Direction": "inbound", MARK: _mark(sid)}
    status, body = post(f"{base}/hotline/voice", {**fields, "CallStatus": "ringing"})
    action = _gather_action(body) if status == 200 else None
    if action is None:
        return f"the first answer was HTTP {status} without a menu"
    status, body = post(urljoin(f"{base}/", action), {**fields, "CallStatus": "in-progress", "Digits": ""})
    if status != 200 or "<Response" not in body:
        return f"the second answer was HTTP {status}"
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
