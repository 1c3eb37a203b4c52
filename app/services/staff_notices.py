"""What the schedule tells the staff: return visits that are due (D8), and the way everything else is told."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from datetime import datetime
from functools import partial

from flask_babel import force_locale, gettext
from sqlalchemy.orm import Session

from app.models import ReturnVisit, Staff
from app.rules.codes import MessageChannel, Role
from app.services.local_time import local_zone
from app.services.outbox import enqueue
from app.services.preferences import staff_locale
from app.services.roster import staff_of


def tell_visits_due(session: Session, visits: Iterable[ReturnVisit], now: datetime) -> int:
    """One message a day to each supervisor: how many visits are due, how many of them late. Returns the messages."""
    today = now.astimezone(local_zone()).date()
    due: Counter[int] = Counter()
    late: Counter[int] = Counter()
    for visit in visits:
        due[visit.ticket.community_id] += 1
        late[visit.ticket.community_id] += visit.due_on < today
    told = 0
    for community_id, count in due.items():
        people = staff_of(session, community_id, (Role.SUPERVISOR,))
        words = partial(_visit_words, count, late[community_id])
        told += tell(session, people, community_id, "return_visits", words, now, f"{today}")
    return told


def _visit_words(count: int, late: int) -> str:
    return gettext("Return visits due: %(count)s, of these late: %(late)s.", count=count, late=late)


def tell(
    session: Session,
    people: Sequence[Staff],
    community_id: int,
    purpose: str,
    words: Callable[[], str],
    now: datetime,
    mark: str,
) -> int:
    """By SMS, else by mail, in each person's language, once for each `mark` (a day, a matter). Returns the messages."""
    told = 0
    for person in people:
        with force_locale(staff_locale(session, person)):
            body = words()
        ways = ((MessageChannel.SMS, person.number), (MessageChannel.EMAIL, person.email))
        channel, address = next((way for way in ways if way[1]), (MessageChannel.ALERT, None))
        message = enqueue(
            session,
            channel=channel,
            to=address,
            purpose=purpose,
            body=body,
            community_id=community_id,
            key=f"{purpose}:{community_id}:{mark}:{person.id}",
            now=now,
        )
        told += message is not None
    return told
