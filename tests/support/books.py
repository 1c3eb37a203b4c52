"""What must hold after every fault: calls placed = calls recorded = tickets or linked contacts; nobody rung twice for one attempt."""

from collections import Counter
from collections.abc import Iterable

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.adapters.carrier.base import CallRecord
from app.adapters.clock import now as present
from app.models import Call, CallTicket, EscalationAttempt, HotlineEvent, Ticket
from app.services.reconciler import reconcile
from app.services.transaction import transaction
from tests.support.hotline import HOTLINE, ZHANG


def carrier_says_over(*sids: str) -> None:
    """The carrier's own list says that these calls have ended: what nobody reported is put right from it."""
    at = present()
    over = [CallRecord(sid, ZHANG, HOTLINE, "inbound", "completed", at, at, at, 30) for sid in sids]
    with transaction() as session:
        reconcile(session, over, at)


def balanced(
    session: Session, placed: Iterable[str], rung: Iterable[tuple[str, str]] = (), *, live: Iterable[str] = ()
) -> None:
    """`placed`: the sids of the calls that came in; `rung`: (address, number) of each telephone the carrier rang; `live`: of
    `placed`, the calls that still go on. Every other one has ended."""
    session.expire_all()
    session.rollback()
    wanted = sorted(placed)
    known = sorted(session.scalars(select(Call.provider_sid)))
    assert known == wanted, f"calls recorded {known}, placed {wanted}"
    going_on = sorted(session.scalars(select(Call.provider_sid).where(Call.ended_at.is_(None))))
    assert going_on == sorted(live), f"calls without an end {going_on}, going on {sorted(live)}"
    ended = set(session.scalars(select(Call.id).where(Call.ended_at.is_not(None))))
    linked = Counter(session.scalars(select(CallTicket.call_id)))
    assert ended <= set(linked), "a call that ended has no ticket"
    assert set(Counter(session.scalars(select(HotlineEvent.key))).values()) <= {1}
    numbers = list(session.scalars(select(Ticket.number)))
    assert len(set(numbers)) == len(numbers)
    attempts = [sid for sid in session.scalars(select(EscalationAttempt.provider_sid)) if sid]
    assert len(set(attempts)) == len(attempts), "one ring counts for two attempts"
    assert max(Counter(url for url, _ in rung).values(), default=0) <= 1, "somebody was rung twice for one attempt"
