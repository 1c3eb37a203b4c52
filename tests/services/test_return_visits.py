"""Return visits through the services (D8): the draw, every try a row, three records, who may, answers that count and further ones."""

from collections.abc import Iterator
from datetime import date, datetime, timedelta

import pytest
from sqlalchemy import func, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from app.errors import Forbidden, Invalid, Refused
from app.models import (
    CallWish,
    CampaignTarget,
    Draw,
    DrawRound,
    Message,
    Phone,
    ReturnVisit,
    Setting,
    Staff,
    Ticket,
    TicketEntry,
    VisitAnswer,
    VisitCheck,
    VisitTry,
)
from app.rules.sampling import is_taken
from app.services import answer_links, visit_asks, visit_checks, visit_desk, visit_notes
from app.services.actors import Actor
from app.services.outbox_delivery import claim
from app.services.return_visits import due_visit, worker_of
from app.services.ticket_verbs import perform
from app.services.visit_answers import Answer, Standing, take
from app.services.visit_calls import plan_calls
from app.services.visit_links import answer as answer_by_link
from app.services.visit_rows import for_me, may_make
from tests.support.databases import Databases
from tests.support.outbound import send_texts
from tests.support.tickets import SmallEstate, unsaved_estate

HOUR, DAY = timedelta(hours=1), timedelta(days=1)
NUMBER = "+8613800138001"
SMS = Actor.system("sms")


@pytest.fixture
def estate(session: Session, databases: Databases) -> Iterator[SmallEstate]:
    yield from unsaved_estate(session, databases)


def done(
    session: Session, estate: SmallEstate, now: datetime, kind: str = "complaint", worker: str = "tech_a"
) -> Ticket:
    """Somebody's finished work; a complaint's visit is owed without a draw."""
    ticket = estate.open(session, now, kind=kind)
    perform(session, ticket, "dispatch", estate.actor("supervisor"), now, {"assignee_id": estate.staff[worker].id})
    return estate.walk(session, ticket, now, "start", "finish", by="supervisor")


def visit_of(session: Session, ticket: Ticket) -> ReturnVisit:
    session.flush()
    session.expire_all()
    return session.scalars(
        select(ReturnVisit).where(ReturnVisit.ticket_id == ticket.id).order_by(ReturnVisit.id.desc())
    ).first()


def rows(session: Session, model, *columns) -> list[tuple]:
    session.flush()
    return [tuple(row) for row in session.execute(select(*columns).order_by(model.id))]


# ---- the draw --------------------------------------------------------------------------------------------------------
def test_of_forty_finished_repairs_twelve_are_asked_after_and_anybody_can_recount_it(session, estate, now):
    tickets = [done(session, estate, now, "repair") for _ in range(40)]
    asked = [ticket for ticket in tickets if due_visit(ticket)]
    assert len(asked) == 12
    assert {due_visit(ticket).reason for ticket in asked} == {"sample"}
    (round_,) = session.scalars(select(DrawRound))
    assert (round_.kind, round_.month, round_.percent, round_.members) == ("visit", date(2026, 3, 1), 30, 40)
    members = session.scalars(select(Draw).order_by(Draw.place)).all()
    assert [one.place for one in members] == list(range(40))
    assert [one.taken for one in members] == [is_taken(round_.seed, place, 30) for place in range(40)]
    assert {one.ticket_id for one in members if one.taken} == {ticket.id for ticket in asked}


def test_every_month_and_every_community_has_its_own_round(session, estate, now):
    for month in (now, now + 31 * DAY):
        done(session, estate, month, "repair")
    seeds = dict(session.execute(select(DrawRound.month, DrawRound.seed)).tuples().all())
    assert set(seeds) == {date(2026, 3, 1), date(2026, 4, 1)}
    assert len(set(seeds.values())) == 2


@pytest.mark.parametrize(("percent", "asked"), [("0", 0), ("100", 7), ("50", 3)])
def test_the_share_is_policy(session, estate, now, percent, asked):
    session.add(Setting(key="visits.sample_percent", value=percent))
    tickets = [done(session, estate, now, "repair") for _ in range(7)]
    found = sum(due_visit(ticket) is not None for ticket in tickets)
    assert found == asked or (percent == "50" and found == 4)


