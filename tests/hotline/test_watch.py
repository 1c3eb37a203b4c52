"""Watched: a test call through the real entry, and one word to the staff when something falls silent or is heard again."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import timedelta
from urllib.parse import urlsplit

import pytest
from sqlalchemy import select
from sqlalchemy.exc import OperationalError

from app.adapters.clock import now as present
from app.jobs import watchdog
from app.models import Call, CallTicket, Clock, Heartbeat, HotlineEvent, Message, Ticket, TicketEntry, TicketNumber
from app.rules.outbox import Outcome
from app.services import call_tickets, journal, tickets, watch
from app.services.access import rows
from app.services.actors import Actor
from app.services.heartbeats import beat, beaten
from app.services.policies import change_figure
from app.services.rehearsals import NUMBER, OPENED
from app.services.synthetic_calls import GOOD, MARK, TICKET, TICKETS, call_if_due
from app.services.tickets import open_ticket
from app.services.transaction import transaction
from app.services.watch import Signal, states, tell
from tests.support.hotline import Line, post_signed

MINUTE = timedelta(minutes=1)
ADMIN = Actor(user_id=None, username="admin", display_name="admin", roles=frozenset({"admin"}))


@pytest.fixture
def entry(app):
    """The application's own public address."""

    def post(url: str, fields: Mapping[str, str]) -> tuple[int, str]:
        answer = post_signed(app, urlsplit(url).path, dict(fields))
        return answer.status_code, answer.get_data(as_text=True)

    return post


@pytest.fixture
def alerts(app, monkeypatch):
    """Staff alerts go somewhere."""
    settings = replace(app.extensions["settings"], staff_alert_urls=("json://127.0.0.1:9/",))
    monkeypatch.setitem(app.extensions, "settings", settings)


def dial(app, post, at) -> dict[str, int]:
    return call_if_due(transaction, post, app.extensions["settings"].public_base_url, at)


def test_a_test_call_every_few_minutes_goes_through_the_real_entry(app, community, session, entry):
    at = present()
    assert dial(app, entry, at) == {}, "the first waits until the house is up"
    assert dial(app, entry, at + 4 * MINUTE) == {}
    assert dial(app, entry, at + 5 * MINUTE) == {"good": 1, "failed": 0}
    assert dial(app, entry, at + 6 * MINUTE) == {}
    session.rollback()
    call = session.query(Call).one()
    assert (call.direction, call.status, call.community_id, call.ticket_number) == ("test", "completed", None, None)
    assert call.tickets == []
    assert beaten(session, GOOD) == at + 5 * MINUTE
    kinds = session.scalars(select(HotlineEvent.kind).order_by(HotlineEvent.id)).all()
    assert kinds == ["voice", "menu", "which-house", "describe", "status"]
    assert beaten(session, TICKET) == at + 5 * MINUTE
    assert call.facts[OPENED] == TICKETS


def test_it_stands_in_no_list_and_no_metric_and_is_forgotten_after_a_day(app, community, session, entry, client):
    at = present()
    dial(app, entry, at)
    dial(app, entry, at + 5 * MINUTE)
    session.rollback()
    assert session.scalars(select(Call).where(rows(ADMIN, Call))).all() == []
    assert "linli_calls{" not in client.get("/metrics").get_data(as_text=True)
    with transaction() as writing:
        writing.query(Call).one().started_at = at - timedelta(hours=25)
    dial(app, entry, at + 10 * MINUTE)
    session.rollback()
    assert session.query(Call).one().started_at > at - MINUTE
    assert session.query(HotlineEvent).count() == 5


LEFT = (Ticket, TicketEntry, TicketNumber, CallTicket, Clock, Message)


