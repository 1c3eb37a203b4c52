"""Whether the telephone that key 0 rang was taken by a person: noted on the caller's call, by the leg that was rung."""

from __future__ import annotations

from sqlalchemy.orm import Session

from app.models import Community
from app.rules.call_flow.model import ASKED, TAKEN
from app.services import call_store as store
from app.services.call_store import Webhook


def note(session: Session, webhook: Webhook, takes: bool) -> str:
    """Write down that the leg was answered, or (`takes`) that somebody pressed 1. Returns the community's name."""
    parent = webhook.text("ParentCallSid", store.SID_LIMIT)
    key = f"screen:{webhook.sid}:{webhook.text('Digits', 10)}"
    store.add_event(session, key, "screen", webhook)
    call = store.locked_call(session, parent) if store.is_sid(parent) else None
    if call is None:
        return ""
    facts = dict(call.facts or {})
    if takes or facts.get("screened") != TAKEN:
        call.facts = {**facts, "screened": TAKEN if takes else ASKED}
    community = session.get(Community, call.community_id) if call.community_id else None
    return community.name if community else ""