def test_questions_are_not_drawn_unless_the_policy_says_so(session, estate, now):
    assert due_visit(done(session, estate, now, "consultation")) is None
    assert session.scalar(select(func.count()).select_from(Draw)) == 0
    session.add(Setting(key="visits.sample_other_percent", value="100"))
    assert due_visit(done(session, estate, now, "consultation")).reason == "sample"


def test_a_finishing_is_drawn_once_however_often_it_is_planned(session, estate, now):
    from app.services.return_visits import plan_visit

    ticket = done(session, estate, now, "repair")
    first = due_visit(ticket)
    for _ in range(3):
        plan_visit(session, ticket, now)
    assert session.scalar(select(func.count()).select_from(Draw)) == 1
    assert due_visit(ticket) is first


def test_what_the_household_rejected_is_asked_after_again(session, estate, now):
    session.add(Setting(key="visits.sample_percent", value="0"))
    ticket = done(session, estate, now, "repair")
    assert take(session, ticket.id, Answer(1, "sms"), SMS, now) == Standing.COUNTS
    estate.walk(session, ticket, now + HOUR, "start", "finish", by="supervisor")
    assert due_visit(ticket).reason == "repeat"


# ---- tries -----------------------------------------------------------------------------------------------------------
def test_every_try_is_a_row_with_when_who_how_and_what_happened(session, estate, now):
    ticket = done(session, estate, now, "repair")
    visit = visit_desk.ask_after(session, ticket, estate.actor("assistant"), now)
    for hours, result in enumerate(("no_answer", "busy"), 1):
        visit_notes.note_phone(
            session, visit, estate.actor("assistant"), now + hours * HOUR, {"result": result, "note": f"第{hours}次"}
        )
    assert (visit.state, visit.tries) == ("due", 2)
    visit_notes.note_phone(session, visit, estate.actor("steward"), now + 3 * HOUR, {"result": "wrong_number"})
    assert (visit.state, visit.tries, visit.score, visit.visited_at) == ("unreachable", 3, None, now + 3 * HOUR)
    assert rows(session, VisitTry, VisitTry.at, VisitTry.actor_name, VisitTry.way, VisitTry.result, VisitTry.note) == [
        (now + HOUR, "assistant员", "phone", "no_answer", "第1次"),
        (now + 2 * HOUR, "assistant员", "phone", "busy", "第2次"),
        (now + 3 * HOUR, "steward员", "phone", "wrong_number", ""),
    ]
    assert ticket.state == "done"
    assert ticket.visited_at is None


def test_an_unreachable_household_that_complained_is_tried_again_a_week_later(session, estate, now):
    ticket = done(session, estate, now)
    for _ in range(3):
        perform(session, ticket, "visit", estate.actor("assistant"), now, {"unreachable": True})
    states = rows(session, ReturnVisit, ReturnVisit.state, ReturnVisit.reason, ReturnVisit.due_on)
    assert states == [("unreachable", "complaint", date(2026, 3, 13)), ("due", "again", date(2026, 3, 17))]
    assert plan_calls(session, now + 30 * DAY) == 0, "three calls were enough: now somebody goes there"


def test_how_many_tries_are_enough_is_policy(session, estate, now):
    session.add(Setting(key="visits.max_tries", value="1"))
    ticket = done(session, estate, now)
    perform(session, ticket, "visit", estate.actor("assistant"), now, {"unreachable": True, "way": "in_person"})
    assert rows(session, VisitTry, VisitTry.result) == [("not_at_home",)]
    assert session.scalars(select(ReturnVisit.state).order_by(ReturnVisit.id)).first() == "unreachable"


def test_who_does_not_want_to_say_was_visited_without_a_score(session, estate, now):
    visit = due_visit(done(session, estate, now))
    visit_notes.note_phone(session, visit, estate.actor("assistant"), now, {"result": "declined"})
    assert (visit.state, visit.score, visit.ticket.state) == ("made", None, "visited")
    assert rows(session, VisitTry, VisitTry.result) == [("declined",)]
    assert session.scalars(select(VisitAnswer)).all() == []


