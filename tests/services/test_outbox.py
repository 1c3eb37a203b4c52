"""The outbox (G4): once written, once sent; what is not known is never blindly sent again; nothing blocks the rest."""

import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest

from app.models import Message, Phone
from app.rules import outbox as rules
from app.rules.outbox import Envelope, Outcome
from app.services.outbox import enqueue, mail_address, sms_number
from app.services.outbox_delivery import claim, claim_unknown, deliver_due, expire_leases, record, report_status
from app.services.transaction import transaction

MOBILE = "+8613800138001"
SECOND = timedelta(seconds=1)


class Sender:
    """Keeps what it was given; answers as told, per body."""

    def __init__(self) -> None:
        self.sent: list[Envelope] = []
        self.looked: list[Envelope] = []
        self.answers: dict[str, Outcome | Exception] = {}
        self.found: Outcome | None = None

    def send(self, envelope: Envelope) -> Outcome:
        self.sent.append(envelope)
        answer = self.answers.get(envelope.body, Outcome(ok=True, provider_sid=f"SM{envelope.id}"))
        if isinstance(answer, Exception):
            raise answer
        return answer

    def look_up(self, envelope: Envelope) -> Outcome | None:
        self.looked.append(envelope)
        return self.found


@pytest.fixture
def sender() -> Sender:
    return Sender()


@pytest.fixture
def put(app, session, now) -> Callable[..., int]:
    def write(body: str = "你好", key: str = "k1", **changes) -> int:
        with transaction() as writing:
            values = {"channel": "sms", "to": MOBILE, "purpose": "done", "body": body, "key": key, "now": now}
            message = enqueue(writing, **(values | changes))
            assert message is not None
            return message.id

    return write


def run(sender: Sender, now) -> dict[str, int]:
    return deliver_due(transaction, {"sms": sender, "email": sender, "alert": sender}, now)


def state_of(session, message_id: int) -> Message:
    session.expire_all()
    session.rollback()
    return session.get_one(Message, message_id)


def test_the_same_key_is_the_same_message(put, session) -> None:
    assert put() == put(body="something else")
    assert session.query(Message).count() == 1


@pytest.mark.parametrize(
    "number", ["02160001000", "+862160001000", "+266696687", "anonymous", "", None, "+86123", "x" * 50, "110"]
)
def test_a_number_that_takes_no_text_message_gets_none(app, session, now, number) -> None:
    with transaction() as writing:
        assert enqueue(writing, channel="sms", to=number, purpose="done", body="b", key="k", now=now) is None
    assert session.query(Message).count() == 0


@pytest.mark.parametrize("number", ["13800138001", "+86 138 0013 8001", "+8619912345678", "+14155552671"])
def test_mobile_numbers_are_brought_into_one_form(number) -> None:
    assert (sms_number(number) or "").startswith("+")
    assert " " not in (sms_number(number) or "")


@pytest.mark.parametrize(
    "address", ["", "a", "a@b", "a b@c.de", "a@c.de\r\nBcc: x@y.de", "<a@c.de>", "a@" + "c" * 260 + ".de"]
)
def test_what_is_no_mail_address_is_refused(address) -> None:
    assert mail_address(address) is None


def test_a_number_that_said_stop_gets_nothing(app, session, now) -> None:
    session.add(Phone(number=MOBILE, sms_stopped_at=now))
    session.commit()
    with transaction() as writing:
        assert enqueue(writing, channel="sms", to=MOBILE, purpose="done", body="b", key="k", now=now) is None


def test_control_characters_do_not_leave_the_house(put, session) -> None:
    assert state_of(session, put(body="a\x00b\x07c\r\nd😀")).body == "abc\nd😀"


def test_a_message_is_sent_once(put, session, sender, now) -> None:
    message_id = put()
    assert run(sender, now) == {"sent": 1}
    assert run(sender, now + timedelta(hours=1)) == {}
    message = state_of(session, message_id)
    assert (message.state, message.provider_sid, message.tries, len(sender.sent)) == ("sent", f"SM{message_id}", 1, 1)


