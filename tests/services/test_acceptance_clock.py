"""Work that nobody accepts: whoever was asked is reminded, then it goes to their head, and upward (D3)."""

from datetime import timedelta

import pytest
from sqlalchemy import select

from app.errors import Refused
from app.models import Message, Ticket, TicketEntry
from app.services import acceptance_clock
from app.services.complaint_verbs import take
from app.services.policies import change_figure
from app.services.workbench_queues import QUEUES
from tests.services.test_acceptances import HOUR, across, estate  # noqa: F401
from tests.support.tickets import SYSTEM


@pytest.fixture
def handed_in(session, estate, across, now):  # noqa: F811
    """Handed in to the steward at `now`."""
    take(session, across, "submit", estate.actor("cleaner"), now, {"note": "已清理"})
    session.query(Message).delete()
    return across


def told(session):
    session.flush()
    found = session.scalars(select(Message).where(Message.purpose == "acceptance").order_by(Message.id))
    return [message.to for message in found]


def in_queue(session, code, actor, now):
    condition = QUEUES[code].condition(actor, now)
    return session.scalars(select(Ticket.id).where(condition)).all()


def test_reminded_once_after_three_quarters_then_passed_on_to_the_head_and_upward(
    session, estate, handed_in, now  # noqa: F811
):  # fmt: skip
    asked = handed_in.acceptance
    assert (asked.warn_at, asked.due_at) == (now + 3 * HOUR, now + 4 * HOUR)
    minute = timedelta(minutes=1)
    assert acceptance_clock.sweep(session, now + 3 * HOUR - minute) == (0, 0)
    assert acceptance_clock.sweep(session, now + 3 * HOUR) == (1, 0)
    assert acceptance_clock.sweep(session, now + 3 * HOUR + minute) == (0, 0)
    assert told(session) == [estate.staff["steward"].number]
    assert acceptance_clock.sweep(session, now + 4 * HOUR) == (0, 1)
    assert handed_in.acceptance.acceptor is estate.staff["supervisor"]
    assert (asked.passed_from, asked.due_at) == ("steward员", now + 8 * HOUR)
    with pytest.raises(Refused):
        take(session, handed_in, "approve", estate.actor("steward"), now + 5 * HOUR)
    assert acceptance_clock.sweep(session, now + 8 * HOUR) == (0, 1)
    assert handed_in.acceptance.acceptor is estate.staff["manager"]
    assert acceptance_clock.sweep(session, now + 12 * HOUR) == (0, 1), "nobody stands above: the management is told"
    assert acceptance_clock.sweep(session, now + 20 * HOUR) == (0, 0), "once"
    names = ("steward", "supervisor", "manager", "manager")
    assert told(session) == [estate.staff[name].number for name in names]
    found = select(TicketEntry.verb).where(TicketEntry.ticket_id == handed_in.id).order_by(TicketEntry.id)
    assert list(session.scalars(found))[-3:] == ["passed_on", "passed_on", "accept_late"]
    take(session, handed_in, "approve", estate.actor("manager"), now + 21 * HOUR)
    assert handed_in.state == "done"


def test_it_stands_with_whoever_was_asked_and_their_head(session, estate, handed_in, now):  # noqa: F811
    def stands(code, name):
        return in_queue(session, code, estate.actor(name), now) == [handed_in.id]

    assert stands("to_accept", "steward") and not stands("to_accept", "supervisor")
    assert stands("team_accept", "supervisor") and stands("team_accept", "manager")
    assert not stands("team_accept", "steward") and not stands("team_accept", "assistant")
    estate.staff["assistant"].leads_department = True
    session.flush()
    assert stands("team_accept", "assistant"), "the head of the steward's department"
    acceptance_clock.sweep(session, now + 4 * HOUR)
    assert stands("to_accept", "assistant") and not stands("to_accept", "steward")


def test_answered_or_gone_another_way_its_clock_is_over(session, estate, handed_in, now):  # noqa: F811
    take(session, handed_in, "return", estate.actor("steward"), now + HOUR, {"note": "有污渍"})
    assert acceptance_clock.sweep(session, now + 9 * HOUR) == (0, 0)
    take(session, handed_in, "submit", estate.actor("cleaner"), now + 10 * HOUR, {"note": "已重做"})
    take(
        session,
        handed_in,
        "wait",
        estate.actor("cleaner"),
        now + 10 * HOUR,
        {"reason": "等配件", "until": now + 99 * HOUR},
    )
    assert acceptance_clock.sweep(session, now + 20 * HOUR) == (0, 0)


def test_the_figures_are_the_administrator_s(session, estate, across, now):  # noqa: F811
    change_figure(session, "acceptance.answer_minutes", "60", SYSTEM, now)
    change_figure(session, "acceptance.warn_percent", "50", SYSTEM, now)
    take(session, across, "submit", estate.actor("cleaner"), now, {"note": "已清理"})
    half = timedelta(minutes=30)
    assert (across.acceptance.warn_at, across.acceptance.due_at) == (now + half, now + 2 * half)