@pytest.mark.parametrize("sent", [{}, {"result": "sent"}, {"result": "machine"}, {"result": "x"}, {"result": "answered"},
                                  {"result": "answered", "score": "6"}, {"result": "not_at_home"}])  # fmt: skip
def test_a_call_without_a_result_is_a_sentence_and_nothing_is_written(session, estate, now, sent):
    visit = due_visit(done(session, estate, now))
    with pytest.raises(Invalid):
        visit_notes.note_phone(session, visit, estate.actor("assistant"), now, sent)
    assert (visit.state, visit.tries, session.scalars(select(VisitTry)).all()) == ("due", 0, [])


# ---- three records ---------------------------------------------------------------------------------------------------
def test_score_visit_and_check_are_three_records(session, estate, now):
    session.add(Setting(key="visits.check_percent", value="100"))
    visit = due_visit(done(session, estate, now))
    sent = {"result": "answered", "score": "4", "note": "还行"}
    visit_notes.note_phone(session, visit, estate.actor("assistant"), now + HOUR, sent)
    assert (visit.state, visit.way, visit.score, visit.visited_at) == ("made", "phone", 4, now + HOUR)
    answer = session.scalars(select(VisitAnswer)).one()
    assert (answer.score, answer.words, answer.counts, answer.way, answer.taken_by) == (
        4,
        "还行",
        True,
        "phone",
        "assistant员",
    )
    check = session.scalars(select(VisitCheck)).one()
    assert (check.drawn, check.checked_at, check.due_on) == (True, None, date(2026, 3, 17))
    found = {"result": "differs", "score": "2", "note": "住户说没有接到电话"}
    visit_checks.check(session, visit, estate.actor("quality"), now + DAY, found)
    assert (check.result, check.score, check.checker_name) == ("differs", 2, "quality员")
    assert (visit.score, answer.score, visit.ticket.state) == (4, 4, "visited"), "a check changes neither"
    told = session.scalars(select(Message.to).where(Message.purpose == "return_visits")).all()
    assert told == [estate.staff["manager"].number]
    with pytest.raises(Refused, match="already"):
        visit_checks.check(session, visit, estate.actor("quality"), now + DAY, {"result": "confirmed"})


def test_of_thirty_visits_people_made_three_are_drawn_for_the_check_and_of_automatic_ones_none(session, estate, now):
    for _ in range(30):
        visit = due_visit(done(session, estate, now))
        visit_notes.note_phone(session, visit, estate.actor("assistant"), now, {"result": "answered", "score": "5"})
    for _ in range(5):
        take(session, done(session, estate, now).id, Answer(5, "call"), SMS, now)
    assert session.scalar(select(func.count()).select_from(VisitCheck)) == 3


@pytest.mark.parametrize("sent", [{}, {"result": "x"}, {"result": "differs"}, {"result": "not_made", "note": " "},
                                  {"result": "confirmed", "score": "9"}])  # fmt: skip
def test_a_check_without_its_finding_is_a_sentence(session, estate, now, sent):
    visit = due_visit(done(session, estate, now))
    take(session, visit.ticket_id, Answer(5, "phone"), estate.actor("assistant"), now)
    with pytest.raises(Invalid):
        visit_checks.check(session, visit, estate.actor("quality"), now, sent)


def test_only_a_visit_that_was_made_is_checked_and_not_by_just_anybody(session, estate, now):
    visit = due_visit(done(session, estate, now))
    with pytest.raises(Refused, match="made"):
        visit_checks.check(session, visit, estate.actor("quality"), now, {"result": "confirmed"})
    with pytest.raises(Forbidden):
        visit_checks.check(session, visit, estate.actor("assistant"), now, {"result": "confirmed"})


