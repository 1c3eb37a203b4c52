"""Why a ticket has its category and urgency: the words of the caller that the administrators' table knows (D3)."""

from __future__ import annotations

from app.models import Ticket
from app.rules.classify import Finding


def keep_reason(ticket: Ticket, found: Finding | None) -> None:
    """Write down which words decided; what somebody decided otherwise has no word for its reason. The words said before
    stand as long as the ticket still has what they gave it."""
    reason: dict[str, str] = {}
    kept = ticket.found_by or {}
    if found and found.category_word and ticket.category and ticket.category.code == found.category:
        reason |= {"category": found.category, "category_word": found.category_word}
    elif ticket.category and kept.get("category") == ticket.category.code:
        reason |= {name: kept[name] for name in ("category", "category_word")}
    if found and found.priority_word and ticket.priority == found.priority:
        reason |= {"priority": ticket.priority, "priority_word": found.priority_word}
    elif kept.get("priority") == ticket.priority:
        reason |= {name: kept[name] for name in ("priority", "priority_word")}
    ticket.found_by = reason or None


def reason_of(ticket: Ticket) -> dict[str, str]:
    """`category_word` and `priority_word`, each only while the ticket still has what the word gave it."""
    kept = ticket.found_by or {}
    reason = {}
    if ticket.category and kept.get("category") == ticket.category.code:
        reason["category_word"] = kept.get("category_word", "")
    if kept.get("priority") == ticket.priority:
        reason["priority_word"] = kept.get("priority_word", "")
    return {name: word for name, word in reason.items() if word}
