"""Text messages that come in become tickets, scores and wishes (D3, D8, I3); reports of ours move forward only."""

from collections.abc import Callable
from datetime import timedelta

import pytest
from sqlalchemy import select

from app.adapters.clock import now as present
from app.models import Community, HotlineEvent, Ladder, Message, Phone, ReturnVisit, Ticket, TicketEntry, WishEntry
from app.services.actors import Actor
from app.services.journal import replay_journal
from app.services.outbox import enqueue
from app.services.ticket_verbs import perform
from app.services.transaction import transaction
from tests.support.hotline import HOTLINE, LI, STRANGER, ZHANG, post_signed

DESK = Actor.system("desk")


@pytest.fixture
def text(app, community) -> Callable[..., int]:
    """text("…") from 张伟's number; the status of the answer."""
    sent = [0]

    def send(body: str, from_number: str = ZHANG, sid: str = "", **fields: str) -> int:
        sent[0] += 1
        data = {"MessageSid": sid or f"SM{sent[0]:032x}", "From": from_number, "To": HOTLINE, "Body": body, **fields}
        return post_signed(app, "/hotline/sms", data).status_code

    return send


def tickets(session) -> list[Ticket]:
    session.expire_all()
    session.rollback()
    return list(session.scalars(select(Ticket).order_by(Ticket.id)))


def texts_to(session, number: str, purpose: str) -> list[str]:
    return list(session.scalars(select(Message.body).where(Message.to == number, Message.purpose == purpose)))


def done(session, text) -> Ticket:
    """A repair of 张伟's, finished: the question has gone out."""
    text("厨房水龙头漏水")
    with transaction() as writing:
        ticket = writing.scalars(select(Ticket)).one()
        for verb in ("dispatch", "start", "finish"):
            perform(writing, ticket, verb, DESK, present(), {"note": "换了龙头"})
    return tickets(session)[0]


def test_a_message_becomes_a_ticket_of_the_senders_house_with_a_receipt(text, session) -> None:
    assert text("厨房水龙头漏水") == 200
    (ticket,) = tickets(session)
    assert (ticket.channel, ticket.kind, ticket.category.code) == ("sms", "repair", "water")
    assert (ticket.house.name, ticket.reporter.name, ticket.description) == ("3幢2单元1201", "张伟", "厨房水龙头漏水")
    (receipt,) = texts_to(session, ZHANG, "receipt")
    assert ticket.number in receipt


def test_the_same_message_twice_is_one_ticket(text, session) -> None:
    text("厨房水龙头漏水", sid="SMa")
    assert text("厨房水龙头漏水", sid="SMa") == 200
    assert len(tickets(session)) == 1
    assert session.scalars(select(TicketEntry.verb)).all() == ["register"]


def test_a_second_message_on_the_same_matter_is_a_further_contact(text, session) -> None:
    text("厨房水龙头漏水")
    text("厨房还在漏水，快来人")
    assert len(tickets(session)) == 1
    assert session.scalars(select(TicketEntry.verb).order_by(TicketEntry.id)).all() == ["register", "further_contact"]


def test_a_further_contact_is_told_so(text, session) -> None:
    text("厨房水龙头漏水")
    text("厨房还在漏水，快来人")
    (ticket,) = tickets(session)
    told = session.scalars(select(Message.body).where(Message.purpose == "receipt").order_by(Message.id)).all()[-1]
    assert "已补充到" in told
    assert ticket.number in told


def test_an_emergency_is_no_further_contact_on_a_lesser_matter(text, session) -> None:
    text("厨房水龙头漏水")
    text("厨房水管爆了，水漫到客厅了")
    assert [ticket.priority for ticket in tickets(session)] == ["urgent", "emergency"]
    text("水管爆了怎么还没人来")
    assert len(tickets(session)) == 2
    assert session.query(Ladder).count() == 1


@pytest.mark.parametrize("sender", [STRANGER, "10690000", "", "anonymous"])
def test_a_message_from_anybody_is_kept(text, session, sender: str) -> None:
    assert text("3号楼门口路灯坏了", sender) == 200
    (ticket,) = tickets(session)
    assert ticket.house_id is None