@pytest.mark.parametrize("table", ["visit_try", "visit_answer"])
def test_tries_and_answers_are_never_changed(session, estate, now, table):
    take(session, done(session, estate, now).id, Answer(5, "phone"), estate.actor("assistant"), now)
    session.flush()
    from sqlalchemy import text

    for statement in (f"UPDATE {table} SET way = 'sms'", f"DELETE FROM {table}"):
        with pytest.raises(IntegrityError), session.begin_nested():
            session.execute(text(statement))


# ---- answers ---------------------------------------------------------------------------------------------------------
@pytest.mark.parametrize("score", [1, 2])
def test_a_low_score_reopens_once_for_the_supervisor_and_what_comes_later_is_kept_as_further(
    session, estate, now, score
):
    ticket = done(session, estate, now, "repair")
    assert take(session, ticket.id, Answer(score, "sms", "还在漏"), SMS, now + HOUR) == Standing.COUNTS
    assert (ticket.state, ticket.is_repeat, ticket.assignee, ticket.reopened_count) == (
        "reopened", True, estate.staff["supervisor"], 1,
    )  # fmt: skip
    for later in (1, 5):
        assert take(session, ticket.id, Answer(later, "call"), SMS, now + 2 * HOUR) == Standing.FURTHER
    assert (ticket.state, ticket.reopened_count) == ("reopened", 1)
    answers = rows(session, VisitAnswer, VisitAnswer.score, VisitAnswer.way, VisitAnswer.counts)
    assert answers == [(score, "sms", True), (1, "call", False), (5, "call", False)]
    assert visit_of(session, ticket).score == score
    assert len(session.scalars(select(Message).where(Message.purpose == "repeat")).all()) == 1
    assert [verb for (verb,) in rows(session, TicketEntry, TicketEntry.verb)].count("visit") == 1


def test_a_good_answer_is_the_one_that_counts_and_a_low_one_after_it_is_told_to_the_supervisor_once(
    session, estate, now
):
    ticket = done(session, estate, now, "repair")
    take(session, ticket.id, Answer(5, "web"), SMS, now)
    for _ in range(2):
        assert take(session, ticket.id, Answer(1, "sms"), SMS, now + HOUR) == Standing.FURTHER
    assert (ticket.state, visit_of(session, ticket).score) == ("visited", 5)
    told = session.scalars(select(Message.to).where(Message.body.contains("低分") | Message.body.contains("low score")))
    assert told.all() == [estate.staff["supervisor"].number]


@pytest.mark.parametrize(
    ("score", "state", "repeat"), [(1, "reopened", True), (2, "reopened", True), (4, "closed", False)]
)
def test_the_first_answer_counts_also_after_the_matter_has_settled(session, estate, now, score, state, repeat):
    session.add(Setting(key="visits.sample_percent", value="0"))
    ticket = done(session, estate, now, "repair")
    perform(session, ticket, "close", SMS, now + 4 * DAY, {})
    assert take(session, ticket.id, Answer(score, "sms"), SMS, now + 5 * DAY) == Standing.COUNTS
    assert (ticket.state, ticket.is_repeat) == (state, repeat)
    visit = visit_of(session, ticket)
    assert (visit.state, visit.score, visit.reason) == ("made", score, "asked")


def test_a_score_after_a_visit_without_one_is_the_first(session, estate, now):
    ticket = done(session, estate, now)
    visit = due_visit(ticket)
    visit_notes.note_phone(session, visit, estate.actor("assistant"), now, {"result": "declined"})
    assert take(session, ticket.id, Answer(2, "sms"), SMS, now + HOUR) == Standing.COUNTS
    assert (visit.score, ticket.state, ticket.is_repeat) == (2, "reopened", True)


def test_while_it_is_worked_on_and_was_never_asked_about_an_answer_is_none(session, estate, now):
    ticket = estate.open(session, now)
    assert take(session, ticket.id, Answer(5, "sms"), SMS, now) == Standing.NOT_ASKED
    assert session.scalars(select(VisitAnswer)).all() == []