def test_it_is_sent_outside_the_transaction(put, app, session, sender, now) -> None:
    """While the sender works another connection may write: nothing is locked."""
    message_id = put()
    seen: list[str] = []
    plain = sender.send

    def look(envelope: Envelope) -> Outcome:
        def other() -> None:
            with app.app_context(), transaction() as writing:
                seen.append(writing.get_one(Message, message_id).state)
                writing.add(Phone(number="+8613700000001"))

        thread = threading.Thread(target=other)
        thread.start()
        thread.join(10)
        assert not thread.is_alive()
        return plain(envelope)

    sender.send = look
    run(sender, now)
    assert seen == ["sending"]


def test_a_temporary_failure_waits_longer_each_time(put, session, sender, now) -> None:
    message_id = put()
    sender.answers["你好"] = Outcome(ok=False, error="busy")
    at, waits = now, []
    for _ in range(4):
        run(sender, at)
        message = state_of(session, message_id)
        assert message.state == "failed_temporary"
        waits.append((message.next_at - at).total_seconds())
        assert run(sender, message.next_at - SECOND) == {}
        at = message.next_at + SECOND
    assert [round(wait) for wait in waits] == [15, 30, 60, 120]


def test_the_last_try_is_the_last(put, session, sender, now) -> None:
    message_id = put()
    sender.answers["你好"] = Outcome(ok=False, error="busy")
    for day in range(rules.MAX_TRIES + 2):
        run(sender, now + timedelta(days=day))
    assert state_of(session, message_id).state == "failed_permanent"
    assert len(sender.sent) == rules.MAX_TRIES


def test_a_permanent_failure_is_not_repeated(put, session, sender, now) -> None:
    message_id = put()
    sender.answers["你好"] = Outcome(ok=False, permanent=True, error="no such number")
    run(sender, now)
    run(sender, now + timedelta(days=1))
    message = state_of(session, message_id)
    assert (message.state, message.error, len(sender.sent)) == ("failed_permanent", "no such number", 1)


def test_one_bad_row_does_not_hold_up_the_others(put, session, sender, now) -> None:
    bad = put(body="bad", key="bad")
    good = [put(body=f"good {n}", key=f"good {n}") for n in range(20)]
    sender.answers["bad"] = RuntimeError("a fault of ours")
    assert run(sender, now) == {"unknown": 1, "sent": 20}
    assert {state_of(session, one).state for one in good} == {"sent"}
    assert state_of(session, bad).state == "unknown"


def test_an_emergency_never_waits_behind_a_campaign(put, app, sender, now) -> None:
    for number in range(40):
        put(body=f"notice {number}", key=f"notice {number}", purpose="notice")
    put(body="burst pipe", key="ladder", purpose="ladder")
    first = sender.send

    def send(envelope: Envelope) -> Outcome:
        # While the campaign leaves, somebody else is in danger.
        if envelope.body == "notice 3":
            with app.app_context():
                put(body="lift", key="another", purpose="ladder")
        return first(envelope)

    sender.send = send
    assert run(sender, now) == {"sent": 42}
    order = [envelope.body for envelope in sender.sent]
    assert order[0] == "burst pipe"
    assert order.index("lift") <= 1 + 8


def test_a_crash_between_sending_and_recording_is_unknown_and_not_sent_again(put, session, sender, now) -> None:
    message_id = put()
    with transaction() as writing:
        assert claim(writing, message_id, now) is not None
    # The process died here.
    for minutes in (1, 3, 10, 600):
        run(sender, now + timedelta(minutes=minutes))
    assert state_of(session, message_id).state == "unknown"
    assert sender.sent == []
    assert sender.looked


def test_an_unknown_message_that_the_carrier_has_is_sent(put, session, sender, now) -> None:
    message_id = put()
    sender.answers["你好"] = Outcome(ok=False, unknown=True, error="no answer")
    run(sender, now)
    sender.found = Outcome(ok=True, provider_sid="SM9")
    run(sender, now + timedelta(minutes=1))
    message = state_of(session, message_id)
    assert (message.state, message.provider_sid, len(sender.sent)) == ("sent", "SM9", 1)


