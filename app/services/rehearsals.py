"""What a test call writes is written like any call's, in a savepoint that is taken back (D6): its ticket is opened with its clocks,
its dispatch and its timeline, by the same code and on the same tables, and is in no list, no figure and no sequence of numbers.

What is left of it is the call itself, marked as a test, and how many tickets could be opened.
"""

from __future__ import annotations

import logging
from collections.abc import Callable
from typing import TypeVar

from sqlalchemy import func, select
from sqlalchemy.exc import OperationalError
from sqlalchemy.orm import Session

from app.models import Call, CallTicket

log = logging.getLogger(__name__)

T = TypeVar("T")
OPENED = "opened"
"""In `Call.facts` of a test call: how many tickets were opened for it and taken back."""

NUMBER = "00000000"
"""Its ticket's number: none of the estate's is used up."""

_OF_THE_TICKET = ("ticket_id", "ticket_number")


def rehearse(session: Session, call: Call, community_id: int, work: Callable[[], T]) -> T | None:
    """Do `work` on a test call as if it were one of this community, take all of it back, and keep where the call stands.

    None when it failed: the call goes on, and its test fails. Raises OperationalError, as every webhook does.
    """
    facts, step = dict(call.facts), call.step
    savepoint = session.begin_nested()
    result: T | None = None
    opened = 0
    try:
        call.community_id, call.ticket_number = community_id, NUMBER
        result = work()
        session.flush()
        linked = select(func.count(CallTicket.id)).where(CallTicket.call_id == call.id)
        opened = session.scalar(linked) or 0
        step, after = call.step, {name: value for name, value in call.facts.items() if name not in _OF_THE_TICKET}
        facts = {**after, OPENED: facts.get(OPENED, 0)}
    except OperationalError:
        raise
    except Exception:
        result = None
        log.exception("test call %s: what a call writes could not be written", call.provider_sid)
    finally:
        if savepoint.is_active:
            savepoint.rollback()
    call.step, call.facts = step, {**facts, OPENED: facts.get(OPENED, 0) + opened}
    session.flush()
    return result