def test_a_message_about_two_possible_houses_guesses_none(text, session) -> None:
    text("厨房水龙头漏水", LI)
    assert tickets(session)[0].house_id is None


def test_an_emergency_in_words_rings_the_duty_roster(text, session) -> None:
    text("家里着火了")
    (ticket,) = tickets(session)
    assert (ticket.kind, ticket.priority) == ("emergency", "emergency")
    assert session.query(Ladder).count() == 1


@pytest.mark.parametrize(("body", "score"), [("5", 5), ("4分", 4), ("３", 3), ("五", 5), ("5 谢谢师傅", 5)])
def test_an_answer_to_our_question_is_a_return_visit(text, session, body: str, score: int) -> None:
    ticket = done(session, text)
    text(body)
    (ticket,) = tickets(session)
    assert ticket.state == "visited"
    visit = session.scalars(select(ReturnVisit).where(ReturnVisit.state == "made")).one()
    assert (visit.score, visit.way) == (score, "sms")


@pytest.mark.parametrize("body", ["1", "2"])
def test_a_low_score_reopens_the_ticket(text, session, body: str) -> None:
    done(session, text)
    text(body)
    (ticket,) = tickets(session)
    assert (ticket.state, ticket.is_repeat) == ("reopened", True)


def test_a_second_answer_is_one_more_contact_and_no_new_ticket(text, session) -> None:
    done(session, text)
    text("5")
    text("4")
    (ticket,) = tickets(session)
    assert ticket.state == "visited"
    assert session.scalars(select(ReturnVisit.score).where(ReturnVisit.score.is_not(None))).all() == [5]


def test_a_digit_without_a_question_is_a_matter_like_any_other(text, session) -> None:
    text("5")
    assert [ticket.description for ticket in tickets(session)] == ["5"]


@pytest.mark.parametrize("word", ["STOP", "退订", "td"])
def test_stop_is_kept_and_start_takes_it_back(text, session, word: str) -> None:
    text(word)
    assert tickets(session) == []
    assert session.scalar(select(Phone.sms_stopped_at).where(Phone.number == ZHANG)) is not None
    text("厨房水龙头漏水")
    tickets(session)
    assert texts_to(session, ZHANG, "receipt") == []
    text("START")
    session.rollback()
    assert session.scalar(select(Phone.sms_stopped_at).where(Phone.number == ZHANG)) is None
    said = select(WishEntry.number, WishEntry.purpose, WishEntry.wanted, WishEntry.way).order_by(WishEntry.id)
    assert session.execute(said).all() == [(ZHANG, "texts", False, "sms"), (ZHANG, "texts", True, "sms")]


@pytest.mark.parametrize("body", ["", "   ", "\x00\x07"])
def test_an_empty_message_leaves_only_its_event(text, session, body: str) -> None:
    assert text(body) == 200
    assert tickets(session) == []
    assert session.query(HotlineEvent).count() == 1


def test_a_picture_without_words_is_a_matter(text, session) -> None:
    assert text("", NumMedia="2") == 200
    (ticket,) = tickets(session)
    assert (ticket.house.name, "2张图片" in ticket.description) == ("3幢2单元1201", True)
    assert ticket.number in texts_to(session, ZHANG, "receipt")[0]


@pytest.fixture
def other(session, community) -> Community:
    """A second community: a number of neither could mean both."""
    made = Community(code="maple", name="枫林苑")
    session.add(made)
    session.commit()
    return made


@pytest.mark.parametrize(("sender", "is_sure"), [(ZHANG, True), (STRANGER, False)])
def test_a_message_to_a_number_of_no_community_is_never_dropped(text, session, other, sender, is_sure) -> None:
    assert text("厨房水龙头漏水", sender, To="+862100000000") == 200
    (ticket,) = tickets(session)
    assert ticket.community.code != "maple"
    assert any("可能属于其他小区" in entry.note for entry in ticket.entries) == (not is_sure)