def test_its_tickets_are_opened_for_real_and_leave_nothing_behind(app, community, session, entry, monkeypatch):
    seen = []

    def watched(session, **given):
        ticket = open_ticket(session, **given)
        seen.append((ticket.number, ticket.kind, len(ticket.entries) > 0, ticket.community_id))
        return ticket

    monkeypatch.setattr(call_tickets, "open_ticket", watched)
    before = [session.query(model).count() for model in LEFT]
    at = present()
    dial(app, entry, at)
    assert dial(app, entry, at + 5 * MINUTE) == {"good": 1, "failed": 0}
    assert seen == [(NUMBER, "consultation", True, community.id)] * 2
    session.rollback()
    assert [session.query(model).count() for model in LEFT] == before


@pytest.mark.parametrize("part", ["open_ticket", "add_entry"])
def test_a_ticket_that_cannot_be_opened_is_told_though_the_hotline_answers(
    app, community, session, entry, alerts, monkeypatch, part
):
    at = present()
    dial(app, entry, at)
    assert dial(app, entry, at + 5 * MINUTE) == {"good": 1, "failed": 0}
    with monkeypatch.context() as broken:
        where = call_tickets if part == "open_ticket" else tickets
        broken.setattr(where, part, _broken)
        for minutes in (10, 15, 20):
            assert dial(app, entry, at + minutes * MINUTE) == {"good": 0, "failed": 1}
        with transaction() as writing:
            assert tell(writing, at + 20 * MINUTE) == []
        with transaction() as writing:
            (alarm,) = tell(writing, at + 21 * MINUTE)
        assert "工单" in alarm.body
    session.rollback()
    assert beaten(session, GOOD) == at + 20 * MINUTE, "the hotline itself answers"
    assert journal.waiting_entries() == 0
    assert dial(app, entry, at + 25 * MINUTE) == {"good": 1, "failed": 0}
    with transaction() as writing:
        assert len(tell(writing, at + 25 * MINUTE)) == 1


def _broken(*args, **given):
    raise RuntimeError("no ticket")


def test_nobody_else_can_mark_a_call(app, community, session):
    line = Line(app)
    line.post("/hotline/voice", CallStatus="ringing", **{MARK: "0" * 64})
    session.rollback()
    assert session.query(Call).one().direction == "inbound"


@pytest.mark.parametrize("answer", [(0, "refused"), (500, ""), (403, ""), (200, "<Response><Record/></Response>")])
def test_a_call_that_is_not_answered_by_the_menu_has_failed(app, community, session, answer):
    at = present()
    dial(app, lambda url, fields: answer, at)
    assert dial(app, lambda url, fields: answer, at + 5 * MINUTE) == {"good": 0, "failed": 1}
    session.rollback()
    assert beaten(session, GOOD) == at


def told(session) -> list[str]:
    session.rollback()
    return [message.body for message in session.scalars(select(Message).where(Message.purpose == "watch"))]


@pytest.mark.parametrize(
    ("name", "limit"),
    [
        (GOOD, timedelta(minutes=15)),
        (TICKET, timedelta(minutes=15)),
        ("callbacks", timedelta(minutes=15)),
        ("scheduler", timedelta(seconds=120)),
    ],
)
def test_each_silence_is_told_once_and_its_end_once(app, session, alerts, name, limit):
    at = present()
    with transaction() as writing:
        beat(writing, name, at)
    for after, count in ((limit, 0), (limit + MINUTE, 1), (limit + 2 * MINUTE, 1)):
        with transaction() as writing:
            tell(writing, at + after)
        assert len(told(session)) == count
    with transaction() as writing:
        beat(writing, name, at + limit + 3 * MINUTE)
    for _ in range(2):
        with transaction() as writing:
            tell(writing, at + limit + 3 * MINUTE)
    assert len(told(session)) == 2


def test_what_never_spoke_has_not_fallen_silent(app, session, alerts):
    with transaction() as writing:
        assert tell(writing, present()) == []
    assert {state.silent for state in states(session, present())} == {False}


def test_calls_that_stop_coming_are_told_after_a_day_unless_that_is_switched_off(app, community, session, alerts):
    Line(app).dial().hang_up()
    later = present() + timedelta(hours=25)
    with transaction() as writing:
        change_figure(writing, "watch.calls_silent_hours", "0", ADMIN, later)
        assert tell(writing, later) == []
        change_figure(writing, "watch.calls_silent_hours", "24", ADMIN, later)
        assert len(tell(writing, later)) == 1