def test_an_unknown_message_that_the_carrier_never_saw_is_sent_again(put, session, sender, now) -> None:
    message_id = put()
    sender.answers["你好"] = Outcome(ok=False, unknown=True, error="no answer")
    run(sender, now)
    sender.found = Outcome(ok=False, error="the carrier has no such message")
    run(sender, now + timedelta(minutes=1))
    sender.answers.clear()
    run(sender, now + timedelta(minutes=2))
    assert (state_of(session, message_id).state, len(sender.sent)) == ("sent", 2)


def test_a_crash_between_looking_up_and_recording_is_looked_up_again(put, session, sender, now) -> None:
    message_id = put()
    sender.answers["你好"] = Outcome(ok=False, unknown=True, error="no answer")
    run(sender, now)
    with transaction() as writing:
        assert claim_unknown(writing, message_id, now + rules.LOOKUP_WAIT + SECOND) is not None
    # The process died here.
    sender.found = Outcome(ok=True, provider_sid="SM9")
    run(sender, now + rules.LEASE)
    assert sender.looked == [], "its lease still runs"
    run(sender, now + rules.LOOKUP_WAIT + rules.LEASE + 2 * SECOND)
    message = state_of(session, message_id)
    assert (message.state, message.provider_sid, len(sender.sent)) == ("sent", "SM9", 1)


def test_where_the_channel_cannot_tell_it_is_asked_once(put, session, sender, now) -> None:
    message_id = put()
    sender.answers["你好"] = Outcome(ok=False, unknown=True, error="no answer")
    for minutes in range(0, 60, 3):
        run(sender, now + timedelta(minutes=minutes))
    message = state_of(session, message_id)
    assert (message.state, message.leased_until) == ("unknown", None)
    assert (len(sender.looked), len(sender.sent)) == (1, 1)


def test_two_workers_claim_a_message_once(put, app, session, sender, now) -> None:
    ids = [put(key=f"k{n}", body=f"b{n}") for n in range(12)]

    def work() -> None:
        with app.app_context():
            run(sender, now)

    with ThreadPoolExecutor(2) as pool:
        for job in [pool.submit(work), pool.submit(work)]:
            job.result()
    assert sorted(envelope.id for envelope in sender.sent) == ids


def test_a_report_that_overtakes_the_record_is_kept(put, session, now) -> None:
    message_id = put()
    with transaction() as writing:
        claim(writing, message_id, now)
    with transaction() as writing:
        assert report_status(writing, writing.get_one(Message, message_id), "delivered", None, now)
    with transaction() as writing:
        assert record(writing, message_id, Outcome(ok=True, provider_sid="SM1"), now) == "delivered"


@pytest.mark.parametrize("late", ["sent", "queued", "delivered", "failed", "nonsense"])
def test_after_delivery_no_report_changes_anything(put, session, now, late) -> None:
    message_id = put()
    with transaction() as writing:
        message = writing.get_one(Message, message_id)
        assert report_status(writing, message, "delivered", None, now)
        assert not report_status(writing, message, late, None, now)
        assert message.state == "delivered"


def test_a_lease_that_still_runs_is_left_alone(put, now) -> None:
    message_id = put()
    with transaction() as writing:
        claim(writing, message_id, now)
    with transaction() as writing:
        assert expire_leases(writing, now + rules.LEASE) == 0
        assert expire_leases(writing, now + rules.LEASE + SECOND) == 1


def test_stop_is_heeded_also_by_what_waits_already_and_never_by_an_emergency(put, sender, session, now) -> None:
    waiting = put(key="waits")
    session.add(Phone(number=MOBILE, sms_stopped_at=now))
    session.commit()
    with transaction() as writing:
        common = {"channel": "sms", "to": MOBILE, "body": "x", "now": now}
        assert enqueue(writing, purpose="done", key="later", **common) is None
        assert enqueue(writing, purpose="ladder", key="danger", **common) is not None
    run(sender, now)
    assert [envelope.key for envelope in sender.sent] == ["danger"]
    session.rollback()
    assert session.get_one(Message, waiting).state == "failed_permanent"