def test_after_the_work_was_done_anew_the_answer_counts_anew(session, estate, now):
    ticket = done(session, estate, now, "repair")
    take(session, ticket.id, Answer(1, "sms"), SMS, now)
    estate.walk(session, ticket, now + HOUR, "start", "finish", by="supervisor")
    assert take(session, ticket.id, Answer(5, "sms"), SMS, now + 2 * HOUR) == Standing.COUNTS
    assert ticket.state == "visited"
    assert list(rows(session, VisitAnswer, VisitAnswer.score, VisitAnswer.counts)) == [(1, True), (5, True)]


# ---- who may ---------------------------------------------------------------------------------------------------------
def test_the_list_offers_exactly_whom_the_rule_permits(session, estate, now):
    by_technician = due_visit(done(session, estate, now))
    by_assistant = due_visit(done(session, estate, now, worker="assistant"))
    by_supervisor = due_visit(done(session, estate, now, worker="supervisor"))

    def offered(visit: ReturnVisit) -> set[str]:
        return {person.role for person in visit_desk.permitted(session, visit, now)}

    assert offered(by_technician) == {"assistant", "steward", "supervisor", "manager"}
    assert offered(by_assistant) == {"steward", "supervisor", "manager"}
    assert offered(by_supervisor) == {"supervisor", "manager"}
    for visit in (by_technician, by_assistant, by_supervisor):
        for name in ("assistant", "steward", "supervisor", "manager", "tech_a", "tech_b"):
            actor = estate.actor(name)
            wanted = select(ReturnVisit.id).join(Ticket).where(ReturnVisit.id == visit.id, may_make(actor))
            assert (session.scalar(wanted) is not None) == (actor.roles <= offered(visit)), name


def test_the_one_who_did_the_work_is_refused_with_a_sentence_also_when_named(session, estate, now):
    visit = due_visit(done(session, estate, now, worker="assistant"))
    worker, colleague = estate.actor("assistant"), estate.actor("steward")
    sent = {"result": "answered", "score": "5"}
    for attempt in (
        lambda: visit_notes.note_phone(session, visit, worker, now, sent),
        lambda: visit_asks.ask(session, visit, "sms", worker, now),
        lambda: visit_desk.assign(session, visit, estate.staff["assistant"].id, estate.actor("supervisor"), now),
    ):
        with pytest.raises(Refused, match="the one who did the work"):
            attempt()
    assert visit.state == "due"
    visit_notes.note_phone(session, visit, colleague, now, sent)
    assert visit.state == "made"


def test_the_queue_of_each_is_what_is_theirs_to_make(session, estate, now):
    mine = due_visit(done(session, estate, now, "complaint"))
    own_work = due_visit(done(session, estate, now, worker="assistant"))
    handled = due_visit(done(session, estate, now, worker="supervisor"))
    given = due_visit(done(session, estate, now))
    visit_desk.assign(session, given, estate.staff["steward"].id, estate.actor("assistant"), now)

    def waiting(name: str) -> set[ReturnVisit]:
        found = select(ReturnVisit).join(Ticket).where(for_me(estate.actor(name)))
        return set(session.scalars(found))

    assert waiting("assistant") == {mine}
    assert waiting("steward") == {mine, own_work, given}
    assert waiting("supervisor") == {mine, own_work, handled}
    assert waiting("tech_a") == waiting("quality") == set()


def test_who_is_given_a_visit_is_told_and_only_the_desk_gives(session, estate, now):
    visit = due_visit(done(session, estate, now))
    with pytest.raises(Forbidden):
        visit_desk.assign(session, visit, estate.staff["steward"].id, estate.actor("steward"), now)
    with pytest.raises(Refused, match="desk, the building's steward"):
        visit_desk.assign(session, visit, estate.staff["quality"].id, estate.actor("assistant"), now)
    visit_desk.assign(session, visit, estate.staff["steward"].id, estate.actor("assistant"), now)
    message = session.scalars(select(Message).where(Message.purpose == "return_visits")).one()
    assert message.to == estate.staff["steward"].number
    assert visit.ticket.number in message.body
    assert plan_calls(session, now + 2 * DAY) == 0, "a person was named: the house does not call by itself"
    visit_desk.assign(session, visit, None, estate.actor("assistant"), now)
    assert visit.assigned_id is None