def test_stop_is_kept_whatever_number_it_was_sent_to(text, session, other) -> None:
    assert text("STOP", To="+862100000000") == 200
    assert session.scalars(select(Phone.sms_stopped_at).where(Phone.number == ZHANG)).one() is not None
    assert tickets(session) == []
    assert text("STOP", STRANGER, To="+862100000000") == 200
    session.rollback()
    home = session.scalars(select(Community.id).where(Community.code != "maple")).one()
    heard = session.execute(select(WishEntry.number, WishEntry.community_id).order_by(WishEntry.id)).all()
    assert heard == [(ZHANG, home), (STRANGER, None)], "of its household's community; a stranger's of none"


def test_a_very_long_message_with_odd_characters_is_kept(text, session) -> None:
    assert text("漏水\x00\u202e😀" * 400) == 200
    (ticket,) = tickets(session)
    assert len(ticket.title) <= 120
    assert "\x00" not in ticket.description


@pytest.mark.parametrize("fields", [{}, {"MessageSid": ""}, {"MessageSid": "x y"}, {"MessageSid": "S" * 99}])
def test_a_message_without_its_sid_is_refused(app, community, session, fields) -> None:
    assert post_signed(app, "/hotline/sms", {"From": ZHANG, "To": HOTLINE, "Body": "a", **fields}).status_code == 400
    assert tickets(session) == []


def test_an_unsigned_message_leaves_no_trace(app, community, session) -> None:
    answer = app.test_client().post(
        "/hotline/sms", data={"MessageSid": "SM1", "From": ZHANG, "To": HOTLINE, "Body": "a"}
    )
    assert answer.status_code == 403
    assert session.query(HotlineEvent).count() == 0


def test_delivery_reports_move_forward_only(app, community, session) -> None:
    with transaction() as writing:
        message = enqueue(writing, channel="sms", to=ZHANG, purpose="done", body="b", key="k", now=present())
        number = message.id

    def report(status: str, sid: str = "SM1") -> int:
        path = f"/hotline/sms/status/{number}"
        return post_signed(app, path, {"MessageSid": sid, "MessageStatus": status}).status_code

    states = []
    for status in ("queued", "sent", "delivered", "sent", "failed"):
        assert report(status) == 204
        session.expire_all()
        session.rollback()
        states.append(session.get_one(Message, number).state)
    assert states == ["queued", "sent", "delivered", "delivered", "delivered"]
    assert report("delivered", sid="SM2") == 204


def test_a_report_on_a_message_we_do_not_know_is_no_error(app, community) -> None:
    for path in ("/hotline/sms/status", "/hotline/sms/status/999"):
        assert post_signed(app, path, {"MessageSid": "SM1", "MessageStatus": "sent"}).status_code == 204


def test_without_its_database_a_message_is_kept_and_replayed(
    text, app, session, monkeypatch: pytest.MonkeyPatch
) -> None:
    from app.hotline import sms as webhooks

    def gone(*_args: object) -> None:
        raise RuntimeError("the database is gone")

    with monkeypatch.context() as broken:
        broken.setattr(webhooks, "in_transaction", gone)
        assert text("厨房水龙头漏水") == 200
    assert tickets(session) == []
    later = present() + timedelta(hours=1)
    for _ in range(2):
        with transaction() as writing:
            replay_journal(writing, later)
    (ticket,) = tickets(session)
    assert ticket.description == "厨房水龙头漏水"
    assert ticket.created_at < later - timedelta(minutes=50)


def test_a_further_message_makes_a_repair_more_urgent_and_its_clocks_shorter(text, session) -> None:
    text("厨房水龙头松了")
    text("厨房水龙头现在漏水了")
    text("厨房水龙头怎么样了")
    (ticket,) = tickets(session)
    assert ticket.priority == "urgent"
    hours = {c.name: (c.due_at - c.started_at) / timedelta(hours=1) for c in ticket.clocks if c.state == "running"}
    assert hours == {"first_response": 0.5, "done": 4, "investigate": 2}
