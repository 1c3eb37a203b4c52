"""The knowledge base through the services (D13): written, reviewed, published, found, used, and what has no answer yet."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import date, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import select, text
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Session

from app.errors import Forbidden, Invalid, NotFound, Refused
from app.models import AnswerMiss, ArticleUse, ArticleVersion, Call, CallTicket, Category, TicketEntry
from app.services import knowledge, knowledge_gaps, knowledge_search, knowledge_use
from app.services.actors import Actor
from app.services.policies import change_figure
from app.services.ticket_verbs import perform
from tests.support.databases import Databases
from tests.support.tickets import SmallEstate, unsaved_estate

HOUSE = Actor.system("tests")
TODAY = date(2026, 3, 10)
GOOD: dict[str, Any] = {
    "question": "门禁卡丢了怎么补办",
    "question_en": "How do I replace a lost door card?",
    "answer": "带身份证到前台，二十元一张，当场办好。",
    "answer_en": "Bring your identity card to the desk; twenty yuan each, done at once.",
    "keywords": "门禁卡，补卡",
    "is_public": "1",
}


@pytest.fixture
def estate(session: Session, databases: Databases) -> Iterator[SmallEstate]:
    yield from unsaved_estate(session, databases)


@pytest.fixture
def writer(estate: SmallEstate) -> Actor:
    return estate.actor("assistant")


@pytest.fixture
def boss(estate: SmallEstate) -> Actor:
    return estate.actor("supervisor")


def published(session: Session, writer: Actor, boss: Actor, now: datetime, **given: Any) -> ArticleVersion:
    version = knowledge.save(session, writer, now, {**GOOD, **given})
    for step in ("review", "publish"):
        knowledge.take(session, boss, now, version.article, step, TODAY)
    return version


def found(session: Session, actor: Actor, words: str, **given: Any) -> list[int]:
    return [one.version.id for one in knowledge_search.find(session, actor, words, TODAY, **given)]


@pytest.mark.parametrize("words", ["门禁", "补办", "door card", "DOOR", "我的门禁卡丢了，在哪里可以补"])
def test_two_characters_and_english_find_a_published_answer(
    session: Session, writer: Actor, boss: Actor, now: datetime, words: str
) -> None:
    draft = knowledge.save(session, writer, now, GOOD)
    assert found(session, writer, words) == [], "a draft is found by nobody"
    for step in ("review", "publish"):
        knowledge.take(session, boss, now, draft.article, step, TODAY)
    assert found(session, writer, words) == [draft.id]
    assert found(session, writer, "漏水") == []


def test_only_what_holds_today_is_found(session: Session, writer: Actor, boss: Actor, now: datetime) -> None:
    for first, last in (("2026-03-11", ""), ("", "2026-03-11"), ("2026-03-10", "2026-03-10")):
        published(session, writer, boss, now, valid_from=first, valid_until=last)
    held = session.scalars(select(ArticleVersion).order_by(ArticleVersion.id)).all()
    assert found(session, writer, "门禁") == [held[1].id, held[2].id]
    later = knowledge_search.find(session, writer, "门禁", TODAY + timedelta(days=2))
    assert [one.version.id for one in later] == [held[0].id], "what is past its last day is found no more"
    shown = knowledge.listed(session, writer, TODAY + timedelta(days=2), show="expired", category_id=None, skip=0)
    assert {one.id for one in shown} == {held[1].id, held[2].id}
    with pytest.raises(Refused, match="last day"):
        published(session, writer, boss, now, valid_until="2026-03-09")


def test_rows_end_at_the_community_and_owners_read_what_is_meant_for_them(
    session: Session, estate: SmallEstate, writer: Actor, boss: Actor, now: datetime
) -> None:
    shown = published(session, writer, boss, now)
    hidden = published(session, writer, boss, now, is_public="")
    here = frozenset({estate.community.id})
    owner = Actor(None, "o", "o", frozenset({"owner"}), community_ids=here)
    assert found(session, writer, "门禁") == [shown.id, hidden.id]
    assert found(session, owner, "门禁", only_public=True) == [shown.id]
    assert found(session, owner, "门禁") == [shown.id], "also without asking for it"
    stranger = replace(writer, community_ids=frozenset({estate.community.id + 1}))
    assert found(session, stranger, "门禁") == []
    assert found(session, replace(owner, community_ids=frozenset()), "门禁") == []
    admin = Actor(None, "a", "a", frozenset({"admin"}))
    for_all = knowledge.save(session, admin, now, GOOD)
    with pytest.raises(Forbidden, match="quality"):
        knowledge.take(session, boss, now, for_all.article, "review", TODAY)
    for step in ("review", "publish"):
        knowledge.take(session, estate.actor("quality"), now, for_all.article, step, TODAY)
    assert found(session, stranger, "门禁") == [for_all.id]
    with pytest.raises(Forbidden):
        knowledge.save(session, writer, now, GOOD, for_all.article)


def test_a_next_version_replaces_and_the_old_one_stays_as_it_was(
    session: Session, writer: Actor, boss: Actor, now: datetime
) -> None:
    first = published(session, writer, boss, now)
    with pytest.raises(Invalid, match="changed"):
        knowledge.save(session, writer, now, {**GOOD, "answer": "三十元"}, first.article)
    second = knowledge.save(session, writer, now, {**GOOD, "answer": "三十元", "change_note": "涨价"}, first.article)
    assert (second.number, found(session, writer, "门禁")) == (2, [first.id]), "the old one holds until then"
    for step in ("review", "publish"):
        knowledge.take(session, boss, now, first.article, step, TODAY)
    assert (first.state, first.answer, second.state) == ("superseded", GOOD["answer"], "published")
    assert found(session, writer, "门禁") == [second.id]
    with pytest.raises(DBAPIError), session.begin_nested():
        session.execute(text("UPDATE article_version SET answer = 'x' WHERE state = 'superseded'"))


def test_what_is_reviewed_is_not_changed_under_the_reader(
    session: Session, writer: Actor, boss: Actor, now: datetime
) -> None:
    draft = knowledge.save(session, writer, now, GOOD)
    old = draft.revision
    knowledge.save(session, writer, now, {**GOOD, "answer": "改了", "revision": str(old)}, draft.article)
    with pytest.raises(Refused, match="meanwhile"):
        knowledge.save(session, writer, now, {**GOOD, "revision": str(old)}, draft.article)
    session.expire_all()
    knowledge.take(session, boss, now, draft.article, "review", TODAY)
    with pytest.raises(Refused, match="reviewed already"):
        knowledge.save(session, writer, now, GOOD, draft.article)
    knowledge.take(session, boss, now, draft.article, "back", TODAY)
    knowledge.take(session, boss, now, draft.article, "withdraw", TODAY)
    assert knowledge.steps_of(boss, draft.article) == []


@pytest.mark.parametrize(
    "bad",
    [
        {"question": ""},
        {"answer": " "},
        {"question": "长" * 121},
        {"answer": "长" * 2001},
        {"questions": "\n".join("问" * 3 for _ in range(11))},
        {"questions": "问" * 121},
        {"category_id": "999999"},
        {"category_id": "x"},
        {"valid_from": "2026-13-40"},
        {"valid_from": "9999-01-01"},
        {"valid_from": "2026-03-02", "valid_until": "2026-03-01"},
        {"answer": "\x00"},
        {"keywords": 5},
    ],
)
def test_bad_input_is_a_sentence_and_writes_nothing(
    session: Session, writer: Actor, now: datetime, bad: dict[str, Any]
) -> None:
    with pytest.raises(Invalid):
        knowledge.save(session, writer, now, {**GOOD, **bad})
    assert session.scalars(select(ArticleVersion)).all() == []


def test_without_english_nothing_is_reviewed_and_writers_are_the_desk_s(
    session: Session, estate: SmallEstate, writer: Actor, boss: Actor, now: datetime
) -> None:
    draft = knowledge.save(session, writer, now, {**GOOD, "answer_en": ""})
    with pytest.raises(Refused, match="English"):
        knowledge.take(session, boss, now, draft.article, "review", TODAY)
    with pytest.raises(NotFound):
        knowledge.take(session, boss, now, draft.article, "burn", TODAY)
    with pytest.raises(Forbidden):
        knowledge.save(session, estate.actor("tech_a"), now, GOOD)
    with pytest.raises(NotFound):
        knowledge.save(session, writer, now, {**GOOD, "community_id": "999999"})


def test_a_ticket_points_to_the_version_it_was_answered_from(
    session: Session, estate: SmallEstate, writer: Actor, boss: Actor, now: datetime
) -> None:
    version = published(session, writer, boss, now)
    ticket = estate.open(session, now, kind="consultation", title="门禁卡丢了")
    for _ in range(2):
        knowledge_use.use(session, ticket, f"{version.id}", writer, now)
    session.refresh(version.article)
    assert version.article.used == 1
    assert [one.version_id for one in knowledge_use.used_on(session, writer, ticket)] == [version.id]
    assert [one.ticket_id for one in knowledge_use.tickets_of(session, writer, version.article)] == [ticket.id]
    entries = session.scalars(select(TicketEntry.verb).where(TicketEntry.ticket_id == ticket.id)).all()
    assert entries.count("answer_used") == 1
    draft = knowledge.save(session, writer, now, GOOD)
    for bad in (str(draft.id), "999999", "x", "1,,y", ",".join(map(str, range(1, 12)))):
        with pytest.raises(Invalid):
            knowledge_use.use(session, ticket, bad, writer, now)
    assert len(session.scalars(select(ArticleUse)).all()) == 1


def asked(session: Session, estate: SmallEstate, now: datetime, title: str, **given: Any) -> Any:
    return estate.open(session, now, kind="consultation", title=title, channel="desk", **given)


def test_what_is_asked_often_without_an_answer_is_listed_until_it_is_written(
    session: Session, estate: SmallEstate, writer: Actor, boss: Actor, now: datetime
) -> None:
    tickets = [asked(session, estate, now, title) for title in ("快递柜满了怎么办", "快递柜密码忘了", "快递柜在哪里")]
    estate.open(session, now, title="快递柜门坏了")
    old = asked(session, estate, now - timedelta(days=91), "快递柜太小")
    assert set(session.scalars(select(AnswerMiss.ticket_id))) == {*(one.id for one in tickets), old.id}
    (gap,) = knowledge_gaps.gaps(session, writer, now)
    assert (gap.words, gap.category.code if gap.category else "") == ("快递柜", "water_test")
    assert [one.id for one in knowledge_gaps.tickets_of(session, writer, gap)] == [one.id for one in reversed(tickets)]
    stranger = replace(writer, community_ids=frozenset({estate.community.id + 1}))
    assert knowledge_gaps.gaps(session, stranger, now) == []
    change_figure(session, "knowledge.often", "4", HOUSE, now)
    assert knowledge_gaps.gaps(session, writer, now) == []
    change_figure(session, "knowledge.often", "3", HOUSE, now)
    category_id = session.scalars(select(Category.id).where(Category.code == "water_test")).one()
    sent = {**GOOD, "question": "快递柜怎么用", "category_id": str(category_id)}
    draft = knowledge.save(session, writer, now, sent, None, tickets)
    assert [one.writing for one in knowledge_gaps.gaps(session, writer, now)] == [draft.article_id]
    for step in ("review", "publish"):
        knowledge.take(session, boss, now, draft.article, step, TODAY)
    assert knowledge_gaps.gaps(session, writer, now) == []
    before = set(session.scalars(select(AnswerMiss.ticket_id)))
    asked(session, estate, now, "快递柜怎么用")
    assert set(session.scalars(select(AnswerMiss.ticket_id))) == before, "now it is found"


def test_a_question_settled_without_an_answer_counts_and_one_settled_with_it_does_not(
    session: Session, estate: SmallEstate, writer: Actor, boss: Actor, now: datetime
) -> None:
    version = published(session, writer, boss, now)
    tickets = [asked(session, estate, now, "门禁卡丢了") for _ in range(4)]
    assert session.scalars(select(AnswerMiss)).all() == []
    assert knowledge_gaps.gaps(session, writer, now) == []
    for ticket in tickets:
        perform(session, ticket, "dispatch", writer, now, {"assignee_id": writer.staff_id})
        estate.walk(session, ticket, now, "start", "finish")
    knowledge_use.use(session, tickets[0], str(version.id), writer, now)
    (gap,) = knowledge_gaps.gaps(session, writer, now)
    assert gap.ticket_ids == tuple(one.id for one in tickets[1:])


def test_who_hung_up_has_asked_nothing_and_an_answer_that_exists_is_shown(
    session: Session, estate: SmallEstate, writer: Actor, boss: Actor, now: datetime
) -> None:
    for place, outcome in enumerate(("abandoned", "silent", "ticket", "ticket", "ticket")):
        ticket = asked(session, estate, now, "泳池几点开放")
        call = Call(
            provider_sid=f"CA{place}", from_number="+861", to_number="+862", direction="inbound", status="completed",
            started_at=now, outcome=outcome, community_id=estate.community.id,
        )  # fmt: skip
        session.add(call)
        session.flush()
        session.add(CallTicket(call_id=call.id, ticket_id=ticket.id))
    session.flush()
    (gap,) = knowledge_gaps.gaps(session, writer, now)
    assert len(gap.ticket_ids) == 3
    (plain,) = knowledge_gaps.with_known(session, writer, [gap], TODAY)
    assert plain.known is None
    version = published(session, writer, boss, now, question="泳池几点开放")
    (told,) = knowledge_gaps.with_known(session, writer, [gap], TODAY)
    assert told.known == version.article_id