def test_what_no_rule_asks_after_can_be_asked_after_once(session, estate, now):
    session.add(Setting(key="visits.sample_percent", value="0"))
    ticket = done(session, estate, now, "repair")
    visit = visit_desk.ask_after(session, ticket, estate.actor("assistant"), now)
    assert (visit.reason, visit.assigned_id, visit.worker_id) == (
        "asked", estate.staff["assistant"].id, estate.staff["tech_a"].id,
    )  # fmt: skip
    assert visit_desk.ask_after(session, ticket, estate.actor("steward"), now) is visit
    take(session, ticket.id, Answer(5, "sms"), SMS, now)
    with pytest.raises(Refused):
        visit_desk.ask_after(session, ticket, estate.actor("assistant"), now)


def test_the_worker_is_who_had_the_work_when_it_was_finished(session, estate, now):
    ticket = done(session, estate, now)
    assert worker_of(session, ticket) == estate.staff["tech_a"].id == due_visit(ticket).worker_id


# ---- by text and by link ---------------------------------------------------------------------------------------------
def sent_texts(session: Session, now: datetime) -> list[Message]:
    send_texts(session, now)
    return list(session.scalars(select(Message).where(Message.purpose == "return_visit").order_by(Message.id)))


def test_a_question_by_text_names_the_category_and_never_the_words(session, estate, now):
    visit = due_visit(done(session, estate, now))
    visit_asks.ask(session, visit, "sms", estate.actor("assistant"), now)
    (message,) = sent_texts(session, now)
    assert message.to == NUMBER
    assert "给水" in message.body
    assert "厨房漏水" not in message.body
    assert "/a/" not in message.body
    assert rows(session, VisitTry, VisitTry.way, VisitTry.result) == [("sms", "sent")]
    assert visit.tries == 0, "a question on its way is not a try in vain yet"
    with pytest.raises(Refused, match="still has time"):
        visit_asks.ask(session, visit, "web", estate.actor("assistant"), now + HOUR)
    assert plan_calls(session, now + 30 * HOUR) == 0, "the house does not call while a text waits for its answer"


@pytest.mark.parametrize(("locale", "words"), [("zh", "您对处理结果是否满意"), ("en", "How satisfied are you?")])
@pytest.mark.parametrize("way", ["sms", "web"])
def test_the_question_is_in_the_households_language(session, estate, now, locale, words, way):
    ticket = done(session, estate, now)
    ticket.reporter_locale = locale
    visit_asks.ask(session, due_visit(ticket), way, estate.actor("assistant"), now)
    (message,) = sent_texts(session, now)
    if (locale, way) != ("zh", "web"):
        assert words in message.body
    assert ("How satisfied" in message.body) == (locale == "en")


def test_a_link_is_filled_in_as_it_leaves_works_once_and_can_be_looked_at_before(session, estate, now):
    visit = due_visit(done(session, estate, now))
    visit_asks.ask(session, visit, "web", estate.actor("assistant"), now)
    (message,) = sent_texts(session, now)
    assert "{link:" in message.body
    envelope = claim(session, message.id, now)
    code = envelope.body.partition("/a/")[2][:12]
    link = answer_links.find(session, code)
    assert link.digest != code
    assert link.nonce not in message.body
    assert answer_links.find(session, code.lower()) is link
    assert answer_links.state_of(link, now) == "open"
    for bad in ({}, {"score": "0"}, {"score": "x"}):
        with pytest.raises(Invalid):
            answer_by_link(session, link, bad, now)
    assert answer_links.state_of(link, now) == "open", "what was no answer uses nothing up"
    assert answer_by_link(session, link, {"score": "2", "note": "没修好"}, now + HOUR) == Standing.COUNTS
    assert (visit.score, visit.way, visit.ticket.state, visit.note) == (2, "web", "reopened", "没修好")
    with pytest.raises(Refused, match="answered already"):
        answer_by_link(session, link, {"score": "5"}, now + 2 * HOUR)
    assert len(rows(session, VisitAnswer, VisitAnswer.id)) == 1