def test_callbacks_count_as_heard_only_when_a_cycle_found_nothing_missing(app, session):
    at = present()
    for minutes, counts in ((0, {"made": 2}), (5, {"unread": 1}), (10, {"made": 0, "ended": 1})):
        with transaction() as writing:
            watch.note_reconciled(writing, counts, at + minutes * MINUTE)
    assert beaten(session, watch.CALLBACKS) == at
    with transaction() as writing:
        watch.note_reconciled(writing, {"made": 0, "ended": 0}, at + 15 * MINUTE)
    session.rollback()
    assert beaten(session, watch.CALLBACKS) == at + 15 * MINUTE


def test_without_a_scheduler_the_watchdog_sends_the_alert_itself(app, session, alerts, monkeypatch):
    sent = []
    monkeypatch.setattr("app.adapters.alerts.AppriseAlerts.send", lambda self, envelope: _kept(sent, envelope))
    with transaction() as writing:
        beat(writing, "scheduler", present() - timedelta(minutes=5))
    assert [watchdog.look(app), watchdog.look(app)] == [1, 0]
    assert len(sent) == 1
    session.rollback()
    assert session.scalars(select(Message.state).where(Message.purpose == "watch")).all() == ["sent"]


def test_a_database_that_is_away_is_told_once_by_whichever_process_finds_it(app, session, alerts, monkeypatch):
    sent = []
    monkeypatch.setattr("app.adapters.alerts.AppriseAlerts.send", lambda self, envelope: _kept(sent, envelope))
    with monkeypatch.context() as away:
        away.setattr(watchdog, "transaction", _no_database)
        assert watchdog.look_twice(app, 0) == 1
        assert sent == [], "a single look in vain wakes nobody"
        # Two processes, each with its own count.
        assert [watchdog.look_twice(app, 1), watchdog.look_twice(app, 1), watchdog.look_twice(app, 2)] == [2, 2, 3]
        assert len(sent) == 1
        assert "数据库" in sent[0].body
    assert [watchdog.look_twice(app, 3), watchdog.look_twice(app, 3)] == [0, 0]
    assert [envelope.body for envelope in sent[1:]] == [sent[-1].body]
    assert "数据库已恢复" in sent[-1].body


def test_an_alert_that_reached_nobody_is_tried_again(app, session, alerts, monkeypatch):
    outcomes = [Outcome(ok=False, error="no network"), Outcome(ok=True)]
    monkeypatch.setattr("app.adapters.alerts.AppriseAlerts.send", lambda self, envelope: outcomes.pop(0))
    monkeypatch.setattr(watchdog, "transaction", _no_database)
    for _ in range(3):
        watchdog.look_twice(app, 1)
    assert outcomes == []


def _no_database():
    raise OperationalError("select 1", {}, Exception("connection refused"))


def _kept(sent, envelope):
    sent.append(envelope)
    return Outcome(ok=True)


def test_metrics_show_every_signal(app, session, client):
    with transaction() as writing:
        beat(writing, "scheduler", present() - timedelta(minutes=5))
    text = client.get("/metrics").get_data(as_text=True)
    assert 'linli_watch_silent{signal="scheduler"} 1' in text
    assert 'linli_watch_silent{signal="test_call"} 0' in text
    assert 'linli_watch_age_seconds{signal="calls"} -1' in text
    assert "linli_journal_waiting 0" in text
    assert {state.signal for state in states(session, present())} == set(Signal)


def test_a_clock_that_was_set_back_does_not_stop_the_test_calls(app, community, session, entry):
    at = present()
    dial(app, entry, at)
    assert dial(app, entry, at - timedelta(hours=1)) == {}
    assert dial(app, entry, at - timedelta(minutes=55)) == {"good": 1, "failed": 0}
    assert session.query(Heartbeat).filter_by(name="test_call_tried").one().beat_at == at - timedelta(minutes=55)