def test_a_link_that_ran_out_says_so(session, estate, now):
    visit = due_visit(done(session, estate, now))
    link = answer_links.issue(session, "visit", now, 7 * DAY, locale="zh", visit_id=visit.id)
    with pytest.raises(Refused, match="run out"):
        answer_by_link(session, link, {"score": "5"}, now + 7 * DAY)
    assert visit.state == "due"


def test_silence_counts_as_a_try_once_its_time_is_up(session, estate, now):
    visit = due_visit(done(session, estate, now))
    visit_asks.ask(session, visit, "sms", estate.actor("assistant"), now)
    assert visit_asks.lapse(session, now + 48 * HOUR - timedelta(minutes=1)) == 0
    assert visit_asks.lapse(session, now + 48 * HOUR) == 1
    assert visit_asks.lapse(session, now + 49 * HOUR) == 0
    assert (visit.state, visit.tries) == ("due", 1)
    assert rows(session, VisitTry, VisitTry.result, VisitTry.actor_name)[-1] == ("no_reply", "return_visits")


def test_who_answered_meanwhile_gets_no_text_and_nobody_is_texted_at_night(session, estate, now):
    visit, other = due_visit(done(session, estate, now)), due_visit(done(session, estate, now))
    night = now.replace(hour=14)  # 22:00 in Shanghai
    for one in (visit, other):
        visit_asks.ask(session, one, "sms", estate.actor("assistant"), night)
    assert sent_texts(session, night) == []
    take(session, visit.ticket_id, Answer(5, "call"), SMS, night)
    assert len(sent_texts(session, now + DAY)) == 1
    assert rows(session, CampaignTarget, CampaignTarget.state) == [("cancelled",), ("sent",)]


@pytest.mark.parametrize("why", ["stopped", "wish", "landline", "none"])
def test_who_wants_or_can_get_no_texts_is_not_asked_by_text(session, estate, now, why):
    ticket = done(session, estate, now)
    visit = due_visit(ticket)
    if why == "stopped":
        session.add(Phone(number=NUMBER, is_mobile=True, sms_stopped_at=now))
    elif why == "wish":
        session.add(CallWish(number=NUMBER, purpose="return_visit", refused_at=now))
    else:
        ticket.reporter_phone = "+862112345678" if why == "landline" else None
    session.flush()
    with pytest.raises(Refused, match="call or go there"):
        visit_asks.ask(session, visit, "sms", estate.actor("assistant"), now)
    assert rows(session, VisitTry, VisitTry.id) == []


# ---- in person -------------------------------------------------------------------------------------------------------
def test_in_person_it_is_signed_or_the_reason_is_noted(session, estate, now):
    visit = due_visit(done(session, estate, now))
    steward = estate.actor("steward")
    with pytest.raises(Invalid, match="sign"):
        visit_notes.note_in_person(session, visit, steward, now, {"score": "5"}, [])
    assert visit.state == "due"
    visit_notes.note_in_person(session, visit, steward, now, {"score": "5", "unsigned_why": "手不方便"}, [])
    assert (visit.state, visit.way, visit.score, visit.unsigned_why) == ("made", "in_person", 5, "手不方便")


def test_nobody_at_home_is_a_try(session, estate, now):
    visit = due_visit(done(session, estate, now))
    visit_notes.note_in_person(session, visit, estate.actor("steward"), now, {"result": "not_at_home"}, [])
    assert (visit.state, visit.tries) == ("due", 1)
    assert rows(session, VisitTry, VisitTry.way, VisitTry.result) == [("in_person", "not_at_home")]


def test_a_steward_of_another_building_is_not_offered(session, estate, now):
    other = Staff(name="别的管家", role="steward")
    session.add(other)
    session.flush()
    from app.models import StaffCommunity

    session.add(StaffCommunity(staff_id=other.id, community_id=estate.community.id))
    visit = due_visit(done(session, estate, now))
    assert other not in visit_desk.permitted(session, visit, now)
